//! Carries out commands of the kind that `sed` has, line by line.

use regex::Regex;

use super::Writer;
use super::current::Current;
use crate::step::{Address, StreamCommand, StreamEdit};
use crate::text::{Texts, lines};

/// What the file holds after the commands; lines that they change or put in are
/// the writer's. The same as before if a pattern is none.
pub(super) fn stream(
    base: &Current,
    commands: &[StreamCommand],
    writer: Writer,
    texts: &mut Texts,
) -> Current {
    let Some((text, from)) = streamed(base.text(), commands) else {
        return base.clone();
    };
    let writers = from.into_iter().map(|line| {
        let kept = line.and_then(|line| base.writers.get(line));
        kept.copied().unwrap_or(writer)
    });
    let all = 0..base.writers.len();
    base.spliced(text, all, writers.collect(), texts)
}

/// A text after the commands, and for each of its lines which line of the old text
/// it is, if it is one; lines count from 0. None if a pattern is none.
pub(crate) fn streamed(
    text: &str,
    commands: &[StreamCommand],
) -> Option<(String, Vec<Option<usize>>)> {
    let running = commands.iter().map(Running::new);
    let mut commands = running.collect::<Option<Vec<_>>>()?;
    let held: Vec<&str> = lines(text).collect();
    let mut out = Out::default();
    for (at, line) in held.iter().enumerate() {
        let place = Place {
            number: at as u64 + 1,
            last: at + 1 == held.len(),
        };
        out.line(&mut commands, line, place);
    }
    let ends = text.is_empty() || text.ends_with('\n');
    if !ends && out.from_last {
        out.text.pop();
    }
    Some((out.text, out.from))
}

/// Where a line stands.
#[derive(Clone, Copy)]
struct Place {
    number: u64,
    last: bool,
}

/// A command, and where its range is.
struct Running<'a> {
    command: &'a StreamCommand,
    from: Option<Regex>,
    to: Option<Regex>,
    pattern: Option<Regex>,
    /// The range has begun at this line.
    since: Option<u64>,
}

impl<'a> Running<'a> {
    fn new(command: &'a StreamCommand) -> Option<Self> {
        let like = |address: &Option<Address>| match address {
            Some(Address::Like(pattern)) => Regex::new(pattern).map(Some),
            _ => Ok(None),
        };
        let pattern = match &command.does {
            StreamEdit::Substitute { pattern, .. } => Regex::new(pattern).map(Some),
            _ => Ok(None),
        };
        Some(Self {
            from: like(&command.from).ok()?,
            to: like(&command.to).ok()?,
            pattern: pattern.ok()?,
            command,
            since: None,
        })
    }

    /// Whether it is for this line, and whether that is the last of its range. A
    /// range that would end before it began has one line.
    fn takes(&mut self, line: &str, place: Place) -> (bool, bool) {
        let Some(from) = &self.command.from else {
            return (true, true);
        };
        let (inside, ends) = self.inside(from, line, place);
        if self.command.others {
            return (!inside, true);
        }
        (inside, ends)
    }

    fn inside(&mut self, from: &Address, line: &str, place: Place) -> (bool, bool) {
        let begins = is_at(from, self.from.as_ref(), line, place);
        let Some(to) = &self.command.to else {
            return (begins, true);
        };
        if let Some(since) = self.since {
            let ends = match to {
                Address::Line(to) => place.number >= *to,
                Address::After(count) => place.number >= since.saturating_add(*count),
                to => is_at(to, self.to.as_ref(), line, place),
            } || place.last;
            self.since = Some(since).filter(|_| !ends);
            return (true, ends);
        }
        if !begins {
            return (false, false);
        }
        let one = match to {
            Address::Line(to) => *to <= place.number,
            Address::After(count) => *count == 0,
            Address::Last | Address::Like(_) => place.last,
        };
        self.since = Some(place.number).filter(|_| !one);
        (true, one)
    }
}

fn is_at(address: &Address, pattern: Option<&Regex>, line: &str, place: Place) -> bool {
    match address {
        Address::Line(number) => place.number == *number,
        Address::Last => place.last,
        Address::Like(_) => pattern.is_some_and(|like| like.is_match(line)),
        Address::After(_) => false,
    }
}

/// The new text.
#[derive(Default)]
struct Out {
    text: String,
    from: Vec<Option<usize>>,
    /// What it ends with is the last line of the old text.
    from_last: bool,
}

impl Out {
    fn put(&mut self, text: &str, from: Option<usize>) {
        for line in lines(text) {
            self.text.push_str(line);
            self.text.push('\n');
            self.from.push(from);
        }
        self.from_last = false;
    }

    /// One line of the old text goes through all commands.
    fn line(&mut self, commands: &mut [Running<'_>], line: &str, place: Place) {
        let mut held = line.to_owned();
        let mut after = Vec::new();
        for running in commands {
            let (takes, ends) = running.takes(&held, place);
            match &running.command.does {
                _ if !takes => {}
                StreamEdit::Insert(text) => self.put(text, None),
                StreamEdit::Append(text) => after.push(text.as_str()),
                StreamEdit::Substitute { with, all, .. } => {
                    if let Some(pattern) = &running.pattern {
                        let most = usize::from(!all);
                        held = pattern.replacen(&held, most, with.as_str()).into_owned();
                    }
                }
                // What is gone is seen by no other command.
                StreamEdit::Delete => return self.rest(&after),
                StreamEdit::Change(text) => {
                    if ends {
                        self.put(text, None);
                    }
                    return self.rest(&after);
                }
            }
        }
        let from = usize::try_from(place.number - 1).ok();
        self.text.push_str(&held);
        self.text.push('\n');
        self.from.push(from.filter(|_| held == line));
        self.from_last = place.last;
        self.rest(&after);
    }

    fn rest(&mut self, after: &[&str]) {
        for text in after {
            self.put(text, None);
        }
    }
}
