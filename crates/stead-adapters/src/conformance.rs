//! The laws of `docs/specs/adapter.md`, run on every adapter.
//!
//! An adapter's tests call [`check`] with its fixtures: folders that look like
//! a home directory, with files as a real agent left them. Files ending in
//! `.zst` are unpacked on the way.
#![expect(
    clippy::missing_panics_doc,
    reason = "a broken law is reported by a panic"
)]

mod discovery;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use fs_err as fs;
use stead_usf::{Event, Session};

use crate::{
    Adapter, Checkpoint, Disk, Document, Env, Os, Output, ReadError, Sink, Slot, Tally, Unit, load,
};

/// Checks all laws on one fixture folder.
pub fn check(adapter: &dyn Adapter, fixture: &Path) {
    let home = unpack(fixture);
    let home = home.path();
    let before = hash_tree(home);
    let units = discover(adapter, home);
    assert!(
        !units.is_empty(),
        "A10: nothing found in {}",
        fixture.display()
    );
    for unit in &units {
        whole(adapter, unit);
    }
    archived(adapter, home, &units);
    discovery::check(adapter, fixture);
    assert_eq!(before, hash_tree(home), "A5: the store was changed");
    for unit in &units {
        for file in files_of(unit) {
            damaged(adapter, unit, &file);
            if file
                .extension()
                .is_some_and(|extension| extension == "jsonl")
            {
                split(adapter, unit, &file);
                extended(adapter, unit, &file);
            }
        }
    }
}

/// A10: nothing is found where nothing is.
pub fn check_empty(adapter: &dyn Adapter) {
    let empty = tempfile::tempdir().expect("a temporary folder");
    for env in [
        Env::empty(Os::Linux),
        Env::at_home(empty.path()),
        Env::at_home(empty.path().join("missing")),
    ] {
        let mut found = 0;
        adapter
            .discover(&env, &Disk::default(), &mut |_| found += 1)
            .expect("an empty home is no error");
        assert_eq!(found, 0);
        assert!(
            adapter
                .stores(&env, &Disk::default())
                .iter()
                .all(|store| !store.exists)
        );
    }
}

/// A machine with this home folder, in all of whose folders somebody has worked.
pub fn env_of(home: &Path) -> Env {
    let mut folders: BTreeSet<PathBuf> = BTreeSet::new();
    for file in walk(home) {
        let below = file.ancestors().skip(1);
        folders.extend(
            below
                .take_while(|above| above.starts_with(home))
                .map(PathBuf::from),
        );
    }
    let mut env = Env::at_home(home);
    env.projects = folders.into_iter().collect();
    env
}

/// The units of a home folder.
pub fn discover(adapter: &dyn Adapter, home: &Path) -> Vec<Unit> {
    let mut units = Vec::new();
    adapter
        .discover(&env_of(home), &Disk::default(), &mut |unit| {
            units.push(unit);
        })
        .expect("discovery works");
    units.sort_by_key(Unit::key);
    units
}

/// Every session of a home folder, by native id.
pub fn sessions(adapter: &dyn Adapter, home: &Path) -> BTreeMap<String, Session> {
    let units = discover(adapter, home);
    let loaded = units
        .iter()
        .flat_map(|unit| load(adapter, unit).expect("readable").0);
    loaded
        .map(|session| (session.native_id.clone(), session))
        .collect()
}

/// Copies a fixture to a temporary folder, unpacking `.zst` files.
pub fn unpack(fixture: &Path) -> tempfile::TempDir {
    let target = tempfile::tempdir().expect("a temporary folder");
    for file in walk(fixture) {
        let relative = file.strip_prefix(fixture).expect("below the fixture");
        let mut to = target.path().join(relative);
        fs::create_dir_all(to.parent().expect("has a parent")).expect("created");
        let mut bytes = fs::read(&file).expect("read");
        if to.extension().is_some_and(|extension| extension == "zst") {
            to.set_extension("");
            bytes = zstd::decode_all(bytes.as_slice()).expect("a zstd file");
        }
        fs::write(to, bytes).expect("written");
    }
    target
}

