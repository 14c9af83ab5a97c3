//! What was measured, as a table and as JSON.

use std::fmt;
use std::time::Duration;

use serde_json::{Value, json};

use super::process::Figures;
use super::truth::Truth;

/// All items.
#[derive(Debug)]
pub(super) struct Table {
    /// Of all stores.
    megabytes: f64,
    sessions: usize,
    rows: Vec<Row>,
    /// What was asked and whether the answer was right.
    checks: Vec<(String, bool)>,
}

/// What is to be reached.
#[derive(Clone, Copy, Debug)]
pub(super) enum Target {
    None,
    /// Milliseconds with 1,600 sessions; up to three times that with 10,000.
    Millis(f64),
    /// The same, whatever the size of the home.
    AnySize(f64),
    /// Megabytes of the stores in a second.
    Rate(f64),
}

/// One program doing one thing.
#[derive(Debug)]
struct Row {
    item: String,
    program: String,
    outcome: Result<Figures, String>,
    /// Megabytes that it had to read.
    reads: Option<f64>,
    target: Target,
    note: &'static str,
}

/// The name of our own rows.
pub(super) const STEAD: &str = "stead";

impl Table {
    pub(super) fn new(truth: &Truth) -> Self {
        Self {
            megabytes: truth.megabytes(),
            sessions: truth.sessions.len(),
            rows: Vec::new(),
            checks: Vec::new(),
        }
    }

    /// A measurement of stead.
    pub(super) fn add(&mut self, item: &str, figures: Figures, target: Target) {
        self.rows.push(Row {
            item: item.to_owned(),
            program: STEAD.to_owned(),
            outcome: Ok(figures),
            reads: matches!(target, Target::Rate(_)).then_some(self.megabytes),
            target,
            note: "",
        });
    }

    /// A measurement of a peer, or why there is none. It `reads` everything
    /// or not.
    pub(super) fn peer(
        &mut self,
        item: &str,
        program: &str,
        outcome: Result<Figures, String>,
        reads: bool,
        note: &'static str,
    ) {
        self.rows.push(Row {
            item: item.to_owned(),
            program: program.to_owned(),
            outcome,
            reads: reads.then_some(self.megabytes),
            target: Target::None,
            note,
        });
    }

    /// An answer of stead that was right or not.
    pub(super) fn check(&mut self, what: impl Into<String>, right: bool) {
        self.checks.push((what.into(), right));
    }

    /// Puts what several programs did one below the other.
    pub(super) fn group(&mut self) {
        let mut items: Vec<String> = self.rows.iter().map(|row| row.item.clone()).collect();
        let mut seen = std::collections::BTreeSet::new();
        items.retain(|item| seen.insert(item.clone()));
        let place = |row: &Row| items.iter().position(|item| *item == row.item);
        self.rows.sort_by_key(place);
    }

    /// How many answers were wrong.
    pub(super) fn wrong(&self) -> usize {
        self.checks.iter().filter(|(_, right)| !right).count()
    }

    /// What the time is measured against: the target, or our own time.
    fn target(&self, row: &Row) -> Option<Duration> {
        let seconds = match row.target {
            Target::None => return None,
            Target::Millis(most) => {
                let beyond = (self.sessions as f64 - 1_600.0) / 8_400.0;
                most / 1e3 * (1.0 + 2.0 * beyond.clamp(0.0, 1.0))
            }
            Target::AnySize(most) => most / 1e3,
            Target::Rate(least) => self.megabytes / least,
        };
        Some(Duration::from_secs_f64(seconds))
    }

    /// How much longer a peer takes than stead.
    fn of_stead(&self, row: &Row) -> Option<f64> {
        let ours = |other: &&Row| other.program == STEAD && other.item == row.item;
        let ours = self.rows.iter().find(ours)?;
        match (&row.outcome, &ours.outcome) {
            (Ok(theirs), Ok(ours)) if row.program != STEAD => {
                Some(theirs.median().as_secs_f64() / ours.median().as_secs_f64())
            }
            _ => None,
        }
    }

