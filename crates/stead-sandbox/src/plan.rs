//! Makes a policy ready for this machine: what is shown where, in which order. It looks at files
//! and mounts nothing.

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::git;
use crate::policy::{CREDENTIALS, Policy};
use crate::spec::Mount;

/// What every program needs, where systems keep it.
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib32",
    "/lib64",
    "/libx32",
    "/etc",
    "/opt",
    "/nix",
    "/gnu",
    "/run/current-system",
    "/var/lib/alternatives",
    "/sys/devices/system/cpu",
];

/// What in them is not for commands. On most systems it is kept from users anyway; not from root.
const SYSTEM_SECRETS: &[&str] = &[
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/sudoers",
    "/etc/sudoers.d",
    "/etc/ssl/private",
    "/etc/pki/tls/private",
    "/etc/krb5.keytab",
    "/etc/wireguard",
    "/etc/NetworkManager/system-connections",
    "/etc/letsencrypt",
    "/etc/kubernetes",
    "/etc/docker",
    "/etc/ppp",
    "/etc/openvpn",
    "/etc/machine-id",
];

/// Where a policy and a machine do not go together.
#[derive(Debug)]
pub(crate) struct Misfit(pub(crate) String);

/// The mounts, and the folders that may be written to, as they are called inside.
pub(crate) struct Plan {
    pub(crate) mounts: Vec<Mount>,
    pub(crate) writable: Vec<OsString>,
    pub(crate) tree: PathBuf,
    pub(crate) home: PathBuf,
}

/// Makes the plan.
pub(crate) fn plan(policy: &Policy) -> Result<Plan, Misfit> {
    let tree = real(&policy.work_tree, "the work tree")?;
    let home = fs::canonicalize(&policy.home).unwrap_or_else(|_| policy.home.clone());
    refuse_wide(&tree, &home)?;
    let mut plan = Plan {
        mounts: Vec::new(),
        writable: Vec::new(),
        tree: tree.clone(),
        home: home.clone(),
    };
    plan.system(policy.network);
    plan.mounts.push(Mount::Devices {
        bytes: policy.limits.memory,
    });
    plan.mounts.push(Mount::Processes);
    let first = plan.mounts.len();
    plan.private(&home, policy.limits.memory);
    plan.toolchains(policy, &home);
    for path in &policy.readable {
        let path = real(path, "a readable path")?;
        if path == home || path == Path::new("/") {
            let message =
                "the whole home folder or machine cannot be shown; name what is needed in it";
            return Err(Misfit(message.to_owned()));
        }
        plan.show(&path, false);
    }
    let mut trees = vec![tree.clone()];
    for path in &policy.writable {
        let path = real(path, "a writable path")?;
        refuse_wide(&path, &home)?;
        plan.show(&path, true);
        trees.push(path);
    }
    plan.tree(policy, &tree)?;
    // What lies in something else comes after it, or it would be covered; what is shown around the
    // home folder, say, comes before the empty one.
    plan.mounts[first..].sort_by(|one, other| one.at().cmp(other.at()));
    for tree in trees {
        plan.git(&tree, policy)?;
    }
    plan.hide_all(policy, &home, &tree);
    Ok(plan)
}

/// The path without links, as only that one is mounted.
fn real(path: &Path, what: &str) -> Result<PathBuf, Misfit> {
    fs::canonicalize(path).map_err(|error| Misfit(format!("{what} {}: {error}", path.display())))
}

/// A work tree that holds the home folder or the system would show and give away all of it.
fn refuse_wide(tree: &Path, home: &Path) -> Result<(), Misfit> {
    let system = SYSTEM
        .iter()
        .any(|path| Path::new(path).starts_with(tree) || tree == Path::new(path));
    let kernel = ["/proc", "/sys", "/dev"]
        .iter()
        .any(|path| tree.starts_with(path));
    if system || kernel || home.starts_with(tree) {
        let tree = tree.display();
        return Err(Misfit(format!(
            "{tree} holds the home folder or the system; a command may write to a project's folder only"
        )));
    }
    Ok(())
}

impl Plan {
    fn show(&mut self, path: &Path, writable: bool) {
        let (from, at) = (path.into(), path.into());
        self.mounts.push(Mount::Bind { from, at, writable });
        if writable {
            self.writable.push(path.into());
        }
    }

