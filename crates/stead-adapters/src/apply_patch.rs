//! The patch language of the `apply_patch` tool.
//!
//! ```text
//! *** Begin Patch
//! *** Add File: PATH          then lines led by `+`
//! *** Delete File: PATH
//! *** Update File: PATH
//! *** Move to: PATH           optional
//! @@ ANCHOR                   then lines led by ` `, `+` or `-`
//! *** End of File             optional: the hunk ends the file
//! *** End Patch
//! ```
//!
//! Read as leniently as Codex does, and more: what a model wrote is worth
//! showing even if the patch was refused.

use stead_usf::{Edit, EditOperation, Hunk, Scope};

const BEGIN: &str = "*** Begin Patch";
const END: &str = "*** End Patch";

/// The file changes that a patch asks for. Text before `*** Begin Patch` (a
/// here-document's head) and after `*** End Patch` does not matter.
pub(crate) fn edits(text: &str) -> Vec<Edit> {
    let mut lines = text.lines().skip_while(|line| line.trim() != BEGIN).skip(1);
    let mut parser = Parser::default();
    for line in &mut lines {
        if line.trim() == END {
            break;
        }
        parser.line(line);
    }
    parser.finish()
}

/// The patches that a shell script hands to `apply_patch`, with the folder that
/// the script changed to before.
pub(crate) fn in_script(script: &str) -> Vec<Edit> {
    let Some(call) = script
        .find("apply_patch")
        .or_else(|| script.find("applypatch"))
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    let mut rest = &script[call..];
    while let Some(begin) = rest.find(BEGIN) {
        let patch = &rest[begin..];
        let end = patch.find(END).map_or(patch.len(), |end| end + END.len());
        found.extend(edits(&patch[..end]));
        rest = &patch[end..];
    }
    if let Some(folder) = changed_folder(&script[..call]) {
        for edit in &mut found {
            rebase(edit, folder);
        }
    }
    found
}

/// Puts a relative path below the folder that it is relative to.
pub(crate) fn rebase(edit: &mut Edit, folder: &str) {
    let windows = folder.contains('\\') && !folder.contains('/');
    let separator = if windows { '\\' } else { '/' };
    let place = |path: &mut String| {
        if !is_absolute(path) {
            *path = format!("{}{separator}{path}", folder.trim_end_matches(separator));
        }
    };
    place(&mut edit.path);
    edit.new_path.iter_mut().for_each(place);
}

fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\', '~']) || path.as_bytes().get(1) == Some(&b':')
}

/// `DIR` of a script that begins `cd DIR &&`, the one form that Codex itself
/// understands.
fn changed_folder(before: &str) -> Option<&str> {
    let folder = before
        .trim()
        .strip_prefix("cd ")?
        .strip_suffix("&&")?
        .trim();
    let bare = folder.trim_matches(['"', '\'']);
    (!bare.is_empty() && !bare.contains(['\n', ';', '&', '|', '$'])).then_some(bare)
}

#[derive(Default)]
struct Parser {
    edits: Vec<Edit>,
    /// Lines that an `Add File` gave so far.
    added: Option<String>,
}

impl Parser {
    fn line(&mut self, line: &str) {
        let marker = line.trim();
        if let Some(path) = marker.strip_prefix("*** Add File: ") {
            self.begin(path, EditOperation::Create);
            self.added = Some(String::new());
        } else if let Some(path) = marker.strip_prefix("*** Delete File: ") {
            self.begin(path, EditOperation::Delete);
        } else if let Some(path) = marker.strip_prefix("*** Update File: ") {
            self.begin(path, EditOperation::Modify);
        } else if let Some(path) = marker.strip_prefix("*** Move to: ") {
            if let Some(edit) = self.edits.last_mut() {
                edit.operation = EditOperation::Rename;
                edit.new_path = Some(path.to_owned());
            }
        } else if let Some(added) = &mut self.added {
            if let Some(text) = line.strip_prefix('+') {
                added.push_str(text);
                added.push('\n');
            }
        } else if marker != "*** End of File" {
            self.change(line);
        }
    }

    fn begin(&mut self, path: &str, operation: EditOperation) {
        self.close();
        self.edits.push(Edit::new(path.trim(), operation));
    }

    /// A line of an update.
    fn change(&mut self, line: &str) {
        let Some(edit) = self.edits.last_mut() else {
            return;
        };
        if edit.operation == EditOperation::Delete {
            return;
        }
        if let Some(anchor) = line.strip_prefix("@@") {
            let anchor = anchor.trim();
            edit.hunks.push(Hunk {
                anchor: (!anchor.is_empty()).then(|| anchor.to_owned()),
                ..Hunk::default()
            });
            return;
        }
        let line = match line.bytes().next() {
            Some(b' ' | b'+' | b'-') => line.to_owned(),
            // Models drop the blank that leads an empty context line.
            None => " ".to_owned(),
            Some(_) => return,
        };
        if edit.hunks.is_empty() {
            if line == " " {
                return;
            }
            edit.hunks.push(Hunk::default());
        }
        if let Some(hunk) = edit.hunks.last_mut() {
            hunk.lines.push(line);
        }
    }

    fn close(&mut self) {
        if let (Some(added), Some(edit)) = (self.added.take(), self.edits.last_mut()) {
            edit.scope = Some(Scope::File);
            edit.after = Some(added);
        }
        if let Some(edit) = self.edits.last_mut() {
            // An anchor above an anchor narrows the place down; it changes nothing.
            edit.hunks
                .retain(|hunk| !hunk.lines.is_empty() || hunk.anchor.is_some());
            // Blank lines between a hunk and the next file belong to neither.
            if let Some(hunk) = edit.hunks.last_mut() {
                while hunk.lines.last().is_some_and(|line| line == " ") {
                    hunk.lines.pop();
                }
            }
        }
    }

    fn finish(mut self) -> Vec<Edit> {
        self.close();
        self.edits
    }
}
