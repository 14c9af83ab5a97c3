//! Laws that hold for any rules and any calls.

use proptest::prelude::*;

use super::{judge, places, policy, reads, shell, writes};
use crate::permission::{Answers, Call, Kind, Policy, Source};

fn rule() -> impl Strategy<Value = String> {
    let about = prop::sample::select(vec![
        "",
        "tool = \"shell\"",
        "tool = \"e*\"",
        "command = \"*\"",
        "command = \"git *\"",
        "command = \"git push *\"",
        "command = \"rm *\"",
        "path = \"**\"",
        "path = \"src\"",
        "path = \"/etc/**\"",
        "path = \".env*\"",
        "host = \"*\"",
        "path = \"a\"\naccess = \"write\"",
    ]);
    let decision = prop::sample::select(vec!["allow", "ask", "deny"]);
    (about, decision)
        .prop_map(|(about, word)| format!("[[rule]]\n{about}\ndecision = \"{word}\"\n"))
}

fn rules() -> impl Strategy<Value = String> {
    prop::collection::vec(rule(), 0..6).prop_map(|rules| rules.concat())
}

fn call() -> impl Strategy<Value = Call> {
    let line = prop::sample::select(vec![
        "ls",
        "git push",
        "git $X",
        "rm a; ls",
        "env A=1 git push",
        "sh -c 'rm x' > a",
        "eval $X",
        "echo 'a",
        "cd /etc; echo > x",
        "sudo rm x",
        "",
        "timeout 5 ls",
    ]);
    let path = prop::sample::select(vec!["src/x", "a", "/etc/x", ".env", ".git/x", "b/../a"]);
    prop_oneof![
        line.prop_map(shell),
        path.clone().prop_map(|path| reads(&[path])),
        path.prop_map(|path| writes("edit", &[path, "c"])),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn another_denial_never_allows_more(user in rules(), more in rule(), call in call(), at_front in any::<bool>()) {
        let more = more.replace("\"allow\"", "\"deny\"").replace("\"ask\"", "\"deny\"");
        let both = if at_front { format!("{more}{user}") } else { format!("{user}{more}") };
        let before = judge(&policy(&user, ""), &call).decision;
        prop_assert!(judge(&policy(&both, ""), &call).decision >= before);
    }

    #[test]
    fn a_project_never_allows_more_than_without_it(user in rules(), project in rules(), call in call()) {
        let before = judge(&policy(&user, ""), &call).decision;
        prop_assert!(judge(&policy(&user, &project), &call).decision >= before);
    }

    #[test]
    fn any_text_is_judged(text in "\\PC{0,80}", line in "[ -~\n]{0,60}") {
        let source = Source { name: "p", kind: Kind::Project, text: &text };
        let _ = Policy::read(places(), &[source]);
        let policy = policy("[[rule]]\ncommand = \"git push *\"\ndecision = \"deny\"\n", "");
        let _ = policy.judge(&shell(&line), &Answers::default());
        let _ = policy.privacy().named_in(&shell(&line));
    }
}
