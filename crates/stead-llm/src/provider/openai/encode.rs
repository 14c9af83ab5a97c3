//! A request as the body of a chat completion. What a dialect does not understand is
//! left out or said in another way; nothing here knows a provider by name.

use serde_json::{Map, Value, json};

use super::wire::{CALL_EXTRA, DETAILS};
use crate::encoding::base64;
use crate::endpoint::ReasoningField;
use crate::message::{
    CacheMark, CachePlace, Effort, FREEFORM_FIELD, Form, Image, Message, Part, Reasoning, Request,
    Role, ToolCall, ToolChoice, ToolInput, ToolResult, ToolSpec,
};
use crate::provider::Context;

/// The body.
pub(super) fn body(request: &Request, context: &Context<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    body.insert("messages".into(), messages(request, context).into());
    tools(&mut body, request, context);
    limits(&mut body, request, context);
    if let Some(wanted) = request.reasoning {
        reasoning(&mut body, wanted, context.dialect.reasoning);
    }
    if let Some(output) = &request.output {
        let format = if context.dialect.json_object_only {
            json!({"type": "json_object"})
        } else {
            json!({"type": "json_schema", "json_schema":
                {"name": output.name, "schema": output.schema, "strict": true}})
        };
        body.insert("response_format".into(), format);
    }
    if context.stream {
        body.insert("stream".into(), json!(true));
        if !context.dialect.no_stream_options {
            body.insert("stream_options".into(), json!({"include_usage": true}));
        }
    }
    body
}

fn limits(body: &mut Map<String, Value>, request: &Request, context: &Context<'_>) {
    if let Some(most) = request.max_output {
        let name = if context.dialect.max_completion_tokens {
            "max_completion_tokens"
        } else {
            "max_tokens"
        };
        body.insert(name.into(), json!(most));
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), json!(temperature));
    }
    if !request.stop.is_empty() {
        body.insert("stop".into(), json!(request.stop));
    }
    if let Some(key) = request
        .cache_key
        .as_ref()
        .filter(|_| context.dialect.cache_key)
    {
        body.insert("prompt_cache_key".into(), json!(key));
    }
}

fn reasoning(body: &mut Map<String, Value>, wanted: Reasoning, field: ReasoningField) {
    let effort = |effort| match effort {
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High | Effort::Max => "high",
    };
    let word = match wanted {
        Reasoning::Off => "none",
        Reasoning::Effort(step) => effort(step),
        Reasoning::Budget(tokens) => effort(Effort::of_budget(tokens)),
    };
    let (name, value) = match (field, wanted) {
        (ReasoningField::Effort, _) => ("reasoning_effort", json!(word)),
        (ReasoningField::Object, Reasoning::Off) => ("reasoning", json!({"enabled": false})),
        (ReasoningField::Object, Reasoning::Budget(tokens)) => {
            ("reasoning", json!({"max_tokens": tokens}))
        }
        (ReasoningField::Object, Reasoning::Effort(_)) => ("reasoning", json!({"effort": word})),
        (ReasoningField::Thinking | ReasoningField::ThinkingEffort, Reasoning::Off) => {
            ("thinking", json!({"type": "disabled"}))
        }
        (ReasoningField::Thinking, _) => ("thinking", json!({"type": "enabled"})),
        (ReasoningField::ThinkingEffort, _) => {
            let most = matches!(wanted, Reasoning::Effort(Effort::Max));
            let word = if most { "max" } else { word };
            body.insert("reasoning_effort".into(), json!(word));
            ("thinking", json!({"type": "enabled"}))
        }
        (ReasoningField::Switch, _) => {
            if let Reasoning::Budget(tokens) = wanted {
                body.insert("thinking_budget".into(), json!(tokens));
            }
            ("enable_thinking", json!(wanted != Reasoning::Off))
        }
        (ReasoningField::Nothing, _) => return,
    };
    body.insert(name.into(), value);
}

