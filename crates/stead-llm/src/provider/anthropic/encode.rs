//! A request as the body of Anthropic's messages.

use serde_json::{Map, Value, json};

use crate::encoding::base64;
use crate::message::{
    CacheMark, CachePlace, DEFAULT_MAX_OUTPUT, Effort, FREEFORM_FIELD, Form, Image, Message, Part,
    Reasoning, Request, Role, ToolCall, ToolChoice, ToolResult, ToolSpec,
};
use crate::provider::{Context, openai};

/// The least that a budget of thinking may be.
const LEAST_BUDGET: u32 = 1024;

/// The body.
pub(super) fn body(request: &Request, context: &Context<'_>) -> Map<String, Value> {
    let mut body = Map::new();
    body.insert("model".into(), json!(request.model));
    let budget = budget(request, context);
    // The limit holds for thinking and answer together.
    let most = request.max_output.unwrap_or(DEFAULT_MAX_OUTPUT);
    let most = budget.map_or(most, |budget| most.max(budget.saturating_add(LEAST_BUDGET)));
    body.insert("max_tokens".into(), json!(most));
    system(&mut body, request);
    body.insert("messages".into(), messages(request, context).into());
    tools(&mut body, request);
    thinking(&mut body, request, context, budget);
    // Thinking allows no other temperature than its own.
    if let Some(temperature) = request
        .temperature
        .filter(|_| !body.contains_key("thinking"))
    {
        body.insert("temperature".into(), json!(temperature));
    }
    if !request.stop.is_empty() {
        body.insert("stop_sequences".into(), json!(request.stop));
    }
    if context.stream {
        body.insert("stream".into(), json!(true));
    }
    body
}

/// Tokens of thinking, where they are asked for in numbers.
fn budget(request: &Request, context: &Context<'_>) -> Option<u32> {
    match request.reasoning? {
        Reasoning::Budget(tokens) => Some(tokens.max(LEAST_BUDGET)),
        Reasoning::Effort(step) if !context.dialect.adaptive_thinking => Some(step.budget()),
        Reasoning::Effort(_) | Reasoning::Off => None,
    }
}

fn thinking(
    body: &mut Map<String, Value>,
    request: &Request,
    context: &Context<'_>,
    budget: Option<u32>,
) {
    let mut config = Map::new();
    if let Some(tokens) = budget {
        let thinking = json!({"type": "enabled", "budget_tokens": tokens});
        body.insert("thinking".into(), thinking);
    } else if let Some(Reasoning::Effort(step)) = request.reasoning
        && context.dialect.adaptive_thinking
    {
        body.insert("thinking".into(), json!({"type": "adaptive"}));
        config.insert("effort".into(), json!(effort(step)));
    } else if request.reasoning == Some(Reasoning::Off) && context.dialect.adaptive_thinking {
        body.insert("thinking".into(), json!({"type": "disabled"}));
    }
    if let Some(output) = &request.output {
        config.insert(
            "format".into(),
            json!({"type": "json_schema", "schema": output.schema}),
        );
    }
    if !config.is_empty() {
        body.insert("output_config".into(), config.into());
    }
}

const fn effort(step: Effort) -> &'static str {
    match step {
        Effort::Minimal | Effort::Low => "low",
        Effort::Medium => "medium",
        Effort::High => "high",
        Effort::Max => "max",
    }
}

fn system(body: &mut Map<String, Value>, request: &Request) {
    let text = request.system_text();
    if text.is_empty() {
        return;
    }
    let system = match request.mark(CachePlace::System) {
        Some(mark) => json!([marked(json!({"type": "text", "text": text}), mark)]),
        None => json!(text),
    };
    body.insert("system".into(), system);
}

fn marked(mut block: Value, mark: CacheMark) -> Value {
    block["cache_control"] = if mark.long {
        json!({"type": "ephemeral", "ttl": "1h"})
    } else {
        json!({"type": "ephemeral"})
    };
    block
}

