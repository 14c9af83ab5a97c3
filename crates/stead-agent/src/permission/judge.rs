//! Judges calls: each part by all rules, and the call by its strictest part.

use super::answers::Answers;
use super::call::{Call, Places};
use super::command::{LONGEST, Line, Simple, take_apart};
use super::pattern::Pattern;
use super::policy::{Access, Decision, Kind, Policy, Rule};
use super::verdict::{Finding, Named, Part, Verdict};

/// So many folders may a command line be in when it writes a file.
const FOLDERS: usize = 64;

/// A part, with all that rules look at.
enum Subject<'a> {
    Tool,
    Path(&'a str, Access),
    Command(&'a Simple),
    Line(&'a [String]),
    Host(&'a str),
}

/// How a rule and a part go together.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fit {
    No,
    /// The part is only known when it runs.
    May,
    Yes,
}

impl Policy {
    /// Judges a call.
    pub fn judge(&self, call: &Call, answers: &Answers) -> Verdict {
        let command = call.command.as_deref();
        let mut line = command.map(take_apart).unwrap_or_default();
        let reads = call.reads.iter().map(|path| (path.clone(), Access::Read));
        let writes = call.writes.iter().map(|path| (path.clone(), Access::Write));
        let mut paths: Vec<(String, Access)> = reads.chain(writes).collect();
        for (path, _) in &mut paths {
            *path = self.places.normal(path);
        }
        paths.extend(targets(&mut line, &self.places));
        let mut findings = Vec::new();
        for (path, access) in &paths {
            let part = match access {
                Access::Read => Part::Read(path.clone()),
                Access::Write => Part::Write(path.clone()),
            };
            findings.push(self.part(&call.tool, &part, &Subject::Path(path, *access)));
        }
        for simple in &line.commands {
            let part = Part::Command(simple.text.clone());
            findings.push(self.part(&call.tool, &part, &Subject::Command(simple)));
        }
        if let Some(text) = command.filter(|_| !line.unclear.is_empty()) {
            findings.push(self.unclear(&call.tool, text, &line.unclear));
        }
        if let Some(host) = &call.host {
            let host = host.trim_end_matches('.').to_lowercase();
            findings.push(self.part(&call.tool, &Part::Host(host.clone()), &Subject::Host(&host)));
        }
        if findings.is_empty() {
            let part = Part::Tool(call.tool.clone());
            findings.push(self.part(&call.tool, &part, &Subject::Tool));
        }
        let answered = |finding| answers.apply(&call.tool, command, finding);
        Verdict::of(
            &call.tool,
            command,
            findings.into_iter().map(answered).collect(),
        )
    }

    /// Judges a line that could not be taken apart for sure.
    fn unclear(&self, tool: &str, text: &str, why: &[String]) -> Finding {
        let part = Part::Unclear(text.to_owned());
        if text.len() > LONGEST {
            return Finding {
                why: format!(
                    "the command line is longer than {LONGEST} bytes; write it into a file"
                ),
                part,
                decision: Decision::Deny,
                rule: None,
            };
        }
        let mut finding = self.part(tool, &part, &Subject::Line(&words(text)));
        if finding.decision != Decision::Deny {
            finding.why = format!("{} ({})", finding.why, why.join("; "));
        }
        finding
    }

    /// Judges a part by all rules.
    fn part(&self, tool: &str, part: &Part, subject: &Subject<'_>) -> Finding {
        let mut denied = None;
        let mut doubted = None;
        let mut last = None;
        let mut project = None;
        for rule in &self.rules {
            match (fit(rule, tool, subject), rule.decision) {
                (Fit::No, _) | (Fit::May, Decision::Allow) => {}
                (Fit::Yes, Decision::Deny) => denied = Some(rule),
                (Fit::May, Decision::Deny) => doubted = Some(rule),
                _ if rule.kind == Kind::Project && !self.trusted => project = Some(rule),
                _ => last = Some(rule),
            }
        }
        // A stranger's project only adds to what is asked for.
        let project = project.filter(|rule| rule.decision == Decision::Ask);
        let asks = |rule: &&Rule| rule.decision == Decision::Ask;
        let decided = project.or(last.filter(asks));
        let say = |decision: Decision, rule: Option<&Rule>, why: String| Finding {
            why: match rule.and_then(|rule| rule.reason.as_ref()) {
                Some(reason) => format!("{part} {why}: {reason}"),
                None => format!("{part} {why}"),
            },
            part: part.clone(),
            decision,
            rule: rule.map(Named::of),
        };
        if let Some(rule) = denied {
            let why = format!("is denied by {}", Named::of(rule));
            return say(Decision::Deny, Some(rule), why);
        }
        if let Some(rule) = doubted {
            let why = format!(
                "may be what {} denies, which shows only when it runs",
                Named::of(rule)
            );
            return say(Decision::Ask, Some(rule), why);
        }
        if let Some(rule) = decided {
            let why = format!("is to be asked for by {}", Named::of(rule));
            return say(Decision::Ask, Some(rule), why);
        }
        if let Some(rule) = last {
            let why = format!("is allowed by {}", Named::of(rule));
            return say(Decision::Allow, Some(rule), why);
        }
        match subject {
            Subject::Command(simple) if simple.starts_another => say(
                Decision::Allow,
                None,
                "is judged by what it starts".to_owned(),
            ),
            _ => say(Decision::Ask, None, "is matched by no rule".to_owned()),
        }
    }
}

/// Redirections, normalised in every folder that the line may be in by then.
fn targets(line: &mut Line, places: &Places) -> Vec<(String, Access)> {
    let mut folders = vec![".".to_owned()];
    for folder in &line.folders {
        let more = folders.iter().map(|from| places.normal_from(folder, from));
        let more: Vec<String> = more.collect();
        folders.extend(more);
        folders.sort();
        folders.dedup();
        if folders.len() > FOLDERS {
            folders.truncate(FOLDERS);
            line.unclear.push("it goes to too many folders".to_owned());
            break;
        }
    }
    let reads = line.reads.iter().map(|path| (path, Access::Read));
    let all = reads.chain(line.writes.iter().map(|path| (path, Access::Write)));
    let mut found = Vec::new();
    for (path, access) in all {
        for folder in &folders {
            let target = (places.normal_from(path, folder), access);
            if !found.contains(&target) {
                found.push(target);
            }
        }
    }
    found
}

/// Whether a rule is about a part. Rules that allow are taken by the letter, others by
/// all that may be meant.
fn fit(rule: &Rule, tool: &str, subject: &Subject<'_>) -> Fit {
    let strict = rule.decision == Decision::Allow;
    let is = |pattern: &Pattern, text: &str| {
        if strict {
            pattern.is(text)
        } else {
            pattern.is_in_any_case(text)
        }
    };
    if rule.tool.as_ref().is_some_and(|pattern| !is(pattern, tool)) {
        return Fit::No;
    }
    let yes = |fits: bool| if fits { Fit::Yes } else { Fit::No };
    match (subject, &rule.command, &rule.path, &rule.host) {
        (Subject::Path(_, access), None, _, None)
            if rule.access.is_some_and(|only| only != *access) =>
        {
            Fit::No
        }
        (Subject::Path(path, _), None, Some(pattern), None) => yes(pattern.covers(path, strict)),
        (Subject::Path(..), None, None, None) => Fit::Yes,
        (_, None, None, None) if rule.access.is_some() => Fit::No,
        (Subject::Command(simple), Some(pattern), None, None) => command(pattern, simple, strict),
        (Subject::Line(words), Some(pattern), None, None) => yes(if strict {
            pattern.is_anything()
        } else {
            is_within(pattern, words)
        }),
        (Subject::Host(host), None, None, Some(pattern)) => yes(pattern.is_in_any_case(host)),
        // What is not understood needs a rule that says so in as many words.
        (Subject::Line(_), None, None, None) => yes(!strict),
        // One that only starts another is not what a rule for everything is about.
        (Subject::Command(simple), None, None, None) => {
            yes(!simple.starts_another || rule.decision == Decision::Deny)
        }
        (_, None, None, None) => Fit::Yes,
        _ => Fit::No,
    }
}

fn command(pattern: &Pattern, simple: &Simple, strict: bool) -> Fit {
    if strict {
        return if pattern.is(&simple.text) {
            Fit::Yes
        } else {
            Fit::No
        };
    }
    let mut texts = std::iter::once(&simple.text).chain(&simple.also);
    if texts.any(|text| pattern.is(text)) {
        return Fit::Yes;
    }
    match &simple.known {
        Some(known) if pattern.may_match(known) => Fit::May,
        _ => Fit::No,
    }
}

/// The words of a line, whatever its quotes and signs mean.
fn words(text: &str) -> Vec<String> {
    let bare: String = text
        .chars()
        .filter(|c| !"'\"\\".contains(*c))
        .map(|c| if ";|&()<>{}$`".contains(c) { ' ' } else { c })
        .collect();
    bare.split_whitespace().map(str::to_owned).collect()
}

/// Whether a pattern matches words that stand together in a line.
fn is_within(pattern: &Pattern, words: &[String]) -> bool {
    const TOGETHER: usize = 12;
    (0..words.len()).any(|at| {
        let program = words[at].rsplit('/').next().unwrap_or_default();
        let mut texts = [words[at].clone(), program.to_owned()];
        for next in 0..TOGETHER {
            if texts.iter().any(|text| pattern.is(text)) {
                return true;
            }
            let Some(word) = words.get(at + next + 1) else {
                break;
            };
            for text in &mut texts {
                text.push(' ');
                text.push_str(word);
            }
            if !texts.iter().any(|text| pattern.may_match(text)) {
                break;
            }
        }
        false
    })
}
