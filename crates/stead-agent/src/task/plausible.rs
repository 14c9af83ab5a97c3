//! What a model made of a task, held against the task and the repository: what neither
//! the user's words nor the repository's files bear out is left out, and told. What the
//! user said plainly is not lost.

use super::model::Answer;
use super::{Facts, Intent, TaskSpec, by_rules, known};

/// So many items of a list are kept, of so many bytes each.
const ITEMS: usize = 20;
const ITEM: usize = 400;

/// The specification that stands, and what was changed about the model's, in words.
pub(super) fn plausible(answer: Answer, task: &str, facts: &Facts) -> (TaskSpec, Vec<String>) {
    let rules = by_rules(task, facts);
    let mut told = Vec::new();
    let spec = TaskSpec {
        goal: goal(answer.goal, &rules, &mut told),
        intent: intent(answer.intent, &rules, &mut told),
        targets: targets(answer.targets, task, facts, &mut told),
        constraints: constraints(answer.constraints, task, &rules, &mut told),
        checks: checks(answer.checks, task, facts, &mut told),
        private: private(answer.private, task, &mut told),
    };
    let spec = with_checks(spec, task, &rules, &mut told);
    (spec, told)
}

fn goal(goal: Option<String>, rules: &TaskSpec, told: &mut Vec<String>) -> String {
    let goal = goal.unwrap_or_default();
    let goal = goal.trim();
    if goal.is_empty() || goal.len() > ITEM || goal.contains(char::is_control) {
        told.push("the goal was no sentence: the task's first one is taken".to_owned());
        return rules.goal.clone();
    }
    goal.to_owned()
}

/// A task that begins with a plain order for work is not taken for a question: then
/// nothing done would count as done.
fn intent(intent: Option<Intent>, rules: &TaskSpec, told: &mut Vec<String>) -> Intent {
    match intent {
        None => {
            told.push("the intent was none of those there are".to_owned());
            rules.intent
        }
        Some(Intent::Explain)
            if matches!(rules.intent, Intent::Fix | Intent::Test | Intent::Refactor) =>
        {
            told.push("the task orders work, and was taken for a question".to_owned());
            rules.intent
        }
        Some(intent) => intent,
    }
}

/// Files and folders that are there, and whatever the user wrote that stays inside.
fn targets(wanted: Vec<String>, task: &str, facts: &Facts, told: &mut Vec<String>) -> Vec<String> {
    let mut targets = Vec::new();
    for target in usable(wanted, "target", told) {
        let bare = target.trim_start_matches("./").trim_end_matches('/');
        let leaves = bare.starts_with('/') || bare.split('/').any(|part| part == "..");
        if facts.has(bare) || facts.has_folder(bare) {
            push(&mut targets, bare);
        } else if let Some(file) = facts.only(bare) {
            push(&mut targets, file);
        } else if !leaves && task.contains(bare) {
            push(&mut targets, bare);
        } else {
            told.push(format!("target `{target}` is not there: left out"));
        }
    }
    targets
}

/// Sentences whose words are the task's, and those that rules find and the model did not.
fn constraints(
    wanted: Vec<String>,
    task: &str,
    rules: &TaskSpec,
    told: &mut Vec<String>,
) -> Vec<String> {
    let mut constraints = Vec::new();
    for sentence in usable(wanted, "constraint", told) {
        if likeness(&sentence, task) >= 0.6 {
            push(&mut constraints, &sentence);
        } else {
            told.push(format!(
                "constraint `{sentence}` is not the task's: left out"
            ));
        }
    }
    for sentence in &rules.constraints {
        if !constraints
            .iter()
            .any(|kept| likeness(sentence, kept) >= 0.6)
        {
            told.push(format!("constraint `{sentence}` was missing: added"));
            push(&mut constraints, sentence);
        }
    }
    constraints
}

