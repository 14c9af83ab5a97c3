//! Gemini's `generateContent` and `streamGenerateContent`. Source: the REST reference of
//! the Gemini API, and its guide to thought signatures.

mod decode;
mod encode;
mod wire;

use serde_json::{Map, Value};

use super::{Context, Decoder, Format};
use crate::message::Request;

/// The format.
pub(super) struct Gemini;

impl Format for Gemini {
    fn path(&self, request: &Request, stream: bool) -> String {
        // Tuned models have a folder of their own (`tunedModels/…`).
        let model = request.model.trim_matches('/');
        let folder = if model.contains('/') { "" } else { "models/" };
        let method = if stream {
            "streamGenerateContent?alt=sse"
        } else {
            "generateContent"
        };
        let model = model.replace(['?', '#', '%', ':'], "_");
        format!("{folder}{model}:{method}")
    }

    fn version(&self) -> &'static str {
        "v1beta"
    }

    fn key_header(&self) -> (&'static str, &'static str) {
        ("x-goog-api-key", "")
    }

    fn encode(&self, request: &Request, context: &Context<'_>) -> Map<String, Value> {
        encode::body(request, context)
    }

    fn decoder(&self, seed: &str) -> Box<dyn Decoder> {
        Box::new(decode::Reading::new(seed))
    }
}
