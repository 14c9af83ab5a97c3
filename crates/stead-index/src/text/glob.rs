//! Patterns of paths: `?` one character, `*` any within a folder, `**` any.

/// Whether the whole path fits the pattern. Time is bounded by the product of
/// the lengths.
pub(crate) fn matches(pattern: &str, path: &str) -> bool {
    let pattern: Vec<char> = pattern.chars().collect();
    let path: Vec<char> = path.chars().collect();
    // reach[i]: the pattern so far can end before path[i].
    let mut reach = vec![false; path.len() + 1];
    reach[0] = true;
    let mut place = 0;
    while place < pattern.len() {
        let stars = pattern[place..].iter().take_while(|c| **c == '*').count();
        if stars > 0 {
            spread(&mut reach, &path, stars > 1);
            // `**/` also stands for no folder at all.
            let here = reach.clone();
            place += stars;
            if stars > 1 && pattern.get(place) == Some(&'/') {
                let before = |i: usize| here[i] && (i == 0 || path[i - 1] == '/');
                let after: Vec<bool> = (0..=path.len())
                    .map(|i| before(i) || i > 0 && here[i - 1] && path[i - 1] == '/')
                    .collect();
                reach = after;
                place += 1;
            }
            continue;
        }
        let wanted = pattern[place];
        for i in (0..path.len()).rev() {
            reach[i + 1] = reach[i] && (wanted == path[i] || wanted == '?' && path[i] != '/');
        }
        reach[0] = false;
        place += 1;
    }
    reach[path.len()]
}

fn spread(reach: &mut [bool], path: &[char], over_folders: bool) {
    for i in 0..path.len() {
        if reach[i] && (over_folders || path[i] != '/') {
            reach[i + 1] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        for (pattern, path, fits) in [
            ("src/*.rs", "src/a.rs", true),
            ("src/*.rs", "src/a/b.rs", false),
            ("src/**", "src/a/b.rs", true),
            ("src/**/*.rs", "src/b.rs", true),
            ("src/**/*.rs", "src/a/c/b.rs", true),
            ("**/b.rs", "/home/x/b.rs", true),
            ("**/b.rs", "/home/x/ab.rs", false),
            ("**/b.rs", "b.rs", true),
            ("?.rs", "a.rs", true),
            ("?.rs", "/.rs", false),
            ("*", "a/b", false),
            ("", "", true),
            ("a", "", false),
        ] {
            assert_eq!(matches(pattern, path), fits, "{pattern} on {path}");
        }
    }
}
