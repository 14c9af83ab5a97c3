//! Ed25519 keys that sign and verify notes, their text forms, and the file of a private one.
//! Randomness comes from the caller.

use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::note::{Note, Signature, is_key_name};

/// The byte that stands for Ed25519 in keys (C2SP signed-note).
const ED25519: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";

/// A public key with its name. Its text is `name+id+base64`, as other programs take it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    id: [u8; 4],
    key: VerifyingKey,
}

/// A private key with its name. Its text, `PRIVATE+KEY+name+id+base64`, is secret.
#[derive(Clone)]
pub struct Signer {
    name: String,
    id: [u8; 4],
    key: SigningKey,
}

/// Why a key cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// A name has a space or a plus, or is empty.
    #[error("`{0}` is no name for a key: it must not be empty or have spaces or `+`")]
    BadName(String),
    /// A text has not the form of a key.
    #[error("this is no key of the form `name+id+base64`")]
    BadForm,
    /// The id in a text does not belong to the key.
    #[error("the key's id does not fit its name and bytes: the text was damaged")]
    WrongId,
    /// The key is for another algorithm.
    #[error("the key is for algorithm {0}; only Ed25519 (1) is known")]
    UnknownAlgorithm(u8),
    /// Others could read the private key.
    #[error(
        "others can read the private key {path}; make a new one, or `chmod 600` it if nobody has"
    )]
    Exposed {
        /// The file.
        path: PathBuf,
    },
    /// A file could not be read or written.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

/// The first bytes of the hash of name, algorithm and public key.
fn key_id(name: &str, public: &[u8; 32]) -> [u8; 4] {
    let hasher = Sha256::new_with_prefix(name).chain_update([b'\n', ED25519]);
    let [a, b, c, d, ..] = <[u8; 32]>::from(hasher.chain_update(public).finalize());
    [a, b, c, d]
}

/// Name, id and 32 bytes out of `name+id+base64`.
fn parts(text: &str) -> Result<(&str, [u8; 4], [u8; 32]), KeyError> {
    let mut parts = text.splitn(3, '+');
    let mut next = || parts.next().ok_or(KeyError::BadForm);
    let (name, id, data) = (next()?, next()?, next()?);
    if !is_key_name(name) {
        return Err(KeyError::BadName(name.to_owned()));
    }
    let plain = id.len() == 8
        && id
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| plain);
    let id = id.ok_or(KeyError::BadForm)?.to_be_bytes();
    let data = STANDARD.decode(data).map_err(|_| KeyError::BadForm)?;
    let (algorithm, key) = data.split_first().ok_or(KeyError::BadForm)?;
    if *algorithm != ED25519 {
        return Err(KeyError::UnknownAlgorithm(*algorithm));
    }
    Ok((name, id, key.try_into().map_err(|_| KeyError::BadForm)?))
}

/// The text of a key.
fn text(name: &str, id: [u8; 4], key: &[u8; 32]) -> String {
    let mut data = vec![ED25519];
    data.extend_from_slice(key);
    let id = u32::from_be_bytes(id);
    format!("{name}+{id:08x}+{}", STANDARD.encode(data))
}

impl VerifierKey {
    /// The key's name, usually the origin of its log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The same key under another name (see [`Signer::named`]).
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::BadName(name.to_owned()));
        }
        let id = key_id(name, self.key.as_bytes());
        let (name, key) = (name.to_owned(), self.key);
        Ok(Self { name, id, key })
    }

    /// The first four bytes of the hash of name and key.
    #[must_use]
    pub fn id(&self) -> [u8; 4] {
        self.id
    }

    /// Whether this key made this signature over this text.
    #[must_use]
    pub fn has_signed(&self, text: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(text, &signature).is_ok())
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&text(&self.name, self.id, self.key.as_bytes()))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        let (name, id, public) = parts(text.trim_end())?;
        if key_id(name, &public) != id {
            return Err(KeyError::WrongId);
        }
        let key = VerifyingKey::from_bytes(&public).map_err(|_| KeyError::BadForm)?;
        Ok(Self {
            name: name.to_owned(),
            id,
            key,
        })
    }
}

impl Signer {
    /// A key of 32 bytes of randomness, which the caller brings.
    pub fn new(name: &str, randomness: [u8; 32]) -> Result<Self, KeyError> {
        if !is_key_name(name) {
            return Err(KeyError::BadName(name.to_owned()));
        }
        let key = SigningKey::from_bytes(&randomness);
        let id = key_id(name, key.verifying_key().as_bytes());
        Ok(Self {
            name: name.to_owned(),
            id,
            key,
        })
    }

    /// Reads the secret text of a key.
    pub fn from_secret(text: &str) -> Result<Self, KeyError> {
        let text = text
            .trim_end()
            .strip_prefix(PRIVATE)
            .ok_or(KeyError::BadForm)?;
        let (name, id, seed) = parts(text)?;
        let key = Self::new(name, seed)?;
        if key.id == id {
            Ok(key)
        } else {
            Err(KeyError::WrongId)
        }
    }

    /// The secret text of the key: for its file, for nothing else.
    #[must_use]
    pub fn secret(&self) -> String {
        format!(
            "{PRIVATE}{}",
            text(&self.name, self.id, self.key.as_bytes())
        )
    }

    /// Writes a new file that its owner alone can read. A file that is there stays: an error.
    pub fn store(&self, path: &Path) -> Result<(), KeyError> {
        let mut options = fs_err::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        {
            use fs_err::os::unix::fs::OpenOptionsExt;
            options.mode(0o600);
        }
        let mut file = options.open(path)?;
        file.write_all(format!("{}\n", self.secret()).as_bytes())?;
        file.sync_all()?;
        Ok(())
    }

    /// Reads the file of a key. One that others can read is refused.
    pub fn load(path: &Path) -> Result<Self, KeyError> {
        let text = fs_err::read_to_string(path)?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs_err::metadata(path)?.permissions().mode();
            if mode & 0o077 != 0 {
                return Err(KeyError::Exposed {
                    path: path.to_owned(),
                });
            }
        }
        Self::from_secret(&text)
    }

    /// The same key under another name: one key signs many logs, each by its own origin.
    pub fn named(&self, name: &str) -> Result<Self, KeyError> {
        Self::new(name, self.key.to_bytes())
    }

    /// The key's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public half.
    #[must_use]
    pub fn verifier(&self) -> VerifierKey {
        VerifierKey {
            name: self.name.clone(),
            id: self.id,
            key: self.key.verifying_key(),
        }
    }

    /// Puts this key's signature below a note.
    pub fn sign(&self, note: &mut Note) {
        let bytes = self.key.sign(note.text().as_bytes()).to_bytes().to_vec();
        note.add(Signature {
            name: self.name.clone(),
            id: self.id,
            bytes,
        });
    }
}

/// The secret never gets into a message.
impl fmt::Debug for Signer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Signer({})", self.verifier())
    }
}
