//! Made by hand: hostile words, damage, and what real runs did not show.

use std::path::Path;

use fs_err as fs;
use proptest::prelude::*;
use stead_testkit::truth::prompts;
use stead_usf::{Event, EventType, Session, Status, validate};

use super::super::Aider;
use super::store::{hashes, of_kind};
use crate::{Unit, conformance, load};

const START: &str = "\n# aider chat started at 2026-11-21 08:07:37\n\n> Aider v0.86.2  \n> Model: m with diff edit format  \n";
const TOKENS: &str = "> Tokens: 2.5k sent, 239 received.  \n";

fn unit_of(home: &Path, text: &[u8]) -> Unit {
    fs::write(home.join(".aider.chat.history.md"), text).unwrap();
    conformance::discover(&Aider, home).remove(0)
}

fn sessions_of(text: impl AsRef<[u8]>) -> Vec<Session> {
    let home = tempfile::tempdir().unwrap();
    let sessions = load(&Aider, &unit_of(home.path(), text.as_ref()))
        .unwrap()
        .0;
    for session in &sessions {
        assert_eq!(validate(session), [], "{}", session.id);
    }
    sessions
}

fn session_of(text: &str) -> Session {
    let mut sessions = sessions_of(format!("{START}{text}"));
    assert_eq!(sessions.len(), 1);
    sessions.remove(0)
}

fn texts(session: &Session, kind: EventType) -> Vec<&str> {
    of_kind(session, kind)
        .filter_map(|event| event.text.as_deref())
        .collect()
}

/// A reply may hold lines of every kind that the program writes.
#[test]
fn a_reply_is_whole_whatever_it_says() {
    for reply in [
        "#### A heading\n\nof the model.",
        "#### A heading\n#### and another",
        "> You asked:\n> why?\n\nBecause.",
        "Somebody said:\n\n> To be or not to be,  \n> that is the question.  \n\nIndeed.",
        "> As you say,  \n\nit is so.",
        "A history:\n\n```\n\n# aider chat started at 2020-01-01 00:00:00\n\n> Aider v0.1.0  \n\n#### Hello  \n\nHi.\n\n> Applied edit to x.py  \n```\n\nThat is all.",
        "# aider chat started at 2020-01-01 00:00:00\n\nis how it begins.",
        "```md\n> Commit abcdef1 message  \n\nnot closed",
        "Words\n\n> without end",
        "> only a quotation",
    ] {
        let text = format!(
            "\n#### Question  \n\n{reply}\n\n{TOKENS}> Commit e9ebbe9 Done  \n\n#### More  \n\nYes.\n\n{TOKENS}"
        );
        let session = session_of(&text);
        assert_eq!(texts(&session, EventType::Assistant), [reply, "Yes."]);
        assert_eq!(prompts(&session), ["Question", "More"]);
        assert_eq!(hashes(&session, "commit"), ["e9ebbe9"]);
        assert_eq!(session.usage.input, Some(5000));
    }
}

/// Without a line of tokens other signs must do.
#[test]
fn a_reply_of_old_ends_with_what_the_program_says() {
    let old = START.replace("0.86.2", "0.30.0");
    for reply in [
        "Done.",
        "```md\nnot closed",
        "> a quotation  \n\nand words",
        "Said  \n\n> twice  \n\n> over  \n\nand on",
    ] {
        for after in [
            "> Applied edit to x.py  \n",
            "> litellm.APIError: no  \n",
            "> Something new  \n",
            "",
        ] {
            let text = format!("{old}\n#### Question  \n\n{reply}\n\n{after}\n#### More  \n");
            let session = sessions_of(text).remove(0);
            if reply.starts_with("```") && after.contains("new") {
                continue; // in a code block nothing tells the two apart
            }
            assert_eq!(texts(&session, EventType::Assistant), [reply], "{after}");
            assert_eq!(prompts(&session), ["Question", "More"]);
        }
    }
}

#[test]
fn a_message_of_several_lines_is_one_prompt() {
    let session = session_of(
        "\n#### One  \n#### two   \n####   \n#### # aider chat started at 2020-01-01 00:00:00  \n#### > last  \n",
    );
    assert_eq!(
        prompts(&session),
        ["One\ntwo \n\n# aider chat started at 2020-01-01 00:00:00\n> last"]
    );
    assert_eq!(session.status, Some(Status::Aborted), "nobody answered");
}

