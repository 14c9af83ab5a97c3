//! `task_metadata.json`: the models that were used, from when on, and the version
//! of the agent. What it says of files is kept as it is.

use std::path::Path;

use stead_usf::{Event, EventType, Issue, Model, Raw, Severity, Source};

use super::Family;
use crate::container::json::{Object, Values};
use crate::{Fate, Output};

/// What a task's metadata say.
#[derive(Debug, Default)]
pub(super) struct Metadata {
    pub(super) version: Option<String>,
    /// Models with the times from which they were used.
    pub(super) models: Vec<(i64, Model)>,
    /// All else.
    pub(super) event: Option<Event>,
}

/// Reads the file, if it is there.
pub(super) fn read(
    family: &Family,
    path: &Path,
    output: &mut Output<'_>,
    issues: &mut Vec<Issue>,
) -> Metadata {
    let Ok(bytes) = std::fs::read(path) else {
        return Metadata::default();
    };
    output.raw(&path.to_string_lossy(), 0, &bytes);
    let text = String::from_utf8_lossy(&bytes);
    let source = Source::file(path.to_string_lossy());
    match Object::parse(text.trim()) {
        Ok(object) => {
            output.record(Fate::Mapped);
            Metadata::of(family, object, source)
        }
        Err(error) => {
            output.record(Fate::Reported);
            let issue = Issue::new(Severity::Error, "bad-json", error.to_string());
            issues.push(issue.at(source));
            Metadata::default()
        }
    }
}

impl Metadata {
    fn of(family: &Family, mut object: Object<'_>, source: Source) -> Self {
        let used = list(&object, "model_usage");
        let models = used.into_iter().filter_map(|mut used| {
            let id = used.string("model_id").filter(|id| !id.is_empty())?;
            let provider = used.string("model_provider_id");
            Some((used.i64("ts")?, Model { id, provider }))
        });
        let models = models.collect();
        let environments = list(&object, "environment_history");
        let version = environments.into_iter().rev().find_map(|mut environment| {
            // The program's own version, where it is not that of an editor.
            let name = environment.string("host_name").unwrap_or_default();
            let own = family.program.is_some_and(|program| name.contains(program));
            let host = environment.string("host_version").filter(|_| own);
            host.or_else(|| environment.string(family.version_field?))
        });
        object.ignore(&["model_usage"]);
        let event = object.rest().filter(has_more).map(|rest| {
            let mut event = Event::new("metadata", EventType::System);
            (event.extra, event.source) = (Some(rest), Some(source));
            event
        });
        Self {
            version,
            models,
            event,
        }
    }
}

/// Whether anything stands in the lists.
fn has_more(rest: &Raw) -> bool {
    rest.json().contains(':') && !matches!(rest.json(), r#"{"files_in_context":[]}"#)
}

/// The objects of a list.
fn list<'a>(object: &Object<'a>, name: &str) -> Vec<Object<'a>> {
    let values = object.peek(name);
    let values = values.and_then(|values| serde_json::from_str::<Values<'a>>(values.get()).ok());
    values
        .unwrap_or_default()
        .into_iter()
        .filter_map(Object::of)
        .collect()
}
