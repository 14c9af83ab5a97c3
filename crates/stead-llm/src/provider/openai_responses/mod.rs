//! OpenAI's responses (`POST /v1/responses`), without state at the provider: each request
//! carries everything, reasoning comes and goes encrypted. Source: the OpenAPI
//! description that OpenAI's libraries are made from.

mod decode;
mod encode;
mod wire;

use serde_json::{Map, Value};

use super::{Context, Decoder, Format};
use crate::message::Request;

/// The format.
pub(super) struct Responses;

impl Format for Responses {
    fn path(&self, _: &Request, _: bool) -> String {
        "responses".to_owned()
    }

    fn encode(&self, request: &Request, context: &Context<'_>) -> Map<String, Value> {
        encode::body(request, context)
    }

    fn decoder(&self, seed: &str) -> Box<dyn Decoder> {
        Box::new(decode::Reading::new(seed))
    }
}