/// A2, A4, A6, A7: what a reading at once must keep.
fn whole(adapter: &dyn Adapter, unit: &Unit) {
    let (sessions, tally, _) = load(adapter, unit).unwrap_or_else(|e| panic!("{unit:?}: {e}"));
    let again = load(adapter, unit).expect("readable twice");
    assert_eq!(
        json(&sessions),
        json(&again.0),
        "A2: not deterministic: {unit:?}"
    );
    check_tally(&tally, unit);
    let rules: BTreeSet<_> = adapter
        .info()
        .ignored
        .iter()
        .map(|(rule, _)| *rule)
        .collect();
    for rule in tally.ignored.keys() {
        assert!(
            rules.contains(rule) || *rule == "nul-padding",
            "A4: rule `{rule}` is not declared"
        );
    }
    for session in &sessions {
        let violations = stead_usf::validate(session);
        assert!(violations.is_empty(), "A6: {}: {violations:#?}", session.id);
    }
    let raw = Raw::of(adapter, unit).text();
    for event in sessions.iter().flat_map(|session| &session.events) {
        let Some(at) = event.at else { continue };
        let millis = at.as_millis();
        let text = at.to_string();
        let known = raw.contains(&millis.to_string())
            || raw.contains(
                text.trim_end_matches('Z')
                    .trim_end_matches('0')
                    .trim_end_matches('.'),
            )
            || raw.contains(&(millis / 1000).to_string());
        assert!(known, "A7: time {at} of {} is not in the store", event.id);
    }
}

fn check_tally(tally: &Tally, unit: &Unit) {
    let ignored: u64 = tally.ignored.values().sum();
    assert_eq!(
        tally.records,
        tally.mapped + ignored + tally.reported,
        "A4: {unit:?}: {tally:?}"
    );
    assert!(
        tally.records > 0 || unit.bytes == 0,
        "A4: no record framed in {unit:?}"
    );
}

/// A13: what the archive is given reads back as the same sessions. All units
/// are restored first: what a session was copied from may lie in another one.
fn archived(adapter: &dyn Adapter, home: &Path, units: &[Unit]) {
    let restored = tempfile::tempdir().expect("a temporary folder");
    let mut original = Vec::new();
    for unit in units {
        for (name, bytes) in Raw::of(adapter, unit).0 {
            let relative = Path::new(&name)
                .strip_prefix(home)
                .expect("raw names are paths in the store");
            let to = restored.path().join(relative);
            fs::create_dir_all(to.parent().expect("has a parent")).expect("created");
            fs::write(to, bytes).expect("written");
        }
        original.extend(load(adapter, unit).expect("readable").0);
    }
    let mut copies = Vec::new();
    for unit in discover(adapter, restored.path()) {
        copies.extend(load(adapter, &unit).expect("readable").0);
    }
    // Agents that keep sessions where they work say by the place where that was, or
    // their rows name it as it was.
    let strip = |sessions: Vec<Session>| -> BTreeMap<String, String> {
        let one = |mut session: Session| {
            for home in [home, restored.path()] {
                if let Some(cwd) = &mut session.cwd
                    && let Ok(below) = Path::new(cwd.as_str()).strip_prefix(home)
                {
                    *cwd = format!("HOME/{}", below.display());
                }
            }
            session
                .events
                .iter_mut()
                .for_each(|event| event.source = None);
            session
                .issues
                .iter_mut()
                .for_each(|issue| issue.source = None);
            (session.native_id.clone(), json(&[session]))
        };
        sessions.into_iter().map(one).collect()
    };
    let (original, copies) = (strip(original), strip(copies));
    for (id, session) in original {
        assert_eq!(
            copies.get(&id),
            Some(&session),
            "A13: {id} reads back differently"
        );
    }
}

