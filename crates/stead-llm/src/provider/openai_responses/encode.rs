//! A request as the body of a response. Nothing is stored at the provider, so reasoning
//! is asked for encrypted and goes back as it came.

use serde_json::{Map, Value, json};

use super::wire::PHASE;
use crate::encoding::base64;
use crate::message::{
    Effort, FREEFORM_FIELD, Form, Image, Message, Part, Reasoning, Request, Role, ToolCall,
    ToolChoice, ToolInput, ToolResult, ToolSpec,
};
use crate::provider::Context;

/// The body.
pub(super) fn body(request: &Request, context: &Context<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    let instructions = request.system_text();
    if !instructions.is_empty() {
        body.insert("instructions".into(), json!(instructions));
    }
    body.insert("input".into(), input(request, context).into());
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body.insert("tools".into(), tools.into());
        if let Some(choice) = choice(request) {
            body.insert("tool_choice".into(), choice);
        }
    }
    body.insert("store".into(), json!(false));
    body.insert("include".into(), json!(["reasoning.encrypted_content"]));
    if context.stream {
        body.insert("stream".into(), json!(true));
    }
    options(&mut body, request);
    body
}

fn options(body: &mut Map<String, Value>, request: &Request) {
    if let Some(most) = request.max_output {
        body.insert("max_output_tokens".into(), json!(most));
    }
    if let Some(temperature) = request.temperature {
        body.insert("temperature".into(), json!(temperature));
    }
    if let Some(key) = &request.cache_key {
        body.insert("prompt_cache_key".into(), json!(key));
    }
    let effort = request.reasoning.map(|wanted| match wanted {
        Reasoning::Off => json!({"effort": "none"}),
        Reasoning::Effort(step) => json!({"effort": effort(step), "summary": "auto"}),
        Reasoning::Budget(tokens) => {
            json!({"effort": effort(Effort::of_budget(tokens)), "summary": "auto"})
        }
    });
    if let Some(effort) = effort {
        body.insert("reasoning".into(), effort);
    }
    if let Some(output) = &request.output {
        let format = json!({"format": {"type": "json_schema", "name": output.name,
            "schema": output.schema, "strict": true}});
        body.insert("text".into(), format);
    }
}

const fn effort(step: Effort) -> &'static str {
    match step {
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Max => "xhigh",
    }
}

fn tool(spec: &ToolSpec) -> Value {
    match &spec.input {
        // `strict` is not null by default here, and few schemas are fit for it.
        ToolInput::Schema(schema) => json!({"type": "function", "name": spec.name,
            "description": spec.description, "parameters": schema, "strict": false}),
        ToolInput::Freeform { syntax, definition } => json!({"type": "custom",
            "name": spec.name, "description": spec.description, "format":
                {"type": "grammar", "syntax": syntax, "definition": definition}}),
    }
}

fn choice(request: &Request) -> Option<Value> {
    match &request.tool_choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!("none")),
        ToolChoice::Required => Some(json!("required")),
        ToolChoice::Named(name) => {
            let is_freeform = request
                .tool(name)
                .is_some_and(|tool| matches!(tool.input, ToolInput::Freeform { .. }));
            let kind = if is_freeform { "custom" } else { "function" };
            Some(json!({"type": kind, "name": name}))
        }
    }
}

fn input(request: &Request, context: &Context<'_>) -> Vec<Value> {
    let mut out = Vec::new();
    for message in &request.messages {
        match message.role {
            Role::User => user(&mut out, message),
            Role::Assistant => assistant(&mut out, message, context),
        }
    }
    out
}

/// The tools' answers, each an item, and then the user's words as one message.
fn user(out: &mut Vec<Value>, message: &Message) {
    let mut content = Vec::new();
    for part in &message.parts {
        match part {
            Part::Text { text, .. } => content.push(json!({"type": "input_text", "text": text})),
            Part::Image(one) => content.push(image(one)),
            Part::ToolResult(result) => out.push(tool_result(result)),
            Part::Reasoning { .. } | Part::ToolCall(_) | Part::Foreign(_) => {}
        }
    }
    if !content.is_empty() {
        out.push(json!({"type": "message", "role": "user", "content": content}));
    }
}

fn tool_result(result: &ToolResult) -> Value {
    let kind = match result.form {
        Form::Json => "function_call_output",
        Form::Text => "custom_tool_call_output",
    };
    // There is no field that says that a tool failed.
    let text = if result.ok {
        result.text.clone()
    } else {
        format!("Error: {}", result.text)
    };
    let output = if result.images.is_empty() {
        json!(text)
    } else {
        let text = json!({"type": "input_text", "text": text});
        let pieces = std::iter::once(text).chain(result.images.iter().map(image));
        pieces.collect::<Vec<_>>().into()
    };
    json!({"type": kind, "call_id": result.id, "output": output})
}

fn image(image: &Image) -> Value {
    let url = format!(
        "data:{};base64,{}",
        image.media_type,
        base64::text(&image.bytes)
    );
    json!({"type": "input_image", "image_url": url})
}

fn assistant(out: &mut Vec<Value>, message: &Message, context: &Context<'_>) {
    for part in &message.parts {
        match part {
            Part::Text { text, opaque } => {
                let said = json!([{"type": "output_text", "text": text}]);
                let mut item = json!({"type": "message", "role": "assistant", "content": said});
                let own = context.own(opaque.as_ref());
                if let Some(phase) = own.and_then(|data| data.get(PHASE)) {
                    item[PHASE] = phase.clone();
                }
                out.push(item);
            }
            Part::Reasoning { opaque, .. } => {
                // Without the provider's own data reasoning is refused.
                out.extend(context.own(opaque.as_ref()).cloned());
            }
            Part::ToolCall(one) => out.push(call(one)),
            Part::Foreign(opaque) => out.extend(context.own(Some(opaque)).cloned()),
            Part::Image(_) | Part::ToolResult(_) => {}
        }
    }
}

fn call(call: &ToolCall) -> Value {
    match call.form {
        Form::Text => json!({"type": "custom_tool_call", "call_id": call.id, "name": call.name,
            "input": call.arguments}),
        Form::Json => json!({"type": "function_call", "call_id": call.id, "name": call.name,
            "arguments": arguments(&call.arguments)}),
    }
}

/// The provider parses what it gets back, and fails on what is no JSON.
fn arguments(text: &str) -> String {
    if text.trim().is_empty() {
        return "{}".to_owned();
    }
    match serde_json::from_str::<Value>(text) {
        Ok(_) => text.to_owned(),
        Err(_) => json!({FREEFORM_FIELD: text}).to_string(),
    }
}
