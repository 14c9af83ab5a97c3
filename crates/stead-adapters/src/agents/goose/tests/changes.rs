//! Databases that grow and change between two readings.

use std::collections::BTreeMap;

use rusqlite::Connection;
use stead_usf::{Event, Session};

use super::testdata;
use crate::agents::goose::Goose;
use crate::{
    Adapter, Amendment, Checkpoint, Document, Output, Sink, Slot, Tally, Unit, conformance, load,
};

const ONE: &str = "20261121_1";
const TWO: &str = "20261121_2";
const CHILD: &str = "20261121_3";
const COPY: &str = "20261121_4";
const KILLED: &str = "20261121_5";

/// A database under a reader that remembers where it stopped.
struct Live {
    home: tempfile::TempDir,
    sessions: BTreeMap<String, Session>,
    checkpoint: Option<Checkpoint>,
}

/// What one reading touched.
#[derive(Default)]
struct Touched {
    document: Document,
    gone: Vec<String>,
}

impl Sink for Touched {
    fn begin(&mut self, slot: Slot, header: &Session, append: bool) {
        self.document.begin(slot, header, append);
    }
    fn event(&mut self, slot: Slot, event: Event) {
        self.document.event(slot, event);
    }
    fn amend(&mut self, slot: Slot, event: &str, amendment: &Amendment) {
        self.document.amend(slot, event, amendment);
    }
    fn gone(&mut self, native_id: &str) {
        self.gone.push(native_id.to_owned());
    }
    fn end(&mut self, slot: Slot, header: Session) {
        self.document.end(slot, header);
    }
}

impl Live {
    fn new() -> Self {
        let mut live = Self {
            home: conformance::unpack(&testdata("1.52.0").join("home")),
            sessions: BTreeMap::new(),
            checkpoint: None,
        };
        assert_eq!(live.read().len(), 6);
        live
    }

    fn unit(&self) -> Unit {
        let mut units = conformance::discover(&Goose, self.home.path());
        units.retain(|unit| unit.path.extension().is_some_and(|name| name == "db"));
        units.remove(0)
    }

    fn write(&self, sql: &str) {
        let writer = Connection::open(self.unit().path).unwrap();
        writer.execute_batch(sql).unwrap();
    }

    /// Reads what changed, names it, and holds the whole against reading at once.
    fn read(&mut self) -> Vec<String> {
        let unit = self.unit();
        let mut touched = Touched::default();
        let mut output = Output::new(&mut touched);
        let checkpoint = Goose
            .read(&unit, self.checkpoint.as_ref(), &mut output)
            .unwrap();
        output.end_all();
        let tally: Tally = std::mem::take(&mut output.tally);
        let stored = serde_json::to_string(&checkpoint).unwrap();
        self.checkpoint = Some(serde_json::from_str(&stored).unwrap());
        let mut names: Vec<_> = touched.gone.iter().map(|id| format!("-{id}")).collect();
        for gone in touched.gone {
            self.sessions.remove(&gone).unwrap();
        }
        for session in touched.document.sessions {
            names.push(session.native_id.clone());
            self.sessions.insert(session.native_id.clone(), session);
        }
        let (at_once, counted, _) = load(&Goose, &unit).unwrap();
        assert_eq!(tally, counted);
        let at_once: BTreeMap<_, _> = at_once
            .into_iter()
            .map(|session| (session.native_id.clone(), session))
            .collect();
        assert_eq!(self.sessions, at_once);
        let kept = &self.checkpoint.as_ref().unwrap().sessions;
        assert_eq!(kept.len(), at_once.len());
        names
    }
}

#[test]
fn nothing_new_is_nothing_read() {
    let mut live = Live::new();
    assert!(live.read().is_empty());
    live.write("CREATE TABLE other (x); INSERT INTO other VALUES (1)");
    assert!(live.read().is_empty());
}

#[test]
fn new_messages_cost_only_their_session() {
    let mut live = Live::new();
    live.write(&format!(
        "INSERT INTO messages (session_id, message_id, role, content_json, created_timestamp)
         VALUES ('{ONE}', 'm', 'user', '[{{\"type\":\"text\",\"text\":\"And now?\"}}]', 1795299999);"
    ));
    assert_eq!(live.read(), [ONE]);
    let last = live.sessions[ONE].events.last().unwrap();
    assert_eq!(last.text.as_deref(), Some("And now?"));
}

#[test]
fn messages_changed_in_place_are_seen() {
    let mut live = Live::new();
    live.write(&format!(
        "UPDATE messages SET metadata_json = replace(metadata_json, '\"agentVisible\":true', '\"agentVisible\":false')
         WHERE session_id = '{KILLED}'"
    ));
    assert_eq!(live.read(), [KILLED]);
    live.write(&format!(
        "UPDATE messages SET content_json = replace(content_json, 'I look at it first', 'I look')
         WHERE session_id = '{ONE}'"
    ));
    assert_eq!(live.read(), [ONE]);
    live.write(&format!(
        "DELETE FROM usage_ledger WHERE session_id = '{CHILD}'"
    ));
    assert_eq!(live.read(), [CHILD]);
}

#[test]
fn sessions_come_and_go() {
    let mut live = Live::new();
    let call = |live: &Live| {
        live.sessions[CHILD]
            .parent
            .as_ref()
            .unwrap()
            .call_id
            .clone()
    };
    assert!(call(&live).is_some());
    live.write(&format!(
        "DELETE FROM messages WHERE session_id = '{TWO}'; DELETE FROM sessions WHERE id = '{TWO}';
         INSERT INTO sessions (id, working_dir) VALUES ('new', '/w');"
    ));
    // The copy is the earliest now; it knows which call started the subagent too.
    assert_eq!(live.read(), [&format!("-{TWO}"), CHILD, COPY, "new"]);
    assert!(live.sessions[COPY].parent.is_none());
    live.write("UPDATE sessions SET name = 'Named' WHERE id = 'new'");
    assert_eq!(live.read(), ["new"]);
    assert_eq!(live.sessions["new"].title.as_deref(), Some("Named"));
}

#[test]
fn a_compaction_writes_all_anew() {
    let mut live = Live::new();
    live.write(&format!(
        "UPDATE messages SET id = id + 1000 WHERE session_id = '{ONE}';
         UPDATE messages SET metadata_json = '{{\"userVisible\":true,\"agentVisible\":false}}' WHERE session_id = '{ONE}';
         INSERT INTO messages (session_id, message_id, role, content_json, created_timestamp, metadata_json)
         VALUES ('{ONE}', 'm', 'user', '[{{\"type\":\"text\",\"text\":\"In short\"}}]', 1795299999,
           '{{\"userVisible\":false,\"agentVisible\":true}}');"
    ));
    assert_eq!(live.read(), [ONE]);
    let events = &live.sessions[ONE].events;
    let active = events.iter().filter(|event| event.inactive.is_none());
    let active: Vec<_> = active.filter_map(|event| event.text.as_deref()).collect();
    assert_eq!(active, ["In short"]);
}
