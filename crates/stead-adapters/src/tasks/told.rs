//! A first look through the interface's file: what was typed, so that it is known
//! again among what was sent.

use std::collections::BTreeSet;
use std::path::Path;

use super::read::SHOWN_HEAD;
use super::shown::Shown;
use crate::container::array::{Array, Next};
use crate::{Output, ReadError};

/// What a first look at the interface's file found.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Digests of what was typed.
    pub(super) typed: BTreeSet<u64>,
    /// The file is there and undamaged, so that it has all that was typed.
    pub(super) whole: bool,
}

/// Looks through the interface's file for what was typed.
pub(super) fn told(path: &Path) -> Result<Told, ReadError> {
    let mut told = Told::default();
    let mut nobody = Nobody;
    let mut output = Output::new(&mut nobody);
    let Some(mut file) = Array::open(path, SHOWN_HEAD)? else {
        return Ok(told);
    };
    let (mut asked, mut damaged) = (false, false);
    while let Some(next) = file.next(&mut output)? {
        let Next::Element(element) = next else {
            damaged = true;
            continue;
        };
        told.whole = true;
        let mentions =
            |word: &str| memchr::memmem::find(element.text.as_bytes(), word.as_bytes()).is_some();
        let typed = mentions("\"user_feedback\"") || mentions("\"task\"") || !asked;
        asked |= mentions("\"api_req_started\"");
        if let Some(shown) = Some(&element)
            .filter(|_| typed)
            .and_then(|element| Shown::of(0, element))
        {
            let is_typed = matches!(shown.kind.as_str(), "user_feedback" | "task" | "text");
            told.typed.extend(is_typed.then(|| digest(shown.words())));
        }
    }
    told.whole &= !damaged;
    Ok(told)
}

/// Takes nothing in.
struct Nobody;

impl crate::Sink for Nobody {
    fn event(&mut self, _: crate::Slot, _: stead_usf::Event) {}
    fn end(&mut self, _: crate::Slot, _: stead_usf::Session) {}
}

/// A digest of what was typed, the blanks around it aside.
pub(super) fn digest(text: &str) -> u64 {
    use std::hash::Hasher;
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(text.trim().as_bytes());
    hasher.finish()
}
