//! Reads what a provider says instead of an answer, and finds its class. One reader for
//! all formats: behind one address there may be another provider's error.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

use super::field;
use crate::error::LlmError;
use crate::wait::duration;

/// So many characters of a provider's words are kept; the record has them all.
const LONGEST: usize = 600;

/// Why a decoder has no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The provider says so.
    Told(Told),
    /// It is not this format.
    Malformed(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Told(told) => write!(f, "{} {}: {}", told.status, told.codes, told.said),
            Self::Malformed(what) => f.write_str(what),
        }
    }
}

/// What a provider said of what went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Told {
    /// The status of HTTP, or of the body where the error came inside an answer; 0 for
    /// neither.
    pub(crate) status: u16,
    /// Codes and types that stood there, in lower case, between spaces.
    pub(crate) codes: String,
    /// Its words.
    pub(crate) said: String,
    /// How long to wait, if the body says so.
    pub(crate) wait: Option<Duration>,
    sent: Option<u64>,
    limit: Option<u64>,
}

/// Codes and words by which a class is known; the first row that fits wins.
type Row = (Sort, &'static [&'static str], &'static [&'static str]);

#[derive(Clone, Copy)]
enum Sort {
    Context,
    Credit,
    Content,
    Rate,
    Key,
    Model,
    Overloaded,
}

const ROWS: &[Row] = &[
    (
        Sort::Context,
        &[
            "context_length_exceeded",
            "context_window_exceeded",
            "exceed_context_size_error",
            "request_too_large",
        ],
        &[
            "maximum context length",
            "maximum prompt length",
            "maximum number of tokens",
            "prompt is too long",
            "context size",
            "context window",
            "context length",
            "context limit",
            "reduce the length of the messages",
            "too large for model with",
        ],
    ),
    (
        Sort::Credit,
        &[
            "402",
            "insufficient_quota",
            "billing_not_active",
            "billing_error",
            "exceeded_current_quota_error",
            "insufficient_balance",
            "arrearage",
        ],
        &[
            "insufficient balance",
            "credit balance",
            "exceeded your current quota, please check your plan",
        ],
    ),
    (
        Sort::Content,
        &[
            "content_filter",
            "content_policy_violation",
            "data_inspection_failed",
            "datainspectionfailed",
            "responsibleaipolicyviolation",
        ],
        &[
            "content exists risk",
            "content management policy",
            "usage policy",
            "content policy",
        ],
    ),
    (
        Sort::Rate,
        &[
            "429",
            "rate_limit_error",
            "rate_limit_exceeded",
            "rate_limit_reached_error",
            "too_many_requests",
            "resource_exhausted",
        ],
        &["rate limit"],
    ),
    (
        Sort::Key,
        &[
            "401",
            "403",
            "authentication_error",
            "invalid_authentication_error",
            "invalid_api_key",
            "api_key_invalid",
            "permission_error",
            "permission_denied",
            "unauthenticated",
        ],
        &[
            "api key not valid",
            "invalid api key",
            "incorrect api key",
            "no auth credentials",
        ],
    ),
    (
        Sort::Model,
        &[
            "404",
            "model_not_found",
            "not_found_error",
            "resource_not_found_error",
            "not_found",
        ],
        &[
            "no such model",
            "unknown model",
            "model does not exist",
            "not a valid model",
            "model not found",
        ],
    ),
    (
        Sort::Overloaded,
        &[
            "overloaded_error",
            "engine_overloaded_error",
            "api_error",
            "server_error",
            "timeout_error",
            "internal",
            "unavailable",
            "deadline_exceeded",
            "service_unavailable",
            "internal_server_error",
            "408",
        ],
        &["overloaded", "at capacity"],
    ),
];

impl Told {
    /// What a body says; JSON in any of the forms that are about, or text.
    pub(crate) fn of_body(status: u16, body: &[u8]) -> Self {
        let value = serde_json::from_slice::<Value>(body).ok();
        let told = value
            .as_ref()
            .and_then(|value| Self::of_value(status, value));
        told.unwrap_or_else(|| Self {
            status,
            codes: format!(" {status} "),
            said: clip(&plain(&String::from_utf8_lossy(body))),
            ..Self::default()
        })
    }

    /// The error in a value, if there is one.
    pub(crate) fn of_value(status: u16, value: &Value) -> Option<Self> {
        // Gemini streams without SSE put objects into a list.
        let value = value.get(0).unwrap_or(value);
        let error = field::some(value, "error")
            .or_else(|| value.get("errors")?.get(0))
            .or_else(|| field::some(value, "detail"))
            .or_else(|| value.get("message").map(|_| value))?;
        let error = error.get(0).unwrap_or(error);
        let said = error
            .as_str()
            .or_else(|| field::some_text(error, "message"))
            .or_else(|| field::some_text(error, "msg"))
            .map_or_else(|| error.to_string(), str::to_owned);
        let raw = error
            .get("metadata")
            .and_then(|data| field::some_text(data, "raw"));
        let said = raw.map_or(said.clone(), |raw| format!("{said}: {raw}"));
        let inner = field::count(error, "code").filter(|code| (400..600).contains(code));
        let status = if status < 400 {
            inner.map_or(status, |code| code as u16)
        } else {
            status
        };
        let (limit, sent) = (
            field::count(error, "n_ctx"),
            field::count(error, "n_prompt_tokens"),
        );
        Some(Self {
            status,
            codes: codes(status, value, error),
            wait: retry_info(error).or_else(|| try_again(&said)),
            limit: limit.or_else(|| stated_limit(&said)),
            sent: sent.or_else(|| stated_sent(&said)),
            said: clip(&said),
        })
    }

