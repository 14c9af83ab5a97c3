//! What turns took, and what probes found, as Markdown.

use std::fmt;

use crate::bench::process::Figures;

/// A turn of stead takes at most so many milliseconds and megabytes, and its first request
/// has at most so many bytes.
const MILLIS: f64 = 200.0;
const MEGABYTES: f64 = 60.0;
const BYTES: usize = 6 * 1024;

/// All rows.
#[derive(Default)]
pub(super) struct Table {
    turns: Vec<Turn>,
    probes: Vec<(&'static str, &'static str, bool)>,
    skipped: Vec<&'static str>,
}

struct Turn {
    item: &'static str,
    agent: &'static str,
    figures: Figures,
    first: usize,
}

impl Table {
    pub(super) fn turn(
        &mut self,
        item: &'static str,
        agent: &'static str,
        figures: Figures,
        first: usize,
    ) {
        self.turns.push(Turn {
            item,
            agent,
            figures,
            first,
        });
    }

    pub(super) fn probe(&mut self, probe: &'static str, agent: &'static str, reached: bool) {
        self.probes.push((probe, agent, reached));
    }

    pub(super) fn skipped(&mut self, agent: &'static str) {
        self.skipped.push(agent);
    }

    /// A turn with its ratios to stead's in the same run.
    fn row(&self, turn: &Turn, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = self.turns.iter();
        let stead = all.find(|other| other.agent == "stead" && other.item == turn.item);
        let (wall, cpu, memory) = values(turn);
        let against = stead.filter(|_| turn.agent != "stead").map(|stead| {
            let (own_wall, own_cpu, own_memory) = values(stead);
            let (wall, cpu, memory) = (wall / own_wall, cpu / own_cpu, memory / own_memory);
            let first = turn.first as f64 / stead.first.max(1) as f64;
            format!("{wall:.1} × time, {cpu:.1} × CPU, {memory:.1} × memory, {first:.1} × request")
        });
        let against = against.unwrap_or_else(|| {
            let met = wall <= MILLIS && memory <= MEGABYTES && turn.first <= BYTES;
            let word = if met { "met" } else { "MISSED" };
            format!("≤ {MILLIS} ms, {MEGABYTES} MB, {BYTES} bytes: {word}")
        });
        let (item, agent, runs) = (turn.item, turn.agent, turn.figures.walls.len());
        let first = turn.first;
        writeln!(
            out,
            "| {item} | {agent} | {runs} | {wall:.0} | {cpu:.0} | {memory:.0} | {first} | {against} |"
        )
    }
}

/// Milliseconds, milliseconds of CPU and megabytes.
fn values(turn: &Turn) -> (f64, f64, f64) {
    let Figures { cpu, memory, .. } = &turn.figures;
    let wall = turn.figures.median().as_secs_f64() * 1e3;
    (wall, cpu.as_secs_f64() * 1e3, *memory as f64 / 1e6)
}

impl fmt::Display for Table {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for agent in &self.skipped {
            writeln!(out, "- {agent} is not installed")?;
        }
        writeln!(
            out,
            "\n| a headless turn | agent | runs | median ms | CPU ms | peak RSS MB | first request, bytes | against it |\n\
             | --- | --- | ---: | ---: | ---: | ---: | ---: | --- |"
        )?;
        let mut turns: Vec<&Turn> = self.turns.iter().collect();
        turns.sort_by_key(|turn| self.turns.iter().position(|other| other.item == turn.item));
        turns.into_iter().try_for_each(|turn| self.row(turn, out))?;
        writeln!(
            out,
            "\n| a command of the agent | agent | |\n| --- | --- | --- |"
        )?;
        let mut probes = self.probes.clone();
        probes.sort_by_key(|(probe, ..)| self.probes.iter().position(|(other, ..)| other == probe));
        probes.into_iter().try_for_each(|(probe, agent, reached)| {
            let word = if reached { "YES" } else { "no" };
            writeln!(out, "| {probe} | {agent} | {word} |")
        })
    }
}
