//! Databases that grow and change between two readings.

use std::collections::BTreeMap;

use serde_json::json;
use stead_usf::{Event, Session};

use super::store::{Store, finish, text};
use super::usual;
use crate::agents::crush::Crush;
use crate::{Adapter, Amendment, Checkpoint, Document, Output, Sink, Slot, conformance, load};

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

/// A reader that remembers where it stopped.
#[derive(Default)]
struct Live {
    sessions: BTreeMap<String, Session>,
    checkpoint: Option<Checkpoint>,
}

impl Live {
    /// Reads what changed, names it, and holds the whole against reading at once.
    fn read(&mut self, store: &Store) -> Vec<String> {
        let unit = conformance::discover(&Crush, store.home.path()).remove(0);
        let mut touched = Touched::default();
        let mut output = Output::new(&mut touched);
        let checkpoint = Crush
            .read(&unit, self.checkpoint.as_ref(), &mut output)
            .unwrap();
        output.end_all();
        let tally = std::mem::take(&mut output.tally);
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
        let (at_once, counted, _) = load(&Crush, &unit).unwrap();
        assert_eq!(tally, counted);
        let by_id = |session: Session| (session.native_id.clone(), session);
        let at_once: BTreeMap<_, _> = at_once.into_iter().map(by_id).collect();
        assert_eq!(self.sessions, at_once);
        names
    }
}

#[test]
fn only_what_changed_is_read() {
    let mut store = usual(202_601);
    store.session("title-s", Some("s"));
    store.session("other", None);
    let mut live = Live::default();
    let child = live.read(&store)[1].clone();
    assert_eq!(live.sessions.len(), 3);
    assert!(live.read(&store).is_empty());
    // A reply streams: its row is written again and again.
    let id = store.put("other", "assistant", json!([text("I be")]));
    assert_eq!(live.read(&store), ["other"]);
    let parts = json!([text("I begin"), finish("end_turn")]).to_string();
    store
        .database
        .execute("UPDATE messages SET parts = ?1 WHERE id = ?2", [parts, id])
        .unwrap();
    assert_eq!(live.read(&store), ["other"]);
    store.file("/w/a.rs", "by hand");
    assert_eq!(live.read(&store), ["s"]);
    store.run(&format!(
        "UPDATE sessions SET title = 'Count' WHERE id = '{child}'"
    ));
    assert_eq!(live.read(&store), [child.as_str()]);
    store.run(
        "DELETE FROM sessions WHERE id = 'other'; DELETE FROM messages WHERE session_id = 'other'",
    );
    assert_eq!(live.read(&store), ["-other"]);
    store.run("INSERT INTO read_files VALUES ('s', '/w/a.rs', 1)");
    assert!(live.read(&store).is_empty());
}
