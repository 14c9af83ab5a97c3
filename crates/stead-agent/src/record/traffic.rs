//! Ties the traffic with the models to the record: each exchange's digest stands in an event,
//! so that the file beside the record cannot be altered unseen. What goes over the wire is
//! `stead-llm`'s business.
//!
//! The digest of an exchange is SHA-256 of its lines in the file of exchanges, each with its
//! line feed, in their order.

use std::collections::{BTreeMap, HashMap};
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stead_llm::traffic::{Line, LineTape, Tape, TapeError};

use super::TRAFFIC;
use super::envelope::hexadecimal;

/// What an event says of the traffic that it came of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vouched {
    /// The request's name; its exchanges are called like it, with the number of the attempt.
    #[serde(rename = "exchange", default, skip_serializing_if = "Option::is_none")]
    pub request: Option<String>,
    /// The digests of exchanges that are over, by their names.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub traffic: BTreeMap<String, String>,
}

impl Vouched {
    /// A request of which nothing is vouched for yet.
    #[must_use]
    pub fn named(request: &str) -> Self {
        Self {
            request: Some(request.to_owned()),
            traffic: BTreeMap::new(),
        }
    }
}

/// Passes lines on to a tape and takes the digests of the exchanges that they belong to.
pub struct Witness {
    tape: Arc<dyn Tape>,
    exchanges: Mutex<BTreeMap<String, Sha256>>,
}

impl std::fmt::Debug for Witness {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Witness").finish_non_exhaustive()
    }
}

impl Witness {
    /// Watches what goes onto this tape.
    pub fn new(tape: Arc<dyn Tape>) -> Self {
        Self {
            tape,
            exchanges: Mutex::default(),
        }
    }

    /// Vouches for all that went by. The request is over: nothing more of it will come.
    pub fn vouch(&self, request: &str) -> Vouched {
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let over = std::mem::take(&mut *exchanges).into_iter();
        Vouched {
            traffic: over
                .map(|(name, hasher)| (name, hexadecimal(&hasher.finalize())))
                .collect(),
            ..Vouched::named(request)
        }
    }
}

impl Tape for Witness {
    fn line(&self, line: &Line) -> Result<(), TapeError> {
        let mut bytes = serde_json::to_vec(line).map_err(|error| TapeError(error.to_string()))?;
        bytes.push(b'\n');
        self.tape.line(line)?;
        let mut exchanges = self
            .exchanges
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let hasher = exchanges.entry(line.exchange.clone()).or_default();
        hasher.update(&bytes);
        Ok(())
    }
}

/// Opens the file of exchanges in a session's folder, to go on with it; it is made if there is
/// none. What a crash left of a last line is cut off: nothing ever vouched for it. Its owner
/// alone can read it.
pub fn tape(folder: &Path) -> io::Result<LineTape<File>> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut file = options.open(folder.join(TRAFFIC))?;
    let torn = Exchanges::read(BufReader::new(&file))?.torn;
    let whole = file.metadata()?.len().saturating_sub(torn);
    file.set_len(whole)?;
    file.seek(SeekFrom::Start(whole))?;
    Ok(LineTape::new(file))
}

/// The exchanges in a file, as digests.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Exchanges {
    /// Names and digests, in the order of the requests. A name may come twice.
    pub all: Vec<(String, String)>,
    /// Lines, from 1, that belong to no exchange.
    pub stray: Vec<u64>,
    /// Bytes of a last line that does not end.
    pub torn: u64,
}

/// As much of a line as says where it belongs.
#[derive(Deserialize)]
struct Place {
    exchange: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Exchanges {
    /// Those of a session's folder; a folder without the file has none.
    pub fn of(folder: &Path) -> io::Result<Self> {
        match File::open(folder.join(TRAFFIC)) {
            Ok(file) => Self::read(BufReader::new(file)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    /// Takes the digests of all exchanges, line by line.
    pub fn read(mut from: impl BufRead) -> io::Result<Self> {
        let mut read = Self::default();
        let mut open: Vec<(String, Sha256)> = Vec::new();
        let mut newest: HashMap<String, usize> = HashMap::new();
        let mut line = Vec::new();
        for number in 1.. {
            line.clear();
            if from.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            if line.last() != Some(&b'\n') {
                read.torn = line.len() as u64;
                break;
            }
            let Ok(place) = serde_json::from_slice::<Place>(&line) else {
                read.stray.push(number);
                continue;
            };
            if place.kind == "request" {
                newest.insert(place.exchange.clone(), open.len());
                open.push((place.exchange, Sha256::new_with_prefix(&line)));
                continue;
            }
            match newest.get(&place.exchange).and_then(|at| open.get_mut(*at)) {
                Some((_, hasher)) => hasher.update(&line),
                None => read.stray.push(number),
            }
        }
        read.all = open
            .into_iter()
            .map(|(name, hasher)| (name, hexadecimal(&hasher.finalize())))
            .collect();
        Ok(read)
    }
}
