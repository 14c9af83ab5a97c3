//! `stead chat`: a conversation. Each message is a *turn*, which a process of its own does
//! (`stead run --json --control`): an overlay is of one process alone, and what the user
//! applies between turns is in the tree of the next.

mod commands;
mod piped;
mod turn;
mod wants;

use std::collections::VecDeque;
use std::path::PathBuf;
use std::time::Duration;

use stead_agent::run::Front;
use stead_agent::seals;
use stead_llm::CancellationToken;

use super::run::{Earlier, new_id, tree};
use crate::cli::{ChatArgs, GlobalArgs, ModelArgs};
use crate::cmd::run::front::{Live, Plain, Prices, View, Watch};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::Models;
use crate::render::RenderOptions;
use wants::Wants;

/// So often what was typed is looked at.
const TICK: Duration = Duration::from_millis(30);

pub(crate) fn run(
    args: &ChatArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    if global.json {
        let error = CommandError::usage("a conversation is for people");
        return Err(error.hint("`stead run --json --control` is for programs"));
    }
    let mut chat = Chat::new(args, context)?;
    if args.plain || !context.is_interactive() {
        return piped::run(&chat);
    }
    chat.talk()
}

/// A conversation.
struct Chat<'a> {
    args: &'a ChatArgs,
    context: &'a Context,
    /// The user's tree.
    tree: PathBuf,
    /// The session's id.
    id: String,
    /// The models of the next turn.
    models: ModelArgs,
    /// What was typed while a turn was done and is for after it.
    later: VecDeque<String>,
}

impl<'a> Chat<'a> {
    fn new(args: &'a ChatArgs, context: &'a Context) -> Result<Self, CommandError> {
        let tree = tree(args.folder.as_deref(), context)?;
        let earlier = Earlier {
            resume: args.resume.as_deref(),
            go_on: args.go_on,
        };
        let id = match earlier.id(&tree, context)? {
            Some(id) => id,
            None => new_id()?,
        };
        Ok(Self {
            args,
            context,
            tree,
            id,
            models: args.models.clone(),
            later: VecDeque::new(),
        })
    }

    /// What the process of a turn is started with.
    fn arguments(&self) -> Vec<String> {
        let mut all = vec!["run".to_owned(), "-C".to_owned()];
        all.push(self.tree.display().to_string());
        let folder = seals::folder(&self.context.settings.data_dir, &self.id);
        let has_begun = folder.join(stead_agent::record::EVENTS).exists();
        let (id, named) = if has_begun {
            ("--resume", &self.id)
        } else {
            ("--id", &self.id)
        };
        let models = &self.models;
        let mut options = vec![(id, Some(named))];
        options.push(("--model", models.model.as_ref()));
        options.push(("--base-url", models.base_url.as_ref()));
        options.push(("--parser-model", models.parser_model.as_ref()));
        options.extend(models.fallback.iter().map(|one| ("--fallback", Some(one))));
        options.extend(self.args.check.iter().map(|one| ("--check", Some(one))));
        for (name, value) in options {
            all.extend(value.map(|value| format!("{name}={value}")));
        }
        let switches = [
            ("--yes", self.args.yes),
            ("--in-place", self.args.in_place),
            ("--no-checks", self.args.no_checks),
            ("--network", self.args.network),
            ("--unconfined", self.args.unconfined),
        ];
        let on = switches.iter().filter(|(_, on)| *on);
        all.extend(on.map(|(name, _)| (*name).to_owned()));
        all
    }

    /// The route in words, before a turn tells it.
    fn route(&self) -> Result<(String, Prices), CommandError> {
        let models = Models::load(self.context, &self.models)?;
        let generator = models.generator().current().clone();
        let words = format!("→ generator: {}", models.route(&generator));
        Ok((words, Prices::of(&models)))
    }

    /// Talks at a terminal until the user leaves.
    fn talk(&mut self) -> Result<Exit, CommandError> {
        let (route, prices) = self.route()?;
        let options = RenderOptions::of(self.context);
        let view = View::new(options, &self.tree.display().to_string(), prices);
        let plain = Plain::new(
            self.context.colour,
            self.context.width,
            CancellationToken::default(),
        );
        let wants = Wants::on_signals()?;
        let ends = wants.clone();
        let mut front = Live::new(plain, view, wants.keys(), move || ends.stops() > 0);
        front.route(&route);
        let first = self.args.message.join(" ");
        self.later
            .extend((!first.trim().is_empty()).then_some(first));
        while let Some(words) = self.next(&mut front, &wants) {
            if words.starts_with('/') {
                if self.command(&words, &mut front) == commands::Next::Leave {
                    break;
                }
                continue;
            }
            front.idle(false);
            self.turn(&words, &mut front, &wants)?;
        }
        drop(front);
        self.say_how_to_go_on();
        Ok(Exit::Ok)
    }

    /// The next message: one that came too late for its turn, or a new one.
    fn next(&mut self, front: &mut Live, wants: &Wants) -> Option<String> {
        self.later.pop_front().or_else(|| wait(front, wants))
    }

    fn say_how_to_go_on(&self) {
        use std::io::Write;
        let folder = seals::folder(&self.context.settings.data_dir, &self.id);
        if folder.join(stead_agent::record::EVENTS).exists() {
            let short = super::run::short(&self.id);
            let _ = writeln!(std::io::stdout(), "stead chat --resume {short}   goes on");
        }
    }
}

/// Waits for a message; nothing if the user leaves.
fn wait(front: &mut Live, wants: &Wants) -> Option<String> {
    wants.forget();
    front.idle(true);
    while front.is_there() && !wants.leaves() {
        if let Some(words) = front.typed() {
            return Some(words);
        }
        std::thread::sleep(TICK);
    }
    None
}
