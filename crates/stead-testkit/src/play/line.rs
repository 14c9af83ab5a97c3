//! Lines and whose they are. What a tracer may answer about them stands in
//! `truth`.

/// A session of the story, by its number in order of appearance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionKey(pub(super) usize);

/// Who put a line where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Who {
    /// An agent, whose session shows the line's text.
    Agent(SessionKey),
    /// The person whose machine this is.
    Human,
    /// Somebody else, who has no sessions on this machine.
    Colleague,
    /// A program that an agent ran; no session shows the text.
    Program(SessionKey),
}

/// A line's identity: it stays when the line moves or is indented anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// Unique in the story.
    pub number: u32,
    /// Who wrote it.
    pub who: Who,
    /// Who changed it later, if that was somebody of another kind.
    pub changed: Option<Who>,
    /// The session that moved or copied it unchanged, if one did.
    pub carried: Option<SessionKey>,
    /// When it was written, in milliseconds since 1970.
    pub at: i64,
    /// The generator itself cannot say whose it is.
    pub unsure: bool,
}

impl Identity {
    /// What it becomes when somebody changes a part of the line.
    #[must_use]
    pub fn changed_by(&self, who: Who, number: u32, at: i64) -> Self {
        let mut new = Self {
            number,
            at,
            ..self.clone()
        };
        match (self.who, who) {
            // Of several of one kind the last one counts, and an agent's text
            // is whole in its session, whoever changed the line before.
            (Who::Human | Who::Colleague, Who::Agent(_))
            | (Who::Agent(_) | Who::Program(_), Who::Human | Who::Colleague)
            | (Who::Human, Who::Colleague)
            | (Who::Colleague, Who::Human) => new.changed = Some(who),
            _ => (new.who, new.changed) = (who, None),
        }
        new.carried = None;
        new
    }
}

/// A line of a file, without its line end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its text.
    pub text: String,
    /// Whose it is.
    pub identity: Identity,
}

/// The text without white space: what formatters and moves leave as it is.
pub(super) fn key(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Whether the text holds a mark of its own (`_` and at least four digits).
pub(super) fn is_marked(text: &str) -> bool {
    text.split('_')
        .skip(1)
        .any(|part| part.len() >= 4 && part.as_bytes()[..4].iter().all(u8::is_ascii_digit))
}

/// Whether the line says nothing: blank, or punctuation only.
pub(super) fn is_trivial(text: &str) -> bool {
    !text.chars().any(char::is_alphanumeric)
}
