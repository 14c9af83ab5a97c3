//! What discovery saw: paths, what was asked of them, and a digest of the answers.

use std::path::Path;

use rustc_hash::FxHashMap;

use crate::disk::{FileState, look};
use crate::unit::Stamp;

/// So long what a server said is not asked again, in milliseconds.
const SERVER_MS: i64 = 30_000;

/// Questions to the file system and their answers. If every answer still holds,
/// discovery would find the same again.
///
/// A change leaves no trace in a state if it happens within one tick of the file
/// system's clock after the look. So sightings of what was changed lately are
/// not to be trusted: [`Sightings::newest_ms`] says how late.
#[derive(Debug, Clone, Default)]
pub struct Sightings {
    seen: Vec<Seen>,
    newest_ms: i64,
    /// A server was asked, which no look at files can tell of.
    asked: bool,
    /// A path cannot be written down.
    lost: bool,
}

/// What was asked about a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Question {
    /// Its state, which every change of a file or of a folder's entries changes.
    State,
    /// What it is, which lasts while people work in a folder.
    Kind,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Seen {
    path: String,
    question: Question,
    /// There is something.
    there: bool,
    /// Of path and answer.
    digest: u64,
}

impl Sightings {
    /// Takes in what is, or is not, at a path.
    pub(crate) fn add(&mut self, path: &Path, question: Question, state: Option<&FileState>) {
        let Some(path) = path.to_str() else {
            self.lost = true;
            return;
        };
        if question == Question::State {
            let changed = state.map_or(0, |state| state.modified_ns);
            self.newest_ms = self.newest_ms.max(changed / 1_000_000);
        }
        self.seen.push(Seen {
            digest: digest(path, question, state),
            path: path.to_owned(),
            question,
            there: state.is_some(),
        });
    }

    /// Notes that a server was asked.
    pub(crate) const fn add_server(&mut self) {
        self.asked = true;
    }

    /// When anything that was looked at was changed last, in milliseconds since
    /// 1970.
    pub const fn newest_ms(&self) -> i64 {
        self.newest_ms
    }

    /// In bytes, for [`Sightings::hold`] in another process. `view` stands for
    /// everything else that discovery depends on. What servers said counts for a
    /// short time from `now_ms`. `None` if a path is no Unicode, or if something
    /// changed between two looks at it.
    pub fn to_bytes(parts: &[Self], view: u64, now_ms: i64) -> Option<Vec<u8>> {
        if parts.iter().any(|part| part.lost) {
            return None;
        }
        let asked = parts.iter().any(|part| part.asked);
        let until_ms = if asked { now_ms + SERVER_MS } else { i64::MAX };
        let mut seen: Vec<&Seen> = parts.iter().flat_map(|part| &part.seen).collect();
        seen.sort_unstable();
        seen.dedup();
        let changed =
            |pair: &[&Seen]| pair[0].path == pair[1].path && pair[0].question == pair[1].question;
        if seen.windows(2).any(changed) {
            return None;
        }
        // Who knows a path's state knows what it is.
        seen.dedup_by(|later, first| later.path == first.path);
        let seen = without_implied(&seen);
        let sum = seen.iter().map(|seen| seen.digest);
        let mut bytes = view.to_le_bytes().to_vec();
        bytes.extend_from_slice(&until_ms.to_le_bytes());
        bytes.extend_from_slice(&sum.fold(0, u64::wrapping_add).to_le_bytes());
        let mut last = "";
        for seen in seen {
            write(&mut bytes, last, seen);
            last = &seen.path;
        }
        Some(bytes)
    }

    /// Whether every answer is the same today. Bytes that are not of
    /// [`Sightings::to_bytes`], or of another view, do not hold.
    pub fn hold(bytes: &[u8], view: u64, now_ms: i64, threads: usize) -> bool {
        holds(bytes, view, now_ms, threads).unwrap_or(false)
    }
}

/// What need not be looked at: that something is missing follows from the state
/// of the folder that would have it, and from that being missing too.
fn without_implied<'a>(seen: &[&'a Seen]) -> Vec<&'a Seen> {
    let answers: FxHashMap<&str, &Seen> = seen
        .iter()
        .map(|seen| (seen.path.as_str(), *seen))
        .collect();
    let implied = |seen: &Seen| {
        let above = Path::new(&seen.path).parent().and_then(Path::to_str);
        let above = above.and_then(|above| answers.get(above));
        let tells = |above: &&Seen| !above.there || above.question == Question::State;
        !seen.there && above.is_some_and(tells)
    };
    let kept = seen.iter().filter(|seen| !implied(seen));
    kept.copied().collect()
}

