//! The hash tree of RFC 6962 and the proofs that are drawn from it (RFC 9162, 2.1). It knows
//! no files and no signatures.

use std::fmt;
use std::str::FromStr;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

/// A SHA-256 hash: of a leaf, of a node, or of a whole tree. Its text is base64.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hash(pub [u8; 32]);

impl fmt::Display for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&STANDARD.encode(self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, out)
    }
}

impl FromStr for Hash {
    type Err = TreeError;

    fn from_str(text: &str) -> Result<Self, TreeError> {
        let bytes = STANDARD.decode(text).ok();
        let hash = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        hash.map(Self)
            .ok_or_else(|| TreeError::NotAHash(text.chars().take(80).collect()))
    }
}

/// Why a hash or a proof does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TreeError {
    /// A text is not the base64 of 32 bytes.
    #[error("`{0}` is no SHA-256 hash in base64")]
    NotAHash(String),
    /// A proof is asked for what the tree does not have.
    #[error("a tree of {size} records has no record {index} (counted from 0)")]
    OutOfRange {
        /// What was asked for.
        index: u64,
        /// How many there are.
        size: u64,
    },
    /// A proof has more or fewer hashes than its place in the tree needs.
    #[error("the proof has the wrong number of hashes for its place in the tree")]
    WrongLength,
    /// A proof leads to another root.
    #[error(
        "the proof leads to another root: the record, its place or the root is not what it was"
    )]
    WrongRoot,
}

/// The hash of a record (RFC 6962, 2.1: a zero byte goes before).
#[must_use]
pub fn leaf_hash(record: &[u8]) -> Hash {
    let mut hasher = LeafHasher::default();
    hasher.update(record);
    hasher.finish()
}

/// Hashes a record that comes in pieces.
pub(crate) struct LeafHasher(Sha256);

impl Default for LeafHasher {
    fn default() -> Self {
        Self(Sha256::new_with_prefix([0]))
    }
}

impl LeafHasher {
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.0.update(piece);
    }

    pub(crate) fn finish(self) -> Hash {
        Hash(self.0.finalize().into())
    }
}

/// The hash of two halves (RFC 6962, 2.1: a one goes before).
fn node_hash(left: Hash, right: Hash) -> Hash {
    let hasher = Sha256::new_with_prefix([1]);
    Hash(
        hasher
            .chain_update(left.0)
            .chain_update(right.0)
            .finalize()
            .into(),
    )
}

/// The root of a tree without records.
fn empty_root() -> Hash {
    Hash(Sha256::digest([]).into())
}

/// As much of a tree as appending needs: the roots of its full subtrees, from the largest to the
/// smallest. Appending and asking for the root take O(log n).
#[derive(Debug, Clone, Default)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// How many records were appended.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes in the next record's leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        // Each one at the end of the size's binary form is a subtree that is now full.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.peaks.pop() {
                hash = node_hash(left, hash);
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root of what was appended so far.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else {
            return empty_root();
        };
        peaks.fold(last, |right, left| node_hash(left, right))
    }
}

/// A whole tree, from which roots and proofs of any size are drawn. It takes 64 bytes a record.
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The hashes of full subtrees of 1, 2, 4, … records.
    levels: Vec<Vec<Hash>>,
}

impl FromIterator<Hash> for Tree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut level: Vec<Hash> = leaves.into_iter().collect();
        let mut levels = Vec::new();
        while !level.is_empty() {
            let (pairs, _) = level.as_chunks::<2>();
            let above = pairs.iter().map(|[left, right]| node_hash(*left, *right));
            let above = above.collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        Self { levels }
    }
}

