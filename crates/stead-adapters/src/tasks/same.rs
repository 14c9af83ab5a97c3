//! Whether the two records of a task speak of the same.

use super::asked::Answer;
use super::shown::Shown;

/// Whether a tool's answer has the text that the interface shows.
pub(super) fn is_answered(answers: &[Answer], shown: &Shown<'_>) -> bool {
    let mut outputs = answers
        .iter()
        .filter_map(|answer| answer.event.output.as_deref());
    outputs.any(|output| output.contains(shown.words()))
}

/// What a record says: its text, or what its JSON has the model say.
pub(super) fn said(shown: &Shown<'_>) -> String {
    let response = shown
        .details()
        .and_then(|mut details| details.string("response"));
    let text = response.unwrap_or_else(|| shown.words().to_owned());
    // A sign for the interface.
    text.trim().trim_end_matches("HAS_CHANGES").to_owned()
}

/// Whether a piece's text is what the interface showed, perhaps before it was whole,
/// and with other line breaks.
pub(super) fn is_same(piece: &str, shown: &str) -> bool {
    let bare = |text: &str| {
        let text = text.replace("<thinking>", "").replace("</thinking>", "");
        text.split_whitespace().collect::<String>()
    };
    let (piece, shown) = (bare(piece), bare(shown));
    piece == shown
        || !shown.is_empty()
            && !piece.is_empty()
            && (piece.starts_with(&shown) || shown.starts_with(&piece))
}
