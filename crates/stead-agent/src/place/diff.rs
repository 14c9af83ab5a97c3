//! Changes as a unified diff in git's form, which `git apply` takes. Colours are not made here.

use std::io::{self, Read, Write};
use std::ops::Range;
use std::path::Path;

use cap_std::fs::Dir;
use flate2::Compression;
use flate2::read::ZlibEncoder;
use imara_diff::{Algorithm, Diff, Hunk, InternedInput};
use sha1::{Digest, Sha1};

use super::change::{Change, Changes, State};
use super::kept::Kept;
use super::layer::hex;
use super::name;

/// Larger files are told to differ, and not how.
const LARGEST: u64 = 16 << 20;
/// In so many bytes, a zero says that a file is no text, as it does for git.
const TELLING: usize = 8000;
/// Lines around a change.
const CONTEXT: u32 = 3;
/// What git has for the name of a file that is not there.
const NOTHING: &str = "0000000000000000000000000000000000000000";

/// What a diff is to hold.
#[derive(Debug, Clone, Copy, Default)]
pub struct DiffOptions {
    /// Files that are no text too, so that it can be applied; else only that they differ.
    pub binary: bool,
}

/// How many lines changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines that came.
    pub added: u32,
    /// Lines that went.
    pub removed: u32,
    /// Whether it is no text, or too large; lines are not counted then.
    pub binary: bool,
}

/// What one side of a change holds.
struct Side {
    mode: &'static str,
    /// None if it is too large.
    bytes: Option<Vec<u8>>,
}

impl Side {
    fn is_text(&self) -> bool {
        let told = |bytes: &Vec<u8>| !bytes.iter().take(TELLING).any(|byte| *byte == 0);
        self.bytes.as_ref().is_some_and(told)
    }

    /// The name that git gives to its contents.
    fn name(&self) -> Option<String> {
        let bytes = self.bytes.as_ref()?;
        let mut hash = Sha1::new();
        hash.update(format!("blob {}\0", bytes.len()));
        hash.update(bytes);
        Some(hex(&hash.finalize()))
    }
}

impl Kept {
    /// Writes changes as a diff.
    pub fn diff(
        &self,
        changes: &Changes,
        options: DiffOptions,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        changes
            .told()
            .try_for_each(|change| self.diff_one(change, options, out))
    }

    /// Writes one change as a diff.
    pub fn diff_one(
        &self,
        change: &Change,
        options: DiffOptions,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let (before, after) = self.sides(change)?;
        match (before, after) {
            // A link in the place of a file is another thing, not the same one changed.
            (Some(before), Some(after)) if change.letter() == "T" => {
                section(change, [Some(&before), None], options, out)?;
                section(change, [None, Some(&after)], options, out)
            }
            (before, after) => section(change, [before.as_ref(), after.as_ref()], options, out),
        }
    }

    /// Counts the lines of a change.
    pub fn counts(&self, change: &Change) -> io::Result<Counts> {
        let (before, after) = self.sides(change)?;
        let sides = [before.as_ref(), after.as_ref()];
        if sides.iter().flatten().any(|side| !side.is_text()) {
            return Ok(Counts {
                binary: true,
                ..Counts::default()
            });
        }
        let input = lines(sides);
        let diff = Diff::compute(Algorithm::Histogram, &input);
        Ok(Counts {
            added: diff.count_additions(),
            removed: diff.count_removals(),
            binary: false,
        })
    }

    fn sides(&self, change: &Change) -> io::Result<(Option<Side>, Option<Side>)> {
        let layer = self.layer().map_err(io::Error::other)?;
        let side = |dir: &Dir, path: &Path, state: &Option<State>| {
            let side = state.as_ref().map(|state| side(dir, path, state));
            side.transpose()
        };
        let after = side(&layer, &change.path, &change.after)?;
        // What is moved is the same.
        let before = match (&change.moved_from, &after) {
            (Some(_), Some(after)) => Some(Side {
                mode: after.mode,
                bytes: after.bytes.clone(),
            }),
            _ => side(&self.tree, &change.path, &change.before)?,
        };
        Ok((before, after))
    }
}

