//! Plays every scenario and counts how right the tracer is. The truth is the
//! player's; `docs/design/trace-scores.md` has the table.
//!
//! `STEAD_SCORE=NAME cargo test -p stead-app --test score -- --nocapture` plays the
//! scenarios whose family or name contains NAME (`all`: every one) with every agent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_adapters::{Env, Os};
use stead_app::{App, Settings};
use stead_testkit::play::{
    Answer, Asked, Miss, Origin, Played, Report, State, Tally, judge, random, scenarios,
};
use stead_trace::Tracer;

/// A machine that has what the story left.
fn app(played: &Played, folder: &Path, data: &Path) -> App {
    let mut env = Env::empty(Os::Linux);
    env.home = Some(played.home.clone());
    let settings = Settings {
        env,
        current: Some(folder.to_owned()),
        data_dir: data.to_owned(),
        archive: false,
        now: Timestamp::now(),
        time_zone: TimeZone::UTC,
        threads: 1,
    };
    let mut app = App::open(settings).unwrap();
    app.sync(&|_| {}).unwrap();
    app
}

fn answer(line: &stead_trace::TracedLine, tracer: &Tracer) -> Answer {
    let evidence = tracer.evidence();
    let session = line.finding.step().map(|step| {
        let step = &evidence.steps[step as usize];
        evidence.sessions[step.session as usize].id.clone()
    });
    let origin = match line.finding.origin {
        stead_trace::Origin::Agent { .. } | stead_trace::Origin::Marked { .. } => Origin::Agent,
        stead_trace::Origin::Human => Origin::Human,
        stead_trace::Origin::Mixed { .. } => Origin::Mixed,
        stead_trace::Origin::Unknown => Origin::Unknown,
    };
    Answer { origin, session }
}

/// The tally of one story, and what went wrong.
fn played_score(played: &Played) -> (Tally, Vec<Miss>) {
    let data = tempfile::tempdir().unwrap();
    let mut apps: BTreeMap<PathBuf, App> = BTreeMap::new();
    judge(played, |asked: &Asked| {
        let new = || app(played, &asked.folder, data.path());
        let app = apps.entry(asked.folder.clone()).or_insert_with(new);
        let mut tracer = app.tracer(&asked.folder, &|_| {}).unwrap();
        let revision = (asked.state == State::Head).then_some("HEAD");
        if std::env::var_os("STEAD_DEBUG").is_some() {
            for step in &tracer.evidence().steps {
                let session = &tracer.evidence().sessions[step.session as usize].id;
                println!(
                    "{session} {:?} {} {:?} {}",
                    step.at_ms, step.path, step.action, step.confirmed
                );
            }
            println!("{} {:?}", asked.path, tracer.evidence().sessions);
        }
        let lines = tracer.file(&asked.path, revision);
        let lines = lines.unwrap_or_else(|error| panic!("{}: {error}", asked.path));
        if std::env::var_os("STEAD_DEBUG").is_some() {
            lines.iter().for_each(|line| println!("{line:?}"));
        }
        lines.iter().map(|line| answer(line, &tracer)).collect()
    })
}

#[test]
fn scenarios_are_traced_rightly() {
    let wanted = std::env::var("STEAD_SCORE").unwrap_or_default();
    let mut report = Report::default();
    let stories = scenarios::all().into_iter().enumerate();
    for (number, story) in stories {
        let named = story.family.contains(&wanted) || story.name.contains(&wanted);
        if !named && wanted != "all" {
            continue;
        }
        let casts = if wanted.is_empty() {
            vec![story.cast(number)]
        } else {
            story.casts()
        };
        for cast in casts {
            let (tally, misses) = played_score(&story.play(&cast));
            report.add(story.family, tally);
            if !misses.is_empty() {
                println!("== {} {} {cast:?}", story.family, story.name);
                misses.iter().for_each(show);
            }
        }
    }
    println!("{report}");
    let total = report.total();
    assert_eq!(total.foreign, 0);
}

/// `STEAD_SEEDS=5 cargo test …` plays more.
#[test]
fn random_histories_are_traced_rightly() {
    let seeds = std::env::var("STEAD_SEEDS").ok();
    let seeds = seeds.and_then(|seeds| seeds.parse().ok()).unwrap_or(1);
    let mut report = Report::default();
    for seed in 0..seeds {
        let (tally, misses) = played_score(&random::play(seed, 200));
        report.add("random", tally);
        println!("== seed {seed}");
        misses.iter().for_each(show);
    }
    println!("{report}");
    assert_eq!(report.total().foreign, 0);
}

fn show(miss: &Miss) {
    let mark = if miss.wrong { "WRONG" } else { "less " };
    println!(
        "  {mark} {}:{} {:?}\n      said {:?} {:?}, is {:?} {:?}",
        miss.path,
        miss.line,
        miss.text,
        miss.said.origin,
        miss.said.session,
        miss.best.0,
        miss.best.1
    );
}
