//! Which variables a command gets. They are picked from those that the caller hands over: nothing
//! is read here.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// What every command may know: where programs are, which language, which terminal.
const ALWAYS: &[&str] = &[
    "PATH",
    "LANG",
    "LANGUAGE",
    "TERM",
    "COLORTERM",
    "NO_COLOR",
    "TZ",
    "USER",
    "LOGNAME",
];

/// Keeps the variables that every command gets (`PATH`, `LANG`, `LC_*`, `TERM`, …) and those that
/// `named` lists, such as `JAVA_HOME`. All others, keys and tokens among them, are left out.
pub fn scrub(
    all: impl IntoIterator<Item = (OsString, OsString)>,
    named: &[&str],
) -> BTreeMap<OsString, OsString> {
    let keeps = |name: &OsString| {
        name.to_str().is_some_and(|name| {
            ALWAYS.contains(&name) || name.starts_with("LC_") || named.contains(&name)
        })
    };
    all.into_iter().filter(|(name, _)| keeps(name)).collect()
}
