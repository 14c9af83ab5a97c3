//! Appending, reopening, crashes at every byte, and two writers.

use std::fs;

use stead_ledger::{
    Durability, Ending, Finding, Log, LogError, Seal, Signer, Tree, leaf_hash, verify,
};

use super::{NAME, check, line_feeds, log_of, open, signer};

const RECORDS: [&[u8]; 5] = [
    b"{\"one\":1}",
    b"",
    b"three\r",
    b"\xff\xfe",
    "fünf".as_bytes(),
];

#[test]
fn records_are_lines_as_they_were_given() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, opened) = open(folder.path()).unwrap();
    assert_eq!((opened.records, opened.unsigned, opened.torn), (0, 0, 0));
    assert_eq!(log.append(&RECORDS[..2]).unwrap(), 0);
    assert_eq!(log.append(&RECORDS[2..]).unwrap(), 2);
    assert_eq!(log.size(), 5);
    let mut lines = RECORDS.join(&b'\n');
    lines.push(b'\n');
    assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), lines);
    let note = log.note().to_string();
    assert_eq!(
        fs::read_to_string(folder.path().join("checkpoint")).unwrap(),
        note
    );
    let tree: Tree = RECORDS.iter().map(|record| leaf_hash(record)).collect();
    let root = tree.root(5).unwrap();
    assert!(note.starts_with(&format!("example.com/log\n5\n{root}\n\n— example.com/log ")));
}

#[test]
fn a_record_has_no_line_feed() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = open(folder.path()).unwrap();
    let error = log.append(&[b"fine".as_slice(), b"not\nfine"]).unwrap_err();
    assert!(matches!(error, LogError::LineFeed(1)));
    assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), b"");
}

#[test]
fn a_log_goes_on_where_it_was() {
    let folder = tempfile::tempdir().unwrap();
    for round in 0..20_u64 {
        let (mut log, opened) = open(folder.path()).unwrap();
        assert_eq!(
            (opened.records, opened.unsigned, opened.torn),
            (round, 0, 0)
        );
        assert_eq!(log.append(&[round.to_string()]).unwrap(), round);
    }
    assert_eq!(check(folder.path()).to_string(), "nothing changed");
}

#[test]
fn both_kinds_of_durability_make_the_same_log() {
    let [one, two] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    for (folder, durability) in [(&one, Durability::Process), (&two, Durability::Disk)] {
        let (mut log, _) = Log::open(folder.path(), NAME, signer(), durability).unwrap();
        log.append(&RECORDS).unwrap();
    }
    for name in [NAME, "checkpoint", "leaves"] {
        let [one, two] = [&one, &two].map(|folder| fs::read(folder.path().join(name)).unwrap());
        assert_eq!(one, two);
    }
}

#[test]
fn a_second_writer_is_kept_out() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path()).unwrap();
    assert!(matches!(open(folder.path()), Err(LogError::Busy { .. })));
    assert!(check(folder.path()).being_written);
    drop(first);
    assert!(open(folder.path()).is_ok());
    assert!(!check(folder.path()).being_written);
}

/// A crash may leave any beginning of the records behind the checkpoint of any earlier state.
#[test]
fn a_crash_at_any_byte_loses_nothing_that_was_whole() {
    let signed = tempfile::tempdir().unwrap();
    log_of(signed.path(), &RECORDS[..3]);
    let checkpoint = fs::read(signed.path().join("checkpoint")).unwrap();
    let leaves = fs::read(signed.path().join("leaves")).unwrap();
    let begun = fs::read(signed.path().join(NAME)).unwrap().len();
    log_of(signed.path(), &RECORDS[3..]);
    let whole = fs::read(signed.path().join(NAME)).unwrap();
    let all_leaves = fs::read(signed.path().join("leaves")).unwrap();

    for end in begun..=whole.len() {
        // The leaves are written after the records: none, some, or part of one may be there.
        for leaf_bytes in [leaves.len(), leaves.len() + 7, all_leaves.len()] {
            let folder = tempfile::tempdir().unwrap();
            let put =
                |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
            put("checkpoint", &checkpoint);
            put("checkpoint.new", b"torn as well");
            put("leaves", &all_leaves[..leaf_bytes]);
            put(NAME, &whole[..end]);
            let lines = line_feeds(&whole[..end]);
            let kept = whole[..end]
                .iter()
                .rposition(|byte| *byte == b'\n')
                .unwrap()
                + 1;

            let (mut log, opened) = open(folder.path()).unwrap();
            assert_eq!((opened.records, opened.unsigned), (lines, lines - 3));
            assert_eq!(opened.torn, (end - kept) as u64);
            log.append(&["after the crash"]).unwrap();
            let now = fs::read(folder.path().join(NAME)).unwrap();
            assert_eq!(now, [&whole[..kept], b"after the crash\n"].concat());
            drop(log);
            assert_eq!(check(folder.path()).to_string(), "nothing changed");
        }
    }
}

