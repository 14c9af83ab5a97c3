//! Requests as they leave, in each wire format. What they have to look like stands in the
//! providers' documentation.

use serde_json::{Value, json};

use super::laws::origin;
use crate::endpoint::{Dialect, ReasoningField};
use crate::message::{
    CacheMark, CachePlace, Effort, Form, Image, Message, Opaque, OutputSchema, Part, Reasoning,
    Request, SystemLine, ToolCall, ToolChoice, ToolInput, ToolResult, ToolSpec,
};
use crate::provider::{Context, Wire};

fn encode(wire: Wire, request: &Request, dialect: Dialect) -> Value {
    let origin = origin(wire);
    let context = Context {
        origin: &origin,
        dialect: &dialect,
        stream: true,
    };
    wire.format().encode(request, &context).into()
}

fn call(id: &str, arguments: &str, form: Form) -> Part {
    Part::ToolCall(ToolCall {
        id: id.into(),
        name: "ls".into(),
        arguments: arguments.into(),
        form,
        opaque: None,
    })
}

fn result(id: &str, ok: bool) -> ToolResult {
    ToolResult {
        id: id.into(),
        name: "ls".into(),
        text: "a.txt".into(),
        ok,
        images: vec![Image {
            media_type: "image/png".into(),
            bytes: vec![1, 2, 3],
        }],
        form: Form::Json,
    }
}

fn reasoning(wire: Wire, data: Value) -> Part {
    Part::Reasoning {
        text: "Hm.".into(),
        opaque: Some(Opaque {
            origin: origin(wire),
            data,
        }),
    }
}

/// A request with everything in it.
fn request(thought: Part) -> Request {
    Request {
        model: "m".into(),
        system: vec![SystemLine {
            id: "S1".into(),
            text: "Be brief.".into(),
        }],
        messages: vec![
            Message::user("List."),
            Message::assistant(vec![
                thought,
                Part::text("Yes."),
                call("c1", "{\"p\":\".\"}", Form::Json),
            ]),
            Message::results(vec![result("c1", false)]),
        ],
        tools: vec![ToolSpec {
            name: "ls".into(),
            description: "Lists.".into(),
            input: ToolInput::Schema(json!({"type": "object"})),
        }],
        tool_choice: ToolChoice::Required,
        max_output: Some(100),
        temperature: Some(0.5),
        output: Some(OutputSchema {
            name: "o".into(),
            schema: json!({"type": "object"}),
        }),
        stop: vec!["END".into()],
        ..Request::default()
    }
}

#[test]
fn chat_completions() {
    let thought = reasoning(Wire::Openai, json!({"field": "reasoning_content"}));
    let body = encode(Wire::Openai, &request(thought), Dialect::default());
    let expected = json!({
        "model": "m",
        "messages": [
            {"role": "system", "content": "[S1] Be brief."},
            {"role": "user", "content": "List."},
            {"role": "assistant", "reasoning_content": "Hm.", "content": "Yes.", "tool_calls": [
                {"id": "c1", "type": "function", "function": {"name": "ls", "arguments": "{\"p\":\".\"}"}}]},
            {"role": "tool", "tool_call_id": "c1", "content": "Error: a.txt"},
            {"role": "user", "content": [
                {"type": "text", "text": "Pictures of the result of ls (c1):"},
                {"type": "image_url", "image_url": {"url": "data:image/png;base64,AQID"}}]},
        ],
        "tools": [{"type": "function", "function":
            {"name": "ls", "description": "Lists.", "parameters": {"type": "object"}}}],
        "tool_choice": "required",
        "max_tokens": 100,
        "temperature": 0.5,
        "stop": ["END"],
        "response_format": {"type": "json_schema", "json_schema":
            {"name": "o", "schema": {"type": "object"}, "strict": true}},
        "stream": true,
        "stream_options": {"include_usage": true},
    });
    assert_eq!(body, expected);
}

#[test]
fn responses() {
    let item = json!({"type": "reasoning", "id": "rs", "summary": [], "encrypted_content": "e"});
    let body = encode(
        Wire::OpenaiResponses,
        &request(reasoning(Wire::OpenaiResponses, item.clone())),
        Dialect::default(),
    );
    let expected = json!({
        "model": "m",
        "instructions": "[S1] Be brief.",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "List."}]},
            item,
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Yes."}]},
            {"type": "function_call", "call_id": "c1", "name": "ls", "arguments": "{\"p\":\".\"}"},
            {"type": "function_call_output", "call_id": "c1", "output": [
                {"type": "input_text", "text": "Error: a.txt"},
                {"type": "input_image", "image_url": "data:image/png;base64,AQID"}]},
        ],
        "tools": [{"type": "function", "name": "ls", "description": "Lists.",
            "parameters": {"type": "object"}, "strict": false}],
        "tool_choice": "required",
        "store": false,
        "include": ["reasoning.encrypted_content"],
        "stream": true,
        "max_output_tokens": 100,
        "temperature": 0.5,
        "text": {"format": {"type": "json_schema", "name": "o", "schema": {"type": "object"}, "strict": true}},
    });
    assert_eq!(body, expected);
}

