//! Other folders and machines: worktrees, clones, a server, a colleague,
//! submodules. What git does within one folder is in `history`.
#![expect(
    clippy::missing_panics_doc,
    reason = "a story that git refuses is a mistake in the story"
)]

use fs_err as fs;

use super::super::line::SessionKey;
use super::{Folder, Story};

impl Story {
    /// A worktree of the current repository beside it, on a new branch.
    pub fn worktree(&mut self, name: &str, branch: &str) -> Folder {
        self.tick();
        let path = self.home().join("work").join(name);
        let target = path.to_string_lossy().into_owned();
        self.git()
            .run(&["worktree", "add", "-q", "-b", branch, &target]);
        let repository = self.places[self.here.0].repository;
        let folder = self.add_place(path, repository, false);
        self.places[folder.0].asked = false;
        self.settle(folder);
        folder
    }

    /// The lines of a folder are asked for, or not.
    pub fn ask_about(&mut self, folder: Folder, asked: bool) {
        self.place(folder).asked = asked;
    }

    /// A bare repository that stands for a server, named `origin` here; pushes
    /// what there is.
    pub fn publish(&mut self) {
        self.tick();
        let path = self.root.join("server.git");
        let target = path.to_string_lossy().into_owned();
        let git = self.git();
        git.run(&["init", "-q", "--bare", "--template=", "-b", "main", &target]);
        git.run(&["remote", "add", "origin", &target]);
        git.run(&["push", "-q", "-u", "origin", "main"]);
    }

    /// A clone of what was published, in `home/work` or, for a colleague, on
    /// another machine.
    pub fn clone_of_server(&mut self, name: &str, colleague: bool) -> Folder {
        self.tick();
        let work = if colleague {
            self.root.join("elsewhere")
        } else {
            self.home().join("work")
        };
        fs::create_dir_all(&work).expect("a folder");
        let path = work.join(name);
        let from = self.root.join("server.git");
        let (from, to) = (from.to_string_lossy(), path.to_string_lossy());
        self.git().run(&["clone", "-q", "--template=", &from, &to]);
        let repository = self.places[self.here.0].repository;
        let folder = self.add_place(path, repository, colleague);
        self.places[folder.0].asked = false;
        self.configure(folder);
        self.settle(folder);
        folder
    }

    /// The same as the whole machine sees it: only so many commits.
    pub fn shallow_clone(&mut self, name: &str, depth: usize) -> Folder {
        self.tick();
        let path = self.home().join("work").join(name);
        let from = format!("file://{}", self.root.join("server.git").display());
        let depth = format!("--depth={depth}");
        let to = path.to_string_lossy().into_owned();
        self.git()
            .run(&["clone", "-q", "--template=", &depth, &from, &to]);
        let repository = self.places[self.here.0].repository;
        let folder = self.add_place(path, repository, false);
        self.configure(folder);
        self.settle(folder);
        folder
    }

    /// Sends the current branch to the server.
    pub fn push(&mut self) {
        self.tick();
        self.git().run(&["push", "-q", "origin", "HEAD"]);
    }

    /// Takes over what is on the server.
    pub fn pull(&mut self) {
        self.run_git(&["pull", "-q", "--no-rebase", "--no-edit", "origin", "main"]);
    }

    /// A repository of this machine as a submodule of the current one.
    pub fn submodule(&mut self, from: Folder, name: &str) -> Folder {
        self.tick();
        let source = self.path(from).to_string_lossy().into_owned();
        self.git()
            .run(&["submodule", "--quiet", "add", &source, name]);
        let path = self.path(self.here).join(name);
        let repository = self.places[from.0].repository;
        let folder = self.add_place(path, repository, false);
        self.settle(folder);
        folder
    }

    /// Puts a `.jj` folder beside `.git`, as jj does in a colocated repository.
    pub fn colocate_jj(&mut self) {
        let folder = self.path(self.here).join(".jj/repo/store");
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("type"), "git").expect("written");
        fs::write(folder.join("git_target"), "../../../.git").expect("written");
        let head = self.git().run(&["rev-parse", "HEAD"]);
        // jj leaves git without a current branch.
        self.git().run(&["checkout", "-q", "--detach", &head]);
    }

    /// The files of a session are gone before anybody asks.
    pub fn delete_session(&mut self, session: SessionKey) {
        self.sessions[session.0].deleted = true;
        self.deleted.push(session);
    }
}
