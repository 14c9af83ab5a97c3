//! `sed`: what it changes in place, and which lines it prints.

use stead_usf::Hunk;

use super::pattern::{Dialect, part, parts, pattern, replacement};
use super::show;
use crate::shell::printed::Out;
use crate::shell::run::Shell;
use crate::shell::word::Arg;
use crate::step::{Action, Address, Patch, StreamCommand, StreamEdit};

/// `sed`'s arguments.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option that is given or not"
)]
struct Given<'a> {
    in_place: bool,
    quiet: bool,
    extended: bool,
    /// There is an option that changes more than we know.
    odd: bool,
    scripts: Vec<Arg>,
    files: Vec<&'a Arg>,
}

pub(super) fn run(shell: &mut Shell, args: &[Arg], stdin: &Out) -> Out {
    let given = given(args);
    let script: Option<Vec<&str>> = given.scripts.iter().map(Arg::letters).collect();
    let script = script.filter(|_| !given.odd).map(|parts| parts.join("\n"));
    if !given.in_place {
        let out = show::read(shell, &given.files, stdin);
        let range = script
            .filter(|_| given.quiet)
            .and_then(|script| range(&script));
        return match (range, out.file()) {
            (Some(from), Some(file)) => show::part(file, from, false),
            _ => Out::unknown(),
        };
    }
    let dialect = if given.extended {
        Dialect::Extended
    } else {
        Dialect::Basic
    };
    let actions = script
        .filter(|_| !given.quiet)
        .and_then(|script| actions(&script, dialect));
    for file in &given.files {
        match &actions {
            Some(actions) => actions
                .iter()
                .for_each(|action| shell.change(file, action.clone())),
            None => shell.change(file, Action::Opaque),
        }
    }
    Out::default()
}

fn given(args: &[Arg]) -> Given<'_> {
    let mut given = Given::default();
    let mut names = Vec::new();
    let mut rest = args.iter().peekable();
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        match text.split('=').next().unwrap_or(text) {
            "--in-place" => given.in_place = true,
            "--quiet" | "--silent" => given.quiet = true,
            "--regexp-extended" => given.extended = true,
            "--expression" if text.contains('=') => {
                let script = text.split_once('=').map_or("", |(_, script)| script);
                given.scripts.push(Arg {
                    text: script.to_owned(),
                    known: arg.known,
                });
            }
            "--posix" | "--unbuffered" | "--separate" | "--debug" => {}
            _ if text.starts_with("--") && text.len() > 2 => given.odd = true,
            "--" => names.extend(rest.by_ref()),
            _ if arg.is_option() => letters(&mut given, text, arg, &mut rest),
            _ => names.push(arg),
        }
    }
    if given.scripts.is_empty() && !names.is_empty() {
        given.scripts.push(names.remove(0).clone());
    }
    given.files = names;
    given
}

/// Options of one letter: `-ni`, `-i.bak`, `-e SCRIPT`.
fn letters<'a>(
    given: &mut Given<'a>,
    text: &str,
    arg: &Arg,
    rest: &mut std::iter::Peekable<impl Iterator<Item = &'a Arg> + Clone>,
) {
    for (at, letter) in text.char_indices().skip(1) {
        let after = &text[at + letter.len_utf8()..];
        match letter {
            'n' => given.quiet = true,
            'E' | 'r' => given.extended = true,
            's' | 'u' | 'b' => {}
            'e' if after.is_empty() => {
                given
                    .scripts
                    .push(rest.next().cloned().unwrap_or_else(Arg::unknown));
                return;
            }
            'e' => {
                let text = after.to_owned();
                given.scripts.push(Arg {
                    text,
                    known: arg.known,
                });
                return;
            }
            'i' => {
                given.in_place = true;
                // BSD's takes the next argument: the ending of the copy that it
                // keeps, most often none.
                let is_ending = |next: &&Arg| {
                    next.text.is_empty() && next.exact().is_some()
                        || next.text.starts_with('.') && !next.text.contains('/')
                };
                if after.is_empty() && rest.peek().is_some_and(is_ending) {
                    rest.next();
                }
                return;
            }
            _ => {
                given.odd = true;
                return;
            }
        }
    }
}