fn tools(body: &mut Map<String, Value>, request: &Request, context: &Context<'_>) {
    if request.tools.is_empty() {
        return;
    }
    let mut tools: Vec<Value> = request
        .tools
        .iter()
        .map(|spec| tool(spec, context))
        .collect();
    if let Some(mark) = request
        .mark(CachePlace::Tools)
        .filter(|_| context.dialect.cache_control)
        && let Some(last) = tools.last_mut()
    {
        last["cache_control"] = cache_control(mark);
    }
    body.insert("tools".into(), tools.into());
    let choice = match &request.tool_choice {
        // It is the default, and some servers know no other.
        ToolChoice::Auto => return,
        ToolChoice::None => json!("none"),
        ToolChoice::Required => json!("required"),
        ToolChoice::Named(name) => json!({"type": "function", "function": {"name": name}}),
    };
    body.insert("tool_choice".into(), choice);
}

fn tool(spec: &ToolSpec, context: &Context<'_>) -> Value {
    match &spec.input {
        ToolInput::Freeform { syntax, definition } if context.dialect.freeform => json!({
            "type": "custom",
            "custom": {"name": spec.name, "description": spec.description, "format":
                {"type": "grammar", "grammar": {"syntax": syntax, "definition": definition}}},
        }),
        input => json!({
            "type": "function",
            "function": {"name": spec.name, "description": spec.description,
                "parameters": schema(input)},
        }),
    }
}

/// The schema of a tool's input; of a free-form one, a single text.
pub(in crate::provider) fn schema(input: &ToolInput) -> Value {
    match input {
        ToolInput::Schema(schema) => schema.clone(),
        ToolInput::Freeform { syntax, definition } => json!({
            "type": "object",
            "properties": {FREEFORM_FIELD: {"type": "string",
                "description": format!("Text of this {syntax} grammar:\n{definition}")}},
            "required": [FREEFORM_FIELD],
        }),
    }
}

fn cache_control(mark: CacheMark) -> Value {
    if mark.long {
        json!({"type": "ephemeral", "ttl": "1h"})
    } else {
        json!({"type": "ephemeral"})
    }
}

fn messages(request: &Request, context: &Context<'_>) -> Vec<Value> {
    let mut out = Vec::new();
    let mut system = request.system_text();
    if let Some(output) = request
        .output
        .as_ref()
        .filter(|_| context.dialect.json_object_only)
    {
        let schema = &output.schema;
        system = format!("{system}\nAnswer with one JSON object of this JSON Schema: {schema}");
    }
    if !system.is_empty() {
        let mark = request.mark(CachePlace::System);
        out.push(json!({"role": "system", "content": content(system.trim_start(), mark, context)}));
    }
    for (place, message) in request.messages.iter().enumerate() {
        let mark = request.mark(CachePlace::Message(place));
        match message.role {
            Role::User => user(&mut out, message, mark, context),
            Role::Assistant => out.push(assistant(message, context)),
        }
    }
    out
}

/// A text as content: plain, unless a mark for the cache has to stand somewhere.
fn content(text: &str, mark: Option<CacheMark>, context: &Context<'_>) -> Value {
    match mark.filter(|_| context.dialect.cache_control) {
        Some(mark) => json!([{"type": "text", "text": text, "cache_control": cache_control(mark)}]),
        None => json!(text),
    }
}

