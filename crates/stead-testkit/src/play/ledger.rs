//! Remembers whose every line was, so that files can be told apart again after
//! git has merged, moved or brought back what it liked. It runs no git.

use std::collections::HashMap;

use super::file::{File, shape};
use super::line::{Identity, Line, is_marked, key};

/// How far a line without a mark may be from one that has one.
const REACH: usize = 6;

/// What one repository's lines were, over all its folders and branches.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// Lines with a mark, by their text; the newest last.
    marked: HashMap<String, Vec<Identity>>,
    /// Lines without, by their text and the distance to a line with one.
    plain: HashMap<(String, String, isize), Identity>,
    /// Whole files, by path and bytes, and by bytes alone.
    states: HashMap<(Option<String>, Vec<u8>), Vec<Line>>,
}

impl Ledger {
    /// Takes down a state of a file.
    pub(super) fn remember(&mut self, path: &str, file: &File) {
        let bytes = file.bytes();
        let lines = &file.lines;
        self.keep((Some(path.to_owned()), bytes.clone()), lines);
        self.keep((None, bytes), lines);
        for (place, line) in lines.iter().enumerate() {
            if line.identity.unsure {
                continue;
            }
            if is_marked(&line.text) {
                let known = self.marked.entry(key(&line.text)).or_default();
                known.retain(|identity| *identity != line.identity);
                known.push(line.identity.clone());
                continue;
            }
            for (anchor, distance) in anchors(place, lines.len(), |at| &lines[at].text) {
                let name = (key(&line.text), anchor, distance);
                let known = self.plain.entry(name);
                let known = known.or_insert_with(|| line.identity.clone());
                *known = told_apart(known, &line.identity);
            }
        }
    }

    /// Takes down a whole file.
    fn keep(&mut self, name: (Option<String>, Vec<u8>), lines: &[Line]) {
        let known = self.states.entry(name).or_insert_with(|| lines.to_vec());
        for (known, line) in known.iter_mut().zip(lines) {
            known.identity = told_apart(&known.identity, &line.identity);
        }
    }

    /// Says whose the lines of a file are; `None` if it is no text.
    pub(super) fn resolve(&self, path: &str, bytes: &[u8]) -> Option<File> {
        let shape = shape(bytes)?;
        let whole = [Some(path.to_owned()), None]
            .into_iter()
            .find_map(|path| self.states.get(&(path, bytes.to_vec())));
        let lines = whole.cloned().unwrap_or_else(|| {
            let one = |place| self.line(&shape.texts, place);
            (0..shape.texts.len()).map(one).collect()
        });
        Some(File {
            lines,
            crlf: shape.crlf,
            ends: shape.ends,
            charset: shape.charset,
        })
    }

    fn line(&self, texts: &[String], place: usize) -> Line {
        let text = texts[place].clone();
        let identity = if is_marked(&text) {
            let known = self.marked.get(&key(&text));
            known.and_then(|known| known.last()).cloned()
        } else {
            anchors(place, texts.len(), |at| &texts[at])
                .into_iter()
                .find_map(|(anchor, distance)| self.plain.get(&(key(&text), anchor, distance)))
                .cloned()
        };
        let identity = identity.unwrap_or(Identity {
            number: 0,
            who: super::line::Who::Human,
            changed: None,
            carried: None,
            at: 0,
            unsure: true,
        });
        Line { text, identity }
    }
}

/// The new identity of a line at a place that had one before. If they are of
/// different people, git may bring back either: then it is not sure.
fn told_apart(known: &Identity, new: &Identity) -> Identity {
    let same = (known.who, known.changed) == (new.who, new.changed);
    Identity {
        unsure: new.unsure || known.unsure || !same,
        ..new.clone()
    }
}

/// The nearest lines with a mark above and below, nearer ones first.
fn anchors<'t>(
    place: usize,
    len: usize,
    text: impl Fn(usize) -> &'t String,
) -> Vec<(String, isize)> {
    let above = (1..=REACH.min(place)).find(|step| is_marked(text(place - step)));
    let below = (1..=REACH.min(len - 1 - place)).find(|step| is_marked(text(place + step)));
    let mut found = Vec::new();
    if let Some(step) = above {
        found.push((key(text(place - step)), -(step as isize)));
    }
    if let Some(step) = below {
        found.push((key(text(place + step)), step as isize));
    }
    found.sort_by_key(|(_, distance)| distance.abs());
    found
}
