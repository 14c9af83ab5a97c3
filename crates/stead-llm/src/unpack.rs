//! Unpacks bodies that come compressed although nobody asked for it. It stops at nothing:
//! how much may come out is the caller's limit.

use std::io::{self, Write};

use flate2::write::{GzDecoder, ZlibDecoder};

/// A decoder for one body.
pub(crate) enum Unpack {
    Gzip(GzDecoder<Vec<u8>>),
    Deflate(ZlibDecoder<Vec<u8>>),
}

impl Unpack {
    /// The decoder for a `content-encoding`; nothing for none, and an error in words for
    /// those that we never asked for and cannot read.
    pub(crate) fn of(encoding: Option<&str>) -> Result<Option<Self>, String> {
        match encoding.map(str::trim).unwrap_or_default() {
            "" | "identity" => Ok(None),
            "gzip" | "x-gzip" => Ok(Some(Self::Gzip(GzDecoder::new(Vec::new())))),
            "deflate" => Ok(Some(Self::Deflate(ZlibDecoder::new(Vec::new())))),
            other => Err(format!(
                "it is packed as `{other}`, which was not asked for"
            )),
        }
    }

    /// Takes in packed bytes and gives out what they hold.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Gzip(decoder) => {
                decoder.write_all(bytes)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
            Self::Deflate(decoder) => {
                decoder.write_all(bytes)?;
                decoder.flush()?;
                Ok(std::mem::take(decoder.get_mut()))
            }
        }
    }
}
