//! Versions of files in git, with keys, remembered while they are asked for again.

use rustc_hash::FxHashMap;

use super::{Ground, Version};
use crate::keyed::Keyed;
use crate::text::Texts;

/// So many bytes of text are remembered before the memory is emptied.
const MOST: usize = 64 << 20;

/// What versions held.
pub(super) struct Versions<'a> {
    ground: &'a dyn Ground,
    held: FxHashMap<String, Keyed>,
    bytes: usize,
    /// The last that was read: often the next is like it.
    last: Keyed,
}

impl<'a> Versions<'a> {
    pub(super) fn new(ground: &'a dyn Ground) -> Self {
        Self {
            ground,
            held: FxHashMap::default(),
            bytes: 0,
            last: Keyed::default(),
        }
    }

    /// What a version holds; nothing if the repository does not have it.
    pub(super) fn held(&mut self, version: &Version<'_>, texts: &mut Texts) -> Keyed {
        if let Some(known) = self.held.get(version.object) {
            return known.clone();
        }
        let text = self.ground.text(version.object).unwrap_or_default();
        let held = self.last.turned(text, texts);
        if self.bytes > MOST {
            self.held.clear();
            self.bytes = 0;
        }
        self.bytes += held.text.len();
        self.last = held.clone();
        self.held.insert(version.object.to_owned(), held.clone());
        held
    }
}
