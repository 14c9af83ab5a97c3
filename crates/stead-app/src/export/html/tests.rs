//! The page, and what no session can put into it.

use proptest::prelude::*;

use super::HtmlWriter;
use crate::export::SessionWriter;
use crate::export::view::{DocumentOptions, samples};
use stead_usf::{Event, Session};

fn page(header: &Session, events: &[Event], options: DocumentOptions) -> String {
    let mut out = Vec::new();
    let mut writer = HtmlWriter::new(&mut out, options);
    writer.begin(header).unwrap();
    for event in events {
        writer.event(event).unwrap();
    }
    writer.end().unwrap();
    String::from_utf8(out).unwrap()
}

/// The page without its style sheet.
fn body(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").unwrap();
    format!("{head}<style>{}", rest.split_once("</style>").unwrap().1)
}

#[test]
fn sample() {
    let page = page(
        &samples::header(),
        &samples::events(),
        DocumentOptions::default(),
    );
    insta::assert_snapshot!(body(&page));
}

#[test]
fn what_was_left_out_can_be_taken_in() {
    let options = DocumentOptions {
        inactive: true,
        ..DocumentOptions::default()
    };
    let page = page(&samples::header(), &samples::events(), options);
    assert!(page.contains("A reply that nobody resumes"));
    assert!(page.contains("Rewound from here"));
}

#[test]
fn long_blocks_are_cut_and_say_so() {
    let options = DocumentOptions {
        block_bytes: 10,
        ..DocumentOptions::default()
    };
    let page = page(
        &samples::header(),
        &[samples::user("1", "日本語日本語")],
        options,
    );
    assert!(page.contains("日本語\n<em class=\"cut\">… 9 B more are left out</em>"));
}

/// Every tag of `page`, without its values.
fn tags(page: &str) -> Vec<String> {
    let pieces = page.split('<').skip(1);
    pieces
        .map(|piece| {
            let tag = piece
                .split_once('>')
                .unwrap_or_else(|| panic!("open tag: {piece}"))
                .0;
            tag.split('"').step_by(2).collect::<Vec<_>>().join("\"\"")
        })
        .collect()
}

/// Whether a tag is one that we write, with attributes that we write.
fn is_ours(tag: &str) -> bool {
    const NAMES: [&str; 47] = [
        "!doctype",
        "html",
        "head",
        "meta",
        "title",
        "style",
        "body",
        "a",
        "header",
        "p",
        "span",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "dl",
        "div",
        "dt",
        "dd",
        "main",
        "section",
        "nav",
        "ol",
        "ul",
        "li",
        "footer",
        "details",
        "summary",
        "b",
        "code",
        "pre",
        "i",
        "em",
        "strong",
        "s",
        "br",
        "hr",
        "blockquote",
        "table",
        "tr",
        "th",
        "td",
        "time",
        "small",
        "u",
    ];
    const ATTRIBUTES: [&str; 19] = [
        "html",
        "lang",
        "charset",
        "http-equiv",
        "content",
        "name",
        "class",
        "href",
        "dir",
        "id",
        "aria-label",
        "aria-labelledby",
        "aria-hidden",
        "datetime",
        "open",
        "tabindex",
        "rel",
        "start",
        "title",
    ];
    let mut words = tag.trim_start_matches('/').split_whitespace();
    let name = words.next().unwrap_or("");
    NAMES.contains(&name) && words.all(|word| ATTRIBUTES.contains(&word.trim_end_matches("=\"\"")))
}

proptest! {
    #[test]
    fn only_our_tags_come_out(text in samples::hostile_text()) {
        let (header, events) = samples::hostile(&text);
        let options = DocumentOptions { inactive: true, ..DocumentOptions::default() };
        let page = body(&page(&header, &events, options));
        for tag in tags(&page) {
            prop_assert!(is_ours(&tag), "<{}>", tag);
        }
        prop_assert_eq!(page.matches("<section").count(), page.matches("</section>").count());
        prop_assert_eq!(page.matches("<details").count(), page.matches("</details>").count());
        prop_assert_eq!(page.matches("<div").count(), page.matches("</div>").count());
        prop_assert!(!page.contains("href=\"javascript"));
        prop_assert!(!page.chars().any(|c| c.is_control() && c != '\n' && c != '\t'));
    }
}
