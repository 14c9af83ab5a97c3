//! `stead reference`: pages made from the program itself, for `docs/reference/`.

use std::fmt::Write as _;
use std::io::Write as _;

use clap::CommandFactory;

use crate::cli::{Cli, ReferenceArgs, ReferencePage};
use crate::command_error::CommandError;
use crate::environment::VARIABLES;
use crate::exit_code::Exit;
use crate::output::Output;
use crate::servers;

pub(crate) fn run(args: &ReferenceArgs) -> Result<Exit, CommandError> {
    let page = match args.page {
        ReferencePage::Cli => cli(),
        ReferencePage::ExitCodes => exit_codes(),
        ReferencePage::Environment => environment(),
    };
    let mut out = Output::plain();
    out.write_all(page.as_bytes())?;
    out.finish()?;
    Ok(Exit::Ok)
}

const GENERATED: &str = "<!-- Made by `cargo xtask generate`; do not edit. -->\n\n";

fn cli() -> String {
    let mut page = format!("# Commands\n\n{GENERATED}");
    let mut root = Cli::command().term_width(100);
    root.build();
    let mut commands = vec![root.clone()];
    commands.extend(
        root.get_subcommands()
            .filter(|c| !c.is_hide_set() && c.get_name() != "help")
            .cloned(),
    );
    for mut command in commands {
        let help = command.render_long_help().to_string();
        let name = command.get_bin_name().unwrap_or("stead");
        // Writing to a string cannot fail.
        let _ = writeln!(page, "## {name}\n\n```text\n{}\n```\n", help.trim_end());
    }
    format!("{}\n", page.trim_end())
}

fn exit_codes() -> String {
    let mut page = format!("# Exit codes\n\n{GENERATED}| code | meaning |\n| ---: | --- |\n");
    for exit in Exit::ALL {
        let _ = writeln!(page, "| {} | {} |", exit.number(), exit.meaning());
    }
    page
}

fn environment() -> String {
    let mut page = format!(
        "# Environment and configuration\n\n{GENERATED}## Variables\n\n| variable | meaning |\n| --- | --- |\n"
    );
    for (name, meaning) in VARIABLES {
        let _ = writeln!(page, "| `{name}` | {meaning} |");
    }
    page +=
        "\nThe agents' own variables for their folders are honoured; `adapters.md` lists them.\n";
    page += "\n## config.toml\n\n`$XDG_CONFIG_HOME/stead/config.toml` on Linux,\n\
             `~/Library/Application Support/stead/config.toml` on macOS,\n\
             `%APPDATA%\\stead\\config.toml` on Windows.\n\n\
             ```toml\n# Extra places to look, as with --root.\nroots = []\n\n\
             [archive]\n# Keep the raw records of every session seen.\nenabled = true\n\n";
    let _ = write!(
        page,
        "# A server that keeps an agent's sessions; none is asked but those that are named.\n\
         # Agents with servers: {}.\n\
         [[server]]\nagent = \"{}\"\nurl = \"http://127.0.0.1:8000\"\n\
         # Its key: written here, or in a variable, or printed by a program.\n\
         key_variable = \"THE_KEY\"\n\
         # key = \"…\"\n# key_command = [\"pass\", \"show\", \"the-key\"]\n\n\
         [run]\n# Let the model fetch pages of the web, as with --web. Each host is asked for.\n\
         web = false\n\n\
         # Models, for `stead run`; docs/guide/models.md says more.\n\
         [models]\ngenerator = \"ollama/qwen3:8b\"\n\n\
         [provider.work]\nwire = \"openai\"\nbase_url = \"https://gate.example/v1\"\n\
         key = {{ env = \"WORK_KEY\" }}\n```\n",
        servers::all().join(", "),
        servers::all().first().unwrap_or(&"…"),
    );
    page
}
