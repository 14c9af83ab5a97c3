//! What must be known across the blocks of one section of a history.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stead_usf::{Edit, Model};

use super::blocks::Kind;
use super::edits::changes_files;

/// What is remembered between two readings of a history.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct State {
    /// The first heading of the file, digested: a part of every session's name.
    pub(super) file: Option<String>,
    /// How many sections began at each time.
    pub(super) starts: BTreeMap<String, u32>,
    pub(super) section: Option<Section>,
}

impl State {
    /// A name for the section that begins at this local time. It depends on the
    /// history alone, so that it stays when the file grows, moves or is copied.
    pub(super) fn name(&mut self, time: &str) -> String {
        let file = self.file.get_or_insert_with(|| {
            let digest = blake3::hash(time.as_bytes()).to_hex();
            digest[..6].to_owned()
        });
        let compact: String = time
            .chars()
            .filter(|sign| !matches!(sign, '-' | ':'))
            .collect();
        let name = format!("{}-{file}", compact.replace(' ', "-"));
        let count = self.starts.entry(compact).or_default();
        *count += 1;
        match count {
            1 => name,
            more => format!("{name}.{more}"),
        }
    }
}

/// One section: one run of the program.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Section {
    /// The session's native id.
    pub(super) name: String,
    /// Local time of its heading.
    pub(super) start: String,
    /// Local time of the next one, if it is there.
    #[serde(skip)]
    pub(super) end: Option<String>,
    /// The model that answers and the form of its edits, as announced.
    pub(super) model: Option<String>,
    pub(super) format: Option<String>,
    /// The same of the model that carries out plans.
    pub(super) editor: Option<(String, Option<String>)>,
    /// The program may announce what changed.
    pub(super) announcing: bool,
    pub(super) turn: Turn,
    /// The model has to go on; nothing was said yet if it is not known.
    pub(super) open: Option<bool>,
    /// The last block.
    pub(super) after: Option<Kind>,
}

/// What must be known until the user says something else.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Turn {
    /// The mode that a command chose for this turn; empty for the one that edits.
    pub(super) mode: Option<String>,
    /// Words of a command, which the program is going to repeat.
    pub(super) expected: Option<String>,
    /// The plan that an architect made, digested.
    pub(super) plan: Option<u64>,
    /// The editor carries the plan out.
    pub(super) editing: bool,
    /// Changes that a reply asks for, until their outcome is known.
    pub(super) changes: Option<Changes>,
    /// The call of a typed command, until its output is there.
    pub(super) command: Option<String>,
    /// The event that a commit follows.
    pub(super) last: Option<String>,
}

/// Changes that a reply asks for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Changes {
    pub(super) call: String,
    pub(super) edits: Vec<Edit>,
}

impl Section {
    /// The model that answers now.
    pub(super) fn answering(&self) -> Option<Model> {
        let id = if self.turn.editing {
            &self.editor.as_ref()?.0
        } else {
            self.model.as_ref()?
        };
        Some(Model {
            id: id.clone(),
            provider: None,
        })
    }

    /// The form in which replies are written now, if that is known.
    pub(super) fn form(&self) -> Option<&str> {
        if self.turn.editing {
            return self.editor.as_ref()?.1.as_deref();
        }
        match self.turn.mode.as_deref() {
            // What the mode that edits writes is known only if it was announced.
            Some("") => self
                .format
                .as_deref()
                .filter(|format| changes_files(format)),
            Some(mode) => Some(mode),
            None => self.format.as_deref(),
        }
    }
}
