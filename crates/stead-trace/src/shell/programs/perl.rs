//! `perl -pi -e 's/…/…/'`: other programs in perl are not looked into.

use super::sed;
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::Action;

pub(super) fn run(shell: &mut Shell, args: &[Arg]) -> Option<Out> {
    let mut rest = args.iter();
    let mut scripts = Vec::new();
    let mut files = Vec::new();
    let (mut in_place, mut prints, mut odd) = (false, false, false);
    while let Some(arg) = rest.next() {
        let Some(letters) = arg.text.strip_prefix('-').filter(|_| arg.is_option()) else {
            files.push(arg);
            continue;
        };
        // `-i.bak`: what follows is the ending of the copy that is kept.
        let (before, ending) = letters.split_once('i').unwrap_or((letters, ""));
        in_place |= letters.contains('i');
        // `-0777` takes all lines as one.
        odd |= before.contains(|c: char| !"pneC".contains(c));
        odd |= ending.starts_with(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'p');
        prints |= before.contains('p') || ending == "p" || ending == "pe";
        if letters.ends_with('e') {
            scripts.push(rest.next()?);
        }
    }
    if !in_place || scripts.is_empty() {
        return None;
    }
    let script: Option<Vec<&str>> = scripts.iter().map(|script| script.letters()).collect();
    let script = script
        .filter(|_| prints && !odd)
        .map(|parts| parts.join(";"));
    let actions = script.and_then(|script| sed::perl(&script));
    for file in files {
        match &actions {
            Some(actions) => actions
                .iter()
                .for_each(|action| shell.change(file, action.clone())),
            None => shell.change(file, Action::Opaque),
        }
    }
    Some(Out::default())
}