fn holds(bytes: &[u8], view: u64, now_ms: i64, threads: usize) -> Option<bool> {
    let (of_view, rest) = bytes.split_first_chunk()?;
    let (until_ms, rest) = rest.split_first_chunk()?;
    if u64::from_le_bytes(*of_view) != view || i64::from_le_bytes(*until_ms) < now_ms {
        return Some(false);
    }
    let (expected, rest) = rest.split_first_chunk()?;
    let paths = read(rest)?;
    let share = paths.len().div_ceil(threads.max(1)).max(64);
    let found = std::thread::scope(|scope| {
        let mut shares = paths.chunks(share);
        let own = shares.next().unwrap_or_default();
        let others: Vec<_> = shares.map(|paths| scope.spawn(|| digests(paths))).collect();
        let own = digests(own);
        others
            .into_iter()
            .try_fold(own, |sum, other| Some(sum.wrapping_add(other.join().ok()?)))
    });
    Some(found? == u64::from_le_bytes(*expected))
}

/// The digests of what is at these paths now, added up.
fn digests(paths: &[(String, Question)]) -> u64 {
    let now = |(path, question): &(String, Question)| {
        digest(path, *question, look(Path::new(path)).as_ref())
    };
    paths.iter().map(now).fold(0, u64::wrapping_add)
}

fn digest(path: &str, question: Question, state: Option<&FileState>) -> u64 {
    let mut stamp = Stamp::default();
    stamp.mix_bytes(path.as_bytes());
    let Some(state) = state else { return stamp.0 };
    stamp.mix(1 + u64::from(state.is_file) + 2 * u64::from(state.is_folder));
    stamp.mix(state.inode);
    if question == Question::State {
        // A folder's own size means nothing.
        stamp.mix(if state.is_folder { 0 } else { state.bytes });
        stamp.mix(state.modified_ns as u64);
    }
    stamp.0
}

/// A path as the length that it shares with the one before (with a bit for the
/// question), the length of its own part, and that part.
fn write(bytes: &mut Vec<u8>, last: &str, seen: &Seen) {
    let shared = shared(last, &seen.path);
    let kind = usize::from(seen.question == Question::Kind);
    write_number(bytes, shared << 1 | kind);
    write_number(bytes, seen.path.len() - shared);
    bytes.extend_from_slice(&seen.path.as_bytes()[shared..]);
}

fn shared(a: &str, b: &str) -> usize {
    let equal = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b);
    b.floor_char_boundary(equal.count())
}

fn write_number(bytes: &mut Vec<u8>, mut number: usize) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

fn read(mut bytes: &[u8]) -> Option<Vec<(String, Question)>> {
    let mut paths: Vec<(String, Question)> = Vec::new();
    while !bytes.is_empty() {
        let number = read_number(&mut bytes)?;
        let own = read_number(&mut bytes)?;
        let (own, rest) = bytes.split_at_checked(own)?;
        bytes = rest;
        let last = paths.last().map_or("", |(path, _)| path);
        let mut path = last.get(..number >> 1)?.to_owned();
        path.push_str(std::str::from_utf8(own).ok()?);
        let kind = number & 1 == 1;
        let question = if kind {
            Question::Kind
        } else {
            Question::State
        };
        paths.push((path, question));
    }
    Some(paths)
}

