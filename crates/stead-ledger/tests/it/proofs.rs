//! Proofs in their file form, checked by us and by another implementation.

use std::fs;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ct_merkle::InclusionProof;
use ct_merkle::RootHash;
use proptest::prelude::*;
use ring::signature::{ED25519, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use stead_ledger::{Checkpoint, Proof, ProofError, prove, prove_consistency, verify_consistency};

use super::{NAME, log_of, signer};

const ORIGIN: &str = "example.com/log";
const RECORDS: [&[u8]; 6] = [b"a", b"b", b"c", b"", b"e\xff", b"f"];

fn proof(index: u64) -> Result<Proof, ProofError> {
    let folder = tempfile::tempdir().unwrap();
    log_of(folder.path(), &RECORDS);
    prove(folder.path(), NAME, ORIGIN, &[signer().verifier()], index)
}

#[test]
fn a_proof_stands_alone() {
    for (index, record) in RECORDS.iter().enumerate() {
        let text = proof(index as u64).unwrap().to_string();
        let read: Proof = text.parse().unwrap();
        assert_eq!(read.to_string(), text);
        let keys = [signer().verifier()];
        assert_eq!(read.verify(ORIGIN, &keys, None).unwrap().size, 6);
        assert_eq!(read.verify(ORIGIN, &keys, Some(record)).unwrap().size, 6);
        let other = read.verify(ORIGIN, &keys, Some(b"other"));
        assert!(matches!(other, Err(ProofError::OtherRecord)));
        let bare = Proof {
            record: None,
            ..read
        };
        assert!(matches!(
            bare.verify(ORIGIN, &keys, None),
            Err(ProofError::NoRecord)
        ));
        assert!(matches!(
            bare.verify(ORIGIN, &keys, Some(b"other")),
            Err(ProofError::Tree(_))
        ));
        assert!(bare.verify(ORIGIN, &keys, Some(record)).is_ok());
        assert!(
            bare.verify("example.com/other", &keys, Some(record))
                .is_err()
        );
    }
    let error = proof(6).unwrap_err().to_string();
    assert_eq!(
        error,
        "a tree of 6 records has no record 6 (counted from 0)"
    );
}

/// Takes the file apart by the letter of C2SP tlog-proof, with another program's code.
#[test]
fn another_implementation_accepts_our_proofs() {
    for (index, record) in RECORDS.iter().enumerate() {
        let text = proof(index as u64).unwrap().to_string();
        let (head, checkpoint) = text.split_once("\n\n").unwrap();
        let lines: Vec<&str> = head.lines().collect();
        assert_eq!(lines[0], "c2sp.org/tlog-proof@v1");
        assert_eq!(lines[2], format!("index {index}"));
        let bytes = |text: &str| STANDARD.decode(text).unwrap();
        let path: Vec<u8> = lines[3..].iter().flat_map(|line| bytes(line)).collect();

        let (signed, signature) = checkpoint.split_once("\n\n").unwrap();
        let signature = signature.trim_end().rsplit(' ').next().unwrap();
        let vkey = signer().verifier().to_string();
        let key = bytes(vkey.rsplit('+').next().unwrap());
        let key = UnparsedPublicKey::new(&ED25519, &key[1..]);
        key.verify(format!("{signed}\n").as_bytes(), &bytes(signature)[4..])
            .unwrap();

        let signed: Vec<&str> = signed.lines().collect();
        assert_eq!(signed[..2], [ORIGIN, "6"]);
        let mut root = Sha256::digest([]);
        root.copy_from_slice(&bytes(signed[2]));
        let proof = InclusionProof::try_from_bytes(path).unwrap();
        let root: RootHash<Sha256> = RootHash::new(root, 6);
        root.verify_inclusion(record, index as u64, &proof).unwrap();
    }
}

#[test]
fn an_older_checkpoint_is_shown_to_be_a_beginning() {
    let folder = tempfile::tempdir().unwrap();
    log_of(folder.path(), &RECORDS[..3]);
    let keys = [signer().verifier()];
    let (_, note) = prove_consistency(folder.path(), NAME, ORIGIN, &keys, 0).unwrap();
    let old = Checkpoint::of(&note).unwrap();
    log_of(folder.path(), &RECORDS[3..]);
    let (path, note) = prove_consistency(folder.path(), NAME, ORIGIN, &keys, old.size).unwrap();
    let new = Checkpoint::of(&note).unwrap();
    verify_consistency(old.size, new.size, &path, old.root, new.root).unwrap();
}

#[test]
fn a_changed_log_proves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    log_of(folder.path(), &RECORDS);
    fs::write(folder.path().join(NAME), "a\nb\n").unwrap();
    let refused = prove(folder.path(), NAME, ORIGIN, &[signer().verifier()], 0);
    assert!(matches!(refused, Err(ProofError::Changed { .. })));
}

#[test]
fn texts_that_are_no_proofs_are_refused() {
    let text = proof(2).unwrap().to_string();
    for (from, to) in [
        ("c2sp.org/tlog-proof@v1", "c2sp.org/tlog-proof@v2"),
        ("index 2", "index 02"),
        ("index 2", "index"),
        ("index 2\n", ""),
        ("extra Yw==", "extra Y"),
        ("\n\n", "\n"),
    ] {
        assert!(
            text.contains(from) && text.replacen(from, to, 1).parse::<Proof>().is_err(),
            "{to}"
        );
    }
}

proptest! {
    /// A proof with any bit turned over is refused, or says the same as before.
    #[test]
    fn no_bit_of_a_proof_can_be_turned(bit in any::<prop::sample::Index>(), index in 0_u64..6) {
        let proof = proof(index).unwrap();
        let mut bytes = proof.to_string().into_bytes();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let read = String::from_utf8(bytes).ok().and_then(|text| text.parse::<Proof>().ok());
        let believed = read.is_some_and(|read| read.verify(ORIGIN, &[signer().verifier()], None).is_ok());
        prop_assert!(!believed);
    }
}
