//! Writes sessions into a home as their agents do, so that stead's own adapters
//! read them. The records are those of the real agents, with the fields that
//! tell something; what happened stands in `session`.

mod aider;
mod claude;
mod cline;
mod codex;
mod diff;
mod opencode;

use std::fmt;
use std::path::Path;

use super::clock::Moment;
use super::noise::Noise;
use super::session::{Agent, Session};

/// The id that an agent gives to a session that begins now. Aider gives none:
/// its sections are named after their headings.
pub(super) fn native_id(agent: Agent, start: Moment, noise: &mut Noise) -> String {
    match agent {
        Agent::Claude => noise.uuid(),
        Agent::Codex => noise.uuid_at(start.0),
        Agent::OpenCode => opencode::descending_id("ses", start, noise),
        Agent::Cline => format!("{}_{}", start.0, noise.word(5).to_lowercase()),
        Agent::Aider => String::new(),
    }
}

/// Writes a session below a home, or, Aider's, into the folder it worked in.
pub(super) fn write(session: &Session, home: &Path) {
    match session.agent {
        Agent::Claude => claude::write(session, home),
        Agent::Codex => codex::write(session, home),
        Agent::OpenCode => opencode::write(session, home),
        Agent::Cline => cline::write(session, home),
        Agent::Aider => aider::write(session),
    }
}

/// Names the sections of Aider's histories as they will be read.
pub(super) fn name_sections(sessions: &mut [Session]) {
    aider::name(sessions);
}

/// Appends words to a text.
fn push(text: &mut String, words: fmt::Arguments<'_>) {
    text.push_str(&words.to_string());
}
