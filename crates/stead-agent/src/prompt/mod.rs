//! The system prompts: numbered lines in versioned files, so that an action, and later
//! the record, can point at the line that it follows.

use std::sync::OnceLock;

use stead_llm::SystemLine;

/// A system prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Which part of the agent it is for.
    pub name: &'static str,
    /// Raised with every change of a line.
    pub version: u32,
    /// Its lines. An id keeps its meaning as long as the version is the same.
    pub lines: Vec<SystemLine>,
}

/// The prompt of the code generator.
pub fn generator() -> &'static Prompt {
    static PROMPT: OnceLock<Prompt> = OnceLock::new();
    PROMPT.get_or_init(|| Prompt::read("generator", include_str!("generator.md")))
}

/// The prompt of the task parser.
pub fn parser() -> &'static Prompt {
    static PROMPT: OnceLock<Prompt> = OnceLock::new();
    PROMPT.get_or_init(|| Prompt::read("parser", include_str!("parser.md")))
}

impl Prompt {
    /// Reads `version N`, then one line a line: its id, a blank, what it says.
    fn read(name: &'static str, text: &str) -> Self {
        let mut lines = text.lines().filter(|line| !line.is_empty());
        let version = lines.next().and_then(|line| line.strip_prefix("version "));
        let lines = lines.filter_map(|line| line.split_once(' '));
        Self {
            name,
            version: version.and_then(|number| number.parse().ok()).unwrap_or(0),
            lines: lines
                .map(|(id, text)| SystemLine {
                    id: id.to_owned(),
                    text: text.to_owned(),
                })
                .collect(),
        }
    }

    /// The lines that a text points at, as in `[S3]` or `[S3, S5]`, in the order of the
    /// text, each once. Ids that are none of this prompt's are left out.
    pub fn cited(&self, text: &str) -> Vec<String> {
        let mut cited: Vec<String> = Vec::new();
        for bracket in text.split('[').skip(1) {
            let Some((inner, _)) = bracket.split_once(']') else {
                continue;
            };
            for id in inner.split([',', ' ', ';']) {
                let known = self.lines.iter().any(|line| line.id == id);
                if known && !cited.iter().any(|one| one == id) {
                    cited.push(id.to_owned());
                }
            }
        }
        cited
    }
}

#[cfg(test)]
mod tests {
    use super::{generator, parser};

    #[test]
    fn every_line_has_an_id_of_its_own_and_says_something() {
        for prompt in [generator(), parser()] {
            assert!(prompt.version > 0 && prompt.lines.len() > 4, "{prompt:?}");
            let letter = &prompt.lines[0].id[..1];
            for (number, line) in prompt.lines.iter().enumerate() {
                assert_eq!(line.id, format!("{letter}{}", number + 1));
                assert!(line.text.ends_with('.'), "{}", line.text);
            }
        }
    }

    #[test]
    fn lines_that_a_text_points_at_are_found() {
        let cited = |text: &str| generator().cited(text);
        assert_eq!(
            cited("I look first [S3], then [S4; S5] and [S3] again."),
            ["S3", "S4", "S5"]
        );
        assert_eq!(cited("a[0] = b[S99] [not closed S1"), Vec::<String>::new());
    }
}
