//! What a person typed, out of the tags that the program puts around it.

/// A part of a text in the user's place.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Typed(&'a str),
    Added(&'a str),
}

const OPEN: &str = "<user_input";
const CLOSE: &str = "</user_input>";

/// Takes a text apart. Without tags it is whole what the place says.
pub(super) fn parts(text: &str) -> Vec<Part<'_>> {
    let Some((before, typed, after)) = split(text) else {
        return vec![Part::Typed(text)];
    };
    let mut parts = vec![Part::Added(before), Part::Typed(typed), Part::Added(after)];
    parts.retain(|part| !matches!(part, Part::Added(text) if text.trim().is_empty()));
    parts
}

/// The text without the tags.
pub(super) fn bare(text: &str) -> &str {
    split(text).map_or(text, |(_, typed, _)| typed)
}

/// What stands before, in and after the tags. They open at a line's beginning.
fn split(text: &str) -> Option<(&str, &str, &str)> {
    let mut places = text.match_indices(OPEN).map(|(place, _)| place);
    let open = places.find(|place| *place == 0 || text[..*place].ends_with(['\n', '>']))?;
    let (tag, inner) = text[open..].split_once('>')?;
    let attributes = &tag[OPEN.len()..];
    let is_tag = attributes.is_empty() || attributes.starts_with(" mode=");
    let end = inner.rfind(CLOSE)?;
    is_tag.then(|| (&text[..open], &inner[..end], &inner[end + CLOSE.len()..]))
}

#[cfg(test)]
mod tests {
    use super::{Part, bare, parts};

    #[test]
    fn typed_and_added() {
        use Part::{Added, Typed};
        let check = |text: &str, expected: &[Part<'_>]| assert_eq!(parts(text), expected);
        check(
            "<user_input mode=\"act\">Do it</user_input>",
            &[Typed("Do it")],
        );
        check(
            "<mode_notice>x</mode_notice>\n<user_input mode=\"plan\">a </user_input> b</user_input>\nfile",
            &[
                Added("<mode_notice>x</mode_notice>\n"),
                Typed("a </user_input> b"),
                Added("\nfile"),
            ],
        );
        check(
            "see <user_input mode=\"act\">x</user_input>",
            &[Typed("see <user_input mode=\"act\">x</user_input>")],
        );
        assert_eq!(bare("<user_input>x</user_input>"), "x");
        assert_eq!(bare("<user_input mode"), "<user_input mode");
    }
}
