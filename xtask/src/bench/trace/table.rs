//! What tracing took, and what against `git blame`.

use std::fmt;
use std::time::Duration;

use crate::bench::process::Figures;

/// What a time is held against.
#[derive(Debug, Clone, Copy)]
pub(super) enum Against {
    /// It is what others are held against.
    Nothing,
    /// The last `git blame -w -M -C`, at most so many times of it.
    Git(Option<f64>),
    /// At most so many seconds.
    Seconds(Option<f64>),
}

/// All items, as Markdown.
#[derive(Debug, Default)]
pub(super) struct Table {
    said: Vec<String>,
    rows: Vec<(String, Figures, Against)>,
}

impl Table {
    /// A line above the table.
    pub(super) fn say(&mut self, words: String) {
        self.said.push(words);
    }

    /// A row; the last one held against nothing is what `Against::Git` means.
    pub(super) fn add(&mut self, item: &str, figures: Figures, against: Against) {
        self.rows.push((item.to_owned(), figures, against));
    }

    fn row(
        &self,
        (item, figures, against): &(String, Figures, Against),
        out: &mut fmt::Formatter<'_>,
    ) -> fmt::Result {
        let mut yardsticks = self.rows.iter().rev();
        let git = yardsticks.find(|(_, _, against)| matches!(against, Against::Nothing));
        let wall = figures.median();
        let (ratios, target) = match (against, git) {
            (Against::Git(most), Some((_, git, _))) => {
                let walls = ratio(wall, git.median());
                let ratios = format!("{walls:.2} | {:.2}", ratio(figures.cpu, git.cpu));
                let target = most.map(|most| (format!("≤ {most} ×"), walls <= most));
                (ratios, target)
            }
            (Against::Seconds(most), _) => {
                let target = |most| (format!("≤ {most} s"), wall.as_secs_f64() <= most);
                (" | ".to_owned(), most.map(target))
            }
            _ => (" | ".to_owned(), None),
        };
        let target = target.map_or_else(String::new, |(words, met)| {
            format!("{words}, {}", if met { "met" } else { "MISSED" })
        });
        let (wall, cpu) = (millis(wall), millis(figures.cpu));
        let (runs, memory) = (figures.walls.len(), figures.memory as f64 / 1e6);
        writeln!(
            out,
            "| {item} | {runs} | {wall:.0} | {cpu:.0} | {memory:.0} | {ratios} | {target} |"
        )
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for words in &self.said {
            writeln!(out, "- {words}")?;
        }
        writeln!(
            out,
            "\n| item | runs | median ms | CPU ms | peak RSS MB | × `git blame -w -M -C` | its CPU | target |\n\
             | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- |"
        )?;
        self.rows.iter().try_for_each(|row| self.row(row, out))
    }
}

fn ratio(time: Duration, of: Duration) -> f64 {
    time.as_secs_f64() / of.as_secs_f64().max(1e-6)
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
