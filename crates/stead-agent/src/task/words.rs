//! Words by which rules tell what a task is.

use super::Intent;

/// First words of tasks, by what kind of work they begin.
const VERBS: [(Intent, &[&str]); 4] = [
    (
        Intent::Fix,
        &[
            "fix",
            "repair",
            "debug",
            "resolve",
            "correct",
            "mend",
            "solve",
            "investigate",
        ],
    ),
    (
        Intent::Refactor,
        &[
            "refactor",
            "rename",
            "move",
            "extract",
            "simplify",
            "clean",
            "split",
            "inline",
            "reorganize",
            "reorganise",
            "restructure",
            "deduplicate",
            "rewrite",
            "migrate",
        ],
    ),
    (
        Intent::Explain,
        &[
            "explain",
            "describe",
            "what",
            "why",
            "how",
            "where",
            "who",
            "which",
            "when",
            "is",
            "are",
            "does",
            "do",
            "can",
            "could",
            "should",
            "summarize",
            "summarise",
            "list",
            "show",
            "tell",
            "find",
            "review",
            "compare",
        ],
    ),
    (Intent::Test, &["test", "cover"]),
];

/// Polite words before the first that says something.
const POLITE: [&str; 10] = [
    "please", "hi", "hello", "hey", "now", "then", "just", "kindly", "let's", "also",
];

/// Words with which a question asks for work all the same: `can you fix …`.
const ASKING: [&str; 6] = ["can", "could", "would", "will", "you", "we"];

/// What kind of work a task is.
pub(super) fn intent(task: &str) -> Intent {
    let lower = task.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let mut first = 0;
    while words.get(first).is_some_and(|word| POLITE.contains(word)) {
        first += 1;
    }
    if words.get(first).is_some_and(|word| ASKING.contains(word))
        && words
            .get(first + 1)
            .is_some_and(|word| ASKING.contains(word))
    {
        first += 2;
        first += usize::from(words.get(first).is_some_and(|word| POLITE.contains(word)));
    }
    let Some(word) = words.get(first) else {
        return Intent::Change;
    };
    let of_verb = VERBS.iter().find(|(_, verbs)| verbs.contains(word));
    if let Some((intent, _)) = of_verb {
        return *intent;
    }
    // `add unit tests to …`, `write a test for …`
    let makes = [
        "add", "write", "create", "extend", "improve", "increase", "make",
    ];
    let soon = words.iter().skip(first + 1).take(4);
    let mut soon = soon.map(|word| word.trim_end_matches('s'));
    if makes.contains(word) && soon.any(|word| matches!(word, "test" | "coverage" | "spec")) {
        return Intent::Test;
    }
    let trouble = [
        "fails", "failing", "failed", "broken", "crashes", "panics", "bug", "error",
    ];
    let is_trouble = words.iter().any(|word| trouble.contains(word));
    if is_trouble && !makes.contains(word) {
        return Intent::Fix;
    }
    Intent::Change
}

/// Whether a sentence says what must or must not be.
pub(super) fn constrains(sentence: &str) -> bool {
    let padded = format!(" {} ", sentence.to_lowercase().replace('\u{2019}', "'"));
    [
        " must ",
        " mustn't ",
        " don't ",
        " do not ",
        " never ",
        " only ",
        " without ",
        " keep ",
        " make sure ",
        " ensure ",
        " should not ",
        " shouldn't ",
        " no new ",
        " avoid ",
        " leave ",
        " always ",
        " instead of ",
        " at most ",
        " at least ",
        " no more than ",
    ]
    .iter()
    .any(|sign| padded.contains(sign))
}
