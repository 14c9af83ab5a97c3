//! One small JSON file: an event, or what is known about a conversation. It is
//! read whole; files are small, however long a conversation is.

use std::borrow::Cow;
use std::io::{self, Read};
use std::path::Path;

use serde_json::value::RawValue;
use stead_usf::{Issue, Severity, Source};

use crate::Output;
use crate::container::json::Object;

/// A larger file is reported, not read: it would not fit in memory.
const LARGEST: u64 = 48 << 20;

/// A file's text, and what was wrong with it.
pub(super) struct Document {
    pub(super) source: Source,
    pub(super) text: String,
    pub(super) issue: Option<Issue>,
}

impl Document {
    /// A text that is read from a place of this name.
    pub(super) fn new(name: &str, text: String) -> Self {
        let mut document = Self {
            source: Source::file(name),
            text,
            issue: None,
        };
        document.frame();
        document
    }

    /// Reads a file and passes its bytes on for the archive. One that cannot be
    /// read is a document with an issue and without text.
    pub(super) fn load(path: &Path, output: &mut Output<'_>) -> Self {
        let name = path.to_string_lossy();
        let bytes = match read(path) {
            Ok(bytes) => bytes,
            Err(error) => {
                let issue = Issue::new(Severity::Error, "unreadable", error.to_string());
                return Self::lost(&name, issue);
            }
        };
        output.raw(&name, 0, &bytes);
        Self::of_bytes(&name, bytes)
    }

    /// What these bytes say.
    pub(super) fn of_bytes(name: &str, bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::new(name, text),
            Err(error) => {
                let text = String::from_utf8_lossy(error.as_bytes()).into_owned();
                let mut document = Self::new(name, text);
                let message = "bytes that are no UTF-8 were replaced";
                document.complain(Severity::Warning, "bad-utf8", message.to_owned());
                document
            }
        }
    }

    fn lost(name: &str, issue: Issue) -> Self {
        let source = Source::file(name);
        Self {
            issue: Some(issue.at(source.clone())),
            source,
            text: String::new(),
        }
    }

    /// The object that the text is; an issue if it is none.
    pub(super) fn object(&self) -> Result<Object<'_>, Box<Issue>> {
        Object::parse(&self.text).map_err(|error| {
            let nothing = self.text.trim().is_empty();
            // The machine stopped before the content was on the disk.
            let text = if nothing {
                "the file is empty".to_owned()
            } else {
                error.to_string()
            };
            Box::new(Issue::new(Severity::Error, "bad-json", text).at(self.source.clone()))
        })
    }

    /// Cuts off what may be around the object: a byte order mark, NUL bytes after
    /// a crash, or the end of what a longer file held before.
    fn frame(&mut self) {
        let around = |c: char| c.is_whitespace() || matches!(c, '\0' | '\u{feff}');
        let trimmed = self.text.trim_matches(around);
        if trimmed.len() == self.text.len() && Object::parse(trimmed).is_ok() {
            return;
        }
        let mut values = serde_json::Deserializer::from_str(trimmed).into_iter::<&RawValue>();
        let Some(Ok(value)) = values.next() else {
            return;
        };
        let leftover = trimmed.len() - value.get().len();
        self.text = value.get().to_owned();
        if leftover > 0 {
            let message = format!("{leftover} bytes stand behind the record");
            self.complain(Severity::Warning, "leftover", message);
        }
    }

    fn complain(&mut self, severity: Severity, code: &'static str, message: String) {
        let issue = Issue::new(severity, code, message).at(self.source.clone());
        self.issue.get_or_insert(issue);
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = fs_err::File::open(path)?;
    let mut bytes = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST {
        let message = format!("it is larger than {LARGEST} bytes");
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
    }
    Ok(bytes)
}

/// A file's name.
pub(super) fn name(path: &Path) -> Cow<'_, str> {
    path.file_name().unwrap_or_default().to_string_lossy()
}
