//! What a command may see, write and use up. How that is brought about is `plan`'s business.

use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Where toolchains and their caches lie below a home folder. They are shown for reading, if they
/// are there. Files with credentials beside them are not.
pub const TOOLCHAINS: &[&str] = &[
    ".asdf",
    ".bun/bin",
    ".bun/install/cache",
    ".cabal/bin",
    ".cabal/packages",
    ".cache/go-build",
    ".cache/pip",
    ".cache/pypoetry",
    ".cache/uv",
    ".cargo/bin",
    ".cargo/env",
    ".cargo/git",
    ".cargo/registry",
    ".composer/cache",
    ".deno/bin",
    ".elan",
    ".fnm",
    ".gem/ruby",
    ".ghcup",
    ".gradle/caches",
    ".gradle/wrapper",
    ".jdks",
    ".julia/juliaup",
    ".julia/packages",
    ".local/bin",
    ".local/lib",
    ".local/pipx",
    ".local/share/fnm",
    ".local/share/mise",
    ".local/share/pipx",
    ".local/share/pnpm",
    ".local/share/pypoetry",
    ".local/share/uv",
    ".local/share/virtualenvs",
    ".local/share/zig",
    ".local/state/fnm_multishells",
    ".m2/repository",
    ".m2/wrapper",
    ".mix",
    ".npm/_cacache",
    ".nuget/packages",
    ".nvm",
    ".opam",
    ".pub-cache/bin",
    ".pub-cache/hosted",
    ".pyenv",
    ".rbenv",
    ".rustup",
    ".rvm",
    ".sdkman",
    ".stack/programs",
    ".volta",
    ".yarn/berry/cache",
    ".zig",
    "go/bin",
    "go/pkg",
    "miniconda3",
    "miniforge3",
];

/// What is hidden below a home folder even where a policy shows the folder around it.
pub(crate) const CREDENTIALS: &[&str] = &[
    ".aws",
    ".azure",
    ".bash_history",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".composer/auth.json",
    ".config/containers/auth.json",
    ".config/gcloud",
    ".config/gh",
    ".config/glab-cli",
    ".config/hub",
    ".config/op",
    ".config/pypoetry/auth.toml",
    ".config/rclone",
    ".config/sops",
    ".docker/config.json",
    ".gem/credentials",
    ".git-credentials",
    ".gnupg",
    ".gradle/gradle.properties",
    ".kube",
    ".local/share/keyrings",
    ".local/share/uv/credentials",
    ".m2/settings-security.xml",
    ".m2/settings.xml",
    ".mix/auth",
    ".netrc",
    ".npmrc",
    ".nuget/NuGet/NuGet.Config",
    ".password-store",
    ".pgpass",
    ".pypirc",
    ".ssh",
    ".terraform.d/credentials.tfrc.json",
    ".vault-token",
    ".yarnrc.yml",
    ".zsh_history",
    "_netrc",
];

/// What a command may see, write and use up.
#[derive(Debug, Clone)]
pub struct Policy {
    /// The folder that the command works in and may write to. `.git` in it, at any depth, is for
    /// reading only.
    pub work_tree: PathBuf,
    /// The user's home folder. It is hidden: the command sees an empty one of its own.
    pub home: PathBuf,
    /// Whether the command may use the network of the machine. Without it, it has a loopback
    /// interface of its own.
    pub network: bool,
    /// Folders and files below the home folder that are shown for reading, named from there. Those
    /// that are not there are passed over.
    pub toolchains: Vec<PathBuf>,
    /// Further folders and files that are shown for reading; absolute. Not being there is an error.
    pub readable: Vec<PathBuf>,
    /// Further folders that may be written to; absolute. Not being there is an error.
    pub writable: Vec<PathBuf>,
    /// What is hidden even inside the work tree; absolute. Those that are not there are passed over.
    pub hidden: Vec<PathBuf>,
    /// Every `.git` inside the work tree besides its own, as `repositories` finds them: once for many
    /// commands. Without it, a few thousand entries of the tree are looked at for each.
    pub repositories: Option<Vec<PathBuf>>,
    /// Where writes to the work tree go instead of into it.
    pub overlay: Option<Overlay>,
    /// What the command may use up.
    pub limits: Limits,
}

/// Two folders of the caller for an overlay over the work tree, on one file system, outside of the
/// work tree: the command sees the user's files, ignored ones too, and its writes land in `upper`.
#[derive(Debug, Clone)]
pub struct Overlay {
    /// What the command writes. What it deletes stands there as a character device 0:0, a folder that
    /// it replaced has the attribute `user.overlay.opaque`.
    pub upper: PathBuf,
    /// Scratch space of the kernel; empty at first.
    pub work: PathBuf,
}

/// What a command may use up. Reaching the limit of time, memory or processes as a whole ends it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limits {
    /// How long it may run.
    pub time: Option<Duration>,
    /// Bytes of memory that its processes may have together, without files that are mapped. Also the
    /// limit of each one, and of each of its private file systems (`/tmp`, home, `/dev/shm`).
    pub memory: u64,
    /// Processes and threads at a time.
    pub processes: u64,
    /// Open files of each process.
    pub files: u64,
    /// Bytes of standard output, and of standard error, that are passed on.
    pub output: usize,
}

impl Default for Limits {
    /// Ten minutes, 4 GiB, 2,000 processes, 4,096 open files, 256 KiB of output each.
    fn default() -> Self {
        Self {
            time: Some(Duration::from_mins(10)),
            memory: 4 << 30,
            processes: 2000,
            files: 4096,
            output: 256 << 10,
        }
    }
}

impl Policy {
    /// The strictest policy with the default limits: no network, toolchains for reading.
    #[must_use]
    pub fn new(work_tree: PathBuf, home: PathBuf) -> Self {
        Self {
            work_tree,
            home,
            network: false,
            toolchains: TOOLCHAINS.iter().map(PathBuf::from).collect(),
            readable: Vec::new(),
            writable: Vec::new(),
            hidden: Vec::new(),
            repositories: None,
            overlay: None,
            limits: Limits::default(),
        }
    }
}
