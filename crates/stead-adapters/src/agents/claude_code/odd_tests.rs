//! What the stores at hand do not show: damage, other versions' ways, and
//! odd orders. Records are made by hand.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fs_err as fs;
use stead_testkit::truth::prompts;
use stead_usf::{EditOperation, EventType, Inactive, LinkKind, Scope, Session, Status, ToolKind};

use super::ClaudeCode;
use crate::{Adapter, Env, Unit, conformance, load};

const ID: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

/// A home folder with transcripts.
struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn project(&self) -> PathBuf {
        self.0.path().join(".claude/projects/-work")
    }

    fn with(self, name: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.project().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
        self
    }

    /// The session of the transcript [`ID`], which must be valid.
    fn session(&self) -> Session {
        self.sessions().swap_remove(0)
    }

    fn sessions(&self) -> Vec<Session> {
        let mut units = conformance::discover(&ClaudeCode, self.0.path());
        units.retain(|unit| unit.path.ends_with(format!("{ID}.jsonl")));
        let (sessions, tally, _) = load(&ClaudeCode, &units[0]).unwrap();
        let ignored: u64 = tally.ignored.values().sum();
        assert_eq!(tally.records, tally.mapped + ignored + tally.reported);
        for session in &sessions {
            assert_eq!(stead_usf::validate(session), []);
        }
        sessions
    }
}

fn one(lines: &[String]) -> Session {
    Home::new()
        .with(&format!("{ID}.jsonl"), lines.concat())
        .session()
}

/// The common fields of a record, and a time that grows with its number.
fn record(kind: &str, number: u32, parent: Option<u32>, more: &str) -> String {
    let parent = parent.map_or("null".to_owned(), |parent| format!("\"r{parent}\""));
    let mut line = format!("{{\"parentUuid\":{parent},\"isSidechain\":false,\"cwd\":\"/work\",");
    let _ = write!(
        line,
        "\"sessionId\":\"{ID}\",\"version\":\"2.1.329\",\"type\":\"{kind}\","
    );
    let time = format!("2026-01-01T00:{:02}:{:02}.000Z", number / 60, number % 60);
    let _ = writeln!(
        line,
        "\"uuid\":\"r{number}\",\"timestamp\":\"{time}\",{more}}}"
    );
    line
}

fn user(number: u32, parent: Option<u32>, text: &str) -> String {
    let text = serde_json::to_string(text).unwrap();
    let message = format!("\"message\":{{\"role\":\"user\",\"content\":{text}}}");
    record("user", number, parent, &message)
}

fn assistant(number: u32, parent: u32, block: &str, output_tokens: u32) -> String {
    let usage = format!("{{\"input_tokens\":10,\"output_tokens\":{output_tokens}}}");
    let message = format!(
        "\"message\":{{\"id\":\"m{}\",\"role\":\"assistant\",\"model\":\"claude-x\",\"content\":[{block}],\"usage\":{usage}}}",
        number / 10
    );
    record("assistant", number, Some(parent), &message)
}

fn says(number: u32, parent: u32, text: &str) -> String {
    let text = format!("{{\"type\":\"text\",\"text\":\"{text}\"}}");
    assistant(number, parent, &text, 5)
}

fn calls(number: u32, parent: u32, name: &str, input: &str) -> String {
    let call = format!(
        "{{\"type\":\"tool_use\",\"id\":\"t{number}\",\"name\":\"{name}\",\"input\":{input}}}"
    );
    assistant(number, parent, &call, 5)
}

fn answers(number: u32, parent: u32, call: u32, content: &str, more: &str) -> String {
    let block =
        format!("{{\"type\":\"tool_result\",\"tool_use_id\":\"t{call}\",\"content\":{content}}}");
    let message = format!("\"message\":{{\"role\":\"user\",\"content\":[{block}]}}{more}");
    record("user", number, Some(parent), &message)
}

fn rewound(session: &Session) -> Vec<&str> {
    let gone = session
        .events
        .iter()
        .filter(|e| e.inactive == Some(Inactive::Rewound));
    gone.map(|event| event.id.as_str()).collect()
}

fn codes(session: &Session) -> Vec<&str> {
    session.issues.iter().map(|issue| &*issue.code).collect()
}

