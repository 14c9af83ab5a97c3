//! Builds the file system that a command sees, from nothing, and makes it the root. What belongs in
//! it was decided by the plan.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::fs::{DirBuilderExt, symlink};
use std::path::{Path, PathBuf};

use rustix::mount::{
    MountFlags, MountPropagationFlags, UnmountFlags, mount, mount_bind_recursive, mount_change,
    mount_remount, unmount,
};

use super::failed;
use crate::spec::Mount;

/// The new root while it is built, and the old one.
const NEW: &str = "/new";
const OLD: &str = "/old";
/// What everything mounted gets at least.
const SAFE: MountFlags = MountFlags::NOSUID.union(MountFlags::NODEV);

/// Makes all mounts and leaves the old root behind.
pub(super) fn make(mounts: &[Mount], processes: u64) -> Result<(), String> {
    if mounts.is_empty() {
        return Ok(());
    }
    enter_scaffold()?;
    for one in mounts {
        add(one, processes)?;
    }
    protect(mounts)?;
    enter_new_root()
}

/// A root of our own with the machine's below it: targets are then resolved in the new tree only,
/// whatever links are in it.
fn enter_scaffold() -> Result<(), String> {
    let private = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    mount_change("/", private).map_err(failed("making mounts private"))?;
    mount("stead", "/tmp", "tmpfs", SAFE, c"mode=0755,size=1m").map_err(failed("tmpfs"))?;
    for name in ["new", "old", "hidden-folder"] {
        fs::create_dir(Path::new("/tmp").join(name)).map_err(failed("scaffold"))?;
    }
    File::create("/tmp/hidden-file").map_err(failed("scaffold"))?;
    rustix::process::pivot_root("/tmp", "/tmp/old").map_err(failed("pivot_root"))?;
    std::env::set_current_dir("/").map_err(failed("chdir"))?;
    mount("stead", NEW, "tmpfs", SAFE, c"mode=0755,size=16m").map_err(failed("tmpfs"))
}

fn enter_new_root() -> Result<(), String> {
    std::env::set_current_dir(NEW).map_err(failed("chdir"))?;
    rustix::process::pivot_root(".", ".").map_err(failed("pivot_root"))?;
    unmount(".", UnmountFlags::DETACH).map_err(failed("leaving the old root"))?;
    std::env::set_current_dir("/").map_err(failed("chdir"))
}

/// Where something of the machine is now.
fn old(path: &OsStr) -> PathBuf {
    below(OLD, path)
}

fn new(path: &OsStr) -> PathBuf {
    below(NEW, path)
}

fn below(root: &str, path: &OsStr) -> PathBuf {
    let mut all = OsString::from(root);
    all.push(path);
    all.into()
}

fn add(one: &Mount, processes: u64) -> Result<(), String> {
    match one {
        Mount::Bind { from, at, .. } => bind(&old(from), &new(at)),
        Mount::Memory { at, bytes } => memory(&new(at), *bytes, "0700"),
        Mount::Link { to, at } => {
            parents(&new(at))?;
            symlink(to, new(at)).map_err(failed("link"))
        }
        Mount::Hide { at, folder } => {
            let empty = if *folder {
                "/hidden-folder"
            } else {
                "/hidden-file"
            };
            let at = new(at);
            mount_bind_recursive(empty, &at).map_err(failed(&named("hiding", &at)))
        }
        Mount::Overlay {
            lower,
            upper,
            work,
            at,
        } => overlay([lower, upper, work], &new(at)),
        Mount::Devices { bytes } => devices(*bytes),
        Mount::Processes => processes_of_our_own(processes),
    }
}

fn named(what: &str, path: &Path) -> String {
    format!(
        "{what} {}",
        path.strip_prefix(NEW).unwrap_or(path).display()
    )
}

fn parents(path: &Path) -> Result<(), String> {
    path.parent().map_or(Ok(()), folder)
}

fn folder(path: &Path) -> Result<(), String> {
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(path);
    made.map_err(failed(&named("making", path)))
}

