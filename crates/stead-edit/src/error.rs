//! Why a change is refused, in words that help whoever wrote it to write it anew.

/// A form that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct ParseError {
    /// The line of the text that was read, counted from 1.
    pub line: usize,
    /// What is wrong, and what is expected.
    pub message: String,
}

/// A change that cannot be done, or not without a guess.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// There is no such file.
    #[error("{path}: there is no such file")]
    Missing {
        /// The file.
        path: String,
    },
    /// It is a folder, or something else without lines.
    #[error("{path}: it is not a file")]
    NoFile {
        /// The path.
        path: String,
    },
    /// It cannot be read.
    #[error("{path}: {reason}")]
    Unreadable {
        /// The file.
        path: String,
        /// Why, in the system's words.
        reason: String,
    },
    /// The path leads out of the tree, or is none.
    #[error("{path}: the path leads out of the project")]
    Outside {
        /// The path.
        path: String,
    },
    /// The file has bytes that are no text.
    #[error("{path}: it is a binary file")]
    Binary {
        /// The file.
        path: String,
    },
    /// The file is not in UTF-8, and the change has characters that its bytes cannot be.
    #[error("{path}: it is not in UTF-8, and the change has characters that it cannot hold")]
    Encoding {
        /// The file.
        path: String,
    },
    /// What is to change is not there.
    #[error("{path}: these lines are not in the file:\n{wanted}{}", nearest(near.as_ref()))]
    NotFound {
        /// The file.
        path: String,
        /// The lines that were looked for.
        wanted: String,
        /// Lines that are like them: the first one's number, counted from 1, and text.
        near: Option<(usize, String)>,
    },
    /// What is to change stands in several places.
    #[error(
        "{path}: these lines stand in {} places (at lines {}); add lines around them so that only one place is meant:\n{wanted}",
        lines.len(), list(lines)
    )]
    Ambiguous {
        /// The file.
        path: String,
        /// The lines that were looked for.
        wanted: String,
        /// Where they stand: numbers of first lines, counted from 1.
        lines: Vec<usize>,
    },
    /// The lines are there, but each indented otherwise, so that nobody can say how
    /// the new ones are to be.
    #[error(
        "{path}: the lines at {line} are indented otherwise, each by another width; write them as they stand in the file:\n{there}"
    )]
    Indentation {
        /// The file.
        path: String,
        /// The number of the first line, counted from 1.
        line: usize,
        /// The lines as they stand there.
        there: String,
    },
    /// Nothing would change.
    #[error("{path}: the change leaves the file as it is")]
    Nothing {
        /// The file.
        path: String,
    },
}

fn list(lines: &[usize]) -> String {
    let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
    lines.join(", ")
}

fn nearest(near: Option<&(usize, String)>) -> String {
    let Some((line, text)) = near else {
        return String::new();
    };
    format!("\nThe nearest are at line {line}:\n{text}")
}
