//! `docs/reference/adapters.md`: what each adapter reads.

use std::fmt::Write;

use stead_adapters::{AdapterInfo, Container, Support};

use super::{NOTE, table};

/// The page.
pub(super) fn page(infos: &[&AdapterInfo]) -> String {
    let mut out = format!(
        "# Adapters\n\n{NOTE}\n\n\
         Which agents stead reads, which versions were read in tests, and how far it goes.\n\
         The format of each store is described in `FORMAT.md` in the adapter's folder.\n\
         *Live growth*: what is new is read without reading the rest again. *Resume*: the agent\n\
         has a command that takes a session up again.\n\n"
    );
    out.push_str(&table(
        &[
            "Agent",
            "Id",
            "Versions",
            "Containers",
            "Support",
            "Messages",
            "Tools",
            "Edits",
            "Tokens",
            "Cost",
            "Models",
            "Subagents",
            "Live growth",
            "Resume",
        ],
        infos.iter().map(|info| row(info)),
    ));
    for info in infos {
        out.push('\n');
        section(&mut out, info);
    }
    out
}

fn row(info: &AdapterInfo) -> Vec<String> {
    let can = info.capabilities;
    let containers: Vec<_> = info.containers.iter().map(|one| container(*one)).collect();
    let mut cells = vec![
        format!("[{}]({})", info.name, info.url),
        format!("`{}`", info.id),
        info.versions.to_owned(),
        containers.join(", "),
        support(info.support).to_owned(),
    ];
    let capabilities = [
        true,
        can.tools,
        can.edits,
        can.tokens,
        can.cost,
        can.models,
        can.subagents,
        can.incremental,
        info.resume.is_some(),
    ];
    cells.extend(capabilities.map(|can| if can { "yes" } else { "no" }.to_owned()));
    cells
}

fn section(out: &mut String, info: &AdapterInfo) {
    let code = |items: &[&str]| {
        let items: Vec<_> = items.iter().map(|item| format!("`{item}`")).collect();
        items.join(", ")
    };
    let facts = [
        ("Made by", info.vendor.to_owned()),
        ("Also called", code(info.aliases)),
        ("Looked for in", code(info.locations)),
        ("Looked for in every project", code(info.markers)),
        ("Moved by", code(info.variables)),
        ("Taken up again with", code(info.resume.as_slice())),
    ];
    // Writing to a string cannot fail.
    let _ = write!(out, "## {}\n\n", info.name);
    for (name, fact) in facts.iter().filter(|(_, fact)| !fact.is_empty()) {
        let _ = writeln!(out, "- {name}: {fact}");
    }
    if !info.ignored.is_empty() {
        out.push_str("\nLeft out on purpose:\n\n");
        let rows = info.ignored.iter();
        let rows = rows.map(|(rule, why)| vec![format!("`{rule}`"), (*why).to_owned()]);
        out.push_str(&table(&["Rule", "Why"], rows));
    }
}

const fn container(container: Container) -> &'static str {
    match container {
        Container::JsonLines => "JSON Lines",
        Container::Json => "JSON",
        Container::Sqlite => "SQLite",
        Container::Markdown => "Markdown",
        Container::Http => "HTTP",
    }
}

const fn support(support: Support) -> &'static str {
    match support {
        Support::Stable => "stable",
        Support::Partial => "partial",
    }
}

#[cfg(test)]
mod tests {
    use stead_adapters::{AdapterInfo, Capabilities, Container, Support};
    use stead_usf::AgentId;

    static INFO: AdapterInfo = AdapterInfo {
        id: AgentId::new("demo"),
        aliases: &[],
        name: "Demo",
        vendor: "Somebody",
        url: "https://example.org",
        containers: &[Container::JsonLines, Container::Sqlite],
        reading: 1,
        versions: "1.0",
        support: Support::Partial,
        capabilities: Capabilities {
            tools: true,
            edits: false,
            tokens: false,
            cost: false,
            models: true,
            subagents: false,
            incremental: true,
        },
        locations: &["~/.demo"],
        markers: &[],
        variables: &["DEMO_HOME"],
        ignored: &[("heartbeat", "no content")],
        resume: Some("demo resume {id}"),
    };

    #[test]
    fn facts_stand_in_the_table_and_below() {
        let page = super::page(&[&INFO]);
        for part in [
            "| [Demo](https://example.org) | `demo` | 1.0 | JSON Lines, SQLite | partial | yes | yes | no |",
            "## Demo\n\n- Made by: Somebody\n- Looked for in: `~/.demo`\n",
            "- Taken up again with: `demo resume {id}`\n",
            "| `heartbeat` | no content |",
        ] {
            assert!(page.contains(part), "{part}\n{page}");
        }
    }
}