fn tools(body: &mut Map<String, Value>, request: &Request) {
    if request.tools.is_empty() {
        return;
    }
    let mut tools: Vec<Value> = request.tools.iter().map(tool).collect();
    if let (Some(mark), Some(last)) = (request.mark(CachePlace::Tools), tools.last_mut()) {
        *last = marked(last.take(), mark);
    }
    body.insert("tools".into(), tools.into());
    let choice = match &request.tool_choice {
        ToolChoice::Auto => return,
        ToolChoice::None => json!({"type": "none"}),
        ToolChoice::Required => json!({"type": "any"}),
        ToolChoice::Named(name) => json!({"type": "tool", "name": name}),
    };
    body.insert("tool_choice".into(), choice);
}

fn tool(spec: &ToolSpec) -> Value {
    json!({"name": spec.name, "description": spec.description,
        "input_schema": openai::encode::schema(&spec.input)})
}

fn messages(request: &Request, context: &Context<'_>) -> Vec<Value> {
    let mut out: Vec<Value> = Vec::new();
    for (place, message) in request.messages.iter().enumerate() {
        let (role, mut blocks) = match message.role {
            Role::User => ("user", user(message)),
            Role::Assistant => ("assistant", assistant(message, context)),
        };
        if let (Some(mark), Some(last)) =
            (request.mark(CachePlace::Message(place)), blocks.last_mut())
        {
            *last = marked(last.take(), mark);
        }
        // An empty message is refused.
        if !blocks.is_empty() {
            out.push(json!({"role": role, "content": blocks}));
        }
    }
    out
}

/// Results come first, as the format demands.
fn user(message: &Message) -> Vec<Value> {
    let results = message.parts.iter().filter_map(|part| match part {
        Part::ToolResult(result) => Some(tool_result(result)),
        _ => None,
    });
    let others = message.parts.iter().filter_map(|part| match part {
        Part::Text { text, .. } => text_block(text),
        Part::Image(one) => Some(image(one)),
        _ => None,
    });
    results.chain(others).collect()
}

/// Text of white space alone is refused.
fn text_block(text: &str) -> Option<Value> {
    (!text.trim().is_empty()).then(|| json!({"type": "text", "text": text}))
}

fn image(image: &Image) -> Value {
    json!({"type": "image", "source": {"type": "base64", "media_type": image.media_type,
        "data": base64::text(&image.bytes)}})
}

fn tool_result(result: &ToolResult) -> Value {
    let mut content: Vec<Value> = text_block(&result.text).into_iter().collect();
    content.extend(result.images.iter().map(image));
    let mut block = json!({"type": "tool_result", "tool_use_id": id(&result.id)});
    if !content.is_empty() {
        block["content"] = content.into();
    }
    if !result.ok {
        block["is_error"] = json!(true);
    }
    block
}

fn assistant(message: &Message, context: &Context<'_>) -> Vec<Value> {
    let block = |part: &Part| match part {
        Part::Text { text, .. } => text_block(text),
        // The signature covers the text, so both go back as they came.
        Part::Reasoning { text, opaque } => {
            let mut block = context.own(opaque.as_ref())?.clone();
            if block["type"] == "thinking" {
                block["thinking"] = json!(text);
            }
            Some(block)
        }
        Part::ToolCall(call) => Some(tool_use(call)),
        Part::Foreign(opaque) => context.own(Some(opaque)).cloned(),
        Part::Image(_) | Part::ToolResult(_) => None,
    };
    message.parts.iter().filter_map(block).collect()
}

fn tool_use(call: &ToolCall) -> Value {
    // The input has to be an object. What is none goes back in one, so that the model
    // sees what it wrote.
    let input = match call.form {
        Form::Json => call.object().unwrap_or_else(|_| {
            let unreadable = json!(call.arguments);
            Map::from_iter([("unreadable".to_owned(), unreadable)])
        }),
        Form::Text => Map::from_iter([(FREEFORM_FIELD.to_owned(), json!(call.arguments))]),
    };
    json!({"type": "tool_use", "id": id(&call.id), "name": call.name, "input": input})
}

/// Ids are letters, digits, `_` and `-`; those of other providers may have more.
fn id(id: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    id.chars()
        .map(|c| if allowed(c) { c } else { '_' })
        .collect()
}
