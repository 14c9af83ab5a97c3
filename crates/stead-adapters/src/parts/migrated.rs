//! Sessions that an agent took over from the form of `tasks`, message by message. As
//! long as nothing is added such a session is the task once more, and bears its id. Then
//! the task goes on in it, and what it holds of the task is inherited.

use rusqlite::{Connection, Error};

use super::reply::Reply;
use crate::tasks::words::{Part, parts};

/// How an agent marks what it took over.
#[derive(Debug)]
pub(crate) struct Migrated {
    /// How ids of sessions begin.
    pub(crate) session: &'static str,
    /// How ids of messages begin.
    pub(crate) message: &'static str,
    /// What stands for the version that wrote the session, which is not known.
    pub(crate) version: &'static str,
    /// What stands for the model that answered, which is not known.
    pub(crate) model: &'static str,
}

impl Migrated {
    /// Whether a session was taken over.
    pub(super) fn is_session(&self, id: &str) -> bool {
        id.starts_with(self.session)
    }

    /// Whether nothing stands in a session but what was taken over.
    pub(super) fn is_copy(&self, connection: &Connection, id: &str) -> Result<bool, Error> {
        if !self.is_session(id) {
            return Ok(false);
        }
        let mut own = connection.prepare_cached(
            "SELECT 1 FROM message WHERE session_id = ?1 AND substr(id, 1, length(?2)) <> ?2",
        )?;
        Ok(!own.exists([id, self.message])?)
    }

    /// Marks a message that was taken over; `copied` if the whole session was.
    pub(super) fn mark(&self, reply: &mut Reply, copied: bool) {
        if !reply.id.starts_with(self.message) {
            return;
        }
        reply.migrated = true;
        reply.inherited = !copied;
        reply.model.take_if(|model| model.id == self.model);
    }
}

/// The pieces of a text in the user's place, each with whether the agent added it.
/// Tags around what was typed were kept but for those of the first prompt. Where
/// answers of tools are texts, `answers` says so from the first one on.
pub(super) fn pieces(text: &str, answers: &mut bool) -> Vec<(String, bool)> {
    *answers |= is_answer(text);
    let parts = parts(text);
    let tagged = parts.iter().any(|part| matches!(part, Part::Typed(_)));
    if !tagged {
        let added = *answers || text.starts_with("<environment_details>");
        return vec![(text.to_owned(), added)];
    }
    let piece = |part| match part {
        Part::Typed(text) => (str::trim(text).to_owned(), false),
        Part::Added(text) => (text.to_owned(), true),
    };
    parts.into_iter().map(piece).collect()
}

/// `[read_file for 'src/main.rs'] Result:`
fn is_answer(text: &str) -> bool {
    let first = text.lines().next().unwrap_or_default();
    first.starts_with('[') && first.trim_end().ends_with("] Result:")
}

#[cfg(test)]
mod tests {
    use super::pieces;

    #[test]
    fn what_was_typed_is_told_apart() {
        let check = |text: &str, answers: bool, expected: &[(&str, bool)]| {
            let found = pieces(text, &mut { answers });
            let found: Vec<_> = found
                .iter()
                .map(|(text, added)| (text.as_str(), *added))
                .collect();
            assert_eq!(found, expected, "{text}");
        };
        check("Do it", false, &[("Do it", false)]);
        check("<file>x</file>", true, &[("<file>x</file>", true)]);
        check(
            "[read_file for 'a'] Result:",
            false,
            &[("[read_file for 'a'] Result:", true)],
        );
        check(
            "<feedback>\nNo, this\n</feedback>",
            true,
            &[("No, this", false)],
        );
        check(
            "New instructions:\n<user_message>\nGo on\n</user_message>",
            false,
            &[("New instructions:\n", true), ("Go on", false)],
        );
        check("", false, &[("", false)]);
    }
}
