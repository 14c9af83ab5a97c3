//! Whether a call may be made: the policy's word, and a person's where it asks for one.

use serde_json::{Map, Value};
use stead_llm::{CancellationToken, ToolCall};

use super::Worker;
use crate::mcp::ServerTool;
use crate::permission::{Call, Decision, Mode, Outcome, Verdict};
use crate::run::{Front, Wish, Word};
use crate::tools::{Answer, Tool, Touches, arguments, no_tool, tool};

/// What the record says of a call that was allowed, with all that are like it.
pub(crate) const FOR_THE_SESSION: &str = "allowed by the user, for this session";

/// A tool that there is.
pub(super) enum Found {
    /// One of stead's own.
    Own(&'static dyn Tool),
    /// One of a server.
    Server(Box<ServerTool>),
}

impl Found {
    pub(super) fn tool(&self) -> &dyn Tool {
        match self {
            Self::Own(tool) => *tool,
            Self::Server(tool) => tool.as_ref(),
        }
    }
}

/// What is to become of a call.
pub(super) enum Judged {
    /// There is no such tool, or its arguments make no sense.
    Refused(Answer),
    /// It is not made.
    Not {
        /// For the model.
        answer: Answer,
        /// For the record.
        said: String,
    },
    /// Somebody would have to be asked.
    Blocked {
        /// What, for the record and for people.
        said: String,
    },
    /// It is made.
    Go {
        /// The tool.
        tool: Found,
        /// Its arguments.
        given: Map<String, Value>,
        /// What it was judged by.
        asks: Call,
        /// For the record.
        said: String,
    },
}

impl Worker {
    /// Judges a call.
    pub(super) fn judged(
        &mut self,
        call: &ToolCall,
        front: &mut dyn Front,
        cancel: &CancellationToken,
    ) -> Judged {
        let Some(tool) = self.found(call, cancel) else {
            return Judged::Refused(no_tool(&call.name));
        };
        let read = arguments(call).and_then(|given| {
            let touches = tool.tool().touches(&given, &self.workspace)?;
            Ok((given, touches))
        });
        let (given, touches) = match read {
            Ok(read) => read,
            Err(why) => return Judged::Refused(Answer::refused(why)),
        };
        let asks = asked(tool.tool(), touches);
        let withheld = self.hidden_from(&asks);
        if let Some(answer) = withheld.or_else(|| self.carries_away(&asks)) {
            let said = format!("withheld: {}", answer.text);
            return Judged::Not { answer, said };
        }
        let verdict = self.policy.judge(&asks, &self.state.answers);
        let said = verdict.said(self.mode);
        match verdict.outcome(self.mode) {
            Outcome::Go | Outcome::GoUnasked => Judged::Go {
                tool,
                given,
                asks,
                said,
            },
            Outcome::Blocked => Judged::Blocked { said },
            Outcome::Denied => Judged::Not {
                answer: Answer::refused(format!(
                    "not done: {}. Do not get around it; do without, or say what you need.",
                    verdict.why
                )),
                said,
            },
            Outcome::Ask => match self.word(call, &verdict, front) {
                Some(Ok(said)) => Judged::Go {
                    tool,
                    given,
                    asks,
                    said,
                },
                Some(Err(why)) => Judged::Not {
                    said: format!("denied by the user: {}", verdict.why),
                    answer: Answer::refused(why),
                },
                None => Judged::Blocked {
                    said: verdict.said(Mode::Headless),
                },
            },
        }
    }

    /// The tool that a call is for: a server's, by its whole name, or one of stead's own.
    pub(super) fn found(&self, call: &ToolCall, cancel: &CancellationToken) -> Option<Found> {
        let servers = self.servers.as_ref();
        let servers = servers.and_then(|servers| ServerTool::of(servers, call, cancel));
        match servers {
            Some(tool) => Some(Found::Server(Box::new(tool))),
            None => tool(&call.name).map(Found::Own),
        }
    }

    /// Asks a person; what was said, or what the model is told instead. Nothing if whoever
    /// was there has gone.
    fn word(
        &mut self,
        call: &ToolCall,
        verdict: &Verdict,
        front: &mut dyn Front,
    ) -> Option<Result<String, String>> {
        let wish = Wish {
            tool: call.name.clone(),
            arguments: call.arguments.clone(),
            why: verdict.why.clone(),
        };
        Some(match front.approve(&wish) {
            Word::Nobody => return None,
            Word::Once => Ok(format!("allowed by the user, this once: {}", verdict.why)),
            Word::Always => {
                self.state.answers.remember(verdict, Decision::Allow);
                Ok(format!("{FOR_THE_SESSION}: {}", verdict.why))
            }
            Word::No(None) => Err("not done: the user does not allow it".to_owned()),
            Word::No(Some(instead)) => Err(format!(
                "not done: the user does not allow it, and says: {instead}"
            )),
        })
    }
}

pub(super) fn asked(tool: &dyn Tool, touches: Touches) -> Call {
    let Touches {
        reads,
        writes,
        command,
        host,
    } = touches;
    Call {
        tool: tool.spec().name,
        reads,
        writes,
        command,
        host,
    }
}