/// Between the first note and the first record there may be no file yet.
#[test]
fn a_crash_while_a_log_begins_is_survived() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()).unwrap());
    fs::remove_file(folder.path().join(NAME)).unwrap();
    fs::remove_file(folder.path().join("leaves")).unwrap();
    assert_eq!(open(folder.path()).unwrap().1.records, 0);
}

type Change = fn(&mut Vec<u8>);

#[test]
fn a_changed_log_is_not_opened_and_stays_as_it_is() {
    let changes: [(&str, Change); 4] = [
        ("record 1 is not what was signed", |bytes| bytes[4] ^= 1),
        ("records were removed, from record 2 on", |bytes| {
            bytes.truncate(8);
        }),
        // The torn line is a signed one, so it is no accident of a crash.
        ("records were removed, from record 2 on", |bytes| {
            bytes.truncate(11);
        }),
        ("records were removed, from record 0 on", Vec::clear),
    ];
    for (message, change) in changes {
        let folder = tempfile::tempdir().unwrap();
        log_of(folder.path(), &[b"one", b"two", b"three"]);
        let path = folder.path().join(NAME);
        let mut bytes = fs::read(&path).unwrap();
        change(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        let error = open(folder.path()).unwrap_err();
        assert!(error.to_string().contains(message), "{error}");
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn a_log_without_its_checkpoint_or_with_anothers_is_not_opened() {
    let folder = tempfile::tempdir().unwrap();
    log_of(folder.path(), &RECORDS);
    let other = Signer::new("example.com/other", [7; 32]).unwrap();
    let opened = Log::open(folder.path(), NAME, other, Durability::Process);
    assert!(
        opened
            .unwrap_err()
            .to_string()
            .contains("that of `example.com/log`, not of `example.com/other`")
    );
    let stranger = Signer::new("example.com/log", [8; 32]).unwrap();
    let opened = Log::open(folder.path(), NAME, stranger, Durability::Process);
    assert!(matches!(opened, Err(LogError::Checkpoint { .. })));
    fs::remove_file(folder.path().join("checkpoint")).unwrap();
    assert!(matches!(
        open(folder.path()),
        Err(LogError::NoCheckpoint { .. })
    ));
}

#[test]
fn names_that_would_leave_the_folder_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["", "..", "a/b", "/a", "leaves", "checkpoint", "lock"] {
        let opened = Log::open(folder.path(), name, signer(), Durability::Process);
        assert!(matches!(opened, Err(LogError::BadName(_))), "{name}");
    }
}

/// Writing fails as on a full disk: nothing of the batch stays, and the log goes on.
#[cfg(unix)]
#[test]
fn a_failed_append_leaves_no_trace() {
    let folder = tempfile::tempdir().unwrap();
    let (mut log, _) = open(folder.path()).unwrap();
    log.append(&["one"]).unwrap();
    // A folder stands where the new checkpoint is to be written.
    let beside = folder.path().join("checkpoint.new");
    fs::create_dir(&beside).unwrap();
    assert!(log.append(&["two"]).is_err());
    fs::remove_dir(&beside).unwrap();
    drop(log);
    assert_eq!(check(folder.path()).to_string(), "nothing changed");
    let (mut log, opened) = open(folder.path()).unwrap();
    assert_eq!((opened.records, opened.unsigned, opened.torn), (1, 0, 0));
    log.append(&["two"]).unwrap();
    assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), b"one\ntwo\n");
}

#[test]
fn a_seal_shows_that_a_whole_log_was_put_back() {
    let [session, machine, copy] = [(); 3].map(|()| tempfile::tempdir().unwrap());
    log_of(session.path(), &RECORDS[..2]);
    for name in [NAME, "checkpoint", "leaves"] {
        fs::copy(session.path().join(name), copy.path().join(name)).unwrap();
    }
    log_of(session.path(), &RECORDS[2..]);
    let (log, _) = open(session.path()).unwrap();
    let seal = Seal {
        ending: Ending::Interrupted,
        note: log.note().clone(),
    };
    drop(log);
    let machine_key = signer().named("example.com/machine").unwrap();
    let (mut seals, _) =
        Log::open(machine.path(), "seals.jsonl", machine_key, Durability::Disk).unwrap();
    seals.append(&[seal.record().unwrap()]).unwrap();

    let line = fs::read_to_string(machine.path().join("seals.jsonl")).unwrap();
    let read = Seal::parse(line.trim_end().as_bytes()).unwrap();
    assert_eq!(read, seal);
    let keys = [signer().verifier()];
    let sealed = read.checkpoint(&keys).unwrap();
    let see = |folder: &tempfile::TempDir| {
        let sealed = std::slice::from_ref(&sealed);
        verify(folder.path(), NAME, "example.com/log", &keys, sealed)
            .unwrap()
            .finding
    };
    assert_eq!(see(&session), None);
    assert_eq!(see(&copy), Some(Finding::RolledBack { before: 5, now: 2 }));
    // Going on from the old state and signing it does not help.
    log_of(copy.path(), &[b"other", b"things", b"were", b"said"]);
    assert_eq!(see(&copy), Some(Finding::Rewritten { size: 5 }));
    assert!(Seal::parse(b"{}").is_err() && Seal::parse(b"\"x\"").is_err());
}
