//! A file's text as lines that keep their own ends.

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// `\n`.
    Lf,
    /// `\r\n`.
    CrLf,
    /// The file ends.
    None,
}

impl End {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
            Self::None => "",
        }
    }
}

/// A line without its end, and the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) text: String,
    pub(crate) end: End,
}

/// A file's text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Text {
    pub(crate) lines: Vec<Line>,
    /// It is not in UTF-8: each byte was read as the character of its number.
    pub(crate) bytes: bool,
}

/// The bytes are no text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Binary;

impl Text {
    /// Reads bytes.
    pub(crate) fn of(bytes: &[u8]) -> Result<Self, Binary> {
        if bytes.contains(&0) {
            return Err(Binary);
        }
        let (text, foreign) = match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), false),
            Err(_) => (bytes.iter().map(|byte| char::from(*byte)).collect(), true),
        };
        let lines = text.split_inclusive('\n').map(|line| {
            let (text, end) = match line.strip_suffix('\n') {
                None => (line, End::None),
                Some(line) => match line.strip_suffix('\r') {
                    None => (line, End::Lf),
                    Some(line) => (line, End::CrLf),
                },
            };
            Line {
                text: text.to_owned(),
                end,
            }
        });
        Ok(Self {
            lines: lines.collect(),
            bytes: foreign,
        })
    }

    /// The bytes; `None` if there are characters that the file's bytes cannot be.
    pub(crate) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut text = String::new();
        for line in &self.lines {
            text.push_str(&line.text);
            text.push_str(line.end.as_str());
        }
        if !self.bytes {
            return Some(text.into_bytes());
        }
        text.chars()
            .map(|c| u8::try_from(u32::from(c)).ok())
            .collect()
    }

    /// The end that a new line gets: that of the line in its place, else of most.
    pub(crate) fn usual_end(&self) -> End {
        let count = |end: End| self.lines.iter().filter(|line| line.end == end).count();
        if count(End::CrLf) > count(End::Lf) {
            End::CrLf
        } else {
            End::Lf
        }
    }

    /// The lines without their ends.
    pub(crate) fn plain(&self) -> Vec<&str> {
        self.lines.iter().map(|line| line.text.as_str()).collect()
    }

    /// Lets the last line end like the others.
    pub(crate) fn close(&mut self) {
        let end = self.usual_end();
        if let Some(last) = self.lines.last_mut()
            && last.end == End::None
        {
            last.end = end;
        }
    }
}

/// The lines of a text without their ends.
pub(crate) fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n')
        .map(|line| {
            let line = line.strip_suffix('\n').unwrap_or(line);
            line.strip_suffix('\r').unwrap_or(line)
        })
        .collect()
}
