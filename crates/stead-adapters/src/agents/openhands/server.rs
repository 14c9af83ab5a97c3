//! Conversations that an agent server keeps. It is asked page by page, and what it
//! says goes to the archive as the files that it keeps itself.

use std::collections::VecDeque;
use std::path::Path;

use rustc_hash::FxHashSet;

use super::ID;
use super::content::time_of;
use super::file::Document;
use super::v1::{FACTS, Log, Mark, is_id, native_id};
use crate::container::http::{Client, DISCOVERY, HttpError, READING};
use crate::container::json::{Object, Values, string};
use crate::ids::digest;
use crate::{Disk, Env, Output, ReadError, Server, Store, Unit};

/// The header that a server wants its key in.
const HEADER: &str = "X-Session-API-Key";
/// What the server itself takes its key from.
pub(super) const KEY_VARIABLES: [&str; 2] = ["OH_SESSION_API_KEYS_0", "SESSION_API_KEY"];
const CONVERSATIONS: &str = "/api/conversations";
/// So much is asked for at once: conversations come with their statistics, events
/// with pictures.
const LIMIT: usize = 50;

/// The servers that the user has named.
fn servers(env: &Env) -> impl Iterator<Item = &Server> {
    env.servers
        .iter()
        .filter(|server| server.agent == ID.as_str())
}

/// Every server; it is there if it says how many conversations it has.
pub(super) fn stores(env: &Env, disk: &Disk) -> Vec<Store> {
    let store = |server: &Server| {
        disk.server();
        let client = Client::new(server, HEADER, DISCOVERY);
        let answer = client.get(&format!("{CONVERSATIONS}/count"));
        Store {
            path: server.url.clone().into(),
            exists: answer.is_ok(),
        }
    };
    servers(env).map(store).collect()
}

/// Finds the conversations of all servers. One that cannot be asked hides nothing
/// of the others.
pub(super) fn discover(env: &Env, disk: &Disk, found: &mut dyn FnMut(Unit)) {
    let mut seen = FxHashSet::default();
    for server in servers(env).filter(|server| seen.insert(&server.url)) {
        disk.server();
        let client = Client::new(server, HEADER, DISCOVERY);
        if let Err(error) = list(server, &client, found) {
            disk.server_failed(client.not_discovered(error));
        }
    }
}

fn list(
    server: &Server,
    client: &Client<'_>,
    found: &mut dyn FnMut(Unit),
) -> Result<(), HttpError> {
    let mut pages = Pages::new(format!("{CONVERSATIONS}/search"));
    while let Some(body) = pages.next(client)? {
        let page = Page::of(&body)?;
        for item in &page.items {
            let facts = Object::of(item);
            let Some(mut facts) = facts else { continue };
            // An id becomes part of addresses and of paths.
            let Some(id) = facts.text("id").filter(|id| is_id(id)) else {
                continue;
            };
            let path = format!("{CONVERSATIONS}/{id}");
            let mut unit = Unit::of_server(ID, server, &path, item.get());
            let updated = facts.text("updated_at");
            let updated = updated.and_then(|updated| time_of(&updated));
            unit.modified_ms = updated.map_or(0, stead_usf::Time::as_millis);
            found(unit);
        }
        pages.turn(&page)?;
    }
    Ok(())
}

/// Pages of a search, one after the other.
struct Pages {
    path: String,
    next: Option<String>,
    is_over: bool,
    /// What pages began with, to notice when they go round.
    seen: FxHashSet<u64>,
}

impl Pages {
    fn new(path: String) -> Self {
        Self {
            path,
            next: None,
            is_over: false,
            seen: FxHashSet::default(),
        }
    }

    /// The next page; `None` behind the last.
    fn next(&self, client: &Client<'_>) -> Result<Option<Vec<u8>>, HttpError> {
        if self.is_over {
            return Ok(None);
        }
        let mut path = format!("{}?limit={LIMIT}", self.path);
        if let Some(page) = &self.next {
            path.push_str("&page_id=");
            escape(page, &mut path);
        }
        client.get(&path).map(Some)
    }

    /// Turns the page. Each must begin with something new, so there is an end.
    fn turn(&mut self, page: &Page<'_>) -> Result<(), HttpError> {
        self.is_over = page.next.is_none();
        self.next.clone_from(&page.next);
        let first = page.items.first().map(|item| digest(item.get()));
        let is_new = first.is_some_and(|first| self.seen.insert(first));
        if self.is_over || is_new {
            Ok(())
        } else {
            Err(HttpError::Odd("its pages do not come to an end".into()))
        }
    }
}

/// One page of a search.
struct Page<'a> {
    items: Values<'a>,
    next: Option<String>,
}

