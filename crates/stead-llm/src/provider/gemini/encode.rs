//! A request as the body of `generateContent`. Signatures go back in the very part in
//! which they came: without them newer models refuse the request.

use serde_json::{Map, Value, json};

use crate::encoding::base64;
use crate::message::{
    Effort, FREEFORM_FIELD, Form, Image, Message, Part, Reasoning, Request, Role, ToolCall,
    ToolChoice, ToolResult, ToolSpec,
};
use crate::provider::{Context, openai};

/// The body.
pub(super) fn body(request: &Request, context: &Context<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    let contents: Vec<Value> = request
        .messages
        .iter()
        .filter_map(|message| content(message, context))
        .collect();
    body.insert("contents".into(), contents.into());
    let system = request.system_text();
    if !system.is_empty() {
        body.insert(
            "systemInstruction".into(),
            json!({"parts": [{"text": system}]}),
        );
    }
    if !request.tools.is_empty() {
        let tools: Vec<Value> = request.tools.iter().map(tool).collect();
        body.insert("tools".into(), json!([{"functionDeclarations": tools}]));
        if let Some(mode) = mode(&request.tool_choice) {
            body.insert("toolConfig".into(), json!({"functionCallingConfig": mode}));
        }
    }
    let config = config(request);
    if !config.is_empty() {
        body.insert("generationConfig".into(), config.into());
    }
    body
}

fn mode(choice: &ToolChoice) -> Option<Value> {
    match choice {
        ToolChoice::Auto => None,
        ToolChoice::None => Some(json!({"mode": "NONE"})),
        ToolChoice::Required => Some(json!({"mode": "ANY"})),
        ToolChoice::Named(name) => Some(json!({"mode": "ANY", "allowedFunctionNames": [name]})),
    }
}

fn config(request: &Request) -> Map<String, Value> {
    let mut config = Map::new();
    if let Some(most) = request.max_output {
        config.insert("maxOutputTokens".into(), json!(most));
    }
    if let Some(temperature) = request.temperature {
        config.insert("temperature".into(), json!(temperature));
    }
    if !request.stop.is_empty() {
        config.insert("stopSequences".into(), json!(request.stop));
    }
    if let Some(wanted) = request.reasoning {
        config.insert("thinkingConfig".into(), thinking(wanted, &request.model));
    }
    if let Some(output) = &request.output {
        config.insert("responseMimeType".into(), json!("application/json"));
        config.insert("responseJsonSchema".into(), output.schema.clone());
    }
    config
}

/// Models before 3 take a number of tokens, those since then a level; either refuses the
/// other's.
fn thinking(wanted: Reasoning, model: &str) -> Value {
    let by_number = model.contains("gemini-2.") || model.contains("gemini-1.");
    let level = |step| match step {
        Effort::Minimal => "minimal",
        Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High | Effort::Max => "high",
    };
    match wanted {
        Reasoning::Off => json!({"thinkingBudget": 0}),
        Reasoning::Budget(tokens) => json!({"includeThoughts": true, "thinkingBudget": tokens}),
        Reasoning::Effort(step) if by_number => {
            json!({"includeThoughts": true, "thinkingBudget": step.budget()})
        }
        Reasoning::Effort(step) => {
            json!({"includeThoughts": true, "thinkingLevel": level(step)})
        }
    }
}

/// `parametersJsonSchema` takes JSON Schema; `parameters` would take a subset of OpenAPI's.
fn tool(spec: &ToolSpec) -> Value {
    json!({"name": spec.name, "description": spec.description,
        "parametersJsonSchema": openai::encode::schema(&spec.input)})
}

fn content(message: &Message, context: &Context<'_>) -> Option<Value> {
    let (role, parts) = match message.role {
        Role::User => (
            "user",
            message.parts.iter().flat_map(user).collect::<Vec<_>>(),
        ),
        Role::Assistant => {
            let own = |part| assistant(part, context);
            ("model", message.parts.iter().filter_map(own).collect())
        }
    };
    (!parts.is_empty()).then(|| json!({"role": role, "parts": parts}))
}

fn user(part: &Part) -> Vec<Value> {
    match part {
        Part::Text { text, .. } => vec![json!({"text": text})],
        Part::Image(one) => vec![image(one)],
        Part::ToolResult(result) => {
            let mut parts = vec![tool_result(result)];
            parts.extend(result.images.iter().map(image));
            parts
        }
        Part::Reasoning { .. } | Part::ToolCall(_) | Part::Foreign(_) => Vec::new(),
    }
}

fn image(image: &Image) -> Value {
    json!({"inlineData": {"mimeType": image.media_type, "data": base64::text(&image.bytes)}})
}

fn tool_result(result: &ToolResult) -> Value {
    let name = if result.ok { "output" } else { "error" };
    json!({"functionResponse": {"id": result.id, "name": result.name,
        "response": {name: result.text}}})
}

fn assistant(part: &Part, context: &Context<'_>) -> Option<Value> {
    let (mut value, opaque) = match part {
        Part::Text { text, opaque } => (json!({"text": text}), opaque.as_ref()),
        // Thoughts are shown, not sent back; a signature on one is.
        Part::Reasoning { text, opaque } => {
            context.own(opaque.as_ref())?;
            (json!({"text": text, "thought": true}), opaque.as_ref())
        }
        Part::ToolCall(one) => (call(one), one.opaque.as_ref()),
        Part::Foreign(opaque) => return context.own(Some(opaque)).cloned(),
        Part::Image(one) => (image(one), None),
        Part::ToolResult(_) => return None,
    };
    if let Some(data) = context.own(opaque)
        && let Some(signature) = data.get("thoughtSignature")
    {
        value["thoughtSignature"] = signature.clone();
    }
    Some(value)
}

fn call(call: &ToolCall) -> Value {
    let args = match call.form {
        Form::Json => call
            .object()
            .unwrap_or_else(|_| Map::from_iter([("unreadable".to_owned(), json!(call.arguments))])),
        Form::Text => Map::from_iter([(FREEFORM_FIELD.to_owned(), json!(call.arguments))]),
    };
    json!({"functionCall": {"id": call.id, "name": call.name, "args": args}})
}
