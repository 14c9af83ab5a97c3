//! Real commands that try to get out, in every kind of sandbox that this machine has.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod escapes;
mod files;
mod git;
mod limits;
mod overlay;
mod running;
mod world;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use stead_sandbox::{
    Cancel, Child, Command, Limits, Outcome, Policy, RunError, Sandbox, Strategy, Stream,
};
use tempfile::TempDir;

fn child() -> Child {
    Child {
        program: env!("CARGO_BIN_EXE_sandbox-child").into(),
        arguments: vec!["stage".into()],
    }
}

/// Every sandbox that works here. Where there is none, each test says so and why; that commands are
/// then refused is held by `where_nothing_works_commands_are_refused`.
fn sandboxes() -> &'static [Sandbox] {
    static ALL: OnceLock<Vec<Sandbox>> = OnceLock::new();
    ALL.get_or_init(|| {
        let bwrap = PathBuf::from(option_env!("BWRAP").unwrap_or("/usr/bin/bwrap"));
        let mut all = vec![Sandbox::with(&child(), Strategy::Namespaces, None)];
        if bwrap.exists() {
            all.push(Sandbox::with(&child(), Strategy::Bubblewrap, Some(bwrap)));
        } else {
            skipped("bubblewrap is not installed, so it is not tested");
        }
        all.retain(|sandbox| match Place::new().run_in(sandbox, "true") {
            Ok(_) => true,
            Err(error @ RunError::NotConfined { .. }) => {
                skipped(&format!(
                    "nothing is tested with {}: {error}",
                    sandbox.strategy()
                ));
                false
            }
            Err(error) => panic!("{error}"),
        });
        all
    })
}

/// Says what is not tested, past the harness, which would keep it to itself.
fn skipped(what: &str) {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what}");
}

/// A home folder, a work tree in it, and a policy.
struct Place {
    folder: TempDir,
    policy: Policy,
}

/// What a command left.
#[derive(Debug)]
struct Ran {
    #[expect(dead_code, reason = "for messages: in which sandbox")]
    strategy: Strategy,
    output: String,
    error: String,
    outcome: Outcome,
}

impl Place {
    fn new() -> Self {
        Self::named("home/work")
    }

    /// With another work tree, below a new folder.
    fn named(tree: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = fs::canonicalize(folder.path()).unwrap();
        let (home, tree) = (root.join("home"), root.join(tree));
        fs::create_dir_all(&home).unwrap();
        fs::create_dir_all(&tree).unwrap();
        let mut policy = Policy::new(tree, home);
        policy.limits = Limits {
            time: Some(std::time::Duration::from_mins(1)),
            ..policy.limits
        };
        Self { folder, policy }
    }

    fn root(&self) -> PathBuf {
        fs::canonicalize(self.folder.path()).unwrap()
    }

    fn tree(&self) -> &Path {
        &self.policy.work_tree
    }

    /// Writes a file, from the home folder.
    fn at_home(&self, path: &str, text: &str) -> PathBuf {
        put(&self.policy.home.join(path), text)
    }

    /// Runs a shell script.
    fn run_in(&self, sandbox: &Sandbox, script: &str) -> Result<Ran, RunError> {
        self.command(
            sandbox,
            &Command::new("bash").argument("-c").argument(script),
        )
    }

    fn command(&self, sandbox: &Sandbox, command: &Command) -> Result<Ran, RunError> {
        let (mut output, mut error) = (Vec::new(), Vec::new());
        let outcome = sandbox.run(&self.policy, command, &Cancel::default(), &mut |chunk| {
            let to = if chunk.stream == Stream::Output {
                &mut output
            } else {
                &mut error
            };
            to.extend_from_slice(chunk.bytes);
        })?;
        let [output, error] =
            [output, error].map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        Ok(Ran {
            strategy: sandbox.strategy(),
            output,
            error,
            outcome,
        })
    }
}

/// Runs a script in every sandbox, each time in a new place.
fn everywhere(prepare: impl Fn(&mut Place), script: &str, check: impl Fn(&Place, &Ran)) {
    for sandbox in sandboxes() {
        let mut place = Place::new();
        prepare(&mut place);
        let ran = place.run_in(sandbox, script).unwrap();
        check(&place, &ran);
    }
}

fn put(path: &Path, text: &str) -> PathBuf {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    path.to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Whether a process of the machine has this in its arguments.
fn runs(token: &str) -> bool {
    let found = |entry: fs::DirEntry| {
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).contains(token)
    };
    fs::read_dir("/proc").unwrap().flatten().any(found)
}
