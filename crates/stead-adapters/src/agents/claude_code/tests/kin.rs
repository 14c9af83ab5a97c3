//! Titles, subagents, branches and places.

use fs_err as fs;
use stead_usf::LinkKind;

use super::super::ClaudeCode;
use super::made::{Home, ID, OTHER, answers, calls, one, says, user};
use crate::{Adapter, Env, conformance};

#[test]
fn a_title_counts_only_for_the_session_of_its_leaf() {
    let title = |leaf: &str, text: &str| {
        format!("{{\"type\":\"summary\",\"summary\":\"{text}\",\"leafUuid\":\"{leaf}\"}}\n")
    };
    let session = one(&[
        title("gone", "Other"),
        user(1, None, "hi"),
        title("r1", "Mine"),
    ]);
    assert_eq!(session.title.as_deref(), Some("Mine"));
}

#[test]
fn old_subagents_in_parallel_are_sessions_of_their_own() {
    let aside = |line: String| line.replace("\"isSidechain\":false", "\"isSidechain\":true");
    let task = |number, prompt: &str| {
        let input = format!("{{\"prompt\":\"{prompt}\",\"description\":\"Do {prompt}\"}}");
        calls(number, number - 1, "Task", &input)
    };
    let home = Home::new().with(
        &format!("{ID}.jsonl"),
        [
            user(9, None, "both"),
            task(10, "a"),
            task(11, "b"),
            aside(user(30, None, "b")),
            aside(user(40, None, "a")),
            aside(says(50, 30, "b is done")),
            aside(says(60, 40, "a is done")),
            answers(70, 10, 10, "\"a is done\"", ""),
            answers(71, 11, 11, "\"b is done\"", ""),
            says(80, 71, "both done"),
        ]
        .concat(),
    );
    let sessions = home.sessions();
    let links: Vec<_> = sessions[1..]
        .iter()
        .map(|session| {
            let parent = session.parent.as_ref().unwrap();
            assert_eq!((parent.id.native(), parent.kind), (ID, LinkKind::Subagent));
            let words = session.events[1].text.as_deref().unwrap();
            (
                session.native_id.as_str(),
                parent.call_id.as_deref().unwrap(),
                words,
            )
        })
        .collect();
    let (first, second) = (format!("{ID}/r30"), format!("{ID}/r40"));
    assert_eq!(
        links,
        [
            (first.as_str(), "t11", "b is done"),
            (second.as_str(), "t10", "a is done")
        ]
    );
    assert_eq!(sessions[0].events.len(), 6);
    conformance::check(&ClaudeCode, home.0.path());
}

#[test]
fn a_branch_names_its_parent_in_every_copy() {
    let original = [user(1, None, "hi"), says(10, 1, "yes")];
    let copies: String = original
        .iter()
        .map(|line| {
            line.replace(ID, OTHER).replacen(
                '{',
                &format!("{{\"forkedFrom\":{{\"sessionId\":\"{ID}\",\"messageUuid\":\"r1\"}},"),
                1,
            )
        })
        .collect();
    let own = [user(20, Some(10), "go on"), says(30, 20, "done")]
        .concat()
        .replace(ID, OTHER);
    let home = Home::new()
        .with(&format!("{ID}.jsonl"), original.concat())
        .with(&format!("{OTHER}.jsonl"), copies + &own);
    let sessions = conformance::sessions(&ClaudeCode, home.0.path());
    let branch = &sessions[OTHER];
    let parent = branch.parent.as_ref().unwrap();
    assert_eq!((parent.id.native(), parent.kind), (ID, LinkKind::Fork));
    let inherited: Vec<_> = branch.events.iter().map(|event| event.inherited).collect();
    assert_eq!(inherited, [true, true, false, false]);
    assert_eq!(
        branch.usage.output,
        Some(5),
        "the copied reply counts in the original"
    );
    conformance::check(&ClaudeCode, home.0.path());
}

#[test]
fn subagents_of_subagents_hang_below_them() {
    let aside = |line: String| line.replace("\"isSidechain\":false", "\"isSidechain\":true");
    let outer = [
        user(1, None, "count"),
        calls(10, 1, "Agent", "{\"prompt\":\"deep\"}"),
    ];
    let folder = format!("{ID}/subagents");
    let home = Home::new()
        .with(
            &format!("{folder}/agent-a1.jsonl"),
            outer.map(aside).concat(),
        )
        .with(
            &format!("{folder}/workflows/w1/agent-b2.jsonl"),
            aside(user(2, None, "deep")),
        )
        .with(
            &format!("{folder}/workflows/w1/agent-b2.meta.json"),
            "{\"toolUseId\":\"t10\",\"spawnDepth\":2,\"description\":\"Go deep\"}",
        );
    let sessions = conformance::sessions(&ClaudeCode, home.0.path());
    let parent = |id: &str| sessions[id].parent.clone().unwrap();
    assert_eq!(parent("agent-a1").id.native(), ID);
    assert_eq!(parent("agent-b2").id.native(), "agent-a1");
    assert_eq!(parent("agent-b2").call_id.as_deref(), Some("t10"));
    assert_eq!(sessions["agent-b2"].title.as_deref(), Some("Go deep"));
}

#[test]
fn stores_are_found_in_all_their_places_and_once() {
    let home = Home::new().with(&format!("{ID}.jsonl"), user(1, None, "hi"));
    let root = home.0.path();
    let count = |env: &Env| {
        let mut count = 0;
        ClaudeCode
            .discover(env, &crate::Disk::default(), &mut |_| count += 1)
            .unwrap();
        count
    };
    let nowhere = || Env::at_home(root.join("nobody"));
    assert_eq!(count(&Env::at_home(root)), 1);
    assert_eq!(count(&Env::at_home(root).with_root(root)), 1);
    assert_eq!(count(&nowhere().with_root(root.join(".claude"))), 1);
    assert_eq!(
        count(&nowhere().with_root(root.join(".claude/projects"))),
        1
    );
    let own = root.join(".claude");
    let listed = format!("/missing, {}", own.display());
    assert_eq!(
        count(&nowhere().with_variable("CLAUDE_CONFIG_DIR", listed)),
        1
    );
    assert_eq!(
        count(&Env::at_home(root).with_variable("CLAUDE_CONFIG_DIR", own)),
        1
    );
    #[cfg(unix)]
    {
        let config = root.join(".config");
        fs::create_dir_all(&config).unwrap();
        std::os::unix::fs::symlink(root.join(".claude"), config.join("claude")).unwrap();
        assert_eq!(count(&Env::at_home(root)), 1);
    }
}
