//! Finds the places of a file's hunks.

use std::cell::OnceCell;
use std::ops::Range;

use crate::change::{Hunk, Row};
use crate::error::EditError;
use crate::indent::{Shift, shifts};
use crate::seek::{Haystack, Likeness, nearest};

/// So often another place is tried for a hunk because a later one does not fit.
const TRIES: usize = 500;

/// Where a hunk stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Placed {
    /// Its first old line, counted from 0.
    pub(crate) place: usize,
    /// So many lines are old.
    pub(crate) length: usize,
    /// Which of its rows stand there.
    pub(crate) rows: Range<usize>,
    /// The next hunk is looked for from this line on.
    pub(crate) next: usize,
    /// How its lines were found.
    pub(crate) likeness: Likeness,
    /// How its new lines are to be indented: one for each of these rows, or none
    /// where they stand as they were written.
    pub(crate) shifts: Vec<Shift>,
}

impl Placed {
    fn end(&self) -> usize {
        self.place + self.length
    }

    /// Whether it has no line with others in common and does not stand within one.
    fn is_free(&self, others: &[&Self]) -> bool {
        let overlaps = |other: &&&Self| self.place < other.end() && other.place < self.end();
        !others.iter().any(|other| overlaps(&other))
    }
}

/// The places of all hunks of a file, in their order.
pub(crate) fn place(path: &str, lines: &[&str], hunks: &[Hunk]) -> Result<Vec<Placed>, EditError> {
    let file = File {
        path,
        lines,
        haystacks: Default::default(),
    };
    // Each hunk with its possible places and the one that is tried.
    let mut tried: Vec<(Vec<Placed>, usize)> = Vec::new();
    let mut deepest: Option<(usize, EditError)> = None;
    let mut left = TRIES;
    while let Some(hunk) = hunks.get(tried.len()) {
        let before: Vec<&Placed> = tried.iter().map(|(places, at)| &places[*at]).collect();
        match file.candidates(hunk, &before) {
            Ok(places) => tried.push((places, 0)),
            Err(error) => {
                if deepest
                    .as_ref()
                    .is_none_or(|(depth, _)| *depth < tried.len())
                {
                    deepest = Some((tried.len(), error));
                }
                if !step_back(&mut tried, &mut left) {
                    break;
                }
            }
        }
    }
    match deepest {
        Some((_, error)) if tried.len() < hunks.len() => Err(error),
        _ => Ok(tried
            .into_iter()
            .map(|(mut places, at)| places.swap_remove(at))
            .collect()),
    }
}

/// Goes on with the next possible place of the last hunk that has one.
fn step_back(tried: &mut Vec<(Vec<Placed>, usize)>, left: &mut usize) -> bool {
    while let Some((places, at)) = tried.last_mut() {
        if *at + 1 < places.len() && *left > 0 {
            *at += 1;
            *left -= 1;
            return true;
        }
        tried.pop();
    }
    false
}

struct File<'a> {
    path: &'a str,
    lines: &'a [&'a str],
    haystacks: [OnceCell<Haystack>; 4],
}

