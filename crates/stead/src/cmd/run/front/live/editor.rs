//! The line in which the user types.

use unicode_width::UnicodeWidthStr;

/// What a key does to the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A character comes in.
    Char(char),
    /// The character before the cursor goes.
    Backspace,
    /// The character behind it goes.
    Delete,
    /// The word before it goes.
    Word,
    /// All before it goes.
    Start,
    /// All behind it goes.
    Rest,
    /// The cursor goes a character to the left.
    Left,
    /// To the right.
    Right,
    /// To the beginning.
    Home,
    /// To the end.
    End,
    /// An earlier text.
    Up,
    /// A later one.
    Down,
}

/// A text with a cursor, and earlier texts.
#[derive(Debug, Default)]
pub(super) struct Editor {
    text: String,
    /// A byte of the text.
    cursor: usize,
    earlier: Vec<String>,
    /// Which earlier text is shown, from the newest.
    shown: usize,
}

impl Editor {
    /// What was typed.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The columns before the cursor.
    pub(super) fn columns(&self) -> usize {
        self.text[..self.cursor].width()
    }

    /// Takes the text, and keeps it among the earlier ones.
    pub(super) fn take(&mut self) -> String {
        let text = std::mem::take(&mut self.text);
        (self.cursor, self.shown) = (0, 0);
        if !text.trim().is_empty() && self.earlier.last() != Some(&text) {
            self.earlier.push(text.clone());
        }
        text
    }

    /// Puts in what was pasted. It stands on one line, as all of the text.
    pub(super) fn paste(&mut self, text: &str) {
        // Terminals paste line ends as carriage returns.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        let safe = stead_redact::terminal::escape(&text);
        let line: Vec<&str> = safe.split(['\n', '\t']).map(str::trim).collect();
        let line = line.join(" ");
        self.text.insert_str(self.cursor, &line);
        self.cursor += line.len();
    }

    pub(super) fn press(&mut self, key: Key) {
        match key {
            Key::Char(letter) if !letter.is_control() => {
                self.text.insert(self.cursor, letter);
                self.cursor += letter.len_utf8();
            }
            Key::Char(_) => {}
            Key::Backspace => self.remove(self.before()..self.cursor),
            Key::Delete => self.remove(self.cursor..self.behind()),
            Key::Word => self.remove(self.word()..self.cursor),
            Key::Start => self.remove(0..self.cursor),
            Key::Rest => self.remove(self.cursor..self.text.len()),
            Key::Left => self.cursor = self.before(),
            Key::Right => self.cursor = self.behind(),
            Key::Home => self.cursor = 0,
            Key::End => self.cursor = self.text.len(),
            Key::Up => self.show((self.shown + 1).min(self.earlier.len())),
            Key::Down => self.show(self.shown.saturating_sub(1)),
        }
    }

    fn remove(&mut self, range: std::ops::Range<usize>) {
        self.cursor = range.start;
        self.text.drain(range);
    }

    fn before(&self) -> usize {
        let mut before = self.text[..self.cursor].char_indices();
        before.next_back().map_or(0, |(at, _)| at)
    }

    fn behind(&self) -> usize {
        let mut behind = self.text[self.cursor..].chars();
        self.cursor + behind.next().map_or(0, char::len_utf8)
    }

    fn word(&self) -> usize {
        let before = self.text[..self.cursor].trim_end();
        before.rfind(' ').map_or(0, |at| at + 1)
    }

    fn show(&mut self, shown: usize) {
        self.shown = shown;
        let earlier = self.earlier.len().checked_sub(shown);
        let text = earlier.and_then(|at| self.earlier.get(at));
        self.text = text.cloned().unwrap_or_default();
        self.cursor = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(editor: &mut Editor, text: &str) {
        text.chars()
            .for_each(|letter| editor.press(Key::Char(letter)));
    }

    #[test]
    fn keys_change_the_text_where_the_cursor_is() {
        let mut editor = Editor::default();
        typed(&mut editor, "füx the tests");
        for _ in 0..11 {
            editor.press(Key::Left);
        }
        editor.press(Key::Backspace);
        editor.press(Key::Char('i'));
        assert_eq!((editor.text(), editor.columns()), ("fix the tests", 2));
        editor.press(Key::End);
        editor.press(Key::Word);
        assert_eq!(editor.text(), "fix the ");
        editor.press(Key::Home);
        editor.press(Key::Delete);
        editor.press(Key::Delete);
        assert_eq!(editor.text(), "x the ");
        editor.press(Key::Rest);
        editor.press(Key::Right);
        assert_eq!(editor.take(), "");
    }

    #[test]
    fn earlier_texts_come_back() {
        let mut editor = Editor::default();
        for text in ["one", "two"] {
            typed(&mut editor, text);
            assert_eq!(editor.take(), text);
        }
        let mut seen = Vec::new();
        for key in [Key::Up, Key::Up, Key::Up, Key::Down, Key::Down] {
            editor.press(key);
            seen.push(editor.text().to_owned());
        }
        assert_eq!(seen, ["two", "one", "one", "two", ""]);
    }

    #[test]
    fn what_is_pasted_is_one_line_and_obeyed_by_nobody() {
        let mut editor = Editor::default();
        editor.paste("a\n\tb\u{1b}[2J");
        assert_eq!(editor.text(), "a  b");
        assert_eq!(editor.take(), "a  b");
        editor.paste("step 1\rstep 2\r\nstep 3");
        assert_eq!(editor.text(), "step 1 step 2 step 3");
    }
}
