//! What files are to hold after changes.

use std::collections::VecDeque;

use crate::change::{Change, Hunk, Row};
use crate::error::EditError;
use crate::indent::Shift;
use crate::place::{Placed, indentation, place};
use crate::replace::replace;
use crate::seek::Likeness;
use crate::text::{Binary, End, Line, Text};

/// Files to look at.
pub trait Tree {
    /// What a file holds: `Ok(None)` if nothing is there. Paths are relative, with
    /// `/`, and never lead out.
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, EditError>;

    /// A path as it was written as one from the top of the tree; `None` if it leads
    /// out of it.
    fn inside(&self, path: &str) -> Option<String> {
        relative(path)
    }
}

/// What one file is to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePlan {
    /// The file, from the top of the tree.
    pub path: String,
    /// What it held; `None` if it was not there.
    pub before: Option<Vec<u8>>,
    /// What it is to hold; `None` if it is to go.
    pub after: Option<Vec<u8>>,
    /// The path that it had, if it is moved.
    pub moved_from: Option<String>,
}

/// Something that was not taken as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Correction {
    /// The file.
    pub path: String,
    /// What was done instead, in words for whoever wrote the change.
    pub message: String,
}

/// What all changed files are to hold, each once, in the order of the changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The files.
    pub files: Vec<FilePlan>,
    /// What was not taken as it was written.
    pub corrections: Vec<Correction>,
}

/// Plans all changes, each on what the ones before it leave, or none.
pub fn plan(changes: &[Change], tree: &dyn Tree) -> Result<Plan, EditError> {
    match plan_each(changes, tree) {
        (plan, None) => Ok(plan),
        (_, Some(error)) => Err(error),
    }
}

/// Plans changes up to the first that cannot be done, and says why it cannot.
pub fn plan_each(changes: &[Change], tree: &dyn Tree) -> (Plan, Option<EditError>) {
    let mut planner = Planner {
        tree,
        plan: Plan::default(),
    };
    let mut nothing = None;
    for change in changes {
        match planner.change(change) {
            Ok(()) => {}
            // Models write blocks that replace a text by itself, among others that do not.
            Err(EditError::Nothing { path }) => {
                planner.plan.corrections.push(Correction {
                    path: path.clone(),
                    message: "a change that changes nothing was left out".to_owned(),
                });
                nothing = Some(EditError::Nothing { path });
            }
            Err(error) => return (planner.plan, Some(error)),
        }
    }
    let nothing = nothing.filter(|_| planner.plan.files.is_empty());
    (planner.plan, nothing)
}

struct Planner<'a> {
    tree: &'a dyn Tree,
    plan: Plan,
}

impl Planner<'_> {
    fn change(&mut self, change: &Change) -> Result<(), EditError> {
        let path = self.inside(change.path())?;
        match change {
            Change::Write { text, .. } => {
                self.held(&path)?;
                self.put(&path, Some(text.clone().into_bytes()), None)
            }
            Change::Delete { .. } => {
                self.existing(&path)?;
                self.put(&path, None, None)
            }
            Change::Update {
                move_to,
                hunks,
                close,
                ..
            } => {
                let to = move_to.as_deref().map(|to| self.inside(to)).transpose()?;
                let mut text = self.text(&path)?;
                self.update(&path, &mut text, hunks)?;
                if *close {
                    text.close();
                }
                let bytes = bytes(&path, &text)?;
                match to.filter(|to| *to != path) {
                    None => self.put(&path, Some(bytes), None),
                    Some(to) => {
                        self.held(&to)?;
                        self.put(&path, None, None)?;
                        self.put(&to, Some(bytes), Some(path))
                    }
                }
            }
            Change::Replace { old, new, all, .. } => {
                if old.is_empty() && self.held(&path)?.is_none_or(|held| held.is_empty()) {
                    return self.put(&path, Some(new.clone().into_bytes()), None);
                }
                let mut text = self.text(&path)?;
                let correction = replace(&path, &mut text, old, new, *all)?;
                self.plan.corrections.extend(correction);
                let bytes = bytes(&path, &text)?;
                self.put(&path, Some(bytes), None)
            }
        }
    }

    fn inside(&self, path: &str) -> Result<String, EditError> {
        let inside = self.tree.inside(path);
        inside.ok_or_else(|| EditError::Outside {
            path: path.to_owned(),
        })
    }

    /// What a file holds after the changes so far.
    fn held(&self, path: &str) -> Result<Option<Vec<u8>>, EditError> {
        let planned = self.plan.files.iter().rfind(|file| file.path == path);
        match planned {
            Some(file) => Ok(file.after.clone()),
            None => self.tree.read(path),
        }
    }

    fn existing(&self, path: &str) -> Result<Vec<u8>, EditError> {
        self.held(path)?.ok_or_else(|| EditError::Missing {
            path: path.to_owned(),
        })
    }

    fn text(&self, path: &str) -> Result<Text, EditError> {
        Text::of(&self.existing(path)?).map_err(|Binary| EditError::Binary {
            path: path.to_owned(),
        })
    }

    fn put(
        &mut self,
        path: &str,
        after: Option<Vec<u8>>,
        moved_from: Option<String>,
    ) -> Result<(), EditError> {
        let planned = self.plan.files.iter_mut().find(|file| file.path == path);
        if let Some(file) = planned {
            file.after = after;
            file.moved_from = moved_from.or(file.moved_from.take());
            return Ok(());
        }
        self.plan.files.push(FilePlan {
            before: self.tree.read(path)?,
            path: path.to_owned(),
            after,
            moved_from,
        });
        Ok(())
    }

    fn update(&mut self, path: &str, text: &mut Text, hunks: &[Hunk]) -> Result<(), EditError> {
        let placed = place(path, &text.plain(), hunks)?;
        self.plan
            .corrections
            .extend(corrections(path, hunks, &placed));
        *text = carried_out(path, text, hunks, &placed)?;
        Ok(())
    }
}

