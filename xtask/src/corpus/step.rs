//! What happens in a session, whatever agent it is of.

use super::project::Edit;

/// Tokens of one request, cache counted apart from input.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Usage {
    pub(super) input: u64,
    pub(super) output: u64,
    pub(super) reasoning: u64,
    pub(super) cache_read: u64,
    pub(super) cache_write: u64,
}

impl Usage {
    pub(super) fn add(&mut self, other: Self) {
        self.input += other.input;
        self.output += other.output;
        self.reasoning += other.reasoning;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
    }
}

/// A call of a tool, with what came back.
#[derive(Debug)]
pub(super) enum Call {
    Read {
        path: String,
        text: String,
        start: usize,
        total: usize,
    },
    Edit {
        path: String,
        edit: Edit,
    },
    Write {
        path: String,
        text: String,
    },
    Bash {
        command: String,
        what: String,
        output: String,
        exit: i32,
    },
    /// Hands a task to a subagent, whose session is `child`.
    Agent {
        what: String,
        prompt: String,
        answer: String,
        child: String,
    },
}

/// One request to a model and what it answered.
#[derive(Debug)]
pub(super) struct Step {
    pub(super) think: Option<String>,
    pub(super) say: Option<String>,
    pub(super) call: Option<Call>,
    pub(super) usage: Usage,
    pub(super) ms: i64,
}

impl Step {
    /// The last step of a turn: the answer to the user.
    pub(super) fn last(&self) -> bool {
        self.call.is_none()
    }
}