/// Shows a file or folder of the machine; whether it may be written to is settled at the end.
fn bind(from: &Path, at: &Path) -> Result<(), String> {
    let is_folder = fs::metadata(from)
        .map_err(failed(&named("showing", at)))?
        .is_dir();
    if fs::symlink_metadata(at).is_err() {
        if is_folder {
            folder(at)?;
        } else {
            parents(at)?;
            File::create(at).map_err(failed(&named("making", at)))?;
        }
    }
    mount_bind_recursive(from, at).map_err(failed(&named("showing", at)))
}

fn memory(at: &Path, bytes: u64, mode: &str) -> Result<(), String> {
    folder(at)?;
    let options = text(format!("mode={mode},size={bytes}").into_bytes())?;
    mount("tmpfs", at, "tmpfs", SAFE, options.as_c_str()).map_err(failed(&named("tmpfs at", at)))
}

fn text(bytes: Vec<u8>) -> Result<std::ffi::CString, String> {
    std::ffi::CString::new(bytes).map_err(failed("a path"))
}

fn overlay(folders: [&OsString; 3], at: &Path) -> Result<(), String> {
    folder(at)?;
    let folders = folders.map(|path| old(path));
    let options =
        overlay_options([&folders[0], &folders[1], &folders[2]].map(|path| path.as_os_str()))?;
    mount("overlay", at, "overlay", SAFE, options.as_c_str()).map_err(failed("overlay"))
}

/// How an overlay of a lower, an upper and a work folder is asked for. Its marks are kept where
/// ordinary users can read them; an index would bind the upper folder to one state of the lower.
pub(crate) fn overlay_options(folders: [&OsStr; 3]) -> Result<std::ffi::CString, String> {
    let mut options = Vec::new();
    for (name, path) in ["lowerdir=", ",upperdir=", ",workdir="].iter().zip(folders) {
        options.extend(name.bytes());
        for byte in path.as_bytes() {
            if b"\\,:".contains(byte) {
                options.push(b'\\');
            }
            options.push(*byte);
        }
    }
    options.extend(b",userxattr,index=off");
    text(options)
}

/// `/dev` with the devices that do no harm, terminals of its own, and shared memory of its own.
fn devices(bytes: u64) -> Result<(), String> {
    let dev = Path::new("/new/dev");
    memory(dev, 1 << 20, "0755")?;
    for name in ["null", "zero", "full", "random", "urandom", "tty"] {
        bind(&Path::new("/old/dev").join(name), &dev.join(name))?;
    }
    folder(&dev.join("pts"))?;
    let flags = MountFlags::NOSUID | MountFlags::NOEXEC;
    mount(
        "devpts",
        dev.join("pts"),
        "devpts",
        flags,
        c"newinstance,ptmxmode=0666,mode=620",
    )
    .map_err(failed("devpts"))?;
    let links = [
        ("ptmx", "pts/ptmx"),
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
    ];
    for (name, to) in links {
        symlink(to, dev.join(name)).map_err(failed("link"))?;
    }
    memory(&dev.join("shm"), bytes, "1777")?;
    mount_remount(dev, MountFlags::BIND | MountFlags::RDONLY | SAFE, c"").map_err(failed("/dev"))
}

/// `/proc` that shows the new processes only, without what in it changes the machine.
fn processes_of_our_own(limit: u64) -> Result<(), String> {
    let proc = Path::new("/new/proc");
    folder(proc)?;
    let flags = SAFE | MountFlags::NOEXEC;
    mount("proc", proc, "proc", flags, c"").map_err(failed(
        "mounting /proc (a container hides parts of the machine's own, so that no whole one can be had)",
    ))?;
    limit_processes(proc, limit);
    for name in ["sys", "sysrq-trigger", "irq", "bus"] {
        let path = proc.join(name);
        if path.exists() {
            mount_bind_recursive(&path, &path).map_err(failed(&named("protecting", &path)))?;
            let flags = MountFlags::BIND | MountFlags::RDONLY | flags;
            mount_remount(&path, flags, c"").map_err(failed(&named("protecting", &path)))?;
        }
    }
    Ok(())
}

