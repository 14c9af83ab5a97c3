//! Prepares the place that an agent works in: an overlay where there can be one, else a copy.

use std::fs;
use std::ops::Deref;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::Dir;
use stead_sandbox::Child;
use stead_usf::Time;

use super::begun::Begun;
use super::copy::{self, COPY};
use super::how::{How, PlaceError, Wish, at};
use super::kept::{Kept, UPPER, WORK, clear, lock};
use super::swap;

/// What a place is to be like.
#[derive(Debug, Clone, Copy)]
pub struct Ask<'a> {
    /// The user's folder.
    pub tree: &'a Path,
    /// The session's changes folder, outside of the tree; it is made if it is not there. If the
    /// session left changes in it, the agent goes on from them.
    pub changes: &'a Path,
    /// In which way the agent is to work.
    pub wish: Wish,
    /// The commit that is checked out, if the tree is a repository's.
    pub head: Option<&'a str>,
    /// The time of now.
    pub now: Time,
    /// What is started to try an overlay out. Without it none is mounted.
    pub child: Option<&'a Child>,
    /// Whether commands are to run in a sandbox of our own: then that is tried out too.
    pub confined: bool,
}

/// Where an agent works.
#[derive(Debug)]
pub struct Place {
    kept: Kept,
    root: PathBuf,
    notes: Vec<String>,
}

impl Place {
    /// Prepares the place, or the one where the session stopped. To be called before the process
    /// starts any thread: an overlay is mounted for the process itself, and from then on whatever
    /// it and its commands do at the tree's path lands in the changes folder.
    pub fn prepare(ask: &Ask<'_>) -> Result<Self, PlaceError> {
        let tree = fs::canonicalize(ask.tree).map_err(at(ask.tree))?;
        make_private(ask.changes).map_err(at(ask.changes))?;
        let changes = fs::canonicalize(ask.changes).map_err(at(ask.changes))?;
        if changes.starts_with(&tree) && ask.wish != Wish::InPlace {
            return Err(PlaceError::Inside { tree, changes });
        }
        let lock = Some(lock(&changes)?);
        let dir = Dir::open_ambient_dir(&tree, ambient_authority()).map_err(at(&tree))?;
        swap::recover(&dir)?;
        let earlier = Begun::read(&changes)?;
        if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.tree != tree) {
            let of = earlier.tree.clone();
            return Err(PlaceError::OtherTree { of, tree });
        }
        let new = || {
            Begun::new(
                tree.clone(),
                How::InPlace,
                ask.head.map(Into::into),
                ask.now,
            )
        };
        let mut place = Self {
            root: tree.clone(),
            notes: Vec::new(),
            kept: Kept {
                folder: changes,
                begun: earlier.unwrap_or_else(new),
                tree: dir,
                lock,
                mounted: false,
            },
        };
        if place.kept.is_empty() {
            place.kept.begun = new();
            place.begin(ask)?;
        } else {
            place.go_on(ask)?;
        }
        Ok(place)
    }

    /// Begins with nothing changed.
    fn begin(&mut self, ask: &Ask<'_>) -> Result<(), PlaceError> {
        let folder = self.kept.folder.clone();
        clear(&folder)?;
        let (how, why) = match ask.wish {
            Wish::InPlace => (How::InPlace, Some("in place, as asked for".to_owned())),
            Wish::Copy => (How::Copy, Some("a copy, as asked for".to_owned())),
            Wish::Apart => match self.mount(ask) {
                Ok(()) => (How::Overlay, None),
                Err(why) => (How::Copy, Some(why)),
            },
        };
        if how == How::Copy {
            clear(&folder)?;
            let copied = copy::make(&self.kept.begun.tree, &folder);
            if copied.is_err() {
                // A part of a copy is of no use to anybody.
                let _ = clear(&folder);
            }
            self.notes = copied.map_err(at(&folder.join(COPY)))?;
            self.root = folder.join(COPY);
        }
        self.kept.begun.how = how;
        self.kept.begun.why = why;
        self.kept.begun.write(&folder)
    }

    /// Goes on where the session stopped.
    fn go_on(&mut self, ask: &Ask<'_>) -> Result<(), PlaceError> {
        match self.kept.begun.how {
            How::Overlay => self.mount(ask).map_err(PlaceError::Lost)?,
            How::Copy => self.root = self.kept.folder.join(COPY),
            How::InPlace => {}
        }
        Ok(())
    }

    /// Mounts the overlay; or says why there is none.
    #[cfg(target_os = "linux")]
    fn mount(&mut self, ask: &Ask<'_>) -> Result<(), String> {
        let folder = &self.kept.folder;
        let [upper, work, trial] = [UPPER, WORK, "trial"].map(|name| folder.join(name));
        for path in [&upper, &work, &trial] {
            fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
        }
        let child = ask
            .child
            .ok_or("nothing is there to try an overlay out with")?;
        let tried = stead_sandbox::try_overlay(child, &trial, ask.confined);
        let _ = fs::remove_dir_all(&trial);
        tried
            .and_then(|()| stead_sandbox::enter_overlay(&self.kept.begun.tree, &upper, &work))
            .map_err(|error| error.to_string())?;
        self.kept.mounted = true;
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn mount(&mut self, _: &Ask<'_>) -> Result<(), String> {
        let _ = (UPPER, WORK);
        Err("there are no overlays on this system".to_owned())
    }

    /// Where the agent works.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// In which way.
    pub const fn how(&self) -> How {
        self.kept.begun.how
    }

    /// Why it is not an overlay, in words for the user.
    pub fn why(&self) -> Option<&str> {
        self.kept.begun.why.as_deref()
    }

    /// What could not be brought into the copy, in words for the user.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// What the session changed, to be looked at and applied.
    pub const fn kept(&mut self) -> &mut Kept {
        &mut self.kept
    }
}

impl Deref for Place {
    type Target = Kept;

    fn deref(&self) -> &Kept {
        &self.kept
    }
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}
