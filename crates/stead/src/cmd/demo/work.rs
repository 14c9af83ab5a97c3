//! An agent at work, for the demo: a small repository with a failing test, a model that is
//! a script, and commands as they are typed, each the program itself.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use stead_sandbox::scrub;

use super::{model, pause, say, typed};
use crate::command_error::CommandError;
use crate::environment::{self, Context, this_program};
use crate::output::Output;

/// The repository.
const FILES: [(&str, &str); 2] = [
    ("slug.sh", include_str!("../../../demo/run/slug.sh")),
    ("test.sh", include_str!("../../../demo/run/test.sh")),
];

/// What is shown: words about it, and the command's words.
const STEPS: &[(&str, &[&str])] = &[
    (
        "An agent at work. Its model is a script inside of this demo, so that no key is needed;\n\
         all else is as it always is: it works in an overlay, its commands run in a sandbox\n\
         without a network, and every step is on record before it is made.",
        &[
            "stead",
            "run",
            "make the failing test pass",
            "--check",
            "sh test.sh",
        ],
    ),
    (
        "The files are as they were until somebody says so. Then they change all at once.",
        &["stead", "apply"],
    ),
    ("", &["git", "commit", "-qam", "Take signs out of names"]),
    (
        "Why a line is as it is: what was asked, what the model said and pointed at, the call,\n\
         the rule that allowed it, the request that brought it.",
        &["stead", "why", "slug.sh:3"],
    ),
    (
        "That nothing of all this was changed, removed or reordered since.",
        &["stead", "verify"],
    ),
];

/// How long the script waits before each answer, where a person looks on.
const PACE: Duration = Duration::from_millis(700);

/// Lays everything out below a folder and shows it. Where commands cannot be confined, the
/// run says so, and the rest is left out.
pub(super) fn show(context: &Context, folder: &Path, ask: bool) -> Result<(), CommandError> {
    let work = Work::lay_out(context, folder, if ask { PACE } else { Duration::ZERO })?;
    for (number, (words, line)) in STEPS.iter().enumerate() {
        if ask && number > 0 && !words.is_empty() {
            pause()?;
        }
        say(context, words, "")?;
        typed(context, &in_words(line))?;
        let ended = work.command(line)?.status();
        let ended =
            ended.map_err(|error| CommandError::failure(format!("{}: {error}", line[0])))?;
        blank()?;
        if !ended.success() {
            return say(
                context,
                "That did not end well here; the rest of this part is left out.",
                "",
            );
        }
    }
    say(
        context,
        "With a model of yours: `stead use ollama/qwen3:8b` (or any other, see `stead models`),\n\
         then `stead run 'TASK'` in a repository.",
        "",
    )
}

fn blank() -> Result<(), CommandError> {
    let mut out = Output::plain();
    writeln!(out)?;
    Ok(out.finish()?)
}

/// Whether there is git, without which the repository is none.
pub(super) fn has_git(context: &Context) -> bool {
    context.find_program("git").is_some()
}

/// A command as it is typed.
fn in_words(words: &[&str]) -> String {
    let quoted = words.iter().map(|word| {
        if word.contains(' ') {
            format!("'{word}'")
        } else {
            (*word).to_owned()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Where the agent works.
struct Work {
    repository: PathBuf,
    home: PathBuf,
    data: PathBuf,
    config: PathBuf,
    colour: bool,
}

impl Work {
    fn lay_out(context: &Context, folder: &Path, pace: Duration) -> Result<Self, CommandError> {
        let work = Self {
            repository: folder.join("home/work/slug"),
            home: folder.join("home"),
            data: folder.join("stead"),
            config: folder.join("config.toml"),
            colour: context.colour,
        };
        fs_err::create_dir_all(&work.repository)?;
        for (name, text) in FILES {
            fs_err::write(work.repository.join(name), text)?;
        }
        let base = model::start(pace)?;
        let config = format!(
            "[archive]\nenabled = false\n\n[provider.demo]\nwire = \"openai\"\nbase_url = \"{base}\"\n\n\
             [models]\ngenerator = \"demo/scripted\"\n"
        );
        fs_err::write(&work.config, config)?;
        let begun: [&[&str]; 3] = [
            &["git", "init", "-q"],
            &["git", "add", "."],
            &["git", "commit", "-qm", "A function and its test"],
        ];
        for words in begun {
            let status = work.command(words)?.stdout(Stdio::null()).status();
            if !status.is_ok_and(|status| status.success()) {
                return Err(CommandError::failure(format!(
                    "`{}` did not end well",
                    in_words(words)
                )));
            }
        }
        Ok(work)
    }

    /// A command in the repository, with nothing of the user's own.
    fn command(&self, words: &[&str]) -> Result<Command, CommandError> {
        let program = match words[0] {
            "stead" => this_program()?,
            other => PathBuf::from(other),
        };
        let somebody = [
            ("GIT_AUTHOR_NAME", "Demo"),
            ("GIT_AUTHOR_EMAIL", "demo@example.org"),
            ("GIT_COMMITTER_NAME", "Demo"),
            ("GIT_COMMITTER_EMAIL", "demo@example.org"),
            ("GIT_CONFIG_NOSYSTEM", "1"),
        ];
        let mut command = Command::new(program);
        command
            .args(&words[1..])
            .env_clear()
            .envs(scrub(environment::variables(), &[]))
            .env(
                if self.colour {
                    "CLICOLOR_FORCE"
                } else {
                    "NO_COLOR"
                },
                "1",
            )
            .envs(somebody)
            .env("HOME", &self.home)
            .env("STEAD_DATA_DIR", &self.data)
            .env("STEAD_CONFIG", &self.config)
            .env("STEAD_PAGER", "cat")
            .current_dir(&self.repository);
        Ok(command)
    }
}
