//! Ranks of files and definitions: a file gives its rank on to those that it refers to,
//! as pages do to pages that they link to (PageRank), and gets some for what the task
//! speaks of.

use rustc_hash::FxHashMap;

use super::File;
use super::focus::Focus;
use super::language::Kind;

/// The share of its rank that a file gives on.
const GIVEN_ON: f64 = 0.85;

/// After so many rounds, ranks hardly change.
const ROUNDS: usize = 20;

/// What a file's own definitions get of its rank if nobody refers to them.
const OWN: f64 = 0.1;

/// What a reference to a method counts, beside one to a function or type.
const METHOD: f64 = 0.2;

/// Ranks of everything.
pub(super) struct Ranks {
    /// By file; all together are 1.
    pub(super) files: Vec<f64>,
    /// Files and definitions in them, those that rank highest first.
    pub(super) definitions: Vec<(usize, usize)>,
}

/// A file refers to what another one defines.
struct Reference {
    from: usize,
    /// A file and a definition in it.
    to: (usize, usize),
    /// The share of what `from` gives on.
    weight: f64,
}

/// Ranks files and what they define.
pub(super) fn rank(files: &[File<'_>], focus: &Focus<'_>) -> Ranks {
    let references = references(files, focus);
    let liked = liked(files, focus);
    let mut ranks = liked.clone();
    for _ in 0..ROUNDS {
        let mut next: Vec<f64> = liked.iter().map(|liked| liked * (1.0 - GIVEN_ON)).collect();
        let mut kept = vec![true; files.len()];
        for reference in &references {
            next[reference.to.0] += ranks[reference.from] * reference.weight * GIVEN_ON;
            kept[reference.from] = false;
        }
        // Who refers to nobody gives to all, as they are liked.
        let lost = ranks.iter().zip(&kept).filter(|(_, kept)| **kept);
        let lost: f64 = lost.map(|(rank, _)| rank).sum();
        for (next, liked) in next.iter_mut().zip(&liked) {
            *next += liked * lost * GIVEN_ON;
        }
        ranks = next;
    }
    let definitions = definitions(files, focus, &references, &ranks);
    Ranks {
        files: ranks,
        definitions,
    }
}

/// How much each file is liked before anybody refers to it; 1 in all.
fn liked(files: &[File<'_>], focus: &Focus<'_>) -> Vec<f64> {
    let liked = files.iter().map(|file| {
        let definitions = file.outline.definitions.iter();
        let weights = definitions.map(|definition| focus.weight(definition.name));
        let defines = weights.fold(0.0, f64::max);
        let target = if focus.is_target(file.path) {
            100.0
        } else {
            0.0
        };
        let named = if focus.names_file(file.path) {
            10.0
        } else {
            0.0
        };
        1.0 + target + named + defines
    });
    let liked: Vec<f64> = liked.collect();
    let sum: f64 = liked.iter().sum();
    liked.into_iter().map(|liked| liked / sum).collect()
}

/// Who refers to what, in the order of files and names.
fn references(files: &[File<'_>], focus: &Focus<'_>) -> Vec<Reference> {
    let mut defined: FxHashMap<&str, Vec<(usize, usize)>> = FxHashMap::default();
    for (at, file) in files.iter().enumerate() {
        for (index, definition) in file.outline.definitions.iter().enumerate() {
            if definition.kind != Kind::Scope && !definition.is_hidden {
                defined
                    .entry(definition.name)
                    .or_default()
                    .push((at, index));
            }
        }
    }
    let mut references = Vec::new();
    for (from, file) in files.iter().enumerate() {
        let first = references.len();
        for (name, count) in &file.outline.names {
            let Some(places) = defined.get(name) else {
                continue;
            };
            // What a file defines itself, it does not look for elsewhere.
            if places.iter().any(|(file, _)| *file == from) {
                continue;
            }
            // A name that many define tells little of each.
            let share = 1.0 / (places.len() * places.len()) as f64;
            let weight = f64::from(*count).sqrt() * telling(name) * focus.weight(name) * share;
            for to in places {
                let definition = &files[to.0].outline.definitions[to.1];
                // Methods are called by names that other types have too.
                let is_method = definition.kind == Kind::Function && definition.within.is_some();
                let weight = if is_method { weight * METHOD } else { weight };
                let to = *to;
                references.push(Reference { from, to, weight });
            }
        }
        let own = &mut references[first..];
        let sum: f64 = own.iter().map(|reference| reference.weight).sum();
        for reference in own {
            reference.weight /= sum;
        }
    }
    references
}

/// How likely a name means the same wherever it stands.
fn telling(name: &str) -> f64 {
    match name.len() {
        0..=2 => 0.05,
        3..=4 => 0.5,
        5..=7 => 1.0,
        _ => 2.0,
    }
}

fn definitions(
    files: &[File<'_>],
    focus: &Focus<'_>,
    references: &[Reference],
    ranks: &[f64],
) -> Vec<(usize, usize)> {
    let mut gained: FxHashMap<(usize, usize), f64> = FxHashMap::default();
    let mut of_file = vec![0.0; files.len()];
    for reference in references {
        let rank = ranks[reference.from] * reference.weight;
        *gained.entry(reference.to).or_default() += rank;
        of_file[reference.to.0] += rank;
    }
    let mut all: Vec<((usize, usize), f64)> = Vec::new();
    for (at, file) in files.iter().enumerate() {
        let defined = &file.outline.definitions;
        let share = ranks[at] * OWN / defined.len().max(1) as f64;
        for (index, definition) in defined.iter().enumerate() {
            if definition.kind == Kind::Scope {
                continue;
            }
            // Tests beside what they test are found there.
            let within = definition.within.and_then(|within| defined.get(within));
            let is_test = within.is_some_and(|within| within.name == "tests")
                || definition.name.starts_with("test_");
            let own = if is_test { share / 10.0 } else { share } * focus.weight(definition.name);
            let gained: f64 = gained.get(&(at, index)).copied().unwrap_or(0.0);
            // Several of one file say more than one of each of several.
            all.push(((at, index), own + (gained * of_file[at]).sqrt()));
        }
    }
    all.sort_by(|(a, rank), (b, other)| other.total_cmp(rank).then(a.cmp(b)));
    all.into_iter().map(|(place, _)| place).collect()
}
