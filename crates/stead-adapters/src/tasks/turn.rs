//! One turn: the records that the interface showed from one request to the next,
//! laid over the blocks of the reply. A record that speaks of a block gives it its
//! time; one that speaks of nothing else in the store is an event of its own
//! (`own`).

use stead_usf::{Event, EventType, Inactive, Model, ToolKind};

use super::asked::Answer;
use super::gone::Gone;
use super::kept::keep;
use super::own::plain;
use super::pieces::{self, Piece};
use super::role::{Role, role};
use super::same::{is_answered, is_same, said};
use super::sent::Sent;
use super::shown::Shown;
use super::usage::{Cached, Spent};
use super::weave::Weave;
use super::{EMPTY, SUMS, WAITS, seen, subagent};
use crate::container::json::string;
use crate::{Fate, Output};

/// What stands at one place of the turn.
pub(super) enum Place {
    /// A piece of the reply.
    Piece(usize),
    /// A record that speaks of nothing else.
    Own(Box<Event>),
    /// The answers of tools.
    Answers,
}

/// A turn that is being put together.
pub(super) struct Turn {
    pub(super) pieces: Vec<Piece>,
    pub(super) places: Vec<Place>,
    /// Name of the reply.
    pub(super) name: String,
    pub(super) model: Option<Model>,
    /// What subagents used together.
    pub(super) sum: Option<Spent>,
    pub(super) spent: Spent,
    /// The request, if nothing else tells of it.
    pub(super) request: Option<Event>,
    /// Why the request failed.
    failure: Option<Event>,
    /// Pieces that have their places.
    placed: usize,
    closed: bool,
    /// The reply is in the store, so what tools answered is too.
    pub(super) replied: bool,
    /// The last call that only the interface tells of, while it has no result.
    pub(super) lone: Option<usize>,
    /// Why nothing of it is sent any more.
    pub(super) inactive: Option<Inactive>,
}

