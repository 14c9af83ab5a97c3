//! Servers that keep sessions, as the configuration or two variables name them. No
//! command is run until a server wants its key.

use std::fmt;
use std::process::{Command, Stdio};

use serde::Deserialize;
use stead_adapters::{Adapter, Container, Key, Server, adapter, adapters};

use crate::command_error::CommandError;

/// A server, under `[[server]]`.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ServerConfig {
    /// The agent whose sessions it keeps.
    agent: String,
    /// Its address.
    url: String,
    /// The key that it must be shown.
    key: Option<Secret>,
    /// The variable that holds the key.
    key_variable: Option<String>,
    /// The program that prints the key, with its arguments.
    key_command: Option<Vec<String>>,
}

/// A text that is not printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
struct Secret(String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

/// Looks up a variable.
pub(crate) type Lookup = fn(&str) -> Option<String>;

/// Every server that is to be asked.
pub(crate) fn servers(
    configured: &[ServerConfig],
    variable: Lookup,
) -> Result<Vec<Server>, CommandError> {
    let mut servers = Vec::new();
    let named = of_variables(variable);
    for server in configured.iter().chain(&named) {
        let server = server.server(variable)?;
        let is_known = |known: &Server| known.agent == server.agent && known.url == server.url;
        if !servers.iter().any(is_known) {
            servers.push(server);
        }
    }
    Ok(servers)
}

/// The servers that variables name, one for an agent.
fn of_variables(variable: Lookup) -> Vec<ServerConfig> {
    let named = with_servers().filter_map(|adapter| {
        let agent = adapter.info().id.as_str();
        let name = agent.to_uppercase().replace('-', "_");
        Some(ServerConfig {
            agent: agent.to_owned(),
            url: variable(&format!("STEAD_{name}_URL"))?,
            key: variable(&format!("STEAD_{name}_KEY")).map(Secret),
            key_variable: None,
            key_command: None,
        })
    });
    named.collect()
}

impl ServerConfig {
    /// The server, if all that is said of it goes together.
    fn server(&self, variable: Lookup) -> Result<Server, CommandError> {
        let known = adapter(&self.agent);
        let meant =
            with_servers().find(|one| known.is_some_and(|known| known.info().id == one.info().id));
        let Some(adapter) = meant else {
            let wrong = format!(
                "`{}` is no agent with servers that stead can ask",
                self.agent
            );
            return Err(CommandError::usage(wrong)
                .hint(format!("agents with servers: {}", all().join(", "))));
        };
        let is_address = ["http://", "https://"].iter().any(|scheme| {
            let rest = self.url.strip_prefix(scheme);
            rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
        });
        if !is_address
            || self
                .url
                .contains(|c: char| c.is_whitespace() || "?#@".contains(c))
        {
            let wrong = format!("`{}` is no address of a server", self.url);
            return Err(CommandError::usage(wrong)
                .hint("write it like `http://127.0.0.1:8000`, a key in a field of its own"));
        }
        let id = adapter.info().id.as_str();
        let mut server = Server::new(id, &self.url, self.key(variable)?);
        // An agent's own variable holds the key to the server beside us; it is sent
        // to no other machine.
        if server.key.is_none() && server.is_local() {
            let mut own = adapter.key_variables().iter();
            server.key = own.find_map(|name| variable(name)).map(Key::new);
        }
        Ok(server)
    }

    fn key(&self, variable: Lookup) -> Result<Option<Key>, CommandError> {
        match (&self.key, &self.key_variable, &self.key_command) {
            (None, None, None) => Ok(None),
            (Some(Secret(key)), None, None) => Ok(Some(Key::new(key))),
            (None, Some(name), None) => {
                let name = name.clone();
                Ok(Some(Key::asked(move || {
                    variable(&name).ok_or_else(|| format!("the variable `{name}` is not set"))
                })))
            }
            (None, None, Some(command)) if !command.is_empty() => {
                let command = command.clone();
                Ok(Some(Key::asked(move || printed(&command))))
            }
            (None, None, Some(_)) => Err(CommandError::usage(format!(
                "the `key_command` of `{}` is empty",
                self.url
            ))),
            _ => Err(CommandError::usage(format!(
                "`{}` has several keys: write `key`, `key_variable` or `key_command`",
                self.url
            ))),
        }
    }
}

/// What a program prints, without the line's end. It may ask the user.
fn printed(command: &[String]) -> Result<String, String> {
    let (program, arguments) = command.split_first().ok_or("there is no program")?;
    let ran = Command::new(program)
        .args(arguments)
        .stderr(Stdio::inherit())
        .stdin(Stdio::inherit())
        .output();
    let ran = ran.map_err(|error| format!("`{program}` did not run: {error}"))?;
    if !ran.status.success() {
        return Err(format!("`{program}` failed: {}", ran.status));
    }
    let text = String::from_utf8(ran.stdout).map_err(|_| format!("`{program}` printed no text"))?;
    let key = text.trim_end_matches(['\r', '\n']);
    if key.is_empty() {
        return Err(format!("`{program}` printed nothing"));
    }
    Ok(key.to_owned())
}

fn with_servers() -> impl Iterator<Item = &'static dyn Adapter> {
    let all = adapters().iter().copied();
    all.filter(|adapter| adapter.info().containers.contains(&Container::Http))
}

