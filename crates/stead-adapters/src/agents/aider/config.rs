//! The keys of `.aider.conf.yml` that name history files. The file is a flat list
//! of options; lines of the form `key: value` are all of YAML that is understood.

/// Where the options say that the histories are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Config {
    pub(super) chat: Option<String>,
    pub(super) input: Option<String>,
    pub(super) llm: Option<String>,
}

impl Config {
    /// Reads a configuration file. Of a key that stands twice the last counts.
    pub(super) fn parse(text: &str) -> Self {
        let mut config = Self::default();
        for line in text.lines() {
            let Some((key, value)) = line.split_once(':') else {
                continue;
            };
            let place = match key {
                "chat-history-file" => &mut config.chat,
                "input-history-file" => &mut config.input,
                "llm-history-file" => &mut config.llm,
                _ => continue,
            };
            *place = scalar(value);
        }
        config
    }

    /// This configuration, and `other` where it says nothing.
    pub(super) fn or(self, other: &Self) -> Self {
        Self {
            chat: self.chat.or_else(|| other.chat.clone()),
            input: self.input.or_else(|| other.input.clone()),
            llm: self.llm.or_else(|| other.llm.clone()),
        }
    }
}

/// A value on one line: plain, or in quotes; comments are left out.
fn scalar(value: &str) -> Option<String> {
    let value = value.trim();
    let quote = value
        .chars()
        .next()
        .filter(|sign| matches!(sign, '"' | '\''));
    let value = match quote {
        Some(quote) => value[1..].split(quote).next().unwrap_or_default(),
        None => value.split(" #").next().unwrap_or_default().trim_end(),
    };
    let empty = value.is_empty() || value.starts_with('#') || matches!(value, "~" | "null");
    (!empty).then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Config;

    #[test]
    fn three_keys_are_read() {
        let text = "# options\nmodel: o3\nchat-history-file: \"a b.md\" # why\n\
                    input-history-file: ~/.history # where\nllm-history-file: null\n\
                    nested:\n  chat-history-file: no\n";
        let expected = Config {
            chat: Some("a b.md".into()),
            input: Some("~/.history".into()),
            llm: None,
        };
        assert_eq!(Config::parse(text), expected);
    }
}
