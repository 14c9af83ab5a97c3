//! Databases that grow and change between two readings.

use std::collections::BTreeMap;
use std::path::PathBuf;

use rusqlite::Connection;
use stead_usf::{Event, Session};

use super::{check_scan, testdata};
use crate::agents::opencode::OpenCode;
use crate::{
    Adapter, Amendment, Checkpoint, Document, Output, Sink, Slot, Unit, conformance, load,
};

const TERMINAL: &str = "ses_e0416bb2fffe8yKlYYebtM1F1W";
const ONE: &str = "ses_e04171368ffencY32DgPjN2icN";
const KILLED: &str = "ses_e04160f30ffe249g1xSV5CoYNH";

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
        let home = conformance::unpack(&testdata("v1.18.33/home"));
        let mut live = Self {
            home,
            sessions: BTreeMap::new(),
            checkpoint: None,
        };
        assert_eq!(live.read().len(), 6);
        live
    }

    fn path(&self) -> PathBuf {
        self.home.path().join(".local/share/opencode/opencode.db")
    }

    fn unit(&self) -> Unit {
        conformance::discover(&OpenCode, self.home.path()).remove(0)
    }

    fn write(&self, sql: &str) {
        let writer = Connection::open(self.path()).unwrap();
        writer.execute_batch(sql).unwrap();
    }

    /// Reads what changed, names it, and holds the whole against reading at once.
    fn read(&mut self) -> Vec<String> {
        let unit = self.unit();
        let mut touched = Touched::default();
        let mut output = Output::new(&mut touched);
        let checkpoint = OpenCode
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
        let (at_once, records, _) = load(&OpenCode, &unit).unwrap();
        assert_eq!(tally, records, "of all sessions, whatever was read anew");
        let at_once: BTreeMap<_, _> = at_once
            .into_iter()
            .map(|session| (session.native_id.clone(), session))
            .collect();
        assert_eq!(self.sessions, at_once);
        check_scan(&unit);
        names
    }
}

#[test]
fn nothing_new_is_nothing_read() {
    let mut live = Live::new();
    assert!(live.read().is_empty());
    live.write("UPDATE project SET time_updated = 1");
    assert!(live.read().is_empty());
}

#[test]
fn new_messages_cost_only_their_session() {
    let mut live = Live::new();
    live.write(&format!(
        "INSERT INTO message VALUES ('msg_2', '{ONE}', 1795227800000, 1795227800000,
           '{{\"role\":\"user\",\"time\":{{\"created\":1795227800000}}}}');
         INSERT INTO part VALUES ('prt_2', 'msg_2', '{ONE}', 1795227800000, 1795227800000,
           '{{\"type\":\"text\",\"text\":\"And now?\"}}');"
    ));
    assert_eq!(live.read(), [ONE]);
    let last = live.sessions[ONE].events.last().unwrap();
    assert_eq!(last.text.as_deref(), Some("And now?"));
}

#[test]
fn parts_rewritten_in_place_are_seen() {
    let mut live = Live::new();
    // In an open turn, without a word in the log of changes.
    live.write(
        "UPDATE part SET time_updated = time_updated + 5,
           data = json_set(data, '$.text', 'I add slugify()')
         WHERE id = 'prt_1fbea00b8001OW3E2p4PEBJL3J';",
    );
    assert_eq!(live.read(), [KILLED]);
    assert!(
        live.sessions[KILLED]
            .events
            .iter()
            .any(|event| { event.text.as_deref() == Some("I add slugify()") })
    );
    // In a session at rest: the log says so.
    live.write(&format!(
        "UPDATE part SET data = json_set(data, '$.state.time.compacted', 7)
         WHERE session_id = '{TERMINAL}' AND json_extract(data, '$.type') = 'tool';
         UPDATE event_sequence SET seq = seq + 1 WHERE aggregate_id = '{TERMINAL}';"
    ));
    assert_eq!(live.read(), [TERMINAL]);
}

