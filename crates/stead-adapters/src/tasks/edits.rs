//! File changes that calls ask for, in every form that the family ever had.

use serde_json::value::RawValue;
use stead_usf::{Edit, EditOperation, Hunk, Scope};

use crate::apply_patch;
use crate::container::json::{Object, Values, count, string};

/// The changes that a call asks for.
pub(super) fn edits(tool: &str, input: &Object<'_>) -> Vec<Edit> {
    let text = |names: &[&str]| {
        names
            .iter()
            .find_map(|name| input.peek(name).and_then(string))
            .map(std::borrow::Cow::into_owned)
    };
    if tool == "apply_patch" {
        return text(&["input", "patch"]).map_or_else(Vec::new, |patch| apply_patch::edits(&patch));
    }
    if let Some(args) = text(&["args"]) {
        return several(&args);
    }
    let path = text(&["path", "absolutePath", "file_path", "target_file"]);
    let Some(path) = path.filter(|path| !path.is_empty()) else {
        return Vec::new();
    };
    if tool == "delete_file" {
        return vec![Edit::new(path, EditOperation::Delete)];
    }
    if let Some(diff) = text(&["diff"]) {
        return blocks(&path, &diff);
    }
    if let Some(list) = input.peek("operations") {
        return operations(&path, list);
    }
    if let Some(edit) = replacement(&path, input) {
        return vec![edit];
    }
    let Some(content) = text(&["content", "code_edit"]) else {
        return Vec::new();
    };
    match tool {
        "write_to_file" | "write_file" | "new_rule" => vec![Edit::write(path, content)],
        "insert_content" | "append_to_file" => vec![insertion(&path, &content, input)],
        // A sketch of the change, which another model carries out.
        _ => vec![Edit {
            scope: Some(Scope::Fragment),
            after: Some(content),
            ..Edit::new(path, EditOperation::Modify)
        }],
    }
}

/// Several changes of one file, as a list or as its JSON in a text.
fn operations(path: &str, list: &RawValue) -> Vec<Edit> {
    let text = string(list);
    let list: Values<'_> =
        serde_json::from_str(text.as_deref().unwrap_or(list.get())).unwrap_or_default();
    let edit = |operation: &RawValue| {
        let operation = Object::of(operation)?;
        replacement(path, &operation).or_else(|| {
            let content = operation.peek("content").and_then(string)?;
            Some(insertion(path, &content, &operation))
        })
    };
    list.into_iter().filter_map(edit).collect()
}

/// One text for another. Nothing to look for stands for the whole file.
fn replacement(path: &str, input: &Object<'_>) -> Option<Edit> {
    let text = |name| input.peek(name).and_then(string);
    let says = |name, word| {
        let value = input.peek(name);
        value.is_some_and(|value| value.get().trim_matches('"') == word)
    };
    // The tool of this name with these parameters changes every place.
    let search = text("search");
    let everywhere = search.is_some();
    let before = text("old_string").or(search)?;
    let after = text("new_string").or_else(|| text("replace"));
    let after = after.unwrap_or_default().into_owned();
    if before.is_empty() {
        return Some(Edit::write(path, after));
    }
    if says("use_regex", "true") {
        // What was there before is not told.
        return Some(Edit::new(path, EditOperation::Modify));
    }
    let expected = input.peek("expected_replacements").and_then(count);
    Some(Edit {
        replace_all: everywhere || says("replace_all", "true") || expected > Some(1),
        ..Edit::replace(path, before, after)
    })
}

/// Lines put in before a line, counted from 1; 0 is the file's end.
fn insertion(path: &str, content: &str, input: &Object<'_>) -> Edit {
    let line = ["line", "start_line"]
        .iter()
        .find_map(|name| input.peek(name))
        .and_then(count);
    let hunk = Hunk {
        old_start: line.filter(|line| *line > 0),
        new_start: line.filter(|line| *line > 0),
        anchor: None,
        lines: content.lines().map(|line| format!("+{line}")).collect(),
    };
    Edit {
        hunks: vec![hunk],
        ..Edit::new(path, EditOperation::Modify)
    }
}

/// Several files in tags: `<file><path>…<diff><content>…`.
fn several(args: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    for file in args.split("<file>").skip(1) {
        let Some(path) = between(file, "path") else {
            continue;
        };
        for diff in file.split("<diff>").skip(1) {
            let content = between(diff, "content").unwrap_or(diff);
            let content = content.trim_start().trim_start_matches("<![CDATA[");
            edits.extend(blocks(path.trim(), content));
        }
    }
    edits
}

fn between<'a>(text: &'a str, tag: &str) -> Option<&'a str> {
    let (_, inner) = text.split_once(&format!("<{tag}>"))?;
    Some(inner.split_once(&format!("</{tag}>"))?.0)
}

/// Which side of a block a line is on.
#[derive(PartialEq)]
enum Side {
    Outside,
    /// Above the text: `:start_line:N`, up to a line of dashes.
    Head,
    Before,
    After,
}

