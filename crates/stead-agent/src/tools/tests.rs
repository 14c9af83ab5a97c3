//! A folder to try tools in, and what holds for all of them.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use stead_llm::{Form, ToolCall, ToolInput};
use tempfile::TempDir;

use super::{
    Answer, Bench, Has, Hooks, Known, Ran, Shell, Todo, Tool, arguments, no_tool, offered, tool,
    tools,
};
use crate::workspace::Workspace;

/// A workspace in a temporary folder, with what a session keeps.
pub(super) struct Trial {
    pub(super) folder: TempDir,
    pub(super) workspace: Workspace,
    pub(super) todo: Vec<Todo>,
    pub(super) known: Known,
    pub(super) denied: Vec<&'static str>,
    pub(super) output: String,
}

/// A shell that must not be asked.
struct NoShell;

impl Shell for NoShell {
    fn run(&self, command: &str, _: Option<Duration>, _: &mut dyn FnMut(&str)) -> Ran {
        panic!("{command}");
    }
}

impl Trial {
    pub(super) fn new(files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let trial = Self {
            workspace: Workspace::open(folder.path()).unwrap(),
            folder,
            todo: Vec::new(),
            known: Known::default(),
            denied: Vec::new(),
            output: String::new(),
        };
        for (path, text) in files {
            trial.put(path, text.as_bytes());
        }
        trial
    }

    pub(super) fn put(&self, path: &str, bytes: &[u8]) {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(super) fn held(&self, path: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(path)).unwrap()
    }

    pub(super) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(super) fn call(&mut self, name: &str, given: Value) -> Answer {
        self.call_with(&NoShell, name, given)
    }

    pub(super) fn call_with(&mut self, shell: &dyn Shell, name: &str, given: Value) -> Answer {
        self.call_on(shell, Hooks::default(), name, given)
    }

    pub(super) fn call_with_hooks(&mut self, hooks: Hooks<'_>, name: &str, given: Value) -> Answer {
        self.call_on(&NoShell, hooks, name, given)
    }

    fn call_on(&mut self, shell: &dyn Shell, hooks: Hooks<'_>, name: &str, given: Value) -> Answer {
        let denied = self.denied.clone();
        let output = &mut self.output;
        let mut bench = Bench {
            workspace: &self.workspace,
            shell,
            todo: &mut self.todo,
            known: &mut self.known,
            may_read: &|path| !denied.contains(&path),
            output: &mut |piece| output.push_str(piece),
            // Each by itself, since they live longer than the rest.
            hooks: Hooks {
                ask: hooks.ask.map(|ask| ask as _),
                web: hooks.web,
                near: hooks.near,
                task: hooks.task.map(|task| task as _),
            },
        };
        let Value::Object(given) = given else {
            panic!("{given} is no object");
        };
        tool(name).unwrap().call(&given, &mut bench)
    }
}

/// So many bytes do the tools of a session take in a request.
fn size(has: Has) -> usize {
    // As OpenAI's chat format carries them (stead-llm, `provider/openai/encode.rs`).
    let offered = offered(has).into_iter().map(|tool| {
        let spec = tool.spec();
        let parameters = match spec.input {
            ToolInput::Schema(schema) => schema,
            ToolInput::Freeform { syntax, definition } => json!({
                "type": "object",
                "properties": {"input": {"type": "string",
                    "description": format!("Text of this {syntax} grammar:\n{definition}")}},
                "required": ["input"],
            }),
        };
        json!({"type": "function", "function": {
            "name": spec.name, "description": spec.description, "parameters": parameters}})
    });
    Value::Array(offered.collect()).to_string().len()
}

const ALL: Has = Has {
    ask: true,
    web: true,
    task: true,
};

#[test]
fn all_tools_together_are_short_enough_for_a_first_request() {
    let sizes = [
        size(Has::default()),
        size(Has {
            ask: true,
            ..Has::default()
        }),
        size(ALL),
    ];
    assert!(
        sizes[0] < 3_000 && sizes[1] < 3_200 && sizes[2] < 3_600,
        "{sizes:?}"
    );
}

#[test]
fn tools_stand_in_order_and_are_found_as_models_write_them() {
    let names = |tools: &[&dyn Tool]| -> Vec<String> {
        tools.iter().map(|tool| tool.spec().name).collect()
    };
    let all = names(&offered(ALL));
    assert!(all.is_sorted(), "{all:?}");
    for name in &all {
        assert_eq!(tool(&name.to_uppercase()).unwrap().spec().name, *name);
    }
    let names = names(tools());
    let more: Vec<&String> = all.iter().filter(|name| !names.contains(name)).collect();
    assert_eq!(more, ["ask", "fetch", "task"]);
    assert!(tool("browser").is_none());
    let answer = no_tool("browser");
    assert!(
        !answer.ok && answer.text.ends_with(&names.join(", ")),
        "{}",
        answer.text
    );
}

