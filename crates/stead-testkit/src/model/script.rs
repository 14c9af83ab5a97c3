//! Which answer a request gets.

use std::path::Path;

use serde::Deserialize;

use super::{Answer, Asked};

/// Which answer a request gets.
pub struct Script(Box<Choose>);

/// Chooses by the number of the request, from 0, and by the request.
type Choose = dyn Fn(usize, &Asked) -> Answer + Send + Sync;

/// A script as a file has it, whatever else stands there.
#[derive(Deserialize)]
struct Written {
    answers: Vec<Answer>,
}

impl Script {
    /// The first request gets the first answer, and so on; then all is done.
    pub fn in_order(answers: Vec<Answer>) -> Self {
        Self(Box::new(move |number, _| nth(&answers, number)))
    }

    /// The answer after so many answers in the conversation: whoever asks again gets the
    /// same.
    pub fn by_step(answers: Vec<Answer>) -> Self {
        Self(Box::new(move |_, asked| nth(&answers, asked.answers())))
    }

    /// The answer that a function finds. It is given the number of the request, from 0.
    pub fn by(answer: impl Fn(usize, &Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self(Box::new(answer))
    }

    /// The script of a JSON text, `{"answers": [{"say": …, "calls": [{"tool": …, "args": …}]}]}`:
    /// [`Script::in_order`].
    pub fn of_json(text: &str) -> serde_json::Result<Self> {
        let written: Written = serde_json::from_str(text)?;
        Ok(Self::in_order(written.answers))
    }

    /// The script of a JSON file.
    pub fn read(path: &Path) -> std::io::Result<Self> {
        Ok(Self::of_json(&fs_err::read_to_string(path)?)?)
    }

    pub(super) fn answer(&self, number: usize, asked: &Asked) -> Answer {
        (self.0)(number, asked)
    }
}

fn nth(answers: &[Answer], number: usize) -> Answer {
    let answer = answers.get(number).cloned();
    answer.unwrap_or_else(|| Answer::say("Done."))
}

impl From<Vec<Answer>> for Script {
    fn from(answers: Vec<Answer>) -> Self {
        Self::in_order(answers)
    }
}

impl From<Answer> for Script {
    fn from(answer: Answer) -> Self {
        Self::by(move |_, _| answer.clone())
    }
}