#[test]
fn damage_costs_only_the_damaged_record() {
    let mut bytes = Vec::new();
    bytes.extend_from_slice(b"\xef\xbb\xbf");
    bytes.extend_from_slice(user(1, None, "first").as_bytes());
    bytes.extend_from_slice(b"\0\0\0\0\0\0\n");
    bytes.extend_from_slice(b"{\"type\":\"user\",\"uuid\":\n");
    // Two writers, one line.
    let two = says(10, 1, "yes") + &user(20, Some(10), "second");
    bytes.extend_from_slice(two.replacen('\n', "", 1).as_bytes());
    bytes.extend_from_slice(b"\xff\xfe not text\n[1,2]\n");
    bytes.extend_from_slice(&says(30, 20, "cut").as_bytes()[..90]);
    let home = Home::new().with(&format!("{ID}.jsonl"), bytes);
    let session = home.session();
    assert_eq!(prompts(&session), ["first", "second"]);
    assert_eq!(
        codes(&session),
        ["bad-json", "bad-utf8", "bad-json", "bad-json", "cut-line"]
    );
    assert_eq!(session.status, Some(Status::Aborted));
}

#[test]
fn a_megabyte_on_a_line_is_nothing_special() {
    let long = "x".repeat(3 << 20);
    let session = one(&[user(1, None, &long), says(10, 1, "long")]);
    assert_eq!(prompts(&session)[0].len(), 3 << 20);
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn files_without_a_session_give_none() {
    let foreign = "{\"type\":\"summary\",\"summary\":\"Other\",\"leafUuid\":\"elsewhere\"}\n";
    let home = Home::new().with(&format!("{ID}.jsonl"), foreign);
    assert!(home.sessions().is_empty());
    let home = Home::new()
        .with(&format!("{ID}.jsonl"), "")
        .with("notes.jsonl", "{}")
        .with("memory/MEMORY.md", "");
    assert!(conformance::discover(&ClaudeCode, home.0.path()).is_empty());
}

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
fn unknown_records_are_kept_and_named_once() {
    let odd = "{\"type\":\"odd\",\"value\":[1, 2.50]}\n";
    let session = one(&[user(1, None, "hi"), odd.to_owned(), odd.to_owned()]);
    assert_eq!(codes(&session), ["unknown-record"]);
    let kept = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::Unknown);
    let kept: Vec<_> = kept
        .map(|event| event.extra.as_ref().unwrap().json())
        .collect();
    assert_eq!(kept, ["{\"type\":\"odd\",\"value\":[1, 2.50]}"; 2]);
}

#[test]
fn lost_parents_and_lone_calls_and_results_are_no_problem() {
    let session = one(&[
        user(1, Some(99), "hi"),
        answers(2, 1, 77, "\"alone\"", ""),
        calls(10, 1, "Bash", "{\"command\":\"ls\"}"),
    ]);
    assert_eq!(codes(&session), ["dangling-parent"]);
    let first = &session.events[0];
    assert_eq!(first.parent, None);
    assert_eq!(
        first.extra.as_ref().unwrap().json(),
        "{\"parentUuid\":\"r99\"}"
    );
    assert_eq!(session.events[1].output.as_deref(), Some("alone"));
    assert_eq!(session.events[2].result, None);
    assert_eq!(session.status, Some(Status::Aborted));
}

#[test]
fn a_record_written_twice_counts_once() {
    let reply = says(10, 1, "yes");
    let lines = [
        user(1, None, "hi"),
        reply.clone(),
        user(1, None, "hi"),
        reply,
    ];
    let session = one(&lines);
    assert_eq!(session.events.len(), 2);
    assert_eq!(session.usage.output, Some(5));
    // The same id with something else in it is another record.
    let session = one(&[user(1, None, "hi"), user(1, None, "ho")]);
    assert_eq!(prompts(&session), ["hi", "ho"]);
}