    /// Programs, libraries and settings of the machine.
    fn system(&mut self, network: bool) {
        for path in SYSTEM.iter().map(Path::new) {
            match fs::symlink_metadata(path) {
                Ok(found) if found.is_symlink() => {
                    if let Ok(to) = fs::read_link(path) {
                        self.mounts.push(Mount::Link {
                            to: to.into(),
                            at: path.into(),
                        });
                    }
                }
                Ok(_) => self.show(path, false),
                Err(_) => {}
            }
        }
        // Where names are looked up often lies in a folder that is hidden otherwise.
        if network
            && let Ok(names) = fs::canonicalize("/etc/resolv.conf")
            && names.starts_with("/run")
        {
            self.show(&names, false);
        }
        let keys = fs::read_dir("/etc/ssh").into_iter().flatten().flatten();
        let keys = keys.map(|entry| entry.path());
        let keys = keys.filter(|path| path.to_string_lossy().contains("ssh_host_"));
        for secret in SYSTEM_SECRETS.iter().map(PathBuf::from).chain(keys) {
            self.hide(&secret);
        }
    }

    /// What the command has for itself, until it ends.
    fn private(&mut self, home: &Path, bytes: u64) {
        for at in [Path::new("/tmp"), Path::new("/var/tmp"), home] {
            self.mounts.push(Mount::Memory {
                at: at.into(),
                bytes,
            });
            self.writable.push(at.into());
        }
        self.writable.push("/dev".into());
        self.writable.push("/proc".into());
    }

    fn toolchains(&mut self, policy: &Policy, home: &Path) {
        for name in &policy.toolchains {
            // Large ones are often moved to another disk, with a link in their place.
            let at = home.join(name);
            let Ok(from) = fs::canonicalize(&at) else {
                continue;
            };
            if at != home && at.starts_with(home) && refuse_wide(&from, home).is_ok() {
                let (from, at, writable) = (from.into(), at.into(), false);
                self.mounts.push(Mount::Bind { from, at, writable });
            }
        }
    }

    fn tree(&mut self, policy: &Policy, tree: &Path) -> Result<(), Misfit> {
        let Some(overlay) = &policy.overlay else {
            self.show(tree, true);
            return Ok(());
        };
        let upper = real(&overlay.upper, "the overlay's upper folder")?;
        let work = real(&overlay.work, "the overlay's work folder")?;
        if [&upper, &work]
            .iter()
            .any(|path| path.starts_with(tree) || tree.starts_with(path))
        {
            let message = "the overlay's folders lie in the work tree; they must be outside";
            return Err(Misfit(message.to_owned()));
        }
        let (lower, at) = (tree.into(), tree.into());
        let (upper, work) = (upper.into(), work.into());
        self.mounts.push(Mount::Overlay {
            lower,
            upper,
            work,
            at,
        });
        self.writable.push(tree.into());
        Ok(())
    }

    fn git(&mut self, tree: &Path, policy: &Policy) -> Result<(), Misfit> {
        let data = git::find(tree, policy.repositories.as_deref())
            .map_err(|error: io::Error| Misfit(format!("{}: {error}", tree.display())))?;
        for path in data.outside.iter().chain(&data.inside) {
            self.show(path, false);
        }
        Ok(())
    }

    /// Last of all: nothing that is shown afterwards brings it back.
    fn hide_all(&mut self, policy: &Policy, home: &Path, tree: &Path) {
        for name in CREDENTIALS {
            // Dotfiles are often links: what they lead to is hidden too, where it is shown.
            let path = home.join(name);
            let real = fs::canonicalize(&path).unwrap_or_else(|_| path.clone());
            for path in [path, real] {
                if !tree.starts_with(&path) && self.is_shown(&path) {
                    self.hide(&path);
                }
            }
        }
        for path in &policy.hidden {
            if let Ok(path) = fs::canonicalize(path)
                && self.is_shown(&path)
            {
                self.hide(&path);
            }
        }
    }

    /// Whether this path of the machine is shown: the innermost mount around it counts.
    fn is_shown(&self, path: &Path) -> bool {
        let around = self
            .mounts
            .iter()
            .filter(|mount| path.starts_with(mount.at()));
        let innermost = around.max_by_key(|mount| mount.at().as_os_str().len());
        matches!(innermost, Some(Mount::Bind { .. } | Mount::Overlay { .. }))
    }

    fn hide(&mut self, path: &Path) {
        // A link is not hidden itself: what it leads to is there only if that is shown.
        if let Ok(found) = fs::symlink_metadata(path)
            && !found.is_symlink()
        {
            let (at, folder) = (path.into(), found.is_dir());
            let hidden = Mount::Hide { at, folder };
            if !self.mounts.contains(&hidden) {
                self.mounts.push(hidden);
            }
        }
    }
}
