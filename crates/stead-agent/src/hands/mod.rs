//! Does what a model calls for: asks the policy, a person where that is needed, and then
//! lets the tool work, commands in the sandbox.
//!
//! A *wish* is a call that somebody has to allow. A *label* is a private file whose content
//! the conversation holds. A *snapshot* tells which files a command changed.

mod changes;
mod judged;
mod recall;
mod shell;
mod snapshot;
#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use serde_json::{Map, Value};
use stead_llm::{CancellationToken, ToolCall, ToolResult, ToolSpec};
use stead_usf::ToolKind;

pub use changes::Contents;
pub use shell::Confined;

use crate::machine::Checked;
use crate::mcp::{Servers, is_offered};
use crate::permission::{Answers, Call, Mode, Passage, Policy, Route, withheld};
use crate::run::{Front, Hands, Made};
use crate::tools::answer::of_check;
use crate::tools::{Answer, Bench, Has, Hooks, Known, Shell, Todo, Tool, Web, offered, tool};
use crate::workspace::Workspace;
pub(crate) use judged::FOR_THE_SESSION;
use judged::Judged;
use snapshot::Snapshot;

/// The hands of a session.
pub struct Worker {
    /// Where is worked.
    pub workspace: Workspace,
    /// What files hold, for what commands change.
    pub contents: Contents,
    /// What may be done.
    pub policy: Policy,
    /// Whether somebody is there to be asked.
    pub mode: Mode,
    /// Runs commands.
    pub shell: Confined,
    /// Whether the front has somebody who answers questions.
    pub asks: bool,
    /// Servers of MCP, whose tools are offered beside stead's own.
    pub servers: Option<Arc<Servers>>,
    /// The web, if the session has it.
    pub web: Option<Box<dyn Web>>,
    /// Whether parts of the work may be handed to helpers.
    pub helps: bool,
    state: Kept,
}

/// What a session keeps from call to call.
#[derive(Debug, Default)]
struct Kept {
    answers: Answers,
    todo: Vec<Todo>,
    known: Known,
    labels: BTreeSet<String>,
    /// The model that is asked, and whether it may see private files.
    sees_private: bool,
    /// While a helper works: the session's own plan, and the files that it has seen.
    aside: Option<(Vec<Todo>, Known)>,
}

impl std::fmt::Debug for Worker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Worker")
            .field("workspace", &self.workspace)
            .field("mode", &self.mode)
            .finish_non_exhaustive()
    }
}

impl Worker {
    /// Hands that work here.
    pub fn new(
        workspace: Workspace,
        contents: Contents,
        policy: Policy,
        mode: Mode,
        shell: Confined,
    ) -> Self {
        Self {
            workspace,
            contents,
            policy,
            mode,
            shell,
            asks: false,
            servers: None,
            web: None,
            helps: false,
            state: Kept::default(),
        }
    }

    /// The session's plan, as the model keeps it.
    pub fn todo(&self) -> &[Todo] {
        &self.state.todo
    }

    /// The conversation holds the content of a file, put there by somebody else.
    pub fn label(&mut self, path: &str) {
        if self.policy.privacy().is_private(path) {
            self.state.labels.insert(path.to_owned());
        }
    }

    /// Makes a call that may be made.
    fn make(
        &mut self,
        tool: &dyn Tool,
        given: &Map<String, Value>,
        front: &mut dyn Front,
    ) -> Worked {
        // A server is a program beside the session: nobody knows what it writes, either.
        let runs = matches!(tool.kind(), ToolKind::Shell | ToolKind::Mcp);
        let name = tool.spec().name;
        let before = runs.then(|| self.confine());
        let (sees, privacy) = (self.state.sees_private, self.policy.privacy());
        // Two of the hooks speak to it, never at the same time.
        let front = RefCell::new(front);
        let shown = RefCell::new(Vec::new());
        let (mut said, mut goal) = (None, None);
        let mut help = |wanted: &str| {
            goal = Some(wanted.to_owned());
            Answer::default()
        };
        let may_help = self.helps && self.state.aside.is_none();
        let mut answer = tool.call(
            given,
            &mut Bench {
                workspace: &self.workspace,
                shell: &self.shell,
                todo: &mut self.state.todo,
                known: &mut self.state.known,
                may_read: &|path| {
                    let private = privacy.is_private(path);
                    if private && sees {
                        shown.borrow_mut().push(path.to_owned());
                    }
                    sees || !private
                },
                output: &mut |text| front.borrow_mut().output(text),
                hooks: Hooks {
                    ask: Some(&mut |question| {
                        said = front.borrow_mut().ask(question);
                        said.clone()
                    }),
                    web: self.web.as_deref(),
                    near: Some(&|host| self.policy.names_host(&name, host)),
                    task: may_help.then_some(&mut help as &mut dyn FnMut(&str) -> Answer),
                },
            },
        );
        self.state.labels.extend(shown.into_inner());
        let mut unkept = Vec::new();
        if let Some(before) = before {
            let changed = self.contents.changed(&before, &self.workspace);
            unkept = changed.unkept;
            answer.changes.extend(changed.plans);
        }
        self.contents.note(&answer.changes);
        Worked {
            answer,
            unkept,
            said,
            goal,
        }
    }

