//! A project's database of any generation, made as the public migrations make it.
#![expect(
    clippy::needless_pass_by_value,
    reason = "what `json!` made is used up"
)]

use std::path::Path;

use fs_err as fs;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use stead_usf::{Event, Session, validate};

use crate::agents::crush::Crush;
use crate::{Adapter, Document, Output, conformance, load};

/// The generations of the schema, by the month of their migration.
pub(super) const GENERATIONS: [(u32, &str); 6] = [
    (
        202_504,
        "CREATE TABLE goose_db_version (id INTEGER PRIMARY KEY, version_id INTEGER);
         CREATE TABLE sessions (id TEXT PRIMARY KEY, parent_session_id TEXT, title TEXT NOT NULL,
           message_count INTEGER NOT NULL DEFAULT 0, prompt_tokens INTEGER NOT NULL DEFAULT 0,
           completion_tokens INTEGER NOT NULL DEFAULT 0, cost REAL NOT NULL DEFAULT 0.0,
           updated_at INTEGER NOT NULL, created_at INTEGER NOT NULL);
         CREATE TABLE files (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, path TEXT NOT NULL,
           content TEXT NOT NULL, version INTEGER NOT NULL DEFAULT 0, created_at INTEGER NOT NULL,
           updated_at INTEGER NOT NULL, UNIQUE(path, session_id, version));
         CREATE TABLE messages (id TEXT PRIMARY KEY, session_id TEXT NOT NULL, role TEXT NOT NULL,
           parts TEXT NOT NULL DEFAULT '[]', model TEXT, created_at INTEGER NOT NULL,
           updated_at INTEGER NOT NULL, finished_at INTEGER);
         CREATE INDEX idx_messages_session_id ON messages (session_id);",
    ),
    (
        202_505,
        "ALTER TABLE sessions ADD COLUMN summary_message_id TEXT",
    ),
    (202_506, "ALTER TABLE messages ADD COLUMN provider TEXT"),
    (
        202_508,
        "ALTER TABLE messages ADD COLUMN is_summary_message INTEGER DEFAULT 0 NOT NULL",
    ),
    (202_509, "ALTER TABLE sessions ADD COLUMN todos TEXT"),
    (
        202_601,
        "CREATE TABLE read_files (session_id TEXT NOT NULL, path TEXT NOT NULL,
           read_at INTEGER NOT NULL, PRIMARY KEY (path, session_id))",
    ),
];

/// A home folder with a project in it.
pub(super) struct Store {
    pub(super) home: tempfile::TempDir,
    pub(super) database: Connection,
    schema: u32,
    clock: i64,
    rows: u32,
}

impl Store {
    /// The newest schema, with a session `s`.
    pub(super) fn new() -> Self {
        let store = Self::of(202_601);
        store.session("s", None);
        store
    }

    /// An empty database of this generation.
    pub(super) fn of(schema: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("work/demo/.crush");
        fs::create_dir_all(&folder).unwrap();
        let database = Connection::open(folder.join("crush.db")).unwrap();
        database
            .execute_batch("PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = 0")
            .unwrap();
        for (generation, statements) in GENERATIONS {
            if generation <= schema {
                database.execute_batch(statements).unwrap();
            }
        }
        Self {
            home,
            database,
            schema,
            clock: 1_795_000_000,
            rows: 0,
        }
    }

    pub(super) fn run(&self, sql: &str) {
        self.database.execute_batch(sql).unwrap();
    }

    pub(super) fn session(&self, id: &str, parent: Option<&str>) {
        let sql = "INSERT INTO sessions (id, parent_session_id, title, created_at, updated_at) VALUES (?1, ?2, 'Title', ?3, ?3)";
        self.database
            .execute(sql, params![id, parent, self.clock])
            .unwrap();
    }

    fn key(&mut self, letter: char) -> String {
        self.rows += 1;
        format!("{letter}{}", self.rows)
    }

    /// A second goes by.
    pub(super) fn tick(&mut self) {
        self.clock += 1;
    }

