//! What commits say of agents by themselves: trailers, and names of authors.

use crate::attribute::Mark;
use crate::repo::Commit;

/// Agents that sign commits and whose sessions are not read (yet), by their names
/// in small letters.
const OTHERS: [&str; 7] = [
    "copilot", "cursor", "devin", "gemini", "jules", "amp", "windsurf",
];

/// Trailers in which agents are named.
const TRAILERS: [&str; 4] = [
    "co-authored-by:",
    "assisted-by:",
    "generated-by:",
    "ai-assisted-by:",
];

/// Names by which agents sign: a word in small letters, and the agent's id.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    names: Vec<(String, String)>,
}

impl Signs {
    /// Names and ids of agents whose sessions are read; some others are known.
    pub fn new(names: impl IntoIterator<Item = (String, String)>) -> Self {
        let others = OTHERS.map(|name| (name.to_owned(), name.to_owned()));
        Self {
            names: names.into_iter().chain(others).collect(),
        }
    }

    /// The agent that other tools call so (`claude`, `Claude Code`), by its id.
    pub fn agent_named(&self, tool: &str) -> Option<&str> {
        self.signed(&tool.to_lowercase())
    }

    /// The mark of a commit, if it has one.
    pub(crate) fn mark(&self, commit: &Commit) -> Option<Mark> {
        // What an agent only committed was there before it began: people's changes.
        self.author(&commit.author.0)
            .or_else(|| commit.trailers.lines().find_map(|line| self.trailer(line)))
    }

    /// `Name (agent)`, as agents sign that commit by themselves, or a robot's name.
    fn author(&self, name: &str) -> Option<Mark> {
        let small = name.to_lowercase();
        let own = small
            .strip_suffix(')')
            .and_then(|name| name.rsplit_once('('));
        let agent = own.and_then(|(_, word)| self.signed(word));
        let robot = || {
            let robot = small.contains("[bot]") || small.contains(" agent");
            self.signed(&small).filter(|_| robot)
        };
        Some(Mark {
            whole: agent.is_some(),
            agent: agent.or_else(robot)?.to_owned(),
            model: None,
            words: format!("the commit's author is {name}"),
        })
    }

    fn trailer(&self, line: &str) -> Option<Mark> {
        let small = line.to_lowercase();
        let name = TRAILERS.iter().find(|name| small.starts_with(**name))?;
        let value = line.get(name.len()..)?.trim();
        let agent = self.signed(&small[name.len()..])?;
        let model = own_signature(value, agent);
        Some(Mark {
            agent: agent.to_owned(),
            whole: model.is_some(),
            model,
            words: format!("the commit says `{}`", line.trim()),
        })
    }

    /// The agent whose name stands in this text as a word.
    fn signed(&self, text: &str) -> Option<&str> {
        let words: Vec<&str> = text.split(|c: char| !c.is_alphanumeric()).collect();
        let named = self
            .names
            .iter()
            .find(|(name, _)| words.contains(&name.as_str()));
        named.map(|(_, agent)| agent.as_str())
    }
}

/// The model in `agent (MODEL) <address>`: so agents sign that commit by
/// themselves, and nothing but their own changes.
fn own_signature(value: &str, agent: &str) -> Option<String> {
    let (model, _) = value
        .strip_prefix(agent)?
        .strip_prefix(" (")?
        .split_once(')')?;
    (!model.is_empty() && !model.contains(' ')).then(|| model.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Signs;
    use crate::repo::Commit;

    fn mark(author: &str, trailers: &str) -> Option<(String, bool, Option<String>)> {
        let pair = |name: &str| (name.to_owned(), "a@example.com".to_owned());
        let commit = Commit {
            id: String::new(),
            parents: Vec::new(),
            author_ms: 0,
            committer_ms: 0,
            author: pair(author),
            committer: pair("Dev"),
            subject: String::new(),
            trailers: trailers.to_owned(),
        };
        let signs = Signs::new([
            ("claude".to_owned(), "claude-code".to_owned()),
            ("helper".to_owned(), "helper".to_owned()),
        ]);
        let mark = signs.mark(&commit)?;
        Some((mark.agent, mark.whole, mark.model))
    }

    #[test]
    fn signatures_of_agents_are_known() {
        let agent = |name: &str, whole, model: Option<&str>| {
            Some((name.to_owned(), whole, model.map(str::to_owned)))
        };
        let trailer = "Co-Authored-By: Claude Opus 4.5 (1M context) <noreply@example.com>";
        assert_eq!(mark("Dev", trailer), agent("claude-code", false, None));
        let own = "Co-authored-by: helper (openai/gpt-6) <helper@example.com>";
        assert_eq!(
            mark("Dev", own),
            agent("helper", true, Some("openai/gpt-6"))
        );
        assert_eq!(mark("Dev (helper)", ""), agent("helper", true, None));
        let signs = Signs::new([("claude".to_owned(), "claude-code".to_owned())]);
        for tool in ["claude", "Claude Code", "claude-code"] {
            assert_eq!(signs.agent_named(tool), Some("claude-code"), "{tool}");
        }
        assert_eq!(signs.agent_named("clod"), None);
        assert_eq!(
            mark("copilot-swe-agent[bot]", ""),
            agent("copilot", false, None)
        );
        for (author, trailers) in [
            ("Dev", "Co-authored-by: Claudette <c@example.com>"),
            ("Dev", "Signed-off-by: Claude <c@example.com>"),
            ("Claude Monet", ""),
        ] {
            assert_eq!(mark(author, trailers), None, "{author} {trailers}");
        }
    }
}
