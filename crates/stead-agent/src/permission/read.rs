//! Reads a policy's text. What is not known is an error: a rule that is passed over
//! would be one that somebody relies on.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::call::Places;
use super::pattern::Pattern;
use super::policy::{Access, Decision, Kind, Rule, Source};
use super::privacy::Private;

/// The longest text that is read, in bytes.
const LONGEST: usize = 1 << 18;

/// So many rules may be in one text.
const MOST: usize = 1000;

/// Why a policy is not taken: what is wrong, and what to write.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{name}:{line}: {what}; {hint}")]
pub struct PolicyError {
    /// What the policy is called.
    pub name: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub what: String,
    /// What to write.
    pub hint: String,
}

/// What a text says.
#[derive(Debug, Default)]
pub(super) struct Said {
    pub(super) rules: Vec<Rule>,
    pub(super) private: Option<Private>,
    pub(super) trust: Vec<Pattern>,
}

type Value<'a> = Spanned<DeValue<'a>>;

/// Reads a policy.
pub(super) fn read(source: &Source<'_>, places: &Places) -> Result<Said, PolicyError> {
    let reader = Reader { source, places };
    if source.text.len() > LONGEST {
        return Err(reader.wrong(0, "it is longer than 256 KiB", "write fewer rules"));
    }
    let table = DeTable::parse(source.text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        reader.wrong(
            at,
            &format!("it is no TOML: {}", error.message()),
            "mend it",
        )
    })?;
    let mut said = Said::default();
    for (key, value) in table.get_ref() {
        match key.get_ref().as_ref() {
            "rule" => said.rules = reader.rules(value)?,
            "private" => said.private = Some(reader.private(value)?),
            "trust" if source.kind == Kind::User => said.trust = reader.trust(value)?,
            "trust" => {
                return Err(reader.wrong(
                    key.span().start,
                    "`trust` is the user's to say",
                    "write it into your own policy, not into a project's",
                ));
            }
            other => {
                let what = format!("`{other}` is no key of a policy");
                return Err(reader.wrong(
                    key.span().start,
                    &what,
                    "write `[[rule]]`, `[private]` or `trust`",
                ));
            }
        }
    }
    Ok(said)
}

struct Reader<'a> {
    source: &'a Source<'a>,
    places: &'a Places,
}

