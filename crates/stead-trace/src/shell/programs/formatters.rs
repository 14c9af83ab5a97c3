//! Formatters: programs that change how files are laid out, and no words.

use super::options::sort;
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

/// A formatter.
struct Formatter {
    name: &'static str,
    /// The command among its commands that formats.
    command: Option<&'static str>,
    /// Without one of these it only prints.
    needs: &'static [&'static str],
}

const fn formatter(
    name: &'static str,
    command: Option<&'static str>,
    needs: &'static [&'static str],
) -> Formatter {
    Formatter {
        name,
        command,
        needs,
    }
}

const FORMATTERS: [Formatter; 29] = [
    formatter("rustfmt", None, &[]),
    formatter("black", None, &[]),
    formatter("isort", None, &[]),
    formatter("yapf", None, &["-i", "--in-place"]),
    formatter("autopep8", None, &["-i", "--in-place"]),
    formatter("ruff", Some("format"), &[]),
    formatter("cargo", Some("fmt"), &[]),
    formatter("go", Some("fmt"), &[]),
    formatter("gofmt", None, &["-w"]),
    formatter("gofumpt", None, &["-w"]),
    formatter("goimports", None, &["-w"]),
    formatter("prettier", None, &["--write", "-w"]),
    formatter("biome", Some("format"), &["--write"]),
    formatter("deno", Some("fmt"), &[]),
    formatter("dprint", Some("fmt"), &[]),
    formatter("clang-format", None, &["-i"]),
    formatter("shfmt", None, &["-w"]),
    formatter("terraform", Some("fmt"), &[]),
    formatter("tofu", Some("fmt"), &[]),
    formatter("taplo", Some("fmt"), &[]),
    formatter("zig", Some("fmt"), &[]),
    formatter("dart", Some("format"), &[]),
    formatter("mix", Some("format"), &[]),
    formatter("stylua", None, &[]),
    formatter("swift-format", None, &["-i", "--in-place"]),
    formatter("nixfmt", None, &[]),
    formatter("buf", Some("format"), &["-w"]),
    formatter("dos2unix", None, &[]),
    formatter("unix2dos", None, &[]),
];

/// Options by which a formatter only says what it would do.
const LOOKS: [&str; 4] = ["--check", "--check-only", "--diff", "--list-different"];

/// Options that take a value.
const VALUED: [&str; 12] = [
    "--config",
    "--line-length",
    "-p",
    "--package",
    "--manifest-path",
    "--edition",
    "--style",
    "--config-path",
    "--profile",
    "--ignore-path",
    "--parser",
    "--plugin",
];

pub(super) fn run(shell: &mut Shell, name: &str, args: &[Arg]) -> Option<Out> {
    // `cargo +nightly fmt`
    let args = match args.split_first() {
        Some((first, rest)) if first.text.starts_with('+') => rest,
        _ => args,
    };
    let command = args.first().map(|arg| arg.text.as_str());
    let fits = |formatter: &&Formatter| {
        formatter.name == name && (formatter.command.is_none() || formatter.command == command)
    };
    let formatter = FORMATTERS.iter().find(fits)?;
    let args = &args[usize::from(formatter.command.is_some())..];
    let sorted = sort(args, &VALUED);
    // Behind `--` too: that is for what `cargo fmt` runs.
    let looks = args.iter().any(|arg| LOOKS.contains(&arg.text.as_str()));
    let writes = formatter.needs.is_empty() || sorted.has(formatter.needs);
    if looks || !writes {
        return Some(Out::unknown());
    }
    let is_cargo = name == "cargo";
    let names: Vec<&Arg> = sorted.names.into_iter().filter(|_| !is_cargo).collect();
    if names.is_empty() {
        shell.went_over(&Arg::whole("."), Action::Format);
    }
    for name in names {
        // Go's way to say all packages below.
        let bare = name.text.trim_end_matches("...");
        let name = Arg {
            text: bare.to_owned(),
            known: name.known,
        };
        shell.went_over(&name, Action::Format);
    }
    Some(Out::unknown())
}
