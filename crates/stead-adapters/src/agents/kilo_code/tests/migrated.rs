//! Tasks of before 7.0 that the extension took over into the database. The rows are
//! made up after the agent's public source.

use rusqlite::{Connection, params};
use serde_json::{Value, json};
use stead_testkit::truth::prompts;
use stead_usf::{Event, EventType, LinkKind, Session, Status, ToolKind, validate};

use super::{KiloCode, check_scan, home};
use crate::{Adapter, Checkpoint, Output, Sink, Slot, conformance};

const TASK: &str = "0198a4c2-7f3a-7c11-9d0e-5b1f6f1f9a10";
const ID: &str = "ses_migrated_6f1ed002ab5595859014ebf0";

/// A database with one task that was taken over.
struct Store {
    home: tempfile::TempDir,
    rows: i64,
}

impl Store {
    fn new(title: &str) -> Self {
        let store = Self {
            home: home("7.7.9"),
            rows: 0,
        };
        let writer = store.open();
        writer
            .execute_batch(
                "PRAGMA foreign_keys = OFF; DELETE FROM part; DELETE FROM message;
            DELETE FROM event; DELETE FROM event_sequence; DELETE FROM session;",
            )
            .unwrap();
        writer.execute(
            "INSERT INTO session (id, project_id, slug, directory, title, version, time_created,
               time_updated) VALUES (?1, 'p', ?2, '/w', ?3, 'v2', 1754000009000, 1754000009000)",
            params![ID, TASK, title],
        ).unwrap();
        store
    }

    fn open(&self) -> Connection {
        Connection::open(self.home.path().join(".local/share/kilo/kilo.db")).unwrap()
    }

    /// A message with its parts.
    fn message(&mut self, id: &str, created: i64, data: Value, parts: &[Value]) {
        let writer = self.open();
        let mut data = data;
        data["time"] = json!({"created": created, "completed": created});
        writer
            .execute(
                "INSERT INTO message VALUES (?1, ?2, ?3, ?3, ?4)",
                params![id, ID, created, data.to_string()],
            )
            .unwrap();
        for part in parts {
            self.rows += 1;
            writer
                .execute(
                    "INSERT INTO part VALUES (?1, ?2, ?3, ?4, ?4, ?5)",
                    params![
                        format!("prt_{:03}", self.rows),
                        id,
                        ID,
                        created,
                        part.to_string()
                    ],
                )
                .unwrap();
        }
    }

    fn user(&mut self, number: i64, parts: &[Value]) {
        let model = json!({"providerID": "legacy", "modelID": "legacy"});
        let data = json!({"role": "user", "agent": "user", "model": model});
        let id = format!("msg_migrated_{}", 9 - number);
        self.message(&id, 1_754_000_000_000 + number, data, parts);
    }

    fn assistant(&mut self, number: i64, parts: &[Value]) {
        let data = json!({
            "role": "assistant", "parentID": format!("msg_migrated_{}", 10 - number),
            "modelID": "legacy", "providerID": "legacy", "mode": "code", "agent": "main",
            "path": {"cwd": "/w", "root": "/w"}, "cost": 0,
            "tokens": {"input": 0, "output": 0, "reasoning": 0, "cache": {"read": 0, "write": 0}}
        });
        let id = format!("msg_migrated_{}", 9 - number);
        self.message(&id, 1_754_000_000_000 + number, data, parts);
    }

    fn read(&self) -> Session {
        for unit in conformance::discover(&KiloCode, self.home.path()) {
            check_scan(&unit);
        }
        let mut sessions = conformance::sessions(&KiloCode, self.home.path());
        let session = sessions.remove(ID).or_else(|| sessions.remove(TASK));
        let session = session.unwrap();
        assert_eq!(validate(&session), []);
        session
    }
}

fn text(text: &str) -> Value {
    json!({"type": "text", "text": text, "time": {"start": 1_754_000_000_000_i64}})
}

fn tool(name: &str, input: &Value, output: &str) -> Value {
    let state = json!({"status": "completed", "input": input, "output": output, "title": name,
                       "metadata": {}, "time": {"start": 1_754_000_000_001_i64}});
    json!({"type": "tool", "callID": format!("call_{name}"), "tool": name, "state": state})
}

/// A task as it was taken over, with calls by the protocol.
fn task(store: &mut Store) {
    let written = json!({"path": "a.py", "content": "x = 1\n"});
    store.user(0, &[text("Make a.py")]);
    store.assistant(1, &[text("I write it.")]);
    store.user(
        2,
        &[tool("write_to_file", &written, "done"), text("and b.py")],
    );
    store.assistant(
        3,
        &[
            tool("read_file", &json!({"path": "b.py"}), "read_file"),
            text("Done."),
        ],
    );
}

#[test]
fn a_task_that_was_taken_over_is_the_same_session() {
    let mut store = Store::new("Make a.py");
    task(&mut store);
    let session = store.read();
    assert_eq!(
        session.id.as_str(),
        format!("kilo-code:{TASK}"),
        "so it is shown once"
    );
    assert_eq!(session.parent, None);
    assert!(session.events.iter().all(|event| !event.inherited));
    assert_eq!(prompts(&session), ["Make a.py", "and b.py"]);
    assert_eq!(session.title, None, "the prompt is no title");
    assert_eq!(session.agent_version, None, "nobody knows");
    assert_eq!(session.models, []);
    assert_eq!((session.usage.is_empty(), session.cost_usd), (true, None));
    assert_eq!(session.status, Some(Status::Ended));
    let calls = session
        .events
        .iter()
        .filter(|e| e.kind == EventType::ToolCall);
    let calls: Vec<_> = calls.collect();
    let kind = |event: &Event| event.tool.as_ref().unwrap().kind;
    assert_eq!(
        (kind(calls[0]), kind(calls[1])),
        (ToolKind::Write, ToolKind::Read)
    );
    assert_eq!(calls[0].edits[0].after.as_deref(), Some("x = 1\n"));
    assert_eq!(calls[1].result, None, "its own name is no answer");
}

