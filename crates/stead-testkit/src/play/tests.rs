//! That stories are what they say, and that the scorer counts rightly.

use std::collections::HashMap;

use super::scenarios::{self, Scenario};
use super::{
    Agent, Answer, Asked, Miss, Origin, Played, Report, Share, State, Story, What, after, alter,
    append, judge, measure_random, random, score,
};

/// Every scenario, each with another cast.
fn each(mut look: impl FnMut(&Scenario, &[Agent], &Played)) {
    for (number, scenario) in scenarios::all().iter().enumerate() {
        let cast = scenario.cast(number);
        look(scenario, &cast, &scenario.play(&cast));
    }
}

/// A tracer that knows the lines of the story's own sessions by their text.
fn by_text(played: &Played, asked: &Asked) -> Vec<Answer> {
    let mut written: HashMap<&str, &str> = HashMap::new();
    for session in played.sessions.iter().filter(|session| !session.deleted) {
        for deed in &session.deeds {
            let texts: Vec<&str> = match &deed.what {
                What::Change(changes) => {
                    changes.iter().filter_map(|c| c.after.as_deref()).collect()
                }
                What::Shell { command, .. } => vec![command],
                _ => Vec::new(),
            };
            let lines = texts.into_iter().flat_map(str::lines);
            for line in lines {
                written.insert(line.trim(), &session.native_id);
            }
        }
    }
    let answer = |text: &str| written.get(text.trim()).map(|id| Answer::agent(id));
    let lines = asked.lines.iter();
    lines
        .map(|line| answer(&line.text).unwrap_or(Answer::UNKNOWN))
        .collect()
}

/// A tracer that knows all.
fn perfect(played: &Played, asked: &Asked) -> Vec<Answer> {
    let answer = |line: &super::TrueLine| Answer {
        origin: line.truth.best.origin,
        session: line
            .truth
            .best
            .session
            .map(|key| played.session(key).native_id.clone()),
    };
    asked.lines.iter().map(answer).collect()
}

#[test]
fn every_scenario_is_as_it_says() {
    let mut names: Vec<&str> = scenarios::all().iter().map(|s| s.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), scenarios::all().len());
    let mut report = Report::default();
    each(|scenario, cast, played| {
        let name = (scenario.name, cast);
        assert!(!played.asked.is_empty(), "{name:?}");
        for asked in played
            .asked
            .iter()
            .filter(|asked| asked.state == State::WorkingTree)
        {
            let bytes = fs_err::read(asked.folder.join(&asked.path)).unwrap();
            let lines = bytes.split(|byte| *byte == b'\n').count();
            let ends = usize::from(bytes.ends_with(b"\n"));
            assert_eq!(asked.lines.len(), lines - ends, "{name:?} {}", asked.path);
        }
        let (tally, misses) = judge(played, |asked| perfect(played, asked));
        assert!(misses.is_empty(), "{name:?} {misses:?}");
        assert!(tally.lines > 0, "{name:?}");
        let unsure = played.asked.iter().flat_map(|asked| &asked.lines);
        let unsure = unsure.filter(|line| !line.truth.counts && line.text.contains('_'));
        assert_eq!(unsure.count(), 0, "{name:?}: the generator lost a line");
        report.add(
            scenario.family,
            score(played, |asked| by_text(played, asked)),
        );
    });
    println!("{report}");
}

#[test]
fn the_same_story_is_told_again() {
    let told = |played: Played| {
        let ids: Vec<String> = played
            .sessions
            .iter()
            .map(|s| s.native_id.clone())
            .collect();
        let head = fs_err::read_to_string(played.repository.join(".git/refs/heads/main")).unwrap();
        (ids, head)
    };
    let scenario = scenarios::all()[8];
    let twice = [(); 2].map(|()| told(scenario.play(&[Agent::Claude])));
    assert_eq!(twice[0], twice[1]);
    let twice = [(); 2].map(|()| told(random::play(7, 60)));
    assert_eq!(twice[0], twice[1]);
}

