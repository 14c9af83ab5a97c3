//! Hash trees against the reference vectors of Certificate Transparency and another implementation.

use ct_merkle::ConsistencyProof;
use ct_merkle::InclusionProof;
use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use proptest::prelude::*;
use sha2::{Digest, Sha256};
use stead_ledger::{
    Frontier, Hash, Tree, TreeError, leaf_hash, verify_consistency, verify_inclusion,
};

/// The leaves of the reference implementation's tests.
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots of the first 0, 1, … 8 of them.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(hash: Hash) -> String {
    let digits = hash.0.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    digits
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}

#[test]
fn roots_are_those_of_the_reference_vectors() {
    let tree: Tree = LEAVES.iter().map(|leaf| leaf_hash(leaf)).collect();
    let mut frontier = Frontier::default();
    for (size, wanted) in ROOTS.iter().enumerate() {
        assert_eq!(hex(tree.root(size as u64).unwrap()), *wanted);
        assert_eq!(hex(frontier.root()), *wanted);
        if let Some(leaf) = LEAVES.get(size) {
            frontier.push(leaf_hash(leaf));
        }
    }
}

type Oracle = MemoryBackedTree<Sha256, [u8; 8]>;

fn oracle(size: u64) -> Oracle {
    let mut oracle = Oracle::new();
    (0..size).for_each(|number| oracle.push(number.to_le_bytes()));
    oracle
}

fn tree(size: u64) -> Tree {
    (0..size)
        .map(|number| leaf_hash(&number.to_le_bytes()))
        .collect()
}

/// A root as the other implementation has it.
fn their_root(root: Hash, size: u64) -> RootHash<Sha256> {
    let mut output = Sha256::digest([]);
    output.copy_from_slice(&root.0);
    RootHash::new(output, size)
}

fn joined(path: &[Hash]) -> Vec<u8> {
    path.iter().flat_map(|hash| hash.0).collect()
}

#[test]
fn roots_and_proofs_are_those_of_another_implementation() {
    let tree = tree(70);
    for size in 1..=70 {
        let oracle = oracle(size);
        let root = tree.root(size).unwrap();
        assert_eq!(root.0, oracle.root().as_bytes()[..]);
        for index in 0..size {
            let path = tree.inclusion(index, size).unwrap();
            assert_eq!(
                joined(&path),
                oracle.prove_inclusion(index as usize).as_bytes()
            );
            let leaf = leaf_hash(&index.to_le_bytes());
            assert_eq!(verify_inclusion(leaf, index, size, &path, root), Ok(()));
            let old = index + 1;
            let path = tree.consistency(old, size).unwrap();
            if old < size {
                let theirs = oracle.prove_consistency((size - old) as usize);
                assert_eq!(joined(&path), theirs.as_bytes());
            }
            let before = tree.root(old).unwrap();
            assert_eq!(verify_consistency(old, size, &path, before, root), Ok(()));
        }
    }
}

#[test]
fn what_a_tree_does_not_have_is_not_proved() {
    let tree = tree(5);
    let out = |index, size| Err(TreeError::OutOfRange { index, size });
    assert_eq!(tree.inclusion(5, 5), out(5, 5));
    assert_eq!(tree.inclusion(0, 6), out(5, 5));
    assert_eq!(tree.consistency(4, 3), out(4, 3));
    let root = tree.root(5).unwrap();
    assert_eq!(
        verify_inclusion(root, 0, 0, &[], root),
        Err(TreeError::OutOfRange { index: 0, size: 0 })
    );
    assert_eq!(
        verify_consistency(0, 5, &[root], tree.root(0).unwrap(), root),
        Err(TreeError::WrongLength)
    );
    assert_eq!(
        verify_consistency(5, 5, &[], tree.root(4).unwrap(), root),
        Err(TreeError::WrongRoot)
    );
}

proptest! {
    /// Proofs hold for what they prove and for nothing else, as the other implementation says too.
    #[test]
    fn a_changed_proof_proves_nothing(
        size in 1_u64..40, at in any::<prop::sample::Index>(), what in 0..5, bit in 0_usize..256,
    ) {
        let tree = tree(size);
        let index = at.index(size as usize) as u64;
        let (mut index_, mut size_, mut root) = (index, size, tree.root(size).unwrap());
        let mut leaf = leaf_hash(&index.to_le_bytes());
        let mut path = tree.inclusion(index, size).unwrap();
        match what {
            0 => leaf.0[bit / 8] ^= 1 << (bit % 8),
            1 => root.0[bit / 8] ^= 1 << (bit % 8),
            2 if !path.is_empty() => {
                let at = at.index(path.len());
                path[at].0[bit / 8] ^= 1 << (bit % 8);
            }
            3 => path.push(leaf),
            _ if size > 1 => index_ = (index + 1) % size,
            _ => size_ += 1,
        }
        let ours = verify_inclusion(leaf, index_, size_, &path, root);
        prop_assert!(ours.is_err());
        // The other one hashes the record itself, so it is asked only if that is as it was.
        if what != 0 {
            let proof = InclusionProof::try_from_bytes(joined(&path)).unwrap();
            let theirs = their_root(root, size_).verify_inclusion(&index.to_le_bytes(), index_, &proof);
            prop_assert!(theirs.is_err());
        }
    }

    /// Any hashes at all: both implementations say the same, and neither panics.
    #[test]
    fn foreign_consistency_proofs_are_judged_alike(
        size in 1_u64..40, old in 1_u64..40, flip in prop::option::of((0_usize..6, 0_usize..32)),
    ) {
        let old = old.min(size);
        let tree = tree(size);
        let mut path = tree.consistency(old, size).unwrap();
        if let Some((at, byte)) = flip
            && let Some(hash) = path.get_mut(at)
        {
            hash.0[byte] ^= 1;
        }
        let (before, now) = (tree.root(old).unwrap(), tree.root(size).unwrap());
        let ours = verify_consistency(old, size, &path, before, now);
        // The other one takes no proof of a tree with itself.
        if old < size {
            let proof = ConsistencyProof::try_from_bytes(joined(&path)).unwrap();
            let theirs = their_root(now, size).verify_consistency(&their_root(before, old), &proof);
            prop_assert_eq!(ours.is_ok(), theirs.is_ok());
        }
    }
}
