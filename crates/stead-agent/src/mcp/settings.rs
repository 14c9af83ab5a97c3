//! Servers as they are written down: in the user's `config.toml` and in a project's
//! `.stead/mcp.toml`, both as tables `[mcp.NAME]`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::record::digest;

/// So long a call may take if nobody said otherwise.
const CALL: u64 = 120;
/// So long a server may take to say what it has.
const START: u64 = 20;

/// A table `[mcp.NAME]`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Written {
    /// The program to start, by its name or its path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<String>,
    /// Its arguments.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub args: Vec<String>,
    /// Variables that it gets beside the harmless ones; `${NAME}` stands for one of the user's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// The address to speak to, instead of a program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Headers of each request; `${NAME}` stands for a variable of the user's.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub headers: BTreeMap<String, String>,
    /// Only these of its tools, by its own names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tools: Option<Vec<String>>,
    /// Seconds that a call may take.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout: Option<u64>,
    /// Seconds that the server may take to start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub startup: Option<u64>,
    /// Not to be used now.
    #[serde(default, skip_serializing_if = "is_false")]
    pub disabled: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
const fn is_false(value: &bool) -> bool {
    !*value
}

/// Who wrote a server down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The user, in the own configuration: it may be started.
    User,
    /// Whoever wrote the project: the user is asked first.
    Project,
}

/// How a server is reached.
#[derive(Clone, PartialEq, Eq)]
pub enum Reach {
    /// By starting a program that speaks on its standard input and output.
    Program {
        /// Its name or path.
        command: String,
        /// Its arguments.
        args: Vec<String>,
        /// Variables, with those of the user put in.
        env: BTreeMap<String, String>,
    },
    /// By HTTP.
    Address {
        /// Where.
        url: url::Url,
        /// Headers, with the user's variables put in.
        headers: BTreeMap<String, String>,
    },
}

/// Variables and headers may hold keys.
impl std::fmt::Debug for Reach {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Program { command, args, .. } => f.debug_tuple(command).field(args).finish(),
            Self::Address { url, .. } => f.debug_tuple(url.host_str().unwrap_or_default()).finish(),
        }
    }
}

/// A server, ready to be connected to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Its name.
    pub name: String,
    /// Who wrote it down.
    pub by: By,
    /// How it is reached.
    pub reach: Reach,
    /// Only these of its tools.
    pub tools: Option<Vec<String>>,
    /// How long a call may take.
    pub call_time: Duration,
    /// How long starting may take.
    pub start_time: Duration,
    /// SHA-256 of what was written; another text is another server.
    pub digest: String,
}

/// What is wrong with a server that was written down.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// The file is no TOML of this form.
    #[error("line {line}: {words}")]
    Form {
        /// Counted from 1.
        line: usize,
        /// The parser's words.
        words: String,
    },
    /// A name that tools' names cannot be made of.
    #[error("`{0}` is no name for a server: write letters, digits, `-` and `_`, at most 32")]
    Name(String),
    /// It says both how to start and where to connect, or neither.
    #[error("server `{0}` needs either `command` or `url`")]
    Reach(String),
    /// The address is none.
    #[error("server `{name}`: `url` is no address that begins with http:// or https://: {words}")]
    Url {
        /// The server.
        name: String,
        /// The parser's words.
        words: String,
    },
    /// A variable of the user's is not there.
    #[error("server `{name}` needs the variable {variable}, which is not set")]
    Variable {
        /// The server.
        name: String,
        /// The variable.
        variable: String,
    },
}

/// The servers of a project's file; an empty text has none.
pub fn read(text: &str) -> Result<BTreeMap<String, Written>, SettingsError> {
    #[derive(Default, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        mcp: BTreeMap<String, Written>,
    }
    let file: File = toml::from_str(text).map_err(|error| {
        // The line itself is not shown: it may hold a key.
        let before = error.span().and_then(|span| text.get(..span.start));
        SettingsError::Form {
            line: before.map_or(1, |before| before.matches('\n').count() + 1),
            words: error.message().to_owned(),
        }
    })?;
    Ok(file.mcp)
}

