//! Model requests of a session, kept small: what token and cost statistics are
//! made of.

use std::sync::Arc;

use stead_usf::{Model, Usage};

use crate::text::{Reader, put, put_signed};

/// One model request.
#[derive(Debug, Clone, PartialEq)]
pub struct ModelRequest {
    /// Identifies the request: copies of it in other sessions share the key.
    pub key: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: Option<i64>,
    /// The model, if recorded.
    pub model: Option<Arc<Model>>,
    /// Tokens.
    pub usage: Usage,
    /// Cost in US dollars, if recorded.
    pub cost_usd: Option<f64>,
}

/// The key of a request that the provider named.
pub fn key_of_message(agent: &str, message: &str) -> u64 {
    hash(&[agent, "\0", message])
}

/// The key of a request that only its own session knows.
pub fn key_of_event(session: &str, event: &str) -> u64 {
    hash(&[session, "\0\0", event])
}

/// A short stable name for a list of places to look.
pub fn view_name(roots: &[&str]) -> String {
    format!("{:016x}", hash(&[&roots.join("\0")]))
}

fn hash(parts: &[&str]) -> u64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(part.as_bytes());
    }
    u64::from_le_bytes(
        hasher.finalize().as_bytes()[..8]
            .try_into()
            .unwrap_or_default(),
    )
}

/// Writes requests as bytes.
pub(crate) fn encode(requests: &[ModelRequest]) -> Vec<u8> {
    let mut models: Vec<&Model> = Vec::new();
    for model in requests
        .iter()
        .filter_map(|request| request.model.as_deref())
    {
        if !models.contains(&model) {
            models.push(model);
        }
    }
    let mut out = Vec::new();
    put(&mut out, models.len() as u64);
    for model in &models {
        put_text(&mut out, &model.id);
        put_text(&mut out, model.provider.as_deref().unwrap_or(""));
    }
    put(&mut out, requests.len() as u64);
    let mut last_ms = 0;
    for request in requests {
        out.extend_from_slice(&request.key.to_le_bytes());
        let model = models
            .iter()
            .position(|known| Some(*known) == request.model.as_deref());
        put(&mut out, model.map_or(0, |place| place as u64 + 1));
        let usage = request.usage;
        let counts = [
            usage.input,
            usage.output,
            usage.cache_read,
            usage.cache_write,
            usage.reasoning,
        ];
        for count in counts {
            put(&mut out, count.map_or(0, |count| count.saturating_add(1)));
        }
        put(
            &mut out,
            u64::from(request.at_ms.is_some()) | u64::from(request.cost_usd.is_some()) << 1,
        );
        if let Some(at) = request.at_ms {
            put_signed(&mut out, at.wrapping_sub(last_ms));
            last_ms = at;
        }
        if let Some(cost) = request.cost_usd {
            out.extend_from_slice(&cost.to_le_bytes());
        }
    }
    out
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Reads what [`encode`] wrote; stops where it makes no sense.
pub(crate) fn decode(bytes: &[u8]) -> Vec<ModelRequest> {
    let mut reader = Reader(bytes);
    let mut requests = Vec::new();
    let Some(models) = decode_models(&mut reader) else {
        return requests;
    };
    let count = reader.number().unwrap_or(0);
    let mut last_ms = 0;
    for _ in 0..count {
        match decode_one(&mut reader, &models, &mut last_ms) {
            Some(request) => requests.push(request),
            None => break,
        }
    }
    requests
}

fn decode_models(reader: &mut Reader<'_>) -> Option<Vec<Arc<Model>>> {
    let count = reader.number()?;
    let one = |_| {
        let id = reader.text()?.to_owned();
        let provider = reader.text()?;
        let provider = (!provider.is_empty()).then(|| provider.to_owned());
        Some(Arc::new(Model { id, provider }))
    };
    (0..count).map(one).collect()
}

fn decode_one(
    reader: &mut Reader<'_>,
    models: &[Arc<Model>],
    last_ms: &mut i64,
) -> Option<ModelRequest> {
    let key = u64::from_le_bytes(reader.take(8)?.try_into().ok()?);
    let model = usize::try_from(reader.number()?).ok()?;
    let mut counts = [None; 5];
    for count in &mut counts {
        *count = reader.number()?.checked_sub(1);
    }
    let flags = reader.number()?;
    let mut request = ModelRequest {
        key,
        at_ms: None,
        model: model
            .checked_sub(1)
            .and_then(|place| models.get(place).cloned()),
        usage: Usage {
            input: counts[0],
            output: counts[1],
            cache_read: counts[2],
            cache_write: counts[3],
            reasoning: counts[4],
        },
        cost_usd: None,
    };
    if flags & 1 != 0 {
        *last_ms = last_ms.wrapping_add(reader.signed()?);
        request.at_ms = Some(*last_ms);
    }
    if flags & 2 != 0 {
        request.cost_usd = Some(f64::from_le_bytes(reader.take(8)?.try_into().ok()?));
    }
    Some(request)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;
    use stead_usf::{Model, Usage};

    use super::{ModelRequest, decode, encode};

    prop_compose! {
        fn request()(
            key in any::<u64>(),
            at_ms in any::<Option<i64>>(),
            model in proptest::option::of(("[a-c]{1,2}", proptest::option::of("[xy]"))),
            counts in any::<[Option<u32>; 5]>(),
            cost_usd in proptest::option::of(0.0..1e6),
        ) -> ModelRequest {
            let wide = |count: Option<u32>| count.map(u64::from);
            ModelRequest {
                key,
                at_ms,
                model: model.map(|(id, provider)| Arc::new(Model { id, provider })),
                usage: Usage {
                    input: wide(counts[0]),
                    output: wide(counts[1]),
                    cache_read: wide(counts[2]),
                    cache_write: wide(counts[3]),
                    reasoning: wide(counts[4]),
                },
                cost_usd,
            }
        }
    }

    proptest! {
        #[test]
        fn requests_round_trip(requests in proptest::collection::vec(request(), 0..20)) {
            prop_assert_eq!(decode(&encode(&requests)), requests);
        }

        #[test]
        fn any_bytes_decode(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(decode(&bytes).len() <= bytes.len());
        }
    }
}