impl Turn {
    /// Takes the reply apart.
    pub(super) fn new(weave: &mut Weave<'_>, shown: &[Shown<'_>], replies: Vec<Sent<'_>>) -> Self {
        let ts = shown.first().and_then(|shown| shown.ts);
        let ts = ts.or_else(|| replies.first().and_then(|reply| reply.ts));
        let model = replies.iter().find_map(|reply| reply.model.clone());
        let model = model.or_else(|| shown.iter().find_map(|shown| shown.model.clone()));
        let id = replies.iter().find_map(|reply| reply.id.clone());
        let place = replies.first().map_or(0, |reply| reply.index);
        let made = ts.map_or_else(|| format!("a{place}"), |ts| ts.to_string());
        let mut turn = Self {
            pieces: Vec::new(),
            places: Vec::new(),
            name: id.unwrap_or_else(|| format!("{}/{made}", weave.task)),
            model: model.or_else(|| weave.model(ts)),
            sum: None,
            spent: Spent::default(),
            request: None,
            failure: None,
            placed: 0,
            closed: false,
            replied: !replies.is_empty(),
            lone: None,
            inactive: None,
        };
        for reply in replies {
            turn.reply(weave, reply);
        }
        turn
    }

    fn reply(&mut self, weave: &mut Weave<'_>, mut reply: Sent<'_>) {
        weave.asked = true;
        if let Some(mut metrics) = reply.metrics.take() {
            let cached = Cached::of(None, self.model.as_ref(), reply.ts);
            self.spent = Spent::told(&mut metrics, cached);
        }
        let (inactive, mark) = weave.gone.of(&reply);
        let made = pieces::pieces(&mut reply, &self.name, self.model.as_ref());
        let mut ids = Vec::with_capacity(made.len());
        for mut piece in made {
            piece.event.inactive = inactive;
            ids.push(piece.event.id.clone());
            self.pieces.push(piece);
        }
        weave.gone.note(mark, ids);
    }

    /// Lays the records over the reply.
    pub(super) fn lay(
        &mut self,
        weave: &mut Weave<'_>,
        output: &mut Output<'_>,
        shown: Vec<Shown<'_>>,
        answers: &[Answer],
    ) {
        if shown.iter().any(|shown| shown.kind == "subagent") {
            let sum = shown.iter().find(|shown| shown.kind == "subagent_usage");
            let cached = Cached::of(None, self.model.as_ref(), None);
            self.sum = sum.and_then(|sum| Some(Spent::shown(&mut sum.details()?, cached)));
        }
        for record in shown {
            let fate = self.record(weave, output, record, answers);
            output.record(fate);
        }
        self.close();
    }

    fn record(
        &mut self,
        weave: &mut Weave<'_>,
        output: &mut Output<'_>,
        shown: Shown<'_>,
        answers: &[Answer],
    ) -> Fate {
        let role = role(&shown, weave.asked);
        weave.stands(role, &shown);
        let bare = shown.rest.is_empty();
        match role {
            Role::Request => {
                weave.asked = true;
                return self.request(weave, shown);
            }
            Role::Waits if bare => return Fate::Ignored(WAITS),
            Role::SubagentUsage if bare && self.sum.is_some() => return Fate::Ignored(SUMS),
            Role::Output if bare && self.replied && is_answered(answers, &shown) => {
                return Fate::Mapped;
            }
            Role::Typed => self.close(),
            _ => {}
        }
        self.reasoning(&shown);
        if let Some(place) = self.find(role, &shown) {
            self.join(weave, place, role, shown);
            return Fate::Mapped;
        }
        let speaks = matches!(
            role,
            Role::Words | Role::CallWords | Role::Reasoning | Role::Output
        );
        if speaks && bare && shown.words().is_empty() && shown.attachments.is_none() {
            return Fate::Ignored(EMPTY);
        }
        self.own(weave, output, role, shown)
    }

    /// The piece that a record speaks of.
    fn find(&self, role: Role, shown: &Shown<'_>) -> Option<usize> {
        let kind = match role {
            Role::Words | Role::CallWords => EventType::Assistant,
            Role::Reasoning => EventType::Reasoning,
            Role::Call => return seen::call(&self.pieces, seen::kind(shown)),
            Role::Subagents => return seen::call(&self.pieces, ToolKind::Task),
            _ => return None,
        };
        self.saying(kind, &said(shown))
    }

    /// The piece that says the same.
    pub(super) fn saying(&self, kind: EventType, words: &str) -> Option<usize> {
        let same = |piece: &Piece| {
            piece.event.kind == kind
                && is_same(piece.event.text.as_deref().unwrap_or_default(), words)
        };
        let fresh = self
            .pieces
            .iter()
            .position(|piece| !piece.shown && same(piece));
        fresh.or_else(|| self.pieces.iter().position(same))
    }

    /// The record speaks of a piece of the reply.
    fn join(&mut self, weave: &mut Weave<'_>, place: usize, role: Role, shown: Shown<'_>) {
        self.place_pieces(place + 1);
        let sum = self.sum;
        let piece = &mut self.pieces[place];
        let event = &mut piece.event;
        if !std::mem::replace(&mut piece.shown, true) {
            event.at = shown.at().or(event.at);
        }
        if role == Role::Call {
            seen::describe(event, &shown);
        }
        if role == Role::Subagents {
            let call = event.call_id.as_deref();
            let children = subagent::children(weave.family, &weave.task, &shown, sum, call);
            weave.children.extend(children);
        }
        event.attachments = event.attachments.take().or(shown.attachments);
        keep(event, "record", shown.rest.rest().as_ref());
    }

    /// Puts the pieces before `until` into their places.
    fn place_pieces(&mut self, until: usize) {
        self.places.extend((self.placed..until).map(Place::Piece));
        self.placed = self.placed.max(until);
    }

    /// What was typed goes with the message that it was sent in.
    pub(super) fn leave(&mut self, gone: &mut Gone, sent: &Event) {
        let text = sent.text.as_deref().unwrap_or_default();
        let typed = self.places.iter_mut().find_map(|place| match place {
            Place::Own(event) if event.kind == EventType::User => {
                let same = event.text.as_deref().is_some_and(|own| own.trim() == text);
                same.then_some(event)
            }
            _ => None,
        });
        if let Some(typed) = typed.filter(|_| sent.inactive.is_some()) {
            typed.inactive = sent.inactive;
            gone.join(&sent.id, &typed.id);
        }
    }

    /// The reply has ended: what comes now is what tools and the user say to it.
    fn close(&mut self) {
        self.place_pieces(self.pieces.len());
        self.places
            .extend(self.failure.take().map(|event| Place::Own(event.into())));
        if !std::mem::replace(&mut self.closed, true) {
            self.places.push(Place::Answers);
        }
    }

    /// The record of the request itself.
    fn request(&mut self, weave: &mut Weave<'_>, shown: Shown<'_>) -> Fate {
        let mut event = self.spoken(&shown, EventType::System);
        if let Some(mut details) = shown.details() {
            weave.protocol = details.string("apiProtocol");
            let cached = Cached::of(weave.protocol.as_deref(), self.model.as_ref(), shown.ts);
            self.spent = Spent::shown(&mut details, cached).or(self.spent);
            if self.replied {
                // The message before the reply has it all.
                details.ignore(&["request"]);
            }
            if let Some(text) = details.string("request").filter(|text| !text.is_empty()) {
                let mut sent = plain(&shown, EventType::User);
                sent.id.push_str(".sent");
                (sent.text, sent.injected) = (Some(text), true);
                self.places.push(Place::Own(sent.into()));
            }
            if let Some(reason) = details.peek("cancelReason").and_then(string) {
                let mut failure = plain(&shown, EventType::Error);
                failure.id.push_str(".failed");
                let message = details.peek("streamingFailedMessage").and_then(string);
                failure.text = Some(message.unwrap_or(reason).into_owned());
                self.failure = Some(failure);
            }
            event.extra = details.rest();
        }
        keep(&mut event, "record", shown.rest.rest().as_ref());
        self.request = Some(event);
        Fate::Mapped
    }
}
