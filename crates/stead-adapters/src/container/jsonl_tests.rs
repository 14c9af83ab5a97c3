//! Lines as agents really leave them.

use std::fmt::Write as _;
use std::io::Write as _;

use super::{End, Records, read};
use crate::container::json::Object;
use crate::{Fate, Output, Position, Sink, Slot};

/// Writes down what it is given.
#[derive(Default)]
struct Notes(String);

impl Records for Notes {
    fn record(
        &mut self,
        _: &mut Output<'_>,
        mut object: Object<'_>,
        source: stead_usf::Source,
    ) -> Fate {
        let n = object.i64("n").map_or("?".into(), |n| n.to_string());
        writeln!(self.0, "{n} at {}", source.line.unwrap()).unwrap();
        Fate::Mapped
    }

    fn damaged(&mut self, _: &mut Output<'_>, issue: stead_usf::Issue) {
        let source = issue.source.unwrap();
        writeln!(
            self.0,
            "{} at {} {:?}",
            issue.code,
            source.line.unwrap(),
            source.bytes.unwrap()
        )
        .unwrap();
    }
}

struct Nothing;

impl Sink for Nothing {
    fn event(&mut self, _: Slot, _: stead_usf::Event) {}
    fn end(&mut self, _: Slot, _: stead_usf::Session) {}
}

fn run(path: &std::path::Path, since: Option<&Position>) -> (String, End, crate::Tally) {
    let (mut notes, mut sink) = (Notes::default(), Nothing);
    let mut output = Output::new(&mut sink);
    let end = read(path, since, &mut output, &mut notes).unwrap();
    (notes.0, end, output.tally)
}

fn check(input: &[u8], expected: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(input).unwrap();
    let (mut notes, end, tally) = run(file.path(), None);
    if let Some(issue) = end.partial {
        let source = issue.source.unwrap();
        writeln!(
            notes,
            "{} at {} {:?}",
            issue.code,
            source.line.unwrap(),
            source.bytes.unwrap()
        )
        .unwrap();
    }
    assert_eq!(notes, expected, "{}", String::from_utf8_lossy(input));
    let ignored: u64 = tally.ignored.values().sum();
    assert_eq!(tally.records, tally.mapped + ignored + tally.reported);
}

#[test]
fn lines_and_places() {
    check(b"", "");
    check(b"{\"n\":1}\n{\"n\":2}\n", "1 at 1\n2 at 2\n");
    check(b"{\"n\":1}\r\n\r\n  \n{\"n\":2}", "1 at 1\n2 at 4\n");
    check(b"\xef\xbb\xbf{\"n\":1}\n", "1 at 1\n");
}

#[test]
fn several_objects_on_a_line() {
    check(
        b"{\"n\":1}{\"n\":2} {\"n\":3}\n{\"n\":4}\n",
        "1 at 1\n2 at 1\n3 at 1\n4 at 2\n",
    );
}

#[test]
fn damage_costs_only_the_bad_record() {
    check(b"{\"n\":1\n{\"n\":2}\n", "bad-json at 1 [0, 6]\n2 at 2\n");
    check(
        b"{\"n\":1,\"t\":\"ab{\"n\":2}\n{\"n\":3}\n",
        "bad-json at 1 [0, 14]\n2 at 1\n3 at 2\n",
    );
    check(
        b"{\"n\":1}garbage{\"n\":2}\n",
        "1 at 1\nbad-json at 1 [7, 14]\n2 at 1\n",
    );
    check(
        b"[1,2]\n7\nnull\n",
        "bad-json at 1 [0, 5]\nbad-json at 2 [6, 7]\nbad-json at 3 [8, 12]\n",
    );
}

#[test]
fn nul_bytes_and_bad_utf8() {
    check(b"{\"n\":1}\n\0\0\0\0\n\0\0{\"n\":2}\n", "1 at 1\n2 at 3\n");
    check(
        b"{\"n\":1,\"t\":\"\xff\"}\n",
        "bad-utf8 at 1 [0, 15]\n1 at 1\n",
    );
    check(b"{\"n\":1}\n\0\0\0", "1 at 1\n");
}