/// How many of a sentence's words stand in a text, from 0 to 1.
fn likeness(sentence: &str, text: &str) -> f64 {
    let words = |text: &str| -> Vec<String> {
        let text = text.to_lowercase();
        let words = text.split(|c: char| !c.is_alphanumeric());
        words
            .filter(|word| word.chars().count() > 2)
            .map(str::to_owned)
            .collect()
    };
    let (own, theirs) = (words(sentence), words(text));
    if own.is_empty() {
        // Scripts without blanks between words.
        return if text.contains(sentence.trim()) {
            1.0
        } else {
            0.0
        };
    }
    let found = own.iter().filter(|word| theirs.contains(word)).count();
    found as f64 / own.len() as f64
}

/// Commands that the user wrote or the repository knows. They are run, so a command that
/// is only like one of these is none.
fn checks(wanted: Vec<String>, task: &str, facts: &Facts, told: &mut Vec<String>) -> Vec<String> {
    let known = known::commands(facts);
    let task = squeezed(task);
    let mut checks = Vec::new();
    for command in usable(wanted, "check", told) {
        let command = squeezed(&command);
        let is_known = known.iter().any(|own| is_of(&command, own, facts));
        if is_known || says(&task, &command) {
            push(&mut checks, &command);
        } else {
            told.push(format!(
                "check `{command}` is known neither to the task nor to the repository: left out"
            ));
        }
    }
    checks
}

/// Whether a command is a known one, or the same on files that are there.
fn is_of(command: &str, known: &str, facts: &Facts) -> bool {
    let Some(rest) = command.strip_prefix(known) else {
        return false;
    };
    rest.is_empty()
        || rest.starts_with(' ')
            && rest.split_whitespace().all(|word| {
                let path = word.split("::").next().unwrap_or(word);
                facts.has(path) || facts.has_folder(path) || matches!(word, "-q" | "-v" | "-x")
            })
}

/// Whether a text holds a command, not only as the beginning or end of a longer word.
fn says(text: &str, command: &str) -> bool {
    let part_of_word =
        |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || "_/-".contains(c));
    command.contains(' ')
        && text.match_indices(command).any(|(at, found)| {
            let (before, after) = (
                text[..at].chars().next_back(),
                text[at + found.len()..].chars().next(),
            );
            !part_of_word(before) && !part_of_word(after)
        })
}

/// A check that the user named is not lost; where nothing else decides, the repository
/// does.
fn with_checks(
    mut spec: TaskSpec,
    task: &str,
    rules: &TaskSpec,
    told: &mut Vec<String>,
) -> TaskSpec {
    if !spec.intent.changes() {
        if !spec.checks.is_empty() {
            told.push("a question has no checks: left out".to_owned());
        }
        spec.checks.clear();
        return spec;
    }
    let task = squeezed(task);
    for check in &rules.checks {
        let is_said = says(&task, &squeezed(check)) || task.contains(&format!("`{check}`"));
        if (is_said || spec.checks.is_empty()) && !spec.checks.contains(check) {
            told.push(format!("check `{check}` was missing: added"));
            spec.checks.push(check.clone());
        }
    }
    spec
}

/// Paths that the user wrote. They can only shut something, but a pattern for everything
/// would shut all.
fn private(wanted: Vec<String>, task: &str, told: &mut Vec<String>) -> Vec<String> {
    let mut private = Vec::new();
    for pattern in usable(wanted, "private path", told) {
        let bare = pattern.trim_matches(['*', '/', '.']);
        if !bare.is_empty() && task.contains(bare) {
            push(&mut private, &pattern);
        } else {
            told.push(format!(
                "private path `{pattern}` is not in the task: left out"
            ));
        }
    }
    private
}

/// Items that are one line of a decent length; so many and no more.
fn usable(items: Vec<String>, what: &str, told: &mut Vec<String>) -> Vec<String> {
    let count = items.len();
    let decent =
        |item: &String| !item.is_empty() && item.len() <= ITEM && !item.contains(char::is_control);
    let items = items.into_iter().map(|item| item.trim().to_owned());
    let items: Vec<String> = items.filter(decent).take(ITEMS).collect();
    if items.len() < count {
        told.push(format!(
            "of {count} items of the kind `{what}`, {} can be used",
            items.len()
        ));
    }
    items
}

fn push(list: &mut Vec<String>, item: &str) {
    if !list.iter().any(|own| own == item) {
        list.push(item.to_owned());
    }
}

/// White space squeezed to one blank.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
