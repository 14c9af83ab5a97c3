//! `stead why`

mod text;

use std::path::{Path, PathBuf};

use stead_app::trace::{Line, RangeError, Why, why};
use stead_app::{AppError, OpenOptions};

use super::blame::wrong_range;
use super::notice;
use super::tracing::{Traced, write_json};
use crate::cli::{GlobalArgs, WhyArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;
use text::ShowCommand;

pub(crate) fn run(
    args: &WhyArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let (file, number) = place(args)?;
    let (why, traced) = told(&file, number, args, context)?;
    notice::unread(&traced.tracer.problems());
    if global.json {
        write_json(&why)?;
    } else {
        let mut out = Output::paged(context);
        let show = |session: &str, event: &str| format!("stead show {session} --at {event}");
        text::write(&why, &traced, context, show, &mut out)?;
        out.finish()?;
    }
    Ok(Exit::Ok)
}

/// The story of a line for a program that asks, as people would read it.
pub(super) fn in_words(
    args: &WhyArgs,
    context: &Context,
    show: ShowCommand,
) -> Result<String, CommandError> {
    let (file, number) = place(args)?;
    let (why, traced) = told(&file, number, args, context)?;
    let mut text = Vec::new();
    text::write(&why, &traced, context, show, &mut text)?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

fn told(
    file: &Path,
    number: usize,
    args: &WhyArgs,
    context: &Context,
) -> Result<(Why, Traced), CommandError> {
    let (mut traced, path) = Traced::file(file, context)?;
    let lines = traced.tracer.file(&path, args.at.as_deref());
    let lines = lines.map_err(AppError::from)?;
    let Some(line) = lines.get(number - 1) else {
        return Err(wrong_range(&RangeError::Beyond {
            from: number,
            lines: lines.len(),
        }));
    };
    let options = OpenOptions {
        reveal: args.reveal,
    };
    let why = why(&traced.app, &mut traced.tracer, &path, line, options)?;
    Ok((why, traced))
}

/// The file and the line: `FILE:LINE`, as compilers write it with a column
/// behind, or `FILE LINE`.
fn place(args: &WhyArgs) -> Result<(PathBuf, usize), CommandError> {
    let text = args.place.to_string_lossy();
    let number = |text: &str| text.parse::<usize>().ok().filter(|number| *number > 0);
    if let Some(line) = &args.line {
        let number = number(line).ok_or_else(|| no_line(line))?;
        return Ok((args.place.clone(), number));
    }
    let mut rest = text.trim_end_matches(':');
    let mut numbers = Vec::new();
    while let Some((file, last)) = rest.rsplit_once(':')
        && numbers.len() < 2
        && !last.is_empty()
        && last.bytes().all(|byte| byte.is_ascii_digit())
    {
        numbers.push(last);
        rest = file;
    }
    match numbers.last() {
        Some(line) => Ok((
            Path::new(rest).to_owned(),
            number(line).ok_or_else(|| no_line(line))?,
        )),
        None => Err(CommandError::usage(format!("`{text}` names no line"))
            .hint(format!("write `stead why {text}:LINE`"))),
    }
}

fn no_line(text: &str) -> CommandError {
    CommandError::usage(format!("`{text}` is no line")).hint("lines are counted from 1")
}

/// How sure an answer is, for people.
fn sure(line: &Line) -> String {
    format!("{:.0} % sure", f64::from(line.confidence) * 100.0)
}

#[cfg(test)]
mod tests {
    use super::place;
    use crate::cli::WhyArgs;

    #[test]
    fn lines_are_named_as_people_and_compilers_do() {
        let args = |place: &str, line: Option<&str>| WhyArgs {
            place: place.into(),
            line: line.map(str::to_owned),
            at: None,
            reveal: false,
        };
        for (text, line, file, number) in [
            ("src/a.rs:12", None, "src/a.rs", 12),
            ("src/a.rs:12:7", None, "src/a.rs", 12),
            ("src/a.rs:12:", None, "src/a.rs", 12),
            ("C:\\a.rs:3", None, "C:\\a.rs", 3),
            ("a:b", Some("4"), "a:b", 4),
        ] {
            let found = place(&args(text, line)).unwrap();
            assert_eq!(found, (file.into(), number), "{text}");
        }
        for (text, line) in [("a.rs", None), ("a.rs:0", None), ("a.rs", Some("x"))] {
            assert!(place(&args(text, line)).is_err(), "{text}");
        }
    }
}
