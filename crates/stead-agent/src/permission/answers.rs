//! What the user answered in a session, as rules that end with it.

use super::policy::{Decision, Kind};
use super::verdict::{Finding, Named, Part, Verdict};

/// Answers of a session. They hold for exactly what was asked for, and never against a
/// rule that denies.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    given: Vec<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    tool: String,
    part: Part,
    decision: Decision,
}

impl Answers {
    /// Remembers an answer for all parts of a call that were asked for: `Allow` and
    /// `Deny` hold from now on, `Ask` forgets what was answered.
    pub fn remember(&mut self, verdict: &Verdict, decision: Decision) {
        let asked = verdict.findings.iter().filter(|finding| {
            finding.decision == Decision::Ask
                || finding
                    .rule
                    .as_ref()
                    .is_some_and(|rule| rule.kind == Kind::Session)
        });
        for finding in asked {
            let part = key(finding, verdict.line.as_deref());
            let answer = Answer {
                tool: verdict.tool.clone(),
                part,
                decision,
            };
            if !self.given.contains(&answer) {
                self.given.push(answer);
            }
        }
    }

    /// How many were given.
    pub const fn len(&self) -> usize {
        self.given.len()
    }

    /// Whether none was given.
    pub const fn is_empty(&self) -> bool {
        self.given.is_empty()
    }

    /// Replaces what would be asked by what was answered, the newest first.
    pub(super) fn apply(&self, tool: &str, line: Option<&str>, finding: Finding) -> Finding {
        if finding.decision != Decision::Ask {
            return finding;
        }
        let part = key(&finding, line);
        let mut given = self.given.iter().enumerate().rev();
        let found = given.find(|(_, answer)| answer.tool == tool && answer.part == part);
        match found {
            Some((at, answer)) if answer.decision != Decision::Ask => {
                let rule = Named {
                    source: "this session".to_owned(),
                    kind: Kind::Session,
                    number: at + 1,
                    line: None,
                };
                let said = match answer.decision {
                    Decision::Allow => "allowed",
                    _ => "denied",
                };
                Finding {
                    why: format!("{} is {said} by {rule}", finding.part),
                    decision: answer.decision,
                    rule: Some(rule),
                    part: finding.part,
                }
            }
            _ => finding,
        }
    }
}

/// What an answer holds for. A command in which something is not known before it runs may
/// be another one in another line, so that the answer is for the line.
fn key(finding: &Finding, line: Option<&str>) -> Part {
    match (&finding.part, line) {
        (Part::Command(text), Some(line))
            if text.contains(['$', '`', '…', '*', '?', '[', '{', '~']) =>
        {
            Part::Unclear(line.to_owned())
        }
        (part, _) => part.clone(),
    }
}