impl Tree {
    /// How many records it has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, Vec::len) as u64
    }

    /// The root of the first `size` records.
    pub fn root(&self, size: u64) -> Result<Hash, TreeError> {
        self.has(size)?;
        Ok(if size == 0 {
            empty_root()
        } else {
            self.subtree(0, size)
        })
    }

    /// The hashes that lead from record `index` to the root of the first `size` records.
    pub fn inclusion(&self, index: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
        self.has(size)?;
        if index >= size {
            return Err(TreeError::OutOfRange { index, size });
        }
        let mut path = Vec::new();
        let (mut low, mut high) = (0, size);
        while high - low > 1 {
            let middle = low + split(high - low);
            if index < middle {
                path.push(self.subtree(middle, high));
                high = middle;
            } else {
                path.push(self.subtree(low, middle));
                low = middle;
            }
        }
        path.reverse();
        Ok(path)
    }

    /// The hashes that show that the first `old` of the first `size` records are the tree of before.
    pub fn consistency(&self, old: u64, size: u64) -> Result<Vec<Hash>, TreeError> {
        self.has(size)?;
        if old > size {
            return Err(TreeError::OutOfRange { index: old, size });
        }
        let mut path = Vec::new();
        if old == 0 || old == size {
            return Ok(path);
        }
        let (mut low, mut high) = (0, size);
        while high != old {
            let middle = low + split(high - low);
            if old <= middle {
                path.push(self.subtree(middle, high));
                high = middle;
            } else {
                path.push(self.subtree(low, middle));
                low = middle;
            }
        }
        // The old root itself is known to whoever asks, if it is a subtree from the start.
        if low != 0 {
            path.push(self.subtree(low, high));
        }
        path.reverse();
        Ok(path)
    }

    fn has(&self, size: u64) -> Result<(), TreeError> {
        if size > self.size() {
            let (index, size) = (size - 1, self.size());
            return Err(TreeError::OutOfRange { index, size });
        }
        Ok(())
    }

    /// The hash of records `low` up to `high`, of which there is at least one.
    fn subtree(&self, low: u64, high: u64) -> Hash {
        let width = high - low;
        if width.is_power_of_two() && low.is_multiple_of(width) {
            return self.levels[width.trailing_zeros() as usize][(low / width) as usize];
        }
        let middle = low + split(width);
        node_hash(self.subtree(low, middle), self.subtree(middle, high))
    }
}

/// The largest power of two below `width`, which is at least two.
fn split(width: u64) -> u64 {
    1 << (width - 1).ilog2()
}

/// Checks that a leaf is record `index` of the `size` records under `root` (RFC 9162, 2.1.3.2).
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    path: &[Hash],
    root: Hash,
) -> Result<(), TreeError> {
    if index >= size {
        return Err(TreeError::OutOfRange { index, size });
    }
    let (mut node, mut last, mut hash) = (index, size - 1, leaf);
    for step in path {
        if last == 0 {
            return Err(TreeError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(*step, hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(hash, *step);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(TreeError::WrongLength);
    }
    same(hash, root)
}

/// Checks that the `old` records under `old_root` are the first of the `size` records under `root`
/// (RFC 9162, 2.1.4.2).
pub fn verify_consistency(
    old: u64,
    size: u64,
    path: &[Hash],
    old_root: Hash,
    root: Hash,
) -> Result<(), TreeError> {
    if old > size {
        return Err(TreeError::OutOfRange { index: old, size });
    }
    if old == size || old == 0 {
        if !path.is_empty() {
            return Err(TreeError::WrongLength);
        }
        return same(old_root, if old == 0 { empty_root() } else { root });
    }
    let mut steps = path.iter().copied();
    let first = if old.is_power_of_two() {
        Some(old_root)
    } else {
        steps.next()
    };
    let first = first.ok_or(TreeError::WrongLength)?;
    let (mut node, mut last) = (old - 1, size - 1);
    let full = node.trailing_ones();
    node >>= full;
    last >>= full;
    let (mut before, mut now) = (first, first);
    for step in steps {
        if last == 0 {
            return Err(TreeError::WrongLength);
        }
        if node & 1 == 1 || node == last {
            before = node_hash(step, before);
            now = node_hash(step, now);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            now = node_hash(now, step);
        }
        node >>= 1;
        last >>= 1;
    }
    if last != 0 {
        return Err(TreeError::WrongLength);
    }
    same(before, old_root)?;
    same(now, root)
}

fn same(found: Hash, wanted: Hash) -> Result<(), TreeError> {
    if found == wanted {
        Ok(())
    } else {
        Err(TreeError::WrongRoot)
    }
}
