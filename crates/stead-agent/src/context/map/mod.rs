//! The map of a repository: which files there are, and what the most important of them
//! define, in few words.
//!
//! A file's *outline* is its *definitions* (functions, types, methods, each with the first
//! line of its signature) and the *names* that it uses, found by tree-sitter. A file that
//! uses a name *refers* to the files that define it. What is referred to much, from where
//! much leads to, and from what the task speaks of (the *focus*), *ranks* high. What ranks
//! highest is shown, as a tree, within a budget of tokens. The same files give the same map.

mod focus;
mod language;
mod outline;
mod parallel;
mod rank;
mod read;
mod show;
#[cfg(test)]
mod tests;

pub use focus::focus;
pub use read::{Contents, contents};

use focus::Focus;
use outline::Outline;
use show::Shown;

/// Trees with so few files are listed; only what the task speaks of is outlined.
const FEW: usize = 30;

/// So many tokens are enough for such a tree.
const FEW_TOKENS: usize = 250;

/// The tree of a text, if the language of a file with this name is known.
pub(crate) fn parsed(path: &str, text: &str) -> Option<tree_sitter::Tree> {
    outline::parse(language::of(path)?, text)
}

/// A file of the repository.
struct File<'a> {
    /// From the top, with `/`.
    path: &'a str,
    /// Empty where nothing is known of it.
    outline: Outline<'a>,
}

/// Draws the map of a repository's files within a budget of tokens: paths from the top,
/// with `/`, and what they hold, which is empty for files that go by their name only.
/// `focus` is what the task speaks of: files, folders, names in code, words.
pub fn map<'a>(
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    focus: &[String],
    budget: usize,
) -> String {
    let mut files: Vec<(&str, &[u8])> = files.into_iter().collect();
    files.sort_unstable_by_key(|(path, _)| *path);
    files.dedup_by_key(|(path, _)| *path);
    let focus = Focus::new(focus, files.iter().map(|(path, _)| *path));
    let outlines = parallel::each(&files, |(path, content)| outline::outline(path, content));
    let files = files.iter().zip(outlines);
    let files: Vec<File<'_>> = files
        .map(|((path, _), outline)| File { path, outline })
        .collect();
    let ranks = rank::rank(&files, &focus);
    let few = files.len() <= FEW;
    let budget = if few { budget.min(FEW_TOKENS) } else { budget };
    show::within(
        &files,
        |names_fit| order(&files, &focus, &ranks, few || names_fit, few),
        budget,
    )
}

/// What is to be shown, the most important first: names of targets, the names of all
/// files if they fit, definitions, and then what other names there is room for.
fn order(
    files: &[File<'_>],
    focus: &Focus<'_>,
    ranks: &rank::Ranks,
    names_first: bool,
    few: bool,
) -> Vec<Shown> {
    let mut by_rank: Vec<usize> = (0..files.len()).collect();
    by_rank.sort_by(|a, b| ranks.files[*b].total_cmp(&ranks.files[*a]).then(a.cmp(b)));
    let targets = by_rank
        .iter()
        .filter(|at| focus.is_target(files[**at].path));
    let mut shown: Vec<Shown> = targets.map(|at| Shown::Name(*at)).collect();
    let names = by_rank.iter().map(|at| Shown::Name(*at));
    if names_first {
        shown.extend(names.clone());
    }
    let is_target = |(file, _): &&(usize, usize)| focus.is_target(files[*file].path);
    let (own, others): (Vec<_>, Vec<_>) = ranks.definitions.iter().partition(is_target);
    let others = if few { Vec::new() } else { others };
    // Of targets first, but not only: a folder may be a target.
    let turns = (0..own.len().max(others.len())).flat_map(|turn| {
        let own = own.get(turn * 2..).unwrap_or_default().iter().take(2);
        own.chain(others.get(turn))
    });
    shown.extend(turns.map(|(file, at)| Shown::Definition(*file, *at)));
    if !names_first {
        shown.extend(names);
    }
    shown
}
