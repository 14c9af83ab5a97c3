//! Carries a plan out: all of it, or nothing.
//!
//! What is to be written is first written beside the files. Only then, one after the
//! other, the files are replaced; if one cannot be, those before it are put back. A
//! machine that stops in between may leave some replaced and others not.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::fs::OpenOptions;
use stead_edit::{FilePlan, Plan};

use super::{Workspace, absent};

/// So many names are tried for a file that is written beside another.
const NAMES: usize = 1000;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum TransactionError {
    /// A file is not what the plan was made for.
    #[error("{path}: it was changed by somebody else meanwhile; nothing was written")]
    Changed {
        /// The file.
        path: String,
    },
    /// A file could not be written; all are as they were.
    #[error("{path}: {source}; nothing was written")]
    Io {
        /// The file.
        path: String,
        /// The system's words.
        source: io::Error,
    },
    /// A file could not be written, nor another one put back.
    #[error("{path}: {source}; {left} could not be put back as it was")]
    Half {
        /// The file that could not be written.
        path: String,
        /// The system's words.
        source: io::Error,
        /// The file that is not as it was.
        left: String,
    },
}

impl Workspace {
    /// Writes and removes files as planned.
    pub fn carry_out(&self, plan: &Plan) -> Result<(), TransactionError> {
        let mut staged = Staged {
            workspace: self,
            files: Vec::new(),
            folders: BTreeSet::new(),
        };
        for file in &plan.files {
            let put = staged.stage(file);
            let checked = put.and_then(|()| self.held(&file.path));
            let error = match checked {
                Ok(held) if held == file.before => continue,
                Ok(_) => TransactionError::Changed {
                    path: file.path.clone(),
                },
                Err(source) => TransactionError::Io {
                    path: file.path.clone(),
                    source,
                },
            };
            staged.clear();
            return Err(error);
        }
        staged.swap()
    }
}

/// Files that are written beside those that they are to replace.
struct Staged<'a> {
    workspace: &'a Workspace,
    files: Vec<One<'a>>,
    /// Folders that were made.
    folders: BTreeSet<PathBuf>,
}

struct One<'a> {
    plan: &'a FilePlan,
    /// The file itself, where the path is a link.
    target: PathBuf,
    /// The file beside it; none if it is to go.
    beside: Option<PathBuf>,
}

impl<'a> Staged<'a> {
    fn stage(&mut self, plan: &'a FilePlan) -> io::Result<()> {
        let dir = &self.workspace.dir;
        let target = match dir.symlink_metadata(&plan.path) {
            Ok(facts) if facts.is_symlink() => dir.canonicalize(&plan.path)?,
            _ => PathBuf::from(&plan.path),
        };
        let beside = match &plan.after {
            Some(bytes) => Some(self.write_beside(&target, bytes)?),
            None => None,
        };
        self.files.push(One {
            plan,
            target,
            beside,
        });
        Ok(())
    }

    fn write_beside(&mut self, target: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
        let dir = &self.workspace.dir;
        let folder = target.parent().unwrap_or(Path::new(""));
        self.make_folders(folder)?;
        let name = target.file_name().unwrap_or_default().to_string_lossy();
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        for number in 0..NAMES {
            let beside = folder.join(format!(".{name}.stead-{number}"));
            let mut file = match dir.open_with(&beside, &options) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
                file => file?,
            };
            let written =
                io::Write::write_all(&mut file, bytes).and_then(|()| match dir.metadata(target) {
                    Ok(facts) => file.set_permissions(facts.permissions()),
                    Err(_) => Ok(()),
                });
            if let Err(error) = written {
                let _ = dir.remove_file(&beside);
                return Err(error);
            }
            return Ok(beside);
        }
        Err(io::ErrorKind::AlreadyExists.into())
    }

    fn make_folders(&mut self, folder: &Path) -> io::Result<()> {
        let dir = &self.workspace.dir;
        let missing = folder
            .ancestors()
            .take_while(|folder| !folder.as_os_str().is_empty() && !dir.exists(folder));
        let mut missing: Vec<&Path> = missing.collect();
        missing.reverse();
        for folder in missing {
            dir.create_dir(folder)?;
            self.folders.insert(folder.to_owned());
        }
        Ok(())
    }

    /// Replaces the files.
    fn swap(self) -> Result<(), TransactionError> {
        let dir = &self.workspace.dir;
        for (done, file) in self.files.iter().enumerate() {
            let swapped = match &file.beside {
                Some(beside) => dir.rename(beside, dir, &file.target),
                None => match dir.remove_file(&file.plan.path) {
                    Err(error) if absent(&error) => Ok(()),
                    removed => removed,
                },
            };
            if let Err(source) = swapped {
                return Err(self.undo(done, source));
            }
        }
        Ok(())
    }

    /// Puts the first files back.
    fn undo(mut self, done: usize, source: io::Error) -> TransactionError {
        let path = self.files[done].plan.path.clone();
        let mut left = None;
        let files: Vec<One<'_>> = self.files.drain(..).collect();
        for file in &files[..done] {
            let back = match &file.plan.before {
                Some(bytes) => self.write_beside(&file.target, bytes).and_then(|beside| {
                    let dir = &self.workspace.dir;
                    dir.rename(beside, dir, &file.target)
                }),
                None => self.workspace.dir.remove_file(&file.target),
            };
            if back.is_err() {
                left.get_or_insert_with(|| file.plan.path.clone());
            }
        }
        self.files = files;
        self.clear();
        match left {
            None => TransactionError::Io { path, source },
            Some(left) => TransactionError::Half { path, source, left },
        }
    }

    /// Takes away what was made.
    fn clear(self) {
        let dir = &self.workspace.dir;
        for beside in self.files.iter().filter_map(|file| file.beside.as_ref()) {
            // Those that were swapped are not there any more.
            let _ = dir.remove_file(beside);
        }
        for folder in self.folders.iter().rev() {
            // Others may have put something into it meanwhile.
            let _ = dir.remove_dir(folder);
        }
    }
}

