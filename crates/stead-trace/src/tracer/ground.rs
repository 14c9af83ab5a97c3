//! The repository as replaying asks for it.

use std::cell::RefCell;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::replay::Ground;
use crate::repo::{History, Objects, Places};
use crate::text::decode;

/// So many versions of a file are looked at for one step.
const MOST: usize = 40;

/// Checkouts and history.
pub(super) struct Checkouts<'a> {
    places: &'a Places,
    history: &'a History,
    objects: &'a RefCell<Objects>,
    contents: RefCell<FxHashMap<String, Option<Arc<str>>>>,
}

impl<'a> Checkouts<'a> {
    pub(super) fn new(
        places: &'a Places,
        history: &'a History,
        objects: &'a RefCell<Objects>,
    ) -> Self {
        Self {
            places,
            history,
            objects,
            contents: RefCell::default(),
        }
    }

    fn content(&self, object: &str) -> Option<Arc<str>> {
        if let Some(known) = self.contents.borrow().get(object) {
            return known.clone();
        }
        let bytes = self.objects.borrow_mut().get(object).ok().flatten();
        let text = bytes.map(|bytes| Arc::from(decode(&bytes)));
        self.contents
            .borrow_mut()
            .insert(object.to_owned(), text.clone());
        text
    }
}

impl Ground for Checkouts<'_> {
    fn place(&self, path: &str) -> Option<(usize, String)> {
        let (tree, inner) = self.places.place(path)?;
        Some((tree, inner.to_owned()))
    }

    fn versions(&self, path: &str, before_ms: i64) -> Vec<(i64, Arc<str>)> {
        let changes = self
            .history
            .changes
            .get(path)
            .map_or(&[][..], Vec::as_slice);
        let earlier = changes.iter().filter(|(at_ms, _)| *at_ms <= before_ms);
        let held = earlier.filter_map(|(at_ms, object)| Some((*at_ms, object.as_deref()?)));
        held.take(MOST)
            .filter_map(|(at_ms, object)| Some((at_ms, self.content(object)?)))
            .collect()
    }
}