impl File<'_> {
    fn haystack(&self, likeness: Likeness) -> &Haystack {
        let place = Likeness::ALL.iter().position(|one| *one == likeness);
        let cell = &self.haystacks[place.unwrap_or(0)];
        cell.get_or_init(|| Haystack::new(self.lines, likeness))
    }

    /// Where a hunk may stand after others, the likeliest first; never empty.
    fn candidates(&self, hunk: &Hunk, before: &[&Placed]) -> Result<Vec<Placed>, EditError> {
        let after = before.last().map_or(0, |last| last.next);
        let start = self.below(&hunk.above, after);
        if hunk.old().is_empty() {
            let mut placed = self.insertion(hunk, start, after);
            // Not within lines that another hunk changes.
            for place in [after, self.lines.len()] {
                if !placed.is_free(before) {
                    (placed.place, placed.next) = (place, after);
                }
            }
            return Ok(vec![placed]);
        }
        let mut first_error = None;
        for rows in variants(&hunk.rows) {
            let variant = Hunk {
                rows: hunk.rows[rows.clone()].to_vec(),
                ..hunk.clone()
            };
            // Without the lines that it should stand below, any place is as good.
            let from = start.unwrap_or(after);
            let found = self.found(&variant, from, variant.first && start.is_some());
            let found = found.or_else(|error| self.anywhere(&variant, before, error));
            let found = found.and_then(|mut places| {
                places.retain(|placed| placed.is_free(before));
                if places.is_empty() {
                    return Err(self.not_found(&variant.old()));
                }
                Ok(places)
            });
            match found {
                Ok(mut places) => {
                    for placed in &mut places {
                        placed.rows = rows.clone();
                    }
                    return Ok(places);
                }
                Err(error) => drop(first_error.get_or_insert(error)),
            }
        }
        Err(first_error.unwrap_or_else(|| self.not_found(&hunk.old())))
    }

    /// The line below all that the hunk should stand below; `None` if they are not
    /// there.
    fn below(&self, above: &[String], after: usize) -> Option<usize> {
        let mut start = after;
        for head in above {
            let find = |from: usize| {
                let found = Likeness::ALL.iter().map(|likeness| {
                    let places = self.haystack(*likeness).places(&[head.as_str()], from);
                    places.first().copied()
                });
                found
                    .flatten()
                    .next()
                    .or_else(|| self.containing(head, from))
            };
            start = find(start).or_else(|| find(0))? + 1;
        }
        Some(start)
    }

    /// The only line that has a piece of text in it.
    fn containing(&self, piece: &str, from: usize) -> Option<usize> {
        let piece = piece.trim();
        let has = |line: &usize| !piece.is_empty() && self.lines[*line].contains(piece);
        let mut lines = (from..self.lines.len()).filter(has);
        let first = lines.next()?;
        lines.next().is_none().then_some(first)
    }

    /// Lines that come where none is there: below what they should stand below, else
    /// where they say, else at the end.
    fn insertion(&self, hunk: &Hunk, start: Option<usize>, after: usize) -> Placed {
        let end = self.lines.len();
        let place = match (start, hunk.line) {
            (Some(start), _) if !hunk.above.is_empty() && !hunk.at_end => start,
            (_, Some(line)) => line.min(end),
            _ => end,
        };
        Placed {
            place,
            next: if place == end { after } else { place },
            length: 0,
            rows: 0..hunk.rows.len(),
            likeness: Likeness::Same,
            shifts: Vec::new(),
        }
    }

    /// Where the old lines stand from a line on.
    fn found(&self, hunk: &Hunk, from: usize, first: bool) -> Result<Vec<Placed>, EditError> {
        let old = hunk.old();
        for likeness in Likeness::ALL {
            let mut places = self.haystack(likeness).places(&old, from);
            let last = self.lines.len().saturating_sub(old.len());
            if hunk.at_end && places.last() == Some(&last) {
                places = vec![last];
            }
            if let Some(line) = hunk
                .line
                .filter(|line| *line > 0 && places.contains(&(line - 1)))
            {
                places = vec![line - 1];
            }
            if places.is_empty() {
                continue;
            }
            let exact = likeness <= Likeness::TrailingSpace;
            if places.len() > 1 && !(first && exact) {
                return Err(EditError::Ambiguous {
                    path: self.path.to_owned(),
                    wanted: old.join("\n"),
                    lines: places.into_iter().map(|place| place + 1).collect(),
                });
            }
            let places = places.into_iter();
            return places
                .map(|place| self.placed(place, hunk, likeness))
                .collect();
        }
        Err(self.not_found(&old))
    }

    /// The only place in the whole file, where the hunk is not in order.
    fn anywhere(
        &self,
        hunk: &Hunk,
        before: &[&Placed],
        error: EditError,
    ) -> Result<Vec<Placed>, EditError> {
        if before.is_empty() && hunk.above.is_empty()
            || !matches!(error, EditError::NotFound { .. })
        {
            return Err(error);
        }
        let places = self.found(hunk, 0, false)?;
        if places.iter().all(|placed| placed.is_free(before)) {
            Ok(places)
        } else {
            Err(error)
        }
    }

    fn placed(&self, place: usize, hunk: &Hunk, likeness: Likeness) -> Result<Placed, EditError> {
        let length = hunk.old().len();
        let there = &self.lines[place..place + length];
        let shifts = if likeness <= Likeness::TrailingSpace {
            Vec::new()
        } else {
            shifts(&hunk.rows, there).ok_or_else(|| indentation(self.path, place, there))?
        };
        Ok(Placed {
            place,
            next: place + length,
            length,
            rows: 0..0,
            likeness,
            shifts,
        })
    }

    fn not_found(&self, old: &[&str]) -> EditError {
        let near = nearest(self.lines, old).map(|place| {
            let end = (place + old.len()).min(self.lines.len());
            (place + 1, self.lines[place..end].join("\n"))
        });
        EditError::NotFound {
            path: self.path.to_owned(),
            wanted: old.join("\n"),
            near,
        }
    }
}

pub(crate) fn indentation(path: &str, place: usize, there: &[&str]) -> EditError {
    EditError::Indentation {
        path: path.to_owned(),
        line: place + 1,
        there: there.join("\n"),
    }
}

/// The rows as they are, and without empty lines around them that are often not meant.
fn variants(rows: &[Row]) -> Vec<Range<usize>> {
    let empty = |row: Option<&Row>| match row {
        Some(Row::Keep(line) | Row::Remove(line)) => line.trim().is_empty(),
        _ => false,
    };
    let (first, last) = (
        usize::from(empty(rows.first())),
        usize::from(empty(rows.last())),
    );
    let whole = 0..rows.len();
    let mut variants = vec![whole.clone()];
    for range in [
        0..rows.len() - last,
        first..rows.len(),
        first..rows.len().saturating_sub(last),
    ] {
        let tells = rows.get(range.clone()).is_some_and(|rows| {
            let mut rows = rows.iter();
            rows.any(|row| !matches!(row, Row::Add(_)) && !empty(Some(row)))
        });
        if tells && !variants.contains(&range) {
            variants.push(range);
        }
    }
    variants
}
