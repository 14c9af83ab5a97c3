//! Scripts of events, and what the machine wants done, as text.

use std::fmt::Write;

use stead_llm::{Form, Message, Part, Response, Stop, StopKind, ToolCall, ToolResult};

use super::{Action, Checked, Event, Failure, Limits, Outcome, Phase, State};
use crate::task::{Intent, TaskSpec};

fn state(intent: Intent, checks: &[&str]) -> State {
    let spec = TaskSpec {
        goal: "add a test".to_owned(),
        intent,
        checks: checks.iter().map(|check| (*check).to_owned()).collect(),
        ..TaskSpec::default()
    };
    State::new(spec, vec![Message::user("add a test")], Limits::default())
}

/// Events as they are written in scripts: `say TEXT`, `call NAME…`, `result`, `changed`,
/// `pass`, `fail`, `type TEXT`, `stop`, `blocked`, `cut`, `refuse`, `broken`.
fn event(line: &str, state: &State) -> Event {
    let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
    let answer = |parts: Vec<Part>, kind: StopKind| {
        Event::Answered(Box::new(Response {
            parts,
            stop: Some(Stop {
                kind,
                word: String::new(),
            }),
            ..Response::default()
        }))
    };
    let checked = |ok: bool| {
        let checks = state.spec.checks.iter();
        let one = |command: &String| Checked {
            command: command.clone(),
            ok,
            output: "2 failed".to_owned(),
        };
        Event::Checked(checks.map(one).collect())
    };
    let called = |changed: bool| {
        let Phase::Calling(call) = &state.phase else {
            return Event::Begun;
        };
        Event::Called {
            result: ToolResult {
                id: call.id.clone(),
                name: call.name.clone(),
                text: "ok".to_owned(),
                ok: true,
                images: Vec::new(),
                form: Form::Json,
            },
            changed,
        }
    };
    match word {
        "begin" => Event::Begun,
        "say" => answer(vec![Part::text(rest)], StopKind::EndTurn),
        "cut" => answer(vec![Part::text(rest)], StopKind::MaxTokens),
        "refuse" => answer(vec![Part::text(rest)], StopKind::Refusal),
        "call" => {
            let calls = rest.split_whitespace().map(|name| {
                Part::ToolCall(ToolCall {
                    id: format!("id-{name}"),
                    name: name.to_owned(),
                    arguments: "{}".to_owned(),
                    form: Form::Json,
                    opaque: None,
                })
            });
            answer(calls.collect(), StopKind::ToolUse)
        }
        "result" => called(false),
        "changed" => called(true),
        "pass" => checked(true),
        "fail" => checked(false),
        "type" => Event::Said(rest.to_owned()),
        "blocked" => Event::Blocked(rest.to_owned()),
        "broken" => Event::NoAnswer(Failure::Model {
            message: rest.to_owned(),
        }),
        _ => Event::Interrupted,
    }
}

/// Runs a script; each line is followed by what is to be done.
fn told(mut state: State, script: &str) -> (String, State) {
    let mut text = String::new();
    for line in script.lines() {
        let (next, actions) = state.clone().step(event(line, &state));
        state = next;
        let actions = actions.iter().map(|action| match action {
            Action::Ask => format!("ask with {} messages", state.messages.len()),
            Action::Call(call) => format!("call {}", call.name),
            Action::Check(checks) => format!("check {}", checks.join(" and ")),
            Action::Nudge(words) => format!("nudge {:?}", &words[..words.len().min(24)]),
            Action::End(outcome) => match outcome {
                Outcome::Done { checked, .. } => format!("end: done, checked {checked}"),
                Outcome::Failed(failure) => format!("end: {failure}"),
                Outcome::Blocked { reason } => format!("end: blocked, {reason}"),
                Outcome::Interrupted => "end: interrupted".to_owned(),
            },
        });
        let actions: Vec<String> = actions.collect();
        let _ = writeln!(text, "{line} -> {}", actions.join(", "));
    }
    (text, state)
}

/// Every call of an assistant has its result in the next message.
fn is_whole(state: &State) -> bool {
    let messages = state.messages.windows(2);
    messages.into_iter().all(|pair| {
        let calls = pair[0].parts.iter().filter_map(|part| match part {
            Part::ToolCall(call) => Some(&call.id),
            _ => None,
        });
        let has = |id: &&String| {
            let mut parts = pair[1].parts.iter();
            parts.any(|part| matches!(part, Part::ToolResult(result) if result.id == **id))
        };
        calls.into_iter().all(|id| has(&id))
    })
}

