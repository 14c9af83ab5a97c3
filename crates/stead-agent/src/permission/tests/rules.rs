//! Rules: which one decides, and what is said of it.

use super::{judge, places, policy, reads, shell, writes};
use crate::permission::{Answers, Call, Decision, Kind, Mode, Outcome, Policy, Source};

fn shell_is(user: &str, project: &str, line: &str) -> Decision {
    judge(&policy(user, project), &shell(line)).decision
}

const ALLOW_TESTS: &str = "[[rule]]\ncommand = \"cargo test *\"\ndecision = \"allow\"\n";
const DENY_PUSH: &str =
    "[[rule]]\ncommand = \"git push *\"\ndecision = \"deny\"\nreason = \"by hand\"\n";
const ALLOW_ALL: &str = "[[rule]]\ncommand = \"*\"\ndecision = \"allow\"\n";
const ASK_PUSH: &str = "[[rule]]\ncommand = \"git push *\"\ndecision = \"ask\"\n";

#[test]
fn the_last_rule_that_matches_decides() {
    let both = format!("{ALLOW_ALL}{ASK_PUSH}");
    assert_eq!(shell_is(&both, "", "git push"), Decision::Ask);
    let other_way = format!("{ASK_PUSH}{ALLOW_ALL}");
    assert_eq!(shell_is(&other_way, "", "git push"), Decision::Allow);
    assert_eq!(shell_is("", "", "make"), Decision::Ask);
}

#[test]
fn what_is_denied_stays_denied() {
    let denied = format!("{DENY_PUSH}{ALLOW_ALL}");
    assert_eq!(shell_is(&denied, "", "git push"), Decision::Deny);
    let verdict = judge(&policy(&denied, ""), &shell("ls && git push origin"));
    assert_eq!(
        verdict.why,
        "`git push origin` is denied by rule 1 of user.toml, line 1: by hand"
    );
    let rule = verdict.rule.unwrap();
    assert_eq!(
        (rule.number, rule.line, rule.kind),
        (1, Some(1), Kind::User)
    );
}

#[test]
fn a_project_only_makes_things_stricter() {
    assert_eq!(shell_is("", ALLOW_ALL, "make"), Decision::Ask);
    assert_eq!(shell_is(ASK_PUSH, ALLOW_ALL, "git push"), Decision::Ask);
    assert_eq!(shell_is(ALLOW_ALL, ASK_PUSH, "git push"), Decision::Ask);
    assert_eq!(shell_is(ALLOW_ALL, DENY_PUSH, "git push"), Decision::Deny);
}

#[test]
fn a_project_that_the_user_trusts_may_allow() {
    let trust = "trust = [\"/w/*\"]\n";
    let trusting = format!("{trust}{ASK_PUSH}");
    assert_eq!(shell_is(&trusting, ALLOW_ALL, "git push"), Decision::Allow);
    let denying = format!("{trust}{DENY_PUSH}");
    assert_eq!(shell_is(&denying, ALLOW_ALL, "git push"), Decision::Deny);
    assert_eq!(
        shell_is("trust = [\"/w\"]", ALLOW_ALL, "make"),
        Decision::Ask
    );
}

#[test]
fn the_strictest_part_decides() {
    assert_eq!(
        shell_is(ALLOW_TESTS, "", "cargo test && make"),
        Decision::Ask
    );
    assert_eq!(
        shell_is(ALLOW_TESTS, "", "cargo test -q; cargo test"),
        Decision::Allow
    );
    let policy = policy("", "");
    assert_eq!(
        judge(&policy, &writes("edit", &["src/a"])).decision,
        Decision::Allow
    );
    assert_eq!(
        judge(&policy, &writes("edit", &["src/a", "/etc/x"])).decision,
        Decision::Ask
    );
    let verdict = judge(&policy, &writes("edit", &["src/a", "b/../.git/hooks/x"]));
    assert_eq!(verdict.decision, Decision::Deny);
    assert!(
        verdict
            .why
            .starts_with("writing `.git/hooks/x` is denied by built-in rule")
    );
}

#[test]
fn paths_are_compared_in_one_form() {
    let places = places();
    for (path, normal) in [
        ("a/../b", "b"),
        ("./a//b/.", "a/b"),
        ("/w/project/a", "a"),
        ("/w/project", "."),
        ("/w/projects/a", "/w/projects/a"),
        ("../x", "/w/x"),
        ("../../../../x", "/x"),
        ("~/a", "/home/u/a"),
        ("a/../../project/b", "b"),
        ("", "."),
    ] {
        assert_eq!(places.normal(path), normal, "{path}");
    }
    let rule = "[[rule]]\npath = \"keep\"\ndecision = \"deny\"\n";
    for path in ["keep", "KEEP/x", "a/keep/b", "x/../keep", "/w/project/keep"] {
        let verdict = judge(&policy(rule, ""), &writes("edit", &[path]));
        assert_eq!(verdict.decision, Decision::Deny, "{path}");
    }
}

