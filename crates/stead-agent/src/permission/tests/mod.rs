//! What the policy promises, as `docs/specs/permission.md` numbers it.

mod laws;
mod lines;
mod oracle;
mod privacy;
mod rules;

use super::{Answers, Call, Kind, Places, Policy, Source, Verdict};

pub(super) fn places() -> Places {
    Places {
        workspace: "/w/project".to_owned(),
        home: Some("/home/u".to_owned()),
    }
}

/// A policy of the user's text and the project's.
pub(super) fn policy(user: &str, project: &str) -> Policy {
    let source = |name, kind, text| Source { name, kind, text };
    let sources = [
        source("user.toml", Kind::User, user),
        source(".stead/policy.toml", Kind::Project, project),
    ];
    Policy::read(places(), &sources).unwrap()
}

pub(super) fn shell(command: &str) -> Call {
    Call {
        tool: "shell".to_owned(),
        command: Some(command.to_owned()),
        ..Call::default()
    }
}

pub(super) fn writes(tool: &str, paths: &[&str]) -> Call {
    Call {
        tool: tool.to_owned(),
        writes: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..Call::default()
    }
}

pub(super) fn reads(paths: &[&str]) -> Call {
    Call {
        tool: "read".to_owned(),
        reads: paths.iter().map(|path| (*path).to_owned()).collect(),
        ..Call::default()
    }
}

pub(super) fn judge(policy: &Policy, call: &Call) -> Verdict {
    policy.judge(call, &Answers::default())
}