/// Since Linux 6.14 the highest number of a process counts for a namespace. That holds for root
/// too, whom no other limit binds. Before, it is the machine's, and left alone.
fn limit_processes(proc: &Path, limit: u64) {
    /// The kernel takes no less.
    const LEAST: u64 = 301;
    let system = rustix::system::uname();
    let release = system.release().to_string_lossy();
    let mut numbers = release
        .split('.')
        .map_while(|part| part.parse::<u32>().ok());
    if (numbers.next(), numbers.next()) >= (Some(6), Some(14)) {
        let limit = limit.clamp(LEAST, 4 << 20);
        // Where it is not ours to set, the inner stage counts processes itself.
        let _ = fs::write(proc.join("sys/kernel/pid_max"), limit.to_string());
    }
}

/// Takes away the right to write wherever the plan does not give it, in mounts within mounts too.
fn protect(mounts: &[Mount]) -> Result<(), String> {
    let table = fs::read("/old/proc/self/mountinfo").map_err(failed("reading mounts"))?;
    let mut covered = Vec::new();
    for line in table.split(|byte| *byte == b'\n') {
        let Some((path, flags)) = entry(line) else {
            continue;
        };
        let Ok(inside) = path.strip_prefix(NEW) else {
            continue;
        };
        let inside = Path::new("/").join(inside);
        if is_read_only(mounts, &inside) {
            let flags = flags | SAFE | MountFlags::BIND | MountFlags::RDONLY;
            match mount_remount(&path, flags, c"") {
                // Something that nobody may look into, and that no command can reach either.
                Ok(()) | Err(rustix::io::Errno::ACCESS) => {}
                // Another mount lies over it; that one is looked at too.
                Err(rustix::io::Errno::INVAL) => covered.push(path),
                Err(error) => return Err(failed(&named("protecting", &path))(error)),
            }
        }
    }
    for path in covered {
        let found = rustix::fs::statvfs(&path).map_err(failed(&named("protecting", &path)))?;
        if !found.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
            return Err(format!("{} could not be protected", named("", &path)));
        }
    }
    Ok(())
}

/// Whether the innermost planned mount around a path is for reading only. The root is.
fn is_read_only(mounts: &[Mount], path: &Path) -> bool {
    let around = mounts.iter().filter(|one| path.starts_with(one.at()));
    match around.max_by_key(|one| one.at().as_os_str().len()) {
        Some(Mount::Bind { writable, .. }) => !writable,
        // `/dev` and `/proc` are settled where they are made, and are not to be touched again.
        Some(
            Mount::Memory { .. } | Mount::Overlay { .. } | Mount::Devices { .. } | Mount::Processes,
        ) => false,
        Some(Mount::Hide { .. } | Mount::Link { .. }) | None => true,
    }
}

/// Where the mount lies that a line of `/proc/self/mountinfo` tells of.
pub(crate) fn mount_point(line: &[u8]) -> Option<PathBuf> {
    entry(line).map(|(path, _)| path)
}

/// Mount point and flags of a line of `/proc/self/mountinfo` (`man 5 proc`).
fn entry(line: &[u8]) -> Option<(PathBuf, MountFlags)> {
    let mut fields = line.split(|byte| *byte == b' ').skip(4);
    let path = unescaped(fields.next()?);
    let mut flags = MountFlags::empty();
    let mut times = false;
    for option in fields.next()?.split(|byte| *byte == b',') {
        flags |= match option {
            b"nosuid" => MountFlags::NOSUID,
            b"nodev" => MountFlags::NODEV,
            b"noexec" => MountFlags::NOEXEC,
            b"nodiratime" => MountFlags::NODIRATIME,
            b"noatime" | b"relatime" => {
                times = true;
                if option == b"noatime" {
                    MountFlags::NOATIME
                } else {
                    MountFlags::RELATIME
                }
            }
            _ => MountFlags::empty(),
        };
    }
    if !times {
        flags |= MountFlags::STRICTATIME;
    }
    Some((PathBuf::from(OsString::from_vec(path)), flags))
}

/// Spaces and the like are written as `\040`.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let code = after
            .get(..3)
            .and_then(|code| std::str::from_utf8(code).ok());
        let code = code.and_then(|code| u8::from_str_radix(code, 8).ok());
        if let Some(byte) = code.filter(|_| *first == b'\\') {
            bytes.push(byte);
            rest = &after[3..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    bytes
}
