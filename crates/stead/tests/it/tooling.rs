//! Tools of MCP servers in `stead run`, end to end: a server that is a shell script, a model
//! that answers by a script, and what is on record afterwards.

use serde_json::{Value, json};
use stead_testkit::model::{Answer, Script, ScriptedModel, Wire};

use super::machine::{Machine, Run};
use super::tracing::Repository;

/// A server with one tool, which says what it finds in its variables.
pub(crate) const SERVER: &str = r#"
while IFS= read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/^{"jsonrpc":"2.0","id":\([0-9]*\).*/\1/p')
  case $line in
    *'"method":"initialize"'*) result='{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"toy","version":"1"}}' ;;
    *'"method":"tools/list"'*) result='{"tools":[{"name":"say","description":"Says.","inputSchema":{"type":"object"}}]}' ;;
    *'"method":"tools/call"'*) result="{\"content\":[{\"type\":\"text\",\"text\":\"$GREETING\"}]}" ;;
    *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id"; continue ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
"#;

const TABLE: &str =
    "[mcp.toy]\ncommand = 'sh'\nargs = ['/tmp/none']\nenv = { GREETING = 'Hello' }\n";

/// A table of the configuration for the server in this file.
fn table(script: &std::path::Path) -> String {
    TABLE.replace("/tmp/none", &script.display().to_string())
}

fn run(repository: &Repository, model: &ScriptedModel, config: &str) -> Run {
    let machine = &repository.machine;
    let path = machine.home().join("config.toml");
    fs_err::write(&path, config).unwrap();
    let base = model.base(Wire::Openai);
    let arguments = [
        "run",
        "say hello",
        "--yes",
        "--in-place",
        "--model",
        "openai/scripted",
        "--base-url",
        &base,
        "--parser-model",
        "none",
        "--json",
    ];
    let mut command = machine.command(&arguments);
    command
        .current_dir(&repository.root)
        .env("STEAD_CONFIG", path);
    Run::of(command.output().unwrap())
}

fn model() -> ScriptedModel {
    ScriptedModel::new(Script::in_order(vec![
        Answer::call("mcp__toy__say", json!({})),
        Answer::say("It said hello."),
    ]))
}

/// The events of the only session.
fn events(machine: &Machine) -> Vec<Value> {
    let mut sessions = fs_err::read_dir(machine.data().join("sessions")).unwrap();
    let session = sessions.next().unwrap().unwrap().path();
    let text = fs_err::read_to_string(session.join("session.usf.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_model_calls_a_tool_of_the_users_server_and_it_is_on_record() {
    let repository = Repository::new();
    let script = repository.machine.home().join("toy.sh");
    fs_err::write(&script, SERVER).unwrap();
    let model = model();
    let run = run(&repository, &model, &table(&script));
    let asked = model.asked();
    assert!(asked.len() > 1, "{}{}", run.out, run.err);
    let names: Vec<String> = asked[0].tools().into_iter().map(|(name, _)| name).collect();
    assert!(names.contains(&"mcp__toy__say".to_owned()), "{names:?}");
    assert_eq!(asked[1].results(), ["Hello"]);
    let events = events(&repository.machine);
    let call = events
        .iter()
        .find(|event| event["tool"]["name"] == "mcp__toy__say");
    assert_eq!(call.unwrap()["tool"]["kind"], "mcp");
    let result = events.iter().find(|event| event["type"] == "tool_result");
    let envelope = &result.unwrap()["extra"]["envelope"];
    assert_eq!(envelope["version"], "1.0");
    assert!(
        envelope["decision"]
            .as_str()
            .is_some_and(|words| !words.is_empty()),
        "{envelope}"
    );
}

#[test]
fn a_server_of_the_project_is_started_after_the_user_allowed_it() {
    let repository = Repository::new();
    let machine = &repository.machine;
    let script = machine.home().join("toy.sh");
    fs_err::write(&script, SERVER).unwrap();
    repository.write(".stead/mcp.toml", table(&script));
    let refused = run(&repository, &model(), "");
    assert!(
        refused.out.contains("stead mcp allow toy"),
        "{}{}",
        refused.out,
        refused.err
    );
    assert!(!refused.out.contains("Hello"), "{}", refused.out);
    let listed = repository.ok(&["mcp", "list"]);
    assert!(
        listed.contains("toy") && listed.contains("not allowed"),
        "{listed}"
    );
    fs_err::remove_dir_all(machine.data().join("sessions")).unwrap();

    repository.ok(&["mcp", "allow", "toy"]);
    let model = model();
    let allowed = run(&repository, &model, "");
    assert!(model.asked().len() > 1, "{}{}", allowed.out, allowed.err);
    assert_eq!(model.asked()[1].results(), ["Hello"]);

    repository.ok(&["mcp", "forbid", "toy"]);
    assert!(repository.ok(&["mcp", "list"]).contains("not allowed"));
    let unknown = repository.run(&["mcp", "allow", "other"]);
    assert!(
        unknown.code == 2 && unknown.err.contains("other"),
        "{}",
        unknown.err
    );
}