/// Appends a turn to a session that was taken over.
fn go_on(store: &mut Store) {
    let tokens = json!({"input": 10, "output": 4, "total": 14});
    let typed = json!({"type": "text", "text": "Go on"});
    store.message(
        "msg_200",
        1_754_000_010_000,
        json!({"role": "user"}),
        &[typed],
    );
    let reply = json!({"role": "assistant", "parentID": "msg_200", "modelID": "m",
                       "providerID": "p", "finish": "stop", "cost": 0.5, "tokens": tokens});
    store.message("msg_201", 1_754_000_011_000, reply, &[text("Going on.")]);
}

#[test]
fn a_task_may_go_on_in_the_database() {
    let mut store = Store::new("A title of its own");
    task(&mut store);
    go_on(&mut store);
    let session = store.read();
    assert_eq!(session.native_id, ID);
    let link = session.parent.as_ref().unwrap();
    assert_eq!(link.id.as_str(), format!("kilo-code:{TASK}"));
    assert_eq!(link.kind, LinkKind::Resume, "lists show it here");
    assert_eq!(prompts(&session).last(), Some(&"Go on"));
    let own = session.events.iter().filter(|event| !event.inherited);
    assert_eq!(own.count(), 2);
    assert_eq!(
        (session.usage.input, session.cost_usd),
        (Some(10), Some(0.5))
    );
    assert_eq!(session.title.as_deref(), Some("A title of its own"));
}

/// Reads what changed: names of sessions, `-` before those that are gone.
fn changes(store: &Store, since: &mut Option<Checkpoint>) -> Vec<String> {
    #[derive(Default)]
    struct Names(Vec<String>);
    impl Sink for Names {
        fn event(&mut self, _: Slot, _: Event) {}
        fn gone(&mut self, native_id: &str) {
            self.0.push(format!("-{native_id}"));
        }
        fn end(&mut self, _: Slot, header: Session) {
            self.0.push(header.native_id);
        }
    }
    let unit = conformance::discover(&KiloCode, store.home.path()).remove(0);
    let mut names = Names::default();
    let mut output = Output::new(&mut names);
    *since = Some(KiloCode.read(&unit, since.as_ref(), &mut output).unwrap());
    names.0
}

#[test]
fn going_on_gives_it_an_id_of_its_own() {
    let mut store = Store::new("x");
    task(&mut store);
    let mut since = None;
    assert_eq!(changes(&store, &mut since), [TASK]);
    assert_eq!(changes(&store, &mut since), [""; 0], "nothing new");
    go_on(&mut store);
    let gone = format!("-{TASK}");
    assert_eq!(changes(&store, &mut since), [ID, &gone]);
    assert_eq!(changes(&store, &mut since), [""; 0]);
    store.open().execute_batch("DELETE FROM session").unwrap();
    store
        .open()
        .execute_batch("DELETE FROM message; DELETE FROM part")
        .unwrap();
    assert_eq!(changes(&store, &mut since), [format!("-{ID}")]);
}

#[test]
fn tasks_that_were_taken_over_keep_the_laws() {
    let mut store = Store::new("x");
    task(&mut store);
    conformance::check(&KiloCode, store.home.path());
    go_on(&mut store);
    conformance::check(&KiloCode, store.home.path());
}

/// Without a protocol for calls their answers were texts of the user's side.
#[test]
fn answers_of_tools_are_not_typed() {
    let mut store = Store::new(TASK);
    store.user(0, &[text("Look at a.py")]);
    store.assistant(1, &[text("<read_file><path>a.py</path></read_file>")]);
    store.user(
        2,
        &[
            text("[read_file for 'a.py'] Result:"),
            text("<file><path>a.py</path>x</file>"),
        ],
    );
    store.assistant(3, &[text("It is x.")]);
    store.user(
        4,
        &[
            text("[attempt_completion] Result:"),
            text("The user has answered:\n<feedback>\nThanks\n</feedback>"),
        ],
    );
    store.user(5, &[text("[ERROR] You did not use a tool")]);
    let session = store.read();
    assert_eq!(prompts(&session)[..2], ["Look at a.py", "Thanks"]);
    assert_eq!(session.title, None, "the id is no title");
}

/// Tools of Kilo's own look like those of MCP servers.
#[test]
fn tools_of_its_own() {
    let mut store = Store::new("x");
    let cell = json!({"path": "n.ipynb", "action": "replace", "index": 0, "source": "x = 1"});
    let model = json!({"role": "assistant", "modelID": "m", "providerID": "p"});
    store.message(
        "msg_200",
        1_754_000_010_000,
        model,
        &[
            tool(
                "background_process",
                &json!({"action": "start", "command": "make"}),
                "ok",
            ),
            tool("notebook_edit", &cell, "ok"),
            tool("board_post", &json!({"body": "hi"}), "ok"),
            tool("github_list", &json!({}), "ok"),
        ],
    );
    let session = store.read();
    let calls: Vec<_> = session
        .events
        .iter()
        .filter_map(|e| Some((e.tool.as_ref()?.kind, e)))
        .collect();
    let kinds: Vec<_> = calls.iter().map(|(kind, _)| *kind).collect();
    assert_eq!(
        kinds,
        [
            ToolKind::Shell,
            ToolKind::Edit,
            ToolKind::Other,
            ToolKind::Mcp
        ]
    );
    assert_eq!(calls[1].1.edits[0].after.as_deref(), Some("x = 1"));
}
