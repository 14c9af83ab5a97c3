//! What `echo` and `printf` print.

use crate::shell::printed::Out;
use crate::shell::quote::unescaped;
use crate::shell::run::Shell;
use crate::shell::word::Arg;

pub(super) fn echo(args: &[Arg]) -> Out {
    let is_option = |arg: &&Arg| {
        let letters = arg.text.strip_prefix('-').unwrap_or_default();
        !letters.is_empty() && letters.chars().all(|letter| "neE".contains(letter))
    };
    let options: Vec<&Arg> = args.iter().take_while(is_option).collect();
    let words: Option<Vec<&str>> = args[options.len()..].iter().map(Arg::letters).collect();
    let Some(words) = words else {
        return Out::unknown();
    };
    let has = |letter| options.iter().any(|option| option.text.contains(letter));
    let text = words.join(" ");
    let text = if has('e') {
        unescaped(&text)
    } else {
        Some(text)
    };
    let end = if has('n') { "" } else { "\n" };
    text.map_or_else(Out::unknown, |text| Out::text(&format!("{text}{end}")))
}

pub(super) fn printf(shell: &mut Shell, args: &[Arg]) -> Out {
    let args = match args {
        [first, rest @ ..] if first.text == "--" => rest,
        args => args,
    };
    let Some((format, args)) = args.split_first() else {
        return Out::unknown();
    };
    let values: Option<Vec<&str>> = args.iter().map(Arg::letters).collect();
    let (Some(format), Some(values)) = (format.letters(), values) else {
        return Out::unknown();
    };
    if format.starts_with('-') {
        return Out::unknown();
    }
    formatted(shell, format, &values).map_or_else(Out::unknown, |text| Out::text(&text))
}

/// The format as often as there are values for it.
fn formatted(shell: &mut Shell, format: &str, values: &[&str]) -> Option<String> {
    let pieces = pieces(format)?;
    let takes = pieces.iter().filter(|(_, sign)| sign.is_some()).count();
    let mut values = values.iter();
    let mut text = String::new();
    loop {
        for (before, sign) in &pieces {
            text.push_str(before);
            let Some(sign) = sign else { continue };
            let value = values.next().copied();
            match sign {
                'b' => text.push_str(&unescaped(value.unwrap_or_default())?),
                'd' | 'i' => {
                    let number: i64 = value.unwrap_or("0").parse().ok()?;
                    text.push_str(&number.to_string());
                }
                _ => text.push_str(value.unwrap_or_default()),
            }
        }
        if takes == 0 || values.len() == 0 {
            return Some(text);
        }
        if !shell.spend(format.len()) {
            return None;
        }
    }
}

/// A format as text, each time up to where a value comes.
fn pieces(format: &str) -> Option<Vec<(String, Option<char>)>> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = format.split('%');
    text.push_str(&unescaped(rest.next()?)?);
    while let Some(part) = rest.next() {
        let Some(sign) = part.chars().next() else {
            // `%%`, and what comes after it up to the next.
            text.push('%');
            text.push_str(&unescaped(rest.next()?)?);
            continue;
        };
        if !"sdib".contains(sign) {
            return None;
        }
        pieces.push((std::mem::take(&mut text), Some(sign)));
        text.push_str(&unescaped(&part[1..])?);
    }
    pieces.push((text, None));
    Some(pieces)
}