fn side(dir: &Dir, path: &Path, state: &State) -> io::Result<Side> {
    let mode = state.mode();
    let bytes = match state {
        State::Link { target } => Some(name::bytes(target).into_owned()),
        State::File { .. } => {
            let mut bytes = Vec::new();
            dir.open(path)?.take(LARGEST + 1).read_to_end(&mut bytes)?;
            Some(bytes).filter(|bytes| bytes.len() as u64 <= LARGEST)
        }
    };
    Ok(Side { mode, bytes })
}

/// One file's part of a diff.
fn section(
    change: &Change,
    sides: [Option<&Side>; 2],
    options: DiffOptions,
    out: &mut dyn Write,
) -> io::Result<()> {
    let path = name::bytes(&change.path);
    let old = change
        .moved_from
        .as_deref()
        .map_or(path.clone(), name::bytes);
    let names = [quoted("a/", &old), quoted("b/", &path)];
    let both = |word: &[u8]| [&names[0][..], word, &names[1]].concat();
    let line = |out: &mut dyn Write, word: &str, text: &[u8]| {
        out.write_all(word.as_bytes())?;
        out.write_all(text)?;
        out.write_all(b"\n")
    };
    line(out, "diff --git ", &both(b" "))?;
    match sides {
        [None, Some(after)] => line(out, "new file mode ", after.mode.as_bytes())?,
        [Some(before), None] => line(out, "deleted file mode ", before.mode.as_bytes())?,
        [Some(before), Some(after)] if before.mode != after.mode => {
            line(out, "old mode ", before.mode.as_bytes())?;
            line(out, "new mode ", after.mode.as_bytes())?;
        }
        _ => {}
    }
    if change.moved_from.is_some() {
        line(out, "similarity index 100%", b"")?;
        line(out, "rename from ", &quoted("", &old))?;
        return line(out, "rename to ", &quoted("", &path));
    }
    let bytes = sides.map(|side| side.map(|side| side.bytes.as_deref()));
    if bytes[0] == bytes[1] && bytes[0] != Some(None) {
        return Ok(());
    }
    let ids = sides.map(|side| side.map_or(Some(NOTHING.to_owned()), Side::name));
    if let [Some(old), Some(new)] = &ids {
        line(out, "index ", format!("{old}..{new}").as_bytes())?;
    }
    if bytes
        .iter()
        .all(|bytes| bytes.is_none_or(|bytes| bytes == Some(b"")))
    {
        return Ok(());
    }
    if sides.iter().flatten().all(|side| side.is_text()) {
        let heading = |side: Option<&Side>, name: &[u8]| -> Vec<u8> {
            // A tab ends a name with a space in it.
            let tab = if name.contains(&b' ') { "\t" } else { "" };
            let name = if side.is_some() { name } else { b"/dev/null" };
            [name, if side.is_some() { tab.as_bytes() } else { b"" }].concat()
        };
        line(out, "--- ", &heading(sides[0], &names[0]))?;
        line(out, "+++ ", &heading(sides[1], &names[1]))?;
        return text(sides, out);
    }
    match bytes.map(|bytes| bytes.unwrap_or(Some(b""))) {
        [Some(_), Some(new)] if options.binary => packed(new, out),
        _ => line(
            out,
            "Binary files ",
            &[&names[0][..], b" and ", &names[1], b" differ"].concat(),
        ),
    }
}

fn lines<'a>(sides: [Option<&'a Side>; 2]) -> InternedInput<&'a [u8]> {
    let of = |side: Option<&'a Side>| -> &'a [u8] {
        side.and_then(|side| side.bytes.as_deref())
            .unwrap_or_default()
    };
    let mut input = InternedInput::default();
    input.update_before(of(sides[0]).split_inclusive(|byte| *byte == b'\n'));
    input.update_after(of(sides[1]).split_inclusive(|byte| *byte == b'\n'));
    input
}