#[test]
fn arguments_that_are_no_json_are_told() {
    let call = |arguments: &str, form: Form| ToolCall {
        id: "1".to_owned(),
        name: "read".to_owned(),
        arguments: arguments.to_owned(),
        form,
        opaque: None,
    };
    assert_eq!(arguments(&call("", Form::Json)).unwrap().len(), 0);
    assert_eq!(
        arguments(&call("\"{\\\"a\\\":1}\"", Form::Json)).unwrap()["a"],
        1
    );
    assert_eq!(
        arguments(&call("*** Begin", Form::Text)).unwrap()["input"],
        "*** Begin"
    );
    let refused = arguments(&call("{\"path\": ", Form::Json)).unwrap_err();
    assert!(refused.ends_with("call again with valid JSON"), "{refused}");
}

#[test]
fn answers_are_cut_in_the_middle_and_keep_their_notes() {
    let long: String = (0..20_000)
        .map(|number| format!("é{number}\n"))
        .collect::<Vec<_>>()
        .concat();
    let notes = ["the last".to_owned()];
    let answer = Answer::done(long).with_notes(&notes);
    assert!(answer.text.chars().count() <= 30_000);
    assert!(answer.text.starts_with("é0\né1\n"));
    assert!(
        answer.text.ends_with("é19999\n\n[the last]"),
        "{}",
        &answer.text[answer.text.len() - 60..]
    );
    assert!(answer.text.contains("characters left out …]"));
}

/// A shell that does nothing.
struct Idle;

impl Shell for Idle {
    fn run(&self, command: &str, _: Option<Duration>, _: &mut dyn FnMut(&str)) -> Ran {
        Ran {
            output: command.repeat(1_000),
            exit: Some(0),
            ..Ran::default()
        }
    }
}

fn any_arguments() -> impl Strategy<Value = Map<String, Value>> {
    let name = prop::sample::select(vec![
        "path",
        "file_path",
        "pattern",
        "glob",
        "offset",
        "limit",
        "old",
        "new",
        "all",
        "input",
        "content",
        "command",
        "timeout",
        "cwd",
        "items",
        "depth",
        "context",
        "question",
        "options",
        "url",
        "goal",
        "x",
    ]);
    let value = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| json!(number)),
        any::<String>().prop_map(Value::from),
        "[./~a*{}\\[\\]\\\\@+ \n-]{0,12}".prop_map(Value::from),
        prop::sample::select(vec![
            "a",
            "d/b",
            ".",
            "..",
            "d",
            "18446744073709551615",
            "http://[::1]/",
            "1\n"
        ])
        .prop_map(Value::from),
        Just(json!(["a", {"text": "b", "status": "done"}, [1]])),
    ];
    prop::collection::btree_map(name, value, 0..7).prop_map(|given| {
        let given = given.into_iter();
        given
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_arguments_break_a_tool_or_lead_out(given in any_arguments()) {
        let outside = tempfile::tempdir().unwrap();
        let root = outside.path().join("w");
        std::fs::create_dir_all(root.join("d")).unwrap();
        std::fs::write(root.join("a"), "1\n2\n").unwrap();
        std::fs::write(root.join("d/b"), "1\r\n2").unwrap();
        let workspace = Workspace::open(&root).unwrap();
        for tool in offered(ALL) {
            let mut bench = Bench {
                workspace: &workspace,
                shell: &Idle,
                todo: &mut Vec::new(),
                known: &mut Known::default(),
                may_read: &|_| true,
                output: &mut |_| {},
                hooks: Hooks::default(),
            };
            let touches = tool.touches(&given, &workspace);
            let answer = tool.call(&given, &mut bench);
            prop_assert!(answer.text.chars().count() <= 30_000);
            prop_assert!(!answer.text.is_empty());
            // What makes no sense is not done, and nothing is written that was not asked about.
            match touches {
                Err(_) => prop_assert!(!answer.ok && answer.changes.is_empty()),
                Ok(touches) => for file in &answer.changes {
                    prop_assert!(touches.writes.contains(&file.path));
                },
            }
        }
        let beside = std::fs::read_dir(outside.path()).unwrap().count();
        prop_assert_eq!(beside, 1);
    }
}

#[cfg(unix)]
#[test]
fn what_is_touched_is_named_as_it_is_too() {
    let trial = Trial::new(&[("real/.env", "x")]);
    std::os::unix::fs::symlink("real", trial.path().join("alias")).unwrap();
    let touches = |name: &str, given: Value| {
        let touches = tool(name)
            .unwrap()
            .touches(given.as_object().unwrap(), &trial.workspace);
        touches.unwrap()
    };
    let read = touches("read", json!({"path": "alias/.env"}));
    assert_eq!(read.reads, ["alias/.env", "real/.env"]);
    let search = touches("search", json!({"pattern": "x", "path": "./alias/"}));
    assert_eq!(search.reads, ["alias", "real"]);
    assert_eq!(touches("list", json!({})).reads, ["."]);
    let write = touches("write", json!({"path": "alias/new/b", "content": ""}));
    assert_eq!(write.writes, ["alias/new/b", "real/new/b"]);
    let patch =
        "*** Begin Patch\n*** Update File: a\n*** Move to: alias/b\n@@\n-1\n+2\n*** End Patch";
    let patch = touches("apply_patch", json!({"input": patch}));
    assert_eq!(patch.writes, ["a", "alias/b", "real/b"]);
}
