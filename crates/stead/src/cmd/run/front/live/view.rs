//! What the live view shows: a state that events and keys change. It paints rows and knows
//! no terminal and no clock: the time comes with each step.

use std::collections::VecDeque;
use std::time::Duration;

use anstyle::Style;
use serde_json::Value;
use stead_agent::run::{Wish, Word};
use stead_agent::tools::Question;
use stead_llm::Delta;
use stead_usf::{Event, EventType};

use super::editor::Editor;
use super::{Reply, Told};
use crate::cmd::run::front::own::{Own, chosen, gist, own, told, wanted, word};
use crate::cmd::run::front::tally::{Prices, Tally};
use crate::render::style::{BAD, DIM, LABEL, MARK, TOOL, span};
use crate::render::{Happening, RenderOptions};
use crate::text::{bytes, one_line};

/// Lines of a command's output that are shown while it runs.
const OUTPUT: usize = 4;
/// Bytes of an answer that are shown while it comes.
pub(super) const TAIL: usize = 8 << 10;

/// What is being done.
pub(super) enum Doing {
    /// Nothing: the user is waited for.
    Idle,
    /// The model is asked.
    Asking,
    /// It thinks; its last words.
    Thinking(String),
    /// It writes; its words so far.
    Writing(String),
    /// It writes a call of this tool.
    Calling(String),
    /// A tool works: its name, and what it was called with.
    Working(String, String),
}

/// What the user is asked.
pub(super) enum Asked {
    Wish(Wish),
    Question(Question),
}

/// What was sent by Enter.
pub(super) enum Sent {
    /// For what was asked.
    Reply(Reply),
    /// For the model.
    Words(String),
}

/// The state of the view.
pub(crate) struct View {
    happening: Happening,
    /// Whether the terminal has colours.
    pub(super) colour: bool,
    pub(super) tally: Tally,
    pub(super) requests: u64,
    pub(super) route: String,
    pub(super) doing: Doing,
    /// Since when.
    pub(super) since: Duration,
    pub(super) output: VecDeque<String>,
    pub(super) todo: Vec<(String, String)>,
    pub(super) asked: Option<Asked>,
    /// What was typed and not yet taken.
    pub(super) said: Vec<String>,
    pub(super) editor: Editor,
}

impl View {
    pub(crate) fn new(options: RenderOptions, cwd: &str, prices: Prices) -> Self {
        Self {
            colour: options.colour,
            happening: Happening::new(options, Some(cwd)),
            tally: Tally::new(prices),
            requests: 0,
            route: String::new(),
            doing: Doing::Asking,
            since: Duration::ZERO,
            output: VecDeque::new(),
            todo: Vec::new(),
            asked: None,
            said: Vec::new(),
            editor: Editor::default(),
        }
    }

    /// What it runs on: it stands at the bottom, and settles where it is new.
    pub(super) fn route(&mut self, words: &str) {
        if self.route != words {
            words.clone_into(&mut self.route);
            let words = words.strip_prefix("→ ").unwrap_or(words);
            self.line(DIM, "→", words, "");
        }
    }

    /// The terminal has so many columns now.
    pub(super) fn resize(&mut self, columns: usize) {
        self.happening.resize(columns);
    }

    /// What was settled since the last time.
    pub(super) fn settled(&mut self) -> Vec<u8> {
        self.happening.take()
    }

    pub(super) fn told(&mut self, told: Told, now: Duration) {
        match told {
            Told::Recorded(event) => self.recorded(&event, now),
            Told::Delta(delta) => self.delta(delta, now),
            Told::Notice(words) => self.line(LABEL, "!", &words, ""),
            Told::Output(text) => self.output(&text),
            Told::Approve(wish) => {
                self.wish(&wish);
                self.asked = Some(Asked::Wish(wish));
            }
            Told::Ask(question) => self.asked = Some(Asked::Question(question)),
            Told::Route(words) => self.route(&words),
            Told::Prices(prices) => self.tally.reprice(prices),
            Told::Lines(lines) => self.happening.ready(&lines),
            Told::Idle(idle) => {
                (self.doing, self.since) = (if idle { Doing::Idle } else { Doing::Asking }, now);
                self.said.clear();
                self.output.clear();
            }
        }
    }

    fn line(&mut self, style: Style, sign: &str, words: &str, below: &str) {
        // It is written to memory.
        let _ = self.happening.told(&span(style, sign), words, below);
    }

    /// All of a call that somebody has to allow, above the question: nothing of it may scroll
    /// out of sight unsaid.
    fn wish(&mut self, wish: &Wish) {
        let words = format!("{}: {}", one_line(&wish.tool), one_line(&wish.why));
        self.line(LABEL, "?", &words, "");
        let _ = self.happening.whole(&wanted(&wish.arguments));
    }