#[test]
fn messages_of_anthropic() {
    let data = json!({"type": "thinking", "thinking": "", "signature": "s"});
    let mut request = request(reasoning(Wire::Anthropic, data));
    request.cache = [CachePlace::System, CachePlace::Message(2)]
        .map(|after| CacheMark { after, long: false })
        .to_vec();
    let body = encode(Wire::Anthropic, &request, Dialect::default());
    let mark = json!({"type": "ephemeral"});
    let expected = json!({
        "model": "m",
        "max_tokens": 100,
        "system": [{"type": "text", "text": "[S1] Be brief.", "cache_control": mark}],
        "messages": [
            {"role": "user", "content": [{"type": "text", "text": "List."}]},
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "Hm.", "signature": "s"},
                {"type": "text", "text": "Yes."},
                {"type": "tool_use", "id": "c1", "name": "ls", "input": {"p": "."}}]},
            {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "c1", "content": [
                {"type": "text", "text": "a.txt"},
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "AQID"}}],
                "is_error": true, "cache_control": mark}]},
        ],
        "tools": [{"name": "ls", "description": "Lists.", "input_schema": {"type": "object"}}],
        "tool_choice": {"type": "any"},
        "output_config": {"format": {"type": "json_schema", "schema": {"type": "object"}}},
        "temperature": 0.5,
        "stop_sequences": ["END"],
        "stream": true,
    });
    assert_eq!(body, expected);
}

