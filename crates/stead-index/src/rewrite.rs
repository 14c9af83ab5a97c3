//! Keeps the segments few and free of dead text.
//!
//! New segments are written first, then one transaction exchanges the names, then
//! the old files go: whoever is killed in between leaves files that no catalogue
//! names, and whoever still reads the old ones can go on.

use std::path::PathBuf;

use crate::text::{Bits, Entries, Input, Row, Segment, SegmentBuilder, merge};
use crate::{Catalog, IndexError, Writer};

/// So many segments of about the same size are put together. Each byte is copied
/// once for each time that the store grows this much larger.
const MANY: usize = 8;
/// Live text that has to be read out of its blocks goes into segments of at most
/// so many bytes of text.
const FRESH: u64 = 16 << 20;
/// Less dead text than this is not worth looking for.
const MUCH_DEAD: u64 = 16 << 20;

/// A segment's number and the bytes of text in it.
type Sized = (u64, u64);

impl Writer {
    /// Removes files that no catalogue names, and rewrites segments where there are
    /// many of a size or much of their text is dead.
    pub(crate) fn put_together(&mut self) -> Result<(), IndexError> {
        self.remove_orphans()?;
        let sql = "SELECT coalesce(sum(text_bytes), 0) FROM session";
        let live: i64 = self.catalog.db.query_row(sql, [], |row| row.get(0))?;
        let total: u64 = self.sizes()?.iter().map(|segment| segment.1).sum();
        let dead = total.saturating_sub(live as u64);
        if dead > total / 3 && dead > MUCH_DEAD {
            self.drop_dead_text()?;
        }
        let alike = alike(self.sizes()?);
        if alike.is_empty() {
            return Ok(());
        }
        let live = self.live_sessions()?;
        self.rewrite(&alike, &live, false)
    }

    /// Rewrites every segment that holds text of sessions that are no more.
    pub(crate) fn drop_dead_text(&mut self) -> Result<(), IndexError> {
        let live = self.live_sessions()?;
        for segment in self.sizes()? {
            self.rewrite(&[segment], &live, true)?;
        }
        Ok(())
    }