    fn recorded(&mut self, event: &Event, now: Duration) {
        self.tally.take(event);
        let extra = event.extra.as_ref().map_or("", |extra| extra.json());
        let answer = event.kind == EventType::Assistant && extra.contains("\"exchange\":");
        self.requests += u64::from(answer || event.usage.is_some());
        match own(event) {
            Own::Setting | Own::Outcome => {}
            Own::Plan(plan) => {
                let words = format!("{} ({})", plan.goal, plan.intent.word());
                self.line(MARK, "▸", &words, "");
                for check in &plan.checks {
                    self.line(DIM, " ", &format!("has to end well: {check}"), "");
                }
            }
            Own::Check { checked, before } => {
                let when = if before { " before any change" } else { "" };
                let (sign, style, word) = if checked.ok {
                    ("✓", TOOL, "ends well")
                } else {
                    ("✗", BAD, "fails")
                };
                let words = format!("{} {word}{when}", checked.command);
                let below = if checked.ok { "" } else { &checked.output };
                self.line(style, sign, &words, below);
            }
            Own::PutIn { name, bytes: size } => {
                self.line(
                    DIM,
                    "·",
                    &format!("put in: {name}, {}", bytes(size as u64)),
                    "",
                );
            }
            Own::Other => {
                let _ = self.happening.event(event);
            }
        }
        self.goes_on(event, now);
    }

    /// What is done after an event.
    fn goes_on(&mut self, event: &Event, now: Duration) {
        if event.kind == EventType::User
            && let Some(at) = self
                .said
                .iter()
                .position(|own| Some(own) == event.text.as_ref())
        {
            self.said.remove(at);
        }
        self.output.clear();
        self.since = now;
        self.doing = match (event.kind, &event.tool) {
            (EventType::ToolCall, Some(tool)) => {
                let input = event.input.as_ref().map_or("", |input| input.json());
                if tool.name == "todo" {
                    self.todo = items(input);
                }
                Doing::Working(tool.name.clone(), gist(input))
            }
            _ => Doing::Asking,
        };
    }

    fn delta(&mut self, delta: Delta, now: Duration) {
        let same = match (&mut self.doing, delta) {
            (Doing::Writing(all), Delta::Text { text, .. })
            | (Doing::Thinking(all), Delta::Reasoning { text, .. }) => {
                all.push_str(&text);
                if all.len() > 2 * TAIL {
                    *all = tail(all, TAIL).to_owned();
                }
                return;
            }
            (_, Delta::Text { text, .. }) => Doing::Writing(text),
            (_, Delta::Reasoning { text, .. }) => Doing::Thinking(text),
            (_, Delta::Call { name, .. }) => Doing::Calling(name),
            _ => return,
        };
        (self.doing, self.since) = (same, now);
    }

    fn output(&mut self, text: &str) {
        for line in text.lines().map(one_line).filter(|line| !line.is_empty()) {
            self.output.push_back(line);
        }
        let over = self.output.len().saturating_sub(OUTPUT);
        self.output.drain(..over);
    }

    /// What was typed is sent: an answer, or words for the model, which are kept here until
    /// they are on record.
    pub(super) fn enter(&mut self) -> Option<Sent> {
        let text = self.editor.take().trim().to_owned();
        if text.is_empty() {
            return None;
        }
        match self.asked.take() {
            None => {
                if !matches!(self.doing, Doing::Idle) {
                    self.said.push(text.clone());
                }
                Some(Sent::Words(text))
            }
            Some(Asked::Question(question)) => {
                let answer = chosen(&question, &text).to_owned();
                self.line(LABEL, "?", &format!("{} {answer}", question.text), "");
                Some(Sent::Reply(Reply::Answer(Some(answer))))
            }
            Some(Asked::Wish(wish)) => {
                let word = word(&text);
                let told = told(&word);
                let words = format!("{} {}: {told}", wish.tool, gist(&wish.arguments));
                self.line(LABEL, "?", &words, "");
                Some(Sent::Reply(Reply::Word(word)))
            }
        }
    }

    /// Nobody answers what is asked.
    pub(super) fn unanswered(&mut self) -> Option<Reply> {
        match self.asked.take()? {
            Asked::Wish(_) => Some(Reply::Word(Word::Nobody)),
            Asked::Question(_) => Some(Reply::Answer(None)),
        }
    }
}

/// The last bytes of a text, from a whole character on.
pub(super) fn tail(text: &str, bytes: usize) -> &str {
    let mut from = text.len().saturating_sub(bytes);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    &text[from..]
}

/// The items of a plan with their states, as the tool takes them.
fn items(input: &str) -> Vec<(String, String)> {
    let input: Value = serde_json::from_str(input).unwrap_or_default();
    let items = input["items"].as_array().cloned().unwrap_or_default();
    let item = |item: &Value| {
        let text = item["text"].as_str().or(item.as_str())?.to_owned();
        let status = item["status"].as_str().unwrap_or("pending").to_owned();
        Some((text, status))
    };
    items.iter().filter_map(item).collect()
}
