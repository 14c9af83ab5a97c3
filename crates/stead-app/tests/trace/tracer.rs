//! The tracer as the measure asks it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_adapters::{Env, Os};
use stead_app::{App, Settings};
use stead_testkit::play::{Answer, Asked, Miss, Origin, Played, State, Tally, judge};
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
        now: Timestamp::UNIX_EPOCH,
        time_zone: TimeZone::UTC,
        threads: 1,
        build: None,
    };
    let mut app = App::open(settings).unwrap();
    app.sync(&|_| {}).unwrap();
    app
}

fn answer(line: &stead_trace::TracedLine, tracer: &Tracer) -> Answer {
    let evidence = tracer.evidence();
    let session = match &line.finding.origin {
        stead_trace::Origin::Marked { session, .. } => session.clone(),
        _ => line.finding.step().map(|step| {
            let step = &evidence.steps[step as usize];
            evidence.sessions[step.session as usize].id.clone()
        }),
    };
    let origin = match line.finding.origin {
        stead_trace::Origin::Agent { .. } | stead_trace::Origin::Marked { .. } => Origin::Agent,
        stead_trace::Origin::Human => Origin::Human,
        stead_trace::Origin::Mixed { .. } => Origin::Mixed,
        stead_trace::Origin::Unknown => Origin::Unknown,
    };
    Answer { origin, session }
}

/// The tally of one story, and what went wrong.
pub(crate) fn played_score(played: &Played) -> (Tally, Vec<Miss>) {
    let data = tempfile::tempdir().unwrap();
    let mut apps: BTreeMap<PathBuf, App> = BTreeMap::new();
    judge(played, |asked: &Asked| {
        let new = || app(played, &asked.folder, data.path());
        let app = apps.entry(asked.folder.clone()).or_insert_with(new);
        let mut tracer = app.tracer(&asked.folder, &|_| {}).unwrap();
        let revision = (asked.state == State::Head).then_some("HEAD");
        let lines = tracer.file(&asked.path, revision);
        let lines = lines.unwrap_or_else(|error| panic!("{}: {error}", asked.path));
        lines.iter().map(|line| answer(line, &tracer)).collect()
    })
}
