//! Tallies by family, as a table for people.

use std::collections::BTreeMap;
use std::fmt;

use super::score::{Share, Tally};

/// Tallies by the family of their scenario.
#[derive(Debug, Default)]
pub struct Report {
    families: BTreeMap<String, (usize, Tally)>,
}

impl Report {
    /// Adds the tally of a scenario.
    pub fn add(&mut self, family: &str, tally: Tally) {
        let row = self.families.entry(family.to_owned()).or_default();
        row.0 += 1;
        row.1 += tally;
    }

    /// The tally of a family.
    pub fn family(&self, family: &str) -> Option<Tally> {
        self.families.get(family).map(|(_, tally)| *tally)
    }

    /// The sum over all families.
    pub fn total(&self) -> Tally {
        let mut total = Tally::default();
        self.families
            .values()
            .for_each(|(_, tally)| total += *tally);
        total
    }
}

/// A Markdown table with a row for each family and one for all.
impl fmt::Display for Report {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(
            "| family | played | lines | agent recall | agent precision | human recall \
             | human precision | mixed recall | other repository's | unknown as human |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n",
        )?;
        for (family, (played, tally)) in &self.families {
            row(out, family, *played, tally)?;
        }
        let played = self.families.values().map(|(played, _)| played).sum();
        row(out, "all", played, &self.total())
    }
}

fn row(out: &mut fmt::Formatter<'_>, name: &str, played: usize, tally: &Tally) -> fmt::Result {
    let shares = [
        tally.agent_recall,
        tally.agent_precision,
        tally.human_recall,
        tally.human_precision,
        tally.mixed_recall,
    ];
    write!(out, "| {name} | {played} | {} |", tally.lines)?;
    for share in shares {
        write!(out, " {} |", percent(share))?;
    }
    writeln!(
        out,
        " {} | {} of {} |",
        tally.foreign, tally.unknown_as_human, tally.unknown
    )
}

/// A rate with three digits, cut and not rounded: 1.000 is without a miss.
fn percent(share: Share) -> String {
    if share.all == 0 {
        return "–".to_owned();
    }
    let thousandths = share.right * 1000 / share.all;
    format!("{}.{:03}", thousandths / 1000, thousandths % 1000)
}
