//! What an agent has seen of files. Agents look at a file before they change it,
//! and again where somebody else has changed it since.

use super::super::session::{Agent, How, What};
use super::Acting;

impl Acting<'_> {
    /// Reads a file; the session shows its text.
    pub fn read(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let text = self.file(path).unwrap_or_default().seen();
        self.saw(path);
        let path = self.story.path(self.folder()).join(path);
        self.record(What::Read { path, text })
    }

    /// Reads a file that is going to be changed, if it is not as it was when the
    /// session saw it last, and if the agent does so.
    pub(super) fn look_first(&mut self, path: &str, how: &How) {
        let Some(text) = self.file(path).map(|file| file.seen()) else {
            return;
        };
        let name = (self.session, path.to_owned());
        if text.is_empty() || self.story.seen.get(&name) == Some(&text) {
            return;
        }
        let looks = match self.agent() {
            // These refuse to change what was not read.
            Agent::Claude | Agent::OpenCode => true,
            // These can, but nobody writes lines anew that they never saw.
            Agent::Codex | Agent::Cline => *how == How::Whole || self.story.noise.below(2) == 0,
            // It hands files to its model without a word.
            Agent::Aider => false,
        };
        if looks {
            self.read(path);
            self.story.tick();
        }
    }

    /// The session knows a file as it is now.
    pub(super) fn saw(&mut self, path: &str) {
        if let Some(file) = self.file(path) {
            let name = (self.session, path.to_owned());
            self.story.seen.insert(name, file.seen());
        }
    }

    /// Whether the session knows a file as it is now.
    pub(super) fn knows(&self, path: &str) -> bool {
        let name = (self.session, path.to_owned());
        let seen = self.story.seen.get(&name);
        self.file(path)
            .is_some_and(|file| Some(&file.seen()) == seen)
    }
}
