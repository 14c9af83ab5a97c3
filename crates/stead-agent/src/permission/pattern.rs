//! Patterns of rules: what of a call they are about.

use globset::{GlobBuilder, GlobMatcher};

use super::call::Places;

/// The longest pattern, in bytes: those of a project come from strangers.
const LONGEST: usize = 1000;

/// A pattern, ready to compare.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// As it was written.
    pub(super) text: String,
    /// Matches as it is written.
    exact: GlobMatcher,
    /// Matches in capitals or not.
    any_case: GlobMatcher,
    /// What texts that match begin with.
    prefix: String,
    is_absolute: bool,
    is_name: bool,
}

impl Pattern {
    /// A pattern for names and commands: `*` stands for anything.
    pub(super) fn of_text(text: &str) -> Result<Self, String> {
        // `cargo test *` is meant for `cargo test` alone as well.
        let glob = match text.strip_suffix(" *") {
            Some(start) if !start.is_empty() => format!("{start}{{, *}}"),
            _ => text.to_owned(),
        };
        Self::new(text, &glob, false)
    }

    /// A pattern for paths: `*` stands for anything but `/`.
    pub(super) fn of_path(text: &str, places: &Places) -> Result<Self, String> {
        let glob = places.pattern(text);
        let glob = glob.strip_prefix("./").unwrap_or(&glob);
        let glob = if glob.len() > 1 {
            glob.trim_end_matches('/')
        } else {
            glob
        };
        if glob.split('/').any(|part| part == "..") {
            return Err("`..` leads out; begin the pattern with `/` or `~/`".to_owned());
        }
        Self::new(text, glob, true)
    }

    fn new(text: &str, glob: &str, is_path: bool) -> Result<Self, String> {
        if text.is_empty() {
            return Err("it is empty; leave the key out for any".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("it is longer than {LONGEST} bytes"));
        }
        let build = |any_case: bool| {
            let mut builder = GlobBuilder::new(glob);
            builder.literal_separator(is_path).backslash_escape(true);
            builder.empty_alternates(true).case_insensitive(any_case);
            builder.build().map(|glob| glob.compile_matcher())
        };
        let wrong = |error: globset::Error| format!("it is no pattern: {}", error.kind());
        let end = glob.find(|c| "*?[]{}\\".contains(c)).unwrap_or(glob.len());
        Ok(Self {
            text: text.to_owned(),
            exact: build(false).map_err(wrong)?,
            any_case: build(true).map_err(wrong)?,
            prefix: glob[..end].to_owned(),
            is_absolute: glob.starts_with('/'),
            is_name: !glob.contains('/'),
        })
    }

    /// Whether a text matches as it is.
    pub(super) fn is(&self, text: &str) -> bool {
        self.exact.is_match(text)
    }

    /// Whether a text matches, in capitals or not.
    pub(super) fn is_in_any_case(&self, text: &str) -> bool {
        self.any_case.is_match(text)
    }

    /// Whether every text matches by these very words.
    pub(super) fn is_anything(&self) -> bool {
        self.text == "*" || self.text == "**"
    }

    /// Whether a text that begins so, and whose rest is not known, may match.
    pub(super) fn may_match(&self, known: &str) -> bool {
        known.starts_with(&self.prefix) || self.prefix.starts_with(known)
    }

    /// Whether a normal path matches, or a folder that it lies in. `strict` is for rules
    /// that allow: capitals count, and what lies outside of the workspace is matched by
    /// absolute patterns only.
    pub(super) fn covers(&self, path: &str, strict: bool) -> bool {
        let is_outside = path.starts_with('/');
        if strict && is_outside && !self.is_absolute {
            return false;
        }
        let glob = if strict { &self.exact } else { &self.any_case };
        if self.is_name
            && path
                .split('/')
                .any(|part| !part.is_empty() && glob.is_match(part))
        {
            return true;
        }
        if path == "." {
            return glob.is_match("");
        }
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .filter(|at| *at > 0);
        ends.chain([path.len()])
            .any(|end| glob.is_match(&path[..end]))
    }
}
