//! What keys mean.

use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use super::editor::Key;

/// What a key is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pressed {
    /// The line in which is typed.
    Edit(Key),
    /// What was typed is sent.
    Enter,
    /// The command that runs is ended.
    Skip,
    /// The session is ended.
    Stop,
    /// Nobody answers.
    End,
    /// Nothing.
    Nothing,
}

/// What a key is for.
pub(super) fn pressed(event: KeyEvent) -> Pressed {
    if event.kind == KeyEventKind::Release {
        return Pressed::Nothing;
    }
    let control = event.modifiers.contains(KeyModifiers::CONTROL);
    match event.code {
        KeyCode::Char(letter) if control => match letter {
            'c' => Pressed::Stop,
            'd' => Pressed::End,
            'a' => Pressed::Edit(Key::Home),
            'e' => Pressed::Edit(Key::End),
            'u' => Pressed::Edit(Key::Start),
            'k' => Pressed::Edit(Key::Rest),
            'w' => Pressed::Edit(Key::Word),
            'h' => Pressed::Edit(Key::Backspace),
            _ => Pressed::Nothing,
        },
        KeyCode::Char(letter) => Pressed::Edit(Key::Char(letter)),
        KeyCode::Enter => Pressed::Enter,
        KeyCode::Esc => Pressed::Skip,
        KeyCode::Backspace => Pressed::Edit(Key::Backspace),
        KeyCode::Delete => Pressed::Edit(Key::Delete),
        KeyCode::Left => Pressed::Edit(Key::Left),
        KeyCode::Right => Pressed::Edit(Key::Right),
        KeyCode::Home => Pressed::Edit(Key::Home),
        KeyCode::End => Pressed::Edit(Key::End),
        KeyCode::Up => Pressed::Edit(Key::Up),
        KeyCode::Down => Pressed::Edit(Key::Down),
        _ => Pressed::Nothing,
    }
}