#[test]
fn versions_without_a_log_are_read_as_well() {
    let mut live = Live::new();
    live.write("DROP TABLE event; DROP TABLE event_sequence;");
    assert_eq!(live.read().len(), 6);
    assert!(live.read().is_empty());
    live.write(&format!(
        "UPDATE part SET time_updated = time_updated + 1
         WHERE rowid = (SELECT min(rowid) FROM part WHERE session_id = '{ONE}');"
    ));
    assert_eq!(live.read(), [ONE]);
    live.write("DROP INDEX message_session_time_created_id_idx; DROP INDEX part_session_idx;");
    assert!(live.read().is_empty());
}

#[test]
fn a_revert_marks_first_and_deletes_later() {
    let mut live = Live::new();
    let prompt = live.sessions[ONE]
        .events
        .iter()
        .filter(|event| event.is_prompt())
        .nth(1)
        .unwrap()
        .clone();
    let row = prompt.source.unwrap().row.unwrap();
    live.write(&format!(
        "UPDATE session SET revert = json_object('messageID',
           (SELECT message_id FROM part WHERE id = '{row}')) WHERE id = '{ONE}';"
    ));
    assert_eq!(live.read(), [ONE]);
    let rewound = |live: &Live| {
        let events = &live.sessions[ONE].events;
        events
            .iter()
            .filter(|event| event.inactive.is_some())
            .count()
    };
    let count = rewound(&live);
    assert!(count > 5);
    live.write(&format!(
        "PRAGMA foreign_keys = ON; UPDATE session SET revert = NULL WHERE id = '{ONE}';
         DELETE FROM message WHERE session_id = '{ONE}' AND id >=
           (SELECT message_id FROM part WHERE id = '{row}');"
    ));
    assert_eq!(live.read(), [ONE]);
    assert_eq!(rewound(&live), 0, "deleted without a word in the log");
}

#[test]
fn sessions_come_and_go() {
    let mut live = Live::new();
    live.write(&format!(
        "INSERT INTO session (id, project_id, slug, directory, title, version, time_created,
           time_updated) SELECT 'ses_new', project_id, 'x', '/tmp', 'New', '1.18.33',
           1795227800000, 1795227800000 FROM session LIMIT 1;
         PRAGMA foreign_keys = ON; DELETE FROM session WHERE id = '{TERMINAL}';"
    ));
    let child = "ses_e0416b314ffeSxJXwY2Hz2cVHO";
    assert!(
        live.sessions[child]
            .parent
            .as_ref()
            .unwrap()
            .call_id
            .is_some()
    );
    assert_eq!(live.read(), [&format!("-{TERMINAL}"), child, "ses_new"]);
    assert!(
        live.sessions[child]
            .parent
            .as_ref()
            .unwrap()
            .call_id
            .is_none()
    );
    live.write("UPDATE session SET title = 'Named' WHERE id = 'ses_new'");
    assert_eq!(live.read(), ["ses_new"]);
    assert_eq!(live.sessions["ses_new"].title.as_deref(), Some("Named"));
}

#[test]
fn files_of_the_older_generation_are_left_to_the_database() {
    let home = conformance::unpack(&testdata("v1.0.185/home"));
    let other = conformance::unpack(&testdata("v1.18.33/home"));
    let data = |home: &tempfile::TempDir| home.path().join(".local/share/opencode");
    for file in ["opencode.db", "opencode.db-wal"] {
        fs_err::copy(data(&other).join(file), data(&home).join(file)).unwrap();
    }
    let count = || conformance::sessions(&OpenCode, home.path()).len();
    assert_eq!(count(), 12, "six of the database and six that it has not");
    let writer = Connection::open(data(&home).join("opencode.db")).unwrap();
    writer.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
    for (table, column) in [
        ("session", "id"),
        ("message", "session_id"),
        ("part", "session_id"),
    ] {
        let sql = format!(
            "UPDATE {table} SET {column} = 'ses_e0417f80fffeo0BFtYAyCqdLOI' WHERE {column} = ?1"
        );
        writer.execute(&sql, [ONE]).unwrap();
    }
    drop(writer);
    assert_eq!(count(), 11, "one of them moved into the database");
}

