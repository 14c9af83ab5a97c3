//! Plays every scenario, and random histories, and counts how right the tracer is.
//! The truth is the player's; `docs/design/trace-scores.md` has the tables.

use stead_testkit::play::{Report, Tally, random, scenarios};

use super::tracer::played_score;

/// Every scenario, each with another agent.
#[test]
fn scenarios_are_traced_rightly() {
    let mut report = Report::default();
    for (number, story) in scenarios::all().into_iter().enumerate() {
        let (tally, _) = played_score(&story.play(&story.cast(number)));
        report.add(story.family, tally);
    }
    judge_total(&report);
}

#[test]
fn random_histories_are_traced_rightly() {
    let mut report = Report::default();
    for seed in 0..4 {
        let (tally, _) = played_score(&random::play(seed, 200));
        report.add("random", tally);
    }
    judge_total(&report);
}

/// Aider commits by itself, as it does unless it is told not to.
#[test]
fn histories_in_which_an_agent_commits_are_traced_rightly() {
    let mut report = Report::default();
    for seed in 0..4 {
        let (tally, _) = played_score(&random::play_with_aider_commits(seed, 200));
        report.add("random", tally);
    }
    judge_total(&report);
}

/// What is promised; `docs/specs/provenance.md` says why less is of people's lines.
fn judge_total(report: &Report) {
    let total: Tally = report.total();
    println!("{report}");
    assert_eq!(
        total.foreign, 0,
        "a line went to another repository's session"
    );
    assert!(total.agent_recall.rate() >= 0.98, "{total:?}");
    assert!(total.agent_precision.rate() >= 0.995, "{total:?}");
}
