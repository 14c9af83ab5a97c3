//! `cargo xtask generate`: writes the files that are made from code. CI runs it
//! and fails if anything changed, so that code and documents agree.

mod adapters;
mod providers;
mod redaction;

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// Pages that the binary prints itself, because only it knows its arguments:
/// `stead reference NAME` prints `docs/reference/NAME.md`, note included.
const BINARY_PAGES: &[&str] = &["cli", "exit-codes", "environment"];

/// Stands below the title of every generated page.
const NOTE: &str = "<!-- Made by `cargo xtask generate`; do not edit. -->";

/// Writes every generated file.
pub(crate) fn generate() -> Result<()> {
    let root = crate::root();
    let schema = format!("{:#}\n", stead_usf::schema());
    write(&root, "crates/stead-usf/schema/usf.v1.schema.json", &schema)?;
    let adapters = stead_adapters::adapters();
    let infos: Vec<_> = adapters.iter().map(|adapter| adapter.info()).collect();
    let pages = [
        ("adapters", adapters::page(&infos)),
        (
            "providers",
            providers::page(stead_llm::presets::providers()),
        ),
        ("redaction", redaction::page(stead_redact::rules())),
    ];
    for (name, text) in pages {
        write(&root, &format!("docs/reference/{name}.md"), &text)?;
    }
    for name in BINARY_PAGES {
        let text = binary_page(&root, name)?;
        write(&root, &format!("docs/reference/{name}.md"), &text)?;
    }
    Ok(())
}

/// Writes a file if that changes anything.
fn write(root: &Path, path: &str, text: &str) -> Result<()> {
    use std::io::Write;
    let file = root.join(path);
    if fs_err::read_to_string(&file).is_ok_and(|known| known == text) {
        return Ok(());
    }
    if let Some(folder) = file.parent() {
        fs_err::create_dir_all(folder)?;
    }
    fs_err::write(&file, text)?;
    writeln!(std::io::stdout(), "wrote {path}")?;
    Ok(())
}

/// What `stead reference NAME` prints.
fn binary_page(root: &Path, name: &str) -> Result<String> {
    let output = Command::new("cargo")
        .args([
            "run",
            "--quiet",
            "--package",
            "stead",
            "--",
            "reference",
            name,
        ])
        .current_dir(root)
        .output()
        .context("failed to run cargo")?;
    if !output.status.success() {
        bail!(
            "stead reference {name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    String::from_utf8(output.stdout).context("the page is not UTF-8")
}

/// A table in Markdown.
fn table(head: &[&str], rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let row = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let cells: Vec<String> = head.iter().map(|cell| (*cell).to_owned()).collect();
    let mut out = row(&cells);
    out.push_str(&"|---".repeat(head.len()));
    out.push_str("|\n");
    for cells in rows {
        let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
        out.push_str(&row(&cells));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn tables_escape_their_bars() {
        let text = table(&["a", "b"], [vec!["1|2".to_owned(), "3".to_owned()]]);
        assert_eq!(text, "| a | b |\n|---|---|\n| 1\\|2 | 3 |\n");
    }
}
