//! `stead acp` as an editor sees it: the protocol's own client, a repository, a scripted
//! model, and what is on the disk and on record afterwards.

mod editor;
mod sessions;

use agent_client_protocol::v1::schema::StopReason;
use serde_json::{Value, json};
use stead_testkit::model::{Answer, Fault, ScriptedModel, ScriptedTask};

use super::world::World;
use editor::Choice;

const APPLY: Choice = |_| Some("apply");
const KEEP: Choice = |_| Some("keep");

/// A repository whose rules ask before `touch`.
fn asking() -> World {
    let world = World::of(&ScriptedTask::load("shell-project", &[]), &[]);
    let rules = "[[rule]]\ncommand = \"touch *\"\ndecision = \"ask\"\n";
    let folder = world.repo().join(".stead");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("policy.toml"), rules).unwrap();
    world
}

#[test]
fn a_task_is_done_shown_and_applied() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers.clone());
    let (reason, seen) = world.edit(&model, APPLY, async |editor| {
        assert!(editor.can.agent_capabilities.load_session);
        let id = editor.begin(Vec::new()).await?;
        editor.say(&id, &task.task).await
    });
    assert_eq!(reason, StopReason::EndTurn);
    assert_eq!(world.changed(), ["cart.py"]);
    let cart = std::fs::read_to_string(world.repo().join("cart.py")).unwrap();
    assert!(cart.contains("whole * (100 - discount) / 100"), "{cart}");
    world.assert_on_record(&model);
    assert_eq!(
        world
            .events()
            .iter()
            .find(|event| event["type"] == "user")
            .unwrap()["text"],
        task.task.as_str()
    );

    // Calls with their kinds, the words as they came, and the diff that was asked about.
    let calls = seen.told("tool_call");
    let kinds: Vec<_> = calls
        .iter()
        .map(|call| call["kind"].as_str().unwrap())
        .collect();
    assert_eq!(kinds, ["execute", "read", "edit", "execute", "edit"]);
    assert_eq!(
        calls[1]["locations"][0]["path"],
        world.repo().join("cart.py").to_str().unwrap()
    );
    assert!(seen.said().contains("both tests pass"), "{}", seen.said());
    let asked = seen.asked();
    assert_eq!(
        (asked.len(), &asked[0]["toolCall"]["toolCallId"]),
        (1, &calls[4]["toolCallId"])
    );
    let diff = &calls[4]["content"][0];
    assert_eq!(diff["type"], "diff", "{diff}");
    assert_eq!(diff["newText"], cart.as_str());
    let done = seen.told("tool_call_update").pop().unwrap();
    assert_eq!(
        (&done["toolCallId"], &done["status"]),
        (&calls[4]["toolCallId"], &json!("completed"))
    );
}

#[test]
fn changes_that_are_kept_apart_wait_for_a_word() {
    let (world, task) = World::broken();
    let (before, model) = (world.tree(), ScriptedModel::new(task.answers.clone()));
    let ((), seen) = world.edit(&model, KEEP, async |editor| {
        let id = editor.begin(Vec::new()).await?;
        editor.say(&id, &task.task).await?;
        editor.say(&id, "/diff").await?;
        Ok(())
    });
    assert_eq!(world.tree(), before);
    assert!(
        seen.said()
            .contains("+    return whole * (100 - discount) / 100"),
        "{}",
        seen.said()
    );
    // The same from the command line: it is a session as all others.
    let id = world
        .session()
        .file_name()
        .unwrap()
        .to_str()
        .unwrap()
        .to_owned();
    assert!(
        world
            .machine
            .ok(&["diff", &id])
            .contains("+    return whole")
    );

    let ((), seen) = world.edit(&model, APPLY, async |editor| {
        editor.load(&id).await?;
        editor.say(&id, "/apply").await?;
        editor.say(&id, "/apply").await?;
        Ok(())
    });
    assert_eq!(world.changed(), ["cart.py"]);
    assert!(
        seen.said().ends_with("Nothing waits to be applied."),
        "{}",
        seen.said()
    );
    // No model saw these words.
    assert_eq!(model.asked().len(), task.answers.len());
}

