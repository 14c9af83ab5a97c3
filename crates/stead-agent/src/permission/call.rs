//! What a tool is about to do, and where.

/// A call to judge.
///
/// Paths are relative to the workspace or absolute. Links in them have to be followed
/// before: a link to a private file is not known to be one here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Call {
    /// The tool's name.
    pub tool: String,
    /// Files and folders that it reads.
    pub reads: Vec<String>,
    /// Files and folders that it writes, makes or removes.
    pub writes: Vec<String>,
    /// The command line that it gives to a shell, if it does.
    pub command: Option<String>,
    /// The host that it connects to, if it does, without a port.
    pub host: Option<String>,
}

/// Folders that paths are understood by, absolute and with their links followed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Places {
    /// The folder that the session works in.
    pub workspace: String,
    /// The user's home folder, if there is one.
    pub home: Option<String>,
}

impl Places {
    /// A path in one form: below the workspace relative to it (`.` for itself), elsewhere
    /// absolute; without `.`, `..` and doubled `/`.
    pub fn normal(&self, path: &str) -> String {
        self.normal_from(path, "")
    }

    /// The same for a path as it is meant in `folder`, which is a normal path.
    pub(super) fn normal_from(&self, path: &str, folder: &str) -> String {
        let path = self.at_home(path);
        let whole = match path.starts_with('/') {
            true => path,
            false if folder.starts_with('/') => format!("{folder}/{path}"),
            false => format!("{}/{folder}/{path}", self.workspace),
        };
        let whole = without_dots(&whole);
        let root = self.root();
        match whole.strip_prefix(&root) {
            Some("") => ".".to_owned(),
            // The root of the machine ends with the sign that others lack.
            Some(inner) if root == "/" => inner.to_owned(),
            Some(inner) if inner.starts_with('/') => inner[1..].to_owned(),
            _ => whole,
        }
    }

    /// The workspace in one form.
    pub(super) fn root(&self) -> String {
        without_dots(&self.workspace)
    }

    /// `~` means the home folder; without one such a path is no path of this machine.
    fn at_home(&self, path: &str) -> String {
        match path.strip_prefix('~') {
            Some(rest) if rest.is_empty() || rest.starts_with('/') => match &self.home {
                Some(home) => format!("{home}{rest}"),
                None => format!("/~{rest}"),
            },
            _ => path.to_owned(),
        }
    }

    /// A pattern of paths, with the home folder in place of `~`.
    pub(super) fn pattern(&self, pattern: &str) -> String {
        self.at_home(pattern)
    }
}

/// An absolute path without `.`, `..` and doubled `/`.
fn without_dots(path: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    format!("/{}", parts.join("/"))
}