    /// Hides from the next command what the model may not see, and notes how files are
    /// before it.
    fn confine(&mut self) -> Snapshot {
        let before = self.contents.snapshot(&self.workspace);
        let (sees, privacy) = (self.state.sees_private, self.policy.privacy());
        let private = before
            .files()
            .filter(|path| !sees && privacy.is_private(path));
        let root = self.workspace.root();
        self.shell
            .hide(private.map(|path| root.join(path)).collect());
        before
    }

    /// An address may carry away what a conversation holds: one with private files speaks
    /// to hosts alone that the user named.
    fn carries_away(&self, call: &Call) -> Option<Answer> {
        let host = call.host.as_ref()?;
        let label = self.state.labels.first()?;
        (!self.policy.names_host(&call.tool, host)).then(|| {
            Answer::refused(format!(
                "not done: this conversation holds private files ({label}), and an address may \
                 carry them away. Do without, or let the user allow `{host}` by its name."
            ))
        })
    }

    /// Private files that a call names and the model may not see.
    fn hidden_from(&self, call: &Call) -> Option<Answer> {
        let named = self.policy.privacy().named_in(call);
        let read = named.first().filter(|_| !self.state.sees_private)?;
        Some(Answer::refused(withheld(read)))
    }
}

/// What a tool did.
struct Worked {
    answer: Answer,
    unkept: Vec<String>,
    /// What the user answered to a question.
    said: Option<String>,
    /// What a helper is to work at.
    goal: Option<String>,
}

impl From<Answer> for Worked {
    fn from(answer: Answer) -> Self {
        Self {
            answer,
            unkept: Vec::new(),
            said: None,
            goal: None,
        }
    }
}

impl Hands for Worker {
    fn tools(&self) -> Vec<ToolSpec> {
        let has = Has {
            ask: self.asks,
            web: self.web.is_some(),
            task: self.helps && self.state.aside.is_none(),
        };
        let own = offered(has).into_iter().map(Tool::spec);
        let servers = self.servers.iter().flat_map(|servers| servers.tools());
        own.chain(servers).collect()
    }

    fn kind(&self, name: &str) -> ToolKind {
        if self.servers.is_some() && is_offered(name) {
            return ToolKind::Mcp;
        }
        tool(name).map_or(ToolKind::Other, Tool::kind)
    }

    fn may_leave(&mut self, to: &Route<'_>) -> Result<(), String> {
        let privacy = self.policy.privacy();
        let labels: Vec<String> = self.state.labels.iter().cloned().collect();
        if let Passage::Shut { why, .. } = privacy.check(to, &labels) {
            return Err(why);
        }
        self.state.sees_private = privacy.may_see(to);
        Ok(())
    }

    fn call(&mut self, call: &ToolCall, front: &mut dyn Front, cancel: &CancellationToken) -> Made {
        let begun = Instant::now();
        let (worked, decision, blocked) = match self.judged(call, front, cancel) {
            Judged::Refused(answer) => (
                answer.into(),
                "not judged: it makes no sense".to_owned(),
                None,
            ),
            Judged::Not { answer, said } => (answer.into(), said, None),
            Judged::Blocked { said } => {
                let answer = Answer::refused("not carried out: nobody was there to allow it");
                (answer.into(), said.clone(), Some(said))
            }
            Judged::Go {
                tool,
                given,
                asks,
                said,
            } => {
                for path in self.policy.privacy().named_in(&asks) {
                    self.state.labels.insert(path);
                }
                (self.make(tool.tool(), &given, front), said, None)
            }
        };
        let Worked {
            answer,
            unkept,
            said,
            goal,
        } = worked;
        Made {
            result: ToolResult {
                id: call.id.clone(),
                name: call.name.clone(),
                text: answer.text,
                ok: answer.ok,
                images: answer.images,
                form: call.form,
            },
            changes: answer.changes,
            exit: answer.exit,
            took: begun.elapsed(),
            decision,
            blocked,
            unkept,
            said,
            goal,
        }
    }

    fn help(&mut self, begins: bool) {
        let state = &mut self.state;
        if begins {
            let own = (
                std::mem::take(&mut state.todo),
                std::mem::take(&mut state.known),
            );
            state.aside = Some(own);
        } else if let Some((todo, known)) = state.aside.take() {
            (state.todo, state.known) = (todo, known);
        }
    }

    fn check(&mut self, command: &str, front: &mut dyn Front, _: &CancellationToken) -> Checked {
        let before = self.confine();
        let ran = self
            .shell
            .run(command, None, &mut |text| front.output(text));
        let output = match &ran.ended {
            Some(why) => format!("{why}\n{}", ran.output),
            None => ran.output,
        };
        // What a check leaves behind is no change of the model's, and known from now on.
        let left = self.contents.changed(&before, &self.workspace);
        self.contents.note(&left.plans);
        Checked {
            command: command.to_owned(),
            ok: ran.exit == Some(0) && ran.ended.is_none(),
            output: of_check(output),
        }
    }
}