/// A1: damage never panics or hangs, and the tally still adds up.
fn damaged(adapter: &dyn Adapter, unit: &Unit, file: &Path) {
    let bytes = fs::read(file).expect("read");
    let try_with = |bytes: &[u8]| {
        fs::write(file, bytes).expect("written");
        if let Ok((sessions, tally, _)) = load(adapter, unit) {
            check_tally_loosely(&tally, unit);
            for session in &sessions {
                let violations = stead_usf::validate(session);
                assert!(
                    violations.is_empty(),
                    "A6 on damage: {}: {violations:#?}",
                    session.id
                );
            }
        }
    };
    for cut in cuts(&bytes, 30) {
        try_with(&bytes[..cut]);
    }
    let mut random = Random(bytes.len() as u64 + 1);
    for _ in 0..30 {
        let mut flipped = bytes.clone();
        for _ in 0..=random.below(4) {
            let place = random.below(flipped.len().max(1));
            if let Some(byte) = flipped.get_mut(place) {
                *byte ^= 1 << random.below(8);
            }
        }
        try_with(&flipped);
    }
    fs::write(file, bytes).expect("written");
}

fn check_tally_loosely(tally: &Tally, unit: &Unit) {
    let ignored: u64 = tally.ignored.values().sum();
    assert_eq!(
        tally.records,
        tally.mapped + ignored + tally.reported,
        "A4: {unit:?}: {tally:?}"
    );
}

/// A3: reading in two steps equals reading at once.
fn split(adapter: &dyn Adapter, unit: &Unit, file: &Path) {
    let bytes = fs::read(file).expect("read");
    let at_once = json(&load(adapter, unit).expect("readable").0);
    for cut in cuts(&bytes, 40) {
        fs::write(file, &bytes[..cut]).expect("written");
        let first = load(adapter, unit);
        // Appending in place, as a live agent does.
        fs::write(file, &bytes).expect("written");
        let Ok((earlier, _, checkpoint)) = first else {
            continue;
        };
        let stored = serde_json::to_string(&checkpoint).expect("checkpoints serialise");
        let checkpoint: Checkpoint = serde_json::from_str(&stored).expect("and read back");
        let mut document = Document::with_earlier(earlier);
        let mut output = Output::new(&mut document);
        let sessions = match adapter.read(unit, Some(&checkpoint), &mut output) {
            Ok(_) => {
                output.end_all();
                document.sessions
            }
            Err(ReadError::Rewritten { .. }) => load(adapter, unit).expect("readable").0,
            Err(error) => panic!("A3: {error}"),
        };
        let difference = difference(&json(&sessions), &at_once);
        assert!(
            difference.is_none(),
            "A3: {} cut at byte {cut}: {}",
            file.display(),
            difference.unwrap_or_default()
        );
    }
}

/// A8: unknown fields and records are found again.
fn extended(adapter: &dyn Adapter, unit: &Unit, file: &Path) {
    let text = fs::read(file).expect("read");
    let lines: Vec<_> = String::from_utf8_lossy(&text)
        .lines()
        .map(str::to_owned)
        .collect();
    let mut changed: Vec<String> = lines
        .iter()
        .map(|line| match line.strip_prefix('{') {
            Some(rest) if !rest.starts_with('}') => format!("{{\"zzField\":[7,{{\"x\":1}}],{rest}"),
            _ => line.clone(),
        })
        .collect();
    changed.push("{\"type\":\"zz-record\",\"zzOther\":1}".into());
    fs::write(file, changed.join("\n") + "\n").expect("written");
    let (sessions, tally, _) = load(adapter, unit).expect("readable");
    fs::write(file, &text).expect("written");
    check_tally(&tally, unit);
    if tally.mapped + tally.reported == 0 {
        return; // a rule leaves the whole file out
    }
    let name = file.to_string_lossy();
    let mut by_line: BTreeMap<u64, bool> = BTreeMap::new();
    for event in sessions.iter().flat_map(|session| &session.events) {
        let Some(source) = event.source.as_ref().filter(|source| *source.file == *name) else {
            continue;
        };
        let kept = event
            .extra
            .as_ref()
            .is_some_and(|extra| extra.json().contains("zzField"));
        *by_line.entry(source.line.unwrap_or(0)).or_default() |= kept;
    }
    by_line.remove(&(changed.len() as u64));
    let lost: Vec<_> = by_line
        .iter()
        .filter(|(_, kept)| !**kept)
        .map(|(line, _)| line)
        .collect();
    assert!(
        lost.is_empty(),
        "A8: unknown field lost in {name}, lines {lost:?}"
    );
    let all = json(&sessions);
    assert!(
        all.contains("zzOther") || all.contains("zz-record"),
        "A8: unknown record lost in {name}"
    );
}

