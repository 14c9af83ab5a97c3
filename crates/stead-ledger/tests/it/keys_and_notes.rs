//! Keys and notes against published examples and another implementation of Ed25519.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use sha2::{Digest, Sha256};
use stead_ledger::{Checkpoint, CheckpointError, KeyError, Note, NoteError, Signer, VerifierKey};

/// The example of the specification (C2SP signed-note).
const EXAMPLE_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const EXAMPLE: &str = "This is an example message.\n\n\
    — example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

/// The keys and the note of the Go package's documentation.
const NEUMANN: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const NEUMANN_SECRET: &str =
    "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const GO_TEXT: &str = "If you think cryptography is the answer to your problem,\n\
    then you don't know what your problem is.\n";
const NEUMANN_LINE: &str = "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH_LINE: &str = "— EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

#[test]
fn published_notes_verify() {
    let note = Note::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(note.text(), "This is an example message.\n");
    assert_eq!(
        note.verify(&[key(EXAMPLE_KEY)]).unwrap()[0].name(),
        "example.com/foo"
    );
    let both = format!("{GO_TEXT}\n{NEUMANN_LINE}{ENOCH_LINE}");
    let note = Note::parse(both.as_bytes()).unwrap();
    assert_eq!(note.verify(&[key(ENOCH), key(NEUMANN)]).unwrap().len(), 2);
    assert_eq!(note.to_string(), both);
}

#[test]
fn our_signature_is_the_published_one() {
    let signer = Signer::from_secret(NEUMANN_SECRET).unwrap();
    assert_eq!(signer.verifier().to_string(), NEUMANN);
    assert_eq!(signer.secret(), NEUMANN_SECRET);
    let mut note = Note::new(GO_TEXT.to_owned()).unwrap();
    signer.sign(&mut note);
    signer.sign(&mut note);
    assert_eq!(note.to_string(), format!("{GO_TEXT}\n{NEUMANN_LINE}"));
    assert!(!format!("{signer:?}").contains("AYEKFALV"));
}

#[test]
fn unknown_signatures_are_kept_and_not_believed() {
    let text = format!("{GO_TEXT}\n{NEUMANN_LINE}{ENOCH_LINE}");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.verify(&[key(ENOCH)]).unwrap().len(), 1);
    assert_eq!(note.signatures().len(), 2);
    let stranger = Signer::new("PeterNeumann", [1; 32]).unwrap().verifier();
    let error = note.verify(&[stranger]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "none of the known keys has signed the note; it is signed by `PeterNeumann`, `EnochRoot`"
    );
}

#[test]
fn a_known_keys_wrong_signature_refuses_the_note() {
    let text = format!("{}\n{NEUMANN_LINE}", GO_TEXT.replace("answer", "Answer"));
    let note = Note::parse(text.as_bytes()).unwrap();
    let wrong = Err(NoteError::WrongSignature("PeterNeumann".to_owned()));
    assert_eq!(note.verify(&[key(NEUMANN)]), wrong);
}

#[test]
fn texts_that_are_no_notes_are_refused() {
    let bad: &[(&str, NoteError)] = &[
        ("", NoteError::Unsigned),
        ("text\n", NoteError::Unsigned),
        ("text\n\n", NoteError::Unsigned),
        ("text\n\n— name AAAAAAA=", NoteError::Unsigned),
        ("text\n\n- name AAAAAAA=\n", NoteError::BadSignatureLine(1)),
        ("text\n\n— name\n", NoteError::BadSignatureLine(1)),
        ("text\n\n— name AAAAAA==\n", NoteError::BadSignatureLine(1)),
        ("text\n\n— na+me AAAAAAA=\n", NoteError::BadSignatureLine(1)),
        ("text\n\n— name AAAAAAB=\n", NoteError::BadSignatureLine(1)),
        ("te\txt\n\n— name AAAAAAA=\n", NoteError::NotText),
        ("te\rxt\n\n— name AAAAAAA=\n", NoteError::NotText),
    ];
    for (text, error) in bad {
        assert_eq!(
            Note::parse(text.as_bytes()).as_ref(),
            Err(error),
            "{text:?}"
        );
    }
    let many = format!("text\n\n{}", "— name AAAAAAA=\n".repeat(101));
    assert_eq!(Note::parse(many.as_bytes()), Err(NoteError::TooLong));
    assert_eq!(Note::parse(&vec![b'a'; 2 << 20]), Err(NoteError::TooLong));
    let sixteen = format!("text\n\n{}", "— name AAAAAAA=\n".repeat(16));
    assert!(Note::parse(sixteen.as_bytes()).is_ok());
}

#[test]
fn damaged_keys_are_refused() {
    let refused = |text: &str| text.parse::<VerifierKey>().unwrap_err().to_string();
    assert!(refused("EnochRoot").contains("name+id+base64"));
    assert!(refused(&ENOCH.replace("af0c", "af0d")).contains("does not fit"));
    assert!(refused(&ENOCH.replace("af0c", "AF0C")).contains("name+id+base64"));
    assert!(refused(&ENOCH.replace("Enoch", "Enoch ")).contains("no name for a key"));
    assert!(refused("a+00000000+BAAA").contains("algorithm 4"));
    assert!(matches!(
        Signer::new("a b", [0; 32]),
        Err(KeyError::BadName(_))
    ));
    assert!(matches!(Signer::from_secret(ENOCH), Err(KeyError::BadForm)));
}

