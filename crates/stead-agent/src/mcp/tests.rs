//! Servers as they come: one that works (a shell script, so that nothing of ours is on both
//! sides), one that is not there, one that dies, one that hangs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;
use std::sync::Arc;

use stead_llm::{CancellationToken, Form, Http, ToolCall, ToolInput};

use super::{By, Leave, Servers, Settings, SettingsError, Surroundings, Written, read};
use crate::tools::Answer;

/// A server of the revision 2025-11-25 with five tools. What it is sent it writes to `log`.
const SCRIPT: &str = r#"
reply() { printf '{"jsonrpc":"2.0","id":%s,%s}\n' "$id" "$1"; }
text() { reply "\"result\":{\"content\":[{\"type\":\"text\",\"text\":\"$1\"}]}"; }
tool() { printf '{"name":"%s","description":"%s.","inputSchema":{"type":"object"}}' "$1" "$2"; }
while IFS= read -r line; do
  printf '%s\n' "$line" >> log
  id=$(printf '%s' "$line" | sed -n 's/^{"jsonrpc":"2.0","id":\([0-9]*\).*/\1/p')
  case $line in
    *'"method":"initialize"'*) reply '"result":{"protocolVersion":"2025-11-25","capabilities":{"tools":{}},"serverInfo":{"name":"toy","version":"1"}}' ;;
    *'"method":"tools/list"'*) reply "\"result\":{\"tools\":[$(tool say Says),$(tool picture Shows),$(tool wrong Fails),$(tool die Ends),$(tool hang Waits)]}" ;;
    *'"name":"say"'*) text "$GREETING, $HOME, $SECRET." ;;
    *'"name":"picture"'*) reply '"result":{"content":[{"type":"text","text":"here"},{"type":"image","data":"iVBORw0K","mimeType":"image/png"},{"type":"image","data":"AAAA","mimeType":"image/tiff"}]}' ;;
    *'"name":"wrong"'*) reply '"result":{"content":[{"type":"text","text":"no such issue"}],"isError":true}' ;;
    *'"name":"die"'*) echo 'out of luck' >&2; exit 3 ;;
    *'"name":"hang"'*) : ;;
    *'"id":'*) reply '"error":{"code":-32601,"message":"no such method"}' ;;
  esac
done
"#;

fn written(text: &str) -> BTreeMap<String, Written> {
    read(text).unwrap()
}

/// Servers as a file has them, started in a folder.
fn start(folder: &Path, text: &str) -> Servers {
    std::fs::write(folder.join("toy.sh"), SCRIPT).unwrap();
    let variable = |name: &str| (name == "WORD").then(|| "Hello".to_owned());
    let settings = |(name, written): (&String, &Written)| {
        Settings::of(name, written, By::User, &variable).unwrap()
    };
    let configs = written(text).iter().filter_map(settings).collect();
    let own = |name: &str, value: &str| (OsString::from(name), OsString::from(value));
    let path = option_env!("PATH").unwrap_or("/usr/bin:/bin");
    let surroundings = Surroundings {
        variables: [own("PATH", path), own("HOME", "/home/dev")].into(),
        folder: folder.to_owned(),
        http: Arc::new(Http::default()),
    };
    Servers::start(configs, &surroundings)
}

const TOY: &str = "[mcp.toy]\ncommand = 'sh'\nargs = ['toy.sh']\nenv = { GREETING = '${WORD}' }\n";

fn call(servers: &Servers, name: &str) -> Answer {
    let call = ToolCall {
        id: "call-1".to_owned(),
        name: name.to_owned(),
        arguments: "{}".to_owned(),
        form: Form::Json,
        opaque: None,
    };
    servers.call(&call, &CancellationToken::new())
}

#[test]
fn tools_of_servers_are_offered_and_called() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "{TOY}[mcp.gone]\ncommand = '/nowhere/at/all'\n[mcp.off]\ncommand = 'x'\ndisabled = true\n"
    );
    let servers = start(folder.path(), &text);
    let tools = servers.tools();
    let names: Vec<&str> = tools.iter().map(|tool| tool.name.as_str()).collect();
    let all = ["die", "hang", "picture", "say", "wrong"].map(|tool| format!("mcp__toy__{tool}"));
    assert_eq!(names, all);
    assert_eq!(tools[3].description, "Says.");
    assert!(matches!(&tools[3].input, ToolInput::Schema(schema) if schema["type"] == "object"));
    let problems = servers.problems();
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert!(problems[0].0 == "gone" && problems[0].1.contains("/nowhere/at/all"));

    let facts = servers.facts("mcp__toy__say").unwrap();
    assert_eq!(
        (facts.server.as_str(), facts.tool.as_str(), facts.host),
        ("toy", "say", None)
    );
    assert_eq!(servers.facts("mcp__toy__nothing"), None);

    // Only what the settings name of the user's variables is there.
    let said = call(&servers, "mcp__toy__say");
    assert_eq!((said.text.as_str(), said.ok), ("Hello, /home/dev, .", true));
    let wrong = call(&servers, "mcp__toy__wrong");
    assert_eq!((wrong.text.as_str(), wrong.ok), ("no such issue", false));
    let none = call(&servers, "mcp__gone__say");
    assert!(
        !none.ok && none.text.contains("no server offers"),
        "{none:?}"
    );
}

