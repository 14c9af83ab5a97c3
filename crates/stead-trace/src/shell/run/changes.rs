//! What a shell's commands change, and what is known of the files that they wrote.

use super::Shell;
use crate::path::{absolute, is_absolute};
use crate::shell::lex::Redirect;
use crate::shell::printed::{Out, Part};
use crate::shell::word::Arg;
use crate::step::Action;

impl Shell {
    /// Puts what was printed where it goes; returns what is left.
    pub(super) fn output(&mut self, redirects: &[Redirect], out: Out) -> Out {
        let moves = |redirect: &Redirect| {
            matches!(
                redirect,
                Redirect::To { fd: 1, .. } | Redirect::Both { .. } | Redirect::Away
            )
        };
        // The last one counts; files before it are made empty.
        let last = redirects.iter().rposition(moves);
        for (at, redirect) in redirects.iter().enumerate() {
            match redirect {
                Redirect::To {
                    fd: 1,
                    append,
                    file,
                }
                | Redirect::Both { append, file } => {
                    let file = self.value(file);
                    let is_last = last == Some(at);
                    let text = if is_last {
                        out.known()
                    } else {
                        Some(String::new())
                    };
                    self.written(&file, *append, text);
                }
                Redirect::To { file, .. } => {
                    let file = self.value(file);
                    self.change(&file, Action::Opaque);
                }
                Redirect::Away | Redirect::From(_) | Redirect::Text(_) | Redirect::None => {}
            }
        }
        if last.is_some() { Out::default() } else { out }
    }

    /// What a file gets, as far as it is known.
    pub(in crate::shell) fn written(&mut self, file: &Arg, append: bool, text: Option<String>) {
        let text = text.filter(|text| self.spend(text.len()));
        let action = match text {
            Some(text) if append && text.is_empty() => return,
            Some(text) if append => Action::Append(text),
            Some(after) => Action::Write {
                before: None,
                after,
            },
            None => Action::Opaque,
        };
        self.change(file, action);
    }

    /// What reading a file gives: its text if it was written here.
    pub(in crate::shell) fn held(&self, file: &Arg) -> Out {
        let Some(path) = self.path(file) else {
            return Out::unknown();
        };
        match self.files.get(&path) {
            Some(Some(text)) => Out::text(text),
            _ => Out(vec![Part::of(path, self.actions.len())]),
        }
    }

    /// What a file holds that was written here: nothing if it was not, and no text
    /// if it is not known.
    pub(in crate::shell) fn made(&self, path: &str) -> Option<&Option<String>> {
        self.files.get(path)
    }

    /// The absolute path that an argument names.
    pub(in crate::shell) fn path(&self, file: &Arg) -> Option<String> {
        let text = file.exact().filter(|text| !text.is_empty())?;
        match &self.cwd {
            Some(cwd) => Some(absolute(text, cwd)),
            None => is_absolute(text).then(|| absolute(text, "")),
        }
    }

    /// Notes a change of the file that an argument names; of its folder if only
    /// that is known.
    pub(in crate::shell) fn change(&mut self, file: &Arg, action: Action) {
        if let Some(path) = self.path(file) {
            return self.put(path, action);
        }
        let folder = Arg::whole(file.folder());
        match self.path(&folder) {
            Some(folder) => self.put(folder, Action::Opaque),
            None => drop(self.opaque()),
        }
    }

    /// Notes that git or a formatter went over a file; over its folder if only that
    /// is known.
    pub(in crate::shell) fn went_over(&mut self, file: &Arg, action: Action) {
        // They match patterns that are in quotes themselves.
        let path = self.path(file).filter(|path| !path.contains('*'));
        let folder = Arg::whole(format!("./{}", file.folder()));
        match path.or_else(|| self.path(&folder)) {
            Some(path) => self.put(path, action),
            None => drop(self.opaque()),
        }
    }

    /// Notes a change.
    pub(in crate::shell) fn put(&mut self, path: String, action: Action) {
        if path.starts_with("/dev/") {
            return;
        }
        let action = match action {
            Action::Show { .. } | Action::Restore | Action::Format => action,
            action if self.sure => action,
            Action::Move(to) | Action::Copy(to) => {
                self.files.insert(to.clone(), None);
                self.actions.push((to, Action::Opaque));
                Action::Opaque
            }
            _ => Action::Opaque,
        };
        self.remember(&path, &action);
        let again = action == Action::Opaque
            && self
                .actions
                .last()
                .is_some_and(|last| last.0 == path && last.1 == action);
        if !again {
            self.actions.push((path, action));
        }
    }

    fn remember(&mut self, path: &str, action: &Action) {
        let text = match action {
            Action::Write { after, .. } => Some(after.clone()),
            Action::Append(more) => match self.files.get(path) {
                Some(Some(text)) => Some(format!("{text}{more}")),
                _ => None,
            },
            Action::Show { .. } => return,
            _ => None,
        };
        let text = text.filter(|text| self.spend(text.len()));
        self.files.insert(path.to_owned(), text);
        if *action == Action::Opaque || matches!(action, Action::Restore | Action::Delete) {
            let folder = format!("{}/", path.trim_end_matches('/'));
            self.files.retain(|other, _| !other.starts_with(&folder));
        }
    }
}