impl Settings {
    /// A server that is used, or none if it is disabled. `variable` gives the user's variables.
    pub fn of(
        name: &str,
        written: &Written,
        by: By,
        variable: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Option<Self>, SettingsError> {
        if written.disabled {
            return Ok(None);
        }
        let plain = |sign: char| sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_');
        if name.is_empty() || name.len() > 32 || !name.chars().all(plain) {
            return Err(SettingsError::Name(name.to_owned()));
        }
        let filled = |texts: &BTreeMap<String, String>| -> Result<BTreeMap<_, _>, SettingsError> {
            let fill =
                |(key, text): (&String, &String)| Ok((key.clone(), filled(name, text, variable)?));
            texts.iter().map(fill).collect()
        };
        let reach = match (&written.command, &written.url) {
            (Some(command), None) => Reach::Program {
                command: command.clone(),
                args: written.args.clone(),
                env: filled(&written.env)?,
            },
            (None, Some(url)) => Reach::Address {
                url: address(name, url)?,
                headers: filled(&written.headers)?,
            },
            _ => return Err(SettingsError::Reach(name.to_owned())),
        };
        // Maps are in order, so one text has one digest.
        let text = serde_json::to_vec(written).unwrap_or_default();
        Ok(Some(Self {
            name: name.to_owned(),
            by,
            reach,
            tools: written.tools.clone(),
            call_time: Duration::from_secs(written.timeout.unwrap_or(CALL)),
            start_time: Duration::from_secs(written.startup.unwrap_or(START)),
            digest: digest(&text),
        }))
    }

    /// Whether it is a program that is started on this machine.
    pub const fn is_program(&self) -> bool {
        matches!(self.reach, Reach::Program { .. })
    }

    /// What is started or spoken to, for the user who is asked.
    pub fn in_words(&self) -> String {
        match &self.reach {
            Reach::Program { command, args, env } => {
                let words = std::iter::once(command).chain(args);
                let words: Vec<&str> = words.map(String::as_str).collect();
                let names: Vec<&str> = env.keys().map(String::as_str).collect();
                let given = match names.as_slice() {
                    [] => String::new(),
                    names => format!(" (with {})", names.join(", ")),
                };
                format!("{}{given}", words.join(" "))
            }
            Reach::Address { url, .. } => url.origin().ascii_serialization() + url.path(),
        }
    }

    /// Where relative paths of its command are looked for: nowhere but in `PATH`, unless they
    /// have a `/`.
    pub(super) fn program(&self, folder: &std::path::Path) -> Option<PathBuf> {
        match &self.reach {
            Reach::Program { command, .. } if command.contains('/') => Some(folder.join(command)),
            Reach::Program { command, .. } => Some(PathBuf::from(command)),
            Reach::Address { .. } => None,
        }
    }
}

fn address(name: &str, text: &str) -> Result<url::Url, SettingsError> {
    let wrong = |words: String| SettingsError::Url {
        name: name.to_owned(),
        words,
    };
    let url = url::Url::parse(text).map_err(|error| wrong(error.to_string()))?;
    match url.scheme() {
        "http" | "https" if url.has_host() => Ok(url),
        other => Err(wrong(format!("`{other}` is another scheme"))),
    }
}

/// A text with the user's variables in place of `${NAME}`.
fn filled(
    server: &str,
    text: &str,
    variable: &dyn Fn(&str) -> Option<String>,
) -> Result<String, SettingsError> {
    let mut made = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        made += before;
        made += &variable(name).ok_or_else(|| SettingsError::Variable {
            name: server.to_owned(),
            variable: name.to_owned(),
        })?;
        rest = after;
    }
    Ok(made + rest)
}
