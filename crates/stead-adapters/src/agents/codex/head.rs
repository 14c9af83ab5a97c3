//! The head of a rollout: whose it is, and where it came from.

use stead_usf::{Git, LinkKind, Parent, Raw, SessionId, Time};

use super::map::{Mapper, touch};
use super::record::{Record, time};
use super::state::Standing;
use crate::container::json::Object;
use crate::{Fate, Output};

impl Mapper {
    /// `session_meta`, or the bare first line: the session's own, or that of the
    /// session whose records were copied.
    pub(super) fn head(
        &mut self,
        output: &mut Output<'_>,
        record: &Record,
        mut meta: Object<'_>,
    ) -> Fate {
        let id = meta.string("id").unwrap_or_default();
        let created = time(meta.peek("timestamp"));
        let header = output.header(self.slot);
        if self.state.headed && id != header.native_id {
            self.state
                .inheritance
                .foreign(record.at.map(Time::as_millis));
            if header.parent.is_none() && !id.is_empty() {
                header.parent = Some(link(&id, LinkKind::Fork));
            }
            return Fate::Mapped;
        }
        let own_from = meta.u64("subagent_history_start_ordinal");
        self.state
            .inheritance
            .own(created.map(Time::as_millis), own_from);
        if self.state.headed {
            // A later segment: nothing of the earlier one goes on.
            for call in self.state.calls.values_mut() {
                call.left = true;
            }
            self.state.turn.standing = Standing::Resting;
        }
        self.state.headed = true;
        header.agent_version = meta.string("cli_version").or(header.agent_version.take());
        header.cwd = header.cwd.take().or_else(|| meta.string("cwd"));
        header.git = header.git.take().or_else(|| meta.object("git").map(git));
        if let Some(provider) = meta.string("model_provider") {
            self.state.provider = Some(provider);
        }
        self.descent(output, &mut meta);
        touch(output, self.slot, created);
        Fate::Mapped
    }

    /// Where the session came from.
    fn descent(&mut self, output: &mut Output<'_>, meta: &mut Object<'_>) {
        let spawn = meta
            .object("source")
            .and_then(|mut source| source.take("subagent"));
        let mut spawn = match spawn {
            Some(spawn) => {
                self.state.subagent.get_or_insert_default();
                Object::of(spawn).unwrap_or_default()
            }
            None => Object::default(),
        };
        let mut spawn = spawn.object("thread_spawn").unwrap_or_default();
        let id_in =
            |meta: &mut Object<'_>, name: &str| meta.string(name).filter(|id| !id.is_empty());
        let path = spawn
            .string("agent_path")
            .or_else(|| meta.string("agent_path"));
        let parent =
            id_in(&mut spawn, "parent_thread_id").or_else(|| id_in(meta, "parent_thread_id"));
        let forked = id_in(meta, "forked_from_id").or_else(|| {
            let mut base = meta.object("history_base")?;
            id_in(&mut base, "thread_id")
        });
        if let Some(agent) = &mut self.state.subagent {
            agent.path = path;
        }
        let header = output.header(self.slot);
        let (id, kind) = match (&self.state.subagent, parent, forked) {
            (Some(_), Some(parent), _) | (Some(_), None, Some(parent)) => {
                (parent, LinkKind::Subagent)
            }
            (None, _, Some(parent)) => (parent, LinkKind::Fork),
            _ => return,
        };
        if header.parent.is_none() && id != header.native_id {
            header.parent = Some(link(&id, kind));
        }
    }

    /// A copied call of `spawn_agent`: the one that started this subagent, if
    /// it names its task.
    pub(super) fn spawned_by(
        &self,
        output: &mut Output<'_>,
        call_id: Option<&str>,
        arguments: Option<&Raw>,
    ) {
        let path = self
            .state
            .subagent
            .as_ref()
            .and_then(|agent| agent.path.as_deref());
        let own = path.and_then(|path| path.rsplit('/').next());
        let task = arguments
            .and_then(|arguments| Object::parse(arguments.json()).ok())
            .and_then(|mut arguments| arguments.string("task_name"));
        if own.is_some()
            && own == task.as_deref()
            && let Some(parent) = &mut output.header(self.slot).parent
        {
            parent.call_id = call_id.map(str::to_owned);
        }
    }
}

fn link(id: &str, kind: LinkKind) -> Parent {
    Parent {
        id: SessionId::new(&super::ID, id),
        kind,
        call_id: None,
    }
}

fn git(mut git: Object<'_>) -> Git {
    Git {
        branch: git.string("branch"),
        commit: git.string("commit_hash"),
        remote: git.string("repository_url"),
    }
}
