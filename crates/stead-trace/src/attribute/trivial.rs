//! Lines that say nothing by themselves follow their block.

use super::Open;
use crate::text::Texts;

/// Gives blank lines and lone signs the answer of the lines around them.
pub(super) fn follow(open: &mut Open<'_>, texts: &Texts) {
    let lines: Vec<usize> = open.version.brought.clone();
    for line in lines {
        let trivial = texts.is_trivial(open.version.lines[line]);
        if trivial && !open.found.contains_key(&line) {
            let block = neighbour(open, line, texts);
            let block = block.and_then(|block| open.found.get(&block).cloned());
            if let Some(mut finding) = block {
                finding.confidence *= 0.9;
                finding
                    .evidence
                    .push("it says nothing by itself and follows its block".to_owned());
                open.found.insert(line, finding);
            }
        }
    }
}

/// The telling line that it belongs to: the nearest above in the same block of
/// brought lines, else the nearest below.
fn neighbour(open: &Open<'_>, line: usize, texts: &Texts) -> Option<usize> {
    let telling = |at: &usize| !texts.is_trivial(open.version.lines[*at]);
    let above = (0..line)
        .rev()
        .take_while(|at| open.brought[*at])
        .find(telling);
    let below = (line + 1..open.brought.len())
        .take_while(|at| open.brought[*at])
        .find(telling);
    above.or(below)
}
