//! What can be typed for `stead models` and `stead use`.

use clap::{Args, Subcommand};
use stead_llm::Wire;

/// See, add, choose and test the models that `stead run` works with
///
/// A model is named PROVIDER/NAME. Providers are known by name (with the key in their
/// usual variable they work without configuration), or stand in config.toml. Nothing is
/// sent anywhere but by `list PROVIDER`, `list --local` and `test`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead models                             what is in use, which providers there are
  stead models list ollama                 the models that Ollama has
  stead models use ollama/qwen3:8b         choose one; also `stead use ollama/qwen3:8b`
  stead models test                        one tiny request to each model in use
  stead models add work --base-url https://gate.example/v1 --key-env WORK_KEY")]
pub(crate) struct ModelsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ModelsCommand>,
}

/// What to do about models.
#[derive(Debug, Subcommand)]
pub(crate) enum ModelsCommand {
    List(ModelsListArgs),
    Add(ModelsAddArgs),
    Use(ModelsUseArgs),
    Test(ModelsTestArgs),
}

/// List what is in use, and the providers with whether their key is there
///
/// With PROVIDER its server is asked which models it has; with --local all servers of
/// this machine are. Else nothing is sent: stead only looks whether something listens on
/// the ports of Ollama, LM Studio, llama.cpp, vLLM and LiteLLM. With --json: {in_use,
/// providers: [{name, title, wire, base_url, configured, local, key, listens, models,
/// error}]}; of one provider {provider, models: [{model, route, licence}]}.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:
  stead models list                        what is in use, which providers there are
  stead models list --local                the models of this machine
  stead models list openrouter             those of OpenRouter
  stead models list --json | jq -r '.providers[] | select(.key.state == \"there\") | .name'")]
pub(crate) struct ModelsListArgs {
    /// Ask this provider
    pub(crate) provider: Option<String>,
    /// Ask the servers that listen on this machine
    #[arg(long, conflicts_with = "provider")]
    pub(crate) local: bool,
}

/// Write a provider into config.toml
///
/// What is there already is changed; comments stay. A key is never written down: say
/// where it is.
#[derive(Debug, Default, Args)]
#[command(after_help = "Examples:
  stead models add work --wire openai --base-url https://gate.example/v1 --key-env WORK_KEY
  stead models add gpu --base-url http://gpu.lan:8000/v1 --local
  stead models add openai --key-command 'pass show openai'
  stead models add azure --base-url https://me.openai.azure.com/openai/v1 --key-keyring azure")]
pub(crate) struct ModelsAddArgs {
    /// The provider's name, to stand before the slash
    pub(crate) name: String,
    /// How it is spoken to: openai, openai-responses, anthropic, gemini
    #[arg(long, value_name = "WIRE")]
    pub(crate) wire: Option<Wire>,
    /// Where it is
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: Option<String>,
    /// The variable that holds its key
    #[arg(long, value_name = "VARIABLE", group = "key")]
    pub(crate) key_env: Option<String>,
    /// The command that prints its key
    #[arg(long, value_name = "COMMAND", group = "key")]
    pub(crate) key_command: Option<String>,
    /// The name of its key in the system's keyring
    #[arg(long, value_name = "NAME", group = "key")]
    pub(crate) key_keyring: Option<String>,
    /// The known provider that it is like
    #[arg(long, value_name = "PROVIDER")]
    pub(crate) like: Option<String>,
    /// It counts as local: what only local models may read may be sent there
    #[arg(long)]
    pub(crate) local: bool,
}

/// Choose a model for a part of the agent
///
/// Without options, the model that writes code, as `stead use` does. The others are
/// chosen for the profile in use, or for --profile.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead models use anthropic/claude-sonnet-5
  stead models use ollama/qwen2.5:0.5b --parser    takes tasks apart
  stead models use none --parser                   rules do
  stead models use openrouter/z-ai/glm-4.6 --fallback
  stead models use ollama/qwen3:8b --profile local")]
pub(crate) struct ModelsUseArgs {
    /// The model, or `none`
    #[arg(value_name = "PROVIDER/NAME|none")]
    pub(crate) model: String,
    /// It takes tasks apart
    #[arg(long)]
    pub(crate) parser: bool,
    /// It is asked if those before it do not answer; `none` takes all of these away
    #[arg(long, conflicts_with = "parser")]
    pub(crate) fallback: bool,
    /// Choose it for this profile, without switching to it
    #[arg(long, value_name = "NAME")]
    pub(crate) profile: Option<String>,
}

/// Send a tiny request, and say what works
///
/// Tells when the first words came, whether they streamed, whether a tool was called and
/// whether tokens were counted; or what is wrong and what to do. Without MODEL, every
/// model in use is asked. The exchange is kept in the data folder, keys masked. With
/// --json an array of {model, route, ok, error, hint, first_ms, whole_ms, pieces, tools,
/// usage, cost, answered_as}.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead models test
  stead models test ollama/qwen3:8b
  stead models test openai/m --base-url http://127.0.0.1:8080/v1")]
pub(crate) struct ModelsTestArgs {
    /// The model; without it, all in use
    #[arg(value_name = "PROVIDER/NAME")]
    pub(crate) model: Option<String>,
    /// Where that provider is
    #[arg(long, value_name = "URL", requires = "model")]
    pub(crate) base_url: Option<String>,
}

/// Switch to a profile or a model
///
/// NAME is a profile of config.toml, such as local or cloud, or PROVIDER/NAME. The first
/// local model that you use is remembered as the profile `local`, the first other one as
/// `cloud`. Without NAME, says what is in use. With --json: {profile, generator, parser,
/// fallback}, each model as {model, route, local, licence, context, price}.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead use                                what is in use
  stead use local                          the local models
  stead use anthropic/claude-sonnet-5      this model from now on")]
pub(crate) struct UseArgs {
    /// The profile or the model
    #[arg(value_name = "local|cloud|NAME")]
    pub(crate) name: Option<String>,
}