    fn sizes(&self) -> Result<Vec<Sized>, IndexError> {
        let db = &self.catalog.db;
        let mut statement = db.prepare("SELECT number, text_bytes FROM segment ORDER BY number")?;
        let rows = statement.query_map([], |row| {
            Ok((row.get::<_, i64>(0)? as u64, row.get::<_, i64>(1)? as u64))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Numbers of all sessions, in order.
    fn live_sessions(&self) -> Result<Vec<u64>, IndexError> {
        let db = &self.catalog.db;
        let mut statement = db.prepare("SELECT no FROM session ORDER BY no")?;
        let rows = statement.query_map([], |row| row.get::<_, i64>(0))?;
        Ok(rows
            .map(|row| row.map(|no| no as u64))
            .collect::<Result<_, _>>()?)
    }

    /// Puts what is alive in these segments into one and drops them. With
    /// `only_if_dead`, segments that are all alive are left as they are.
    fn rewrite(
        &mut self,
        segments: &[Sized],
        live: &[u64],
        only_if_dead: bool,
    ) -> Result<(), IndexError> {
        let mut rewriting = Rewriting {
            catalog: &self.catalog,
            live,
            next: self.next_segment()?,
            inputs: Vec::new(),
            fresh: None,
            fresh_segments: Vec::new(),
            text_bytes: segments.iter().map(|segment| segment.1).sum(),
            found_dead: false,
        };
        for (number, _) in segments {
            rewriting.take_in(*number)?;
        }
        if only_if_dead && !rewriting.found_dead {
            return Ok(());
        }
        let text_bytes = rewriting.text_bytes;
        let (merged, next) = rewriting.finish()?;
        let transaction = self.catalog.db.transaction()?;
        for (number, _) in segments {
            let sql = "DELETE FROM segment WHERE number = ?1";
            transaction.execute(sql, [*number as i64])?;
        }
        let sql = "UPDATE counter SET next = ?1 WHERE name = 'segment'";
        transaction.execute(sql, [next as i64])?;
        if let Some(number) = merged {
            let sql = "INSERT INTO segment (number, text_bytes) VALUES (?1, ?2)";
            transaction.execute(sql, [number as i64, text_bytes as i64])?;
        }
        transaction.commit()?;
        self.remove_orphans()
    }

    /// The next segment's number; it is taken by naming it in a commit.
    fn next_segment(&self) -> Result<u64, IndexError> {
        let sql = "SELECT next FROM counter WHERE name = 'segment'";
        let number: i64 = self.catalog.db.query_row(sql, [], |row| row.get(0))?;
        Ok(number as u64)
    }

    fn remove_orphans(&self) -> Result<(), IndexError> {
        let live = self.catalog.segments()?;
        let folder = self.catalog.folder.join("text");
        for entry in std::fs::read_dir(&folder).map_err(IndexError::io(folder.as_path()))? {
            let path = entry.map_err(IndexError::io(folder.as_path()))?.path();
            if !live.contains(&path) {
                std::fs::remove_file(&path).map_err(IndexError::io(path.as_path()))?;
            }
        }
        Ok(())
    }
}

/// The segments that are to be put together: where many are of a size, these and
/// the smaller ones. What they come to may be one too many of its own size.
fn alike(mut segments: Vec<Sized>) -> Vec<Sized> {
    let of_size = |size: u32| {
        let same = segments
            .iter()
            .filter(|segment| size_class(segment.1) == size);
        same.count()
    };
    let sizes = segments.iter().map(|segment| size_class(segment.1));
    let Some(mut top) = sizes.filter(|size| of_size(*size) >= MANY).max() else {
        return Vec::new();
    };
    loop {
        let chosen = segments
            .iter()
            .filter(|segment| size_class(segment.1) <= top);
        let sum = size_class(chosen.map(|segment| segment.1).sum());
        if sum == top || of_size(sum) + 1 < MANY {
            break;
        }
        top = sum;
    }
    segments.retain(|segment| size_class(segment.1) <= top);
    segments
}

/// Segments of a class differ less than [`MANY`] times in size.
fn size_class(text_bytes: u64) -> u32 {
    // Whatever is below this size is about the same work.
    const SMALLEST: u64 = 4 << 10;
    (text_bytes / SMALLEST)
        .checked_ilog(MANY as u64)
        .map_or(0, |class| class + 1)
}

/// Sorts blocks of segments into those that are copied as they are, and those out
/// of which only some entries are.
struct Rewriting<'c> {
    catalog: &'c Catalog,
    live: &'c [u64],
    next: u64,
    inputs: Vec<Input>,
    /// Where entries go whose blocks are not kept, and the finished ones of these.
    fresh: Option<(u64, SegmentBuilder)>,
    fresh_segments: Vec<u64>,
    text_bytes: u64,
    found_dead: bool,
}

impl Rewriting<'_> {
    fn take_in(&mut self, number: u64) -> Result<(), IndexError> {
        let path = self.catalog.segment_path(number);
        let failed = IndexError::io(path.as_path());
        let (mut bytes, mut block) = (Vec::new(), Vec::new());
        let opened = Segment::open(&path).and_then(|mut segment| {
            let table = segment.table(&mut bytes)?.to_vec();
            Ok((segment, table, zstd::bulk::Decompressor::new()?))
        });
        let (segment, table, mut decompressor) = opened.map_err(failed)?;
        let mut dead = Vec::new();
        for (place, placed) in table.iter().enumerate() {
            if self.all_live(&placed.row) {
                continue;
            }
            segment
                .read_block(placed, &mut decompressor, &mut bytes, &mut block)
                .map_err(IndexError::io(path.as_path()))?;
            if Entries::new(&block).any(|entry| !self.is_live(entry.session)) {
                dead.push(place);
                self.copy_live(&block)?;
            }
        }
        self.found_dead |= !dead.is_empty();
        let keep = Bits::which(segment.count, |block| dead.binary_search(&block).is_err());
        self.inputs.push(Input { segment, keep });
        Ok(())
    }

    /// Whether the numbers of a block alone tell that nothing in it is dead.
    fn all_live(&self, row: &Row) -> bool {
        row.sessions().is_some_and(|sessions| {
            let from = self.live.partition_point(|no| no < sessions.start());
            let to = self.live.partition_point(|no| no <= sessions.end());
            (to - from) as u64 == sessions.end() - sessions.start() + 1
        })
    }

    fn is_live(&self, session: u64) -> bool {
        self.live.binary_search(&session).is_ok()
    }

    fn copy_live(&mut self, block: &[u8]) -> Result<(), IndexError> {
        for entry in Entries::new(block) {
            if !self.is_live(entry.session) {
                self.text_bytes = self.text_bytes.saturating_sub(entry.text.len() as u64);
                continue;
            }
            let (number, builder) = match &mut self.fresh {
                Some(fresh) => fresh,
                none => {
                    let path = self.catalog.segment_path(self.next);
                    let builder = SegmentBuilder::create(&path).map_err(IndexError::io(path))?;
                    self.next += 1;
                    none.insert((self.next - 1, builder))
                }
            };
            let path = self.catalog.segment_path(*number);
            builder.add(&entry).map_err(IndexError::io(path))?;
        }
        match &self.fresh {
            Some((_, builder)) if builder.text_bytes() >= FRESH => self.finish_fresh(),
            _ => Ok(()),
        }
    }

    fn finish_fresh(&mut self) -> Result<(), IndexError> {
        if let Some((number, builder)) = self.fresh.take() {
            let path = self.catalog.segment_path(number);
            if builder.finish().map_err(IndexError::io(path))? {
                self.fresh_segments.push(number);
            }
        }
        Ok(())
    }

    /// Writes the new segment. Gives its number, unless nothing is left, and the
    /// next free one.
    fn finish(mut self) -> Result<(Option<u64>, u64), IndexError> {
        self.finish_fresh()?;
        for number in std::mem::take(&mut self.fresh_segments) {
            let path = self.catalog.segment_path(number);
            let segment = Segment::open(&path).map_err(IndexError::io(path))?;
            let keep = Bits::all(segment.count);
            self.inputs.push(Input { segment, keep });
        }
        let path: PathBuf = self.catalog.segment_path(self.next);
        let merged = merge(&mut self.inputs, &path).map_err(IndexError::io(path))?;
        Ok((merged.then_some(self.next), self.next + 1))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::path::Path;

    use proptest::prelude::*;
    use stead_usf::EventType;

    use super::{MANY, alike, size_class};
    use crate::text::{Entries, Entry, Segment, SegmentBuilder};
    use crate::{Catalog, Writer};

    fn entry(session: u64, sequence: u64, text: &str) -> Entry<'_> {
        Entry {
            session,
            sequence,
            id: "e",
            kind: EventType::User,
            tool_kind: None,
            tool_name: "",
            failed: false,
            injected: false,
            at_ms: Some(1),
            paths: Vec::new(),
            text,
        }
    }

    fn writer(folder: &Path) -> Writer {
        drop(Catalog::open(folder).unwrap());
        Writer::open(folder).unwrap().unwrap()
    }

    /// Puts a segment with one entry for each of these sessions into the index.
    fn add_segment(writer: &mut Writer, number: i64, sessions: &[u64]) {
        let path = writer.catalog.segment_path(number as u64);
        let mut builder = SegmentBuilder::create(&path).unwrap();
        for session in sessions {
            let text = format!("session {session} {}", "word ".repeat(1500));
            builder.add(&entry(*session, number as u64, &text)).unwrap();
            let sql =
                "INSERT OR IGNORE INTO session (no, unit, id, agent, native, events, text_bytes)
                       VALUES (?1, 'u', 'a:' || ?1, 'a', ?1, 1, 7500)";
            let db = &writer.catalog.db;
            db.execute(sql, [*session as i64]).unwrap();
        }
        let bytes = builder.text_bytes() as i64;
        assert!(builder.finish().unwrap());
        let db = &writer.catalog.db;
        let sql = "INSERT INTO segment (number, text_bytes) VALUES (?1, ?2)";
        db.execute(sql, [number, bytes]).unwrap();
        let sql = "UPDATE counter SET next = ?1 + 1 WHERE name = 'segment'";
        db.execute(sql, [number]).unwrap();
    }

    /// Entries of each session, and the bytes of text that the catalogue says and
    /// that are there.
    fn content(writer: &Writer) -> (BTreeMap<u64, usize>, u64, u64) {
        let (mut entries, mut there) = (BTreeMap::new(), 0);
        let (mut bytes, mut block) = (Vec::new(), Vec::new());
        for path in writer.catalog.segments().unwrap() {
            let mut segment = Segment::open(&path).unwrap();
            let table = segment.table(&mut bytes).unwrap().to_vec();
            let mut decompressor = zstd::bulk::Decompressor::new().unwrap();
            for placed in &table {
                segment
                    .read_block(placed, &mut decompressor, &mut bytes, &mut block)
                    .unwrap();
                for entry in Entries::new(&block) {
                    assert!(
                        entry
                            .text
                            .starts_with(&format!("session {} ", entry.session))
                    );
                    *entries.entry(entry.session).or_default() += 1;
                    there += entry.text.len() as u64;
                }
            }
        }
        let said = writer
            .sizes()
            .unwrap()
            .iter()
            .map(|segment| segment.1)
            .sum();
        (entries, said, there)
    }

    #[test]
    fn dead_text_is_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(folder.path());
        add_segment(&mut writer, 1, &(1..20).collect::<Vec<_>>());
        add_segment(&mut writer, 2, &[30, 31, 32]);
        add_segment(&mut writer, 3, &[7]);
        let untouched = writer.catalog.segment_path(2);
        writer.forget("a:7").unwrap();
        assert_eq!(writer.catalog.segments().unwrap().len(), 2);
        assert!(untouched.exists(), "nothing in it is dead");
        let (entries, said, there) = content(&writer);
        assert_eq!(said, there);
        let expected = (1..20).filter(|session| *session != 7).chain(30..33);
        assert!(entries.keys().copied().eq(expected));
        let files = std::fs::read_dir(folder.path().join("text")).unwrap();
        assert_eq!(files.count(), 2, "the old files are gone");
    }

