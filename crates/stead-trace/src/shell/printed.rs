//! What commands print, as far as it is known: own text, or parts of files, which
//! the recorded output then shows.

use crate::shown::numbered;
use crate::step::Action;

/// Longer outputs are cut by most agents, some without a word.
const WHOLE: usize = 30_000;

/// What was printed, in order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Out(pub(super) Vec<Part>);

/// A part of what was printed.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Part {
    /// This text.
    Text(String),
    /// Lines of a file.
    File(File),
    /// Something.
    Unknown,
}

/// Lines of a file that are printed.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct File {
    pub(super) path: String,
    /// So many changes came before it was read.
    pub(super) after: usize,
    /// The first line, counted from 1.
    pub(super) first: u64,
    /// All lines are printed.
    pub(super) whole: bool,
    /// They have numbers before them.
    pub(super) numbered: bool,
}

impl Part {
    /// All of a file.
    pub(super) const fn of(path: String, after: usize) -> Self {
        Self::File(File {
            path,
            after,
            first: 1,
            whole: true,
            numbered: false,
        })
    }
}

impl Out {
    pub(super) fn text(text: &str) -> Self {
        if text.is_empty() {
            return Self::default();
        }
        Self(vec![Part::Text(text.to_owned())])
    }

    pub(super) fn unknown() -> Self {
        Self(vec![Part::Unknown])
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn extend(&mut self, more: Self) {
        for part in more.0 {
            match (self.0.last_mut(), part) {
                (Some(Part::Unknown), Part::Unknown) => {}
                (Some(Part::Text(text)), Part::Text(more)) => text.push_str(&more),
                (_, part) => self.0.push(part),
            }
        }
    }

    /// The text, if all of it is known.
    pub(super) fn known(&self) -> Option<String> {
        match self.0.as_slice() {
            [] => Some(String::new()),
            [Part::Text(text)] => Some(text.clone()),
            _ => None,
        }
    }

    /// How much of it is held.
    pub(super) fn size(&self) -> usize {
        let size = |part: &Part| match part {
            Part::Text(text) => text.len(),
            Part::File(_) | Part::Unknown => 0,
        };
        self.0.iter().map(size).sum()
    }

    /// Only lines of one file.
    pub(super) fn file(&self) -> Option<&File> {
        match self.0.as_slice() {
            [Part::File(file)] => Some(file),
            _ => None,
        }
    }

    /// What the recorded output shows of files, if it can be told what is from
    /// which: known text stands between them. The number is that of changes before.
    pub(super) fn shown(&self, output: &str) -> Vec<(usize, String, Action)> {
        let mut rest = output;
        let mut shown = Vec::new();
        for (at, part) in self.0.iter().enumerate() {
            match part {
                Part::Text(text) => match rest.strip_prefix(text.trim_end()) {
                    Some(after) => rest = after.strip_prefix('\n').unwrap_or(after),
                    None => return shown,
                },
                Part::File(file) => {
                    let (text, after) = match self.0.get(at + 1) {
                        None => (rest, ""),
                        Some(Part::Text(next)) => match split(rest, next.trim_end()) {
                            Some(halves) => halves,
                            None => return shown,
                        },
                        Some(_) => return shown,
                    };
                    rest = after;
                    shown.extend(show(file, text));
                }
                Part::Unknown => return shown,
            }
        }
        shown
    }
}

/// Splits before a text that stands at the beginning of a line, and only once.
fn split<'a>(output: &'a str, at: &str) -> Option<(&'a str, &'a str)> {
    let bare = at.trim_start_matches('\n');
    let mut places = output
        .match_indices(bare)
        .map(|(place, _)| place)
        .filter(|place| *place == 0 || output[..*place].ends_with('\n'));
    let place = places.next().filter(|_| !bare.is_empty())?;
    if places.next().is_some() {
        return None;
    }
    // Blank lines that the text begins with are not the file's.
    let blank = at.len() - bare.len();
    let before = &output[..place];
    let end = before.len() - blank.min(before.len() - before.trim_end_matches('\n').len());
    Some((&before[..end], &output[place..]))
}

fn show(file: &File, text: &str) -> Option<(usize, String, Action)> {
    let is_cut = text.len() >= WHOLE || text.lines().any(is_note);
    if is_cut || text.trim().is_empty() {
        return None;
    }
    let (first, text, whole) = if file.numbered {
        let (first, text) = numbered(text)?;
        (first, text, false)
    } else {
        let end = if text.ends_with('\n') { "" } else { "\n" };
        (file.first, format!("{text}{end}"), file.whole)
    };
    let action = Action::Show { text, first, whole };
    Some((file.after, file.path.clone(), action))
}

/// Whether a line is a program's or an agent's, not the file's: a complaint, or a
/// note that something was left out.
fn is_note(line: &str) -> bool {
    const PROGRAMS: [&str; 7] = [
        "cat: ", "head: ", "sed: ", "nl: ", "bash: ", "sh: ", "zsh: ",
    ];
    const COMPLAINTS: [&str; 3] = ["No such file", "not found", "denied"];
    const NOTES: [&str; 4] = ["truncated", "omitted", "clipped", "elided"];
    let is_program = PROGRAMS.iter().any(|name| line.starts_with(name));
    let lower = line.to_ascii_lowercase();
    let is_framed = line.starts_with(['[', '<', '(', '…']) || line.starts_with("...");
    is_program && COMPLAINTS.iter().any(|words| line.contains(words))
        || is_framed && NOTES.iter().any(|word| lower.contains(word))
}
