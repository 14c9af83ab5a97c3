//! T1: which of our crates may know which.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use super::Finding;

/// Each crate with those it may depend on. An absence here is architecture:
/// the table is the picture in ARCHITECTURE.md.
const MAY_USE: &[(&str, &[&str])] = &[
    ("stead-usf", &[]),
    ("stead-redact", &[]),
    ("stead-models", &[]),
    ("stead-edit", &[]),
    (
        "stead-agent",
        &[
            "stead-usf",
            "stead-edit",
            "stead-ledger",
            "stead-llm",
            "stead-sandbox",
        ],
    ),
    ("stead-ledger", &[]),
    ("stead-sandbox", &[]),
    ("stead-adapters", &["stead-usf"]),
    ("stead-index", &["stead-usf", "stead-redact"]),
    ("stead-trace", &["stead-usf"]),
    ("stead-llm", &["stead-usf", "stead-models"]),
    (
        "stead-app",
        &[
            "stead-usf",
            "stead-redact",
            "stead-adapters",
            "stead-index",
            "stead-trace",
            "stead-models",
        ],
    ),
    (
        "stead",
        &[
            "stead-usf",
            "stead-redact",
            "stead-adapters",
            "stead-index",
            "stead-trace",
            "stead-models",
            "stead-edit",
            "stead-llm",
            "stead-ledger",
            "stead-sandbox",
            "stead-agent",
            "stead-app",
        ],
    ),
    ("stead-testkit", &["stead-usf"]),
    (
        "xtask",
        &[
            "stead-usf",
            "stead-redact",
            "stead-adapters",
            "stead-agent",
            "stead-edit",
            "stead-index",
            "stead-trace",
            "stead-ledger",
            "stead-llm",
            "stead-app",
            "stead-testkit",
        ],
    ),
];

/// What only tests may depend on.
const ONLY_IN_TESTS: &[&str] = &["stead-testkit"];

/// One of our packages with the edges to our other packages.
#[derive(Debug)]
pub(super) struct Package {
    name: String,
    /// Its manifest, from the root.
    manifest: String,
    /// Name, and whether only tests use it.
    edges: Vec<(String, bool)>,
}

/// Reads the packages of the workspace.
pub(super) fn packages(root: &Path) -> Result<Vec<Package>> {
    let output = Command::new("cargo")
        .args(["metadata", "--no-deps", "--format-version", "1"])
        .current_dir(root)
        .output()
        .context("failed to run cargo metadata")?;
    if !output.status.success() {
        bail!(
            "cargo metadata: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().context("no packages")?;
    let one = |package: &Value| Package {
        name: text(&package["name"]),
        manifest: Path::new(&text(&package["manifest_path"]))
            .strip_prefix(root)
            .map(|path| path.to_string_lossy().replace('\\', "/"))
            .unwrap_or_default(),
        edges: package["dependencies"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dependency| dependency["path"].is_string())
            .map(|dependency| (text(&dependency["name"]), dependency["kind"] == "dev"))
            .collect(),
    };
    Ok(packages.iter().map(one).collect())
}

/// Finds edges that the table does not have.
pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut found = Vec::new();
    for package in packages {
        let mut report = |message| found.push(Finding::new("T1", &package.manifest, 0, message));
        let Some((_, may)) = MAY_USE.iter().find(|(name, _)| *name == package.name) else {
            report(format!(
                "crate `{}` has no row in the table of edges; add it to xtask/src/tidy/edges.rs and ARCHITECTURE.md",
                package.name
            ));
            continue;
        };
        for (edge, in_tests) in &package.edges {
            // What this repository does for itself is given to nobody.
            let for_tests = ONLY_IN_TESTS.contains(&edge.as_str()) && package.name != "xtask";
            if for_tests && !in_tests {
                report(format!("`{edge}` is for [dev-dependencies] only"));
            } else if !for_tests && !may.contains(&edge.as_str()) {
                report(format!("`{}` must not know `{edge}`", package.name));
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Package, check};

    fn package(name: &str, edges: &[(&str, bool)]) -> Package {
        Package {
            name: name.into(),
            manifest: format!("crates/{name}/Cargo.toml"),
            edges: edges
                .iter()
                .map(|(name, dev)| ((*name).into(), *dev))
                .collect(),
        }
    }

    fn messages(package: Package) -> Vec<String> {
        check(&[package]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn sideways_edges_are_found() {
        let good = package(
            "stead-adapters",
            &[("stead-usf", false), ("stead-testkit", true)],
        );
        assert_eq!(messages(good), [""; 0]);
        assert_eq!(
            messages(package("stead-index", &[("stead-adapters", true)])),
            ["crates/stead-index/Cargo.toml:1: T1: `stead-index` must not know `stead-adapters`"]
        );
        assert_eq!(
            messages(package("stead-app", &[("stead-testkit", false)])),
            ["crates/stead-app/Cargo.toml:1: T1: `stead-testkit` is for [dev-dependencies] only"]
        );
        assert_eq!(messages(package("stead-new", &[])).len(), 1);
        assert_eq!(
            messages(package("stead-testkit", &[("stead", false)])).len(),
            1
        );
    }
}