/// Every agent with servers.
pub(crate) fn all() -> Vec<&'static str> {
    let ids = with_servers().map(|adapter| adapter.info().id.as_str());
    ids.collect()
}

#[cfg(test)]
mod tests {
    use super::{ServerConfig, servers};

    fn server(toml: &str) -> Result<stead_adapters::Server, String> {
        let config: ServerConfig = toml::from_str(toml).map_err(|error| error.to_string())?;
        let lookup = |name: &str| (name == "SET").then(|| "hunter2".to_owned());
        config.server(lookup).map_err(|error| format!("{error:?}"))
    }

    #[test]
    fn servers_are_taken_as_they_are_named() {
        let plain = server("agent = 'OH'\nurl = 'http://127.0.0.1:8000/'").unwrap();
        assert_eq!((plain.agent.as_str(), plain.key), ("openhands", None));
        assert_eq!(plain.url, "http://127.0.0.1:8000");
        let base = "agent = 'openhands'\nurl = 'https://x.example/agent'\n";
        for key in [
            "key = 'hunter2'",
            "key_variable = 'SET'",
            "key_variable = 'NOT_SET'",
            "key_command = ['does-not-run']",
        ] {
            let one = server(&format!("{base}{key}")).unwrap();
            assert!(one.key.is_some(), "{key}");
            assert!(!format!("{one:?}").contains("hunter2"));
        }
        let config: ServerConfig = toml::from_str(&format!("{base}key = 'hunter2'")).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }

    #[test]
    fn variables_name_a_server_too() {
        let named = |name: &str| match name {
            "STEAD_OPENHANDS_URL" => Some("http://127.0.0.1:8000".to_owned()),
            _ => None,
        };
        let one = servers(&[], named).unwrap();
        assert_eq!(
            (one[0].agent.as_str(), one[0].key.is_some()),
            ("openhands", false)
        );
        let with_key = |name: &str| match name {
            "STEAD_OPENHANDS_URL" => Some("https://h.example".to_owned()),
            "STEAD_OPENHANDS_KEY" => Some("hunter2".to_owned()),
            _ => None,
        };
        assert!(servers(&[], with_key).unwrap()[0].key.is_some());
        assert!(servers(&[], |_| None).unwrap().is_empty());
        let wrong = |name: &str| name.ends_with("_URL").then(|| "h".to_owned());
        assert!(servers(&[], wrong).is_err());
        // What the file says comes first.
        let toml = "agent = 'openhands'\nurl = 'http://127.0.0.1:8000/'\nkey = 'k'";
        let config: ServerConfig = toml::from_str(toml).unwrap();
        let both = servers(&[config], named).unwrap();
        assert_eq!((both.len(), both[0].key.is_some()), (1, true));
    }

    #[test]
    fn the_agents_own_key_stays_on_this_machine() {
        let own = |name: &str| (name == "SESSION_API_KEY").then(|| "hunter2".to_owned());
        for (url, expected) in [
            ("http://127.0.0.1:8000", true),
            ("http://localhost:8000/x", true),
            ("http://[::1]:8000", true),
            ("http://127.0.0.1.example:8000", false),
            ("http://localhost.example", false),
            ("https://h.example/127.0.0.1", false),
        ] {
            let toml = format!("agent = 'openhands'\nurl = '{url}'");
            let config: ServerConfig = toml::from_str(&toml).unwrap();
            assert_eq!(config.server(own).unwrap().key.is_some(), expected, "{url}");
        }
    }

    #[test]
    fn what_does_not_go_together_is_said() {
        let base = "agent = 'openhands'\nurl = 'http://h'\n";
        let cases = [
            ("agent = 'claude'\nurl = 'http://h'".to_owned(), "openhands"),
            (
                "agent = 'x'\nurl = 'http://h'".to_owned(),
                "agents with servers",
            ),
            ("agent = 'openhands'\nurl = 'h:80'".to_owned(), "no address"),
            (
                "agent = 'openhands'\nurl = 'http://'".to_owned(),
                "no address",
            ),
            (
                "agent = 'openhands'\nurl = 'http://k@h'".to_owned(),
                "no address",
            ),
            (
                "agent = 'openhands'\nurl = 'http://h/?key=1'".to_owned(),
                "no address",
            ),
            (
                format!("{base}key = 'a'\nkey_variable = 'B'"),
                "several keys",
            ),
            (format!("{base}key_command = []"), "is empty"),
            (format!("{base}token = 'a'"), "token"),
            ("agent = 'openhands'".to_owned(), "url"),
        ];
        for (toml, expected) in cases {
            let error = server(&toml).unwrap_err();
            assert!(error.contains(expected), "{toml}: {error}");
        }
    }
}
