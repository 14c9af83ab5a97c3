//! Measures the tracer, for people who work on it.
//!
//! `cargo run -p stead-app --example score -- NAME` plays the scenarios whose family
//! or name contains NAME (all of them without one), each with every agent that can,
//! and lists every miss; `-- --seeds 5` plays five random histories instead, and
//! `-- --committing 5` five in which Aider commits by itself; `3..5` plays two.

#[expect(
    clippy::unwrap_used,
    reason = "a tool for those who work on the tracer, as its tests"
)]
#[path = "../tests/trace/tracer.rs"]
mod tracer;

use stead_testkit::play::{Miss, Report, random, scenarios};

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut report = Report::default();
    match arguments.as_slice() {
        [option, seeds] if option == "--seeds" || option == "--committing" => {
            let play = if option == "--seeds" {
                random::play
            } else {
                random::play_with_aider_commits
            };
            let (from, to) = seeds.split_once("..").unwrap_or(("0", seeds));
            for seed in from.parse().unwrap_or(0)..to.parse().unwrap_or(1) {
                let (tally, misses) = tracer::played_score(&play(seed, 200));
                report.add("random", tally);
                say(&format!("seed {seed}"), &misses);
            }
        }
        names => {
            let wanted = names.first().map_or("", String::as_str);
            let of = |name: &str| name.contains(wanted);
            for story in scenarios::all() {
                if !of(story.family) && !of(story.name) {
                    continue;
                }
                for cast in story.casts() {
                    let (tally, misses) = tracer::played_score(&story.play(&cast));
                    report.add(story.family, tally);
                    say(
                        &format!("{} {} {cast:?}", story.family, story.name),
                        &misses,
                    );
                }
            }
        }
    }
    show(&report.to_string());
}

fn say(name: &str, misses: &[Miss]) {
    if !misses.is_empty() {
        show(&format!("== {name}"));
    }
    for miss in misses {
        let mark = if miss.wrong { "WRONG" } else { "less" };
        show(&format!(
            "  {mark} {}:{} {:?}",
            miss.path, miss.line, miss.text
        ));
        show(&format!("    said {:?}, is {:?}", miss.said, miss.best));
    }
}

#[expect(clippy::print_stdout, reason = "a tool that prints a table")]
fn show(text: &str) {
    println!("{text}");
}