    /// An error by its code and words, for formats that have their own places for them.
    pub(crate) fn of_code(code: &str, said: &str) -> Self {
        Self {
            codes: format!(" {} ", code.to_lowercase()),
            said: clip(said),
            wait: try_again(said),
            limit: stated_limit(said),
            sent: stated_sent(said),
            ..Self::default()
        }
    }

    /// The error that it is, for this provider and model. `wait` is what headers say.
    pub(crate) fn error(self, provider: &str, model: &str, wait: Option<Duration>) -> LlmError {
        let (provider, model) = (provider.to_owned(), model.to_owned());
        let sort = self.sort();
        let (said, wait) = (self.said, wait.or(self.wait));
        match sort {
            Some(Sort::Context) => LlmError::ContextTooLong {
                model,
                sent: self.sent,
                limit: self.limit,
                said,
            },
            Some(Sort::Credit) => LlmError::OutOfCredit { provider, said },
            Some(Sort::Content) => LlmError::ContentRefused { provider, said },
            Some(Sort::Rate) => LlmError::RateLimited {
                provider,
                wait,
                said,
            },
            Some(Sort::Key) => LlmError::KeyRefused { provider, said },
            Some(Sort::Model) => LlmError::ModelUnknown {
                provider,
                model,
                said,
            },
            Some(Sort::Overloaded) => LlmError::Overloaded {
                provider,
                wait,
                said,
            },
            None => LlmError::BadRequest {
                provider,
                status: self.status,
                said,
            },
        }
    }

    fn sort(&self) -> Option<Sort> {
        let said = self.said.to_lowercase();
        let fits = |(_, codes, words): &&Row| {
            codes
                .iter()
                .any(|code| self.codes.contains(&format!(" {code} ")))
                || words.iter().any(|word| said.contains(word))
        };
        let row = ROWS.iter().find(fits).map(|(sort, _, _)| *sort);
        row.or((self.status >= 500).then_some(Sort::Overloaded))
    }
}

/// The codes of an error between spaces, the status among them.
fn codes(status: u16, value: &Value, error: &Value) -> String {
    let mut codes = format!(" {status} ");
    let reasons = field::list(error, "details")
        .iter()
        .map(|detail| (detail, "reason"));
    let own = [
        (error, "code"),
        (error, "type"),
        (error, "status"),
        (value, "code"),
        (value, "type"),
    ];
    for (place, name) in own.into_iter().chain(reasons) {
        let code = match place.get(name) {
            Some(Value::String(code)) => code.to_lowercase(),
            Some(Value::Number(code)) => code.to_string(),
            _ => continue,
        };
        if code.len() <= 80 {
            codes.push_str(&code);
            codes.push(' ');
        }
    }
    codes
}

/// Google's `RetryInfo` (`"retryDelay": "34s"`).
fn retry_info(error: &Value) -> Option<Duration> {
    let mut details = field::list(error, "details").iter();
    details.find_map(|detail| duration(field::text(detail, "retryDelay")?))
}

/// "Please try again in 1.5s".
fn try_again(said: &str) -> Option<Duration> {
    let (_, after) = said.split_once("try again in ")?;
    duration(
        after
            .split_whitespace()
            .next()?
            .trim_end_matches(['.', ',']),
    )
}

/// Words that stand before and after the number of tokens that a model takes.
const BEFORE_LIMIT: &[&str] = &[
    "maximum context length is ",
    "maximum context length of ",
    "maximum prompt length is ",
    "maximum number of tokens allowed (",
    "available context size (",
    "context window of ",
    "limit is ",
    "limit of ",
];
const BEFORE_SENT: &[&str] = &[
    "prompt is too long: ",
    "resulted in ",
    "you requested ",
    "request contains ",
    "input token count (",
    "request (",
];

fn stated_limit(said: &str) -> Option<u64> {
    let before = BEFORE_LIMIT
        .iter()
        .find_map(|words| number_after(said, words));
    before.or_else(|| number_after(said, " tokens > "))
}

fn stated_sent(said: &str) -> Option<u64> {
    BEFORE_SENT
        .iter()
        .find_map(|words| number_after(said, words))
}

/// The number that stands right after `words`; commas within it do not matter.
fn number_after(said: &str, words: &str) -> Option<u64> {
    let (_, after) = said.split_once(words)?;
    let number = after
        .split(|c: char| !c.is_ascii_digit() && c != ',')
        .next()?;
    number.replace(',', "").parse().ok()
}

/// The title of an HTML page, or the text as it is.
fn plain(text: &str) -> String {
    let title = text
        .split_once("<title>")
        .and_then(|(_, after)| after.split_once("</title>"));
    title.map_or(text, |(title, _)| title).trim().to_owned()
}

fn clip(text: &str) -> String {
    if text.is_empty() {
        return "no reason given".to_owned();
    }
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}