/// Places to cut: record boundaries, one byte before and after, evenly spread.
fn cuts(bytes: &[u8], most: usize) -> Vec<usize> {
    let mut cuts: BTreeSet<usize> = [0, bytes.len() / 2, bytes.len().saturating_sub(1)].into();
    let ends: Vec<_> = memchr::memchr_iter(b'\n', bytes).collect();
    let step = (ends.len() * 3 / most).max(1);
    for end in ends.iter().step_by(step) {
        cuts.extend([*end, end + 1, (end + 2).min(bytes.len())]);
    }
    if ends.len() < 4 {
        cuts.extend((0..most).map(|i| bytes.len() * i / most));
    }
    cuts.into_iter().collect()
}

/// The bytes of a unit as the archive gets them.
struct Raw(BTreeMap<String, Vec<u8>>);

impl Raw {
    fn of(adapter: &dyn Adapter, unit: &Unit) -> Self {
        let mut raw = Self(BTreeMap::new());
        adapter
            .read(unit, None, &mut Output::new(&mut raw))
            .expect("readable");
        raw
    }

    fn text(&self) -> String {
        self.0
            .values()
            .map(|bytes| String::from_utf8_lossy(bytes))
            .collect()
    }
}

impl Sink for Raw {
    fn event(&mut self, _: Slot, _: Event) {}
    fn end(&mut self, _: Slot, _: Session) {}

    fn raw(&mut self, name: &str, offset: u64, bytes: &[u8]) {
        let file = self.0.entry(name.to_owned()).or_default();
        assert!(offset <= file.len() as u64, "a hole in {name}");
        file.truncate(offset as usize);
        file.extend_from_slice(bytes);
    }
}

fn files_of(unit: &Unit) -> Vec<PathBuf> {
    let mut files = vec![
        unit.path.clone(),
        crate::container::sqlite::beside(&unit.path, "-wal"),
    ];
    files.extend(unit.parts.iter().cloned());
    files.retain(|file| file.is_file());
    files
}

fn json(sessions: &[Session]) -> String {
    serde_json::to_string_pretty(sessions).expect("sessions serialise")
}

/// The first lines that differ, with the line before them.
fn difference(found: &str, expected: &str) -> Option<String> {
    if found == expected {
        return None;
    }
    let same = found
        .lines()
        .zip(expected.lines())
        .take_while(|(a, b)| a == b)
        .count();
    let excerpt = |text: &str| -> Vec<String> {
        let lines = text.lines().skip(same.saturating_sub(1)).take(4);
        lines.map(|line| line.chars().take(200).collect()).collect()
    };
    let (found, expected) = (excerpt(found), excerpt(expected));
    Some(format!("found {found:#?}, expected {expected:#?}"))
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path);
            }
        }
    }
    files.sort();
    files
}

/// Every file below a folder with a digest of its content.
pub fn hash_tree(folder: &Path) -> BTreeMap<PathBuf, String> {
    let hash = |file: &PathBuf| {
        blake3::hash(&fs::read(file).expect("read"))
            .to_hex()
            .to_string()
    };
    walk(folder)
        .into_iter()
        .map(|file| (file.clone(), hash(&file)))
        .collect()
}

/// A small generator of pseudo-random numbers (xorshift64), so that every run
/// flips the same bits.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}
