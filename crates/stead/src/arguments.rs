//! Puts the arguments of `search` in order before they are parsed, and those of a task
//! that is given without a command.
//!
//! A query may hold words that look like options (`-test` leaves out, `--force`
//! is text), and people put options before and after it. Known options are taken
//! out wherever they stand; all the rest is the query. `--` ends the options.

use std::ffi::OsString;

use clap::{Arg, ArgAction, CommandFactory};

use crate::cli::Cli;

/// The arguments in an order that the parser understands.
pub(crate) fn in_order(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let arguments = with_task(arguments.collect());
    let mut command = Cli::command();
    command.build();
    let Some(search) = command.find_subcommand("search") else {
        return arguments;
    };
    let options: Vec<&Arg> = search
        .get_arguments()
        .filter(|arg| !arg.is_positional())
        .collect();
    let named =
        |text: &str| search.get_name() == text || search.get_all_aliases().any(|a| a == text);
    let Some(place) = command_place(&arguments, &options) else {
        return arguments;
    };
    if !arguments[place].to_str().is_some_and(named) {
        return arguments;
    }
    let (before, rest) = arguments.split_at(place + 1);
    let (mut ordered, mut query) = (before.to_vec(), Vec::new());
    let mut rest = rest.iter();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            query.extend(rest.cloned());
            break;
        }
        match known(argument, &options) {
            Some(takes_more) => {
                ordered.push(argument.clone());
                ordered.extend(takes_more.then(|| rest.next().cloned()).flatten());
            }
            None => query.push(argument.clone()),
        }
    }
    if !query.is_empty() {
        ordered.push("--".into());
        ordered.extend(query);
    }
    ordered
}

/// `stead --task TASK …` is `stead run … TASK`: the task stands last, after `--`, so that
/// one that begins with a dash is a task too.
fn with_task(arguments: Vec<OsString>) -> Vec<OsString> {
    let is_task = |argument: &OsString| {
        let text = argument.to_str().unwrap_or_default();
        text == "--task" || text.starts_with("--task=")
    };
    // Behind a command, or behind `--`, it is something else.
    let is_option = |argument: &&OsString| argument.to_string_lossy().starts_with('-');
    let leading = arguments.iter().skip(1).take_while(is_option);
    let Some(at) = leading.clone().position(is_task).map(|at| at + 1) else {
        return arguments;
    };
    if leading.take(at).any(|argument| argument == "--") {
        return arguments;
    }
    let mut rest = arguments;
    let named = rest.remove(at);
    let task = match named.to_str().and_then(|text| text.strip_prefix("--task=")) {
        Some(task) => Some(task.into()),
        None if at < rest.len() => Some(rest.remove(at)),
        None => None,
    };
    rest.insert(1, "run".into());
    rest.extend(task.into_iter().flat_map(|task| ["--".into(), task]));
    rest
}

/// Where the command's name stands: the first argument that is no option.
fn command_place(arguments: &[OsString], options: &[&Arg]) -> Option<usize> {
    let mut place = 1;
    while let Some(argument) = arguments.get(place) {
        match known(argument, options) {
            Some(takes_more) => place += 1 + usize::from(takes_more),
            None if argument.to_string_lossy().starts_with('-') => return None,
            None => return Some(place),
        }
    }
    None
}

/// Whether an argument is a known option, and then whether the next one is its
/// value.
fn known(argument: &OsString, options: &[&Arg]) -> Option<bool> {
    let text = argument.to_str()?;
    if matches!(text, "-h" | "--help") {
        return Some(false);
    }
    let takes_value = |arg: &Arg| matches!(arg.get_action(), ArgAction::Set | ArgAction::Append);
    options.iter().find_map(|arg| {
        if let Some(long) = text.strip_prefix("--") {
            let (name, value) = long
                .split_once('=')
                .map_or((long, None), |(n, v)| (n, Some(v)));
            return (arg.get_long() == Some(name)).then(|| value.is_none() && takes_value(arg));
        }
        let mut letters = text.strip_prefix('-')?.chars();
        let (letter, rest) = (letters.next()?, letters.as_str());
        let fits = arg.get_short() == Some(letter) && (rest.is_empty() || rest.starts_with('='));
        fits.then(|| rest.is_empty() && takes_value(arg))
    })
}

#[cfg(test)]
mod tests {
    use super::in_order;

    #[test]
    fn a_task_without_a_command_is_run() {
        let ordered = |words: &[&str]| {
            let ordered = in_order(words.iter().map(Into::into));
            let words = ordered
                .iter()
                .map(|word| word.to_string_lossy().into_owned());
            words.collect::<Vec<_>>().join("|")
        };
        for (typed, meant) in [
            (
                &["stead", "--task", "add a test"][..],
                "stead|run|--|add a test",
            ),
            (&["stead", "--task=-x", "--yes"], "stead|run|--yes|--|-x"),
            (
                &["stead", "--json", "--task", "a", "--model", "p/m"],
                "stead|run|--json|--model|p/m|--|a",
            ),
            (&["stead", "show", "--task", "a"], "stead|show|--task|a"),
            (&["stead", "--task"], "stead|run"),
        ] {
            assert_eq!(ordered(typed), meant);
        }
    }

    #[test]
    fn options_of_search_may_stand_anywhere() {
        let ordered = |line: &str| {
            let words = line.split(' ').map(Into::into);
            let ordered = in_order(words);
            ordered
                .iter()
                .map(|word| word.to_str().unwrap())
                .collect::<Vec<_>>()
                .join(" ")
        };
        for (typed, understood) in [
            ("stead search parser -n 1", "stead search -n 1 -- parser"),
            ("stead search -n 1 parser", "stead search -n 1 -- parser"),
            (
                "stead --json s a -b c --since=3d",
                "stead --json s --since=3d -- a -b c",
            ),
            (
                "stead -a codex search x --no-verify",
                "stead -a codex search -- x --no-verify",
            ),
            ("stead search x -- -n 1", "stead search -- x -n 1"),
            ("stead search --help", "stead search --help"),
            ("stead search", "stead search"),
            ("stead ls -n 1", "stead ls -n 1"),
            ("stead show search -n 1", "stead show search -n 1"),
        ] {
            assert_eq!(ordered(typed), understood);
        }
    }
}