#[test]
fn pictures_are_kept_and_others_named() {
    let folder = tempfile::tempdir().unwrap();
    let servers = start(folder.path(), TOY);
    servers.tools();
    let answer = call(&servers, "mcp__toy__picture");
    assert_eq!(answer.images.len(), 1);
    assert_eq!(answer.images[0].bytes, b"\x89PNG\r\n");
    assert!(
        answer.text.starts_with("here\n[a picture, image/tiff,"),
        "{}",
        answer.text
    );
}

#[test]
fn a_server_that_dies_costs_only_its_own_calls() {
    let folder = tempfile::tempdir().unwrap();
    let second = TOY.replace("mcp.toy", "mcp.other");
    let servers = start(folder.path(), &format!("{TOY}{second}"));
    assert_eq!(servers.tools().len(), 10);
    let died = call(&servers, "mcp__toy__die");
    assert!(!died.ok && died.text.contains("`toy`"), "{died:?}");
    let gone = call(&servers, "mcp__toy__say");
    assert!(!gone.ok && gone.text.contains("`toy`"), "{gone:?}");
    assert!(call(&servers, "mcp__other__say").ok);
}

#[test]
fn a_call_that_nobody_answers_ends() {
    let folder = tempfile::tempdir().unwrap();
    let servers = start(folder.path(), &format!("{TOY}timeout = 1\n"));
    servers.tools();
    let late = call(&servers, "mcp__toy__hang");
    assert_eq!(
        (late.text.as_str(), late.ok),
        ("server `toy` did not answer within 1 s", false)
    );
    let cancel = CancellationToken::new();
    cancel.cancel();
    let made = ToolCall {
        id: "call-2".to_owned(),
        name: "mcp__toy__hang".to_owned(),
        arguments: String::new(),
        form: Form::Json,
        opaque: None,
    };
    assert_eq!(servers.call(&made, &cancel).text, "interrupted by the user");
    assert!(call(&servers, "mcp__toy__say").ok);
}

#[test]
fn servers_learn_the_call_and_no_more() {
    let folder = tempfile::tempdir().unwrap();
    let servers = start(folder.path(), TOY);
    servers.tools();
    call(&servers, "mcp__toy__say");
    drop(servers);
    let log = std::fs::read_to_string(folder.path().join("log")).unwrap();
    let sent = log
        .lines()
        .find(|line| line.contains("tools/call"))
        .unwrap();
    let sent: serde_json::Value = serde_json::from_str(sent).unwrap();
    assert_eq!(sent["params"]["_meta"]["dev.stead/call"], "call-1");
    assert_eq!(sent["params"]["arguments"], serde_json::json!({}));
}

#[test]
fn no_server_is_no_thread_and_no_tool() {
    let folder = tempfile::tempdir().unwrap();
    let servers = start(folder.path(), "");
    assert!(servers.tools().is_empty() && servers.problems().is_empty());
    assert!(!call(&servers, "mcp__toy__say").ok);
}

#[test]
fn a_server_of_a_project_needs_leave_as_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("data/mcp-allowed.json");
    let project = Path::new("/home/dev/work/demo");
    let settings = |text: &str, by| {
        let all = written(text);
        Settings::of("toy", &all["toy"], by, &|_| Some(String::new()))
            .unwrap()
            .unwrap()
    };
    let theirs = settings(TOY, By::Project);
    let mut leave = Leave::load(&list).unwrap();
    assert!(leave.holds(project, &settings(TOY, By::User)));
    assert!(!leave.holds(project, &theirs));
    leave.give(project, &theirs).unwrap();
    let leave = Leave::load(&list).unwrap();
    assert!(leave.holds(project, &theirs));
    assert!(!leave.holds(Path::new("/home/dev/work/other"), &theirs));
    let changed = settings(&TOY.replace("toy.sh", "evil.sh"), By::Project);
    assert!(!leave.holds(project, &changed));
    assert!(Leave::load(&list).unwrap().take(project, &theirs).unwrap());
    assert!(!Leave::load(&list).unwrap().holds(project, &theirs));
}

#[test]
fn what_is_written_wrongly_is_told_without_keys() {
    let one = |text: &str| {
        let all = read(text)?;
        let (name, written) = all.iter().next().unwrap();
        Settings::of(name, written, By::User, &|_| None).map(|_| ())
    };
    for (text, words) in [
        ("[mcp.a]\n", "needs either `command` or `url`"),
        ("[mcp.a]\ncommand='x'\nurl='http://h'\n", "needs either"),
        ("[mcp.'a b']\ncommand='x'\n", "is no name for a server"),
        ("[mcp.a]\nurl='ftp://h'\n", "no address"),
        (
            "[mcp.a]\nurl='http://h'\nheaders={A='Bearer ${KEY}'}\n",
            "the variable KEY",
        ),
        (
            "[mcp.a]\ncomand='hunter2'\n",
            "line 2: unknown field `comand`",
        ),
    ] {
        let error: SettingsError = one(text).unwrap_err();
        let error = error.to_string();
        assert!(
            error.contains(words) && !error.contains("hunter2"),
            "{error}"
        );
    }
}
