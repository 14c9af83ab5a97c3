//! Everything that notes say of a commit, for people and scripts to look at.

use super::entire;
use super::evidence::NoteEvidence;
use super::found::Notes;
use super::ranges::LineNumbers;
use crate::repo::{Commit, Objects};

/// What a note says of some lines of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct Claim {
    /// The file, from the top of the repository.
    pub path: String,
    /// The lines in the commit's file; none if it speaks of the file as a whole.
    pub lines: Option<LineNumbers>,
    /// What it says of them.
    pub said: NoteEvidence,
}

impl Notes {
    /// All claims about a commit, one kind of note after the other.
    pub fn claims(&mut self, objects: &mut Objects, commit: &Commit) -> Vec<Claim> {
        let mut claims = Vec::new();
        let mut add = |path: &str, lines: Option<LineNumbers>, said| {
            claims.push(Claim {
                path: path.to_owned(),
                lines,
                said,
            });
        };
        if let Some(log) = self.log(objects, &commit.id) {
            for (path, lines, said) in log.claims(&commit.id) {
                add(path, Some(lines.clone()), said);
            }
        }
        for record in self.records_of(&commit.id) {
            for (path, lines, said) in record.claims() {
                add(path, Some(lines), said);
            }
        }
        let sessions = self.sessions(objects, commit);
        let sessions = sessions.as_deref().unwrap_or_default();
        let mut paths: Vec<&String> = sessions
            .iter()
            .flat_map(entire::Checkpoint::files)
            .collect();
        paths.sort_unstable();
        paths.dedup();
        for path in paths {
            if let Some(said) = entire::said(sessions, path) {
                add(path, None, said);
            }
        }
        claims
    }
}
