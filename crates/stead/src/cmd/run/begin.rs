//! What a task begins with: the tree as it is and the policies, kept so that `stead replay` can
//! run the session again.

use std::path::Path;

use serde_json::{Value, json};
use stead_agent::beginning::{BeginningError, Limits, Store, keep};

use super::asked::Asked;
use super::front::Watch;
use super::setup::git_facts;
use crate::cmd::changes::{Asking, Repository};

/// A beginning that git is being asked about.
pub(super) struct Beginning(Option<Asking>);

impl Beginning {
    /// Asks git, which works while other things are prepared. A session that only plans changes
    /// nothing, and begins with nothing.
    pub(super) fn ask(asked: &Asked<'_>) -> Self {
        Self((!asked.args.plan).then(|| asked.repository.ask_not_committed()))
    }

    /// Keeps it, and says what, for the record. A session that cannot be run again is no reason
    /// not to run it.
    pub(super) fn keep(self, asked: &Asked<'_>, root: &Path, front: &mut dyn Watch) -> Value {
        let Some(asking) = self.0 else {
            return Value::Null;
        };
        match kept(asked, root, asking) {
            Ok(facts) => facts,
            Err(error) => {
                front.notice(&format!("this session cannot be replayed: {error}"));
                json!({ "error": error.to_string() })
            }
        }
    }
}

fn kept(asked: &Asked<'_>, root: &Path, asking: Asking) -> Result<Value, BeginningError> {
    let store = Store::of(&asked.folder);
    // A copy holds what earlier tasks left in it, and its own repository knows that.
    let is_copy = root != asked.tree;
    let (asking, git) = if is_copy {
        let asking = Repository::at(root).ask_not_committed();
        (asking, git_facts(root))
    } else {
        (asking, asked.header.git.clone())
    };
    let commit = git.as_ref().and_then(|git| git.commit.as_deref());
    let paths = asking.answer().map_err(BeginningError::Commits)?;
    let (name, manifest) = keep(root, commit, paths, &store, Limits::default())?;
    for text in asked.policies.texts() {
        store.put(text.as_bytes())?;
    }
    Ok(json!({
        "manifest": name,
        "commit": manifest.commit,
        "files": manifest.files.len(),
        "bytes": manifest.length(),
        "left_out": manifest.left_out.len(),
    }))
}
