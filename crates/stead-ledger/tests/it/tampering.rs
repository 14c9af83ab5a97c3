//! Whatever is done to a log's records after signing is found, with the record where it begins.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use stead_ledger::Finding;

use super::{NAME, check, line_feeds, log_of};

/// A signed log of so many records, all different, and its lines.
fn signed(folder: &Path, count: usize) -> Vec<Vec<u8>> {
    let lines: Vec<Vec<u8>> = (0..count)
        .map(|number| format!("record {number}").into_bytes())
        .collect();
    log_of(folder, &lines.iter().map(Vec::as_slice).collect::<Vec<_>>());
    lines
}

fn put(folder: &Path, lines: &[Vec<u8>]) {
    let mut bytes = lines.join(&b'\n');
    if !lines.is_empty() {
        bytes.push(b'\n');
    }
    fs::write(folder.join(NAME), bytes).unwrap();
}

fn found(folder: &Path) -> Option<Finding> {
    check(folder).finding
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_turned_bit_is_found(count in 1_usize..12, at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let lines = signed(folder.path(), count);
        let path = folder.path().join(NAME);
        let mut bytes = fs::read(&path).unwrap();
        let bit = at.index(bytes.len() * 8);
        let record = line_feeds(&bytes[..bit / 8]);
        let in_record = bytes[bit / 8] != b'\n';
        bytes[bit / 8] ^= 1 << (bit % 8);
        let breaks = bytes[bit / 8] == b'\n';
        fs::write(&path, &bytes).unwrap();
        match found(folder.path()) {
            // A line feed that goes or comes makes one record of two, or two of one.
            Some(Finding::Changed { record: at } | Finding::Removed { record: at }
                | Finding::Inserted { record: at }) => prop_assert_eq!(at, record),
            other => prop_assert!(false, "{other:?} for bit {bit} of {lines:?}, {in_record}, {breaks}"),
        }
    }

    #[test]
    fn a_removed_record_is_found(count in 1_usize..12, at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = signed(folder.path(), count);
        let at = at.index(count);
        lines.remove(at);
        put(folder.path(), &lines);
        prop_assert_eq!(found(folder.path()), Some(Finding::Removed { record: at as u64 }));
    }

    #[test]
    fn a_record_that_was_put_in_is_found(count in 1_usize..12, at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = signed(folder.path(), count);
        let at = at.index(count + 1);
        lines.insert(at, b"never happened".to_vec());
        put(folder.path(), &lines);
        let record = at as u64;
        let wanted = if at == count {
            Finding::AddedAfterSigning { record, count: 1 }
        } else {
            Finding::Inserted { record }
        };
        prop_assert_eq!(found(folder.path()), Some(wanted));
    }

    #[test]
    fn another_order_is_found(count in 2_usize..12, one in any::<prop::sample::Index>(), by in 1_usize..11) {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = signed(folder.path(), count);
        let one = one.index(count);
        let other = (one + 1 + by % (count - 1)) % count;
        lines.swap(one, other);
        put(folder.path(), &lines);
        let record = one.min(other) as u64;
        prop_assert_eq!(found(folder.path()), Some(Finding::Reordered { record }));
    }

    #[test]
    fn a_log_cut_anywhere_is_found(count in 1_usize..12, at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        signed(folder.path(), count);
        let path = folder.path().join(NAME);
        let bytes = fs::read(&path).unwrap();
        let end = at.index(bytes.len());
        fs::write(&path, &bytes[..end]).unwrap();
        let record = line_feeds(&bytes[..end]);
        prop_assert_eq!(found(folder.path()), Some(Finding::Removed { record }));
    }

    /// Without the leaves a change is still found, only not located.
    #[test]
    fn changed_leaves_hide_nothing(count in 1_usize..12, at in any::<prop::sample::Index>()) {
        let folder = tempfile::tempdir().unwrap();
        let mut lines = signed(folder.path(), count);
        let leaves = folder.path().join("leaves");
        let mut bytes = fs::read(&leaves).unwrap();
        let turned = at.index(bytes.len());
        bytes[turned] ^= 1;
        fs::write(&leaves, bytes).unwrap();
        prop_assert_eq!(check(folder.path()).to_string(), "nothing changed");
        lines[at.index(count)].push(b'!');
        put(folder.path(), &lines);
        prop_assert_eq!(found(folder.path()), Some(Finding::Unlocated { size: count as u64 }));
        fs::remove_file(&leaves).unwrap();
        prop_assert_eq!(found(folder.path()), Some(Finding::Unlocated { size: count as u64 }));
    }
}

#[test]
fn an_unended_line_after_the_log_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let lines = signed(folder.path(), 2);
    let mut bytes = lines.join(&b'\n');
    bytes.extend_from_slice(b"\nmore");
    fs::write(folder.path().join(NAME), &bytes).unwrap();
    let verdict = check(folder.path());
    assert_eq!(
        (verdict.records, verdict.finding),
        (2, Some(Finding::Torn { bytes: 4 }))
    );
    assert_eq!(
        fs::read(folder.path().join(NAME)).unwrap(),
        bytes,
        "verifying wrote"
    );
}

#[test]
fn a_record_twice_is_one_too_many() {
    let folder = tempfile::tempdir().unwrap();
    let mut lines = signed(folder.path(), 4);
    lines.insert(2, lines[1].clone());
    put(folder.path(), &lines);
    assert_eq!(found(folder.path()), Some(Finding::Inserted { record: 2 }));
}
