//! Which changes were made although the reply that asked for them failed. Pure
//! text.

use stead_usf::{Edit, EditOperation};

/// The changes that the report on a failed reply shows to be made.
pub(super) fn made(edits: Vec<Edit>, created: &[String], report: &str) -> Vec<Edit> {
    let applied = if report.contains(" were applied successfully.") {
        let failed = squeezed(report);
        edits
            .into_iter()
            .filter(|edit| !is_reported(edit, &failed))
            .collect()
    } else {
        let updated = |edit: &Edit| {
            let marks = ["Updating ", "Deleting "];
            let line = |line: &str| {
                marks
                    .iter()
                    .any(|mark| line.strip_prefix(mark) == Some(&edit.path))
            };
            report.lines().any(line)
        };
        edits.into_iter().filter(updated).collect::<Vec<_>>()
    };
    // The program makes new files before it fills them.
    let empty = created
        .iter()
        .filter(|path| applied.iter().all(|edit| edit.path != **path));
    let empty = empty.map(|path| Edit::new(path, EditOperation::Create));
    empty.chain(applied.iter().cloned()).collect()
}

/// Whether the report shows the block as one that failed.
fn is_reported(edit: &Edit, report: &str) -> bool {
    let before = edit.before.as_deref().unwrap_or("");
    let after = edit.after.as_deref().unwrap_or("");
    let block = format!("<<<<<<< SEARCH\n{before}=======\n{after}>>>>>>> REPLACE");
    report.contains(&squeezed(&block))
}

/// A text without the spaces that some versions leave out of a report.
fn squeezed(text: &str) -> String {
    text.split_whitespace().collect()
}

#[cfg(test)]
mod tests {
    use stead_usf::{Edit, EditOperation};

    use super::made;

    #[test]
    fn blocks_that_the_report_does_not_show_were_made() {
        let edits = vec![
            Edit::replace("a", "x\n", "y\n"),
            Edit::replace("a", "  p\n", "q\n"),
        ];
        let report = "# 1 SEARCH/REPLACE block failed to match!\n<<<<<<< SEARCH\np\n=======\nq\n>>>>>>> REPLACE\n\
                      # The other 1 SEARCH/REPLACE block were applied successfully.";
        assert_eq!(made(edits.clone(), &[], report), [edits[0].clone()]);
        assert_eq!(
            made(edits, &[], "# 2 SEARCH/REPLACE blocks failed to match!"),
            []
        );
    }

    #[test]
    fn a_patch_stops_in_the_middle() {
        let edits = vec![
            Edit::new("a b.py", EditOperation::Modify),
            Edit::new("c", EditOperation::Delete),
        ];
        let made = made(
            edits,
            &["d.md".into()],
            "Updating a b.py\nThe LLM did not conform",
        );
        let made: Vec<_> = made
            .iter()
            .map(|edit| (edit.path.as_str(), edit.operation))
            .collect();
        assert_eq!(
            made,
            [
                ("d.md", EditOperation::Create),
                ("a b.py", EditOperation::Modify)
            ]
        );
    }
}
