//! Puts an overlay over a folder for this whole process, so that whatever it does there, by itself
//! or by commands, lands elsewhere. What landed there is not read here.

use std::fs;
use std::io;
use std::os::unix::ffi::OsStringExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Command as Process, Stdio};

use nix::sched::{CloneFlags, unshare};
use rustix::mount::{MountFlags, MountPropagationFlags, mount, mount_change};
use rustix::thread::{CapabilitySet, CapabilitySets, set_capabilities};

use crate::child;
use crate::command::Command;
use crate::policy::Policy;
use crate::run::{Cancel, Ended};
use crate::sandbox::{Child, Sandbox, Strategy};

/// What the overlay gets at least, as all that a sandbox mounts.
const SAFE: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Why there is no overlay over a folder.
#[derive(Debug, thiserror::Error)]
pub enum OverlayError {
    /// Namespaces hold for all threads of a process only if it has one.
    #[error(
        "the program has {0} threads already; an overlay is mounted before the first is started"
    )]
    Threads(usize),
    /// Something else is mounted in the folder, which an overlay would not show.
    #[error("{} is mounted in the folder, and an overlay would not show what is in it", .0.display())]
    MountedInside(PathBuf),
    /// The folder is of a user or group that cannot be told in a namespace of an ordinary user.
    #[error("the folder belongs to another user or group than yours, which an overlay cannot keep")]
    Owner,
    /// There is no leave to make a namespace.
    #[error(
        "this system lets you make no namespace (see user.max_user_namespaces, \
         kernel.apparmor_restrict_unprivileged_userns, or the container's seccomp profile): {0}"
    )]
    Namespace(#[source] io::Error),
    /// The namespace is there, the overlay is not. The process goes on as before.
    #[error(
        "the kernel mounts no overlay whose upper folder lies on {kind}, as {}: {source}; \
         keep data on another file system", path.display()
    )]
    Mount {
        /// The upper folder.
        path: PathBuf,
        /// What its file system is called.
        kind: String,
        /// The system's words.
        source: io::Error,
    },
    /// A folder cannot be used.
    #[error("{path}: {source}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// The system's words.
        source: io::Error,
    },
    /// A trial did not do what it should.
    #[error("{0}")]
    Trial(String),
}

/// Moves this process, which has one thread, into a mount namespace of its own, and there mounts an
/// overlay over `tree`, at the same path: from then on, whatever this process and all that it starts
/// write below `tree` lands in `upper`. `work` is scratch space of the kernel. Both lie on one file
/// system, outside of the tree; they may be those of an earlier overlay that nobody has mounted now.
///
/// A folder of the tree that was opened before still leads to the tree itself. A current folder in
/// the tree is entered anew. A user who is not root gets a user namespace too, keeps their number in
/// it, and has no rights there that they had not before.
///
/// If it fails, the process can go on; it may be in a namespace by then, where `tree` is as it was.
pub fn enter_overlay(tree: &Path, upper: &Path, work: &Path) -> Result<(), OverlayError> {
    let threads = fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
    if threads != 1 {
        return Err(OverlayError::Threads(threads));
    }
    let [tree, upper, work] = [tree, upper, work].map(real);
    let (tree, upper, work) = (tree?, upper?, work?);
    let kind = kind_of(&upper);
    if let Some(inside) = mounts()
        .into_iter()
        .find(|(point, _)| *point != tree && point.starts_with(&tree))
    {
        return Err(OverlayError::MountedInside(inside.0));
    }
    let options = child::overlay_options([&tree, &upper, &work].map(|path| path.as_os_str()));
    let options = options.map_err(OverlayError::Trial)?;
    let by_user = leave(&tree)?;
    let private = MountPropagationFlags::DOWNSTREAM | MountPropagationFlags::REC;
    let mounted = mount_change("/", private)
        .and_then(|()| mount("overlay", &tree, "overlay", SAFE, options.as_c_str()));
    // Rights over one's own files that one had not outside would make tools see what is shut.
    if by_user && !rustix::process::getuid().is_root() {
        let none = CapabilitySet::empty();
        let sets = CapabilitySets {
            effective: none,
            permitted: none,
            inheritable: none,
        };
        set_capabilities(None, sets).map_err(|error| OverlayError::Namespace(error.into()))?;
    }
    mounted.map_err(|error| OverlayError::Mount {
        path: upper,
        kind,
        source: error.into(),
    })?;
    enter_again(&tree)
}

