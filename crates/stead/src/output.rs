//! Standard output: plain, or through a pager.

use std::io::{self, BufWriter, Write};
use std::process::{Child, Command, Stdio};

use stead_redact::json::Escaped;

use crate::environment::Context;

/// Where a command writes its result.
pub(crate) enum Output {
    /// Straight to standard output, as text that is safe to print.
    Plain(Escaped<BufWriter<io::Stdout>>),
    /// Straight to standard output, byte for byte.
    Exact(BufWriter<io::Stdout>),
    /// Through the user's pager.
    Paged(Box<Paged>),
}

pub(crate) struct Paged {
    child: Child,
    pipe: Option<BufWriter<std::process::ChildStdin>>,
}

fn stdout() -> BufWriter<io::Stdout> {
    BufWriter::with_capacity(64 << 10, io::stdout())
}

impl Output {
    /// Standard output without a pager, for short results and for JSON. What a
    /// terminal would obey and JSON would allow is escaped: whoever parses it
    /// sees no change, and other text never has it.
    pub(crate) fn plain() -> Self {
        Self::Plain(Escaped::new(stdout()))
    }

    /// Standard output for documents in other forms, which have rules of their own.
    pub(crate) fn exact() -> Self {
        Self::Exact(stdout())
    }

    /// Standard output through the pager, if there is one to be used.
    pub(crate) fn paged(context: &Context) -> Self {
        let Some(pager) = &context.pager else {
            return Self::plain();
        };
        let mut words = pager.split_whitespace();
        let started = words.next().and_then(|program| {
            let mut command = Command::new(program);
            command.args(words).stdin(Stdio::piped());
            command.env("LESSCHARSET", "utf-8");
            command.spawn().ok()
        });
        match started {
            Some(mut child) => {
                let pipe = child.stdin.take().map(BufWriter::new);
                Self::Paged(Box::new(Paged { child, pipe }))
            }
            // A pager that cannot be started is no reason to show nothing.
            None => Self::plain(),
        }
    }

    /// Writes out what is left and waits until the pager is closed.
    pub(crate) fn finish(mut self) -> io::Result<()> {
        let flushed = self.flush();
        if let Self::Paged(paged) = &mut self {
            drop(paged.pipe.take());
            paged.child.wait()?;
        }
        flushed
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(out) => out.write(bytes),
            Self::Exact(out) => out.write(bytes),
            Self::Paged(paged) => match &mut paged.pipe {
                Some(pipe) => pipe.write(bytes),
                None => Err(io::ErrorKind::BrokenPipe.into()),
            },
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(out) => out.flush(),
            Self::Exact(out) => out.flush(),
            Self::Paged(paged) => paged.pipe.as_mut().map_or(Ok(()), Write::flush),
        }
    }
}