/// U+FFFD is longer than the byte that it stands for: places are the file's.
#[test]
fn places_after_bad_utf8_are_those_of_the_file() {
    check(
        b"\xff{\"n\":1,\"t\":\"\xfe\xfe\"}{\"n\":2}\n",
        "bad-json at 1 [0, 1]\nbad-utf8 at 1 [1, 17]\n1 at 1\n2 at 1\n",
    );
    check(
        b"{\"n\":1,\"t\":\"\xfe\xfe\"} {\"n\":2}\xc3({\"n\":3}\n",
        "bad-utf8 at 1 [0, 16]\n1 at 1\n2 at 1\nbad-json at 1 [24, 26]\n3 at 1\n",
    );
    // Also where the last line has no end yet.
    check(
        b"{\"n\":1,\"t\":\"\xff\"}",
        "bad-utf8 at 1 [0, 15]\n1 at 1\n",
    );
    check(b"{\"n\":1}{\"t\":\"\xff", "1 at 1\ncut-line at 1 [7, 14]\n");
}

/// The records counted are the same however a file grew.
#[test]
fn padding_is_counted_the_same_in_parts() {
    let whole = b"{\"n\":1}\0\0\n\0\0\n\0{\"n\":2}\0\0\0\n{\"n\":3}";
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(whole).unwrap();
    let (_, _, at_once) = run(file.path(), None);
    assert_eq!((at_once.records, at_once.mapped), (4, 3));
    for cut in 0..=whole.len() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole[..cut]).unwrap();
        let (_, end, first) = run(file.path(), None);
        file.write_all(&whole[cut..]).unwrap();
        let (_, _, second) = run(file.path(), Some(&end.position));
        // The cut line itself is read again.
        let cut_line = first.reported;
        assert_eq!(first.records + second.records - cut_line, 4, "cut at {cut}");
    }
}

#[test]
fn a_cut_last_line_is_read_when_it_is_whole() {
    check(
        b"{\"n\":1}\n{\"n\":2,\"t\":\"a",
        "1 at 1\ncut-line at 2 [8, 21]\n",
    );
    let whole = "{\"n\":1}\n{\"n\":2}{\"n\":3,\"t\":\"é\"}\n{\"n\":4}";
    for cut in 0..=whole.len() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(&whole.as_bytes()[..cut]).unwrap();
        let (mut notes, end, _) = run(file.path(), None);
        file.write_all(&whole.as_bytes()[cut..]).unwrap();
        notes += &run(file.path(), Some(&end.position)).0;
        assert_eq!(notes, "1 at 1\n2 at 2\n3 at 2\n4 at 3\n", "cut at {cut}");
    }
}

#[test]
fn rewriting_is_noticed() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(b"{\"n\":1}\n").unwrap();
    let (_, end, _) = run(file.path(), None);
    for other in ["{\"n\":9}\n{\"n\":2}\n", "{\"n\""] {
        std::fs::write(file.path(), other).unwrap();
        let (mut notes, mut sink) = (Notes::default(), Nothing);
        let result = read(
            file.path(),
            Some(&end.position),
            &mut Output::new(&mut sink),
            &mut notes,
        );
        assert!(
            matches!(result, Err(crate::ReadError::Rewritten { .. })),
            "{result:?}"
        );
    }
}

#[test]
fn lines_of_megabytes() {
    let mut input = format!("{{\"n\":1,\"t\":\"{}\"}}\n", "x".repeat(5 << 20)).into_bytes();
    input.extend_from_slice(b"{\"n\":2}\n");
    check(&input, "1 at 1\n2 at 2\n");
    let mut input = format!("{{\"n\":1,\"t\":\"{}\"}}\n", "x".repeat(super::MAX_LINE)).into_bytes();
    input.extend_from_slice(b"{\"n\":2}\n");
    let end = super::MAX_LINE + 14;
    check(&input, &format!("line-too-long at 1 [0, {end}]\n2 at 2\n"));
}
