//! By which means commands are confined on this machine, found out once. Running is `run`'s task.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};

use crate::command::Command;
use crate::policy::{Overlay, Policy};
use crate::run::{Cancel, Ended, Outcome, RunError};
use crate::{Chunk, run};

/// The program that calls [`crate::child_main`], with the arguments that lead there: usually the
/// running one. A stage is added as the last argument.
#[derive(Debug, Clone)]
pub struct Child {
    /// The program's absolute path.
    pub program: PathBuf,
    /// What makes it call `child_main`, such as `sandbox-child`.
    pub arguments: Vec<OsString>,
}

/// By what means a command is confined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// bubblewrap's namespaces, with our limits, Landlock and seccomp inside.
    Bubblewrap,
    /// Namespaces of our own, with limits, Landlock and seccomp.
    Namespaces,
    /// macOS' `sandbox-exec`. Written after its documentation; not tested.
    SandboxExec,
    /// Nothing: the command may do what the user may. Only time and output are limited.
    Unconfined,
}

impl fmt::Display for Strategy {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Bubblewrap => "bubblewrap",
            Self::Namespaces => "namespaces",
            Self::SandboxExec => "sandbox-exec",
            Self::Unconfined => "unconfined",
        })
    }
}

/// What this machine can do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Capabilities {
    /// The best means there is; `None` if commands cannot be confined.
    pub strategy: Option<Strategy>,
    /// Whether writes to the work tree can be led elsewhere.
    pub overlay: bool,
    /// Whether a command can be kept from the network.
    pub network: bool,
    /// What is missing, each with its reason, in words for a user.
    pub why_not: Vec<String>,
}

/// Runs commands confined in one way.
#[derive(Debug, Clone)]
pub struct Sandbox {
    pub(crate) child: Child,
    pub(crate) strategy: Strategy,
    /// The program `bwrap`, if that is the strategy.
    pub(crate) bwrap: Option<PathBuf>,
    capabilities: Capabilities,
}

impl Sandbox {
    /// Finds out what this machine can do, by running an empty command confined. `bwrap` is where that
    /// program is, if the caller has it; our own namespaces are preferred, as they know overlays.
    /// `scratch` is an empty folder of the caller on the file system where overlays are to lie; what is
    /// made in it is removed. Gives no sandbox if commands cannot be confined.
    #[must_use]
    pub fn probe(
        child: &Child,
        bwrap: Option<PathBuf>,
        scratch: &Path,
    ) -> (Option<Self>, Capabilities) {
        let mut why_not = Vec::new();
        let mut found: Option<(Self, bool)> = None;
        for (strategy, bwrap) in candidates(bwrap) {
            let sandbox = Self::of(child, strategy, bwrap);
            match try_out(&sandbox, scratch, false) {
                Ok(()) => {
                    let overlay = try_out(&sandbox, scratch, true);
                    let works = overlay.is_ok();
                    why_not.extend(
                        overlay
                            .err()
                            .map(|why| format!("{strategy}: no overlay: {why}")),
                    );
                    if found.is_none() || works {
                        found = Some((sandbox, works));
                    }
                    if works {
                        break;
                    }
                }
                Err(why) => why_not.push(format!("{strategy}: {why}")),
            }
        }
        if found.is_none() && why_not.is_empty() {
            why_not.push("there is no sandbox for this system".to_owned());
        }
        let capabilities = Capabilities {
            strategy: found.as_ref().map(|(sandbox, _)| sandbox.strategy),
            overlay: found.as_ref().is_some_and(|(_, overlay)| *overlay),
            network: found.is_some(),
            why_not,
        };
        let sandbox = found.map(|(sandbox, _)| Self {
            capabilities: capabilities.clone(),
            ..sandbox
        });
        (sandbox, capabilities)
    }

    /// A sandbox that confines nothing, for a user who has said so.
    #[must_use]
    pub fn unconfined(child: &Child) -> Self {
        Self::of(child, Strategy::Unconfined, None)
    }

    /// A sandbox of one strategy, without finding out whether it works. Running tells.
    #[must_use]
    pub fn with(child: &Child, strategy: Strategy, bwrap: Option<PathBuf>) -> Self {
        Self::of(child, strategy, bwrap)
    }

    fn of(child: &Child, strategy: Strategy, bwrap: Option<PathBuf>) -> Self {
        let capabilities = Capabilities {
            strategy: Some(strategy),
            overlay: false,
            network: strategy != Strategy::Unconfined,
            why_not: Vec::new(),
        };
        Self {
            child: child.clone(),
            strategy,
            bwrap,
            capabilities,
        }
    }

    /// By what means commands are confined.
    #[must_use]
    pub fn strategy(&self) -> Strategy {
        self.strategy
    }

    /// What was found out.
    #[must_use]
    pub fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    /// Runs a command and waits for its end, in whichever way it comes. `each` gets what it prints, as
    /// it prints it. Nothing of it is left running afterwards.
    pub fn run(
        &self,
        policy: &Policy,
        command: &Command,
        cancel: &Cancel,
        each: &mut dyn FnMut(Chunk<'_>),
    ) -> Result<Outcome, RunError> {
        run::run(self, policy, command, cancel, each)
    }
}

/// What may work on this system, the best first.
fn candidates(bwrap: Option<PathBuf>) -> Vec<(Strategy, Option<PathBuf>)> {
    let mut list = Vec::new();
    if cfg!(target_os = "linux") {
        list.push((Strategy::Namespaces, None));
        if let Some(bwrap) = bwrap {
            list.push((Strategy::Bubblewrap, Some(bwrap)));
        }
    } else if cfg!(target_os = "macos") {
        list.push((Strategy::SandboxExec, None));
    }
    list
}

/// Runs an empty command confined; with an overlay, one that writes.
fn try_out(sandbox: &Sandbox, scratch: &Path, overlay: bool) -> Result<(), String> {
    let folders = ["tree", "upper", "work", "home"].map(|name| scratch.join(name));
    let made = folders.iter().try_for_each(std::fs::create_dir_all);
    let [tree, upper, work, home] = folders.clone();
    let mut policy = Policy::new(tree.clone(), home);
    policy.toolchains.clear();
    if overlay {
        policy.overlay = Some(Overlay {
            upper: upper.clone(),
            work,
        });
    }
    let command = Command::new("sh").argument("-c").argument("echo > written");
    let result = match made {
        Ok(()) => sandbox.run(&policy, &command, &Cancel::default(), &mut |_| ()),
        Err(error) => Err(RunError::Io(error)),
    };
    let led_away = upper.join("written").exists() && !tree.join("written").exists();
    // The kernel's scratch folder is kept from everybody, its owner too.
    for folder in &folders {
        let _ = remove(folder);
    }
    match result {
        Ok(outcome) if outcome.ended != Ended::Exited(0) => {
            Err(format!("a first command failed: {:?}", outcome.ended))
        }
        Ok(_) if overlay && !led_away => Err("writes did not land in the upper folder".to_owned()),
        Ok(_) => Ok(()),
        Err(error) => Err(error.to_string()),
    }
}

/// Removes a folder of an overlay. The kernel leaves one in its scratch space that nobody may look
/// into.
pub(crate) fn remove(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let inner = folder.join("work");
        if inner.is_dir() {
            std::fs::set_permissions(&inner, PermissionsExt::from_mode(0o700))?;
        }
    }
    std::fs::remove_dir_all(folder)
}
