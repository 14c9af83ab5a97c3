//! Build tools, package managers and others of which some commands change files.

use super::options::sort;
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

/// Commands of tools that change no file that is kept.
const QUIET: [(&str, &[&str]); 17] = [
    (
        "cargo",
        &[
            "test",
            "t",
            "check",
            "c",
            "build",
            "b",
            "clippy",
            "doc",
            "bench",
            "nextest",
            "tree",
            "metadata",
            "audit",
            "deny",
            "outdated",
            "search",
            "version",
            "llvm-cov",
            "miri",
            "machete",
            "clean",
            "install",
            "fetch",
            "info",
            "locate-project",
            "expand",
            "bloat",
        ],
    ),
    (
        "rustup",
        &[
            "show",
            "component",
            "target",
            "toolchain",
            "update",
            "which",
            "default",
        ],
    ),
    (
        "go",
        &[
            "test", "build", "vet", "list", "version", "env", "doc", "install", "tool",
        ],
    ),
    (
        "npm",
        &[
            "test", "t", "tst", "ls", "list", "view", "outdated", "audit", "why", "root", "config",
        ],
    ),
    (
        "pnpm",
        &[
            "test",
            "t",
            "ls",
            "list",
            "why",
            "outdated",
            "audit",
            "lint",
            "typecheck",
        ],
    ),
    (
        "yarn",
        &[
            "test",
            "list",
            "why",
            "outdated",
            "audit",
            "lint",
            "typecheck",
        ],
    ),
    ("bun", &["test", "pm"]),
    ("deno", &["test", "check", "lint", "info"]),
    ("make", &["test", "check", "lint", "clean", "build", "all"]),
    ("just", &["test", "check", "lint", "--list"]),
    ("ruff", &["check", "rule", "version"]),
    ("biome", &["lint", "check", "ci"]),
    (
        "mvn",
        &[
            "test",
            "compile",
            "package",
            "verify",
            "clean",
            "dependency:tree",
        ],
    ),
    ("gradle", &["test", "build", "check", "clean", "tasks"]),
    ("dotnet", &["test", "build", "restore", "clean"]),
    (
        "docker",
        &[
            "ps", "images", "logs", "inspect", "build", "pull", "stop", "rm", "version", "info",
        ],
    ),
    ("uv", &["pip", "tree", "venv", "python", "tool"]),
];

/// Files that package managers keep.
const KEPT: [(&str, &[&str]); 10] = [
    ("cargo", &["Cargo.toml", "Cargo.lock"]),
    ("npm", &["package.json", "package-lock.json"]),
    ("pnpm", &["package.json", "pnpm-lock.yaml"]),
    ("yarn", &["package.json", "yarn.lock"]),
    ("bun", &["package.json", "bun.lock"]),
    ("go", &["go.mod", "go.sum"]),
    ("uv", &["pyproject.toml", "uv.lock"]),
    ("poetry", &["pyproject.toml", "poetry.lock"]),
    ("bundle", &["Gemfile.lock"]),
    ("composer", &["composer.json", "composer.lock"]),
];

/// The commands of package managers that change those.
const KEEPING: [&str; 17] = [
    "add",
    "remove",
    "rm",
    "update",
    "upgrade",
    "install",
    "i",
    "ci",
    "uninstall",
    "up",
    "lock",
    "sync",
    "get",
    "mod",
    "generate-lockfile",
    "require",
    "un",
];

/// Scripts of projects that by their name only look.
const LOOKING: [&str; 10] = [
    "test",
    "lint",
    "check",
    "typecheck",
    "type-check",
    "tsc",
    "types",
    "test:unit",
    "test:ci",
    "coverage",
];