#[test]
fn whoever_cancels_instead_of_deciding_keeps_changes_apart() {
    let (world, task) = World::broken();
    let (before, model) = (world.tree(), ScriptedModel::new(task.answers.clone()));
    let (reason, _) = world.edit(
        &model,
        |_| None,
        async |editor| {
            let id = editor.begin(Vec::new()).await?;
            editor.say(&id, &task.task).await
        },
    );
    assert_eq!((reason, world.tree()), (StopReason::Cancelled, before));
    world.assert_on_record(&model);
}

#[test]
fn what_is_not_committed_is_gone_over_only_when_the_user_says_so() {
    for (choose, applied) in [
        (APPLY, true),
        (
            (|wish: &Value| {
                let again = wish["toolCall"]["title"]
                    .as_str()
                    .is_some_and(|title| title.contains("Not committed"));
                Some(if again { "keep" } else { "apply" })
            }) as Choice,
            false,
        ),
    ] {
        let (world, task) = World::broken();
        let cart = world.repo().join("cart.py");
        let own = std::fs::read_to_string(&cart).unwrap() + "\n\nMINE = 1\n";
        std::fs::write(&cart, &own).unwrap();
        let model = ScriptedModel::new(task.answers.clone());
        let (_, seen) = world.edit(&model, choose, async |editor| {
            let id = editor.begin(Vec::new()).await?;
            editor.say(&id, &task.task).await
        });
        assert_eq!(seen.asked().len(), 2);
        let now = std::fs::read_to_string(&cart).unwrap();
        assert_eq!(now.contains("(100 - discount)"), applied);
        assert!(now.contains("MINE = 1"));
    }
}

#[test]
fn a_call_that_needs_a_word_is_asked_for() {
    for (choose, done) in [
        ((|_| Some("once")) as Choice, true),
        (|_| Some("no"), false),
    ] {
        let world = asking();
        let answers = vec![Answer::shell("touch new.txt"), Answer::say("Done.")];
        let model = ScriptedModel::new(answers);
        let (reason, seen) = world.edit(&model, choose, async |editor| {
            let id = editor.begin(Vec::new()).await?;
            editor.say(&id, "make the file new.txt").await
        });
        assert_eq!(reason, StopReason::EndTurn);
        let asked = &seen.asked()[0];
        let (call, kinds) = (&seen.told("tool_call")[0], &asked["options"]);
        assert_eq!(asked["toolCall"]["toolCallId"], call["toolCallId"]);
        assert_eq!(call["title"], "touch new.txt");
        let kinds: Vec<_> = kinds
            .as_array()
            .unwrap()
            .iter()
            .map(|option| option["kind"].clone())
            .collect();
        assert_eq!(kinds, ["allow_once", "allow_always", "reject_once"]);
        let ended = seen.told("tool_call_update");
        assert!(
            ended
                .iter()
                .any(|update| update["status"] == if done { "completed" } else { "failed" })
        );
        assert_eq!(
            seen.said().contains("**Not done:**"),
            !done,
            "{}",
            seen.said()
        );
        world.assert_on_record(&model);
    }
}

#[test]
fn questions_are_answered_by_a_choice() {
    let question = json!({"question": "Which name?", "options": ["one.txt", "two.txt"]});
    let answers = vec![Answer::call("ask", question), Answer::say("Two.")];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    let (_, seen) = world.edit(
        &model,
        |_| Some("1"),
        async |editor| {
            let id = editor.begin(Vec::new()).await?;
            editor.say(&id, "which name do you like?").await
        },
    );
    assert_eq!(seen.asked()[0]["toolCall"]["title"], "Which name?");
    assert!(model.asked()[1].text().contains("two.txt"));
}

