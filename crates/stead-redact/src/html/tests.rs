use std::borrow::Cow;

use proptest::prelude::*;

use super::{escape, escape_into};

#[test]
fn the_five_characters_become_entities() {
    assert_eq!(
        escape(r#"<a href="x" title='y'>&</a>"#),
        "&lt;a href=&quot;x&quot; title=&#39;y&#39;&gt;&amp;&lt;/a&gt;"
    );
    assert_eq!(escape("é<ü"), "é&lt;ü");
}

#[test]
fn clean_text_is_borrowed() {
    assert!(matches!(escape("plain, naïve text\n"), Cow::Borrowed(_)));
}

proptest! {
    #[test]
    fn nothing_dangerous_stays_and_unescaping_gives_the_text_back(text in any::<String>()) {
        let safe = escape(&text);
        prop_assert!(!safe.contains(['<', '>', '"', '\'']));
        let back = safe.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"")
            .replace("&#39;", "'").replace("&amp;", "&");
        prop_assert_eq!(back, text.clone());
        let mut out = String::from("x");
        escape_into(&text, &mut out);
        prop_assert_eq!(&out[1..], safe.as_ref());
    }
}
