//! The patch language, diffs and the commands around them.

use stead_usf::{Edit, EditOperation, Scope};

use crate::apply_patch::{edits, in_script};

fn shape(edit: &Edit) -> (&str, EditOperation, usize) {
    (edit.path.as_str(), edit.operation, edit.hunks.len())
}

#[test]
fn every_kind_of_change() {
    let found = edits(
        "*** Begin Patch\n*** Add File: a.txt\n+one\n+\n+two\n*** Delete File: b.txt\n\
         *** Update File: c.txt\n*** Move to: d.txt\n@@ fn main()\n context\n-old\n+new\n@@\n-x\n\
         *** End of File\n\n*** Update File: e.txt\n no anchor\n+added\n*** End Patch\n",
    );
    let shapes: Vec<_> = found.iter().map(shape).collect();
    assert_eq!(
        shapes,
        [
            ("a.txt", EditOperation::Create, 0),
            ("b.txt", EditOperation::Delete, 0),
            ("c.txt", EditOperation::Rename, 2),
            ("e.txt", EditOperation::Modify, 1),
        ]
    );
    assert_eq!(found[0].after.as_deref(), Some("one\n\ntwo\n"));
    assert_eq!(found[0].scope, Some(Scope::File));
    assert_eq!(found[2].new_path.as_deref(), Some("d.txt"));
    assert_eq!(found[2].hunks[0].anchor.as_deref(), Some("fn main()"));
    assert_eq!(found[2].hunks[0].lines, [" context", "-old", "+new"]);
    assert_eq!(found[2].hunks[1].lines, ["-x"]);
    assert_eq!(found[3].hunks[0].lines, [" no anchor", "+added"]);
}

#[test]
fn lenient_with_what_models_write() {
    let blank_context = edits("*** Begin Patch\n*** Update File: a\n@@\n-x\n\n+y\n*** End Patch");
    assert_eq!(blank_context[0].hunks[0].lines, ["-x", " ", "+y"]);
    let heredoc = edits("<<'EOF'\n*** Begin Patch \n  *** Add File: a\n+x\n *** End Patch\nEOF\n");
    assert_eq!(heredoc[0].after.as_deref(), Some("x\n"));
    let cut = edits("*** Begin Patch\n*** Add File: a\n+half");
    assert_eq!(cut[0].after.as_deref(), Some("half\n"));
    let crlf = edits("*** Begin Patch\r\n*** Add File: a\r\n+x\r\n*** End Patch\r\n");
    assert_eq!(crlf[0].path, "a");
    assert!(edits("no patch at all").is_empty());
    assert!(edits("*** Begin Patch\n+stray\n@@\n*** Move to: x\n*** End Patch").is_empty());
    let empty = edits("*** Begin Patch\n*** Add File: empty\n*** End Patch");
    assert_eq!(empty[0].after.as_deref(), Some(""));
}

#[test]
fn patches_in_scripts() {
    let patch = "*** Begin Patch\n*** Add File: a.txt\n+x\n*** End Patch";
    let found = in_script(&format!("apply_patch <<'EOF'\n{patch}\nEOF\n"));
    assert_eq!(shape(&found[0]), ("a.txt", EditOperation::Create, 0));
    let below = in_script(&format!(
        "cd 'sub dir' && apply_patch <<'EOF'\n{patch}\nEOF\n"
    ));
    assert_eq!(below[0].path, "sub dir/a.txt");
    let two = in_script(&format!(
        "apply_patch <<A\n{patch}\nA\napply_patch <<B\n{patch}\nB"
    ));
    assert_eq!(two.len(), 2);
    assert!(in_script("cat <<EOF\n*** Begin Patch\nEOF").is_empty());
}
