//! Reading pieces of a segment's file.

use std::fs::File;
use std::io;

/// No part of a segment is larger.
const MOST_AT_ONCE: usize = 256 << 20;

/// What is said of a segment that cannot be as it is.
pub(crate) fn damaged() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the segment is damaged")
}

/// Replaces `bytes` with a piece of the file. A length that cannot be is damage,
/// not a reason to ask for the memory.
pub(crate) fn read_at(
    file: &File,
    offset: u64,
    length: usize,
    bytes: &mut Vec<u8>,
) -> io::Result<()> {
    if length > MOST_AT_ONCE {
        return Err(damaged());
    }
    bytes.clear();
    bytes.resize(length, 0);
    #[cfg(unix)]
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, offset)?;
    #[cfg(not(unix))]
    {
        use std::io::{Read, Seek, SeekFrom};
        let mut file = file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(bytes)?;
    }
    Ok(())
}
