//! Puts the arguments of `search` in order before they are parsed.
//!
//! A query may hold words that look like options (`-test` leaves out, `--force`
//! is text), and people put options before and after it. Known options are taken
//! out wherever they stand; all the rest is the query. `--` ends the options.

use std::ffi::OsString;

use clap::{Arg, ArgAction, CommandFactory};

use crate::cli::Cli;

/// The arguments in an order that the parser understands.
pub(crate) fn in_order(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let arguments: Vec<OsString> = arguments.collect();
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
