//! Writing a session in other forms. Each form is a [`SessionWriter`]: it gets
//! the header, then the events one by one, so that a session of any size streams.

use std::io;

use stead_usf::{Event, Session};

mod json;

pub mod html;
pub mod markdown;
pub mod view;

pub use json::{DocumentWriter, LinesWriter};

/// Receives a session piece by piece and writes it somewhere.
pub trait SessionWriter {
    /// The header, without events; called once, first.
    fn begin(&mut self, header: &Session) -> io::Result<()>;
    /// The next event, with everything known of it (`result`, `inactive`, …).
    fn event(&mut self, event: &Event) -> io::Result<()>;
    /// No more events come; called once, last.
    fn end(&mut self) -> io::Result<()>;
}