/// The blocks of a diff:
///
/// ```text
/// <<<<<<< SEARCH        or ------- SEARCH
/// :start_line:N         both lines may be missing
/// -------
/// old
/// =======
/// new
/// >>>>>>> REPLACE       or +++++++ REPLACE
/// ```
pub(super) fn blocks(path: &str, diff: &str) -> Vec<Edit> {
    let mut edits = Vec::new();
    let (mut before, mut after) = (String::new(), String::new());
    let mut side = Side::Outside;
    for line in diff.split_inclusive('\n') {
        let marker = line.trim_end();
        if is_marker(marker, &["<<<<<<<", "-------"], "SEARCH") {
            (before, after) = (String::new(), String::new());
            side = Side::Head;
        } else if side == Side::Head
            && (marker.starts_with(":start_line:") || marker.starts_with(":end_line:"))
        {
            // The place is where the text is found.
        } else if side == Side::Head && marker == "-------" {
            side = Side::Before;
        } else if matches!(side, Side::Head | Side::Before) && marker == "=======" {
            side = Side::After;
        } else if side == Side::After && is_marker(marker, &[">>>>>>>", "+++++++"], "REPLACE") {
            edits.push(block(path, &before, &after));
            side = Side::Outside;
        } else {
            match side {
                Side::Outside => {}
                Side::Head | Side::Before => {
                    side = Side::Before;
                    before.push_str(line);
                }
                Side::After => after.push_str(line),
            }
        }
    }
    if side == Side::After {
        edits.push(block(path, &before, &after));
    }
    edits
}

fn is_marker(line: &str, signs: &[&str], word: &str) -> bool {
    signs.iter().any(|sign| {
        line.strip_prefix(sign)
            .is_some_and(|rest| rest.trim().trim_end_matches('>') == word)
    })
}

fn block(path: &str, before: &str, after: &str) -> Edit {
    if before.is_empty() {
        Edit::write(path, after)
    } else {
        Edit::replace(path, before, after)
    }
}

#[cfg(test)]
mod tests {
    use super::edits;
    use crate::container::json::Object;

    #[track_caller]
    fn check(tool: &str, input: &str, expected: &str) {
        let found: Vec<_> = edits(tool, &Object::parse(input).unwrap())
            .iter()
            .map(|edit| {
                let (before, after) = (&edit.before, &edit.after);
                let lines: Vec<_> = edit.hunks.iter().flat_map(|hunk| &hunk.lines).collect();
                format!(
                    "{:?} {} {before:?} {after:?} {lines:?}",
                    edit.operation, edit.path
                )
            })
            .collect();
        assert_eq!(found.join("\n"), expected);
    }

    #[test]
    fn blocks_of_all_kinds() {
        for (head, tail) in [("<<<<<<<", ">>>>>>>"), ("-------", "+++++++")] {
            let input = format!(
                r#"{{"path":"a","diff":"{head} SEARCH\nx\n=======\ny\n{tail} REPLACE\n{head} SEARCH\n=======\nz\n{tail} REPLACE"}}"#
            );
            check(
                "replace_in_file",
                &input,
                "Modify a Some(\"x\\n\") Some(\"y\\n\") []\nWrite a None Some(\"z\\n\") []",
            );
        }
        check(
            "apply_diff",
            r#"{"path":"a","diff":"<<<<<<< SEARCH\n:start_line:2\n-------\nx\n=======\n>>>>>>> REPLACE"}"#,
            "Modify a Some(\"x\\n\") Some(\"\") []",
        );
        check(
            "apply_diff",
            r#"{"args":"<file><path>a</path><diff><content>\n<<<<<<< SEARCH\nx\n=======\ny\n>>>>>>> REPLACE\n</content></diff></file>"}"#,
            "Modify a Some(\"x\\n\") Some(\"y\\n\") []",
        );
    }

    #[test]
    fn other_forms() {
        check(
            "insert_content",
            r#"{"path":"a","line":"3","content":"x\ny"}"#,
            r#"Modify a None None ["+x", "+y"]"#,
        );
        check(
            "edit_file",
            r#"{"file_path":"a","old_string":"x","new_string":"y"}"#,
            r#"Modify a Some("x") Some("y") []"#,
        );
        check(
            "search_and_replace",
            r#"{"path":"a","operations":"[{\"search\":\"x\",\"replace\":\"y\"},{\"search\":\"a.\",\"replace\":\"b\",\"use_regex\":true}]"}"#,
            "Modify a Some(\"x\") Some(\"y\") []\nModify a None None []",
        );
        check(
            "insert_content",
            r#"{"path":"a","operations":[{"start_line":2,"content":"x"}]}"#,
            r#"Modify a None None ["+x"]"#,
        );
        check("delete_file", r#"{"path":"a"}"#, "Delete a None None []");
        check("write_to_file", r#"{"content":"x"}"#, "");
    }
}
