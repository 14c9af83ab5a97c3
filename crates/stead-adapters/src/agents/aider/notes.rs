//! Facts in what the program says by itself: models, tokens, commits, failures.
//! Pure text.

use stead_usf::Usage;

/// A fact about how the session is set up.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Fact<'a> {
    Version(&'a str),
    /// The model that answers, and the form in which it writes edits.
    Model(&'a str, Option<&'a str>),
    /// The model that carries out an architect's plan, likewise.
    Editor(&'a str, Option<&'a str>),
}

/// The fact that a line states.
pub(super) fn fact(line: &str) -> Option<Fact<'_>> {
    if let Some(version) = line.strip_prefix("Aider v") {
        return Some(Fact::Version(version.trim_end()));
    }
    let (label, rest) = line.split_once(": ")?;
    let (name, format) = model(rest)?;
    match label {
        "Model" | "Main model" | "Models" => Some(Fact::Model(name, format)),
        "Editor model" => Some(Fact::Editor(name, format)),
        _ => None,
    }
}

/// `NAME with FORMAT edit format, …`; in old versions `using`, or the name alone.
fn model(text: &str) -> Option<(&str, Option<&str>)> {
    let parts = text
        .split_once(" with ")
        .or_else(|| text.split_once(" using "));
    let (name, format) = match parts {
        Some((name, rest)) => (
            name,
            rest.split_once(" edit format").map(|(format, _)| format),
        ),
        None => (text.trim_end(), None),
    };
    let is_name = !name.is_empty() && !name.contains(' ');
    is_name.then_some((name, format))
}

/// Tokens and cost of one request, as far as they are told. The program rounds
/// them to two or three digits, and often counts by itself.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Counted {
    pub(super) usage: Usage,
    pub(super) cost: Option<f64>,
}

/// `Tokens: 2.4k sent, 1.1k cache write, 1.2k cache hit, 93 received. Cost: $0.07
/// message, $0.23 session.`, or until 0.36 `1,200 prompt tokens, 93 completion
/// tokens, $0.0400`.
pub(super) fn counted(text: &str) -> Option<Counted> {
    let Some(rest) = text.strip_prefix("Tokens: ") else {
        return counted_of_old(text);
    };
    let (counts, cost) = rest.split_once(" received.")?;
    let mut sent = None;
    let mut usage = Usage::default();
    for part in counts.split(", ") {
        if let Some((number, what)) = part.split_once(' ') {
            match what {
                "sent" => sent = number_of(number),
                "cache write" => usage.cache_write = number_of(number),
                "cache hit" => usage.cache_read = number_of(number),
                _ => return None,
            }
        } else {
            usage.output = number_of(part);
        }
    }
    // What was sent holds what came out of the cache and went into it.
    let cached = [usage.cache_write, usage.cache_read];
    let cached = cached.iter().flatten().sum();
    usage.input = sent.map(|sent: u64| sent.checked_sub(cached).unwrap_or(sent));
    let message = cost
        .split_once("Cost: $")
        .and_then(|(_, cost)| cost.split_once(" message"));
    Some(Counted {
        usage,
        cost: message.and_then(|(cost, _)| dollars(cost)),
    })
}

fn counted_of_old(text: &str) -> Option<Counted> {
    let (sent, rest) = text.split_once(" prompt tokens, ")?;
    let (received, rest) = rest.split_once(" completion tokens")?;
    let usage = Usage {
        input: Some(number_of(sent)?),
        output: Some(number_of(received)?),
        ..Usage::default()
    };
    let cost = rest.strip_prefix(", $").and_then(dollars);
    Some(Counted { usage, cost })
}

fn dollars(text: &str) -> Option<f64> {
    let cost: f64 = text.trim().replace(',', "").parse().ok()?;
    (cost.is_finite() && cost >= 0.0).then_some(cost)
}

/// `93`, `2,088`, `2.4k`, `31k`.
fn number_of(text: &str) -> Option<u64> {
    let Some(thousands) = text.strip_suffix('k') else {
        let digits = text.replace(',', "");
        return digits.parse().ok();
    };
    let (whole, part) = thousands.split_once('.').unwrap_or((thousands, ""));
    if part.len() > 3 {
        return None;
    }
    let number = format!("{}{part:0<3}", whole.replace(',', ""));
    number.parse().ok()
}

/// What a line says of a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Commit<'a> {
    /// It was made, taken back, or is what is there after that.
    pub(super) what: &'static str,
    /// The first digits of its id.
    pub(super) hash: &'a str,
    /// The first line of its message.
    pub(super) message: &'a str,
}

/// `Commit 7HEX MESSAGE`, and the two lines of an undo.
pub(super) fn commit(line: &str) -> Option<Commit<'_>> {
    const WORDS: [(&str, &str); 3] = [
        ("Commit ", "commit"),
        ("Removed: ", "removed"),
        ("Now at: ", "head"),
    ];
    WORDS.iter().find_map(|(start, what)| {
        let rest = line.strip_prefix(start)?.trim_start();
        let (hash, message) = rest.split_once(' ').unwrap_or((rest, ""));
        let is_hash = (4..=40).contains(&hash.len())
            && hash
                .bytes()
                .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        is_hash.then_some(Commit {
            what,
            hash,
            message,
        })
    })
}

/// What became of the edits that a reply asks for, as far as a line tells.
pub(super) fn outcome(line: &str) -> Option<bool> {
    const FAILED: [&str; 7] = [
        "The LLM did not conform",
        "Malformed response #",
        "Exception while updating files",
        "Did not apply edit to ",
        "Skipping edits to ",
        "Error applying action ",
        "Unable to create ",
    ];
    if line.starts_with("Applied edit to ") {
        return Some(true);
    }
    FAILED
        .iter()
        .any(|start| line.starts_with(start))
        .then_some(false)
}

