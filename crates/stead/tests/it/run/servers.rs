//! MCP servers in a session that works apart: they see its tree, and what they do to it is
//! found, recorded and kept from the user's own files.

use serde_json::{Value, json};
use stead_testkit::model::{Answer, ScriptedModel};

use super::world::{Ran, World};
use crate::machine::Run;

/// A server with two tools: one says what `cart.py` holds, one writes beside it.
const SERVER: &str = r#"
while IFS= read -r line; do
  id=$(printf '%s' "$line" | sed -n 's/^{"jsonrpc":"2.0","id":\([0-9]*\).*/\1/p')
  case $line in
    *'"method":"initialize"'*) result='{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"toy","version":"1"}}' ;;
    *'"method":"tools/list"'*) result='{"tools":[{"name":"look","inputSchema":{"type":"object"}},{"name":"write","inputSchema":{"type":"object"}}]}' ;;
    *'"name":"look"'*) result="{\"content\":[{\"type\":\"text\",\"text\":\"$(grep -c '100 - discount' cart.py)\"}]}" ;;
    *'"name":"write"'*) echo made > made.txt; rm tests/test_cart.py; result='{"content":[]}' ;;
    *'"id":'*) printf '{"jsonrpc":"2.0","id":%s,"error":{"code":-32601,"message":"no"}}\n' "$id"; continue ;;
    *) continue ;;
  esac
  printf '{"jsonrpc":"2.0","id":%s,"result":%s}\n' "$id" "$result"
done
"#;

#[test]
fn a_server_sees_the_sessions_tree_and_what_it_writes_there_is_on_record() {
    let (world, task) = World::broken();
    let before = world.tree();
    let script = world.machine.home().join("toy.sh");
    std::fs::write(&script, SERVER).unwrap();
    let config = script.with_file_name("config.toml");
    let table = format!(
        "[mcp.toy]\ncommand = 'sh'\nargs = ['{}']\n",
        script.display()
    );
    std::fs::write(&config, table).unwrap();
    let model = ScriptedModel::new(vec![
        task.answers[2].clone(),
        Answer::call("mcp__toy__look", json!({})),
        Answer::call("mcp__toy__write", json!({})),
        Answer::say("Done."),
    ]);
    let mut command = world.command(&model, &[&task.task, "--yes", "--no-checks"]);
    let ran = Ran::of(Run::of(
        command.env("STEAD_CONFIG", config).output().unwrap(),
    ));
    ran.assert_ended(0, "done");
    // The session's edit, which the user's own file does not have.
    assert_eq!(model.asked()[2].results().last().unwrap(), "1");
    assert_eq!(world.tree(), before);
    let files = json!(["cart.py", "made.txt", "tests/test_cart.py"]);
    assert_eq!(ran.end()["files"], files);
    assert!(ran.lines.iter().any(|line| {
        line["type"] == "notice"
            && line["text"]
                .as_str()
                .unwrap()
                .contains("outside of the sandbox")
    }));
    let events = world.events();
    let edits: Vec<&Value> = events
        .iter()
        .filter(|event| event["type"] == "edit")
        .collect();
    let made = &edits[1]["edits"];
    assert_eq!(made[0]["path"], "made.txt");
    assert_eq!(
        (&made[0]["operation"], &made[0]["after"]),
        (&json!("create"), &json!("made\n"))
    );
    assert_eq!(
        (&made[1]["path"], &made[1]["operation"]),
        (&json!("tests/test_cart.py"), &json!("delete"))
    );
    world.assert_on_record(&model);
    // Run again, no server is started: what it did is given.
    world.same(&[]);
}