/// The hunks of a text.
fn text(sides: [Option<&Side>; 2], out: &mut dyn Write) -> io::Result<()> {
    let input = lines(sides);
    let mut diff = Diff::compute(Algorithm::Histogram, &input);
    diff.postprocess_lines(&input);
    let mut group: Vec<Hunk> = Vec::new();
    for hunk in diff.hunks() {
        let apart = group
            .last()
            .is_some_and(|last| hunk.before.start - last.before.end > 2 * CONTEXT);
        if apart {
            write_hunk(&input, &group, out)?;
            group.clear();
        }
        group.push(hunk);
    }
    if group.is_empty() {
        return Ok(());
    }
    write_hunk(&input, &group, out)
}

/// Changes that stand so near to each other that the lines around them meet.
fn write_hunk(input: &InternedInput<&[u8]>, group: &[Hunk], out: &mut dyn Write) -> io::Result<()> {
    let (Some(first), Some(last)) = (group.first(), group.last()) else {
        return Ok(());
    };
    let lead = first.before.start.min(CONTEXT);
    let end = (input.before.len() as u32).min(last.before.end + CONTEXT);
    let tail = end - last.before.end;
    let range = |range: Range<u32>| {
        let start = if range.is_empty() {
            range.start
        } else {
            range.start + 1
        };
        format!("{start},{}", range.len())
    };
    let before = range(first.before.start - lead..end);
    let after = range(first.after.start - lead..last.after.end + tail);
    writeln!(out, "@@ -{before} +{after} @@")?;
    let mut at = first.before.start - lead;
    for hunk in group {
        rows(input, &input.before, at..hunk.before.start, b' ', out)?;
        rows(input, &input.before, hunk.before.clone(), b'-', out)?;
        rows(input, &input.after, hunk.after.clone(), b'+', out)?;
        at = hunk.before.end;
    }
    rows(input, &input.before, at..end, b' ', out)
}

fn rows(
    input: &InternedInput<&[u8]>,
    tokens: &[imara_diff::Token],
    range: Range<u32>,
    sign: u8,
    out: &mut dyn Write,
) -> io::Result<()> {
    for token in &tokens[range.start as usize..range.end as usize] {
        let line: &[u8] = input.interner[*token];
        out.write_all(&[sign])?;
        out.write_all(line)?;
        if !line.ends_with(b"\n") {
            out.write_all(b"\n\\ No newline at end of file\n")?;
        }
    }
    Ok(())
}

/// A name with a prefix; quoted as git quotes where it holds what a line cannot.
fn quoted(prefix: &str, name: &[u8]) -> Vec<u8> {
    let odd = |byte: u8| byte < b' ' || byte == 0x7f || byte == b'"' || byte == b'\\';
    let text = std::str::from_utf8(name).is_ok();
    let mut all = prefix.as_bytes().to_vec();
    if text && !name.iter().copied().any(odd) {
        all.extend(name);
        return all;
    }
    all.insert(0, b'"');
    for byte in name.iter().copied() {
        match byte {
            b'"' | b'\\' => all.extend([b'\\', byte]),
            _ if odd(byte) || byte >= 0x80 && !text => {
                all.extend(format!("\\{byte:03o}").bytes());
            }
            _ => all.push(byte),
        }
    }
    all.push(b'"');
    all
}

/// What a file is to hold, packed as git has it in patches ("literal").
fn packed(bytes: &[u8], out: &mut dyn Write) -> io::Result<()> {
    const DIGITS: &[u8; 85] =
        b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz!#$%&()*+-;<=>?@^_`{|}~";
    writeln!(out, "GIT binary patch\nliteral {}", bytes.len())?;
    let mut deflated = Vec::new();
    ZlibEncoder::new(bytes, Compression::default()).read_to_end(&mut deflated)?;
    for line in deflated.chunks(52) {
        let length = line.len() as u8;
        let sign = if length <= 26 {
            b'A' + length - 1
        } else {
            b'a' + length - 27
        };
        let mut row = vec![sign];
        for chunk in line.chunks(4) {
            let mut four = [0; 4];
            four[..chunk.len()].copy_from_slice(chunk);
            let mut number = u32::from_be_bytes(four);
            let mut five = [0; 5];
            for digit in five.iter_mut().rev() {
                *digit = DIGITS[(number % 85) as usize];
                number /= 85;
            }
            row.extend(five);
        }
        row.push(b'\n');
        out.write_all(&row)?;
    }
    out.write_all(b"\n")
}
