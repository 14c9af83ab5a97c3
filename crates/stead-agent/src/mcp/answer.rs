//! What a server's tool answers, as an answer of stead's own tools: bounded, pictures kept,
//! what cannot be shown named.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rmcp::model::{CallToolResult, ContentBlock, ResourceContents};
use stead_llm::Image;

use crate::tools::Answer;

/// Bytes of pictures that one answer may have.
const PICTURES: usize = 8 << 20;
/// Pictures that providers take.
const TAKEN: [&str; 4] = ["image/png", "image/jpeg", "image/gif", "image/webp"];

/// The answer for the model.
pub(super) fn answer(result: CallToolResult) -> Answer {
    let mut texts = Vec::new();
    let mut images: Vec<Image> = Vec::new();
    for block in result.content {
        match block {
            ContentBlock::Text(text) => texts.push(text.text),
            ContentBlock::Image(image) => match picture(&image.data, &image.mime_type, &images) {
                Ok(image) => images.push(image),
                Err(why) => texts.push(why),
            },
            ContentBlock::Audio(audio) => texts.push(format!(
                "[a sound, {}, is left out: no model that stead speaks to hears it]",
                audio.mime_type
            )),
            ContentBlock::Resource(resource) => texts.push(embedded(resource.resource)),
            ContentBlock::ResourceLink(link) => {
                texts.push(format!("[link to {}: {}]", link.uri, link.name));
            }
            _ => texts.push("[content of a kind that stead does not know]".to_owned()),
        }
    }
    if let (true, Some(data)) = (texts.is_empty(), &result.structured_content) {
        texts.push(serde_json::to_string_pretty(data).unwrap_or_default());
    }
    if texts.is_empty() && images.is_empty() {
        texts.push("(no answer)".to_owned());
    }
    let text = texts.join("\n");
    let answer = match result.is_error {
        Some(true) => Answer::refused(text),
        _ => Answer::done(text),
    };
    Answer { images, ..answer }
}

fn embedded(resource: ResourceContents) -> String {
    match resource {
        ResourceContents::TextResourceContents { uri, text, .. } => format!("[{uri}]\n{text}"),
        ResourceContents::BlobResourceContents { uri, blob, .. } => {
            format!("[{uri}: {} characters of base64 are left out]", blob.len())
        }
        _ => "[a resource of a kind that stead does not know]".to_owned(),
    }
}

/// A picture that can be shown; or, for the model, why not.
fn picture(data: &str, media_type: &str, others: &[Image]) -> Result<Image, String> {
    let left_out = |why: &str| format!("[a picture, {media_type}, is left out: {why}]");
    if !TAKEN.contains(&media_type) {
        return Err(left_out("models take PNG, JPEG, GIF and WebP"));
    }
    let shown: usize = others.iter().map(|image| image.bytes.len()).sum();
    if shown + data.len() / 4 * 3 > PICTURES {
        return Err(left_out("the answer has too many bytes of pictures"));
    }
    let bytes = STANDARD.decode(data);
    Ok(Image {
        media_type: media_type.to_owned(),
        bytes: bytes.map_err(|_| left_out("it is no base64"))?,
    })
}
