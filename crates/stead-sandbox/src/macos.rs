//! A profile for macOS' `sandbox-exec`, after its documentation. It was never run by us: macOS is
//! reported as such, and the specification says so.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use crate::command::Command;
use crate::policy::Policy;
use crate::run::RunError;

/// The program that applies a profile.
const PROGRAM: &str = "/usr/bin/sandbox-exec";

/// The call of `sandbox-exec` around a command.
pub(crate) fn wrapped(
    policy: &Policy,
    command: &Command,
) -> Result<(OsString, Vec<OsString>), RunError> {
    if policy.overlay.is_some() {
        return Err(RunError::Policy("this system has no overlays".to_owned()));
    }
    let mut arguments = vec![
        "-p".into(),
        profile(policy)?.into(),
        command.program.clone(),
    ];
    arguments.extend(command.arguments.iter().cloned());
    Ok((PROGRAM.into(), arguments))
}

fn profile(policy: &Policy) -> Result<String, RunError> {
    let mut lines = vec!["(version 1)".to_owned(), "(allow default)".to_owned()];
    let mut add = |rule: &str, path: &Path| -> Result<(), RunError> {
        lines.push(format!("({rule} (subpath {}))", quoted(path)?));
        Ok(())
    };
    // The last rule that fits decides.
    add("deny file-write*", Path::new("/"))?;
    add("deny file-read*", &policy.home)?;
    for name in &policy.toolchains {
        add("allow file-read*", &policy.home.join(name))?;
    }
    for path in &policy.readable {
        add("allow file-read*", path)?;
    }
    for path in policy.writable.iter().chain([&policy.work_tree]) {
        add("allow file-read* file-write*", path)?;
    }
    for name in crate::policy::CREDENTIALS {
        add("deny file*", &policy.home.join(name))?;
    }
    for path in &policy.hidden {
        add("deny file*", path)?;
    }
    lines.push("(allow file-write* (literal \"/dev/null\") (literal \"/dev/tty\"))".to_owned());
    lines.push("(deny file-write* (regex #\"/\\.git(/|$)\"))".to_owned());
    if !policy.network {
        lines.push("(deny network*)".to_owned());
    }
    Ok(lines.join("\n"))
}

/// A path as the profile's language has texts.
fn quoted(path: &Path) -> Result<String, RunError> {
    let text = path
        .as_os_str()
        .to_str()
        .filter(|text| !text.contains(char::is_control));
    let text = text.ok_or_else(|| RunError::Policy(format!("{} is no text", path.display())))?;
    Ok(format!(
        "\"{}\"",
        text.replace('\\', "\\\\").replace('"', "\\\"")
    ))
}
