//! T8: the number of packages that a build pulls in is capped.

use super::Finding;
use super::tree::Tree;

/// So many packages may Cargo.lock name.
const MOST: usize = 450;

/// Finds a lock file that has grown too large.
pub(super) fn check(tree: &Tree) -> Option<Finding> {
    let path = "Cargo.lock";
    let Some(text) = tree.text(path) else {
        return Some(Finding::new("T8", path, 0, "is missing"));
    };
    let packages = text.lines().filter(|line| *line == "[[package]]").count();
    (packages > MOST).then(|| {
        let message = format!("{packages} packages; the cap is {MOST}");
        Finding::new("T8", path, 0, message)
    })
}

#[cfg(test)]
mod tests {
    use super::super::tree::Tree;
    use super::check;

    #[test]
    fn the_cap_holds() {
        let lock = |count| "[[package]]\n".repeat(count);
        assert!(check(&Tree::of(&[("Cargo.lock", &lock(450))])).is_none());
        assert!(check(&Tree::of(&[("Cargo.lock", &lock(451))])).is_some());
        assert!(check(&Tree::of(&[])).is_some());
    }
}
