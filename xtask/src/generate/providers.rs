//! `docs/reference/providers.md`: providers that are known by name.

use std::fmt::Write;

use stead_llm::presets::Provider;

use super::{NOTE, table};

/// The page.
pub(super) fn page(providers: &[Provider]) -> String {
    let mut out = format!(
        "# Providers of models\n\n{NOTE}\n\n\
         A model is named `PROVIDER/NAME`; the name may hold slashes. These providers are known:\n\
         where they are, how they are spoken to, and in which variable their key is looked for.\n\
         *Local* ones run on your machine, and nothing leaves it. Any other address is a provider\n\
         that you configure, with one of the wire formats `openai`, `openai-responses`,\n\
         `anthropic` and `gemini`.\n\n"
    );
    out.push_str(&table(
        &["Provider", "Name", "Wire", "Base URL", "Key", "Local"],
        providers.iter().map(row),
    ));
    out.push_str("\n## Notes\n\n");
    for provider in providers {
        let note = provider.note.as_deref().unwrap_or_default();
        let space = if note.is_empty() { "" } else { " " };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "- {}: [source]({}), looked up on {}.{space}{note}",
            provider.title, provider.source, provider.checked
        );
    }
    out
}

fn row(provider: &Provider) -> Vec<String> {
    let code = |text: &str| format!("`{text}`");
    let key = match (&provider.key_variable, provider.key_optional) {
        (None, _) => "none".to_owned(),
        (Some(name), false) => code(name),
        (Some(name), true) => format!("{}, if the server wants one", code(name)),
    };
    vec![
        provider.title.clone(),
        code(&provider.name),
        code(provider.wire.name()),
        provider
            .base_url
            .as_deref()
            .map_or_else(|| "your own".to_owned(), code),
        key,
        if provider.local { "yes" } else { "no" }.to_owned(),
    ]
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_provider_has_a_row_and_a_source() {
        let providers = stead_llm::presets::providers();
        let page = super::page(providers);
        for provider in providers {
            assert!(page.contains(&format!("| `{}` |", provider.name)));
            assert!(page.contains(&provider.source));
        }
    }
}
