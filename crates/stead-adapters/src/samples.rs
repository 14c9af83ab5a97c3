//! Real sessions of every agent, bundled for `stead demo`: the newest fixture of
//! each adapter, as a home folder. Files ending in `.zst` are packed.

use std::io;
use std::path::Path;

use include_dir::{Dir, DirEntry, include_dir};

static SAMPLES: [Dir<'static>; 3] = [
    include_dir!("$CARGO_MANIFEST_DIR/src/agents/claude_code/testdata/v2.1.329/home"),
    include_dir!("$CARGO_MANIFEST_DIR/src/agents/codex/testdata/v0.169.0/home"),
    include_dir!("$CARGO_MANIFEST_DIR/src/agents/opencode/testdata/v1.18.33/home"),
];

/// Lays the bundled sessions out below `home`.
pub fn lay_out(home: &Path) -> io::Result<()> {
    SAMPLES.iter().try_for_each(|sample| write(sample, home))
}

fn write(folder: &Dir<'_>, home: &Path) -> io::Result<()> {
    for entry in folder.entries() {
        match entry {
            DirEntry::Dir(inner) => write(inner, home)?,
            DirEntry::File(file) => {
                let mut path = home.join(file.path());
                if let Some(parent) = path.parent() {
                    fs_err::create_dir_all(parent)?;
                }
                if path.extension().is_some_and(|extension| extension == "zst") {
                    path.set_extension("");
                    fs_err::write(path, zstd::decode_all(file.contents())?)?;
                } else {
                    fs_err::write(path, file.contents())?;
                }
            }
        }
    }
    Ok(())
}
