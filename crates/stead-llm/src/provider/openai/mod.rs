//! OpenAI's chat completions (`POST /v1/chat/completions`) and the dialects of all who
//! offer the same. Source: the OpenAPI description that OpenAI's libraries are made
//! from; for dialects, the documentation of each provider in `presets.toml`.

mod decode;
pub(in crate::provider) mod encode;
mod wire;

use serde_json::{Map, Value};

use super::{Context, Decoder, Format};
use crate::message::Request;

/// The format.
pub(super) struct OpenAi;

impl Format for OpenAi {
    fn path(&self, _: &Request, _: bool) -> String {
        "chat/completions".to_owned()
    }

    fn encode(&self, request: &Request, context: &Context<'_>) -> Map<String, Value> {
        encode::body(request, context)
    }

    fn decoder(&self, seed: &str) -> Box<dyn Decoder> {
        Box::new(decode::Reading::new(seed))
    }
}