#[cfg(test)]
mod tests {
    use stead_edit::{parse_patch, plan};

    use super::super::Workspace;
    use super::TransactionError;

    fn workspace(files: &[(&str, &str)]) -> (tempfile::TempDir, Workspace) {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let workspace = Workspace::open(folder.path()).unwrap();
        (folder, workspace)
    }

    fn names(folder: &tempfile::TempDir) -> Vec<String> {
        let entries = std::fs::read_dir(folder.path()).unwrap();
        let mut names: Vec<String> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    const PATCH: &str = "*** Begin Patch\n*** Update File: a\n@@\n-1\n+2\n*** Add File: new/deep/b\n+x\n\
                         *** Delete File: gone\n*** End Patch";

    #[test]
    fn a_plan_is_carried_out_and_leaves_nothing_beside() {
        let (folder, workspace) = workspace(&[("a", "1\n"), ("gone", "")]);
        let plan = plan(&parse_patch(PATCH).unwrap(), &workspace).unwrap();
        workspace.carry_out(&plan).unwrap();
        assert_eq!(names(&folder), ["a", "new"]);
        let read = |path: &str| std::fs::read_to_string(folder.path().join(path)).unwrap();
        assert_eq!(
            (read("a").as_str(), read("new/deep/b").as_str()),
            ("2\n", "x\n")
        );
    }

    #[test]
    fn files_that_others_change_meanwhile_stay_and_so_do_all_others() {
        let (folder, workspace) = workspace(&[("a", "1\n"), ("gone", "")]);
        let plan = plan(&parse_patch(PATCH).unwrap(), &workspace).unwrap();
        std::fs::write(folder.path().join("gone"), "words").unwrap();
        let refused = workspace.carry_out(&plan).unwrap_err();
        assert!(matches!(refused, TransactionError::Changed { path } if path == "gone"));
        assert_eq!(names(&folder), ["a", "gone"]);
        assert_eq!(
            std::fs::read_to_string(folder.path().join("a")).unwrap(),
            "1\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn files_keep_their_rights_and_links_stay_links() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let (folder, workspace) = workspace(&[("real", "1\n"), ("gone", "")]);
        let real = folder.path().join("real");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o755)).unwrap();
        symlink("real", folder.path().join("a")).unwrap();
        let plan = plan(&parse_patch(PATCH).unwrap(), &workspace).unwrap();
        workspace.carry_out(&plan).unwrap();
        assert!(folder.path().join("a").is_symlink());
        assert_eq!(std::fs::read_to_string(&real).unwrap(), "2\n");
        assert_eq!(
            std::fs::metadata(&real).unwrap().permissions().mode() & 0o777,
            0o755
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out() {
        let (outside, _) = workspace(&[("secret", "1\n")]);
        let (folder, workspace) = workspace(&[]);
        std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
        std::os::unix::fs::symlink(outside.path().join("secret"), folder.path().join("link"))
            .unwrap();
        for path in ["out/secret", "link", "out/new"] {
            let patch = format!("*** Begin Patch\n*** Add File: {path}\n+2\n*** End Patch");
            let planned = plan(&parse_patch(&patch).unwrap(), &workspace);
            let done = planned.map(|plan| workspace.carry_out(&plan).is_ok());
            assert!(!matches!(done, Ok(true)), "{path}");
        }
        assert_eq!(names(&outside), ["secret"]);
        assert_eq!(
            std::fs::read_to_string(outside.path().join("secret")).unwrap(),
            "1\n"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_was_replaced_is_put_back_if_another_file_cannot_be() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, workspace) = workspace(&[("a", "1\n"), ("shut/gone", "")]);
        let patch = PATCH.replace("Delete File: gone", "Delete File: shut/gone");
        let plan = plan(&parse_patch(&patch).unwrap(), &workspace).unwrap();
        let shut = folder.path().join("shut");
        std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o555)).unwrap();
        let refused = workspace.carry_out(&plan);
        std::fs::set_permissions(&shut, std::fs::Permissions::from_mode(0o755)).unwrap();
        // The administrator may do it all the same.
        if refused.is_err() {
            assert_eq!(names(&folder), ["a", "shut"]);
            assert_eq!(
                std::fs::read_to_string(folder.path().join("a")).unwrap(),
                "1\n"
            );
        } else {
            assert_eq!(names(&folder), ["a", "new", "shut"]);
        }
    }
}
