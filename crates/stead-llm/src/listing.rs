//! Which models a provider has, as it says itself. What the models can do is not asked:
//! the answers differ too much to be of use.

use serde_json::Value;

use crate::client::{Call, Client, Prepared};
use crate::endpoint::Endpoint;
use crate::error::LlmError;
use crate::provider::Wire;

/// So many pages are asked for; nobody has more models than fit on them.
const PAGES: usize = 20;

impl Client {
    /// The names of the models that an endpoint has, in its order. It is recorded as other
    /// requests are; `call.stream` does not matter.
    pub async fn models(&self, endpoint: &Endpoint, call: Call) -> Result<Vec<String>, LlmError> {
        let mut names = Vec::new();
        let mut query = first_page(endpoint.wire).to_owned();
        for page in 0..PAGES {
            let prepared = Prepared::listing(endpoint, &query)?;
            let mut call = call.clone();
            if page > 0 {
                call.id = format!("{}-{}", call.id, page + 1);
            }
            let body = self.get(prepared, call).await?;
            let value: Value = serde_json::from_slice(&body)
                .map_err(|error| malformed(endpoint, &format!("it is no JSON: {error}")))?;
            let found = page_of(&value).ok_or_else(|| malformed(endpoint, "it lists no models"))?;
            names.extend(found);
            match next_page(&value) {
                Some(next) => query = next,
                None => break,
            }
        }
        Ok(names)
    }
}

fn malformed(endpoint: &Endpoint, what: &str) -> LlmError {
    LlmError::Malformed {
        provider: endpoint.provider.clone(),
        what: what.to_owned(),
    }
}

const fn first_page(wire: Wire) -> &'static str {
    match wire {
        Wire::Openai | Wire::OpenaiResponses => "",
        Wire::Anthropic => "limit=1000",
        Wire::Gemini => "pageSize=1000",
    }
}

/// The names on a page: `data[].id` (OpenAI, Anthropic), `models[].name` (Gemini), or a
/// bare list (Together).
fn page_of(value: &Value) -> Option<Vec<String>> {
    let lists = [value.get("data"), value.get("models"), Some(value)];
    let list = lists.into_iter().flatten().find_map(Value::as_array)?;
    let name = |item: &Value| {
        let name = item.get("id").or_else(|| item.get("name"))?.as_str()?;
        Some(name.strip_prefix("models/").unwrap_or(name).to_owned())
    };
    Some(list.iter().filter_map(name).collect())
}

/// What asks for the next page, if there is one.
fn next_page(value: &Value) -> Option<String> {
    let encode =
        |text: &str| -> String { url::form_urlencoded::byte_serialize(text.as_bytes()).collect() };
    if let Some(token) = value.get("nextPageToken").and_then(Value::as_str) {
        return Some(format!("pageSize=1000&pageToken={}", encode(token)));
    }
    let last = value.get("last_id").and_then(Value::as_str)?;
    let has_more = value.get("has_more") == Some(&Value::Bool(true));
    has_more.then(|| format!("limit=1000&after_id={}", encode(last)))
}
