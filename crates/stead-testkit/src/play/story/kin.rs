//! Sessions that come from others: subagents, and forks that begin as a copy.

use super::super::clock::Moment;
use super::super::line::SessionKey;
use super::super::session::{Kin, Session, What};
use super::Story;

impl Story {
    /// A subagent of a session: a session of its own, with files of its own.
    pub fn subagent(&mut self, parent: SessionKey) -> SessionKey {
        self.tick();
        let id = format!("agent-a{}", self.noise.hex(6));
        let from = self.session_of(parent).native_id.clone();
        let prompt = "Do the part that can be done apart".to_owned();
        let child = self.offspring(parent, id, Kin::Task(parent, from));
        self.record(child, What::Prompt(prompt));
        child
    }

    /// The subagent reports, and the session that started it goes on.
    pub fn end_subagent(&mut self, child: SessionKey) {
        self.tick();
        self.record(child, What::Say("Done.".to_owned()));
        let session = self.session_of(child);
        let Some(Kin::Task(parent, _)) = session.kin.clone() else {
            return;
        };
        let task = What::Task {
            started: session.start,
            id: session.native_id.clone(),
            prompt: "Do the part that can be done apart".to_owned(),
        };
        self.tick();
        self.record(parent, task);
    }

    /// A copy of a session, which goes its own way from here.
    pub fn fork(&mut self, parent: SessionKey) -> SessionKey {
        self.tick();
        let id = self.noise.uuid();
        let (from, deeds) = {
            let session = self.session_of(parent);
            (session.native_id.clone(), session.deeds.clone())
        };
        let child = self.offspring(parent, id, Kin::Fork(from, deeds.len()));
        self.sessions[child.0].deeds = deeds;
        self.by(child).ask("Another way, from here");
        child
    }

    fn offspring(&mut self, parent: SessionKey, native_id: String, kin: Kin) -> SessionKey {
        let key = SessionKey(self.sessions.len());
        let session = self.session_of(parent).clone();
        self.sessions.push(Session {
            key,
            native_id,
            start: Moment(self.now.0 + session.skew),
            deeds: Vec::new(),
            kin: Some(kin),
            ..session
        });
        key
    }
}
