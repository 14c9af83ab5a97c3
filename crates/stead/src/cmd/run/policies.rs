//! The policies that hold in a session.

use std::path::Path;

use serde_json::{Value, json};
use stead_agent::permission::{Kind, Places, Policy, Source};
use stead_agent::record::digest;
use stead_agent::task::TaskSpec;

use crate::command_error::CommandError;
use crate::environment::Context;

/// The policies that hold: built-in, of the sandbox, the user's, the project's, and what the
/// task keeps private.
pub(in crate::cmd) struct Policies {
    /// Where each is, with its text.
    texts: Vec<(String, Kind, String)>,
}

/// Commands that are confined need not be asked for: they write nothing but the session's
/// tree and reach no network.
const CONFINED: &str = r#"
[[rule]]
tool = "shell"
command = "*"
decision = "allow"
reason = "commands are confined to the work tree, without a network"

[[rule]]
tool = "shell"
path = "**"
decision = "allow"
reason = "the session's tree may be written to"

[[rule]]
tool = "shell"
path = "/**"
decision = "allow"
reason = "the sandbox shows what may be seen"
"#;

impl Policies {
    /// Reads the files that are there.
    pub(in crate::cmd) fn read(tree: &Path, context: &Context) -> Result<Self, CommandError> {
        let mut texts = Vec::new();
        let user = context.config_path.as_deref().and_then(Path::parent);
        let user = user.map(|folder| (folder.join("policy.toml"), Kind::User));
        let project = (tree.join(".stead/policy.toml"), Kind::Project);
        for (path, kind) in user.into_iter().chain([project]) {
            match std::fs::read_to_string(&path) {
                Ok(text) => texts.push((path.display().to_string(), kind, text)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => {
                    let path = path.display();
                    return Err(CommandError::failure(format!("{path}: {error}")));
                }
            }
        }
        Ok(Self { texts })
    }

    /// Puts them together with the sandbox's rules and the files that the plan keeps private.
    pub(in crate::cmd) fn policy(
        &self,
        root: &Path,
        confined: bool,
        spec: &TaskSpec,
        context: &Context,
    ) -> Result<Policy, CommandError> {
        let places = Places {
            workspace: root.display().to_string(),
            home: context.home.as_ref().map(|home| home.display().to_string()),
        };
        let source = |name, kind, text| Source { name, kind, text };
        let private = format!("[private]\npaths = {}\n", Value::from(spec.private.clone()));
        let mut sources = Vec::new();
        if confined {
            sources.push(source("the sandbox's rules", Kind::BuiltIn, CONFINED));
        }
        let texts = self.texts.iter();
        sources.extend(texts.map(|(name, kind, text)| source(name, *kind, text)));
        if !spec.private.is_empty() {
            sources.push(source("the plan", Kind::User, &private));
        }
        Policy::read(places, &sources).map_err(|error| CommandError::usage(error.to_string()))
    }

    /// These, whoever wrote them down: names, whose they are, texts.
    pub(in crate::cmd) const fn of(texts: Vec<(String, Kind, String)>) -> Self {
        Self { texts }
    }

    /// Their texts.
    pub(in crate::cmd) fn texts(&self) -> impl Iterator<Item = &str> {
        self.texts.iter().map(|(_, _, text)| text.as_str())
    }

    /// Their names and digests, for the record.
    pub(super) fn facts(&self) -> Value {
        let each = self.texts.iter();
        each.map(|(name, kind, text)| {
            let own = matches!(kind, Kind::User);
            let of = if own { "user" } else { "project" };
            json!({"name": name, "of": of, "sha256": digest(text.as_bytes())})
        })
        .collect()
    }
}