    #[test]
    fn many_small_segments_become_one() {
        let folder = tempfile::tempdir().unwrap();
        let mut writer = writer(folder.path());
        for number in 1..=MANY as i64 {
            assert_eq!(
                writer.catalog.segments().unwrap().len(),
                number as usize - 1
            );
            add_segment(&mut writer, number, &[number as u64, number as u64 + 1]);
            writer.tidy().unwrap();
        }
        assert_eq!(writer.catalog.segments().unwrap().len(), 1);
        let (entries, said, there) = content(&writer);
        assert_eq!(said, there);
        assert_eq!(entries.values().sum::<usize>(), 2 * MANY);
    }

    proptest! {
        #[test]
        fn segments_stay_few_and_are_seldom_copied(sizes in proptest::collection::vec(1_u64..20_000_000, 1..400)) {
            let (mut segments, mut copied) = (Vec::new(), 0);
            for (number, size) in sizes.iter().enumerate() {
                segments.push((number as u64, *size));
                let chosen = alike(segments.clone());
                segments.retain(|segment| !chosen.contains(segment));
                let sum: u64 = chosen.iter().map(|segment| segment.1).sum();
                copied += sum;
                if sum > 0 {
                    segments.push((number as u64, sum));
                }
                prop_assert!(alike(segments.clone()).is_empty());
            }
            let total: u64 = sizes.iter().sum();
            let classes = u64::from(size_class(total)) + 1;
            prop_assert!(segments.len() as u64 <= (MANY as u64 - 1) * classes);
            prop_assert!(copied <= total * classes);
        }
    }
}