#[cfg(unix)]
#[test]
fn a_private_key_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("key");
    let signer = Signer::new("example.com/me", [9; 32]).unwrap();
    signer.store(&path).unwrap();
    assert_eq!(
        std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert_eq!(Signer::load(&path).unwrap().verifier(), signer.verifier());
    assert!(signer.store(&path).is_err(), "a key was overwritten");
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).unwrap();
    assert!(matches!(Signer::load(&path), Err(KeyError::Exposed { .. })));
}

#[test]
fn one_key_signs_by_many_names() {
    let mine = Signer::new("example.com/me", [9; 32]).unwrap();
    let named = mine.named("example.com/log/1").unwrap();
    assert_eq!(
        named.verifier(),
        mine.verifier().named("example.com/log/1").unwrap()
    );
    assert_ne!(named.verifier().id(), mine.verifier().id());
}

#[test]
fn checkpoints_are_read_as_specified() {
    let text = "example.com/log\n3\nrra8/idLcKFPsGel5VV4Jk2w+pta9eC6FZFY8yngbnc=\nmore\n";
    let checkpoint: Checkpoint = text.parse().unwrap();
    assert_eq!(
        (checkpoint.origin.as_str(), checkpoint.size),
        ("example.com/log", 3)
    );
    assert_eq!(checkpoint.to_string(), text);
    let root = "rra8/idLcKFPsGel5VV4Jk2w+pta9eC6FZFY8yngbnc=";
    for bad in [
        format!("log\n03\n{root}\n"),
        format!("log\n+3\n{root}\n"),
        format!("log\n-1\n{root}\n"),
        format!("log\n99999999999999999999\n{root}\n"),
        format!("\n3\n{root}\n"),
        format!("log\n3\n{root}"),
        format!("log\n3\n{root}\n\n"),
        format!("log\n3\n{root}\nmore\n\nmore\n"),
        "log\n3\n".to_owned(),
        "log\n3\nAAAA\n".to_owned(),
    ] {
        assert!(bad.parse::<Checkpoint>().is_err(), "{bad:?}");
    }
    assert_eq!(
        "log\n007\nx\n".parse::<Checkpoint>(),
        Err(CheckpointError::BadSize("007".into()))
    );
}

proptest! {
    /// What we sign another implementation verifies, and signs in the same way.
    #[test]
    fn notes_go_both_ways(
        seed in any::<[u8; 32]>(), name in "[a-zé]{1,9}(/[a-z0-9]{1,5})?", text in "[ -~à-ü\n]{0,80}",
    ) {
        let (text, signer) = (format!("{text}\n"), Signer::new(&name, seed).unwrap());
        let mut note = Note::new(text.clone()).unwrap();
        signer.sign(&mut note);
        // Taken apart by the letter of the specification.
        let written = note.to_string();
        let line = written.strip_prefix(&format!("{text}\n")).unwrap();
        let data = line.strip_prefix(&format!("— {name} ")).unwrap().strip_suffix('\n').unwrap();
        let data = STANDARD.decode(data).unwrap();
        let pair = Ed25519KeyPair::from_seed_unchecked(&seed).unwrap();
        let public = pair.public_key().as_ref();
        let mut id = Sha256::new();
        id.update(format!("{name}\n\u{1}"));
        id.update(public);
        prop_assert_eq!(&data[..4], &id.finalize()[..4]);
        prop_assert!(UnparsedPublicKey::new(&ED25519, public).verify(text.as_bytes(), &data[4..]).is_ok());
        let theirs = pair.sign(text.as_bytes());
        prop_assert_eq!(&data[4..], theirs.as_ref());
        let read = Note::parse(written.as_bytes()).unwrap();
        prop_assert!(read.verify(&[signer.verifier().to_string().parse().unwrap()]).is_ok());
    }

    /// A note with a bit turned over is refused, or its text and signature are as they were.
    #[test]
    fn no_bit_of_a_note_can_be_turned(bit in any::<prop::sample::Index>()) {
        let mut bytes = EXAMPLE.as_bytes().to_vec();
        let bit = bit.index(bytes.len() * 8);
        bytes[bit / 8] ^= 1 << (bit % 8);
        let believed = Note::parse(&bytes).is_ok_and(|note| note.verify(&[key(EXAMPLE_KEY)]).is_ok());
        prop_assert!(!believed);
    }

    #[test]
    fn any_bytes_are_judged(bytes in prop::collection::vec(any::<u8>(), 0..200), text in "\\PC{0,40}") {
        if let Ok(note) = Note::parse(&bytes) {
            prop_assert_eq!(Note::parse(note.to_string().as_bytes()), Ok(note));
        }
        let _ = (text.parse::<VerifierKey>(), Signer::from_secret(&text), text.parse::<Checkpoint>());
    }
}