fn bytes(path: &str, text: &Text) -> Result<Vec<u8>, EditError> {
    text.to_bytes().ok_or_else(|| EditError::Encoding {
        path: path.to_owned(),
    })
}

/// What was taken leniently.
pub(crate) fn corrections(path: &str, hunks: &[Hunk], placed: &[Placed]) -> Vec<Correction> {
    let told = placed.iter().zip(hunks).filter_map(|(one, hunk)| {
        let mut words = Vec::new();
        if one.likeness > Likeness::Same {
            words.push(one.likeness.words());
        }
        if one.rows.len() < hunk.rows.len() {
            words.push("but for empty lines around them");
        }
        let message = format!(
            "lines {} to {} were taken as those meant, which they are {}",
            one.place + 1,
            one.place + one.length,
            words.join(" and ")
        );
        (!words.is_empty()).then(|| Correction {
            path: path.to_owned(),
            message,
        })
    });
    told.collect()
}

/// The text with all hunks in their places.
pub(crate) fn carried_out(
    path: &str,
    text: &Text,
    hunks: &[Hunk],
    placed: &[Placed],
) -> Result<Text, EditError> {
    let mut order: Vec<usize> = (0..hunks.len()).collect();
    // What comes in stands before what changes in the same place.
    order.sort_by_key(|number| (placed[*number].place, placed[*number].length));
    let mut result = Text {
        lines: Vec::with_capacity(text.lines.len()),
        ..text.clone()
    };
    let mut at = 0;
    for number in order {
        let (placed, hunk) = (&placed[number], &hunks[number]);
        result
            .lines
            .extend_from_slice(&text.lines[at..placed.place]);
        at = placed.place + placed.length;
        let there = &text.lines[placed.place..at];
        let rows = &hunk.rows[placed.rows.clone()];
        put(&mut result, there, rows, placed, text.usual_end()).ok_or_else(|| {
            let there: Vec<&str> = there.iter().map(|line| line.text.as_str()).collect();
            indentation(path, placed.place, &there)
        })?;
    }
    result.lines.extend_from_slice(&text.lines[at..]);
    Ok(result)
}

/// Puts the rows of one hunk in; `None` if a new line cannot be indented as those
/// around it are.
fn put(result: &mut Text, there: &[Line], rows: &[Row], placed: &Placed, usual: End) -> Option<()> {
    // A new line ends as the one in whose place it stands.
    let mut ends: VecDeque<End> = VecDeque::new();
    let mut old = there.iter();
    // What follows a line without an end would stand on it.
    let close = |result: &mut Text| {
        if let Some(last) = result.lines.last_mut().filter(|last| last.end == End::None) {
            last.end = usual;
        }
    };
    for (number, row) in rows.iter().enumerate() {
        match row {
            Row::Keep(_) => {
                close(result);
                result.lines.extend(old.next().cloned());
                ends.clear();
            }
            Row::Remove(_) => ends.extend(old.next().map(|line| line.end)),
            Row::Add(line) => {
                close(result);
                let before = result.lines.last().map(|line| line.end);
                let end = ends.pop_front().or(before).unwrap_or(usual);
                let shift = placed.shifts.get(number).unwrap_or(&Shift::None);
                let text = shift.apply(line)?;
                result.lines.push(Line { text, end });
            }
        }
    }
    Some(())
}

/// A path without `.` and `..`; `None` if it is absolute, empty or leads out.
pub fn relative(path: &str) -> Option<String> {
    let path = path.trim().replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':');
    if path.is_empty() || path.starts_with('/') || drive || path.contains('\0') {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    (!parts.is_empty()).then(|| parts.join("/"))
}
