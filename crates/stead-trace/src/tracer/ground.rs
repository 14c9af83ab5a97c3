//! The repository as replaying asks for it.

use std::cell::RefCell;
use std::sync::Arc;

use crate::replay::{Ground, Version};
use crate::repo::{History, Objects, Places};
use crate::text::decode;

/// So many versions of a file are looked at for one step.
const MOST: usize = 40;

/// Checkouts and history.
pub(super) struct Checkouts<'a> {
    pub(super) places: &'a Places,
    pub(super) history: &'a History,
    pub(super) objects: &'a RefCell<Objects>,
}

impl Ground for Checkouts<'_> {
    fn place(&self, path: &str) -> Option<(usize, String)> {
        let (tree, inner) = self.places.place(path)?;
        Some((tree, inner.to_owned()))
    }

    fn versions(&self, path: &str, before_ms: i64) -> Vec<Version<'_>> {
        let changes = self
            .history
            .changes
            .get(path)
            .map_or(&[][..], Vec::as_slice);
        let first = changes.partition_point(|(at_ms, _)| *at_ms > before_ms);
        changes[first..]
            .iter()
            .filter_map(|(at_ms, object)| {
                Some(Version {
                    at_ms: *at_ms,
                    object: object.as_deref()?,
                })
            })
            .take(MOST)
            .collect()
    }

    fn text(&self, object: &str) -> Option<Arc<str>> {
        let bytes = self.objects.borrow_mut().get(object).ok().flatten();
        bytes.map(|bytes| decode(&bytes).into())
    }
}
