//! The catalogue, read once, and looking up in it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::facts::{Facts, Licence, Source};
use crate::name::{Name, is_size};

/// Each file with its name.
pub(crate) const FILES: [(&str, &str); 5] = [
    ("closed", include_str!("../catalogue/closed.toml")),
    ("llama", include_str!("../catalogue/llama-and-others.toml")),
    ("mistral", include_str!("../catalogue/mistral.toml")),
    (
        "deepseek",
        include_str!("../catalogue/deepseek-and-others.toml"),
    ),
    ("qwen", include_str!("../catalogue/qwen.toml")),
];

/// What may follow any name without making it another model.
const GENERAL: [&str; 6] = ["instruct", "it", "chat", "base", "pt", "text"];

/// What may follow the names of services only.
const COPIES: [&str; 6] = [
    "distill",
    "distilled",
    "abliterated",
    "merged",
    "lora",
    "clone",
];

/// A file of the catalogue.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct File {
    /// Licences by the names that entries use.
    #[serde(default)]
    pub(crate) licence: BTreeMap<String, Licence>,
    /// The entries.
    #[serde(default)]
    pub(crate) model: Vec<Written>,
}

/// An entry as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Written {
    /// The beginnings of the names that it is about.
    pub(crate) names: Vec<String>,
    pub(crate) vendor: String,
    pub(crate) family: String,
    pub(crate) made_from: Option<String>,
    pub(crate) open_weights: bool,
    /// An SPDX identifier, or a name from the file's licences.
    pub(crate) licence: String,
    /// The only sizes that it is about; any, if none are named.
    #[serde(default)]
    pub(crate) sizes: Vec<String>,
    /// A name without a size is not enough: the licence depends on it.
    #[serde(default)]
    pub(crate) size_decides: bool,
    /// Further words that may follow the name.
    #[serde(default)]
    pub(crate) also: Vec<String>,
    /// Anything may follow the name: the vendor has no other terms.
    #[serde(default)]
    pub(crate) whatever_follows: bool,
    /// Only if one of these serves it: the name alone does not tell.
    #[serde(default)]
    pub(crate) only_from: Vec<String>,
    pub(crate) sources: Vec<Source>,
}

/// An entry, ready to be compared.
#[derive(Debug)]
struct Entry {
    names: Vec<Vec<String>>,
    written: Written,
    facts: Facts,
}

/// The entries, those with the longest names first. A file that cannot be read
/// counts as empty; a test reads them all.
static CATALOGUE: LazyLock<Vec<Entry>> = LazyLock::new(|| {
    let files = FILES.iter();
    let files = files.filter_map(|(_, text)| toml::from_str::<File>(text).ok());
    let mut entries: Vec<Entry> = files.flat_map(entries).collect();
    let longest = |entry: &Entry| entry.names.iter().map(Vec::len).max();
    entries.sort_by_key(|entry| std::cmp::Reverse(longest(entry)));
    entries
});

fn entries(file: File) -> Vec<Entry> {
    let licences = file.licence;
    let entry = |written: Written| Entry {
        names: written
            .names
            .iter()
            .map(|name| Name::words_of(name))
            .collect(),
        facts: Facts {
            vendor: written.vendor.clone(),
            family: written.family.clone(),
            made_from: written.made_from.clone(),
            open_weights: written.open_weights,
            licence: licences
                .get(&written.licence)
                .cloned()
                .unwrap_or_else(|| spdx(&written.licence)),
            sources: written.sources.clone(),
        },
        written,
    };
    file.model.into_iter().map(entry).collect()
}

/// A licence that has an SPDX identifier.
fn spdx(id: &str) -> Licence {
    Licence {
        spdx: Some(id.to_owned()),
        name: id.to_owned(),
        url: Some(format!("https://spdx.org/licenses/{id}.html")),
    }
}

/// What is known of a model by the name that an agent recorded, in any case and
/// with any prefixes and suffixes that say who serves it and how it is packed.
/// `provider` is who served it, if that was recorded apart. `None` if the model is
/// not known, or its name leaves the licence open.
pub fn facts(model: &str, provider: Option<&str>) -> Option<&'static Facts> {
    let mut name = Name::of(model);
    name.before.extend(provider.map(str::to_lowercase));
    let entry = CATALOGUE.iter().find(|entry| entry.is_about(&name))?;
    Some(&entry.facts)
}

/// The licence of a model, under the same conditions as [`facts`].
pub fn licence_of(model: &str, provider: Option<&str>) -> Option<&'static Licence> {
    facts(model, provider).map(|facts| &facts.licence)
}

impl Entry {
    fn is_about(&self, name: &Name) -> bool {
        let served = &self.written.only_from;
        let from = served.is_empty() || name.before.iter().any(|word| served.contains(word));
        let mut names = self.names.iter();
        from && names.any(|own| {
            let rest = name.words.strip_prefix(own.as_slice());
            rest.is_some_and(|rest| self.may_end(rest))
        })
    }

    /// Whether these words may follow the name.
    fn may_end(&self, rest: &[String]) -> bool {
        let entry = &self.written;
        if entry.whatever_follows {
            let copy = |word: &String| is_size(word) || COPIES.contains(&word.as_str());
            return !rest.iter().any(copy);
        }
        let mut sizes = rest.iter().filter(|word| is_size(word));
        let listed = |size: &String| entry.sizes.is_empty() || entry.sizes.contains(size);
        let enough = !entry.size_decides || sizes.clone().next().is_some();
        let known = |word: &String| {
            is_size(word) || GENERAL.contains(&word.as_str()) || entry.also.contains(word)
        };
        enough && sizes.all(listed) && rest.iter().all(known)
    }
}
