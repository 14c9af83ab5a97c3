//! Questions to the user, by way of the editor.

use agent_client_protocol::v1::schema::{
    CreateElicitationRequest, ElicitationAction, ElicitationContentValue, ElicitationFormMode,
    ElicitationSchema, ElicitationSessionScope, PermissionOption, PermissionOptionKind,
    RequestPermissionOutcome, RequestPermissionRequest, SessionUpdate, ToolCallStatus,
    ToolCallUpdate, ToolCallUpdateFields,
};
use serde_json::{Value, json};
use stead_redact::terminal::escape;

use super::call;
use super::turn::Turn;
use super::updates::{Telling, words};
use crate::text::{fit, one_line};

impl Turn {
    /// Asks, and waits; the id of what was chosen, or nothing if nobody chose. An editor
    /// that says that the turn is cancelled stops it.
    pub(super) async fn choice(
        &self,
        call: ToolCallUpdate,
        options: Vec<PermissionOption>,
    ) -> Option<String> {
        let request = RequestPermissionRequest::new(self.id.clone(), call, options);
        let asked = self.editor.send_request(request).block_task();
        let answer = tokio::select! {
            answer = asked => answer.ok()?,
            () = self.stop.cancelled() => return None,
        };
        if let RequestPermissionOutcome::Selected(chosen) = answer.outcome {
            return Some(chosen.option_id.to_string());
        }
        self.stop.cancel();
        None
    }

    /// Asks whether a call may be made; the line with the answer.
    pub(super) async fn approve(&self, line: &Value, telling: &Telling) -> Value {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let answer = |word: &str| json!({"type": "answer", "id": line["id"], "word": word});
        let fields = ToolCallUpdateFields::new()
            .status(ToolCallStatus::Pending)
            .content(Some(call::text(&text("why")).into_iter().collect()));
        let id = telling.now().unwrap_or("call").to_owned();
        let options = vec![
            option("once", "Allow once", PermissionOptionKind::AllowOnce),
            option(
                "always",
                "Always allow this in this session",
                PermissionOptionKind::AllowAlways,
            ),
            option("no", "Do not allow", PermissionOptionKind::RejectOnce),
        ];
        let call = ToolCallUpdate::new(id.clone(), fields);
        let chosen = self.choice(call, options).await;
        let going = ToolCallUpdateFields::new().status(ToolCallStatus::InProgress);
        self.tell(SessionUpdate::ToolCallUpdate(ToolCallUpdate::new(
            id, going,
        )));
        answer(chosen.as_deref().unwrap_or("no"))
    }

    /// Passes on what the model asks; the line with the answer.
    pub(super) async fn ask(&self, line: &Value, telling: &Telling) -> Value {
        let texts = line["options"].as_array().cloned().unwrap_or_default();
        let question = line["text"].as_str().unwrap_or_default();
        let none = json!({"type": "answer", "id": line["id"]});
        if texts.is_empty() {
            return match self.typed(question, telling).await {
                Some(text) => json!({"type": "answer", "id": line["id"], "text": text}),
                None => none,
            };
        }
        let named = |(number, text): (usize, &Value)| {
            let text = one_line(text.as_str().unwrap_or_default());
            option(&number.to_string(), &text, PermissionOptionKind::AllowOnce)
        };
        let mut options: Vec<_> = texts.iter().enumerate().map(named).collect();
        options.push(option(
            "none",
            "No answer",
            PermissionOptionKind::RejectOnce,
        ));
        let fields = ToolCallUpdateFields::new().title(fit(&one_line(question), 400));
        let call = ToolCallUpdate::new(telling.now().unwrap_or("call").to_owned(), fields);
        let chosen = self.choice(call, options).await;
        let number = chosen.and_then(|chosen| chosen.parse::<usize>().ok());
        match number.and_then(|number| texts.get(number)) {
            Some(text) => json!({"type": "answer", "id": line["id"], "text": text}),
            None => none,
        }
    }
}

impl Turn {
    /// Asks for a text; nothing if there is none. Where the editor has no forms, the
    /// question stands as the model's words.
    async fn typed(&self, question: &str, telling: &Telling) -> Option<String> {
        if !self.agent.has_forms() {
            self.tell(words(&format!("\n\n{question}\n\n")));
            return None;
        }
        let scope = ElicitationSessionScope::new(self.id.clone());
        let scope = scope.tool_call_id(telling.now().map(|id| id.to_owned().into()));
        let schema = ElicitationSchema::new().string(ANSWER, true);
        let form = ElicitationFormMode::new(scope, schema);
        let request = CreateElicitationRequest::new(form, escape(question).into_owned());
        let asked = self.editor.send_request(request).block_task();
        let answer = tokio::select! {
            answer = asked => answer.ok()?,
            () = self.stop.cancelled() => return None,
        };
        let ElicitationAction::Accept(accepted) = answer.action else {
            return None;
        };
        match accepted.content?.remove(ANSWER)? {
            ElicitationContentValue::String(text) => Some(text),
            _ => None,
        }
    }
}

/// The field of a form that holds the answer.
const ANSWER: &str = "answer";

/// An answer to choose.
pub(super) fn option(id: &str, name: &str, kind: PermissionOptionKind) -> PermissionOption {
    PermissionOption::new(id.to_owned(), name.to_owned(), kind)
}