#[test]
fn rows_that_are_damaged_cost_only_themselves() {
    let mut live = Live::new();
    live.write(&format!(
        "UPDATE part SET data = '{{\"type\":\"text\", cut', time_updated = time_updated + 1
           WHERE id = 'prt_1fbea00b8001OW3E2p4PEBJL3J';
         UPDATE part SET data = x'00ff', time_updated = time_updated + 1
           WHERE rowid = (SELECT max(rowid) FROM part WHERE session_id = '{KILLED}');"
    ));
    assert_eq!(live.read(), [KILLED]);
    let session = &live.sessions[KILLED];
    let codes: Vec<_> = session.issues.iter().map(|issue| &*issue.code).collect();
    assert_eq!(codes, ["bad-json", "bad-json"]);
    assert!(session.events.len() > 4);
}

/// Messages outlive their session's row where links are not enforced.
#[test]
fn messages_without_a_session_are_a_session() {
    let mut live = Live::new();
    let events = live.sessions[ONE].events.len();
    live.write(&format!(
        "PRAGMA foreign_keys = OFF; DELETE FROM session WHERE id = '{ONE}';
         INSERT INTO session (id, project_id, slug, directory, title, version, time_created,
           time_updated) SELECT '', project_id, 'x', '/', 'x', '1', 1, 1 FROM session LIMIT 1;"
    ));
    assert_eq!(live.read(), [ONE]);
    let session = &live.sessions[ONE];
    assert_eq!(session.events.len(), events);
    assert_eq!(session.issues[0].code, "lost-session");
    assert!(live.read().is_empty());
}

#[test]
fn times_of_any_kind_are_no_problem() {
    let mut live = Live::new();
    live.write(&format!(
        "DROP TABLE event; DROP TABLE event_sequence;
         UPDATE part SET time_updated = 9223372036854775807 WHERE session_id = '{ONE}';
         UPDATE message SET time_updated = 'late' WHERE session_id = '{ONE}';"
    ));
    assert_eq!(live.read().len(), 6);
    assert!(live.read().is_empty());
}

#[test]
fn rows_with_odd_keys_are_kept() {
    let mut live = Live::new();
    live.write(&format!(
        "PRAGMA foreign_keys = OFF;
         UPDATE part SET message_id = CAST(x'6d73675fff' AS TEXT) WHERE message_id =
           (SELECT max(id) FROM message WHERE session_id = '{ONE}');
         UPDATE message SET id = CAST(x'6d73675fff' AS TEXT) WHERE id =
           (SELECT max(id) FROM message WHERE session_id = '{ONE}');
         UPDATE part SET message_id = 'msg_gone', time_created = 'late' WHERE rowid =
           (SELECT min(rowid) FROM part WHERE session_id = '{KILLED}');
         UPDATE session SET id = '../../odd', time_created = NULL WHERE id = 'x';
         UPDATE session SET time_updated = time_updated + 1;"
    ));
    assert_eq!(live.read().len(), 6);
    let codes = |id: &str| -> Vec<String> {
        let issues = live.sessions[id].issues.iter();
        issues.map(|issue| issue.code.to_string()).collect()
    };
    assert!(codes(ONE).is_empty());
    assert_eq!(codes(KILLED)[0], "orphan-part");
}

#[test]
fn rows_in_the_archives_form_keep_the_laws() {
    let live = Live::new();
    let mut raw = Archive::default();
    OpenCode
        .read(&live.unit(), None, &mut Output::new(&mut raw))
        .unwrap();
    let home = tempfile::tempdir().unwrap();
    for (name, bytes) in raw.0 {
        let relative = std::path::Path::new(&name);
        let to = home
            .path()
            .join(relative.strip_prefix(live.home.path()).unwrap());
        if to.to_string_lossy().contains(TERMINAL) || to.to_string_lossy().contains(KILLED) {
            fs_err::create_dir_all(to.parent().unwrap()).unwrap();
            fs_err::write(to, bytes).unwrap();
        }
    }
    conformance::check(&OpenCode, home.path());
    for unit in conformance::discover(&OpenCode, home.path()) {
        check_scan(&unit);
    }
}

#[derive(Default)]
struct Archive(BTreeMap<String, Vec<u8>>);

impl Sink for Archive {
    fn event(&mut self, _: Slot, _: Event) {}
    fn end(&mut self, _: Slot, _: Session) {}
    fn raw(&mut self, name: &str, _: u64, bytes: &[u8]) {
        self.0.entry(name.to_owned()).or_default().extend(bytes);
    }
}
