//! Puts a tracer to the test: plays, asks, counts and reports. What the tracer
//! is, it does not know.

use std::ops::Range;

use super::played::{Asked, Played};
use super::random;
use super::report::Report;
use super::scenarios;
use super::score::{Answer, Miss, judge};

/// How many casts play each scenario.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Casts {
    /// One, another for each scenario.
    One,
    /// All that can.
    All,
}

/// Plays every scenario and asks the tracer about all its lines. `miss` is told of
/// each answer that is not right, with the name of the scenario and its cast.
pub fn measure_scenarios(
    casts: Casts,
    mut tracer: impl FnMut(&Played, &Asked) -> Vec<Answer>,
    mut miss: impl FnMut(&str, &Miss),
) -> Report {
    let mut report = Report::default();
    for (number, scenario) in scenarios::all().iter().enumerate() {
        let casts = match casts {
            Casts::One => vec![scenario.cast(number)],
            Casts::All => scenario.casts(),
        };
        for cast in casts {
            let played = scenario.play(&cast);
            let (tally, misses) = judge(&played, |asked| tracer(&played, asked));
            let name = format!("{}/{} {cast:?}", scenario.family, scenario.name);
            for wrong in &misses {
                miss(&name, wrong);
            }
            report.add(scenario.family, tally);
        }
    }
    report
}

/// The same with histories at random: one for each seed, of so many steps.
pub fn measure_random(
    seeds: Range<u64>,
    steps: usize,
    mut tracer: impl FnMut(&Played, &Asked) -> Vec<Answer>,
    mut miss: impl FnMut(&str, &Miss),
) -> Report {
    let mut report = Report::default();
    for seed in seeds {
        let played = random::play(seed, steps);
        let (tally, misses) = judge(&played, |asked| tracer(&played, asked));
        let name = format!("random {seed}");
        for wrong in &misses {
            miss(&name, wrong);
        }
        report.add("random", tally);
    }
    report
}
