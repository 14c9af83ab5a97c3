//! Stores made by hand: a session of the second generation.

use fs_err as fs;
use serde_json::{Value, json};
use stead_usf::{Session, validate};

use super::check_scan;
use crate::agents::opencode::OpenCode;
use crate::{conformance, load};

/// A store of the second generation with one session.
pub(super) struct Store {
    home: tempfile::TempDir,
    messages: u32,
}

impl Store {
    pub(super) fn new() -> Self {
        Self::with(json!({}))
    }

    pub(super) fn with(session: Value) -> Self {
        let store = Self {
            home: tempfile::tempdir().unwrap(),
            messages: 0,
        };
        let mut info = json!({
            "id": "ses_1", "version": "0.9.9", "directory": "/w", "title": "T",
            "time": {"created": 1000, "updated": 2000}
        });
        merge(&mut info, session);
        store.write("session/global/ses_1.json", info.to_string());
        store
    }

    pub(super) fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self
            .home
            .path()
            .join(".local/share/opencode/storage")
            .join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A message with its parts; returns its id.
    pub(super) fn message(&mut self, info: Value, parts: &[Value]) -> String {
        self.messages += 1;
        let id = format!("msg_{:03}", self.messages);
        let mut message = json!({"id": id, "time": {"created": 1000 + self.messages}});
        merge(&mut message, info);
        self.write(&format!("message/ses_1/{id}.json"), message.to_string());
        for (place, part) in parts.iter().enumerate() {
            let file = format!("part/{id}/prt_{:03}_{place}.json", self.messages);
            self.write(&file, part.to_string());
        }
        id
    }

    pub(super) fn user(&mut self, text: &str) -> String {
        self.message(
            json!({"role": "user"}),
            &[json!({"type": "text", "text": text})],
        )
    }

    pub(super) fn assistant(&mut self, parent: &str, parts: &[Value]) -> String {
        let info = json!({
            "role": "assistant", "parentID": parent, "modelID": "m", "providerID": "p",
            "finish": "stop", "cost": 0.5, "tokens": {"input": 10, "output": 4}
        });
        self.message(info, parts)
    }

    pub(super) fn read(&self) -> Session {
        let unit = conformance::discover(&OpenCode, self.home.path()).remove(0);
        check_scan(&unit);
        let session = load(&OpenCode, &unit).unwrap().0.remove(0);
        assert_eq!(validate(&session), []);
        session
    }
}

pub(super) fn merge(into: &mut Value, from: Value) {
    let Value::Object(from) = from else { return };
    for (key, value) in from {
        into[key] = value;
    }
}

pub(super) fn text(text: &str) -> Value {
    json!({"type": "text", "text": text, "time": {"start": 1500}})
}

#[expect(clippy::needless_pass_by_value, reason = "called with literals")]
pub(super) fn tool(name: &str, state: Value) -> Value {
    json!({"type": "tool", "tool": name, "callID": format!("call_{name}"), "state": state})
}

pub(super) fn texts(session: &Session) -> Vec<&str> {
    session
        .events
        .iter()
        .filter_map(|e| e.text.as_deref())
        .collect()
}

pub(super) fn codes(session: &Session) -> Vec<&str> {
    session.issues.iter().map(|issue| &*issue.code).collect()
}
