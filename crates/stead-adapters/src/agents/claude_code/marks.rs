//! Signs of copying in the head of a transcript.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use memchr::memmem;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::lineage::lines;

/// So much of a file is searched for its first reply.
const HEAD: u64 = 16 << 20;

/// The fields by which copies are known.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Mark<'a> {
    #[serde(borrow, rename = "type")]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    session_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    request_session_id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    forked_from: Option<ForkedFrom<'a>>,
    #[serde(borrow)]
    pub(super) timestamp: Option<Cow<'a, str>>,
    #[serde(borrow)]
    version: Option<Cow<'a, str>>,
    #[serde(default)]
    is_sidechain: bool,
    #[serde(rename = "costUSD")]
    cost_usd: Option<f64>,
    #[serde(borrow)]
    message: Option<Message<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ForkedFrom<'a> {
    #[serde(borrow)]
    session_id: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    #[serde(borrow)]
    id: Option<Cow<'a, str>>,
    #[serde(borrow)]
    content: Option<&'a RawValue>,
}

impl<'a> Mark<'a> {
    /// A record of the talk itself.
    pub(super) fn of(line: &'a [u8]) -> Option<Self> {
        let types: [&[u8]; 3] = [
            b"\"type\":\"user\"",
            b"\"type\":\"assistant\"",
            b"\"type\":\"system\"",
        ];
        types
            .iter()
            .find(|wanted| memmem::find(line, wanted).is_some())?;
        let mark: Self = serde_json::from_slice(line).ok()?;
        let talk = matches!(&*mark.kind, "user" | "assistant" | "system");
        (talk && !mark.is_sidechain).then_some(mark)
    }

    /// The other session that the record names as its origin.
    pub(super) fn origin(&self, own: &str) -> Option<&str> {
        let forked = self
            .forked_from
            .as_ref()
            .and_then(|f| f.session_id.as_ref());
        let named = [
            forked,
            self.request_session_id.as_ref(),
            self.session_id.as_ref(),
        ];
        let mut foreign = named.into_iter().flatten().map(|id| &**id);
        foreign.find(|id| *id != own && !id.is_empty())
    }

    /// Whether it looks as copies of 1.0 do: words as a list of blocks, where
    /// they were typed as a text, or a summary's boundary that follows nothing.
    fn reshaped(&self) -> bool {
        let content = self.message.as_ref().and_then(|message| message.content);
        content.map_or(self.kind == "system", |content| {
            content.get().starts_with('[')
        })
    }

    /// A user's record that is not simply a prompt: it belongs to the reply
    /// before it.
    fn answers(&self) -> bool {
        let content = self.message.as_ref().and_then(|message| message.content);
        self.kind != "user"
            || content.is_some_and(|content| {
                let content = content.get();
                content.contains("\"tool_result\"")
                    || content.contains("[Request interrupted")
                    || content.starts_with("\"<")
            })
    }
}

/// What the copied head of a file looks like.
#[expect(
    clippy::struct_excessive_bools,
    reason = "four independent signs, each with its own evidence"
)]
#[derive(Default)]
pub(super) struct Head {
    /// A record names another session as its origin.
    pub(super) named: bool,
    /// Time of the first record.
    pub(super) time: Option<String>,
    /// The first prompt as JSON.
    pub(super) prompt: Option<String>,
    /// The last copied reply, and where the copies end.
    pub(super) reply: Option<String>,
    pub(super) until: u64,
    /// Written by 0.2, which copied at every resume.
    pub(super) old: bool,
    /// The first record has the form that 1.0 gives to copies.
    reshaped: bool,
    pub(super) settled: bool,
}

/// Looks at the records up to the first own reply.
pub(super) fn head(path: &Path, own: &str) -> io::Result<Head> {
    let mut head = Head::default();
    let mut offset = 0;
    lines(path, HEAD, |line| {
        offset += line.len() as u64;
        match Mark::of(line) {
            Some(mark) => head.take(&mark, own, offset),
            None => true,
        }
    })?;
    head.settled |= offset >= HEAD;
    Ok(head)
}

impl Head {
    /// Takes in a record that ends at `end`; `false` once enough is known.
    fn take(&mut self, mark: &Mark<'_>, own: &str, end: u64) -> bool {
        let time = mark.timestamp.as_deref();
        if self.time.is_none() {
            self.time = time.map(str::to_owned);
            let version = mark.version.as_deref().unwrap_or_default();
            self.old = version.starts_with("0.");
            self.reshaped = version.starts_with("1.") && mark.reshaped();
        }
        self.named = mark.origin(own).is_some();
        if self.named {
            return false;
        }
        let content = mark.message.as_ref().and_then(|message| message.content);
        if mark.kind == "user" && self.prompt.is_none() {
            self.prompt = content.map(|content| content.get().to_owned());
        }
        // Copies of 0.2 and 1.0 all bear the time of the copying. Those of 0.2
        // cost nothing.
        let free = mark.kind != "assistant" || mark.cost_usd == Some(0.0);
        let copied = time.is_some() && time == self.time.as_deref();
        if !copied || !(self.reshaped || (self.old && free)) {
            self.settled = mark.kind == "assistant" || self.reply.is_some();
            return !self.settled;
        }
        if mark.kind == "assistant" {
            let id = mark
                .message
                .as_ref()
                .and_then(|message| message.id.as_deref());
            self.reply = id.map(str::to_owned).or(self.reply.take());
            self.until = end;
        } else if mark.answers() {
            self.until = end;
        }
        // A prompt counts as copied only when more copies follow.
        true
    }
}
