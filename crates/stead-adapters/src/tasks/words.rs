//! What stands in the user's place of a message: what a person typed, in tags that
//! the agent puts around it, and what the agent adds.

/// The tags around what was typed.
const TAGS: &[&str] = &["task", "user_message", "feedback", "answer"];

/// A part of such a text.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Part<'a> {
    Typed(&'a str),
    Added(&'a str),
}

/// Takes a text apart; blank parts are left out.
pub(crate) fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some((place, tag)) = opening(rest) {
        let inner = &rest[place + tag.len() + 2..];
        let close = format!("</{tag}>");
        // What was typed may hold the tags, too.
        let Some(end) = inner.rfind(&close) else {
            break;
        };
        push(&mut parts, Part::Added(&rest[..place]));
        push(&mut parts, Part::Typed(&inner[..end]));
        rest = &inner[end + close.len()..];
    }
    push(&mut parts, Part::Added(rest));
    parts
}

fn push<'a>(parts: &mut Vec<Part<'a>>, part: Part<'a>) {
    let (Part::Typed(text) | Part::Added(text)) = &part;
    if !text.trim().is_empty() {
        parts.push(part);
    }
}

/// The first tag at the beginning of a line.
fn opening(text: &str) -> Option<(usize, &'static str)> {
    if text.starts_with("<environment_details>") {
        return None;
    }
    let mut from = 0;
    loop {
        let line = &text[from..];
        let found = TAGS.iter().find(|tag| {
            let open = line
                .strip_prefix('<')
                .and_then(|line| line.strip_prefix(**tag));
            open.is_some_and(|line| line.starts_with('>'))
        });
        if let Some(tag) = found {
            return Some((from, tag));
        }
        from += memchr::memchr(b'\n', line.as_bytes())? + 1;
    }
}

/// The text between a tag of the environment's description and its end.
pub(super) fn told<'a>(environment: &'a str, open: &str, close: &str) -> Option<&'a str> {
    let (_, behind) = environment.split_once(open)?;
    let (inner, _) = behind.split_once(close)?;
    let is_line = !inner.is_empty() && !inner.contains('\n');
    is_line.then_some(inner)
}

/// The working folder that the environment's description names.
pub(super) fn folder(environment: &str) -> Option<&str> {
    if !environment.starts_with("<environment_details>") {
        return None;
    }
    [
        "# Current Working Directory (",
        "# Current Workspace Directory (",
    ]
    .iter()
    .find_map(|open| told(environment, open, ") Files"))
}

#[cfg(test)]
mod tests {
    use super::{Part, folder, parts};

    #[test]
    fn typed_and_added() {
        use Part::{Added, Typed};
        let check = |text: &str, expected: &[Part<'_>]| assert_eq!(parts(text), expected);
        check("<task>\nDo it\n</task>", &[Typed("\nDo it\n")]);
        check(
            "New:\n<user_message>\n</user_message> is a tag\n</user_message>\nrest",
            &[
                Added("New:\n"),
                Typed("\n</user_message> is a tag\n"),
                Added("\nrest"),
            ],
        );
        check("a <task>x</task>", &[Added("a <task>x</task>")]);
        check("<task>\nnever closed", &[Added("<task>\nnever closed")]);
        check("<task>\n\n</task>", &[]);
    }

    #[test]
    fn the_folder_is_named() {
        let text = "<environment_details>\n# Current Working Directory (/a (b)) Files\nx";
        assert_eq!(folder(text), Some("/a (b)"));
        assert_eq!(folder("# Current Working Directory (/a) Files"), None);
    }
}
