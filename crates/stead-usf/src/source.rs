//! Where in an agent's store something was read.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A place in an agent's store, exact enough to look the record up again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    /// Path of the file or database, as it was found.
    pub file: Arc<str>,
    /// Line in the file, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// Byte range `[start, end)` in the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<[u64; 2]>,
    /// Table in the database.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Arc<str>>,
    /// Key of the row in the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub row: Option<String>,
}

impl Source {
    /// A whole file.
    pub fn file(file: impl Into<Arc<str>>) -> Self {
        Self {
            file: file.into(),
            ..Self::default()
        }
    }

    /// One line of a file: number from 1, and its bytes `[start, end)`.
    pub const fn line(file: Arc<str>, line: u64, bytes: [u64; 2]) -> Self {
        Self {
            file,
            line: Some(line),
            bytes: Some(bytes),
            table: None,
            row: None,
        }
    }

    /// One row of a database table.
    pub fn row(file: Arc<str>, table: impl Into<Arc<str>>, row: impl Into<String>) -> Self {
        Self {
            file,
            line: None,
            bytes: None,
            table: Some(table.into()),
            row: Some(row.into()),
        }
    }
}