/// The file that the user let the agent make, from the question and the answer.
/// The file stands in the question or, later, on a line before it.
pub(super) fn created<'a>(before: Option<&'a str>, line: &'a str) -> Option<&'a str> {
    let yes = |line: &str| matches!(line.rsplit(' ').next(), Some("y" | "yes" | "a" | "all"));
    if let Some(rest) = line.strip_prefix("Allow creation of new file ") {
        return rest
            .rsplit_once('?')
            .map(|(file, _)| file)
            .filter(|_| yes(line));
    }
    before.filter(|_| line.starts_with("Create new file?") && yes(line))
}

/// Whether it tells of something that went wrong with the session itself.
pub(super) fn is_error(line: &str) -> bool {
    const ERRORS: [&str; 10] = [
        "^C",
        "litellm.",
        "Error",
        "Exception ",
        "Traceback ",
        "Unable to ",
        "Empty response received",
        "Only 3 reflections allowed",
        "Invalid command: ",
        "Malformed response #",
    ];
    ERRORS.iter().any(|start| line.starts_with(start))
        || (line.starts_with("Model ") && line.contains(" has hit a token limit"))
}

/// Whether after this the program asks the model again.
pub(super) fn goes_on(line: &str) -> bool {
    let asks = line.starts_with("Attempt to fix ") || line.starts_with("Fix lint errors");
    let yes = line.ends_with(" y") || line.ends_with(" yes");
    (asks && yes) || line.starts_with("Retrying in ") || line.ends_with("retrying...")
}

#[cfg(test)]
mod tests {
    use stead_usf::Usage;

    use super::{Commit, Counted, Fact, commit, counted, created, fact};

    #[test]
    fn facts_of_every_version() {
        for (line, expected) in [
            ("Aider v0.86.2", Fact::Version("0.86.2")),
            (
                "Model: openai/scripted with diff edit format",
                Fact::Model("openai/scripted", Some("diff")),
            ),
            (
                "Main model: o3 with architect edit format, infinite output",
                Fact::Model("o3", Some("architect")),
            ),
            (
                "Models: gpt-4 with whole edit format, weak model gpt-3.5-turbo",
                Fact::Model("gpt-4", Some("whole")),
            ),
            (
                "Model: gpt-3.5-turbo-1106 using udiff edit format",
                Fact::Model("gpt-3.5-turbo-1106", Some("udiff")),
            ),
            ("Model: gpt-4", Fact::Model("gpt-4", None)),
            (
                "Editor model: e with editor-diff edit format",
                Fact::Editor("e", Some("editor-diff")),
            ),
        ] {
            assert_eq!(fact(line), Some(expected), "{line}");
        }
        assert_eq!(fact("Model: of a car"), None);
        assert_eq!(fact("Weak model: gpt-3.5-turbo"), None);
    }

    #[test]
    fn tokens_of_every_version() {
        let usage = |input, output| Usage {
            input: Some(input),
            output: Some(output),
            ..Usage::default()
        };
        for (line, input, output, cost) in [
            ("Tokens: 298 sent, 72 received.", 298, 72, None),
            ("Tokens: 2.5k sent, 239 received.", 2500, 239, None),
            (
                "Tokens: 31k sent, 1.0k received. Cost: $1,2 message.",
                31_000,
                1000,
                Some(12.0),
            ),
            (
                "Tokens: 2,088 sent, 41 received. Cost: $0.07 message, $0.23 session.",
                2088,
                41,
                Some(0.07),
            ),
            (
                "1,538 prompt tokens, 52 completion tokens, $0.0012",
                1538,
                52,
                Some(0.0012),
            ),
        ] {
            let expected = Counted {
                usage: usage(input, output),
                cost,
            };
            assert_eq!(counted(line), Some(expected), "{line}");
        }
        let cached = counted(
            "Tokens: 5.0k sent, 3.1k cache write, 1.2k cache hit, 93 received.\nCost: $0.01 message, $0.02 session.",
        );
        let expected = Usage {
            cache_read: Some(1200),
            cache_write: Some(3100),
            ..usage(700, 93)
        };
        assert_eq!(
            cached,
            Some(Counted {
                usage: expected,
                cost: Some(0.01)
            })
        );
        for other in [
            "Tokens: many sent, few received.",
            "Tokens: 5 spent.",
            "99999999999999999999k prompt tokens, 1 completion tokens",
        ] {
            assert!(
                counted(other).is_none_or(|counted| counted.usage.input.is_none()),
                "{other}"
            );
        }
    }

    #[test]
    fn commits_and_new_files() {
        let made = Commit {
            what: "commit",
            hash: "e9ebbe9",
            message: "Add a helper",
        };
        assert_eq!(commit("Commit e9ebbe9 Add a helper"), Some(made));
        assert_eq!(
            commit("Now at:  206e359 Add").map(|commit| commit.hash),
            Some("206e359")
        );
        assert_eq!(commit("Commit message: nothing"), None);
        assert_eq!(
            created(None, "Allow creation of new file a b.md? yes"),
            Some("a b.md")
        );
        assert_eq!(
            created(Some("a.md"), "Create new file? (Y)es/(N)o [Yes]: y"),
            Some("a.md")
        );
        assert_eq!(
            created(Some("a.md"), "Create new file? (Y)es/(N)o [Yes]: n"),
            None
        );
    }
}
