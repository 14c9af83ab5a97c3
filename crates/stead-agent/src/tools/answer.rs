//! What a tool answers, and how long that may be.

use stead_edit::FilePlan;
use stead_llm::Image;

/// No answer has more characters.
pub const MOST: usize = 30_000;

/// What a tool answers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answer {
    /// For the model; at most [`MOST`] characters.
    pub text: String,
    /// Whether what was asked for was done.
    pub ok: bool,
    /// What was changed, in files that are already written.
    pub changes: Vec<FilePlan>,
    /// Pictures that belong to the answer.
    pub images: Vec<Image>,
    /// How a command ended by itself.
    pub exit: Option<i32>,
}

impl Answer {
    /// It was done.
    pub fn done(text: impl Into<String>) -> Self {
        Self {
            text: cut(text.into(), MOST),
            ok: true,
            ..Self::default()
        }
    }

    /// It was not done; the text says why, and what to do instead.
    pub fn refused(text: impl Into<String>) -> Self {
        Self {
            ok: false,
            ..Self::done(text)
        }
    }

    /// The same, no longer than an answer may be.
    pub(super) fn bounded(mut self) -> Self {
        self.text = cut(self.text, MOST);
        self
    }

    /// Adds what was not taken as it was written.
    pub(super) fn with_notes(mut self, notes: &[String]) -> Self {
        if notes.is_empty() {
            return self;
        }
        let notes: Vec<String> = notes.iter().map(|note| format!("\n[{note}]")).collect();
        let notes = cut(notes.concat(), MOST / 4);
        let left = MOST - notes.chars().count();
        self.text = cut(self.text, left);
        self.text.push_str(&notes);
        self
    }
}

/// The output of a check, as the model and the record get it.
pub fn of_check(output: String) -> String {
    /// A few failures with their traces; a model that needs more runs it by itself.
    const ROOM: usize = 8_000;
    cut(output, ROOM)
}

/// A text of at most so many characters: what is too much goes out of the middle, since
/// both the beginning and the end of most things tell more.
pub(super) fn cut(text: String, most: usize) -> String {
    // So long is the note at most.
    const NOTE: usize = 64;
    if text.len() <= most || text.chars().count() <= most {
        return text;
    }
    let all = text.chars().count();
    let keep = most.saturating_sub(NOTE);
    let (head, tail) = (keep / 2, keep - keep / 2);
    let place = |count: usize| {
        let place = text.char_indices().nth(count);
        place.map_or(text.len(), |(place, _)| place)
    };
    format!(
        "{}\n[… {} characters left out …]\n{}",
        &text[..place(head)],
        all - keep,
        &text[place(all - tail)..]
    )
}