/// Tries [`enter_overlay`] out in a process of its own, with a command in a sandbox above it that
/// writes. `scratch` is a folder on the file system where `upper` is to lie; what is made in it is
/// removed. `confined` is whether a sandbox of our own namespaces is to work too.
pub fn try_overlay(child: &Child, scratch: &Path, confined: bool) -> Result<(), OverlayError> {
    let scratch = real(scratch)?;
    let folders = ["tree", "upper", "work", "home"].map(|name| scratch.join(name));
    for path in &folders {
        fs::create_dir_all(path).map_err(at(path))?;
    }
    let stage = if confined {
        child::TRIAL
    } else {
        child::TRIAL_UNCONFINED
    };
    let mut process = Process::new(&child.program);
    process
        .args(&child.arguments)
        .arg(stage)
        .env_clear()
        .current_dir(&scratch)
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let told = process.output();
    let landed = folders[1].join("written").exists() && !folders[0].join("written").exists();
    for path in &folders {
        let _ = crate::sandbox::remove(path);
    }
    let told = told.map_err(at(&child.program))?;
    let why = String::from_utf8_lossy(&told.stdout).into_owned();
    match (told.status.success(), landed) {
        (true, true) => Ok(()),
        (true, false) => Err(OverlayError::Trial(
            "writes did not land in the upper folder".to_owned(),
        )),
        (false, _) if why.is_empty() => Err(OverlayError::Trial(format!(
            "the trial of an overlay ended early: {}",
            told.status
        ))),
        (false, _) => Err(OverlayError::Trial(why)),
    }
}

/// What a process that tries it out does, in the folder for trials. Gives why it does not work.
pub(crate) fn trial(confined: bool) -> Result<(), String> {
    let words = |error: OverlayError| error.to_string();
    let scratch = real(Path::new(".")).map_err(words)?;
    let [tree, upper, work, home] =
        ["tree", "upper", "work", "home"].map(|name| scratch.join(name));
    enter_overlay(&tree, &upper, &work).map_err(words)?;
    if !confined {
        return fs::write(tree.join("written"), "").map_err(child::failed("writing"));
    }
    let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
    arguments.pop();
    let child = Child {
        program: "/proc/self/exe".into(),
        arguments,
    };
    let sandbox = Sandbox::with(&child, Strategy::Namespaces, None);
    let mut policy = Policy::new(tree, home);
    policy.toolchains.clear();
    let command = Command::new("sh").argument("-c").argument("echo > written");
    let outcome = sandbox.run(&policy, &command, &Cancel::default(), &mut |_| ());
    match outcome {
        Ok(outcome) if outcome.ended == Ended::Exited(0) => Ok(()),
        Ok(outcome) => Err(format!(
            "a first command above the overlay failed: {:?}",
            outcome.ended
        )),
        Err(error) => Err(format!("above an overlay, {error}")),
    }
}

/// Leaves the system's mount namespace; gives whether a user namespace was needed for that.
fn leave(tree: &Path) -> Result<bool, OverlayError> {
    let system = |error: nix::errno::Errno| OverlayError::Namespace(error.into());
    // Root keeps all users' numbers, and so the right to files of others.
    match unshare(CloneFlags::CLONE_NEWNS) {
        Ok(()) => return Ok(false),
        Err(nix::errno::Errno::EPERM) => {}
        Err(error) => return Err(system(error)),
    }
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    let facts = fs::metadata(tree).map_err(at(tree))?;
    if (facts.uid(), facts.gid()) != (user.as_raw(), group.as_raw()) {
        return Err(OverlayError::Owner);
    }
    unshare(CloneFlags::CLONE_NEWUSER | CloneFlags::CLONE_NEWNS).map_err(system)?;
    let mapped = child::map_user(user.as_raw(), group.as_raw());
    mapped.map_err(|why| OverlayError::Namespace(io::Error::other(why)))?;
    Ok(true)
}

/// A current folder that was entered before lies below the overlay.
fn enter_again(tree: &Path) -> Result<(), OverlayError> {
    let Ok(current) = rustix::process::getcwd(Vec::new()) else {
        return Ok(());
    };
    let current = PathBuf::from(std::ffi::OsString::from_vec(current.into_bytes()));
    if current.starts_with(tree) {
        std::env::set_current_dir(&current).map_err(at(&current))?;
    }
    Ok(())
}

fn real(path: &Path) -> Result<PathBuf, OverlayError> {
    fs::canonicalize(path).map_err(at(path))
}

fn at(path: &Path) -> impl FnOnce(io::Error) -> OverlayError {
    let path = path.to_owned();
    move |source| OverlayError::Folder { path, source }
}

/// What a folder's file system is called: the last mount around it counts.
fn kind_of(path: &Path) -> String {
    let around = mounts()
        .into_iter()
        .filter(|(point, _)| path.starts_with(point));
    let innermost = around.max_by_key(|(point, _)| point.as_os_str().len());
    innermost.map_or_else(
        || "a file system that is not known".to_owned(),
        |(_, kind)| kind,
    )
}

/// Where something is mounted, and what kind of file system (`man 5 proc`, `mountinfo`).
fn mounts() -> Vec<(PathBuf, String)> {
    let table = fs::read("/proc/self/mountinfo").unwrap_or_default();
    let lines = table.split(|byte| *byte == b'\n');
    let entry = |line: &[u8]| {
        let point = child::mount_point(line)?;
        let mut fields = line
            .split(|byte| *byte == b' ')
            .skip_while(|field| *field != b"-");
        let kind = String::from_utf8_lossy(fields.nth(1)?).into_owned();
        Some((point, kind))
    };
    lines.filter_map(entry).collect()
}