/// The first line of `80p`, `1,80p` or `5,$p`.
fn range(script: &str) -> Option<u64> {
    let lines = script.trim().strip_suffix('p')?.trim_end();
    let (from, to) = lines.split_once(',').unwrap_or((lines, "1"));
    let is_end = |to: &str| to == "$" || to.strip_prefix('+').unwrap_or(to).parse::<u64>().is_ok();
    is_end(to.trim()).then(|| from.trim().parse().ok())?
}

/// What a script does, if it can be said in actions.
fn actions(script: &str, dialect: Dialect) -> Option<Vec<Action>> {
    let mut commands = Vec::new();
    let mut rest = script.trim_start_matches(SPACE);
    while !rest.is_empty() {
        let (command, after) = one(rest, dialect)?;
        commands.push(command);
        rest = after.trim_start_matches(SPACE);
    }
    let everywhere = commands.iter().all(|command| command.from.is_none());
    if everywhere {
        return Some(commands.into_iter().map(plain).collect());
    }
    match commands.as_slice() {
        [only] => Some(vec![alone(only).unwrap_or(Action::Stream(commands))]),
        _ => Some(vec![Action::Stream(commands)]),
    }
}

/// What stands between commands.
const SPACE: [char; 5] = [' ', '\t', ';', '\n', '\r'];

/// A command for all lines, as an action of its own.
fn plain(command: StreamCommand) -> Action {
    match command.does {
        StreamEdit::Substitute { pattern, with, all } => Action::Substitute { pattern, with, all },
        _ => Action::Stream(vec![command]),
    }
}

/// Lines that are put in at one place.
fn alone(command: &StreamCommand) -> Option<Action> {
    match (&command.from, &command.to, command.others, &command.does) {
        (Some(Address::Last), None, false, StreamEdit::Append(text)) => {
            Some(Action::Append(text.clone()))
        }
        (Some(Address::Line(line)), None, false, StreamEdit::Insert(text)) => {
            Some(inserted(line.checked_sub(1)?, text))
        }
        (Some(Address::Line(line)), None, false, StreamEdit::Append(text)) => {
            Some(inserted(*line, text))
        }
        _ => None,
    }
}

/// One command, and what comes after it.
fn one(script: &str, dialect: Dialect) -> Option<(StreamCommand, &str)> {
    let (from, mut rest) = address(script, dialect, false)?;
    let mut to = None;
    if let Some(after) = rest.strip_prefix(',') {
        (to, rest) = address(after.trim_start(), dialect, true)?;
        // A range needs two ends.
        if from.is_none() || to.is_none() {
            return None;
        }
    }
    let bare = rest.trim_start();
    let others = bare.starts_with('!');
    let command = bare.trim_start_matches('!').trim_start();
    let kind = command.chars().next()?;
    let after = command.get(1..)?;
    let (does, rest) = match kind {
        's' => substitute(after, dialect)?,
        'd' => (StreamEdit::Delete, end(after)?),
        'i' => (StreamEdit::Insert(added(after)?), ""),
        'a' => (StreamEdit::Append(added(after)?), ""),
        'c' => (StreamEdit::Change(added(after)?), ""),
        _ => return None,
    };
    let command = StreamCommand {
        from,
        to,
        others,
        does,
    };
    Some((command, rest))
}

/// Nothing but the next command may follow.
fn end(rest: &str) -> Option<&str> {
    let rest = rest.trim_start_matches(' ');
    (rest.is_empty() || rest.starts_with([';', '\n'])).then_some(rest)
}

