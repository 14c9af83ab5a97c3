//! Sessions of an editor: new, loaded, several at once, and what each is told.

use agent_client_protocol::v1::schema::{
    ContentBlock, EmbeddedResource, EmbeddedResourceResource, ListSessionsRequest, PromptRequest,
    SetSessionModeRequest, StopReason, TextResourceContents,
};
use serde_json::json;
use stead_testkit::model::{Answer, Fault, ScriptedModel};

use super::editor::connected;
use super::{APPLY, KEEP, World, asking};

#[test]
fn a_session_is_listed_shown_again_and_gone_on_with() {
    let (world, task) = World::broken();
    let mut answers = task.answers.clone();
    answers.push(Answer::say("It was the discount."));
    let model = ScriptedModel::new(answers);
    let (id, _) = world.edit(&model, KEEP, async |editor| {
        let id = editor.begin(Vec::new()).await?;
        editor.say(&id, &task.task).await?;
        Ok(id)
    });
    let (listed, seen) = world.edit(&model, KEEP, async |editor| {
        let listed = editor
            .agent
            .send_request(ListSessionsRequest::new())
            .block_task()
            .await?;
        editor.load(&id).await?;
        editor.say(&id, "what was it?").await?;
        Ok(listed.sessions)
    });
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].session_id.to_string(), id);
    assert_eq!(listed[0].title.as_deref(), Some(task.task.as_str()));
    let typed = seen.told("user_message_chunk");
    assert_eq!(typed[0]["content"]["text"], task.task.as_str());
    let calls = seen.told("tool_call");
    assert!(
        calls.len() >= 4 && seen.said().contains("both tests pass"),
        "{calls:#?}"
    );
    assert!(
        seen.said().ends_with("It was the discount."),
        "{}",
        seen.said()
    );
    // The model has the whole conversation, and one record all of it.
    let last = model.asked().pop().unwrap();
    assert!(last.text().contains(&task.task) && last.text().contains("what was it?"));
    world.assert_on_record(&model);
}

#[test]
fn two_sessions_work_at_once() {
    let answers = vec![
        Answer::fault(Fault::Silence),
        Answer::say("The second is done."),
    ];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    world.edit(&model, KEEP, async |editor| {
        let (one, two) = (
            editor.begin(Vec::new()).await?,
            editor.begin(Vec::new()).await?,
        );
        let first = editor.say(&one, "what is the first?");
        let second = async {
            while model.asked().is_empty() {
                tokio::time::sleep(std::time::Duration::from_millis(10)).await;
            }
            let busy = editor.say(&one, "and now?").await.unwrap_err();
            assert!(busy.message.contains("still being worked at"), "{busy}");
            editor.say(&two, "what is the second?").await
        };
        tokio::select! {
            _ = first => unreachable!("nobody answers"),
            reason = second => assert_eq!(reason?, StopReason::EndTurn),
        }
        Ok(())
    });
    assert_eq!(world.sessions().len(), 2);
}

#[test]
fn in_place_changes_the_files_at_once_and_asks_nothing() {
    let (world, task) = World::broken();
    let model = ScriptedModel::new(task.answers.clone());
    let (reason, seen) = world.edit(&model, APPLY, async |editor| {
        let id = editor.begin(Vec::new()).await?;
        let mode = SetSessionModeRequest::new(id.clone(), "in-place");
        editor.agent.send_request(mode).block_task().await?;
        editor.say(&id, &task.task).await
    });
    assert_eq!(
        (reason, world.changed()),
        (StopReason::EndTurn, vec!["cart.py".to_owned()])
    );
    assert_eq!(seen.asked(), Vec::<serde_json::Value>::new());
}

#[test]
fn files_that_are_put_in_are_on_record_as_the_users_words() {
    let (world, model) = (asking(), ScriptedModel::new(vec![Answer::say("I see.")]));
    let uri = format!("file://{}/notes.md", world.repo().display());
    world.edit(&model, KEEP, async |editor| {
        let id = editor.begin(Vec::new()).await?;
        let text = TextResourceContents::new("not saved yet\n", uri.clone());
        let file = EmbeddedResourceResource::TextResourceContents(text);
        let blocks = vec![
            ContentBlock::from("what is in ".to_owned()),
            ContentBlock::Resource(EmbeddedResource::new(file)),
        ];
        editor
            .agent
            .send_request(PromptRequest::new(id, blocks))
            .block_task()
            .await?;
        Ok(())
    });
    let said = world
        .events()
        .into_iter()
        .find(|event| event["type"] == "user")
        .unwrap();
    assert_eq!(
        said["text"],
        "what is in `notes.md`\n\nnotes.md:\n```\nnot saved yet\n```"
    );
    assert!(model.asked()[0].text().contains("not saved yet"));
}

#[test]
fn servers_of_the_editor_are_used_in_its_session() {
    let answers = vec![
        Answer::call("mcp__toy__say", json!({})),
        Answer::say("It said hello."),
    ];
    let (world, model) = (asking(), ScriptedModel::new(answers));
    let script = world.machine.home().join("toy.sh");
    std::fs::write(&script, crate::tooling::SERVER).unwrap();
    let server = json!({"name": "toy", "command": "/bin/sh", "args": [script],
        "env": [{"name": "GREETING", "value": "Hello"}]});
    let (_, seen) = world.edit(
        &model,
        |_| Some("once"),
        async |editor| {
            let id = editor
                .begin(vec![serde_json::from_value(server).unwrap()])
                .await?;
            editor.say(&id, "what does it say?").await
        },
    );
    assert!(
        model.asked()[1].text().contains("Hello"),
        "{}",
        model.asked()[1].text()
    );
    assert_eq!(
        seen.asked()[0]["toolCall"]["toolCallId"],
        seen.told("tool_call")[0]["toolCallId"]
    );
    world.assert_on_record(&model);
}

/// Errors say what to do.
#[test]
fn what_cannot_be_done_is_refused_in_words() {
    let (world, model) = (
        asking(),
        ScriptedModel::new(vec![Answer::fault(Fault::Status(401, None))]),
    );
    let without = world.machine.command(&["acp"]);
    let (began, _) = connected(without, &world, KEEP, async |editor| {
        editor.begin(Vec::new()).await
    });
    let error = began.unwrap_err();
    assert!(
        error.message.contains("no model is chosen") && error.message.contains("--model"),
        "{error}"
    );

    world.edit(&model, KEEP, async |editor| {
        let unknown = editor
            .say("0198d2f2-0000-7000-8000-000000000000", "x")
            .await
            .unwrap_err();
        assert!(unknown.message.contains("is not open"), "{unknown}");
        let unknown = editor.load("../../etc").await.unwrap_err();
        assert!(unknown.message.contains("no session"), "{unknown}");
        let id = editor.begin(Vec::new()).await?;
        let refused = editor.say(&id, "what is it?").await.unwrap_err();
        assert!(refused.message.contains("refused the key"), "{refused}");
        Ok(())
    });
}
