//! One message, from whichever container.

use serde_json::value::RawValue;
use stead_usf::{Model, Raw, Source, Time};

use super::usage::Counts;
use crate::container::json::{Object, Values, string};

/// Fields of a reply's metadata that are known and have no place in USF.
const TIMING: &[&str] = &["totalTokens", "elapsedMs", "timeToFirstTokenMs"];

/// A message, taken apart but for its content.
pub(super) struct Message<'a> {
    pub(super) id: String,
    /// What it is called if it has no id: its place in the store.
    pub(super) place: String,
    pub(super) is_user: bool,
    pub(super) at: Option<Time>,
    pub(super) blocks: Vec<Block<'a>>,
    pub(super) audience: Audience,
    /// Time and folder, which the agent adds to each turn.
    pub(super) turn_context: bool,
    pub(super) model: Option<Model>,
    pub(super) counts: Counts,
    /// It was copied from another session.
    pub(super) inherited: bool,
    /// What USF has no place for: of the metadata, and of the record.
    pub(super) metadata: Option<Raw>,
    pub(super) rest: Option<Raw>,
    pub(super) source: Source,
}

/// Who sees a message.
#[derive(Debug, Clone, Copy)]
pub(super) struct Audience {
    pub(super) user: bool,
    pub(super) model: bool,
}

/// One piece of a message's content.
pub(super) struct Block<'a> {
    pub(super) kind: String,
    pub(super) fields: Object<'a>,
    /// The whole block.
    pub(super) raw: &'a RawValue,
}

impl<'a> Message<'a> {
    /// Takes a record apart; `content` and `metadata` are where it keeps them.
    /// `None` if it is no message.
    pub(super) fn of(
        record: &mut Object<'a>,
        [content, metadata]: [&str; 2],
        source: Source,
    ) -> Option<Self> {
        let role = record.peek("role").and_then(string)?;
        let is_user = match &*role {
            "user" => true,
            "assistant" => false,
            _ => return None,
        };
        let blocks = blocks(record.peek(content)?)?;
        record.ignore(&["role", content]);
        let mut metadata = record.object(metadata).unwrap_or_default();
        let mut flag = |name| metadata.bool(name);
        let audience = Audience {
            user: flag("userVisible").unwrap_or(true),
            model: flag("agentVisible").unwrap_or(true),
        };
        let turn_context = flag("turnContext").unwrap_or(false);
        let mut message = Self {
            id: record
                .string("message_id")
                .or(record.string("id"))
                .unwrap_or_default(),
            place: String::new(),
            is_user,
            at: None,
            blocks,
            audience,
            turn_context,
            model: None,
            counts: Counts::default(),
            inherited: record.bool("inherited").unwrap_or(false),
            metadata: None,
            rest: None,
            source,
        };
        message.take_usage(&mut metadata);
        message.metadata = metadata.rest();
        Some(message)
    }

    fn take_usage(&mut self, metadata: &mut Object<'a>) {
        if let Some(inference) = metadata.peek("inference").and_then(Object::of) {
            let mut known = inference;
            let id = known.string("requestedModel");
            let provider = known.string("provider");
            if known.is_empty() {
                metadata.ignore(&["inference"]);
            }
            self.model = id.map(|id| Model { id, provider });
        }
        if let Some(mut usage) = metadata.peek("usage").and_then(Object::of) {
            self.counts = Counts::of_reply(&usage);
            usage.ignore(TIMING);
            usage.ignore(&[
                "inputTokens",
                "outputTokens",
                "cacheReadTokens",
                "cacheWriteTokens",
            ]);
            if usage.is_empty() {
                metadata.ignore(&["usage"]);
            }
        }
    }

    /// Whether anything is said in it.
    pub(super) fn has_text(&self) -> bool {
        self.blocks.iter().any(|block| block.is("text"))
    }

    /// Whether what is said in it begins so.
    pub(super) fn starts_with(&self, prefix: &str) -> bool {
        let said = self.blocks.iter().find(|block| block.is("text"));
        let said = said
            .and_then(|block| block.fields.peek("text"))
            .and_then(string);
        said.is_some_and(|said| said.starts_with(prefix))
    }

    /// Whether it brings results of calls: such a message is never the user's.
    pub(super) fn has_result(&self) -> bool {
        let result = |block: &Block<'_>| block.is("toolResponse") || block.is("ToolResult");
        self.blocks.iter().any(result)
    }

    /// Whether the model calls tools in it.
    pub(super) fn has_call(&self) -> bool {
        self.blocks.iter().any(Block::is_call)
    }
}

impl Block<'_> {
    /// Whether it is of this type. Python Goose writes `Text` for `text`.
    pub(super) fn is(&self, kind: &str) -> bool {
        self.kind.eq_ignore_ascii_case(kind)
    }

    fn is_call(&self) -> bool {
        ["toolRequest", "frontendToolRequest", "ToolUse"]
            .iter()
            .any(|kind| self.is(kind))
    }
}

/// The pieces of a list; those that are no objects have no type. A text alone is
/// a piece of text.
fn blocks(content: &RawValue) -> Option<Vec<Block<'_>>> {
    let block = |raw| {
        let mut fields = Object::of(raw).unwrap_or_default();
        let kind = fields.string("type").unwrap_or_default();
        Block { kind, fields, raw }
    };
    if content.get().starts_with('"') {
        let (kind, fields) = ("text".to_owned(), Object::default());
        return Some(vec![Block {
            kind,
            fields,
            raw: content,
        }]);
    }
    let values: Values<'_> = serde_json::from_str(content.get()).ok()?;
    Some(values.into_iter().map(block).collect())
}

/// A recorded time: seconds, or in some versions milliseconds. 0 stands for none.
pub(super) fn time_of(stored: i64) -> Option<Time> {
    /// Goose's own border between the two: the year 2286 in seconds.
    const MILLISECONDS: i64 = 10_000_000_000;
    match stored {
        0 => None,
        millis if millis > MILLISECONDS => Time::from_millis(millis).ok(),
        seconds => Time::from_seconds(seconds).ok(),
    }
}
