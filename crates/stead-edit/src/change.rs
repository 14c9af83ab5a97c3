//! What is asked for.

/// One change of one file. Paths are as they were written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file is to hold this text; it is made if it is not there.
    Write {
        /// The file.
        path: String,
        /// What it is to hold.
        text: String,
    },
    /// The file is to go.
    Delete {
        /// The file.
        path: String,
    },
    /// Some of the file's lines are to change.
    Update {
        /// The file.
        path: String,
        /// The path that it is to have then.
        move_to: Option<String>,
        /// What changes, in the order of the file.
        hunks: Vec<Hunk>,
        /// The last line gets an end if it has none, as the form has it.
        close: bool,
    },
    /// One text is to stand in the place of another.
    Replace {
        /// The file.
        path: String,
        /// What is there. Empty for a file that is to be made.
        old: String,
        /// What is to be there.
        new: String,
        /// Wherever it stands; else it has to stand in one place only.
        all: bool,
    },
}

impl Change {
    /// The file.
    pub fn path(&self) -> &str {
        match self {
            Self::Write { path, .. }
            | Self::Delete { path }
            | Self::Update { path, .. }
            | Self::Replace { path, .. } => path,
        }
    }
}

/// Lines that change together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hunk {
    /// Lines that stand above it, the outermost first, such as the head of a class and
    /// of a method. They need not stand right above.
    pub above: Vec<String>,
    /// Its lines.
    pub rows: Vec<Row>,
    /// It stands at the end of the file.
    pub at_end: bool,
    /// The line that it says it begins at, counted from 1. Models often miscount, so
    /// that only decides between places that are the same.
    pub line: Option<usize>,
    /// Where several places are the same, the first after the hunk before is meant.
    pub first: bool,
}

/// A line of a hunk, without its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Row {
    /// It is there and stays.
    Keep(String),
    /// It is there and goes.
    Remove(String),
    /// It comes.
    Add(String),
}

impl Hunk {
    /// The lines that are there before.
    pub fn old(&self) -> Vec<&str> {
        let rows = self.rows.iter();
        rows.filter_map(|row| match row {
            Row::Keep(line) | Row::Remove(line) => Some(line.as_str()),
            Row::Add(_) => None,
        })
        .collect()
    }
}