    /// The table for programs.
    pub(super) fn json(&self) -> Value {
        let rows: Vec<Value> = self.rows.iter().map(|row| self.row_json(row)).collect();
        let checks: Vec<Value> = self
            .checks
            .iter()
            .map(|(what, right)| json!({ "check": what, "right": right }))
            .collect();
        json!({ "megabytes": self.megabytes, "sessions": self.sessions, "items": rows, "checks": checks })
    }

    fn row_json(&self, row: &Row) -> Value {
        let figures = match &row.outcome {
            Ok(figures) => figures,
            Err(why) => {
                return json!({ "item": row.item, "program": row.program, "skipped": why });
            }
        };
        let walls: Vec<f64> = figures.walls.iter().copied().map(millis).collect();
        let median = figures.median();
        json!({
            "item": row.item, "program": row.program, "median_ms": millis(median), "runs_ms": walls,
            "cpu_ms": millis(figures.cpu), "peak_rss_mb": figures.memory as f64 / 1e6,
            "mb_per_s": row.reads.map(|mb| mb / median.as_secs_f64()),
            "target_ms": self.target(row).map(millis), "of_stead": self.of_stead(row), "note": row.note,
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (size, sessions) = (self.megabytes, self.sessions);
        writeln!(out, "{size:.0} MB, {sessions} sessions\n")?;
        writeln!(
            out,
            "| item | program | median ms | min–max | runs | CPU ms | peak RSS MB | MB/s | target | against it |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
        )?;
        for row in &self.rows {
            self.row(row, out)?;
        }
        writeln!(out)?;
        for (what, right) in &self.checks {
            let mark = if *right { "right" } else { "WRONG" };
            writeln!(out, "- {mark}: {what}")?;
        }
        Ok(())
    }
}

impl Table {
    fn row(&self, row: &Row, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Row { item, program, .. } = row;
        let figures = match &row.outcome {
            Ok(figures) => figures,
            Err(why) => return writeln!(out, "| {item} | {program} | {why} | | | | | | | |"),
        };
        let median = figures.median();
        let least = figures.walls.first().copied().unwrap_or_default();
        let most = figures.walls.last().copied().unwrap_or_default();
        let rate = row
            .reads
            .map(|mb| format!("{:.0}", mb / median.as_secs_f64()));
        let target = self.target(row);
        let wanted = match row.target {
            Target::Rate(least) => format!("≥ {least:.0} MB/s"),
            _ => target.map_or_else(String::new, |most| format!("≤ {}", short(most))),
        };
        let against = match (target, self.of_stead(row)) {
            (Some(target), _) if median <= target => format!("met, {}", times(median, target)),
            (Some(target), _) => format!("MISSED, {}", times(median, target)),
            (None, Some(ratio)) => format!("{ratio:.2} × stead"),
            (None, None) => String::new(),
        };
        let against = match (row.note, against.is_empty()) {
            ("", _) => against,
            (note, true) => note.to_owned(),
            (note, false) => format!("{against}, {note}"),
        };
        writeln!(
            out,
            "| {item} | {program} | {} | {}–{} | {} | {} | {:.0} | {} | {wanted} | {against} |",
            short(median),
            short(least),
            short(most),
            figures.walls.len(),
            short(figures.cpu),
            figures.memory as f64 / 1e6,
            rate.unwrap_or_default(),
        )
    }
}

/// A time against its target.
fn times(median: Duration, target: Duration) -> String {
    format!("{:.2} ×", median.as_secs_f64() / target.as_secs_f64())
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// Milliseconds, with a digit after the point where that says something.
fn short(time: Duration) -> String {
    let millis = millis(time);
    if millis < 100.0 {
        format!("{millis:.1}")
    } else {
        format!("{millis:.0}")
    }
}
