//! Where keys to providers are: in a variable, behind a command, in the system's
//! keyring. Keys themselves are never written in the configuration, and no message and
//! no `Debug` of this file holds one.

use std::fmt;
use std::process::{Command, Stdio};

use serde::de::Error as _;
use serde::{Deserialize, Deserializer};
use stead_adapters::{Env, Os};
use toml::{Table, Value};

/// The name under which keyrings keep stead's keys.
pub(crate) const SERVICE: &str = "stead";

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// In this variable.
    Variable(String),
    /// What this program prints, with its arguments.
    Command(Vec<String>),
    /// In the system's keyring, under this name.
    Keyring(String),
}

/// How a key is said to be where it is.
const FORMS: &str = "write where it is: { env = \"NAME\" }, { command = \"pass show name\" } \
                     or { keyring = \"name\" }";

impl<'de> Deserialize<'de> for KeySource {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        // What is wrong may be a key, so no value gets into a message.
        match Value::deserialize(from) {
            Ok(Value::Table(table)) => of_table(table).map_err(D::Error::custom),
            _ => Err(D::Error::custom(format!("no key is kept here: {FORMS}"))),
        }
    }
}

fn of_table(table: Table) -> Result<KeySource, String> {
    let mut fields = table.into_iter();
    let (Some((name, value)), None) = (fields.next(), fields.next()) else {
        return Err(format!("there is one place for a key: {FORMS}"));
    };
    match (name.as_str(), value) {
        ("env", Value::String(name)) if !name.is_empty() => Ok(KeySource::Variable(name)),
        ("keyring", Value::String(name)) if !name.is_empty() => Ok(KeySource::Keyring(name)),
        ("command", Value::String(line)) => words(&line).map(KeySource::Command),
        ("command", Value::Array(words)) => {
            let words = words.into_iter().map(|word| match word {
                Value::String(word) => Ok(word),
                _ => Err("the words of a `command` are texts".to_owned()),
            });
            let words: Vec<String> = words.collect::<Result<_, _>>()?;
            if words.is_empty() {
                return Err("a `command` has a program".to_owned());
            }
            Ok(KeySource::Command(words))
        }
        _ => Err(format!("that is no place for a key: {FORMS}")),
    }
}

/// The words of a command line. No shell reads it, so what only a shell understands is
/// refused.
pub(crate) fn words(line: &str) -> Result<Vec<String>, String> {
    if line.contains(['"', '\'', '\\', '$', '`', '|', '&', ';', '<', '>']) {
        return Err(
            "a `command` is run without a shell; write words that hold other signs as a list, \
             [\"pass\", \"show\", \"my key\"]"
                .to_owned(),
        );
    }
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    if words.is_empty() {
        return Err("a `command` has a program".to_owned());
    }
    Ok(words)
}

/// The value of a header: a text, or where a secret is. The text does not print, as it
/// may be a secret all the same.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum HeaderValue {
    /// This text.
    Text(String),
    /// A secret.
    Secret(KeySource),
}

impl fmt::Debug for HeaderValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(_) => f.write_str("…"),
            Self::Secret(source) => source.fmt(f),
        }
    }
}

impl<'de> Deserialize<'de> for HeaderValue {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        match Value::deserialize(from) {
            Ok(Value::String(text)) => Ok(Self::Text(text)),
            Ok(Value::Table(table)) => of_table(table).map(Self::Secret).map_err(D::Error::custom),
            _ => Err(D::Error::custom(format!(
                "a header has a text; a secret: {FORMS}"
            ))),
        }
    }
}

impl KeySource {
    /// The secret; nothing if the variable is not set. No error holds it.
    pub(crate) fn read(&self, env: &Env) -> Result<Option<String>, String> {
        match self {
            Self::Variable(name) => Ok(variable(env, name)),
            Self::Command(words) => printed(words).map(Some),
            Self::Keyring(name) => printed(&keyring(env.os, name)?).map(Some).map_err(|error| {
                format!("the keyring has no key `{name}` for stead, or is locked ({error})")
            }),
        }
    }

    /// The place in words.
    pub(crate) fn place(&self) -> String {
        match self {
            Self::Variable(name) => name.clone(),
            Self::Command(words) => format!("`{}`", words.join(" ")),
            Self::Keyring(name) => format!("keyring `{name}`"),
        }
    }
}

/// A secret in a variable.
pub(crate) fn variable(env: &Env, name: &str) -> Option<String> {
    env.variable(name)?.to_str().and_then(something)
}

/// The text without white space around it, if anything is left.
fn something(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The program that reads this system's keyring: no library does so with less than
/// dozens of packages, and the system's own asks to unlock what is locked.
fn keyring(os: Os, name: &str) -> Result<Vec<String>, String> {
    let words: &[&str] = match os {
        Os::Linux => &["secret-tool", "lookup", "service", SERVICE, "account", name],
        Os::MacOs => &[
            "security",
            "find-generic-password",
            "-s",
            SERVICE,
            "-a",
            name,
            "-w",
        ],
        Os::Windows => {
            return Err("stead cannot read the keyring of Windows; use { command = … }".to_owned());
        }
    };
    Ok(words.iter().map(|word| (*word).to_owned()).collect())
}

/// What a person types to put a key into the keyring; the program asks for the key.
pub(crate) fn to_store(os: Os, name: &str) -> Option<String> {
    match os {
        Os::Linux => Some(format!(
            "secret-tool store --label='stead: {name}' service {SERVICE} account {name}"
        )),
        Os::MacOs => Some(format!(
            "security add-generic-password -s {SERVICE} -a {name} -w"
        )),
        Os::Windows => None,
    }
}

/// What a program prints. It may ask the user.
fn printed(words: &[String]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("there is no program")?;
    let ran = Command::new(program)
        .args(arguments)
        .stdin(Stdio::inherit())
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| format!("`{program}` did not run: {error}"))?;
    if !ran.status.success() {
        return Err(format!("`{program}` failed: {}", ran.status));
    }
    let text = String::from_utf8(ran.stdout).map_err(|_| format!("`{program}` printed no text"))?;
    // Password stores keep notes on the lines after the first.
    let first = text.lines().next().and_then(something);
    first.ok_or_else(|| format!("`{program}` printed nothing"))
}
