//! Agents, and how each is told where its model is. What is written here is what a user
//! would: nothing is switched off that is on by default, but what asks a person.

use anyhow::Result;
use stead_testkit::model::{ScriptedModel, Wire};

use super::Place;

/// An agent that does tasks without a person.
pub(super) struct Agent {
    /// Its program.
    pub(super) name: &'static str,
    /// Writes its configuration.
    pub(super) set_up: fn(&Place, &ScriptedModel) -> Result<()>,
    /// The arguments for a task.
    pub(super) arguments: fn(&str, &ScriptedModel) -> Vec<String>,
}

pub(super) const AGENTS: &[Agent] = &[
    Agent {
        name: "stead",
        set_up: |_, _| Ok(()),
        arguments: |task, model| {
            let base = model.base(Wire::Responses);
            let fixed = ["run", task, "--yes", "--model", "openai-responses/gpt-5.5"];
            let more = ["--base-url", &base, "--parser-model", "none"];
            fixed
                .iter()
                .chain(&more)
                .map(|word| (*word).to_owned())
                .collect()
        },
    },
    Agent {
        name: "codex",
        set_up: codex,
        arguments: |task, _| ["exec", "--json", task].map(str::to_owned).to_vec(),
    },
];

/// The Codex CLI, with the sandbox that its documentation recommends for work without a
/// person.
fn codex(place: &Place, model: &ScriptedModel) -> Result<()> {
    let base = model.base(Wire::Responses);
    let repository = place.repository.display();
    let settings = format!(
        "model = \"gpt-5.5\"\nmodel_provider = \"scripted\"\napproval_policy = \"never\"\n\
         sandbox_mode = \"workspace-write\"\ncheck_for_update_on_startup = false\n\
         [model_providers.scripted]\nname = \"Scripted\"\nbase_url = \"{base}\"\n\
         env_key = \"SCRIPTED_KEY\"\nwire_api = \"responses\"\n\
         [projects.\"{repository}\"]\ntrust_level = \"trusted\"\n"
    );
    let folder = place.home.join(".codex");
    fs_err::create_dir_all(&folder)?;
    fs_err::write(folder.join("config.toml"), settings)?;
    Ok(())
}
