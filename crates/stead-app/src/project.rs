//! Which project a session belongs to. Agents write down the folder that they
//! worked in, each in a form of its own: through a link, with a slash at the end,
//! as Windows, WSL or Git Bash name it, in a worktree or deep inside a repository.
//! Sessions of one repository are to stand together all the same.

use std::path::{Component, Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustc_hash::FxHashMap;

/// Finds projects, and remembers those of one sync.
#[derive(Debug, Default)]
pub(crate) struct Projects {
    /// No project: a repository around everything (dotfiles) says nothing.
    home: Option<PathBuf>,
    known: Mutex<FxHashMap<String, String>>,
}

impl Projects {
    pub(crate) fn new(home: Option<&Path>) -> Self {
        Self {
            home: home.map(|home| std::fs::canonicalize(home).unwrap_or_else(|_| home.into())),
            known: Mutex::default(),
        }
    }

    /// The project of a working folder: the main folder of the repository that it
    /// lies in if it is on this machine, else the folder itself; in one form.
    pub(crate) fn of(&self, cwd: &str) -> String {
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(project) = known().get(cwd) {
            return project.clone();
        }
        let plain = plain(cwd);
        let project = match std::fs::canonicalize(&plain) {
            Ok(real) => self::plain(&self.repository(&real).unwrap_or(real).to_string_lossy()),
            Err(_) => plain,
        };
        known().insert(cwd.to_owned(), project.clone());
        project
    }

    /// The main folder of the repository that a folder lies in.
    fn repository(&self, folder: &Path) -> Option<PathBuf> {
        let root = folder
            .ancestors()
            .find(|above| above.join(".git").exists())?;
        let main = main_folder(root).unwrap_or_else(|| root.to_owned());
        (Some(&main) != self.home.as_ref() && main.parent().is_some()).then_some(main)
    }
}

/// The main folder of a worktree's repository; `None` if `root` is no worktree
/// added to one. (See `gitrepository-layout(5)`: `.git` is then a file that names
/// the worktree's own folder, in which `commondir` names the repository.)
fn main_folder(root: &Path) -> Option<PathBuf> {
    let link = std::fs::read_to_string(root.join(".git")).ok()?;
    let own = root.join(link.strip_prefix("gitdir:")?.trim());
    let common = std::fs::read_to_string(own.join("commondir")).ok()?;
    let common = std::fs::canonicalize(own.join(common.trim())).ok()?;
    if common.file_name()? == ".git" {
        return common.parent().map(Path::to_owned);
    }
    Some(common)
}

/// The worktrees that were added to a repository, by its main folder.
pub(crate) fn worktrees(main: &Path) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(main.join(".git/worktrees")) else {
        return Vec::new();
    };
    let linked = entries.filter_map(|entry| {
        let link = std::fs::read_to_string(entry.ok()?.path().join("gitdir")).ok()?;
        Path::new(link.trim()).parent().map(Path::to_owned)
    });
    let mut linked: Vec<PathBuf> = linked.collect();
    linked.sort_unstable();
    linked
}

