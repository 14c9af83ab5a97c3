//! Compares answers with the truth of a corpus.

use std::fmt;

use stead_app::trace::{BlamedLine, Kind, Line};
use stead_testkit::truth::{TrueSession, Truth};

use super::truth::TrueLine;

/// What was right.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// Lines that a session wrote, and how many of them were given to it.
    written: (usize, usize),
    /// Lines that were given to a session, and how many of them it wrote.
    given: (usize, usize),
    /// Every line that was not answered rightly: what is true, and what was said.
    pub(super) misses: Vec<String>,
}

impl Judged {
    pub(super) fn add(
        &mut self,
        path: &str,
        lines: &[TrueLine],
        answers: &[BlamedLine],
        truth: &Truth,
    ) {
        assert_eq!(lines.len(), answers.len(), "{path}");
        for ((text, writer), answer) in lines.iter().zip(answers) {
            let line = &answer.line;
            assert_eq!(text.trim_end_matches('\n'), line.text, "{path}");
            let written = writer.map(|at| &truth.sessions[at]);
            let given = matches!(line.origin, Kind::Agent | Kind::Mixed);
            let right = given && written.is_some_and(|session| is_of(line, session));
            let human = line.origin == Kind::Human;
            assert!(!human || written.is_none(), "{path}: {text:?}: {line:?}");
            self.written.0 += usize::from(written.is_some());
            self.written.1 += usize::from(right);
            self.given.0 += usize::from(given);
            self.given.1 += usize::from(right);
            if right != written.is_some() || given != right {
                let name = written.map_or("nobody known", |session| &session.name);
                let miss = format!("{path}: {text:?} is of {name}: {line:?}");
                self.misses.push(miss);
            }
        }
    }
}

/// Whether a line was given to this session.
fn is_of(line: &Line, session: &TrueSession) -> bool {
    // OpenHands writes the same id with and without lines in it.
    let plain = |id: &str| id.replace('-', "");
    let said = plain(line.session.as_deref().unwrap_or_default());
    let ids = session.id.iter().chain(&session.ids);
    let mut ids = ids.flat_map(|ids| ids.split(' '));
    ids.any(|id| said.ends_with(&format!(":{}", plain(id))))
}

impl fmt::Display for Judged {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ((written, found), (given, right)) = (self.written, self.given);
        write!(out, "{found} of {written} found, {right} of {given} right")?;
        for miss in &self.misses {
            write!(out, "\n  {miss}")?;
        }
        Ok(())
    }
}
