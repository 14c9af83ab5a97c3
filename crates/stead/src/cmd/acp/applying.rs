//! What becomes of changes that wait: the user sees them, and decides.

use agent_client_protocol::v1::schema::{
    PermissionOption, PermissionOptionKind, SessionUpdate, ToolCall, ToolCallUpdate,
    ToolCallUpdateFields, ToolKind,
};
use serde_json::Value;

use super::asking::option;
use super::call;
use super::sessions::Mode;
use super::turn::Turn;
use super::updates::words;
use super::waiting::{Refused, Waiting};

impl Turn {
    /// Shows what is not applied yet, and asks whether it is to be; once for the same
    /// changes.
    pub(super) async fn offer(&self, end: &Value) {
        let diff = end["diff"].as_str().unwrap_or_default();
        let seen = self.session.declined.as_deref() == Some(diff);
        let is_there = self.session.mode == Mode::InPlace || end["applied"] == true;
        if is_there || diff.is_empty() || seen {
            return;
        }
        match Waiting::of(&self.id, &self.agent.context) {
            Ok(Some(waiting)) => {
                if !self.apply(waiting, end["outcome"] == "done").await {
                    let declined = Some(diff.to_owned());
                    let sessions = &self.agent.sessions;
                    sessions.with(&self.id, |session| session.declined = declined);
                }
            }
            Ok(None) => {}
            Err(error) => self.tell(words(&format!("\n\n{}", error.in_words()))),
        }
    }

    /// Asks whether changes are to be applied, and does so; whether it did.
    pub(super) async fn apply(&self, mut waiting: Waiting, done: bool) -> bool {
        let (id, mut content) = (self.agent.next_call(), waiting.content());
        let not = if done {
            ""
        } else {
            ", although the task is not done"
        };
        let title = format!("Apply changes of {} to your files{not}", waiting.count());
        let call = ToolCall::new(id.clone(), title)
            .kind(ToolKind::Edit)
            .locations(waiting.places())
            .content(content.clone());
        self.tell(SessionUpdate::ToolCall(call));
        let fields = ToolCallUpdateFields::new();
        let chosen = self.choice(ToolCallUpdate::new(id.clone(), fields), options("Apply"));
        let result = if chosen.await.as_deref() == Some(APPLY) {
            self.applied(&id, &mut waiting).await
        } else {
            Err("not applied: the changes stay apart".to_owned())
        };
        let fields = ToolCallUpdateFields::new().status(call::status(result.is_ok()));
        content.extend(result.as_ref().err().and_then(|why| call::text(why)));
        let update = ToolCallUpdate::new(id, fields.content(Some(content)));
        self.tell(SessionUpdate::ToolCallUpdate(update));
        result.is_ok()
    }

    /// Applies changes; over what is not committed only after asking once more.
    async fn applied(&self, id: &str, waiting: &mut Waiting) -> Result<(), String> {
        let files = match waiting.apply(false) {
            Ok(()) => return Ok(()),
            Err(Refused::Other(why)) => return Err(why),
            Err(Refused::Uncommitted(files)) => files,
        };
        let title = format!("Not committed, and changed by both of you: {files}");
        let fields = ToolCallUpdateFields::new().title(title);
        let asked = ToolCallUpdate::new(id.to_owned(), fields);
        let chosen = self.choice(asked, options("Apply over it")).await;
        if chosen.as_deref() == Some(APPLY) {
            return waiting.apply(true).map_err(Refused::into_words);
        }
        Err(Refused::Uncommitted(files).into_words())
    }
}

/// The answer that applies.
const APPLY: &str = "apply";

fn options(yes: &str) -> Vec<PermissionOption> {
    let keep = "Keep them apart (/apply applies them)";
    vec![
        option(APPLY, yes, PermissionOptionKind::AllowOnce),
        option("keep", keep, PermissionOptionKind::RejectOnce),
    ]
}