/// A folder's path in one form: slashes, no `.` and `..`, none at the end, drives
/// in small letters whether Windows, WSL or Git Bash names them. Looks at nothing.
pub(crate) fn plain(path: &str) -> String {
    let path = path.trim();
    let path = path.strip_prefix(r"\\?\").unwrap_or(path);
    let (drive, rest) = drive(path);
    let slashes;
    let rest = if drive.is_some() || path.starts_with('\\') {
        slashes = rest.replace('\\', "/");
        within_wsl(&slashes)
    } else {
        rest
    };
    let mut parts: Vec<&str> = Vec::new();
    for component in Path::new(rest).components() {
        match component {
            Component::ParentDir => {
                parts.pop();
            }
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::Prefix(_) | Component::RootDir | Component::CurDir => {}
        }
    }
    let joined = parts.join("/");
    match drive {
        Some(letter) => format!("{}:/{joined}", letter.to_ascii_lowercase()),
        None if rest.starts_with('/') => format!("/{joined}"),
        None => joined,
    }
}

/// Takes a drive off the front: `C:\`, `/mnt/c/`, `/cygdrive/c/`, `/c/Users/`.
fn drive(path: &str) -> (Option<char>, &str) {
    let mut letters = path.chars();
    if let (Some(letter), Some(':')) = (letters.next(), letters.next())
        && letter.is_ascii_alphabetic()
        && matches!(letters.next(), None | Some('/' | '\\'))
    {
        return (Some(letter), &path[2..]);
    }
    for (front, needs) in [("/mnt/", ""), ("/cygdrive/", ""), ("/", "/Users")] {
        let Some(behind) = path.strip_prefix(front) else {
            continue;
        };
        let mut letters = behind.chars();
        if let Some(letter) = letters.next()
            && letter.is_ascii_alphabetic()
            && matches!(letters.next(), None | Some('/'))
            && behind[1..].starts_with(needs)
        {
            return (Some(letter), &behind[1..]);
        }
    }
    (None, path)
}

/// `//wsl$/Debian/home/x` is `/home/x`, seen from Windows.
fn within_wsl(path: &str) -> &str {
    let shares = ["//wsl$/", "//wsl.localhost/"];
    let inside = shares.iter().find_map(|share| path.strip_prefix(share));
    match inside {
        Some(inside) => inside.find('/').map_or("/", |slash| &inside[slash..]),
        None => path,
    }
}

/// The project that a folder lies in, in the form in which all sessions of the
/// project name it. A repository in `home` itself counts as none.
pub fn project_of(folder: &Path, home: Option<&Path>) -> String {
    Projects::new(home).of(&folder.to_string_lossy())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::{Projects, plain};

    #[test]
    fn forms_of_one_folder() {
        for (written, one) in [
            ("/home/a/web", "/home/a/web"),
            ("/home/a/web/", "/home/a/web"),
            ("/home/a//web/./x/..", "/home/a/web"),
            (r"C:\Users\a\web", "c:/Users/a/web"),
            (r"c:\Users\a\web\", "c:/Users/a/web"),
            ("C:/Users/a/web", "c:/Users/a/web"),
            (r"\\?\C:\Users\a\web", "c:/Users/a/web"),
            ("/mnt/c/Users/a/web", "c:/Users/a/web"),
            ("/c/Users/a/web", "c:/Users/a/web"),
            ("/cygdrive/c/Users/a/web", "c:/Users/a/web"),
            (r"\\wsl$\Debian\home\a\web", "/home/a/web"),
            (r"\\wsl.localhost\Debian\home\a\web", "/home/a/web"),
            (r"\\server\share\web", "/server/share/web"),
            ("/c/web", "/c/web"),
            ("/mnt/data/web", "/mnt/data/web"),
            ("web", "web"),
            ("/", "/"),
            ("", ""),
        ] {
            assert_eq!(plain(written), one, "{written}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_subfolders_and_worktrees_lead_to_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let home = fs::canonicalize(folder.path()).unwrap();
        let main = home.join("main");
        let worktree = home.join("tree");
        let own = main.join(".git/worktrees/tree");
        for path in [
            &own,
            &main.join("src/deep"),
            &worktree.join("src"),
            &home.join("other"),
        ] {
            fs::create_dir_all(path).unwrap();
        }
        // As `git worktree add ../tree` leaves it.
        fs::write(
            worktree.join(".git"),
            format!("gitdir: {}\n", own.display()),
        )
        .unwrap();
        fs::write(own.join("commondir"), "../..\n").unwrap();
        std::os::unix::fs::symlink(&main, home.join("link")).unwrap();
        let projects = Projects::new(Some(&home));
        let one = main.to_str().unwrap();
        for below in [
            "main",
            "main/",
            "main/src/deep",
            "tree",
            "tree/src",
            "link/src",
        ] {
            let cwd = format!("{}/{below}", home.display());
            assert_eq!(projects.of(&cwd), one, "{below}");
        }
        let other = home.join("other");
        assert_eq!(
            projects.of(other.to_str().unwrap()),
            other.to_str().unwrap()
        );
        // A repository of dotfiles makes no project of everything below.
        fs::create_dir(home.join(".git")).unwrap();
        let projects = Projects::new(Some(&home));
        assert_eq!(
            projects.of(other.to_str().unwrap()),
            other.to_str().unwrap()
        );
        assert_eq!(projects.of("/no/such/folder/"), "/no/such/folder");
    }
}