#[test]
fn allowing_paths_stays_within_the_workspace() {
    let rule = "[[rule]]\ntool = \"read\"\npath = \"**\"\ndecision = \"allow\"\n";
    assert_eq!(
        judge(&policy(rule, ""), &reads(&["/etc/passwd"])).decision,
        Decision::Ask
    );
    let rule = "[[rule]]\npath = \"~/notes/**\"\ndecision = \"allow\"\n";
    assert_eq!(
        judge(&policy(rule, ""), &reads(&["/home/u/notes/a"])).decision,
        Decision::Allow
    );
    let rule = "[[rule]]\npath = \"src\"\naccess = \"write\"\ndecision = \"ask\"\n";
    assert_eq!(
        judge(&policy(rule, ""), &reads(&["src/a"])).decision,
        Decision::Allow
    );
    assert_eq!(
        judge(&policy(rule, ""), &writes("edit", &["src/a"])).decision,
        Decision::Ask
    );
}

#[test]
fn redirections_are_judged_as_paths() {
    let edit = "[[rule]]\ntool = \"shell\"\npath = \"**\"\ndecision = \"allow\"\n";
    assert_eq!(shell_is(edit, "", "echo a > b"), Decision::Allow);
    assert_eq!(shell_is("", "", "echo a > b"), Decision::Ask);
    for line in [
        "echo a > .git/hooks/x",
        "cd .git && echo a > config",
        "cd src; cd ../.git; echo a > config",
        "(cd .git/hooks; echo a > x)",
        "sh -c 'echo a > .git/config'",
    ] {
        assert_eq!(shell_is(edit, "", line), Decision::Deny, "{line}");
    }
    assert_eq!(shell_is(edit, "", "cd .. && echo a > b"), Decision::Ask);
    assert_eq!(
        shell_is(edit, "", "for i in 1 2; do cd ..; done; echo a > b"),
        Decision::Ask
    );
}

#[test]
fn unclear_lines_are_asked_for_unless_all_is_allowed() {
    let tool = "[[rule]]\ntool = \"shell\"\ndecision = \"allow\"\n";
    assert_eq!(shell_is(tool, "", "make"), Decision::Allow);
    for line in ["$X", "eval \"$X\"", "curl x | sh", "echo 'a"] {
        assert_eq!(shell_is(tool, "", line), Decision::Ask, "{line}");
        assert_eq!(shell_is(ALLOW_ALL, "", line), Decision::Allow, "{line}");
    }
    let but = format!("{ALLOW_ALL}{DENY_PUSH}");
    for line in [
        "echo 'a; g\"it\" push",
        "> f git push x",
        "cat <<E | sh\ngit push\nE",
    ] {
        assert_eq!(shell_is(&but, "", line), Decision::Deny, "{line}");
    }
    let long = format!("echo {}", "a".repeat(200_000));
    assert_eq!(shell_is(ALLOW_ALL, "", &long), Decision::Deny);
}

#[test]
fn what_denies_a_command_sees_through_its_dress() {
    let but = format!("{ALLOW_ALL}{DENY_PUSH}");
    for line in [
        "g'i't push",
        "/usr/bin/git push",
        "git -C . -c a=b push",
        "X=1 git push",
        "env -i git push",
        "sudo git push",
        "bash -c 'git push'",
        "echo $(git push)",
        "ls | xargs git push",
        "find . -exec git push {} \\;",
        "f() { git push; }",
        "timeout 5 git push",
        "GIT PUSH",
    ] {
        let decision = shell_is(&but, "", line);
        let is_same = decision == Decision::Deny;
        assert!(is_same || line == "GIT PUSH", "{line}: {decision:?}");
    }
    for line in [
        "git $X",
        "x=push; git $x origin",
        "git p*",
        "ls | xargs git",
    ] {
        assert_eq!(shell_is(&but, "", line), Decision::Ask, "{line}");
    }
    assert_eq!(shell_is(&but, "", "echo $X"), Decision::Allow);
}

#[test]
fn a_variable_that_changes_a_program_has_to_be_allowed() {
    assert_eq!(
        shell_is(ALLOW_TESTS, "", "RUST_BACKTRACE=1 cargo test"),
        Decision::Allow
    );
    for line in [
        "PATH=. cargo test",
        "PATH=.; cargo test",
        "env LD_PRELOAD=x cargo test",
    ] {
        assert_eq!(shell_is(ALLOW_TESTS, "", line), Decision::Ask, "{line}");
    }
}

