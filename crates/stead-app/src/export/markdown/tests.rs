//! The document, and what no session can make of it.

use proptest::prelude::*;
use pulldown_cmark::{Event as Part, HeadingLevel, Options, Parser, Tag};

use super::MarkdownWriter;
use crate::export::SessionWriter;
use crate::export::view::{DocumentOptions, samples};
use stead_usf::{Event, Session};

fn document(header: &Session, events: &[Event]) -> String {
    let mut out = Vec::new();
    let options = DocumentOptions {
        inactive: true,
        ..DocumentOptions::default()
    };
    let mut writer = MarkdownWriter::new(&mut out, options);
    writer.begin(header).unwrap();
    for event in events {
        writer.event(event).unwrap();
    }
    writer.end().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn sample() {
    insta::assert_snapshot!(document(&samples::header(), &samples::events()));
}

fn prose(text: &str) -> String {
    let mut out = String::new();
    super::prose::write(text, &mut out);
    out
}

#[test]
fn replies_are_written_anew() {
    assert_eq!(
        prose("Head\n===\ntext *a* __b__ `` ` ``"),
        "#### Head\n\ntext *a* **b** `` ` ``\n"
    );
    assert_eq!(
        prose("1. a\n   - b\n\n   ~~~\n   x\n"),
        "1. a\n   - b\n\n   ```\n   x\n   ```\n"
    );
    assert_eq!(prose("<b>x</b> $5 a_b"), "&lt;b&gt;x&lt;/b&gt; \\$5 a_b\n");
    assert_eq!(
        prose("\\# no\n\\- no\n1\\. no"),
        "\\# no\n\\- no\n1\\. no\n"
    );
    assert_eq!(prose("\\![x](http://a/)"), "\\![x](<http://a/>)\n");
    assert_eq!(prose("```\nnever closed"), "```\nnever closed\n```\n");
}

fn level(part: &Part<'_>) -> Option<HeadingLevel> {
    match part {
        Part::Start(Tag::Heading { level, .. }) => Some(*level),
        _ => None,
    }
}

proptest! {
    #[test]
    fn nothing_poses_as_structure(text in samples::hostile_text()) {
        let (header, events) = samples::hostile(&text);
        let document = document(&header, &events);
        let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
        let parts: Vec<Part<'_>> = Parser::new_ext(&document, options).collect();
        let levels: Vec<HeadingLevel> = parts.iter().filter_map(level).collect();
        let at = |wanted| levels.iter().filter(|level| **level == wanted).count();
        prop_assert_eq!(at(HeadingLevel::H1), 1, "{}", document);
        prop_assert_eq!(at(HeadingLevel::H2), events.iter().filter(|e| e.is_prompt()).count(), "{}", document);
        prop_assert_eq!(at(HeadingLevel::H3), 1, "{}", document);
        for part in &parts {
            if let Part::Html(html) | Part::InlineHtml(html) = part {
                let html = html.trim();
                let ours = html == "</details>"
                    || (html.starts_with("<details><summary>") && html.ends_with("</summary>"));
                prop_assert!(ours, "{html}\n{document}");
            }
            prop_assert!(!matches!(part, Part::Start(Tag::Image { .. })), "{}", document);
        }
    }
}
