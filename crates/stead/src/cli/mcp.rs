//! `stead mcp`: what can be typed.

use clap::{Args, Subcommand};

/// Serve what agents did to other agents: an MCP server
///
/// A model that is connected can search and read the sessions of every agent on this
/// machine, and ask which session wrote a line and why. It can change nothing: all
/// tools only read. Secrets are masked, and no answer is longer than 30,000
/// characters. Speaks the revisions of MCP from 2024-11-05 to 2026-07-28 over
/// standard input and output; nothing is sent anywhere else.
///
/// With --http it answers at http://127.0.0.1:7391/mcp, to programs of this machine
/// alone, and only to those that send `Authorization: Bearer TOKEN`. The token is in
/// `mcp-token` in the data folder, made on first use, or in STEAD_MCP_TOKEN.
///
/// `list`, `allow` and `forbid` are about the other direction: servers whose tools
/// `stead run` uses.
///
/// Options of every command (--agent, --project, --since, --root) hold for what is
/// asked without saying otherwise.
#[derive(Debug, Args)]
#[command(after_help = "Configuration:
  Claude Code   claude mcp add --scope user stead -- stead mcp
  Codex CLI     codex mcp add stead -- stead mcp
  VS Code       code --add-mcp '{\"name\":\"stead\",\"command\":\"stead\",\"args\":[\"mcp\"]}'
  Zed           in settings.json:
                \"context_servers\": { \"stead\": { \"command\": \"stead\", \"args\": [\"mcp\"] } }
  others        in the file that lists MCP servers:
                \"mcpServers\": { \"stead\": { \"command\": \"stead\", \"args\": [\"mcp\"] } }

Examples:
  stead mcp                      on standard input and output, as clients start it
  stead mcp --http               for many clients at once, with a token
  stead mcp --agent codex        only sessions of Codex CLI, unless asked for others")]
pub(crate) struct McpArgs {
    /// Answer over HTTP, at this port or address of this machine; 7391 if none is said
    #[arg(long, value_name = "ADDR", num_args = 0..=1, default_missing_value = "")]
    pub(crate) http: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<McpCommand>,
}

/// What to do with the servers that stead's own agent uses.
#[derive(Debug, Subcommand)]
pub(crate) enum McpCommand {
    /// List the MCP servers that `stead run` uses here
    ///
    /// They stand as tables `[mcp.NAME]` in config.toml, or in .stead/mcp.toml of a project:
    /// command, args and env, or url and headers; tools, timeout, startup, disabled. In env
    /// and headers `${NAME}` stands for a variable. Their tools are offered to the model as
    /// mcp__NAME__TOOL, and asked for like all others; rules of a policy may name them. With
    /// --json an array of {name, by, starts, used, problem}.
    #[command(after_help = "Examples:
  stead mcp list                 those of config.toml and of this project
  stead mcp list --json | jq '.[] | select(.used | not)'")]
    List,
    /// Allow a server of the project that you are in to be started
    ///
    /// Holds for the server as it is written now: if its text changes, it is asked for again.
    #[command(after_help = "Examples:
  stead mcp allow docs")]
    Allow {
        /// The server's name
        name: String,
    },
    /// Take that back
    #[command(after_help = "Examples:
  stead mcp forbid docs")]
    Forbid {
        /// The server's name
        name: String,
    },
}
