//! Anthropic's messages (`POST /v1/messages`), as Anthropic and those who offer the same
//! speak it. Source: the API's reference and the types of Anthropic's own libraries.

mod decode;
mod encode;
mod wire;

use serde_json::{Map, Value};

use super::{Context, Decoder, Format};
use crate::message::Request;

/// The format.
pub(super) struct Anthropic;

impl Format for Anthropic {
    fn path(&self, _: &Request, _: bool) -> String {
        "messages".to_owned()
    }

    /// Base URLs stand without the version by convention (`https://HOST/anthropic`).
    fn lacks_version(&self, path: &str) -> bool {
        let last = path.rsplit('/').next().unwrap_or_default();
        let number = last.strip_prefix('v').unwrap_or_default();
        number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit())
    }

    fn key_header(&self) -> (&'static str, &'static str) {
        ("x-api-key", "")
    }

    fn headers(&self) -> &'static [(&'static str, &'static str)] {
        &[("anthropic-version", "2023-06-01")]
    }

    fn encode(&self, request: &Request, context: &Context<'_>) -> Map<String, Value> {
        encode::body(request, context)
    }

    fn decoder(&self, seed: &str) -> Box<dyn Decoder> {
        Box::new(decode::Reading::new(seed))
    }
}
