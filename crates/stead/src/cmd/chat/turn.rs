//! A turn: what its process tells is shown, what it asks is asked, what is typed is said.

use std::collections::VecDeque;

use serde_json::{Value, json};
use stead_agent::run::{Front, Wish, Word};
use stead_agent::tools::Question;
use stead_llm::{Delta, Label};
use tokio::time::MissedTickBehavior;

use super::wants::Wants;
use super::{Chat, TICK};
use crate::cmd::run::front::{Live, Watch, used};
use crate::cmd::run::{Child, runtime};
use crate::command_error::CommandError;
use crate::environment::this_program;
use crate::render::style::{BAD, BOLD, DIM, PLAIN, Row, Screen, span};
use crate::render::wrap;
use crate::text::{counted, one_line};

impl Chat<'_> {
    /// Does a turn, and says how it ended.
    pub(super) fn turn(
        &mut self,
        words: &str,
        front: &mut Live,
        wants: &Wants,
    ) -> Result<(), CommandError> {
        let program = this_program()?;
        let mut arguments = self.arguments();
        arguments.extend(["--json", "--control", "-"].map(str::to_owned));
        let later = &mut self.later;
        let (end, errors) = runtime()?.block_on(async {
            let mut child = Child::start(&program, &arguments)?;
            child.say(&json!({"type": "task", "text": words})).await;
            let end = follow(&mut child, front, wants, later).await;
            Ok::<_, std::io::Error>((end, child.end().await))
        })?;
        match end {
            Some(end) => {
                let unheard = end["unheard"].as_array().into_iter().flatten();
                let unheard = unheard.filter_map(Value::as_str).map(str::to_owned);
                self.later.extend(unheard);
                self.ended(&end, front);
            }
            None => front.notice(errors.trim()),
        }
        Ok(())
    }

    /// How a turn ended, and what may be typed next.
    fn ended(&self, end: &Value, front: &mut Live) {
        let text = |name: &str| one_line(end[name].as_str().unwrap_or_default());
        let (outcome, why) = (text("outcome"), text("why"));
        let files = end["files"].as_array().map_or(0, Vec::len) as u64;
        let usage = serde_json::from_value(end["usage"].clone()).unwrap_or_default();
        let requests = end["requests"].as_u64().unwrap_or(0);
        let style = if outcome == "done" { BOLD } else { BAD };
        let mut row: Row = vec![span(style, outcome)];
        if !why.is_empty() {
            row.push(span(PLAIN, format!(": {why}")));
        }
        if files > 0 {
            let place = if end["applied"] == true {
                "changed"
            } else {
                "changed apart: /diff shows them, /apply puts them into your files"
            };
            row.push(span(DIM, format!(" · {} {place}", counted(files, "file"))));
        }
        let used = used(requests, &usage, end["cost_usd"].as_f64());
        row.push(span(DIM, format!(" · {used}")));
        let mut screen = Screen::new(Vec::new(), self.context.colour);
        let blank = std::iter::once(Row::new());
        for row in blank.chain(wrap::words(&row, self.context.width)) {
            // It is written to memory.
            let _ = screen.row(&row);
        }
        front.lines(std::mem::take(screen.out()));
    }
}

/// Passes on what is told and typed until the process has said all.
async fn follow(
    child: &mut Child,
    front: &mut Live,
    wants: &Wants,
    later: &mut VecDeque<String>,
) -> Option<Value> {
    let (mut end, mut stopped) = (None, false);
    let mut looks = tokio::time::interval(TICK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        let line = tokio::select! {
            biased;
            _ = looks.tick() => {
                match front.typed() {
                    Some(words) if words.starts_with('/') => later.push_back(words),
                    Some(words) => child.say(&json!({"type": "say", "text": words})).await,
                    None => {}
                }
                if wants.skip() {
                    child.say(&json!({"type": "skip"})).await;
                }
                if wants.stops() > 0 && !stopped {
                    stopped = true;
                    child.say(&json!({"type": "stop"})).await;
                }
                if wants.stops() > 1 {
                    child.kill();
                    return end;
                }
                continue;
            }
            line = child.next() => line,
        };
        let Some(line) = line else { return end };
        match line["type"].as_str().unwrap_or_default() {
            "end" => end = Some(line),
            "approve" | "ask" => {
                let answer = answer(&line, front);
                if wants.stops() == 0 {
                    child.say(&answer).await;
                }
            }
            _ => told(&line, front),
        }
    }
}

/// Shows a line.
fn told(line: &Value, front: &mut Live) {
    let text = line["text"].as_str().unwrap_or_default();
    let part = Label::default();
    match line["type"].as_str().unwrap_or_default() {
        "route" => front.route(text),
        "notice" => front.notice(text),
        "output" => front.output(text),
        "delta" => front.delta(&Delta::Text {
            part,
            text: text.to_owned(),
        }),
        "thought" => front.delta(&Delta::Reasoning {
            part,
            text: text.to_owned(),
        }),
        "event" => match serde_json::from_value(line["event"].clone()) {
            Ok(event) => front.recorded(&event),
            Err(error) => front.notice(&format!("an event cannot be shown: {error}")),
        },
        _ => {}
    }
}

/// Asks what the process asks; the line with the answer.
fn answer(line: &Value, front: &mut Live) -> Value {
    let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
    let mut answer = json!({"type": "answer", "id": line["id"]});
    if line["type"] == "ask" {
        let options = line["options"].as_array().cloned().unwrap_or_default();
        let options = options.iter().filter_map(Value::as_str);
        let question = Question {
            text: text("text"),
            options: options.map(str::to_owned).collect(),
        };
        if let Some(words) = front.ask(&question) {
            answer["text"] = words.into();
        }
        return answer;
    }
    let wish = Wish {
        tool: text("tool"),
        arguments: text("arguments"),
        why: text("why"),
    };
    let (word, instead) = match front.approve(&wish) {
        Word::Once => ("once", None),
        Word::Always => ("always", None),
        Word::No(instead) => ("no", instead),
        Word::Nobody => ("no", None),
    };
    answer["word"] = word.into();
    if let Some(instead) = instead {
        answer["text"] = instead.into();
    }
    answer
}