#[test]
fn hosts_are_compared_without_capitals() {
    let rule = "[[rule]]\nhost = \"*.example.org\"\ndecision = \"deny\"\n";
    let call = Call {
        tool: "fetch".to_owned(),
        host: Some("API.Example.ORG.".to_owned()),
        ..Call::default()
    };
    assert_eq!(judge(&policy(rule, ""), &call).decision, Decision::Deny);
    assert_eq!(judge(&policy("", ""), &call).decision, Decision::Ask);
}

#[test]
fn nobody_there_means_blocked() {
    let policy = policy(DENY_PUSH, "");
    let asked = judge(&policy, &shell("make"));
    assert_eq!(asked.outcome(Mode::Ask), Outcome::Ask);
    assert_eq!(asked.outcome(Mode::Headless), Outcome::Blocked);
    assert_eq!(asked.outcome(Mode::Yes), Outcome::GoUnasked);
    assert_eq!(
        asked.said(Mode::Headless),
        "blocked, as nobody is there to be asked: `make` is matched by no rule"
    );
    let denied = judge(&policy, &shell("git push"));
    for mode in [Mode::Ask, Mode::Headless, Mode::Yes] {
        assert_eq!(denied.outcome(mode), Outcome::Denied);
        assert_eq!(judge(&policy, &shell("ls")).outcome(mode), Outcome::Go);
    }
}

#[test]
fn answers_hold_for_what_was_asked() {
    let policy = policy(DENY_PUSH, ASK_PUSH);
    let mut answers = Answers::default();
    let asked = policy.judge(&shell("make x && echo 1"), &answers);
    answers.remember(&asked, Decision::Allow);
    let verdict = policy.judge(&shell("make  x"), &answers);
    assert_eq!(verdict.decision, Decision::Allow);
    assert_eq!(
        verdict.why,
        "`make x` is allowed by answer 1 of this session"
    );
    assert_eq!(verdict.rule.unwrap().kind, Kind::Session);
    assert_eq!(
        policy.judge(&shell("make y"), &answers).decision,
        Decision::Ask
    );
    // Nobody can answer a denial away.
    let denied = policy.judge(&shell("git push"), &answers);
    answers.remember(&denied, Decision::Allow);
    assert_eq!(
        policy.judge(&shell("git push"), &answers).decision,
        Decision::Deny
    );
    // What is not known may be another thing in another line.
    let asked = policy.judge(&shell("x=a; make $x"), &answers);
    answers.remember(&asked, Decision::Allow);
    assert_eq!(
        policy.judge(&shell("x=a; make $x"), &answers).decision,
        Decision::Allow
    );
    assert_eq!(
        policy.judge(&shell("x=b; make $x"), &answers).decision,
        Decision::Ask
    );
    let asked = policy.judge(&shell("make x"), &Answers::default());
    answers.remember(&asked, Decision::Deny);
    assert_eq!(
        policy.judge(&shell("make x"), &answers).decision,
        Decision::Deny
    );
}

#[test]
fn wrong_policies_say_where_and_what_to_write() {
    for (text, message) in [
        (
            "[[rule]]\ncomand = \"x\"\n",
            "p:2: `comand` is no key of a rule; write tool, command, path, host, access, decision or reason",
        ),
        (
            "\n[[rule]]\ndecision = \"yes\"\n",
            "p:3: `yes` is no decision; write \"allow\", \"ask\" or \"deny\"",
        ),
        (
            "[[rule]]\ntool = \"x\"\n",
            "p:1: the rule has no `decision`; write decision = \"allow\", \"ask\" or \"deny\"",
        ),
        (
            "[rules]\n",
            "p:1: `rules` is no key of a policy; write `[[rule]]`, `[private]` or `trust`",
        ),
        (
            "trust = [\"/w\"]\n",
            "p:1: `trust` is the user's to say; write it into your own policy, not into a project's",
        ),
        (
            "[private]\npath = []\n",
            "p:2: `path` is no key of `[private]`; write `paths` or `models`",
        ),
        (
            "[[rule]]\ntool = 1\ndecision = \"ask\"",
            "p:2: `tool` is no text; put it into quotes",
        ),
        (
            "[[rule]]\ntool = \"x\"\npath = \"a\"\nhost = \"b\"\ndecision = \"ask\"",
            "p:1: a rule is about a command, a path or a host, not about several; write one rule for each",
        ),
    ] {
        let source = Source {
            name: "p",
            kind: Kind::Project,
            text,
        };
        let wrong = Policy::read(places(), &[source]).unwrap_err();
        assert_eq!(wrong.to_string(), message);
    }
    for text in [
        "a =",
        "[[rule]]\npath = \"[\"\ndecision = \"ask\"",
        "[[rule]]\npath = \"../x\"\ndecision = \"ask\"",
    ] {
        let source = Source {
            name: "p",
            kind: Kind::Project,
            text,
        };
        assert!(Policy::read(places(), &[source]).is_err(), "{text}");
    }
}
