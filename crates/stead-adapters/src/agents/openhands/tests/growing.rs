//! Conversations that grow while they are read: going on gives what reading at
//! once gives.

use std::path::Path;

use super::testdata;
use crate::agents::openhands::OpenHands;
use crate::{Adapter, Checkpoint, Disk, Document, Env, Output, ReadError, Unit, conformance, load};

fn unit(home: &Path, id: &str) -> Unit {
    let units = conformance::discover(&OpenHands, home);
    let unit = units.into_iter().find(|unit| unit.path.ends_with(id));
    unit.unwrap()
}

/// Reads on; whether that was possible.
fn go_on(unit: &Unit, earlier: Vec<stead_usf::Session>, since: &Checkpoint) -> Option<String> {
    let json = serde_json::to_string(since).unwrap();
    let since: Checkpoint = serde_json::from_str(&json).unwrap();
    let mut document = Document::with_earlier(earlier);
    let mut output = Output::new(&mut document);
    match OpenHands.read(unit, Some(&since), &mut output) {
        Ok(_) => {
            output.end_all();
            Some(serde_json::to_string_pretty(&document.sessions).unwrap())
        }
        Err(ReadError::Rewritten { .. }) => None,
        Err(error) => panic!("{error}"),
    }
}

/// Takes the last events away, reads, puts them back one by one, reading on each
/// time. Returns how often it could go on.
fn check(case: &str, id: &str, last: usize) -> usize {
    let home = conformance::unpack(&testdata(case).join("home"));
    let events = unit(home.path(), id).path.join("events");
    let mut files: Vec<_> = fs_err::read_dir(&events)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "json"))
        .collect();
    files.sort();
    let taken: Vec<_> = files.split_off(files.len() - last);
    let taken: Vec<_> = taken
        .into_iter()
        .map(|path| {
            (
                fs_err::read(&path).unwrap(),
                fs_err::remove_file(&path),
                path,
            )
        })
        .collect();
    let mut went_on = 0;
    for (bytes, _, path) in taken {
        let (earlier, _, checkpoint) = load(&OpenHands, &unit(home.path(), id)).unwrap();
        fs_err::write(&path, bytes).unwrap();
        let grown = unit(home.path(), id);
        let at_once = load(&OpenHands, &grown).unwrap().0;
        let at_once = serde_json::to_string_pretty(&at_once).unwrap();
        if let Some(found) = go_on(&grown, earlier, &checkpoint) {
            assert_eq!(found, at_once, "{}", path.display());
            went_on += 1;
        }
    }
    went_on
}

#[test]
fn going_on_gives_what_reading_at_once_gives() {
    // The state knows all tokens from the beginning here, so those of replies that
    // have not come are no longer missing when they come: that is read anew.
    let id = "2a9b0b28325d4746b37e2f702b8b7683";
    assert!(check("server-1.58.0", id, 20) >= 1);
    check("server-1.58.0", "f3c0915399d84a5ab4bec0228daf06ec", 30);
    check("server-1.58.0", "fad1fd86f408426b8d6112780bc32edb", 12);
    check("server-1.7.0", "9aa62afac0f940309857051113969734", 20);
    check("cli-1.16.0", "c08c2b2a4a2a4000938136d566692335", 12);
    // Killed before anything was saved: each event only adds.
    assert_eq!(
        check("cli-1.16.0", "09bf5a4e4b9f4ee7920661f28c27d0df", 2),
        2
    );
}

#[test]
fn a_change_of_what_was_read_is_noticed() {
    let id = "09bf5a4e4b9f4ee7920661f28c27d0df";
    let changes: [fn(&Path); 3] = [
        |unit| {
            let events = unit.join("events");
            let one = fs_err::read_dir(&events)
                .unwrap()
                .next()
                .unwrap()
                .unwrap()
                .path();
            fs_err::rename(&one, events.join("event-00009-aaaaaaaa.json")).unwrap();
        },
        |unit| {
            // An answer's tokens come to be known after it.
            let state = unit.join("base_state.json");
            let json = fs_err::read_to_string(&state).unwrap();
            let known = r#""token_usages": [{"response_id": "chatcmpl-c24675d4f14346fc9a4755d3", "prompt_tokens": 5, "completion_tokens": 1}]"#;
            let changed = json.replace(r#""token_usages": []"#, known);
            let changed = changed.replace(r#""token_usages":[]"#, known);
            assert_ne!(changed, json);
            fs_err::write(state, changed).unwrap();
        },
        |unit| {
            let state = unit.join("base_state.json");
            let json = fs_err::read_to_string(&state).unwrap();
            let back = r#"{"leaf_event_id": "21f66924-3ac8-47e9-92bc-98e13e12f67f","#;
            fs_err::write(state, json.replacen('{', back, 1)).unwrap();
        },
    ];
    for (number, change) in changes.iter().enumerate() {
        let home = conformance::unpack(&testdata("cli-1.16.0/home"));
        let before = unit(home.path(), id);
        let (earlier, _, checkpoint) = load(&OpenHands, &before).unwrap();
        change(&before.path);
        let found = go_on(&unit(home.path(), id), earlier, &checkpoint);
        assert_eq!(found, None, "change {number}");
    }
}

#[test]
fn a_checkpoint_of_another_version_is_not_taken() {
    let home = conformance::unpack(&testdata("cli-1.16.0/home"));
    let unit = unit(home.path(), "09bf5a4e4b9f4ee7920661f28c27d0df");
    let (earlier, _, mut checkpoint) = load(&OpenHands, &unit).unwrap();
    assert!(go_on(&unit, earlier.clone(), &checkpoint).is_some());
    checkpoint.version += 1;
    assert!(go_on(&unit, earlier, &checkpoint).is_none());
}

#[test]
fn a_store_is_found_once_whatever_way_leads_to_it() {
    let home = conformance::unpack(&testdata("cli-1.16.0/home"));
    let store = home.path().join(".openhands");
    let talks = store.join("conversations");
    let one = talks.join("09bf5a4e4b9f4ee7920661f28c27d0df");
    let count = |env: Env| {
        let mut units = 0;
        OpenHands
            .discover(&env, &Disk::default(), &mut |_| units += 1)
            .unwrap();
        units
    };
    let nowhere = Env::empty(crate::Os::Linux);
    for root in [home.path(), &store, &talks] {
        assert_eq!(
            count(nowhere.clone().with_root(root)),
            3,
            "{}",
            root.display()
        );
    }
    assert_eq!(count(nowhere.clone().with_root(&one)), 1);
    for (variable, place) in [
        ("OPENHANDS_PERSISTENCE_DIR", &store),
        ("OPENHANDS_CONVERSATIONS_DIR", &talks),
        ("OH_CONVERSATIONS_PATH", &talks),
    ] {
        assert_eq!(count(nowhere.clone().with_variable(variable, place)), 3);
    }
    let ways = Env::at_home(home.path())
        .with_root(&talks)
        .with_root(home.path())
        .with_root(&one);
    assert_eq!(count(ways), 3);

    let old = conformance::unpack(&testdata("v0.62.0/home"));
    let store = old.path().join(".openhands");
    assert_eq!(
        count(nowhere.clone().with_variable("FILE_STORE_PATH", &store)),
        3
    );
    let exports = old.path().join("trajectories");
    for place in [exports.clone(), exports.join("one-1.json")] {
        let found = count(
            nowhere
                .clone()
                .with_variable("SAVE_TRAJECTORY_PATH", &place),
        );
        assert_eq!(found, if place == exports { 2 } else { 1 });
    }
    assert_eq!(count(nowhere.with_root(exports)), 2);
}
