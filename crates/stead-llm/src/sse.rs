//! Reads server-sent events (WHATWG HTML, "Server-sent events", 9.2.6) out of bytes that
//! come in any pieces. It knows no provider and no JSON.

/// An event: its name, if it has one, and its data.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SseEvent {
    /// The `event` field; empty where there is none.
    pub name: String,
    /// The `data` lines, joined by line feeds.
    pub data: String,
}

/// What is wrong with a stream.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SseError {
    /// An event is larger than the reader takes.
    #[error("an event of the stream has more than {0} bytes")]
    TooLarge(usize),
}

/// So many bytes an event may have.
pub const MAX_EVENT: usize = 16 << 20;

/// The reader. Bytes go in, whole events come out; what is cut anywhere, within a
/// character or between CR and LF, is put together.
#[derive(Debug, Default)]
pub struct SseReader {
    line: Vec<u8>,
    event: SseEvent,
    has_data: bool,
    /// The last byte was a CR, whose LF belongs to it.
    after_cr: bool,
    /// Something was read, so that a byte order mark is none any more.
    begun: bool,
}

impl SseReader {
    /// Takes in bytes; gives the events that they end.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, SseError> {
        let mut events = Vec::new();
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if std::mem::take(&mut self.after_cr) && *first == b'\n' {
                rest = after;
                continue;
            }
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let (piece, ending) = rest.split_at(end.unwrap_or(rest.len()));
            self.line.extend_from_slice(piece);
            if self.line.len() + self.event.data.len() > MAX_EVENT {
                return Err(SseError::TooLarge(MAX_EVENT));
            }
            let Some((ending, after)) = ending.split_first() else {
                break;
            };
            self.after_cr = *ending == b'\r';
            events.extend(self.end_line());
            rest = after;
        }
        Ok(events)
    }

    /// What the stream ended with. The standard drops an event that no empty line ends;
    /// servers that forget the last one are common, so it is given out here.
    pub fn end(&mut self) -> Option<SseEvent> {
        if !self.line.is_empty() {
            let _ = self.end_line();
        }
        self.give()
    }

    fn end_line(&mut self) -> Option<SseEvent> {
        let line = std::mem::take(&mut self.line);
        let mut line = String::from_utf8_lossy(&line);
        if !std::mem::replace(&mut self.begun, true)
            && let Some(after) = line.strip_prefix('\u{feff}')
        {
            line = after.to_owned().into();
        }
        if line.is_empty() {
            return self.give();
        }
        let (name, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => {
                if self.has_data {
                    self.event.data.push('\n');
                }
                self.has_data = true;
                self.event.data.push_str(value);
            }
            "event" => value.clone_into(&mut self.event.name),
            // Comments (an empty name), `id` and `retry` are for readers that come back.
            _ => {}
        }
        None
    }

    fn give(&mut self) -> Option<SseEvent> {
        let event = std::mem::take(&mut self.event);
        std::mem::take(&mut self.has_data).then_some(event)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{MAX_EVENT, SseEvent, SseReader};

    fn read(pieces: &[&[u8]]) -> Vec<(String, String)> {
        let mut reader = SseReader::default();
        let mut events: Vec<SseEvent> = Vec::new();
        for piece in pieces {
            events.extend(reader.push(piece).unwrap());
        }
        events.extend(reader.end());
        let pair = |event: SseEvent| (event.name, event.data);
        events.into_iter().map(pair).collect()
    }

    fn one(text: &str) -> Vec<(String, String)> {
        read(&[text.as_bytes()])
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        pairs.iter().map(own).collect()
    }

    /// The examples of the standard, section 9.2.6.
    #[test]
    fn the_standards_examples_are_read() {
        assert_eq!(
            one("data: YHOO\ndata: +2\ndata: 10\n\n"),
            pairs(&[("", "YHOO\n+2\n10")])
        );
        assert_eq!(
            one(
                ": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n\n"
            ),
            pairs(&[
                ("", "first event"),
                ("", "second event"),
                ("", " third event")
            ])
        );
        assert_eq!(
            one("data\n\ndata\ndata\n\n"),
            pairs(&[("", ""), ("", "\n")])
        );
        assert_eq!(
            one("data:test\n\ndata: test\n\n"),
            pairs(&[("", "test"); 2])
        );
    }

    #[test]
    fn line_ends_of_all_kinds_are_one() {
        let expected = pairs(&[("a", "1"), ("", "2")]);
        for end in ["\n", "\r", "\r\n"] {
            let text = format!("\u{feff}event: a{end}data: 1{end}{end}data: 2{end}{end}");
            assert_eq!(one(&text), expected, "{end:?}");
        }
    }

    #[test]
    fn a_last_event_needs_no_empty_line() {
        assert_eq!(one("data: 1\n\ndata: 2"), pairs(&[("", "1"), ("", "2")]));
        assert_eq!(one("event: lonely\n\n: ping\n\n"), []);
    }

    #[test]
    fn an_endless_event_is_refused() {
        let mut reader = SseReader::default();
        let piece = vec![b'x'; 1 << 20];
        let refused = (0..20).find(|_| reader.push(&piece).is_err());
        assert_eq!(refused, Some(MAX_EVENT >> 20));
    }

    proptest! {
        #[test]
        fn cuts_make_no_difference(
            lines in prop::collection::vec("(data|event|id|:)?: ?[aé\u{feff}😀]{0,3}(\r|\n|\r\n){1,3}", 0..12),
            cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..8),
        ) {
            let text = lines.concat();
            let bytes = text.as_bytes();
            let mut places: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            places.sort_unstable();
            let mut pieces = Vec::new();
            let mut last = 0;
            for place in places.into_iter().chain([bytes.len()]) {
                pieces.push(&bytes[last..place]);
                last = place;
            }
            prop_assert_eq!(read(&pieces), read(&[bytes]));
        }
    }
}