#[test]
fn what_the_program_puts_in_is_no_prompt() {
    let session = session_of(
        "\n#### /ok  \n\n#### Ok, please go ahead and make those changes.  \n\nDone.\n\n> Tokens: 1 sent, 1 received.  \n\
         \n#### /help how to  \n\n#### Some pages  \n#### # Question: how to  \n\nSo.\n\n> Tokens: 1 sent, 1 received.  \n\
         \n#### <blank>  \n\
         \n#### Create new file? (Y)es/(N)o/(A)ll/(S)kip all [Yes]: all  \n> Create new file? (Y)es/(N)o/(A)ll/(S)kip all [Yes]: a  \n",
    );
    assert_eq!(prompts(&session), ["/ok", "/help how to"]);
    assert_eq!(of_kind(&session, EventType::User).count(), 6);
}

#[test]
fn cached_tokens_stand_on_two_lines() {
    let session = session_of(
        "\n#### Go  \n\nDone.\n\n> Tokens: 5.0k sent, 3.1k cache write, 1.2k cache hit, 93 received.\nCost: $0.01 message, $0.02 session.  \n> Applied edit to x  \n",
    );
    let usage = session.usage;
    assert_eq!(
        (
            usage.input,
            usage.cache_write,
            usage.cache_read,
            usage.output
        ),
        (Some(700), Some(3100), Some(1200), Some(93))
    );
    assert_eq!(session.cost_usd, Some(0.01));
    assert_eq!(texts(&session, EventType::Assistant), ["Done."]);
}

#[test]
fn commands_that_the_model_proposes_are_calls_when_they_run() {
    let session = session_of(&format!(
        "\n#### Go  \n\nRun it:\n\n```bash\nmake\n```\n\n{TOKENS}> make  \n> Run shell command? (Y)es/(N)o/(D)on't ask again [Yes]: y  \n> Running make  \n> Add command output to the chat? (Y)es/(N)o [Yes]: n  \n"
    ));
    let calls: Vec<&Event> = of_kind(&session, EventType::ToolCall).collect();
    assert_eq!(calls.len(), 1);
    assert_eq!(
        calls[0].input.as_ref().unwrap().json(),
        r#"{"command":"make"}"#
    );
}

#[test]
fn commits_of_uncommitted_work_are_commits_too() {
    let edit = "x\n```\n<<<<<<< SEARCH\na\n=======\nb\n>>>>>>> REPLACE\n```";
    let session = session_of(&format!(
        "\n#### Go  \n\n{edit}\n\n{TOKENS}> Committing x before applying edits.  \n> Commit aaaaaaa Work in progress  \n> Applied edit to x  \n> Commit bbbbbbb Change x  \n"
    ));
    assert_eq!(hashes(&session, "commit"), ["aaaaaaa", "bbbbbbb"]);
    let result = of_kind(&session, EventType::ToolResult).next().unwrap();
    assert_eq!(
        (result.ok, result.output.as_deref()),
        (Some(true), Some("Applied edit to x"))
    );
}

#[test]
fn sections_have_names_of_their_own() {
    let other = START.replace("08:07:37", "09:00:00");
    let sessions = sessions_of(format!("{START}{START}{other}{START}"));
    let names: Vec<&str> = sessions
        .iter()
        .map(|session| session.native_id.as_str())
        .collect();
    let first = names[0];
    assert!(first.starts_with("20261121-080737-"), "{first}");
    assert_eq!(names[1], format!("{first}.2"));
    assert!(names[2].starts_with("20261121-090000-"));
    assert_eq!(names[3], format!("{first}.3"));
    let copy = sessions_of(START);
    assert_eq!(
        copy[0].native_id, first,
        "a copy elsewhere is the same session"
    );
    let elsewhere = sessions_of(format!("{other}{START}"));
    assert_ne!(
        elsewhere[1].native_id, first,
        "another history of the same second"
    );
}

