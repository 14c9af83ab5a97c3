//! A prompt's blocks as the user's words: what was put in beside them is named and fenced,
//! so that it is on record as what it is and cannot end itself.

use std::path::Path;

use agent_client_protocol::v1::schema::{ContentBlock, EmbeddedResourceResource};

use crate::text::one_line;

/// The words of a prompt, with files named from the top of the tree; or why a block of it
/// cannot be taken.
pub(super) fn words(blocks: &[ContentBlock], tree: &Path) -> Result<String, &'static str> {
    let mut said = String::new();
    let mut put_in = Vec::new();
    for block in blocks {
        match block {
            ContentBlock::Text(text) => said.push_str(&text.text),
            // Each stands where it was typed.
            ContentBlock::ResourceLink(link) => said.push_str(&mention(&link.uri, tree)),
            ContentBlock::Resource(resource) => match &resource.resource {
                EmbeddedResourceResource::TextResourceContents(file) => {
                    said.push_str(&mention(&file.uri, tree));
                    put_in.push(fenced(&named(&file.uri, tree), &file.text));
                }
                _ => return Err("a file that is no text cannot be put in: name its path instead"),
            },
            _ => return Err("pictures and sound cannot be put in"),
        }
    }
    put_in.insert(0, said);
    Ok(put_in.join("\n\n"))
}

/// How a resource is called: a file by its path, with the lines that are meant.
fn named(uri: &str, tree: &Path) -> String {
    let parsed = url::Url::parse(uri).ok();
    let file = parsed.filter(|parsed| parsed.scheme() == "file");
    let path = file
        .as_ref()
        .and_then(|file| Some((file.to_file_path().ok()?, file.fragment())));
    match path {
        Some((path, lines)) => {
            let path = path.strip_prefix(tree).unwrap_or(&path).display();
            let lines = lines.map(|lines| format!("#{lines}")).unwrap_or_default();
            one_line(&format!("{path}{lines}"))
        }
        None => one_line(uri),
    }
}

fn mention(uri: &str, tree: &Path) -> String {
    format!("`{}`", named(uri, tree).replace('`', "'"))
}

/// A text under its name, in a fence that it cannot end.
fn fenced(name: &str, text: &str) -> String {
    let fence = fence(text);
    let text = text.strip_suffix('\n').unwrap_or(text);
    format!("{name}:\n{fence}\n{text}\n{fence}")
}

/// Backticks, more in a row than a text has.
pub(super) fn fence(text: &str) -> String {
    let longest = text.split(|sign| sign != '`').map(str::len).max();
    "`".repeat(longest.unwrap_or(0).max(2) + 1)
}