/// The user's words and the tools' answers. Answers come first: they have to stand right
/// behind their calls. Pictures of answers follow as the user's, for no dialect takes
/// them in an answer.
fn user(out: &mut Vec<Value>, message: &Message, mark: Option<CacheMark>, context: &Context<'_>) {
    let mut pieces: Vec<Value> = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text, .. } => pieces.push(json!({"type": "text", "text": text})),
            Part::Image(one) => pieces.push(image(one)),
            Part::ToolResult(result) => {
                out.push(tool_result(result, context));
                if !result.images.is_empty() {
                    let text =
                        format!("Pictures of the result of {} ({}):", result.name, result.id);
                    pieces.push(json!({"type": "text", "text": text}));
                    pieces.extend(result.images.iter().map(image));
                }
            }
            Part::Reasoning { .. } | Part::ToolCall(_) | Part::Foreign(_) => {}
        }
    }
    let marked = mark.filter(|_| context.dialect.cache_control);
    if let (Some(mark), Some(last)) = (marked, pieces.last_mut()) {
        last["cache_control"] = cache_control(mark);
    }
    let only_text = marked.is_none() && pieces.len() == 1 && pieces[0]["type"] == "text";
    match pieces.as_mut_slice() {
        [] => {}
        [only] if only_text => out.push(json!({"role": "user", "content": only["text"].take()})),
        _ => out.push(json!({"role": "user", "content": pieces})),
    }
}

fn tool_result(result: &ToolResult, context: &Context<'_>) -> Value {
    // There is no field that says that a tool failed.
    let text = if result.ok {
        result.text.clone()
    } else {
        format!("Error: {}", result.text)
    };
    json!({"role": "tool", "tool_call_id": call_id(&result.id, context), "content": text})
}

fn image(image: &Image) -> Value {
    let url = format!(
        "data:{};base64,{}",
        image.media_type,
        base64::text(&image.bytes)
    );
    json!({"type": "image_url", "image_url": {"url": url}})
}

fn assistant(message: &Message, context: &Context<'_>) -> Value {
    let mut out = Map::new();
    out.insert("role".into(), json!("assistant"));
    let mut text = String::new();
    let mut calls = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text: piece, .. } => text.push_str(piece),
            Part::Reasoning { text, opaque } => {
                let own = context.own(opaque.as_ref());
                if let Some(field) = own.and_then(|data| data.get("field")?.as_str()) {
                    out.insert(field.to_owned(), json!(text));
                }
                if let Some(details) = own.and_then(|data| data.get(DETAILS)) {
                    out.insert(DETAILS.into(), details.clone());
                }
            }
            Part::ToolCall(one) => calls.push(call(one, context)),
            Part::Image(_) | Part::ToolResult(_) | Part::Foreign(_) => {}
        }
    }
    // An answer that consists of calls has no content; one of nothing has an empty one.
    let said = if text.is_empty() && !calls.is_empty() {
        Value::Null
    } else {
        json!(text)
    };
    out.insert("content".into(), said);
    if !calls.is_empty() {
        out.insert("tool_calls".into(), calls.into());
    }
    out.into()
}

fn call(call: &ToolCall, context: &Context<'_>) -> Value {
    let id = call_id(&call.id, context);
    if call.form == Form::Text && context.dialect.freeform {
        return json!({"id": id, "type": "custom",
            "custom": {"name": call.name, "input": call.arguments}});
    }
    // Servers parse what they get back, and fail on what is no JSON.
    let arguments = match call.form {
        Form::Text => json!({FREEFORM_FIELD: call.arguments}).to_string(),
        Form::Json if call.arguments.trim().is_empty() => "{}".to_owned(),
        Form::Json if serde_json::from_str::<Value>(&call.arguments).is_err() => {
            json!({"unreadable": call.arguments}).to_string()
        }
        Form::Json => call.arguments.clone(),
    };
    let mut out = json!({"id": id, "type": "function",
        "function": {"name": call.name, "arguments": arguments}});
    if let Some(extra) = context.own(call.opaque.as_ref()) {
        out[CALL_EXTRA] = extra.clone();
    }
    out
}

/// The id of a call as this provider takes it.
fn call_id(id: &str, context: &Context<'_>) -> String {
    let is_short = id.len() == 9 && id.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if !context.dialect.short_call_ids || is_short {
        return id.to_owned();
    }
    blake3::hash(id.as_bytes()).to_hex()[..9].to_owned()
}
