//! Unified diffs as models write them: in fenced blocks, mostly without line
//! numbers.

use stead_usf::{Edit, EditOperation, Hunk, Scope};

/// The changes in all blocks that are fenced as `diff`.
pub(super) fn edits(text: &str) -> Vec<Edit> {
    let mut diff = Diff::default();
    let mut inside = false;
    for line in text.lines() {
        if line.starts_with("```") {
            inside = !inside && line.starts_with("```diff");
            diff.old = None;
            diff.anchor = None;
        } else if inside {
            diff.line(line);
        }
    }
    diff.finish()
}

#[derive(Default)]
struct Diff {
    edits: Vec<Edit>,
    /// The path after `---`, until the one after `+++` comes.
    old: Option<String>,
    /// The head of a hunk that has no line yet.
    anchor: Option<Hunk>,
}

impl Diff {
    fn line(&mut self, line: &str) {
        if let Some(path) = line.strip_prefix("--- ") {
            self.old = Some(path.trim().to_owned());
        } else if let Some(path) = line.strip_prefix("+++ ").filter(|_| self.old.is_some()) {
            let old = self.old.take().unwrap_or_default();
            self.begin(&old, path.trim());
        } else if line.starts_with("@@") {
            self.put_old();
            self.anchor = Some(head(line));
        } else {
            self.put_old();
            self.put(line);
        }
    }

    fn begin(&mut self, old: &str, new: &str) {
        let fresh = old == "/dev/null";
        let named = (old.starts_with("a/") || fresh)
            .then(|| new.strip_prefix("b/"))
            .flatten();
        let operation = match (fresh, new) {
            (true, _) => EditOperation::Create,
            (_, "/dev/null") => EditOperation::Delete,
            _ => EditOperation::Modify,
        };
        let path = if new == "/dev/null" {
            old
        } else {
            named.unwrap_or(new)
        };
        self.edits.push(Edit::new(path, operation));
        self.anchor = None;
    }

    /// A removed line that looked like the head of a file was none.
    fn put_old(&mut self) {
        if let Some(old) = self.old.take() {
            self.put(&format!("--- {old}"));
        }
    }

    fn put(&mut self, line: &str) {
        let Some(edit) = self.edits.last_mut() else {
            return;
        };
        let line = match line.bytes().next() {
            Some(b' ' | b'+' | b'-') => line.to_owned(),
            // Models drop the blank that leads an empty line of context.
            None => " ".to_owned(),
            Some(_) => return,
        };
        if let Some(hunk) = self.anchor.take() {
            edit.hunks.push(hunk);
        } else if edit.hunks.is_empty() {
            edit.hunks.push(Hunk::default());
        }
        if let Some(hunk) = edit.hunks.last_mut() {
            hunk.lines.push(line);
        }
    }

    fn finish(mut self) -> Vec<Edit> {
        for edit in &mut self.edits {
            if edit.operation == EditOperation::Create {
                let lines = edit.hunks.iter().flat_map(|hunk| &hunk.lines);
                let text = lines.filter_map(|line| line.strip_prefix('+'));
                edit.after = Some(text.fold(String::new(), |text, line| text + line + "\n"));
                edit.scope = Some(Scope::File);
                edit.hunks.clear();
            }
        }
        self.edits
    }
}

/// `@@ -1,2 +3,4 @@ place`, or `@@ ... @@`, which says nothing.
fn head(line: &str) -> Hunk {
    let inner = line.trim_start_matches('@');
    let (range, place) = inner.split_once("@@").unwrap_or((inner, ""));
    let number = |sign: char| {
        let word = range
            .split_whitespace()
            .find(|word| word.starts_with(sign))?;
        word[1..].split(',').next()?.parse().ok()
    };
    let anchor = match place.trim() {
        "" if number('-').is_none() => range.trim(),
        place => place,
    };
    Hunk {
        old_start: number('-'),
        new_start: number('+'),
        anchor: (!anchor.is_empty() && anchor != "...").then(|| anchor.to_owned()),
        lines: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use stead_usf::EditOperation;

    use super::edits;

    #[test]
    fn diffs_without_numbers_and_with_them() {
        let text = "Words\n\n```diff\n--- a/x.py\n+++ b/x.py\n@@ ... @@\n-a\n+b\n\n@@ -3,1 +4,2 @@ def f():\n c\n--- d\n+e\n```\n\n```diff\n--- /dev/null\n+++ NEW.md\n@@ ... @@\n+# New\n+\n```\n";
        let found = edits(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].path, "x.py");
        assert_eq!(found[0].hunks[0].lines, ["-a", "+b", " "]);
        assert_eq!(found[0].hunks[0].anchor, None);
        let second = &found[0].hunks[1];
        assert_eq!((second.old_start, second.new_start), (Some(3), Some(4)));
        assert_eq!(second.anchor.as_deref(), Some("def f():"));
        assert_eq!(second.lines, [" c", "--- d", "+e"]);
        assert_eq!(found[1].operation, EditOperation::Create);
        assert_eq!(found[1].after.as_deref(), Some("# New\n\n"));
        assert!(found[1].hunks.is_empty());
    }

    #[test]
    fn what_is_no_diff_is_none() {
        for text in [
            "```diff\n+a\n```",
            "--- a\n+++ b\n@@\n+c",
            "```diff\n--- é\n```",
            "```diff\n@@ -é +1 @@\n```",
        ] {
            assert!(edits(text).is_empty(), "{text}");
        }
    }
}