    pub(super) fn put(&mut self, session: &str, role: &str, parts: Value) -> String {
        let id = self.key('m');
        let model = (role == "assistant").then_some("m-1");
        let sql =
            "INSERT INTO messages (id, session_id, role, parts, model, created_at, updated_at)
                   VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6)";
        let values = params![id, session, role, parts.to_string(), model, self.clock];
        self.database.execute(sql, values).unwrap();
        if self.schema >= 202_506 && model.is_some() {
            let sql = "UPDATE messages SET provider = 'anthropic' WHERE id = ?1";
            self.database.execute(sql, [&id]).unwrap();
        }
        id
    }

    pub(super) fn user(&mut self, said: &str) {
        let stop = finish("stop");
        self.put("s", "user", json!([text(said), stop]));
    }

    pub(super) fn assistant(&mut self, parts: Value) -> String {
        self.put("s", "assistant", parts)
    }

    pub(super) fn tool(&mut self, results: Value) {
        self.put("s", "tool", results);
    }

    /// A version of a file in the session `s`.
    pub(super) fn file(&mut self, path: &str, content: &str) {
        let (id, version) = (self.key('f'), self.rows);
        let sql = "INSERT INTO files VALUES (?1, 's', ?2, ?3, ?4, ?5, ?5)";
        let values = params![id, path, content, version, self.clock];
        self.database.execute(sql, values).unwrap();
    }

    pub(super) fn read(&self) -> Session {
        let mut sessions = self.read_all();
        assert_eq!(sessions.len(), 1);
        sessions.remove(0)
    }

    pub(super) fn read_all(&self) -> Vec<Session> {
        read_home(self.home.path())
    }

    /// Issues that belong to no session.
    pub(super) fn unplaced(&self) -> Vec<String> {
        let unit = conformance::discover(&Crush, self.home.path()).remove(0);
        let mut document = Document::default();
        let mut output = Output::new(&mut document);
        Crush.read(&unit, None, &mut output).unwrap();
        let issues = output.take_unplaced();
        issues.into_iter().map(|issue| issue.message).collect()
    }
}

/// Everything below a home folder, which is valid USF whatever is in it.
pub(super) fn read_home(home: &Path) -> Vec<Session> {
    let mut sessions = Vec::new();
    for unit in conformance::discover(&Crush, home) {
        let (read, tally, _) = load(&Crush, &unit).unwrap();
        let ignored: u64 = tally.ignored.values().sum();
        assert_eq!(tally.records, tally.mapped + ignored + tally.reported);
        sessions.extend(read);
    }
    for session in &sessions {
        assert_eq!(validate(session), [], "{session:#?}");
    }
    sessions
}

fn part(kind: &str, data: Value) -> Value {
    json!({"type": kind, "data": data})
}

pub(super) fn text(said: &str) -> Value {
    part("text", json!({"text": said}))
}

pub(super) fn thinking(said: &str) -> Value {
    let data = json!({"thinking": said, "signature": "c2ln", "thought_signature": "", "tool_id": "",
        "responses_data": null, "started_at": 1_795_000_000, "finished_at": 1_795_000_001});
    part("reasoning", data)
}

pub(super) fn finish(reason: &str) -> Value {
    part("finish", json!({"reason": reason, "time": 0}))
}

pub(super) fn call(id: &str, name: &str, input: Value) -> Value {
    let data = json!({"id": id, "name": name, "input": input.to_string(), "provider_executed": false, "finished": true});
    part("tool_call", data)
}

pub(super) fn result(id: &str, name: &str, said: &str, metadata: Value) -> Value {
    let metadata = if metadata.is_null() {
        String::new()
    } else {
        metadata.to_string()
    };
    let data = json!({"tool_call_id": id, "name": name, "content": said, "data": "", "mime_type": "",
        "metadata": metadata, "is_error": false});
    part("tool_result", data)
}

pub(super) fn other(kind: &str, data: Value) -> Value {
    part(kind, data)
}

pub(super) fn codes(session: &Session) -> Vec<&str> {
    session.issues.iter().map(|issue| &*issue.code).collect()
}

pub(super) fn texts(session: &Session) -> Vec<&str> {
    let said = session.events.iter();
    said.filter_map(|event| event.text.as_deref().or(event.output.as_deref()))
        .collect()
}

pub(super) fn tools(session: &Session) -> impl Iterator<Item = &Event> {
    session
        .events
        .iter()
        .filter(|event| event.kind == stead_usf::EventType::ToolCall)
}