#[test]
fn tokens_are_those_of_the_last_record_of_a_reply() {
    let text = "{\"type\":\"text\",\"text\":\"a\"}";
    let call = "{\"type\":\"tool_use\",\"id\":\"t12\",\"name\":\"LS\",\"input\":{}}";
    let lines = [
        user(1, None, "hi"),
        assistant(10, 1, text, 1),
        assistant(11, 10, call, 1),
        answers(3, 11, 12, "\"x\"", ""),
        assistant(12, 11, text, 42),
    ];
    let session = one(&lines);
    assert_eq!(session.usage.output, Some(42));
    let holders = session.events.iter().filter(|event| event.usage.is_some());
    assert_eq!(holders.count(), 1);
}

#[test]
fn parallel_calls_are_no_rewind_but_an_edited_prompt_is() {
    let mut lines = vec![
        user(1, None, "look"),
        calls(10, 1, "Read", "{\"file_path\":\"/a\"}"),
        calls(11, 10, "Read", "{\"file_path\":\"/b\"}"),
        answers(12, 10, 10, "\"a\"", ""),
        answers(13, 11, 11, "\"b\"", ""),
        says(20, 13, "seen"),
        user(30, Some(20), "wrong way"),
        says(40, 30, "going"),
    ];
    assert!(rewound(&one(&lines)).is_empty());
    lines.push(user(50, Some(20), "right way"));
    assert_eq!(rewound(&one(&lines)), ["r30", "r40"]);
    // Back to the first of the two again.
    lines.push(user(60, Some(40), "after all"));
    assert_eq!(rewound(&one(&lines)), ["r50"]);
    // The very first prompt edited.
    lines.push(user(70, None, "anew"));
    let session = one(&lines);
    let active = session
        .events
        .iter()
        .filter(|event| event.inactive.is_none());
    assert_eq!(
        active.map(|event| event.id.as_str()).collect::<Vec<_>>(),
        ["r70"]
    );
}

