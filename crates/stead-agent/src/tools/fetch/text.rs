//! What a page says, as text.

/// Lines of pages are so wide.
const WIDTH: usize = 100;

/// More of a page is not laid out; longer answers would be cut anyway.
const MOST_HTML: usize = 512 << 10;

/// Elements may lie so deep in one another.
const DEEPEST: usize = 200;

/// The text of a page, or why there is none.
pub(super) fn of(content_type: &str, status: u16, body: &[u8]) -> Result<String, String> {
    let kind = content_type.split(';').next().unwrap_or_default();
    let kind = kind.trim().to_ascii_lowercase();
    let looks_like_html = || {
        let start = body.trim_ascii_start();
        let start = &start[..start.len().min(14)];
        start.to_ascii_lowercase().starts_with(b"<!doctype html") || start.starts_with(b"<html")
    };
    let is_html = match kind.as_str() {
        "text/html" | "application/xhtml+xml" => true,
        "" => looks_like_html(),
        _ => false,
    };
    let is_text = kind.is_empty()
        || kind.starts_with("text/")
        || ["json", "xml", "yaml", "javascript", "toml"]
            .iter()
            .any(|end| kind.ends_with(end));
    if !is_html && (!is_text || body.contains(&0)) {
        return Err(format!(
            "the answer ({status}) is no text but {} bytes of `{kind}`",
            body.len()
        ));
    }
    let text = if is_html {
        html(body)?
    } else {
        String::from_utf8_lossy(body).into_owned()
    };
    let text = text.trim();
    match (status, text) {
        (200..300, "") => Ok("(the page has no text)".to_owned()),
        (200..300, text) => Ok(text.to_owned()),
        (_, text) => Err(format!(
            "the server answers {status}.\n{}\n{text}",
            super::STRANGERS
        )),
    }
}

/// The text of HTML, with its links.
fn html(body: &[u8]) -> Result<String, String> {
    let body = &body[..body.len().min(MOST_HTML)];
    if deepest(body) > DEEPEST {
        return Err("the page's elements lie too deep in one another to be laid out".to_owned());
    }
    let laid_out = html2text::config::plain()
        .no_table_borders()
        .no_link_wrapping()
        .allow_width_overflow()
        .string_from_read(body, WIDTH);
    laid_out.map_err(|error| format!("the page cannot be laid out: {error}"))
}

/// How deep elements may lie in one another: an upper bound, since what closes nothing
/// counts for nothing.
fn deepest(html: &[u8]) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for at in memchr::memchr_iter(b'<', html) {
        match html.get(at + 1) {
            Some(b'/') => depth = depth.saturating_sub(1),
            Some(letter) if letter.is_ascii_alphabetic() && !is_void(&html[at + 1..]) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            _ => {}
        }
    }
    deepest
}

/// Whether a tag is of an element that holds nothing, or that is closed by the next.
fn is_void(tag: &[u8]) -> bool {
    let name = tag.split(|byte| !byte.is_ascii_alphanumeric()).next();
    let name = name.unwrap_or_default().to_ascii_lowercase();
    matches!(
        name.as_slice(),
        b"br"
            | b"hr"
            | b"img"
            | b"input"
            | b"link"
            | b"meta"
            | b"wbr"
            | b"source"
            | b"col"
            | b"p"
            | b"li"
            | b"td"
            | b"tr"
            | b"th"
            | b"dt"
            | b"dd"
            | b"option"
            | b"path"
    )
}
