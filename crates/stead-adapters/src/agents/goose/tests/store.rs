//! Stores made by hand: a database of any generation of the schema.
#![expect(
    clippy::needless_pass_by_value,
    reason = "what `json!` made is used up"
)]

use fs_err as fs;
use rusqlite::{Connection, params};
use serde_json::{Value, json};
use stead_usf::{Event, Session, validate};

use crate::agents::goose::Goose;
use crate::{Document, Output, Tally, conformance, load};

/// What each generation of the schema brought, by its number.
const MIGRATIONS: [(u32, &[&str]); 12] = [
    (2, &["ALTER TABLE sessions ADD user_recipe_values_json TEXT"]),
    (3, &["ALTER TABLE messages ADD metadata_json TEXT"]),
    (4, &["ALTER TABLE sessions ADD name TEXT DEFAULT ''", "ALTER TABLE sessions ADD user_set_name BOOLEAN DEFAULT 0"]),
    (5, &["ALTER TABLE sessions ADD session_type TEXT NOT NULL DEFAULT 'user'"]),
    (6, &["ALTER TABLE sessions ADD provider_name TEXT", "ALTER TABLE sessions ADD model_config_json TEXT"]),
    (7, &["ALTER TABLE messages ADD message_id TEXT"]),
    (8, &["ALTER TABLE sessions ADD goose_mode TEXT NOT NULL DEFAULT 'auto'"]),
    (
        10,
        &[
            "ALTER TABLE sessions ADD thread_id TEXT",
            "CREATE TABLE threads (id TEXT PRIMARY KEY, name TEXT)",
            "CREATE TABLE thread_messages (id INTEGER PRIMARY KEY AUTOINCREMENT, thread_id TEXT NOT NULL,
               session_id TEXT, message_id TEXT, role TEXT NOT NULL, content_json TEXT NOT NULL,
               created_timestamp INTEGER NOT NULL, metadata_json TEXT DEFAULT '{}')",
        ],
    ),
    (12, &["ALTER TABLE sessions ADD archived_at TIMESTAMP", "ALTER TABLE sessions ADD project_id TEXT"]),
    (13, &["ALTER TABLE sessions ADD accumulated_cost REAL"]),
    (
        15,
        &[
            "ALTER TABLE sessions ADD accumulated_cache_read_tokens INTEGER",
            "ALTER TABLE sessions ADD accumulated_cache_write_tokens INTEGER",
            "ALTER TABLE sessions ADD parent_session_id TEXT",
            "CREATE TABLE usage_ledger (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,
               created_timestamp INTEGER NOT NULL, model TEXT, input_tokens INTEGER, output_tokens INTEGER,
               total_tokens INTEGER, cache_read_tokens INTEGER, cache_write_tokens INTEGER, cost REAL,
               cost_source TEXT, is_compaction INTEGER DEFAULT 0)",
        ],
    ),
    (17, &["ALTER TABLE sessions ADD parent_delegation TEXT"]),
];

/// A home folder with a database.
pub(super) struct Store {
    pub(super) home: tempfile::TempDir,
    pub(super) database: Connection,
    schema: u32,
    clock: i64,
}

impl Store {
    /// The newest schema, with a session `s`.
    pub(super) fn new() -> Self {
        let store = Self::of(17);
        store.session("s");
        store
    }

    /// An empty database of this generation.
    pub(super) fn of(schema: u32) -> Self {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join(".local/share/goose/sessions");
        fs::create_dir_all(&folder).unwrap();
        let database = Connection::open(folder.join("sessions.db")).unwrap();
        database
            .execute_batch(
                "CREATE TABLE schema_version (version INTEGER PRIMARY KEY);
                 CREATE TABLE sessions (id TEXT PRIMARY KEY, description TEXT NOT NULL DEFAULT '',
                   working_dir TEXT NOT NULL, created_at TIMESTAMP, updated_at TIMESTAMP,
                   extension_data TEXT DEFAULT '{}', total_tokens INTEGER, input_tokens INTEGER,
                   output_tokens INTEGER, accumulated_total_tokens INTEGER,
                   accumulated_input_tokens INTEGER, accumulated_output_tokens INTEGER,
                   schedule_id TEXT, recipe_json TEXT);
                 CREATE TABLE messages (id INTEGER PRIMARY KEY AUTOINCREMENT, session_id TEXT NOT NULL,
                   role TEXT NOT NULL, content_json TEXT NOT NULL, created_timestamp INTEGER NOT NULL,
                   timestamp TIMESTAMP, tokens INTEGER);",
            )
            .unwrap();
        for (version, statements) in MIGRATIONS {
            for statement in statements.iter().filter(|_| version <= schema) {
                database.execute_batch(statement).unwrap();
            }
        }
        Self {
            home,
            database,
            schema,
            clock: 1_795_000_000,
        }
    }