#[test]
fn gemini() {
    let mut request = request(reasoning(Wire::Anthropic, json!({})));
    let Part::ToolCall(call) = &mut request.messages[1].parts[2] else {
        panic!("a call");
    };
    call.opaque = Some(Opaque {
        origin: origin(Wire::Gemini),
        data: json!({"thoughtSignature": "s"}),
    });
    let body = encode(Wire::Gemini, &request, Dialect::default());
    let expected = json!({
        "contents": [
            {"role": "user", "parts": [{"text": "List."}]},
            {"role": "model", "parts": [
                {"text": "Yes."},
                {"functionCall": {"id": "c1", "name": "ls", "args": {"p": "."}}, "thoughtSignature": "s"}]},
            {"role": "user", "parts": [
                {"functionResponse": {"id": "c1", "name": "ls", "response": {"error": "a.txt"}}},
                {"inlineData": {"mimeType": "image/png", "data": "AQID"}}]},
        ],
        "systemInstruction": {"parts": [{"text": "[S1] Be brief."}]},
        "tools": [{"functionDeclarations": [
            {"name": "ls", "description": "Lists.", "parametersJsonSchema": {"type": "object"}}]}],
        "toolConfig": {"functionCallingConfig": {"mode": "ANY"}},
        "generationConfig": {"maxOutputTokens": 100, "temperature": 0.5, "stopSequences": ["END"],
            "responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}},
    });
    assert_eq!(body, expected);
}

#[test]
fn opaque_data_goes_to_whom_it_came_from_only() {
    let data = json!({"type": "thinking", "signature": "secret-state", "field": "reasoning",
        "thoughtSignature": "secret-state", "encrypted_content": "secret-state"});
    for from in Wire::all() {
        let mut request = request(reasoning(from, data.clone()));
        let foreign = Opaque {
            origin: crate::Origin {
                wire: from,
                provider: "another".into(),
            },
            data: data.clone(),
        };
        request.messages[1].parts.push(Part::Foreign(foreign));
        for to in Wire::all() {
            let body = encode(to, &request, Dialect::default()).to_string();
            let goes = body.contains("secret-state") || body.contains("Hm.");
            assert_eq!(goes, from == to, "{from} to {to}: {body}");
        }
    }
}

#[test]
fn reasoning_is_asked_for_in_each_dialect() {
    let asked = |reasoning, field, names: &[&str]| {
        let request = Request {
            reasoning: Some(reasoning),
            ..Request::default()
        };
        let dialect = Dialect {
            reasoning: field,
            ..Dialect::default()
        };
        let body = encode(Wire::Openai, &request, dialect);
        let fields = names.iter().map(|name| body[name].clone());
        fields.collect::<Vec<_>>()
    };
    let low = Reasoning::Effort(Effort::Low);
    let field = ReasoningField::Effort;
    assert_eq!(asked(low, field, &["reasoning_effort"]), [json!("low")]);
    let field = ReasoningField::Object;
    assert_eq!(
        asked(low, field, &["reasoning"]),
        [json!({"effort": "low"})]
    );
    assert_eq!(
        asked(Reasoning::Budget(9), field, &["reasoning"]),
        [json!({"max_tokens": 9})]
    );
    let field = ReasoningField::ThinkingEffort;
    let both = ["thinking", "reasoning_effort"];
    assert_eq!(
        asked(low, field, &both),
        [json!({"type": "enabled"}), json!("low")]
    );
    assert_eq!(
        asked(Reasoning::Off, field, &both),
        [json!({"type": "disabled"}), Value::Null]
    );
    let field = ReasoningField::Switch;
    assert_eq!(
        asked(Reasoning::Off, field, &["enable_thinking"]),
        [json!(false)]
    );
    let field = ReasoningField::Nothing;
    assert_eq!(
        asked(low, field, &["reasoning_effort", "reasoning"]),
        [Value::Null, Value::Null]
    );
}

#[test]
fn thinking_of_anthropic_fits_the_model() {
    let fields = |reasoning, adaptive_thinking| {
        let request = Request {
            reasoning: Some(reasoning),
            max_output: Some(2000),
            temperature: Some(0.0),
            ..Request::default()
        };
        let dialect = Dialect {
            adaptive_thinking,
            ..Dialect::default()
        };
        let body = encode(Wire::Anthropic, &request, dialect);
        ["thinking", "output_config", "max_tokens", "temperature"].map(|name| body[name].clone())
    };
    let adaptive = fields(Reasoning::Effort(Effort::Max), true);
    let expected = [
        json!({"type": "adaptive"}),
        json!({"effort": "max"}),
        json!(2000),
        Value::Null,
    ];
    assert_eq!(adaptive, expected);
    // The limit holds for both, so it has to be above the budget.
    let budget = fields(Reasoning::Effort(Effort::Medium), false);
    let thinking = json!({"type": "enabled", "budget_tokens": 8192});
    assert_eq!(budget, [thinking, Value::Null, json!(9216), Value::Null]);
    assert_eq!(fields(Reasoning::Off, false)[3], json!(0.0));
}

#[test]
fn what_a_model_wrote_badly_does_not_break_the_next_request() {
    let parts = vec![
        call("a b/c", "{\"p\": ", Form::Json),
        call("d", "", Form::Json),
        call("e", "\"{\\\"p\\\":1}\"", Form::Json),
    ];
    let request = Request {
        messages: vec![Message::assistant(parts)],
        ..Request::default()
    };
    let body = encode(Wire::Anthropic, &request, Dialect::default());
    let blocks = &body["messages"][0]["content"];
    assert_eq!(
        blocks[0],
        json!({"type": "tool_use", "id": "a_b_c", "name": "ls", "input": {"unreadable": "{\"p\": "}})
    );
    assert_eq!(blocks[1]["input"], json!({}));
    assert_eq!(blocks[2]["input"], json!({"p": 1}));
    let body = encode(
        Wire::Openai,
        &request,
        Dialect {
            short_call_ids: true,
            ..Dialect::default()
        },
    );
    for call in body["messages"][0]["tool_calls"].as_array().unwrap() {
        let arguments = call["function"]["arguments"].as_str().unwrap();
        assert!(
            serde_json::from_str::<Value>(arguments).is_ok(),
            "{arguments}"
        );
        assert_eq!(call["id"].as_str().unwrap().len(), 9);
    }
}

#[test]
fn freeform_tools_are_text_where_there_are_none() {
    let patch = ToolSpec {
        name: "patch".into(),
        description: "Patches.".into(),
        input: ToolInput::Freeform {
            syntax: "lark".into(),
            definition: "start: X".into(),
        },
    };
    let request = Request {
        messages: vec![Message::assistant(vec![call("c", "*** Begin", Form::Text)])],
        tools: vec![patch],
        ..Request::default()
    };
    let own = encode(Wire::OpenaiResponses, &request, Dialect::default());
    assert_eq!(
        own["tools"][0]["format"],
        json!({"type": "grammar", "syntax": "lark", "definition": "start: X"})
    );
    assert_eq!(own["input"][0]["input"], "*** Begin");
    let other = encode(Wire::Anthropic, &request, Dialect::default());
    assert_eq!(
        other["tools"][0]["input_schema"]["required"],
        json!(["input"])
    );
    assert_eq!(
        other["messages"][0]["content"][0]["input"],
        json!({"input": "*** Begin"})
    );
}
