//! One message: a row of the table `messages`.

use stead_usf::{Model, Raw, Source, Time};

use crate::container::json::{Object, Values, string};

/// Columns that are known and have no place in USF.
const COLUMNS: &[&str] = &["table", "session_id", "updated_at", "finished_at"];

/// Whose message it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    User,
    Assistant,
    System,
    Tool,
}

/// A message, taken apart but for its parts.
pub(super) struct Message<'a> {
    pub(super) id: String,
    pub(super) role: Role,
    pub(super) parts: Values<'a>,
    pub(super) at: Option<Time>,
    pub(super) model: Option<Model>,
    pub(super) is_summary: bool,
    pub(super) rest: Option<Raw>,
    pub(super) source: Source,
}

impl<'a> Message<'a> {
    /// Takes a row apart; `None` if it is of an unknown role or has no parts.
    pub(super) fn of(row: &mut Object<'a>, source: Source) -> Option<Self> {
        let role = match row.peek("role").and_then(string).as_deref()? {
            "user" => Role::User,
            "assistant" => Role::Assistant,
            "system" => Role::System,
            "tool" => Role::Tool,
            _ => return None,
        };
        let parts = row.values("parts")?;
        row.ignore(&["role"]);
        row.ignore(COLUMNS);
        let (id, provider) = (row.string("model"), row.string("provider"));
        let filled = |text: &String| !text.is_empty();
        let model = id.filter(filled).map(|id| Model {
            id,
            provider: provider.filter(filled),
        });
        Some(Self {
            id: row.string("id").unwrap_or_default(),
            role,
            parts,
            at: row.i64("created_at").and_then(time_of),
            model,
            is_summary: row.i64("is_summary_message").is_some_and(|flag| flag != 0),
            rest: None,
            source,
        })
    }
}

/// A recorded time: seconds. Comments in the schema say milliseconds, and a later
/// version may mean it. 0 stands for none.
pub(super) fn time_of(stored: i64) -> Option<Time> {
    const MILLISECONDS: i64 = 10_000_000_000;
    match stored {
        0 => None,
        millis if millis > MILLISECONDS => Time::from_millis(millis).ok(),
        seconds => Time::from_seconds(seconds).ok(),
    }
}
