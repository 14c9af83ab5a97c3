//! `stead mcp`: what can be typed.

use clap::Args;

/// Serve what agents did to other agents: an MCP server
///
/// A model that is connected can search and read the sessions of every agent on this
/// machine, and ask which session wrote a line and why. It can change nothing: all
/// tools only read. Secrets are masked, and no answer is longer than 30,000
/// characters. Speaks the revisions of MCP from 2025-03-26 to 2026-07-28 over
/// standard input and output; nothing is sent anywhere else.
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
  stead mcp --agent codex        only sessions of Codex CLI, unless asked for others")]
pub(crate) struct McpArgs {}