    pub(super) fn run(&self, sql: &str) {
        self.database.execute_batch(sql).unwrap();
    }

    pub(super) fn session(&self, id: &str) {
        let name = if self.schema < 4 {
            "description"
        } else {
            "name"
        };
        let sql = format!(
            "INSERT INTO sessions (id, {name}, working_dir, created_at, updated_at)
             VALUES (?1, 'Title', '/w', '2026-11-18 05:46:40', '2026-11-18 05:46:41')"
        );
        self.database.execute(&sql, [id]).unwrap();
    }

    /// Adds a message of the session `s`, a second after the one before.
    pub(super) fn message(&mut self, role: &str, content: Value) {
        self.message_with(role, content, json!({}));
    }

    pub(super) fn message_with(&mut self, role: &str, content: Value, metadata: Value) {
        self.clock += 1;
        self.put(
            "s",
            &format!("m{}", self.clock % 1000),
            role,
            &content,
            &metadata,
        );
    }

    pub(super) fn put(
        &self,
        session: &str,
        id: &str,
        role: &str,
        content: &Value,
        metadata: &Value,
    ) {
        let (content, metadata) = (content.to_string(), metadata.to_string());
        let sql = "INSERT INTO messages (session_id, role, content_json, created_timestamp) VALUES (?1, ?2, ?3, ?4)";
        let values = params![session, role, content, self.clock];
        self.database.execute(sql, values).unwrap();
        let row = self.database.last_insert_rowid();
        for (since, column, value) in [
            (3, "metadata_json", metadata),
            (7, "message_id", id.to_owned()),
        ] {
            if self.schema >= since {
                let sql = format!("UPDATE messages SET {column} = ?1 WHERE id = ?2");
                self.database.execute(&sql, params![value, row]).unwrap();
            }
        }
    }

    pub(super) fn user(&mut self, said: &str) {
        self.message("user", json!([text(said)]));
    }

    pub(super) fn assistant(&mut self, said: &str) {
        self.message("assistant", json!([text(said)]));
    }

    /// Reads the only session, which is valid USF whatever is in it.
    pub(super) fn read(&self) -> Session {
        let mut sessions = self.read_all();
        assert_eq!(sessions.len(), 1);
        sessions.remove(0)
    }

    pub(super) fn read_all(&self) -> Vec<Session> {
        let units = conformance::discover(&Goose, self.home.path());
        let mut sessions = Vec::new();
        for unit in units {
            let (read, tally, _) = load(&Goose, &unit).unwrap();
            check_tally(&tally);
            sessions.extend(read);
        }
        for session in &sessions {
            assert_eq!(validate(session), [], "{session:#?}");
        }
        sessions
    }

    /// Issues that belong to no session.
    pub(super) fn unplaced(&self) -> Vec<String> {
        let unit = conformance::discover(&Goose, self.home.path()).remove(0);
        let mut document = Document::default();
        let mut output = Output::new(&mut document);
        crate::Adapter::read(&Goose, &unit, None, &mut output).unwrap();
        let issues = output.take_unplaced();
        issues.into_iter().map(|issue| issue.message).collect()
    }
}

fn check_tally(tally: &Tally) {
    let ignored: u64 = tally.ignored.values().sum();
    assert_eq!(tally.records, tally.mapped + ignored + tally.reported);
}

pub(super) fn text(said: &str) -> Value {
    json!({"type": "text", "text": said})
}

pub(super) fn request(id: &str, name: &str, arguments: Value) -> Value {
    let value = json!({"name": name, "arguments": arguments});
    json!({"type": "toolRequest", "id": id, "toolCall": {"status": "success", "value": value}})
}

pub(super) fn response(id: &str, said: &str) -> Value {
    let value = json!({"content": [text(said)], "isError": false});
    json!({"type": "toolResponse", "id": id, "toolResult": {"status": "success", "value": value}})
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
    session.events.iter().filter(|event| event.tool.is_some())
}