#[test]
fn the_agent_speaks_in_the_users_place() {
    let mut lines = vec![user(1, None, "typed")];
    let injected = [
        "<system-reminder>be brief</system-reminder>",
        "<task-notification>done</task-notification>",
        "Caveat: The messages below were generated by the user",
        "<ide_opened_file>x</ide_opened_file>",
    ];
    let shown = [
        (
            "<command-message>review is running</command-message>\n<command-name>/review</command-name>\n<command-args>src x</command-args>",
            "/review src x",
        ),
        ("<bash-input>ls -l</bash-input>", "!ls -l"),
        (
            "<bash-stdout>a\nb</bash-stdout><bash-stderr></bash-stderr>",
            "a\nb",
        ),
        ("<local-command-stdout>Bye!</local-command-stdout>", "Bye!"),
    ];
    let texts = injected
        .iter()
        .copied()
        .chain(shown.iter().map(|(text, _)| *text));
    lines.extend(
        (2..)
            .zip(texts)
            .map(|(number, text)| user(number, Some(number - 1), text)),
    );
    lines.push(user(
        20,
        Some(9),
        "[Request interrupted by user for tool use]",
    ));
    let session = one(&lines);
    assert_eq!(prompts(&session), ["typed"]);
    let system = session
        .events
        .iter()
        .filter(|event| event.kind == EventType::System);
    let system: Vec<_> = system.map(|event| event.text.as_deref().unwrap()).collect();
    assert_eq!(system, shown.map(|(_, shown)| shown));
    assert_eq!(session.events.last().unwrap().kind, EventType::Error);
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn a_prompt_typed_while_the_agent_works_is_a_prompt() {
    let queued = |more: &str| {
        format!("\"attachment\":{{\"type\":\"queued_command\",\"prompt\":\"and tests\",{more}}}")
    };
    let session = one(&[
        user(1, None, "go"),
        record(
            "attachment",
            2,
            Some(1),
            &queued("\"commandMode\":\"prompt\""),
        ),
        record(
            "attachment",
            3,
            Some(2),
            &queued("\"commandMode\":\"task-notification\""),
        ),
        record(
            "attachment",
            4,
            Some(3),
            &queued("\"commandMode\":\"prompt\",\"origin\":{\"kind\":\"peer\"}"),
        ),
        "{\"type\":\"queue-operation\",\"operation\":\"enqueue\",\"content\":\"and tests\"}\n"
            .into(),
    ]);
    assert_eq!(prompts(&session), ["go", "and tests"]);
}

#[test]
fn images_leave_their_size_not_their_bytes() {
    let content = "[{\"type\":\"text\",\"text\":\"see\"},{\"type\":\"image\",\"source\":{\"type\":\"base64\",\"media_type\":\"image/png\",\"data\":\"QUJDRA==\"}}]";
    let message = format!("\"message\":{{\"role\":\"user\",\"content\":{content}}}");
    let session = one(&[record("user", 1, None, &message)]);
    assert_eq!(prompts(&session), ["see"]);
    let files = session.events[0].attachments.as_ref().unwrap().json();
    assert!(
        files.contains("image/png") && files.contains("\"base64_length\":8"),
        "{files}"
    );
    assert!(!files.contains("QUJDRA"));
}

#[test]
fn errors_of_the_provider_are_no_words_of_the_model() {
    let failed = "\"message\":{\"id\":\"x\",\"model\":\"<synthetic>\",\"content\":[{\"type\":\"text\",\"text\":\"API Error: 529\"}],\"usage\":{\"input_tokens\":0,\"output_tokens\":0}},\"isApiErrorMessage\":true";
    let session = one(&[user(1, None, "hi"), record("assistant", 2, Some(1), failed)]);
    let last = session.events.last().unwrap();
    assert_eq!(last.kind, EventType::Error);
    assert!(session.models.is_empty() && session.usage.is_empty());
    assert_eq!(session.status, Some(Status::Ended));
}

#[test]
fn edits_are_told_by_calls_and_better_by_results() {
    let edit = "{\"file_path\":\"/work/a\",\"edits\":[{\"old_string\":\"x\",\"new_string\":\"y\",\"replace_all\":true},{\"old_string\":\"\",\"new_string\":\"new\"}]}";
    let session = one(&[user(1, None, "go"), calls(10, 1, "MultiEdit", edit)]);
    let edits = &session.events[1].edits;
    assert!(edits[0].replace_all && edits[0].before.as_deref() == Some("x"));
    assert_eq!(edits[1].operation, EditOperation::Write);

    let write = "{\"file_path\":\"/work/b\",\"content\":\"two\\n\"}";
    let done = ",\"toolUseResult\":{\"type\":\"update\",\"filePath\":\"/work/b\",\"content\":\"two\\n\",\"originalFile\":\"one\\n\",\"structuredPatch\":[{\"oldStart\":1,\"oldLines\":1,\"newStart\":1,\"newLines\":1,\"lines\":[\"-one\",\"+two\",\"\\\\ No newline at end of file\"]}]}";
    let session = one(&[
        user(1, None, "go"),
        calls(10, 1, "Write", write),
        answers(11, 10, 10, "\"updated\"", done),
    ]);
    let call = &session.events[1];
    assert_eq!(call.result.as_deref(), Some("r11"));
    let edit = &call.edits[0];
    assert_eq!(
        (edit.operation, edit.scope),
        (EditOperation::Modify, Some(Scope::File))
    );
    assert_eq!(edit.before.as_deref(), Some("one\n"));
    assert_eq!(edit.hunks[0].lines, ["-one", "+two"]);
    assert_eq!(
        session.events[2].extra, None,
        "the result says nothing more"
    );

    let cell =
        "{\"notebook_path\":\"/work/n.ipynb\",\"new_source\":\"1+1\",\"edit_mode\":\"insert\"}";
    let session = one(&[user(1, None, "go"), calls(10, 1, "NotebookEdit", cell)]);
    assert_eq!(session.events[1].edits[0].after.as_deref(), Some("1+1"));
}

#[test]
fn tools_have_kinds() {
    let kinds = [
        ("mcp__github__get_issue", ToolKind::Mcp),
        ("KillShell", ToolKind::Shell),
        ("Agent", ToolKind::Task),
        ("ToolSearch", ToolKind::Other),
    ];
    for (name, kind) in kinds {
        assert_eq!(super::tools::kind(name), kind, "{name}");
    }
}

#[test]
fn a_long_output_is_read_from_its_own_file() {
    let preview = "\"<persisted-output>\\nOutput too large (40KB). Full output saved to: /x/tool-results/b1.txt\\n\\nPreview\"";
    let home = Home::new().with(
        &format!("{ID}.jsonl"),
        [
            user(1, None, "go"),
            calls(10, 1, "Bash", "{\"command\":\"seq 1\"}"),
            answers(11, 10, 10, preview, ""),
        ]
        .concat(),
    );
    assert!(
        home.session().events[2]
            .output
            .as_deref()
            .unwrap()
            .ends_with("Preview")
    );
    let home = home.with(&format!("{ID}/tool-results/b1.txt"), "all of it");
    assert_eq!(
        home.session().events[2].output.as_deref(),
        Some("all of it")
    );
    conformance::check(&ClaudeCode, home.0.path());
}

#[test]
fn failed_commands_have_exit_codes() {
    let block = "{\"type\":\"tool_result\",\"tool_use_id\":\"t10\",\"is_error\":true,\"content\":\"Exit code 2\\nls: no\"}";
    let message = format!("\"message\":{{\"role\":\"user\",\"content\":[{block}]}}");
    let session = one(&[
        user(1, None, "go"),
        calls(10, 1, "Bash", "{\"command\":\"ls x\"}"),
        record("user", 11, Some(10), &message),
    ]);
    let result = &session.events[2];
    assert_eq!((result.ok, result.exit_code), (Some(false), Some(2)));
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
fn versions_mix_in_one_file() {
    let old = "{\"parentUuid\":null,\"isSidechain\":false,\"sessionId\":\"x\",\"version\":\"0.2.9\",\"type\":\"user\",\"message\":{\"role\":\"user\",\"content\":\"old\"},\"uuid\":\"r1\",\"timestamp\":\"2026-01-01T00:00:01.000Z\"}\n";
    let session = one(&[
        old.to_owned(),
        says(10, 1, "yes"),
        user(5, Some(10), "earlier time"),
    ]);
    assert_eq!(prompts(&session), ["old", "earlier time"]);
    assert_eq!(session.agent_version.as_deref(), Some("2.1.329"));
    assert_eq!(
        session.updated_at.unwrap().to_string(),
        "2026-01-01T00:00:10Z"
    );
}

#[test]
fn a_long_session_is_read_on_from_where_it_stood() {
    let mut lines = vec![user(1, None, "start")];
    for number in 2..5000 {
        lines.push(user(number, Some(number - 1), "more"));
    }
    let (first, rest) = lines.split_at(4000);
    let name = format!("{ID}.jsonl");
    let home = Home::new().with(&name, first.concat());
    // An own reply settles where the session comes from.
    let home = home.with(&name, first.concat() + &says(6000, 4000, "yes"));
    let unit: Unit = conformance::discover(&ClaudeCode, home.0.path()).remove(0);
    let (_, _, checkpoint) = load(&ClaudeCode, &unit).unwrap();
    assert!(checkpoint.state.as_ref().unwrap().json().len() < 400_000);
    let all = first.concat() + &says(6000, 4000, "yes") + &rest.concat();
    let home = home.with(&name, all);
    let mut document = crate::Document::default();
    let mut output = crate::Output::new(&mut document);
    ClaudeCode
        .read(&unit, Some(&checkpoint), &mut output)
        .unwrap();
    output.end_all();
    assert_eq!(document.sessions[0].events.len(), 999);
    // A rewind to what is forgotten is left to a new reading.
    let path = home.project().join(&name);
    let text = fs::read_to_string(&path).unwrap() + &user(7000, Some(3), "back");
    fs::write(path, text).unwrap();
    let mut document = crate::Document::default();
    let result = ClaudeCode.read(
        &unit,
        Some(&checkpoint),
        &mut crate::Output::new(&mut document),
    );
    assert!(matches!(result, Err(crate::ReadError::Rewritten { .. })));
}

#[test]
fn stores_are_found_in_all_their_places_and_once() {
    let home = Home::new().with(&format!("{ID}.jsonl"), user(1, None, "hi"));
    let root = home.0.path();
    let count = |env: &Env| {
        let mut count = 0;
        ClaudeCode.discover(env, &mut |_| count += 1).unwrap();
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
    let _: &Path = root;
}
