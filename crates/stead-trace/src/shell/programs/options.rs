//! Arguments as options and names. Which options a program has, it says itself.

use crate::shell::word::Arg;

/// Arguments, sorted.
#[derive(Debug, Default)]
pub(super) struct Sorted<'a> {
    /// Options as written, without their values.
    options: Vec<&'a str>,
    /// Values of options that take one, by option.
    values: Vec<(&'a str, Arg)>,
    /// What is no option.
    pub(super) names: Vec<&'a Arg>,
}

/// Sorts arguments. `valued` are the options that take the next argument (`-n`,
/// `--lines`); with one letter, the value may also follow in the same argument.
pub(super) fn sort<'a>(args: &'a [Arg], valued: &[&'static str]) -> Sorted<'a> {
    let mut sorted = Sorted::default();
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        if arg.text == "--" {
            sorted.names.extend(rest);
            break;
        }
        if !arg.is_option() {
            sorted.names.push(arg);
            continue;
        }
        let text = arg.text.as_str();
        if let Some(option) = valued.iter().find(|option| **option == text) {
            let value = rest.next().cloned().unwrap_or_else(Arg::unknown);
            sorted.values.push((option, value));
            continue;
        }
        let joined = valued.iter().find_map(|option| {
            let value = text.strip_prefix(option)?;
            let value = if option.starts_with("--") {
                value.strip_prefix('=')?
            } else {
                value
            };
            let value = Arg {
                text: value.to_owned(),
                known: arg.known,
            };
            Some((*option, value))
        });
        match joined {
            Some(joined) => sorted.values.push(joined),
            None => sorted.options.push(text),
        }
    }
    sorted
}

impl Sorted<'_> {
    /// Whether an option is there: `--long`, or `-s` alone or among others.
    pub(super) fn has(&self, options: &[&str]) -> bool {
        self.options.iter().any(|given| {
            options.iter().any(|option| match option.strip_prefix('-') {
                Some(letter) if letter.len() == 1 => {
                    !given.starts_with("--") && given[1..].contains(letter)
                }
                _ => given == option || given.split('=').next() == Some(option),
            })
        })
    }

    /// The value of one of these options, the last that is given.
    pub(super) fn value(&self, options: &[&str]) -> Option<&Arg> {
        let mut values = self.values.iter().rev();
        let found = values.find(|(option, _)| options.contains(option));
        found.map(|(_, value)| value)
    }

    /// All values of these options.
    pub(super) fn all(&self, options: &[&str]) -> impl Iterator<Item = &Arg> {
        let values = self.values.iter();
        values
            .filter(|(option, _)| options.contains(option))
            .map(|(_, value)| value)
    }
}
