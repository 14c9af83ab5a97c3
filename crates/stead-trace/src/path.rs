//! Paths as sessions write them: text with `/`, whatever the system.

/// The path from the root, with `.` and `..` taken out; relative ones are of `cwd`.
pub(crate) fn absolute(path: &str, cwd: &str) -> String {
    let path = path.replace('\\', "/");
    let path = path.strip_prefix("file://").unwrap_or(&path);
    let whole = if is_absolute(path) || cwd.is_empty() {
        path.to_owned()
    } else {
        format!("{}/{path}", cwd.replace('\\', "/"))
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in whole.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let lead = if whole.starts_with('/') { "/" } else { "" };
    format!("{lead}{}", parts.join("/"))
}

/// Whether a path begins at a root, on any system.
pub(crate) fn is_absolute(path: &str) -> bool {
    let bytes = path.as_bytes();
    let drive = bytes.len() > 2 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':';
    path.starts_with('/') || path.starts_with('~') || drive
}

/// The part of an absolute path below a folder.
pub(crate) fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    path.strip_prefix(folder.trim_end_matches('/'))?
        .strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::{absolute, below};

    #[test]
    fn paths_are_made_whole() {
        for (path, cwd, expected) in [
            ("src/a.rs", "/w", "/w/src/a.rs"),
            ("./a.rs", "/w/x/", "/w/x/a.rs"),
            ("../a.rs", "/w/x", "/w/a.rs"),
            ("/etc//x/.", "/w", "/etc/x"),
            (r"src\a.rs", r"C:\work", "C:/work/src/a.rs"),
            (r"C:\work\a.rs", "/w", "C:/work/a.rs"),
            ("a.rs", "", "a.rs"),
        ] {
            assert_eq!(absolute(path, cwd), expected, "{path} in {cwd}");
        }
    }

    #[test]
    fn a_sibling_is_not_below() {
        assert_eq!(below("/w/a/b", "/w/a"), Some("b"));
        assert_eq!(below("/w/ab", "/w/a"), None);
        assert_eq!(below("/w/a", "/w/a"), None);
    }
}
