//! Reading a session within a budget.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use serde::Deserialize;
use serde_json::{Value, json};
use stead_app::export::SessionWriter;
use stead_app::{AppError, OpenOptions};
use stead_usf::{Event, Session};

use super::super::super::{list_options, open};
use super::super::answer::{Keep, MOST, USUAL, Window};
use super::{Desk, arguments, object, read_on};
use crate::cli::GlobalArgs;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::render::{RenderOptions, SessionRenderer};

/// Room for the note that says how to go on.
const NOTE: usize = 400;

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    id: Option<String>,
    from: Option<String>,
    #[serde(default)]
    part: Part,
    #[serde(default)]
    full: bool,
    max_chars: Option<usize>,
}

/// Which part of a session is wanted, if it does not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Part {
    #[default]
    Beginning,
    End,
}

pub(super) fn schema() -> Value {
    object(
        &json!({
            "id": {"type": "string", "description": "The session's id or any beginning of it; without, the newest session"},
            "from": {"type": "string", "description": "Begin at this event"},
            "part": {"type": "string", "enum": ["beginning", "end"], "description": "Which part to show if it does not fit; the beginning if not said"},
            "full": {"type": "boolean", "description": "Outputs, reasoning and injected text whole; where the text says (--full)"},
            "max_chars": {"type": "integer", "minimum": 500, "maximum": MOST, "description": "The most characters of the answer; 12000 if not said"},
        }),
        &[],
    )
}

pub(super) fn show(given: Value, desk: &Desk) -> Result<String, CommandError> {
    let wanted: Wanted = arguments(given, schema)?;
    let context = &desk.context;
    let (app, _) = open(context)?;
    let found = if let Some(id) = &wanted.id {
        app.find(id)?
    } else {
        let newest = app.list(&list_options(&newest(&desk.global), context, Some(1))?)?;
        let session = newest.first();
        let session =
            session.ok_or_else(|| CommandError::failure("there is no session to show"))?;
        app.find(session.id.as_str())?
    };
    let room = wanted.max_chars.unwrap_or(USUAL).clamp(500, MOST) - NOTE;
    let keep = match wanted.part {
        Part::Beginning => Keep::Beginning,
        Part::End => Keep::End,
    };
    let window = Shared::new(room, keep);
    let renderer = SessionRenderer::new(window.clone(), look(context, wanted.full));
    let mut reader = Reader {
        renderer,
        window,
        from: wanted.from.as_deref(),
        seen: wanted.from.is_none(),
        waiting: Vec::new(),
        next: None,
        stops: keep == Keep::Beginning,
    };
    match app.visit(&found, OpenOptions::default(), &mut reader) {
        Err(AppError::Write(error)) if reader.next.is_some() => drop(error),
        other => other?,
    }
    let id = app.short_id(found.id())?;
    reader.told(&id, &wanted)
}

/// The newest session of those that stead was started for.
fn newest(global: &GlobalArgs) -> GlobalArgs {
    GlobalArgs {
        limit: Some(1),
        root: Vec::new(),
        ..global.clone()
    }
}

fn look(context: &Context, full: bool) -> RenderOptions {
    RenderOptions {
        width: context.width,
        colour: false,
        full,
        reasoning: full,
        timezone: context.settings.time_zone.clone(),
        now: context.settings.now,
        all_branches: false,
    }
}

/// Hands events on until the window is full.
struct Reader<'a> {
    renderer: SessionRenderer<Shared>,
    window: Shared,
    /// The event to begin at.
    from: Option<&'a str>,
    seen: bool,
    /// Events that were handed on since something was last written: a call is written
    /// when its result is there.
    waiting: Vec<String>,
    /// Where to go on.
    next: Option<String>,
    stops: bool,
}

impl Reader<'_> {
    /// The text with a word on what was left out.
    fn told(&self, id: &str, wanted: &Wanted) -> Result<String, CommandError> {
        if !self.seen {
            let event = wanted.from.as_deref().unwrap_or_default();
            return Err(
                CommandError::failure(format!("session {id} has no event `{event}`"))
                    .hint("search_sessions names events of the sessions that it finds"),
            );
        }
        let window = self.window.0.borrow();
        let text = window.text();
        if !window.is_over() {
            return Ok(text);
        }
        Ok(match (&self.next, wanted.part) {
            (_, Part::End) => format!("[… what stands before is left out]\n{text}"),
            (Some(next), _) => format!(
                "{text}\n[… goes on: {}, or part=end for how it came out]",
                read_on(id, next)
            ),
            (None, _) => text,
        })
    }
}

impl SessionWriter for Reader<'_> {
    fn begin(&mut self, header: &Session) -> io::Result<()> {
        self.renderer.begin(header)
    }

    fn event(&mut self, event: &Event) -> io::Result<()> {
        self.seen |= self.from == Some(event.id.as_str());
        if !self.seen {
            return Ok(());
        }
        let before = self.window.written();
        self.waiting.push(event.id.clone());
        self.renderer.event(event)?;
        if self.window.written() == before {
            return Ok(());
        }
        if self.stops && self.window.is_over() {
            // An event that alone is too much would be come back to for ever.
            let first = self
                .waiting
                .first()
                .filter(|first| self.from != Some(first.as_str()));
            self.next = Some(first.unwrap_or(&event.id).clone());
            return Err(io::Error::other("the answer is full"));
        }
        self.waiting.clear();
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.renderer.end()?;
        if self.stops && self.window.is_over() {
            self.next = self.waiting.first().cloned();
        }
        Ok(())
    }
}

/// A window that the renderer writes to and the reader looks at.
#[derive(Clone)]
struct Shared(Rc<RefCell<Window>>);

impl Shared {
    fn new(most: usize, keep: Keep) -> Self {
        Self(Rc::new(RefCell::new(Window::new(most, keep))))
    }

    fn written(&self) -> usize {
        self.0.borrow().written
    }

    fn is_over(&self) -> bool {
        self.0.borrow().is_over()
    }
}

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
