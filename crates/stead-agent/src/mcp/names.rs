//! Names under which models are offered the tools of servers.

use std::collections::BTreeSet;

use crate::record::digest;

/// What all of them begin with.
const MARK: &str = "mcp__";
/// Providers take no longer names.
const MOST: usize = 64;
/// Signs of a digest that tell names apart.
const TELLING: usize = 8;

/// Whether a tool's name is that of a server's tool.
pub fn is_offered(name: &str) -> bool {
    name.starts_with(MARK)
}

/// A name for a server's tool that no other has: signs that providers do not take are
/// replaced, long names are cut and end in a digest.
pub(super) fn offered(server: &str, tool: &str, taken: &BTreeSet<String>) -> String {
    let plain = |sign: char| match sign {
        sign if sign.is_ascii_alphanumeric() || matches!(sign, '-' | '_') => sign,
        _ => '_',
    };
    let name: String = format!("{MARK}{server}__{tool}")
        .chars()
        .map(plain)
        .collect();
    let unchanged = name.ends_with(tool) && name.len() <= MOST;
    if unchanged && !taken.contains(&name) {
        return name;
    }
    let end = digest(tool.as_bytes());
    let end = end.get(..TELLING).unwrap_or(&end);
    let room = MOST - TELLING - 1;
    let name = name.get(..room).unwrap_or(&name);
    format!("{name}_{end}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{is_offered, offered};

    #[test]
    fn names_are_such_as_providers_take_and_differ() {
        let mut taken = BTreeSet::new();
        assert_eq!(offered("git", "get_issue", &taken), "mcp__git__get_issue");
        let long = "a".repeat(100);
        let longer = "a".repeat(101);
        for tool in [
            "get.issue",
            "get_issue",
            "get issue",
            "größe",
            &long,
            &longer,
        ] {
            let name = offered("git", tool, &taken);
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
            assert!(name.len() <= 64 && name.bytes().all(plain), "{name}");
            assert!(is_offered(&name));
            assert!(taken.insert(name.clone()), "{name} twice");
        }
    }
}
