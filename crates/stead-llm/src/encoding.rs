//! Bytes as text: base64 for pictures and for recorded bytes that are no UTF-8.

/// Base64 (RFC 4648, with padding) for serde.
pub(crate) mod base64 {
    use ::base64::Engine;
    use ::base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize, Deserializer, Serializer, de};

    /// Bytes as base64.
    pub(crate) fn text(bytes: &[u8]) -> String {
        STANDARD.encode(bytes)
    }

    /// Base64 as bytes; nothing if it is none.
    pub(crate) fn bytes(text: &str) -> Option<Vec<u8>> {
        STANDARD.decode(text).ok()
    }

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&text(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        bytes(&text).ok_or_else(|| de::Error::custom("this is no base64"))
    }
}