impl Reader<'_> {
    fn wrong(&self, at: usize, what: &str, hint: &str) -> PolicyError {
        let before = self.source.text.get(..at).unwrap_or_default();
        PolicyError {
            name: self.source.name.to_owned(),
            line: before.matches('\n').count() + 1,
            what: what.to_owned(),
            hint: hint.to_owned(),
        }
    }

    fn rules(&self, value: &Value<'_>) -> Result<Vec<Rule>, PolicyError> {
        let at = value.span().start;
        let hint = "write each rule below a line `[[rule]]`";
        let DeValue::Array(rules) = value.get_ref() else {
            return Err(self.wrong(at, "`rule` is no list", hint));
        };
        if rules.len() > MOST {
            return Err(self.wrong(at, "there are more than 1000 rules", "write fewer"));
        }
        let each = rules
            .iter()
            .enumerate()
            .map(|(number, rule)| match rule.get_ref() {
                DeValue::Table(table) => self.rule(number + 1, rule.span().start, table),
                _ => Err(self.wrong(rule.span().start, "a rule is no table", hint)),
            });
        each.collect()
    }

    fn rule(&self, number: usize, at: usize, table: &DeTable<'_>) -> Result<Rule, PolicyError> {
        let mut decision = None;
        let mut rule = Rule {
            source: self.source.name.to_owned(),
            kind: self.source.kind,
            number,
            line: self.wrong(at, "", "").line,
            tool: None,
            command: None,
            path: None,
            host: None,
            access: None,
            decision: Decision::Ask,
            reason: None,
        };
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "tool" => rule.tool = Some(self.pattern(name, value)?),
                "command" => rule.command = Some(self.pattern(name, value)?),
                "host" => rule.host = Some(self.pattern(name, value)?),
                "path" => rule.path = Some(self.path(name, value)?),
                "access" => rule.access = Some(self.access(value)?),
                "decision" => decision = Some(self.decision(value)?),
                "reason" => rule.reason = Some(self.text(name, value)?.to_owned()),
                _ => {
                    let what = format!("`{name}` is no key of a rule");
                    let hint = "write tool, command, path, host, access, decision or reason";
                    return Err(self.wrong(key.span().start, &what, hint));
                }
            }
        }
        let about = [&rule.command, &rule.path, &rule.host];
        if about.iter().filter(|pattern| pattern.is_some()).count() > 1 {
            let what = "a rule is about a command, a path or a host, not about several";
            return Err(self.wrong(at, what, "write one rule for each"));
        }
        if rule.access.is_some() && (rule.command.is_some() || rule.host.is_some()) {
            let what = "`access` is about paths";
            return Err(self.wrong(at, what, "take it out, or write a rule with `path`"));
        }
        rule.decision = decision.ok_or_else(|| {
            let hint = "write decision = \"allow\", \"ask\" or \"deny\"";
            self.wrong(at, "the rule has no `decision`", hint)
        })?;
        Ok(rule)
    }

    fn text<'v>(&self, name: &str, value: &'v Value<'_>) -> Result<&'v str, PolicyError> {
        value.get_ref().as_str().ok_or_else(|| {
            let what = format!("`{name}` is no text");
            self.wrong(value.span().start, &what, "put it into quotes")
        })
    }

    fn pattern(&self, name: &str, value: &Value<'_>) -> Result<Pattern, PolicyError> {
        let made = Pattern::of_text(self.text(name, value)?);
        made.map_err(|why| self.no_pattern(name, value, &why))
    }

    fn path(&self, name: &str, value: &Value<'_>) -> Result<Pattern, PolicyError> {
        let made = Pattern::of_path(self.text(name, value)?, self.places);
        made.map_err(|why| self.no_pattern(name, value, &why))
    }

    fn no_pattern(&self, name: &str, value: &Value<'_>, why: &str) -> PolicyError {
        let what = format!("`{name}` cannot be used: {why}");
        let hint = "write a pattern such as \"src/**\" or \"git log *\"";
        self.wrong(value.span().start, &what, hint)
    }

    fn decision(&self, value: &Value<'_>) -> Result<Decision, PolicyError> {
        let word = self.text("decision", value)?;
        let all = [Decision::Allow, Decision::Ask, Decision::Deny];
        let found = all.into_iter().find(|decision| decision.word() == word);
        found.ok_or_else(|| {
            let what = format!("`{word}` is no decision");
            self.wrong(
                value.span().start,
                &what,
                "write \"allow\", \"ask\" or \"deny\"",
            )
        })
    }

    fn access(&self, value: &Value<'_>) -> Result<Access, PolicyError> {
        match self.text("access", value)? {
            "read" => Ok(Access::Read),
            "write" => Ok(Access::Write),
            word => {
                let what = format!("`{word}` is no access");
                Err(self.wrong(value.span().start, &what, "write \"read\" or \"write\""))
            }
        }
    }

    fn list<'v, 'd>(
        &self,
        name: &str,
        value: &'v Value<'d>,
    ) -> Result<Vec<(&'v str, &'v Value<'d>)>, PolicyError> {
        let DeValue::Array(values) = value.get_ref() else {
            let what = format!("`{name}` is no list");
            return Err(self.wrong(value.span().start, &what, "write it as [\"…\", \"…\"]"));
        };
        let each = values.iter().map(|one| Ok((self.text(name, one)?, one)));
        each.collect()
    }

    fn trust(&self, value: &Value<'_>) -> Result<Vec<Pattern>, PolicyError> {
        let each = self.list("trust", value)?;
        let each = each.into_iter().map(|(text, at)| {
            if !text.starts_with(['/', '~']) {
                return Err(self.no_pattern("trust", at, "it is no absolute path"));
            }
            self.path("trust", at)
        });
        each.collect()
    }

    fn private(&self, value: &Value<'_>) -> Result<Private, PolicyError> {
        let DeValue::Table(table) = value.get_ref() else {
            let hint = "write `paths` and `models` below a line `[private]`";
            return Err(self.wrong(value.span().start, "`private` is no table", hint));
        };
        let mut private = Private::new(self.source.kind, self.source.name);
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            match name {
                "paths" => {
                    for (text, at) in self.list(name, value)? {
                        let made = private.add(text, self.places);
                        made.map_err(|why| self.no_pattern(name, at, &why))?;
                    }
                }
                "models" => {
                    let models = self.list(name, value)?.into_iter();
                    let models = models.map(|(_, at)| self.pattern(name, at));
                    private.models = Some(models.collect::<Result<_, _>>()?);
                }
                _ => {
                    let what = format!("`{name}` is no key of `[private]`");
                    return Err(self.wrong(key.span().start, &what, "write `paths` or `models`"));
                }
            }
        }
        Ok(private)
    }
}
