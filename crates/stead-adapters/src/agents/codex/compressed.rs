//! Rollouts that Codex compressed: `rollout-….jsonl.zst` (0.137 on, after seven
//! days, if switched on). The content is that of the plain file.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use stead_usf::{Issue, Severity, Source};

use crate::container::jsonl::{self, Records};
use crate::{Output, ReadError};

/// Whether the file is a compressed one.
pub(super) fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "zst")
}

/// The path of the plain file, of which this one is the compressed form.
pub(super) fn plain(path: &Path) -> PathBuf {
    if is_compressed(path) {
        path.with_extension("")
    } else {
        path.to_owned()
    }
}

/// The plain bytes of a rollout.
pub(super) fn open(path: &Path) -> io::Result<Box<dyn BufRead>> {
    let file = File::open(path)?;
    if is_compressed(path) {
        let decoder = zstd::stream::read::Decoder::new(file)?;
        return Ok(Box::new(BufReader::new(decoder)));
    }
    Ok(Box::new(BufReader::with_capacity(256 << 10, file)))
}

/// Reads a compressed rollout. What damage cuts off is reported; what comes
/// before it is read. The archive gets the plain bytes.
pub(super) fn read(
    path: &Path,
    output: &mut Output<'_>,
    records: &mut dyn Records,
) -> Result<Option<Issue>, ReadError> {
    let error = |source| ReadError::Io {
        path: path.to_owned(),
        source,
    };
    let mut input = UntilDamage {
        input: open(path).map_err(error)?,
        damage: None,
    };
    let partial = jsonl::read_stream(path, &plain(path), &mut input, output, records)?;
    if let Some(damage) = input.damage {
        let message = format!("the compressed file is damaged: {damage}");
        let issue = Issue::new(Severity::Error, "bad-compression", message);
        records.damaged(output, issue.at(Source::file(path.to_string_lossy())));
    }
    Ok(partial)
}

/// Ends where the input is damaged.
struct UntilDamage<R> {
    input: R,
    damage: Option<io::Error>,
}

impl<R: Read> Read for UntilDamage<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.damage.is_some() {
            return Ok(0);
        }
        match self.input.read(buffer) {
            Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                self.damage = Some(error);
                Ok(0)
            }
            other => other,
        }
    }
}
