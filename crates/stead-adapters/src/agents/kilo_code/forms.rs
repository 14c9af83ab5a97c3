//! The two forms in which Kilo ever kept sessions.

use super::{ID, INFO, VERSION, tools};
use crate::parts::{self, Migrated};
use crate::tasks;

/// Since 7.0: sessions in parts, in one database for all its programs.
pub(super) static SESSIONS: parts::Family = parts::Family {
    info: &INFO,
    name: "kilo",
    folder: None,
    database: "KILO_DB",
    forks: None,
    tools: tools::kind,
    lifecycle: Some("kilocode.lifecycle"),
    migrated: Some(Migrated {
        session: "ses_migrated_",
        message: "msg_migrated_",
        version: "v2",
        model: "legacy",
    }),
};

/// Before 7: tasks, as its ancestors kept them.
pub(super) static TASKS: tasks::Family = tasks::Family {
    agent: ID,
    reading: VERSION,
    extensions: &["kilocode.kilo-code"],
    folders: &[
        ".kilocode/cli/global",
        ".kilocode/globalStorage",
        ".kilocode/globalStorage/kilo code.kilo-code",
        ".kilocode/globalStorage/kilocode.kilo-code",
    ],
    variables: &[],
    settings: &["kilo-code.customStoragePath"],
    program: None,
    version_field: None,
};
