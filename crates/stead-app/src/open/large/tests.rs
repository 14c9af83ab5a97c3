use std::io;
use std::sync::atomic::{AtomicU32, Ordering};

use stead_adapters::{
    Adapter, AdapterInfo, Amendment, Checkpoint, DiscoverError, Disk, Env, FileState, Output,
    ReadError, Store, Unit, adapters,
};
use stead_usf::{Event, EventType, Inactive, Session};

use super::super::Pass;
use super::hand_out;
use crate::AppError;
use crate::export::SessionWriter;

/// Which readings end with the store changed, by number from 0.
type Unrest = fn(u32) -> bool;

/// Reads a session of two events whose first is rewound by what comes later. The
/// store is found changed at the end of some readings.
struct Busy {
    unstable: Unrest,
    readings: AtomicU32,
}

impl Adapter for Busy {
    fn info(&self) -> &'static AdapterInfo {
        adapters()[0].info()
    }

    fn stores(&self, _: &Env, _: &Disk) -> Vec<Store> {
        Vec::new()
    }

    fn discover(&self, _: &Env, _: &Disk, _: &mut dyn FnMut(Unit)) -> Result<(), DiscoverError> {
        Ok(())
    }

    fn read(
        &self,
        unit: &Unit,
        _: Option<&Checkpoint>,
        output: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        let reading = self.readings.fetch_add(1, Ordering::Relaxed);
        let slot = output.begin(Session::new(unit.agent.clone(), "1"), false);
        for (id, text) in [("a", "rewound"), ("b", "stays")] {
            let mut event = Event::new(id, EventType::User);
            event.text = Some(format!("{text} in reading {reading}"));
            output.event(slot, event);
        }
        output.amend(slot, "a", &Amendment::Inactive(Some(Inactive::Rewound)));
        if (self.unstable)(reading) {
            return Err(ReadError::Unstable {
                path: unit.path.clone(),
            });
        }
        Ok(Checkpoint {
            version: 1,
            position: stead_adapters::Position::Whole,
            state: None,
            sessions: Vec::new(),
        })
    }
}

/// Writes down what it is handed.
#[derive(Default)]
struct Notes(Vec<String>);

impl SessionWriter for Notes {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        self.0.push(header.native_id.clone());
        Ok(())
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        let state = if event.inactive.is_some() { "-" } else { "+" };
        let text = event.text.as_deref().unwrap_or_default();
        self.0.push(format!("{state} {text}"));
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.push("end".into());
        Ok(())
    }
}

/// What is handed out of a file with this content.
fn handed_out(content: &[u8], unstable: Unrest, native: &str) -> (Result<bool, AppError>, String) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("store");
    fs_err::write(&path, content).unwrap();
    let metadata = fs_err::metadata(&path).unwrap();
    let agent = adapters()[0].info().id.clone();
    let state = FileState::from(&metadata);
    let unit = Unit::of_file(agent, path, &state);
    let adapter = Busy {
        unstable,
        readings: AtomicU32::new(0),
    };
    let mut pass = Pass {
        native: native.to_owned(),
        archived: false,
        prefix: None,
        redactor: None,
    };
    let mut notes = Notes::default();
    let outcome = hand_out(&adapter, &unit, &mut pass, &mut notes);
    (outcome, notes.0.join("\n"))
}

#[test]
fn a_database_that_changes_is_read_again_and_handed_out_once() {
    let database = b"SQLite format 3\0 and so on";
    let cases: [(Unrest, u32); 5] = [
        (|_| false, 1),
        (|reading| reading == 0, 2),
        (|reading| reading == 1, 3),
        (|reading| [0, 2].contains(&reading), 4),
        (|reading| [1, 3, 5].contains(&reading), 7),
    ];
    for (unstable, last) in cases {
        let (outcome, notes) = handed_out(database, unstable, "1");
        assert!(outcome.unwrap());
        let expected = format!("1\n- rewound in reading {last}\n+ stays in reading {last}\nend");
        assert_eq!(notes, expected);
    }
}

#[test]
fn a_database_that_never_rests_is_told_and_nothing_is_handed_out() {
    let (outcome, notes) = handed_out(b"SQLite format 3\0", |reading| reading % 2 == 1, "1");
    let error = outcome.unwrap_err();
    assert!(
        matches!(error, AppError::Read(ReadError::Unstable { .. })),
        "{error}"
    );
    assert_eq!(notes, "");
}

#[test]
fn other_files_are_handed_out_as_they_are_read() {
    let (outcome, notes) = handed_out(b"{}\n", |_| false, "1");
    assert!(outcome.unwrap());
    assert_eq!(
        notes,
        "1\n- rewound in reading 1\n+ stays in reading 1\nend"
    );
    let (outcome, notes) = handed_out(b"{}\n", |_| false, "another");
    assert!(!outcome.unwrap());
    assert_eq!(notes, "");
}