#[test]
fn questions_without_choices_are_answered_in_a_form() {
    let question = json!({"question": "Which name?"});
    let answers = vec![Answer::call("ask", question), Answer::say("Well.")];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    world.edit(
        &model,
        |_| Some("a name that was typed"),
        async |editor| {
            let id = editor.begin(Vec::new()).await?;
            editor.say(&id, "which name do you like?").await
        },
    );
    assert!(model.asked()[1].text().contains("a name that was typed"));
    world.assert_on_record(&model);
}

/// Whatever it does just then: the turn ends as cancelled, with everything on record.
#[test]
fn a_turn_that_is_cancelled_ends_with_everything_on_record() {
    let long = Answer::say("I begin to think. ".repeat(20)).with(Fault::Hang(6));
    let cases: [(Answer, Choice); 3] = [
        (Answer::shell("echo waiting; sleep 60"), APPLY),
        (long, APPLY),
        // The editor answers what is asked with `cancelled`.
        (Answer::shell("touch new.txt"), |_| None),
    ];
    for (number, (answer, choose)) in cases.into_iter().enumerate() {
        let (world, model) = (asking(), ScriptedModel::new(vec![answer]));
        let (reason, _) = world.edit(&model, choose, async |editor| {
            let id = editor.begin(Vec::new()).await?;
            let turn = editor.say(&id, "make the file new.txt");
            let cancel = async {
                if number == 2 {
                    return std::future::pending().await;
                }
                editor
                    .seen
                    .until(|update| update.to_string().contains(["waiting", "I begin"][number]))
                    .await;
                let id = id.clone();
                editor
                    .agent
                    .send_notification(agent_client_protocol::v1::schema::CancelNotification::new(
                        id,
                    ))
                    .unwrap();
                std::future::pending().await
            };
            tokio::select! { reason = turn => reason, never = cancel => never }
        });
        assert_eq!(reason, StopReason::Cancelled, "{number}");
        let last = world.events().pop().unwrap();
        assert!(
            last["text"].as_str().unwrap().contains("interrupted"),
            "{number}: {last}"
        );
        world.assert_on_record(&model);
    }
}

/// Nobody reads any more what the turn's process writes, so it ends by itself.
#[test]
fn a_program_that_is_killed_leaves_no_turn_behind() {
    let command = "echo waiting; for i in 1 2 3 4 5 6 7 8 9; do sleep 0.2; echo $i; done; sleep 60";
    let (world, model) = (asking(), ScriptedModel::new(vec![Answer::shell(command)]));
    world.kill(&model, async |editor| {
        let id = editor.begin(Vec::new()).await?;
        let turn = editor.say(&id, "wait for it");
        let seen = editor
            .seen
            .until(|update| update.to_string().contains("waiting"));
        tokio::select! { _ = turn => unreachable!(), () = seen => Ok(()) }
    });
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
    while !world
        .events()
        .pop()
        .unwrap()
        .to_string()
        .contains("interrupted")
    {
        assert!(std::time::Instant::now() < deadline, "it runs on");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    world.assert_on_record(&model);
}

#[test]
fn an_editor_that_goes_away_leaves_everything_on_record() {
    let answers = vec![Answer::shell("echo waiting; sleep 60")];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    let before = world.tree();
    world.edit(&model, APPLY, async |editor| {
        let id = editor.begin(Vec::new()).await?;
        let turn = editor.say(&id, "wait for it");
        let seen = editor
            .seen
            .until(|update| update.to_string().contains("waiting"));
        tokio::select! { _ = turn => unreachable!(), () = seen => Ok(()) }
    });
    let last = world.events().pop().unwrap();
    assert!(
        last["text"].as_str().unwrap().contains("interrupted"),
        "{last}"
    );
    assert_eq!(world.tree(), before);
    world.assert_on_record(&model);
}
