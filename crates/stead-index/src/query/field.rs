//! What `name:value` means: a field, a mistyped field, or code that has a colon in it.

use super::error::{QueryError, Span, shown};

/// The fields of the language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldName {
    Agent,
    Model,
    Tool,
    File,
    Project,
    Since,
    Before,
    Is,
    Title,
    Id,
    Branch,
}

impl FieldName {
    const ALL: [Self; 11] = [
        Self::Agent,
        Self::Model,
        Self::Tool,
        Self::File,
        Self::Project,
        Self::Since,
        Self::Before,
        Self::Is,
        Self::Title,
        Self::Id,
        Self::Branch,
    ];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Model => "model",
            Self::Tool => "tool",
            Self::File => "file",
            Self::Project => "project",
            Self::Since => "since",
            Self::Before => "before",
            Self::Is => "is",
            Self::Title => "title",
            Self::Id => "id",
            Self::Branch => "branch",
        }
    }

    fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|field| field.name().eq_ignore_ascii_case(name))
    }
}

/// What other tools call a field.
const OTHER_NAMES: [(&str, &str); 10] = [
    ("path", "file"),
    ("after", "since"),
    ("until", "before"),
    ("repo", "project"),
    ("cwd", "project"),
    ("dir", "project"),
    ("session", "id"),
    ("has", "is"),
    ("role", "is"),
    ("harness", "agent"),
];

/// What a term without leading quotes is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Shape<'a> {
    /// Plain text.
    Text,
    /// A field with at least one character of value.
    Known(FieldName),
    /// Meant as a field, but there is none of this name.
    Unknown(&'a str),
}

/// Decides what `chunk`, a run without whitespace, is. See rules Q20 to Q23.
pub(super) fn classify(chunk: &str) -> Shape<'_> {
    let Some((name, value)) = chunk.split_once(':') else {
        return Shape::Text;
    };
    let named = name.len() >= 2 && name.bytes().all(|b| b.is_ascii_alphabetic());
    if !named || value.is_empty() || value.starts_with(':') || value.starts_with("//") {
        return Shape::Text;
    }
    if let Some(known) = FieldName::find(name) {
        return Shape::Known(known);
    }
    let text = value.starts_with(is_code)
        || (suggest_field(name).is_none() && looks_like_code(name, value));
    if text {
        Shape::Text
    } else {
        Shape::Unknown(name)
    }
}

/// Punctuation that hardly begins a value but often follows a colon in code.
fn is_code(c: char) -> bool {
    c.is_ascii_punctuation() && !matches!(c, '"' | '*' | '?' | '.' | ',' | '-' | '_' | '/' | '~')
}

fn looks_like_code(name: &str, value: &str) -> bool {
    name.bytes().any(|b| b.is_ascii_uppercase())
        || value.starts_with(|c: char| c.is_ascii_digit() || c == '/' || c == ',')
        || value.ends_with(',')
        || value.contains(is_code)
}

/// The error for a [`Shape::Unknown`] term whose name starts at byte `start`.
pub(super) fn unknown_field(name: &str, start: usize) -> QueryError {
    let names = || {
        FieldName::ALL
            .into_iter()
            .map(FieldName::name)
            .collect::<Vec<_>>()
    };
    let hint = suggest_field(name).map_or_else(
        || {
            let names = names().join(", ");
            format!("put quotes around it to search for text; the fields are {names}")
        },
        |near| format!("did you mean `{near}:`?"),
    );
    let span = Span::new(start, start + name.len());
    QueryError::new(format!("unknown field `{}`", shown(name)), span).hint(hint)
}

/// The field that `name` was probably meant to be.
fn suggest_field(name: &str) -> Option<&'static str> {
    let lower = name.to_ascii_lowercase();
    let other = OTHER_NAMES
        .iter()
        .find(|(theirs, _)| *theirs == lower)
        .map(|(_, ours)| *ours);
    other.or_else(|| nearest(name, FieldName::ALL.into_iter().map(FieldName::name)))
}

/// The name closest to `word`, when it is close enough to be a slip of the fingers:
/// one edit, or two in words of five letters and more.
pub(super) fn nearest(
    word: &str,
    names: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    let lower: String = word
        .chars()
        .take(17)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let word: Vec<char> = lower.chars().collect();
    let allowed = match word.len() {
        0..=2 | 17.. => return None,
        3 | 4 => 1,
        _ => 2,
    };
    names
        .map(|name| (distance(&word, name), name))
        .filter(|(edits, _)| *edits <= allowed)
        .min_by_key(|(edits, name)| (*edits, !lower.starts_with(name)))
        .map(|(_, name)| name)
}

/// Optimal string alignment: insert, delete, replace, or swap two neighbours.
fn distance(word: &[char], name: &str) -> usize {
    let name: Vec<char> = name.chars().collect();
    let mut rows = vec![vec![0; name.len() + 1]; word.len() + 1];
    rows[0] = (0..=name.len()).collect();
    for i in 1..=word.len() {
        rows[i][0] = i;
        for j in 1..=name.len() {
            let replaced = rows[i - 1][j - 1] + usize::from(word[i - 1] != name[j - 1]);
            let mut best = replaced.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && word[i - 1] == name[j - 2] && word[i - 2] == name[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[word.len()][name.len()]
}
