//! What a call of a reading tool showed of files. What commands of a shell print is
//! in `shell`.

use serde_json::Value;

use crate::shown::{Shown, shown};
use crate::step::Action;

/// What tools call the file that is read.
const NAMES: [&str; 5] = [
    "file_path",
    "filePath",
    "path",
    "target_file",
    "absolute_path",
];

/// Words in the names of arguments by which only a part of a file is asked for.
const PARTS: [&str; 4] = ["offset", "limit", "line", "range"];

/// Longer lines are cut by most agents.
const LONGEST: usize = 1_990;

/// So many lines are shown at most, by those that say nothing where they stop.
const MOST: usize = 1_990;

/// Words after the lines that say that there is more.
const MORE: [&str; 6] = [
    "more lines",
    "truncated",
    "offset",
    "omitted",
    "cut off",
    "showing lines",
];

/// The files that a call showed, by the paths that it names.
pub(super) fn files(input: &Value, output: &str) -> Vec<(String, Action)> {
    let one = path_of(input).map(|path| (path, output.to_owned(), asks_for_part(input)));
    let parts = match one {
        Some(one) => vec![one],
        None => several(input, output),
    };
    let parts = parts.into_iter();
    parts
        .filter_map(|(path, output, part)| Some((path, show(&shown(&output)?, part))))
        .collect()
}

fn path_of(input: &Value) -> Option<String> {
    let path = NAMES.iter().find_map(|name| input[name].as_str())?;
    Some(path.to_owned())
}

fn asks_for_part(input: &Value) -> bool {
    let Some(given) = input.as_object() else {
        return false;
    };
    given.iter().any(|(name, value)| {
        let name = name.to_lowercase();
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        !empty && PARTS.iter().any(|part| name.contains(part))
    })
}

/// Calls that read several files: an answer of records, or with a head for each.
fn several(input: &Value, output: &str) -> Vec<(String, String, bool)> {
    let Some(files) = input["files"].as_array() else {
        return Vec::new();
    };
    if let Ok(Value::Array(records)) = serde_json::from_str(output) {
        let record = |record: &Value| {
            let of = record["query"].as_str()?;
            let file = files
                .iter()
                .find(|file| path_of(file).as_deref() == Some(of));
            let part = file.is_none_or(asks_for_part);
            Some((of.to_owned(), record["result"].as_str()?.to_owned(), part))
        };
        return records.iter().filter_map(record).collect();
    }
    let named = files
        .iter()
        .filter_map(|file| Some((path_of(file)?, asks_for_part(file))));
    let mut heads: Vec<(usize, String, bool)> = named
        .filter_map(|(path, part)| Some((head(output, &path)?, path, part)))
        .collect();
    heads.sort_unstable();
    let ends: Vec<usize> = heads.iter().skip(1).map(|(at, ..)| *at).collect();
    let ends = ends.into_iter().chain([output.len()]);
    let parts = heads.into_iter().zip(ends);
    parts
        .map(|((at, path, part), end)| (path, output[at..end].to_owned(), part))
        .collect()
}

/// Where the part of an answer begins that shows a file: at a line of its name.
fn head(output: &str, path: &str) -> Option<usize> {
    let mut at = 0;
    for line in output.split_inclusive('\n') {
        if line.trim_end() == format!("File: {path}") {
            return Some(at);
        }
        at += line.len();
    }
    None
}

fn show(shown: &Shown<'_>, part: bool) -> Action {
    let (note, _) = shown
        .rest
        .split_once("<system-reminder>")
        .unwrap_or((shown.rest, ""));
    let note = note.to_lowercase();
    let cut = MORE.iter().any(|word| note.contains(word))
        || shown.text.lines().count() >= MOST
        || shown.text.lines().any(|line| line.len() >= LONGEST);
    Action::Show {
        // Some number the nothing that comes after the last line's end.
        text: format!("{}\n", shown.text.trim_end_matches('\n')),
        first: shown.first,
        whole: shown.first == 1 && !part && !cut,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::files;
    use crate::step::Action;

    /// What is shown of files: path, first line, text, and whether it is all.
    fn seen(input: &serde_json::Value, output: &str) -> Vec<(String, u64, String, bool)> {
        let row = |(path, action)| match action {
            Action::Show { text, first, whole } => (path, first, text, whole),
            _ => (path, 0, String::new(), false),
        };
        files(input, output).into_iter().map(row).collect()
    }

    #[test]
    fn a_file_is_whole_if_nothing_was_left_out() {
        let path = json!({"file_path": "/w/a.py", "encoding": null});
        let view = json!({"command": "view", "path": "/w/a.py", "view_range": []});
        for (input, output) in [
            (
                &path,
                "     1\u{2192}a\n     2\u{2192}b\n     3\u{2192}\n\n<system-reminder>\nnot truncated\n",
            ),
            (
                &path,
                "<file>\n00001| a\n00002| b\n\n(End of file - total 2 lines)\n</file>",
            ),
            (&path, "1 | a\n2 | b\n\n(File has 2 lines total.)"),
            (
                &view,
                "Here's the result of running `cat -n` on /w/a.py:\n     1\ta\n     2\tb\n",
            ),
            (&view, "### /w/a.py\n```python\n1: a\n2: b\n```\n"),
        ] {
            let whole = ("/w/a.py".to_owned(), 1, "a\nb\n".to_owned(), true);
            assert_eq!(seen(input, output), [whole], "{output}");
        }
    }

    #[test]
    fn a_part_of_a_file_is_no_whole() {
        let all = json!({"filePath": "/w/a.py"});
        let limited = json!({"filePath": "/w/a.py", "limit": 2});
        let range = json!({"path": "/w/a.py", "view_range": [1, 2]});
        let lines = "1: a\n2: b\n";
        let more = format!("{lines}\n(File has more lines. Use 'offset' to read beyond 2)");
        let long = format!("1: a\n2: {}\n", "b".repeat(2000));
        for (input, output) in [
            (&limited, lines),
            (&range, lines),
            (&all, &more),
            (&all, &long),
            (&all, "5: a\n6: b\n"),
        ] {
            let whole: Vec<bool> = seen(input, output).iter().map(|row| row.3).collect();
            assert_eq!(whole, [false], "{output}");
        }
    }

    #[test]
    fn several_files_are_shown_at_once() {
        let input = json!({"files": [{"path": "a.py"}, {"path": "b.py", "start_line": 3}]});
        let expected = [
            ("a.py".to_owned(), 1, "a\nb\n".to_owned(), true),
            ("b.py".to_owned(), 3, "c\nd\n".to_owned(), false),
        ];
        let records = json!([
            {"query": "a.py", "result": "1 | a\n2 | b", "success": true},
            {"query": "b.py", "result": "3 | c\n4 | d", "success": true},
        ]);
        let heads =
            "File: a.py\nLines 1-2:\n1 | a\n2 | b\n\nFile: b.py\nLines 3-4:\n3 | c\n4 | d\n";
        assert_eq!(seen(&input, &records.to_string()), expected);
        assert_eq!(seen(&input, heads), expected);
    }
}