impl<'a> Page<'a> {
    fn of(body: &'a [u8]) -> Result<Self, HttpError> {
        let odd = |what: String| HttpError::Odd(what);
        let text = std::str::from_utf8(body).map_err(|error| odd(error.to_string()))?;
        let mut page = Object::parse(text).map_err(|error| odd(error.to_string()))?;
        let items = page.values("items");
        Ok(Self {
            items: items.ok_or_else(|| odd("a page without items".into()))?,
            next: page.string("next_page_id").filter(|next| !next.is_empty()),
        })
    }
}

/// Writes a value into an address.
fn escape(value: &str, address: &mut String) {
    use std::fmt::Write as _;
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            address.push(char::from(byte));
        } else {
            let _ = write!(address, "%{byte:02X}");
        }
    }
}

/// The log of a conversation on a server.
pub(super) struct Remote<'u> {
    client: Client<'u>,
    /// Its path there, and its whole address.
    path: String,
    address: String,
    id: String,
    pages: Pages,
    page: VecDeque<String>,
    mark: Mark,
}

impl<'u> Remote<'u> {
    pub(super) fn new(server: &'u Server, unit: &Path) -> Self {
        let address = unit.to_string_lossy().into_owned();
        let path = address
            .strip_prefix(&server.url)
            .unwrap_or(&address)
            .to_owned();
        let id = path.rsplit('/').next().unwrap_or_default();
        Self {
            client: Client::new(server, HEADER, READING),
            id: native_id(id),
            pages: Pages::new(format!("{path}/events/search")),
            path,
            address,
            page: VecDeque::new(),
            mark: Mark::default(),
        }
    }

    fn failed(&self, error: HttpError) -> ReadError {
        self.client.not_read(&self.path, error)
    }

    /// Gets the next page; `false` behind the last.
    fn turn(&mut self) -> Result<bool, HttpError> {
        let Some(body) = self.pages.next(&self.client)? else {
            return Ok(false);
        };
        let page = Page::of(&body)?;
        self.pages.turn(&page)?;
        self.page
            .extend(page.items.iter().map(|item| item.get().to_owned()));
        Ok(true)
    }

    /// Passes a document on for the archive, as the file that it is elsewhere.
    fn archived(&self, file: &str, text: &str, output: &mut Output<'_>) -> Document {
        let name = format!("{}/{file}", self.address);
        output.raw(&name, 0, text.as_bytes());
        Document::new(&name, text.to_owned())
    }
}

impl Log for Remote<'_> {
    fn id(&self) -> &str {
        &self.id
    }

    fn facts(&mut self, output: &mut Output<'_>) -> Result<Vec<Document>, ReadError> {
        let body = self.client.get(&self.path);
        let body = body.map_err(|error| self.failed(error))?;
        let text = String::from_utf8_lossy(&body);
        // It is all in one: what is two files elsewhere.
        if Object::parse(&text).is_err() {
            let odd = HttpError::Odd("a conversation that is no object".into());
            return Err(self.failed(odd));
        }
        Ok(vec![self.archived(FACTS[0], &text, output)])
    }

    fn next(&mut self, output: &mut Output<'_>) -> Result<Option<Document>, ReadError> {
        while self.page.is_empty() {
            let turned = self.turn();
            if !turned.map_err(|error| self.failed(error))? {
                return Ok(None);
            }
        }
        let Some(event) = self.page.pop_front() else {
            return Ok(None);
        };
        let id = id_of(&event);
        let name = format!("events/event-{:05}-{}.json", self.mark.events, in_name(&id));
        self.mark.events += 1;
        self.mark.last = id;
        Ok(Some(self.archived(&name, &event, output)))
    }

    fn skip(&mut self, mark: &Mark) -> Result<bool, ReadError> {
        if mark.last.is_empty() {
            return Ok(false);
        }
        // A page's id is that of its first event.
        self.pages.next = Some(mark.last.clone());
        match self.turn() {
            // It does not know the event any more.
            Err(HttpError::Refused(status)) if status.is_client_error() => return Ok(false),
            turned => turned.map_err(|error| self.failed(error))?,
        };
        let first = self.page.pop_front();
        self.mark.clone_from(mark);
        Ok(first.is_some_and(|first| id_of(&first) == mark.last))
    }

    fn mark(&self) -> Mark {
        self.mark.clone()
    }

    fn events_of(&self, _: &str) -> Option<FxHashSet<u64>> {
        None
    }

    fn subagents(&self) -> Vec<Box<dyn Log>> {
        Vec::new()
    }
}

fn id_of(event: &str) -> String {
    let event = Object::parse(event).unwrap_or_default();
    let id = event.peek("id").and_then(string);
    id.unwrap_or_default().into_owned()
}

/// An id as part of a file's name.
fn in_name(id: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    id.chars().map(safe).take(64).collect()
}