#[test]
fn answers_are_counted() {
    let mut story = Story::new("answers", &[Agent::Claude]);
    let agent = story.session(0);
    story.human().write("a.rs", 4);
    story.by(agent).edit("a.rs", [append(6), alter(1)]);
    story.human().edit("a.rs", [alter(5), after(6, 2)]);
    story.commit("All");
    let other = story.repository("other");
    story.enter(other);
    let stranger = story.session(0);
    story.by(stranger).write("a.rs", 3);
    let played = story.finish();
    let share = |right, all| Share { right, all };

    let nothing = score(&played, |_| Vec::new());
    assert_eq!(nothing.lines, 15);
    assert_eq!(
        (nothing.agent_recall, nothing.human_recall),
        (share(0, 8), share(0, 5))
    );
    assert_eq!(
        (nothing.mixed_recall, nothing.agent_precision),
        (share(0, 2), share(0, 0))
    );

    let all = score(&played, |asked| perfect(&played, asked));
    assert_eq!(
        (all.agent_recall, all.human_recall),
        (share(8, 8), share(5, 5))
    );
    assert_eq!((all.mixed_recall, all.foreign), (share(2, 2), 0));

    let text = score(&played, |asked| by_text(&played, asked));
    // The agent's new lines but one, and the line of the human that it changed.
    assert_eq!(
        (text.agent_recall, text.agent_precision),
        (share(8, 8), share(9, 12))
    );

    let ids: Vec<&str> = played
        .sessions
        .iter()
        .map(|s| s.native_id.as_str())
        .collect();
    let swapped = score(&played, |asked| {
        vec![Answer::agent(ids[1 - asked.repository]); asked.lines.len()]
    });
    assert_eq!(
        (swapped.foreign, swapped.agent_precision),
        (15, share(0, 15))
    );

    let human = score(&played, |asked| vec![Answer::HUMAN; asked.lines.len()]);
    assert_eq!(
        (human.human_recall, human.human_precision),
        (share(5, 5), share(5, 15))
    );
    assert_eq!(human.unknown_as_human, 0);
    let lone = Answer {
        origin: Origin::Mixed,
        session: None,
    };
    let mixed = score(&played, |asked| vec![lone.clone(); asked.lines.len()]);
    assert_eq!(mixed.mixed_recall, share(2, 2));
}

#[test]
fn the_document_lists_every_scenario() {
    let place = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../docs/design/trace-scenarios.md"
    );
    let document = fs_err::read_to_string(place).unwrap();
    let (_, listed) = document.split_once("\n## The scenarios\n\n").unwrap();
    let table = scenarios::table();
    assert!(listed == table, "the list is not this one:\n{table}");
}

#[test]
fn histories_at_random_keep_their_book() {
    let mut report = Report::default();
    for seed in 0..3 {
        let played = random::play(seed, 100);
        let (tally, misses) = judge(&played, |asked| perfect(&played, asked));
        assert!(misses.is_empty(), "{seed} {misses:?}");
        let lines = played.asked.iter().flat_map(|asked| &asked.lines);
        let lost = lines.filter(|line| !line.truth.counts && line.text.contains("_0"));
        assert_eq!(lost.count(), 0, "{seed}: the generator lost a line");
        assert!(tally.agent_recall.all > 20, "{seed} {tally:?}");
        report.add("random", score(&played, |asked| by_text(&played, asked)));
    }
    let played = random::play_with_aider_commits(2, 100);
    let (_, misses) = judge(&played, |asked| perfect(&played, asked));
    assert!(misses.is_empty(), "{misses:?}");
    println!("{report}");
}

#[test]
fn a_tracer_that_knows_all_has_no_miss() {
    let miss = |name: &str, miss: &Miss| panic!("{name} {miss:?}");
    let report = measure_random(20..22, 30, perfect, miss);
    let total = report.total();
    assert!(total.lines > 20, "{report}");
    assert_eq!(total.agent_recall.right, total.agent_recall.all);
}