#[test]
fn a_change_is_made_checked_and_done() {
    let (text, state) = told(
        state(Intent::Test, &["cargo test"]),
        "begin\ncall read search\nresult\nresult\ncall edit\nchanged\nsay I added it.\npass",
    );
    assert_eq!(
        text,
        "begin -> ask with 1 messages\n\
         call read search -> call read\n\
         result -> call search\n\
         result -> ask with 3 messages\n\
         call edit -> call edit\n\
         changed -> ask with 5 messages\n\
         say I added it. -> check cargo test\n\
         pass -> end: done, checked true\n"
    );
    assert!(is_whole(&state));
}

#[test]
fn failing_checks_go_back_to_the_model_and_at_last_fail_the_task() {
    let fix = "call edit\nchanged\nsay Better.\nfail\n";
    let (text, _) = told(
        state(Intent::Fix, &["make test"]),
        &format!("begin\n{}", fix.repeat(4)),
    );
    assert_eq!(text.matches("nudge \"`make test` fails").count(), 3);
    assert!(
        text.ends_with("fail -> end: still failing: make test\n"),
        "{text}"
    );
}

#[test]
fn words_that_come_while_checks_run_are_heard_before_the_end() {
    let (text, _) = told(
        state(Intent::Fix, &["make test"]),
        "begin\ncall edit\nchanged\nsay Done.\ntype and the docs\npass\nsay Those too.\npass",
    );
    assert!(
        text.ends_with(
            "pass -> ask with 5 messages\n\
             say Those too. -> check make test\n\
             pass -> end: done, checked true\n"
        ),
        "{text}"
    );
}

#[test]
fn an_empty_diff_is_no_success_and_a_question_needs_none() {
    let (text, _) = told(
        state(Intent::Change, &["make test"]),
        "begin\nsay Done!\nsay Really.",
    );
    assert_eq!(
        text,
        "begin -> ask with 1 messages\n\
         say Done! -> nudge \"No file has changed, but\", ask with 3 messages\n\
         say Really. -> end: a change was asked for, and no file changed\n"
    );
    let (text, _) = told(
        state(Intent::Explain, &[]),
        "begin\nsay Because of the cache.",
    );
    assert!(text.ends_with("end: done, checked false\n"));
}

#[test]
fn what_the_user_types_is_heard_before_the_next_answer() {
    let (text, state) = told(
        state(Intent::Explain, &[]),
        "begin\ntype in French please\nsay Because.\nsay Parce que.",
    );
    assert_eq!(
        text,
        "begin -> ask with 1 messages\n\
         type in French please -> \n\
         say Because. -> ask with 3 messages\n\
         say Parce que. -> end: done, checked false\n"
    );
    assert_eq!(state.messages[2], Message::user("in French please"));
}

#[test]
fn ends_leave_no_call_without_its_result() {
    for end in ["stop", "blocked may `rm -rf x` run?"] {
        let (text, state) = told(
            state(Intent::Change, &[]),
            &format!("begin\ncall edit shell read\nchanged\n{end}\nresult\nsay more"),
        );
        assert!(is_whole(&state), "{end}");
        assert_eq!(state.messages.len(), 3);
        assert!(text.ends_with("result -> \nsay more -> \n"), "{text}");
    }
    let (text, _) = told(state(Intent::Change, &[]), "begin\nstop");
    assert!(text.ends_with("stop -> end: interrupted\n"));
}

#[test]
fn answers_that_end_otherwise_are_told_apart() {
    let (text, _) = told(state(Intent::Explain, &[]), "begin\ncut Beca\nsay use.");
    assert_eq!(
        text.lines().nth(1),
        Some("cut Beca -> nudge \"Your answer was cut off \", ask with 3 messages")
    );
    let (text, _) = told(state(Intent::Change, &[]), "begin\nrefuse I will not.");
    assert!(text.ends_with("end: the model refused: I will not.\n"));
    let (text, _) = told(state(Intent::Change, &[]), "begin\nbroken no route to host");
    assert!(text.ends_with("end: the model gave no answer: no route to host\n"));
}

#[test]
fn rounds_are_limited() {
    let (text, _) = told(
        state(Intent::Change, &[]),
        &format!("begin\n{}", "call read\nresult\n".repeat(101)),
    );
    assert_eq!(text.matches("ask with").count(), 100);
    assert!(text.contains("end: not done after 100 answers of the model"));
}
