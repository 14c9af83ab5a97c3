//! What a session that goes on knows of the time before.

use stead_llm::{CancellationToken, Message, Part, ToolCall};

use super::Worker;
use super::judged::asked;
use crate::permission::{Call, Decision};
use crate::tools::arguments;

impl Worker {
    /// The conversation was begun earlier: what its calls name may be in it.
    pub fn recall(&mut self, messages: &[Message]) {
        let parts = messages.iter().flat_map(|message| &message.parts);
        for part in parts {
            if let Part::ToolCall(call) = part {
                let named = Call {
                    command: Some(call.arguments.clone()),
                    ..Call::default()
                };
                let named = self.policy.privacy().named_in(&named);
                self.state.labels.extend(named);
            }
        }
    }

    /// What the user allowed for the whole session is not asked for again. What a policy has
    /// come to deny since then stays denied.
    pub fn recall_allowed(&mut self, calls: &[ToolCall]) {
        for call in calls {
            let Some(tool) = self.found(call, &CancellationToken::new()) else {
                continue;
            };
            let touches =
                arguments(call).and_then(|given| tool.tool().touches(&given, &self.workspace));
            if let Ok(touches) = touches {
                let asks = asked(tool.tool(), touches);
                let verdict = self.policy.judge(&asks, &self.state.answers);
                self.state.answers.remember(&verdict, Decision::Allow);
            }
        }
    }
}
