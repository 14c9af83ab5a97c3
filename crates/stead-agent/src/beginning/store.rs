//! The folder `begin/` of a session: manifests and objects by their digests.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;

use super::{BeginningError, Manifest, at};
use crate::record::digest;

/// The folder's name in a session's folder.
pub const BEGIN: &str = "begin";
/// Where the objects are in it.
const OBJECTS: &str = "objects";
/// An object is never larger than this, whatever its file says: it was kept by a limit.
const MOST: u64 = 64 << 20;

/// What a session keeps of its beginnings.
#[derive(Debug, Clone)]
pub struct Store(PathBuf);

impl Store {
    /// That of a session's folder.
    #[must_use]
    pub fn of(session: &Path) -> Self {
        Self(session.join(BEGIN))
    }

    /// Keeps bytes, once; gives their digest.
    pub fn put(&self, bytes: &[u8]) -> Result<String, BeginningError> {
        let name = digest(bytes);
        let path = self.object(&name);
        if path.exists() {
            return Ok(name);
        }
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        let packed = packed.write_all(bytes).and_then(|()| packed.finish());
        let packed = packed.map_err(at(&path))?;
        make(&self.0.join(OBJECTS)).map_err(at(&path))?;
        write(&path, &packed).map_err(at(&path))?;
        Ok(name)
    }

    /// Keeps a manifest, and gives its digest.
    pub(super) fn put_manifest(&self, manifest: &Manifest) -> Result<String, BeginningError> {
        let (bytes, name) = manifest.bytes();
        let path = self.manifest_path(&name);
        if !path.exists() {
            make(&self.0).map_err(at(&path))?;
            write(&path, &bytes).map_err(at(&path))?;
        }
        Ok(name)
    }

    /// What has this digest.
    pub fn get(&self, name: &str) -> Result<Vec<u8>, BeginningError> {
        let wrong = || BeginningError::Altered(format!("object {name}"));
        let file = fs::File::open(self.object(name));
        let file = file.map_err(|error| gone(error, format!("object {name}")))?;
        let mut bytes = Vec::new();
        let read = GzDecoder::new(file).take(MOST).read_to_end(&mut bytes);
        read.map_err(|_| wrong())?;
        (digest(&bytes) == name).then_some(bytes).ok_or_else(wrong)
    }

    /// The manifest of this digest.
    pub fn manifest(&self, name: &str) -> Result<Manifest, BeginningError> {
        let bytes = fs::read(self.manifest_path(name));
        let bytes = bytes.map_err(|error| gone(error, format!("list {name}")))?;
        if digest(&bytes) != name {
            return Err(BeginningError::Altered(format!("list {name}")));
        }
        Manifest::parse(&bytes)
    }

    /// Holds a manifest and all its objects against their digests.
    pub fn check(&self, name: &str) -> Result<(), BeginningError> {
        let manifest = self.manifest(name)?;
        manifest
            .objects()
            .try_for_each(|object| self.get(object).map(drop))
    }

    fn object(&self, name: &str) -> PathBuf {
        self.0.join(OBJECTS).join(format!("{}.gz", plain(name)))
    }

    fn manifest_path(&self, name: &str) -> PathBuf {
        self.0.join(format!("{}.json", plain(name)))
    }
}

/// A name that leads nowhere else.
fn plain(name: &str) -> String {
    let digits = name.chars().filter(char::is_ascii_hexdigit);
    digits.take(64).collect()
}

fn gone(error: io::Error, what: String) -> BeginningError {
    match error.kind() {
        io::ErrorKind::NotFound => BeginningError::Gone(what),
        _ => BeginningError::Io {
            path: what.into(),
            source: error,
        },
    }
}

/// Makes a folder that its owner alone can look into.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}

/// Writes a file that its owner alone can read, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let beside = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(&beside)?.write_all(bytes)?;
    fs::rename(&beside, path)
}