/// A line's name, if there is one here. As the end of a range it may be counted
/// from the first line.
fn address(script: &str, dialect: Dialect, ends: bool) -> Option<(Option<Address>, &str)> {
    if let Some(rest) = script.strip_prefix('$') {
        return Some((Some(Address::Last), rest));
    }
    if let Some(rest) = script.strip_prefix('/') {
        let (text, rest) = part(rest, '/')?;
        // `I` after it is for letters of any kind; nothing else may stand there.
        let (any_case, rest) = rest
            .strip_prefix('I')
            .map_or((false, rest), |rest| (true, rest));
        let pattern = pattern(&text, dialect, any_case)?;
        return Some((Some(Address::Like(pattern)), rest));
    }
    let (sign, digits) = match script.strip_prefix('+').filter(|_| ends) {
        Some(digits) => (true, digits),
        None => (false, script),
    };
    let length = digits.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, rest) = digits.split_at(length);
    if digits.is_empty() {
        return (!sign).then_some((None, rest));
    }
    let number = digits.parse().ok()?;
    // `0,/x/` and `first~step` are not followed.
    if rest.starts_with('~') || number == 0 && !sign {
        return None;
    }
    let address = if sign {
        Address::After(number)
    } else {
        Address::Line(number)
    };
    Some((Some(address), rest))
}

/// Lines put in after this one.
fn inserted(after: u64, text: &str) -> Action {
    Action::Patch(Patch {
        hunks: vec![Hunk {
            old_start: Some(after),
            new_start: Some(after + 1),
            anchor: None,
            lines: text.lines().map(|line| format!("+{line}")).collect(),
        }],
        after: None,
    })
}

/// The text of `a`, `i`, `c`: with a backslash and a new line before it, or behind.
fn added(text: &str) -> Option<String> {
    let text = text.trim_start_matches([' ', '\t']);
    let text = match text.strip_prefix('\\') {
        Some(rest) => rest.strip_prefix('\n').unwrap_or(rest),
        None => text,
    };
    let text = text.replace("\\\n", "\u{0}");
    if text.is_empty() || text.contains(['\\', '\n']) {
        return None;
    }
    Some(format!("{}\n", text.replace('\u{0}', "\n")))
}

fn substitute(text: &str, dialect: Dialect) -> Option<(StreamEdit, &str)> {
    let (from, to, rest) = parts(text)?;
    let length = rest.find([';', '\n', '}', ' ']).unwrap_or(rest.len());
    let (flags, rest) = rest.split_at(length);
    if !flags.chars().all(|flag| "gIi".contains(flag)) {
        return None;
    }
    let does = StreamEdit::Substitute {
        pattern: pattern(&from, dialect, flags.contains(['I', 'i']))?,
        with: replacement(&to, dialect)?,
        all: flags.contains('g'),
    };
    Some((does, end(rest)?))
}

/// The substitutions of a `perl` script, if it has nothing else.
pub(super) fn perl(script: &str) -> Option<Vec<Action>> {
    let mut actions = Vec::new();
    let mut rest = script.trim_start_matches([' ', ';', '\n']);
    while !rest.is_empty() {
        let text = rest.strip_prefix('s')?;
        let (from, to, after) = match text.strip_prefix('{') {
            Some(text) => {
                let (from, after) = part(text, '}')?;
                let (to, after) = part(after.trim_start().strip_prefix('{')?, '}')?;
                (from, to, after)
            }
            None => parts(text)?,
        };
        let length = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (flags, after) = after.split_at(length);
        if !flags.chars().all(|flag| "gi".contains(flag)) {
            return None;
        }
        actions.push(Action::Substitute {
            pattern: pattern(&from, Dialect::Perl, flags.contains('i'))?,
            with: replacement(&to, Dialect::Perl)?,
            all: flags.contains('g'),
        });
        let after = after.trim_start();
        if !after.is_empty() && !after.starts_with(';') {
            return None;
        }
        rest = after.trim_start_matches([' ', ';', '\n']);
    }
    Some(actions)
}
