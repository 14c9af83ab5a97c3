//! Tools of MCP servers, for the model beside stead's own.
//!
//! # Terms
//!
//! - *Server*: a program that is started, or an address that is spoken to, and offers tools.
//! - *Settings*: a server as somebody wrote it down, the user or a project.
//! - *Leave*: the user's word that a server of a project may be started, as it was written then.
//! - *Offered name*: what the model calls a tool by, `mcp__SERVER__TOOL`.
//!
//! Connections live on a thread of their own. [`Servers::call`] may be called from any thread
//! and blocks it until the answer is there, the call is cancelled, or its time is over; inside
//! of an asynchronous task it would block the task's thread, too. A server that cannot be
//! started, hangs or dies costs only the calls that are made to it.

mod answer;
mod connection;
mod leave;
mod names;
mod program;
mod servers;
mod settings;
#[cfg(test)]
mod tests;
mod tool;

pub use leave::{Leave, LeaveError};
pub use names::is_offered;
pub use servers::{Facts, Servers, Surroundings};
pub use settings::{By, Reach, Settings, SettingsError, Written, read};
pub use tool::ServerTool;
