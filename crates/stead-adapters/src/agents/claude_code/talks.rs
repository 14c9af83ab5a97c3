//! Which session a record belongs to, and what it says of it.

use stead_usf::{Git, LinkKind, Session, Source};

use super::put::base_id;
use super::read::{Reader, Title, slot};
use super::record::Head;
use crate::Output;
use crate::container::json::{Object, string};

/// The prompt of subagents that 2.0 starts to fill the provider's cache.
const WARMUP: &str = "Warmup";

impl Reader<'_> {
    /// The talk that a record is part of. Before 2.0 subagents speak in the
    /// file of their session.
    pub(super) fn talk(
        &mut self,
        output: &mut Output<'_>,
        head: &Head<'_>,
        source: &Source,
    ) -> u32 {
        let main = self.main(output);
        if !head.sidechain || self.place.agent {
            return main;
        }
        let parent = head.parent.as_deref().map(|parent| self.tree.find(parent));
        match parent {
            Some(Some(place)) if self.tree.node(place).talk != main => {
                return self.tree.node(place).talk;
            }
            // A lost parent: most likely the last subagent's.
            Some(None) if self.talks.len() > 1 => {
                self.forgotten |= self.tree.forgot();
                return self.talks.len() as u32 - 1;
            }
            _ => {}
        }
        let root = base_id(&self.tree, head, source);
        let id = format!("{}/{root}", self.place.id);
        let mut header = Session::new(self.agent.clone(), id);
        let session = self.place.id.clone();
        header.parent = Some(self.link(&session, LinkKind::Subagent, None));
        self.begin(output, header, Title::None)
    }

    /// The first words that a subagent was given: they tell the call.
    pub(super) fn delegated(&mut self, output: &mut Output<'_>, talk: u32, record: &Object<'_>) {
        if talk == 0 && !self.place.agent {
            return;
        }
        let message = record.peek("message").and_then(Object::of);
        let Some(prompt) = message.and_then(|message| message.peek("content")) else {
            return;
        };
        if string(prompt).as_deref() == Some(WARMUP) {
            self.title(output, talk, WARMUP.to_owned(), Title::Task);
        } else if talk == 0 {
            self.task = Some(prompt.get().into());
        } else if let Some((call, description)) = self.calls.started(prompt) {
            if let Some(parent) = &mut output.header(slot(talk)).parent {
                parent.call_id = Some(call);
            }
            self.title(output, talk, description.unwrap_or_default(), Title::Task);
        }
    }

    /// Takes what a record says of its session into the header. A folder or
    /// branch that changed since stays with the record.
    pub(super) fn facts(
        &self,
        output: &mut Output<'_>,
        talk: u32,
        head: &Head<'_>,
        object: &mut Object<'_>,
    ) {
        let link = match &head.session {
            Some(session) if self.place.agent => Some(self.link(session, LinkKind::Subagent, None)),
            _ => None,
        };
        let header = output.header(slot(talk));
        if header.parent.is_none() {
            header.parent = link;
        }
        if let Some(version) = &head.version
            && header.agent_version.as_deref() != Some(version)
        {
            header.agent_version = Some(version.to_string());
        }
        let cwd = object.peek("cwd").and_then(string);
        if let Some(cwd) = cwd.filter(|cwd| !cwd.is_empty())
            && *header.cwd.get_or_insert_with(|| cwd.to_string()) == cwd
        {
            object.take("cwd");
        }
        let branch = object
            .peek("gitBranch")
            .and_then(string)
            .unwrap_or_default();
        if branch.is_empty() {
            object.ignore(&["gitBranch"]);
            return;
        }
        let git = header.git.get_or_insert_with(Git::default);
        if *git.branch.get_or_insert_with(|| branch.to_string()) == branch {
            object.take("gitBranch");
        }
    }
}