pub(super) fn run(shell: &mut Shell, name: &str, args: &[Arg]) -> Option<Out> {
    let name = match name {
        "./gradlew" | "gradlew" => "gradle",
        "./mvnw" | "mvnw" => "mvn",
        "gmake" => "make",
        name => name,
    };
    if let Some(done) = writing(shell, name, args) {
        return done.then(Out::unknown);
    }
    let is_own = |arg: &&Arg| !arg.is_option() && !arg.text.starts_with('+');
    let mut commands = args.iter().filter(is_own).filter_map(Arg::exact);
    let command = commands.next().unwrap_or_default();
    let fixes = args
        .iter()
        .any(|arg| matches!(arg.text.as_str(), "--fix" | "--write" | "--apply"));
    let quiet = QUIET.iter().find(|(tool, _)| *tool == name);
    let is_quiet = quiet.is_some_and(|(_, quiet)| quiet.contains(&command));
    let runs_script = matches!(name, "npm" | "pnpm" | "yarn" | "bun") && command == "run";
    let looks = runs_script
        && commands
            .next()
            .is_none_or(|script| LOOKING.contains(&script));
    if (is_quiet || looks) && !fixes {
        return Some(Out::unknown());
    }
    let kept = KEPT.iter().find(|(tool, _)| *tool == name);
    if let Some((_, files)) = kept.filter(|_| KEEPING.contains(&command)) {
        for file in *files {
            shell.change(&Arg::whole(*file), Action::Opaque);
        }
        return Some(Out::unknown());
    }
    None
}

/// Programs that print, but for an option that makes them write a file. Nothing if
/// the program is none of these; false if it writes we do not know what.
fn writing(shell: &mut Shell, name: &str, args: &[Arg]) -> Option<bool> {
    match name {
        "curl" => {
            let sorted = sort(
                args,
                &["-o", "--output", "-d", "-H", "-X", "-u", "-A", "-F", "-m"],
            );
            if sorted.has(&["-O", "--remote-name"]) {
                return Some(false);
            }
            sorted
                .all(&["-o", "--output"])
                .for_each(|file| shell.change(file, Action::Opaque));
        }
        "wget" => {
            let sorted = sort(args, &["-O", "--output-document"]);
            let file = sorted.value(&["-O", "--output-document"])?;
            if file.text != "-" {
                shell.change(file, Action::Opaque);
            }
        }
        "sort" => {
            let sorted = sort(args, &["-o", "--output", "-k", "-t", "-S"]);
            sorted
                .all(&["-o", "--output"])
                .for_each(|file| shell.change(file, Action::Opaque));
        }
        "awk" | "gawk" | "mawk" => awk(shell, args),
        "yq" => in_place(shell, args, 1),
        "eslint" | "stylelint" | "rubocop" | "standard" => {
            let sorted = sort(args, &["--ext", "-c", "--config"]);
            if sorted.has(&["--fix", "-a", "-A", "--auto-correct", "--autocorrect"]) {
                if sorted.names.is_empty() {
                    return Some(false);
                }
                sorted
                    .names
                    .iter()
                    .for_each(|file| shell.change(file, Action::Opaque));
            }
        }
        "tsc" | "vue-tsc" => {
            let checks = args.iter().any(|arg| arg.text == "--noEmit");
            return Some(checks);
        }
        "gh" => {
            let words: Vec<&str> = args.iter().map(|arg| arg.text.as_str()).collect();
            if let ["pr", "checkout", ..] = words.as_slice() {
                shell.went_over(&Arg::whole("."), Action::Restore);
            }
        }
        _ => return None,
    }
    Some(true)
}

/// `-i` makes it change its files; so many words come before them.
fn in_place(shell: &mut Shell, args: &[Arg], own: usize) {
    let sorted = sort(args, &[]);
    if sorted.has(&["-i", "--inplace", "--in-place"]) {
        let files = sorted.names.iter().skip(own);
        files.for_each(|file| shell.change(file, Action::Opaque));
    }
}

/// `awk` writes where its program has an arrow before a string.
fn awk(shell: &mut Shell, args: &[Arg]) {
    let sorted = sort(args, &["-F", "-v", "-f", "-i"]);
    if sorted.value(&["-i"]).is_some() {
        let own = usize::from(sorted.value(&["-f"]).is_none());
        let files = sorted.names.iter().skip(own);
        return files.for_each(|file| shell.change(file, Action::Opaque));
    }
    let writes = sorted.names.first().is_some_and(|program| {
        let bare: String = program.text.split_whitespace().collect();
        bare.contains(">\"") || bare.contains("system(") || bare.contains("|\"")
    });
    if writes {
        shell.opaque();
    }
}