fn read_number(bytes: &mut &[u8]) -> Option<usize> {
    let mut number = 0;
    for shift in (0..35).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        number |= usize::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use std::fs::{self, File};
    use std::path::Path;
    use std::time::{Duration, UNIX_EPOCH};

    use proptest::prelude::*;

    use super::Sightings;
    use crate::Disk;

    const VIEW: u64 = 7;
    const NOW: i64 = 2_000_000_000_000;

    /// A folder with two files, all of long ago, and what was seen of it.
    fn seen(folder: &Path) -> Vec<u8> {
        for name in ["a.jsonl", "b.jsonl"] {
            fs::write(folder.join(name), "{}\n").unwrap();
        }
        for path in [
            folder.join("a.jsonl"),
            folder.join("b.jsonl"),
            folder.into(),
        ] {
            let past = UNIX_EPOCH + Duration::from_secs(1_000_000_000);
            File::open(path).unwrap().set_modified(past).unwrap();
        }
        let disk = Disk::default();
        for entry in disk.list(folder).unwrap() {
            assert!(disk.state_of(&entry).unwrap().is_file);
        }
        assert!(!disk.exists(&folder.join("missing")));
        Sightings::to_bytes(&[disk.into_sightings()], VIEW, NOW).unwrap()
    }

    #[test]
    fn what_has_not_changed_holds() {
        let folder = tempfile::tempdir().unwrap();
        let seen = seen(folder.path());
        for threads in [0, 1, 8] {
            assert!(Sightings::hold(&seen, VIEW, NOW, threads));
        }
        assert!(!Sightings::hold(&seen, VIEW + 1, NOW, 1), "another view");
    }

    #[test]
    fn every_change_is_noticed() {
        let changes: [fn(&Path); 6] = [
            |folder| fs::write(folder.join("a.jsonl"), "{}\n{}\n").unwrap(),
            |folder| fs::write(folder.join("c.jsonl"), "").unwrap(),
            |folder| fs::write(folder.join("missing"), "").unwrap(),
            |folder| fs::remove_file(folder.join("b.jsonl")).unwrap(),
            |folder| fs::rename(folder.join("b.jsonl"), folder.join("c")).unwrap(),
            |folder| fs::remove_dir_all(folder).unwrap(),
        ];
        for (number, change) in changes.iter().enumerate() {
            let parent = tempfile::tempdir().unwrap();
            let folder = parent.path().join("store");
            fs::create_dir(&folder).unwrap();
            let seen = seen(&folder);
            assert!(Sightings::hold(&seen, VIEW, NOW, 1));
            change(&folder);
            assert!(!Sightings::hold(&seen, VIEW, NOW, 1), "change {number}");
        }
    }

    #[test]
    fn work_in_a_folder_does_not_change_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::default();
        assert!(disk.is_open_folder(folder.path()) && disk.is_folder(folder.path()));
        let seen = disk.into_sightings();
        assert_eq!(seen.newest_ms(), 0, "no time was asked for");
        let seen = Sightings::to_bytes(&[seen], VIEW, NOW).unwrap();
        fs::write(folder.path().join("new"), "").unwrap();
        assert!(Sightings::hold(&seen, VIEW, NOW, 1));
        fs::remove_dir_all(folder.path()).unwrap();
        assert!(!Sightings::hold(&seen, VIEW, NOW, 1));
    }

    #[test]
    fn what_is_missing_in_a_folder_that_was_listed_is_noticed_by_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let seen = |with_missing: bool| {
            let disk = Disk::default();
            disk.list(folder.path()).unwrap();
            if with_missing {
                assert!(!disk.exists(&folder.path().join("a")));
                assert!(!disk.exists(&folder.path().join("a/b")));
            }
            Sightings::to_bytes(&[disk.into_sightings()], VIEW, NOW).unwrap()
        };
        assert_eq!(seen(true), seen(false));
        let seen = seen(true);
        assert!(Sightings::hold(&seen, VIEW, NOW, 1));
        fs::create_dir(folder.path().join("a")).unwrap();
        assert!(!Sightings::hold(&seen, VIEW, NOW, 1));
    }

    #[test]
    fn what_changed_between_two_looks_is_not_relied_on() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        let [first, second] = ["a", "ab"].map(|text| {
            fs::write(&path, text).unwrap();
            let disk = Disk::default();
            disk.state(&path);
            disk.into_sightings()
        });
        let both = [first, second];
        assert_eq!(Sightings::to_bytes(&both, VIEW, NOW), None);
        assert!(Sightings::to_bytes(&both[..1], VIEW, NOW).is_some());
    }

    #[test]
    fn the_newest_change_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let disk = Disk::default();
        disk.state(folder.path());
        let modified = fs::metadata(folder.path()).unwrap().modified().unwrap();
        let at_ms = modified.duration_since(UNIX_EPOCH).unwrap().as_millis();
        assert!(disk.into_sightings().newest_ms() >= i64::try_from(at_ms).unwrap());
    }

    #[test]
    fn what_a_server_said_is_asked_again() {
        let disk = Disk::default();
        disk.server();
        let seen = Sightings::to_bytes(&[disk.into_sightings()], VIEW, NOW).unwrap();
        assert!(Sightings::hold(&seen, VIEW, NOW + 10_000, 1));
        assert!(!Sightings::hold(&seen, VIEW, NOW + 60_000, 1));
    }

    proptest! {
        #[test]
        fn any_bytes_are_looked_at(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut of_view = VIEW.to_le_bytes().to_vec();
            of_view.extend_from_slice(&i64::MAX.to_le_bytes());
            of_view.extend_from_slice(&bytes);
            // A digest that happens to fit is no harm; it must come to an end.
            let held = Sightings::hold(&of_view, VIEW, NOW, 2);
            prop_assert!(!held || bytes.iter().all(|byte| *byte == 0));
        }
    }
}