#[test]
fn text_that_is_no_history_is_no_session() {
    let home = tempfile::tempdir().unwrap();
    for text in [
        "# Notes\n\n> A quotation  \n\n#### Said  \n",
        "\n",
        "# aider chat started at noon\n",
        "## aider chat started at 2026-11-21 08:07:37\n",
    ] {
        let (sessions, tally, _) = load(&Aider, &unit_of(home.path(), text.as_bytes())).unwrap();
        assert_eq!(sessions, [], "{text}");
        assert_eq!(tally.records, tally.reported);
    }
}

#[test]
fn line_ends_of_windows_and_bytes_that_are_no_text() {
    let text = format!("{START}\n#### Go  \n\nDone.\n\n{TOKENS}");
    let plain = sessions_of(&text).remove(0);
    let windows = sessions_of(text.replace('\n', "\r\n")).remove(0);
    assert_eq!(
        texts(&windows, EventType::Assistant),
        texts(&plain, EventType::Assistant)
    );
    assert_eq!(prompts(&windows), prompts(&plain));
    let mut bytes = text.into_bytes();
    let place = bytes.windows(4).position(|part| part == b"Done").unwrap();
    bytes[place] = 0xff;
    let damaged = sessions_of(bytes).remove(0);
    assert_eq!(texts(&damaged, EventType::Assistant), ["\u{fffd}one."]);
    assert_eq!(damaged.issues[0].code, "bad-utf8");
}

#[test]
fn a_history_that_was_cut_ends_in_the_middle() {
    let session = session_of("\n#### Go  \n\nI beg");
    assert_eq!(texts(&session, EventType::Assistant), ["I beg"]);
    assert_eq!(session.issues[0].code, "cut-line");
    let killed = format!(
        "{START}\n#### /git diff  \n> diff --git a b\n\n+cut\n{}",
        START.replace("08:07:37", "09:00:00")
    );
    let sessions = sessions_of(killed);
    assert_eq!(sessions.len(), 2, "an output without end ends with the run");
}

/// Lines that mean something, and lines that nearly do.
fn line() -> impl Strategy<Value = String> {
    let fixed = prop::sample::select(vec![
        "",
        "",
        "",
        "words",
        "> quote",
        "> quote  ",
        ">  ",
        "> Tokens: 2.5k sent, 239 received.  ",
        "> Tokens: 5 sent, 3 cache write, 1 cache hit, 9 received.",
        "Cost: $0.01 message, $0.02 session.  ",
        "> Applied edit to a.py  ",
        "> Commit e9ebbe9 Done  ",
        "> Removed: e9ebbe9 Done  ",
        "> ^C again to exit  ",
        "> The LLM did not conform to the edit format.  ",
        "> # 1 SEARCH/REPLACE block failed to match!",
        "The SEARCH section must exactly match an existing block  ",
        "> Restored previous conversation history.  ",
        "> Model: m with architect edit format  ",
        "> Editor model: e with whole edit format  ",
        "> Aider v0.86.2  ",
        "> Model: m with udiff edit format  ",
        "#### words  ",
        "#### /ask words  ",
        "#### /run words  ",
        "#### /model x  ",
        "#### heading",
        "a.py",
        "```",
        "```diff",
        "<<<<<<< SEARCH",
        "=======",
        ">>>>>>> REPLACE",
        "--- a.py",
        "+++ a.py",
        "@@ -1 +1 @@",
        "+words",
        "-words",
        "<think>",
        "</think>",
        "*** Begin Patch",
        "*** Update File: a.py",
        "# aider chat started at 2026-11-21 08:07:37",
        "# aider chat started at 2026-11-21 08:07:38",
        "é\u{0}\u{fffd}",
        "> Create new file? (Y)es/(N)o [Yes]: y  ",
        "> Run shell command? y  ",
        "> Running make  ",
    ]);
    fixed.prop_map(str::to_owned)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn any_lines_are_read_in_parts_as_at_once(
        lines in prop::collection::vec(line(), 0..60),
        cut in any::<prop::sample::Index>(),
    ) {
        let text = format!("{START}{}", lines.join("\n"));
        sessions_of(&text);
        let home = tempfile::tempdir().unwrap();
        let unit = unit_of(home.path(), text.as_bytes());
        super::growth::check(&unit, text.as_bytes(), &[cut.index(text.len() + 1)]);
    }
}
