//! What went in comes out, and what is forgotten is gone.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Archive, ArchiveWriter};

fn put(folder: &Path, unit: &str, append: bool, parts: &[(&str, u64, &[u8])]) {
    let writer = ArchiveWriter::new(Archive::open(folder).unwrap()).unwrap();
    let mut recorder = writer.unit(append);
    for (name, offset, bytes) in parts {
        recorder.raw(name, *offset, bytes).unwrap();
    }
    recorder.finish(unit, "demo").unwrap();
}

fn get(folder: &Path, unit: &str) -> Vec<(String, Vec<u8>)> {
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let archive = Archive::open(folder).unwrap();
    archive
        .restore(unit, &mut |name, offset, bytes| {
            let file = files.entry(name.to_owned()).or_default();
            file.truncate(offset as usize);
            file.extend_from_slice(bytes);
            Ok(())
        })
        .unwrap();
    files.into_iter().collect()
}

/// Bytes that do not compress away, different for every seed.
fn noise(seed: u8, length: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    blake3::Hasher::new().update(&[seed]).finalize_xof().fill({
        bytes.resize(length, 0);
        &mut bytes
    });
    bytes
}

#[test]
fn files_grow_shrink_and_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let all = noise(1, 3_000_000);
    put(
        folder.path(),
        "u",
        false,
        &[("a", 0, &all[..10]), ("a", 10, &all[10..2_500_000])],
    );
    assert_eq!(
        get(folder.path(), "u"),
        [("a".into(), all[..2_500_000].to_vec())]
    );
    // Reading goes on a little before the end: the last line was not complete.
    put(
        folder.path(),
        "u",
        true,
        &[("a", 2_499_990, &all[2_499_990..])],
    );
    assert_eq!(get(folder.path(), "u"), [("a".into(), all.clone())]);
    // The agent cuts the file: what was seen stays.
    put(folder.path(), "u", false, &[("a", 0, &all[..1000])]);
    assert_eq!(get(folder.path(), "u"), [("a".into(), all.clone())]);
    // It is rewritten and longer: that counts.
    let other = noise(2, 3_000_100);
    put(
        folder.path(),
        "u",
        false,
        &[("a", 0, &other), ("b", 0, b"side")],
    );
    assert_eq!(
        get(folder.path(), "u"),
        [("a".into(), other), ("b".into(), b"side".to_vec())]
    );
    assert!(get(folder.path(), "other").is_empty());
}

#[test]
fn equal_content_is_stored_once() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = noise(3, 2 << 20);
    put(folder.path(), "u", false, &[("a", 0, &bytes)]);
    let once = Archive::open(folder.path()).unwrap().size().unwrap();
    put(folder.path(), "v", false, &[("b", 0, &bytes)]);
    assert_eq!(Archive::open(folder.path()).unwrap().size().unwrap(), once);
    assert_eq!(once.1, 2 << 20);
}

#[test]
fn forgotten_bytes_are_not_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let (secret, kept) = (noise(4, 50_000), noise(5, 50_000));
    put(folder.path(), "u", false, &[("a", 0, &secret)]);
    put(folder.path(), "v", false, &[("b", 0, &kept)]);
    let mut archive = Archive::open(folder.path()).unwrap();
    archive.forget("demo:1", "u", &|_| true).unwrap();
    assert_eq!(
        archive.forgotten().unwrap().len(),
        2,
        "the session and its file"
    );
    drop(archive);
    // Nor does it come back when the agent's file is read again.
    put(folder.path(), "u", false, &[("a", 0, &secret)]);
    assert!(get(folder.path(), "u").is_empty());
    assert_eq!(get(folder.path(), "v"), [("b".into(), kept)]);
    for entry in std::fs::read_dir(folder.path().join("packs")).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        // Noise is stored as it is, so it would be seen.
        assert!(memchr::memmem::find(&bytes, &secret[1000..1100]).is_none());
    }
}

#[test]
fn damage_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "u", false, &[("a", 0, &noise(6, 5000))]);
    let pack = folder.path().join("packs/1.pack");
    let mut bytes = std::fs::read(&pack).unwrap();
    bytes[2500] ^= 1;
    std::fs::write(&pack, bytes).unwrap();
    let archive = Archive::open(folder.path()).unwrap();
    assert!(archive.restore("u", &mut |_, _, _| Ok(())).is_err());
}

#[cfg(unix)]
#[test]
fn nobody_else_can_look_in() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let archive = folder.path().join("archive");
    put(&archive, "u", false, &[("a", 0, b"x")]);
    assert_eq!(
        archive.metadata().unwrap().permissions().mode() & 0o777,
        0o700
    );
}
