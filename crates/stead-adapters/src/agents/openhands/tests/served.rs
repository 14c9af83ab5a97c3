//! Conversations of an agent server, asked through its API as it was recorded.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use stead_testkit::server::{Answer, FakeServer, Question};
use stead_usf::{Session, validate};

use super::testdata;
use crate::agents::openhands::OpenHands;
use crate::{
    Adapter, Checkpoint, Disk, Document, Env, Key, Os, Output, ReadError, Server, Sink, Slot, Unit,
    conformance, load,
};

const KEY: &str = "not-a-real-key";

/// What the server has: conversations, and their events by id.
#[derive(Clone, Default)]
struct Kept {
    conversations: Vec<Value>,
    events: BTreeMap<String, Vec<Value>>,
    /// So many items come at once at most.
    page: usize,
}

impl Kept {
    fn recorded(page: usize) -> Self {
        let api = conformance::unpack(&testdata("server-1.58.0/api"));
        let read = |name: &str| -> Value {
            let json = fs_err::read(api.path().join(name)).unwrap();
            serde_json::from_slice(&json).unwrap()
        };
        let list = |value: &Value| value["items"].as_array().unwrap().clone();
        let conversations = list(&read("search.json"));
        let ids = conversations
            .iter()
            .map(|one| one["id"].as_str().unwrap().to_owned());
        let events = ids.map(|id| (id.clone(), list(&read(&format!("{id}-events.json")))));
        Self {
            events: events.collect(),
            conversations,
            page,
        }
    }

    /// Answers as the real server does.
    fn answer(&self, question: &Question) -> Answer {
        if question.header("x-session-api-key") != Some(KEY) {
            return Answer::Status(401);
        }
        let place = question.place();
        let Some(rest) = place.strip_prefix("/api/conversations/") else {
            return Answer::Status(404);
        };
        match rest.split('/').collect::<Vec<_>>()[..] {
            ["count"] => Answer::Body(self.conversations.len().to_string()),
            ["search"] => self.search(&self.conversations, question, true),
            [id] => match self.conversations.iter().find(|one| one["id"] == id) {
                Some(one) => Answer::Body(one.to_string()),
                None => Answer::Status(404),
            },
            [id, "events", "search"] => match self.events.get(id) {
                Some(events) => self.search(events, question, false),
                None => Answer::Status(404),
            },
            _ => Answer::Status(404),
        }
    }

    fn search(&self, items: &[Value], question: &Question, bare: bool) -> Answer {
        let id = |item: &Value| {
            let id = item["id"].as_str().unwrap().to_owned();
            if bare { id.replace('-', "") } else { id }
        };
        let limit: usize = question.value("limit").unwrap().parse().unwrap();
        let start = match question.value("page_id") {
            None => 0,
            Some(page) => match items.iter().position(|item| id(item) == page) {
                Some(place) => place,
                None => return Answer::Status(400),
            },
        };
        let rest = &items[start..];
        let shown = &rest[..rest.len().min(limit).min(self.page)];
        let next = rest.get(shown.len()).map(id);
        Answer::Body(json!({ "items": shown, "next_page_id": next }).to_string())
    }
}

fn serve(kept: Kept) -> FakeServer {
    FakeServer::new(move |question| kept.answer(question))
}

fn env(server: &FakeServer, key: &str) -> Env {
    let key = Some(Key::new(key));
    Env::empty(Os::Linux).with_server(Server::new("openhands", &server.url, key))
}

/// What discovery finds, and what it complains of.
fn discover(env: &Env) -> (Vec<Unit>, Vec<String>) {
    let (mut units, disk) = (Vec::new(), Disk::default());
    OpenHands
        .discover(env, &disk, &mut |unit| units.push(unit))
        .unwrap();
    units.sort_by_key(Unit::key);
    let failures = disk.take_failures();
    (units, failures.iter().map(ToString::to_string).collect())
}

fn sessions(units: &[Unit]) -> BTreeMap<String, Session> {
    let read = units
        .iter()
        .flat_map(|unit| load(&OpenHands, unit).unwrap().0);
    read.map(|session| (session.native_id.clone(), session))
        .collect()
}

/// A session without what the way of reading it may change: where it was read, and
/// in which order a set was written down.
fn plain(session: &Session) -> Value {
    let mut value = serde_json::to_value(session).unwrap();
    for event in value["events"].as_array_mut().unwrap() {
        event.as_object_mut().unwrap().remove("source");
        if let Some(ids) = event["extra"]["forgotten_event_ids"].as_array_mut() {
            ids.sort_by_key(ToString::to_string);
        }
    }
    value
}

#[test]
fn what_is_served_reads_as_what_is_kept() {
    let home = conformance::unpack(&testdata("server-1.58.0/home"));
    let mut kept = conformance::sessions(&OpenHands, home.path());
    // Subagents' conversations are not served.
    kept.retain(|_, session| session.is_top_level());
    for page in [1, 7, 100] {
        let server = serve(Kept::recorded(page));
        let (units, failures) = discover(&env(&server, KEY));
        assert_eq!(failures, [""; 0]);
        assert_eq!(units.len(), 4);
        assert!(
            units
                .iter()
                .all(|unit| unit.modified_ms > 1_700_000_000_000)
        );
        let mut answered = sessions(&units);
        for (id, session) in &kept {
            let answered = answered.get_mut(id).unwrap();
            assert_eq!(validate(answered), []);
            forget_subagents(answered);
            assert_eq!(plain(answered), plain(session), "page {page}");
        }
    }
}

/// What subagents used is counted where their conversations are not. Taken out, the
/// session is what it is with them.
fn forget_subagents(session: &mut Session) {
    let is_subagents = |event: &stead_usf::Event| event.id.starts_with("request:task:");
    let beside = session.events.iter().filter(|event| is_subagents(event));
    let used = beside
        .filter_map(|event| event.usage)
        .fold((0, 0), |sum, usage| {
            (sum.0 + usage.input.unwrap(), sum.1 + usage.output.unwrap())
        });
    if session.native_id.starts_with("f3c0") {
        assert_eq!(used, (16_985, 53));
        session.events.retain(|event| !is_subagents(event));
        session.usage.input = session.usage.input.map(|input| input - used.0);
        session.usage.output = session.usage.output.map(|output| output - used.1);
    }
}

#[test]
fn the_id_is_that_of_the_files() {
    let server = serve(Kept::recorded(100));
    let (units, _) = discover(&env(&server, KEY));
    let expected = format!(
        "{}/api/conversations/2a9b0b28-325d-4746-b37e-2f702b8b7683",
        server.url
    );
    assert!(units.iter().any(|unit| unit.key() == expected));
    assert!(sessions(&units).contains_key("2a9b0b28325d4746b37e2f702b8b7683"));
}

#[test]
fn only_servers_of_this_agent_are_asked_and_each_once() {
    let server = serve(Kept::recorded(100));
    let other = Server::new("goose", &server.url, None);
    let (units, failures) = discover(&Env::empty(Os::Linux).with_server(other));
    assert_eq!(
        (units.len(), failures.len(), server.asked().len()),
        (0, 0, 0)
    );
    let twice = env(&server, KEY);
    let twice = twice.clone().with_server(twice.servers[0].clone());
    assert_eq!(discover(&twice).0.len(), 4);
}

#[test]
fn a_server_is_a_store() {
    let server = serve(Kept::recorded(100));
    let exists = |env: &Env| -> Vec<bool> {
        let stores = OpenHands.stores(env, &Disk::default()).into_iter();
        stores.map(|store| store.exists).collect()
    };
    assert_eq!(exists(&env(&server, KEY)), [true]);
    assert_eq!(exists(&env(&server, "wrong")), [false]);
    let gone = env(&server, KEY);
    drop(server);
    assert_eq!(exists(&gone), [false]);
}

/// Whatever a server says, what lies on this machine is found, and the server is
/// named.
fn check_failing(server: &FakeServer, key: &str, why: &str) {
    let home = conformance::unpack(&testdata("v0.40.0/home"));
    let mut env = env(server, key);
    env.home = Some(home.path().to_owned());
    let (units, failures) = discover(&env);
    let local = units.iter().filter(|unit| unit.server.is_none());
    assert_eq!(local.count(), 4, "{why}");
    assert_eq!(failures.len(), 1, "{why}: {failures:?}");
    assert!(failures[0].contains(&server.url), "{failures:?}");
    assert!(failures[0].contains(why), "{failures:?} should say {why}");
    assert!(!failures[0].contains(KEY));
}

#[test]
fn a_server_that_fails_is_named_and_hides_nothing() {
    check_failing(&serve(Kept::recorded(100)), "wrong", "401");
    let always = |answer: Answer| FakeServer::new(move |_| answer.clone());
    check_failing(&always(Answer::Status(500)), KEY, "500");
    check_failing(&always(Answer::Silence), KEY, "timeout");
    let page = json!({ "items": [], "next_page_id": null }).to_string();
    check_failing(&always(Answer::Half(page)), KEY, "could not be asked");
    for nonsense in ["", "<html>", "[]", "{\"items\":", "{\"items\":7}", "\u{0}"] {
        check_failing(
            &always(Answer::Body(nonsense.into())),
            KEY,
            "makes no sense",
        );
    }
    let gone = serve(Kept::default());
    let url = gone.url.clone();
    drop(gone);
    let away = Env::empty(Os::Linux).with_server(Server::new("openhands", &url, None));
    assert_eq!(discover(&away).1.len(), 1);
}

#[test]
fn of_several_servers_each_that_fails_is_named() {
    let (good, bad) = (
        serve(Kept::recorded(100)),
        FakeServer::new(|_| Answer::Status(503)),
    );
    let worse = FakeServer::new(|_| Answer::Status(403));
    let mut all = env(&bad, KEY);
    for server in [&good, &worse] {
        all = all.with_server(env(server, KEY).servers[0].clone());
    }
    let (units, failures) = discover(&all);
    assert_eq!((units.len(), failures.len()), (4, 2));
}

#[test]
fn pages_that_never_end_come_to_an_end() {
    let item = Kept::recorded(1).conversations.remove(0);
    let same = json!({ "items": [item], "next_page_id": "again" }).to_string();
    let round = FakeServer::new(move |_| Answer::Body(same.clone()));
    let (units, failures) = discover(&env(&round, KEY));
    assert!(!units.is_empty());
    assert!(
        failures[0].contains("do not come to an end"),
        "{failures:?}"
    );
    let count = Mutex::new(0);
    let empty = FakeServer::new(move |_| {
        let mut count = count.lock().unwrap();
        *count += 1;
        Answer::Body(json!({ "items": [], "next_page_id": format!("p{count}") }).to_string())
    });
    assert_eq!(discover(&env(&empty, KEY)).1.len(), 1);
    assert!(empty.asked().len() < 5);
}

#[test]
fn a_list_that_goes_on_and_on_is_left_in_time() {
    let kept = Kept::recorded(1).conversations.remove(0);
    let count = Mutex::new(0);
    let server = FakeServer::new(move |_| {
        let mut count = count.lock().unwrap();
        *count += 1;
        let mut one = kept.clone();
        one["id"] = json!(format!("2a9b0b28-325d-4746-b37e-{count:012}"));
        Answer::Body(json!({ "items": [one], "next_page_id": format!("p{count}") }).to_string())
    });
    let env = env(&server, KEY);
    let (units, failures) = discover(&env);
    assert!(!units.is_empty());
    assert!(failures[0].contains("had not said all"), "{failures:?}");
    // What is not read now is read when the server is asked again.
    let error = load(&OpenHands, &units[0]).unwrap_err();
    assert!(matches!(error, ReadError::Server { .. }), "{error}");
}

#[test]
fn ids_that_are_none_lead_nowhere() {
    let mut kept = Kept::recorded(100);
    let one = kept.conversations.remove(0);
    let with = |id| {
        let mut one = one.clone();
        one["id"] = json!(id);
        one
    };
    let ids = [
        "../../../etc/passwd",
        "",
        "a b",
        "?x=1",
        "1",
        "..",
        "%2e%2e",
    ];
    kept.conversations = ids.map(with).to_vec();
    let server = serve(kept);
    let (units, failures) = discover(&env(&server, KEY));
    assert_eq!((units.len(), failures.len()), (0, 0));
}

#[test]
fn a_conversation_that_cannot_be_read_is_an_error_that_may_pass() {
    let answers = [
        Answer::Status(500),
        Answer::Silence,
        Answer::Half("{\"items\":[],\"next_page_id\":null}".into()),
        Answer::Body("{\"items\":[{\"id\":\"a\"}],\"next_page_id\":\"a\"}".into()),
        Answer::Body("null".into()),
    ];
    for answer in answers {
        let kept = Kept::recorded(100);
        let failing = answer.clone();
        let server = FakeServer::new(move |question| {
            if question.place().ends_with("/events/search") {
                failing.clone()
            } else {
                kept.answer(question)
            }
        });
        let (units, _) = discover(&env(&server, KEY));
        let error = load(&OpenHands, &units[0]).unwrap_err();
        assert!(
            matches!(error, ReadError::Server { .. }),
            "{answer:?}: {error}"
        );
    }
    // Deleted since it was found.
    let server = serve(Kept::recorded(100));
    let (units, _) = discover(&env(&server, KEY));
    drop(server);
    let error = load(&OpenHands, &units[0]).unwrap_err();
    assert!(error.to_string().contains("/api/conversations/"), "{error}");
}

#[test]
fn events_that_make_no_sense_cost_only_themselves() {
    let mut kept = Kept::recorded(100);
    for events in kept.events.values_mut() {
        for (event, nonsense) in
            events
                .iter_mut()
                .zip([json!(null), json!(7), json!("x"), json!({})])
        {
            *event = nonsense;
        }
    }
    // Their server cannot page by ids that are not there.
    let server = FakeServer::new(move |question| kept.answer(question));
    let (units, _) = discover(&env(&server, KEY));
    for session in sessions(&units).values() {
        assert_eq!(validate(session), []);
        assert!(session.events.len() > 3);
        assert!(session.issues.len() >= 3, "{:?}", session.issues);
    }
}

#[test]
fn a_conversation_that_grows_is_asked_for_what_is_new() {
    let whole = Kept::recorded(5);
    let id = "2a9b0b28-325d-4746-b37e-2f702b8b7683";
    let shared = Arc::new(Mutex::new(whole.clone()));
    // Before the second prompt all that was used had been told.
    let count = 21;
    shared
        .lock()
        .unwrap()
        .events
        .get_mut(id)
        .unwrap()
        .truncate(count);
    let so_far: Vec<Value> = shared.lock().unwrap().events[id]
        .iter()
        .filter_map(|event| event.get("llm_response_id").cloned())
        .collect();
    let mut locked = shared.lock().unwrap();
    let stats = locked
        .conversations
        .iter_mut()
        .find(|one| one["id"] == id)
        .unwrap();
    let usages = &mut stats["stats"]["usage_to_metrics"]["agent"]["token_usages"];
    usages.as_array_mut().unwrap().truncate(so_far.len() + 1);
    drop(locked);

    let serving = shared.clone();
    let server = FakeServer::new(move |question| serving.lock().unwrap().answer(question));
    let find = |units: Vec<Unit>| {
        units
            .into_iter()
            .find(|unit| unit.key().ends_with(id))
            .unwrap()
    };
    let before = find(discover(&env(&server, KEY)).0);
    let (earlier, _, checkpoint) = load(&OpenHands, &before).unwrap();
    let last = whole.events[id][count - 1]["id"]
        .as_str()
        .map(str::to_owned);

    *shared.lock().unwrap() = whole;
    let after = find(discover(&env(&server, KEY)).0);
    assert_ne!(before.stamp, after.stamp);
    server.asked();
    let json = serde_json::to_string(&checkpoint).unwrap();
    let since: Checkpoint = serde_json::from_str(&json).unwrap();
    let mut document = Document::with_earlier(earlier);
    let mut output = Output::new(&mut document);
    OpenHands.read(&after, Some(&since), &mut output).unwrap();
    output.end_all();
    let asked = server.asked();
    let at_once = load(&OpenHands, &after).unwrap().0;
    assert_eq!(document.sessions, at_once);
    // The conversation, then from the last known event on, five at a time.
    assert_eq!(asked.len(), 1 + 3, "{asked:?}");
    assert_eq!(asked[1].value("page_id"), last.as_deref());
}

#[test]
fn a_conversation_that_was_changed_is_read_anew() {
    let shared = Arc::new(Mutex::new(Kept::recorded(50)));
    let serving = shared.clone();
    let server = FakeServer::new(move |question| serving.lock().unwrap().answer(question));
    let (units, _) = discover(&env(&server, KEY));
    for unit in &units {
        let (_, _, checkpoint) = load(&OpenHands, unit).unwrap();
        for events in shared.lock().unwrap().events.values_mut() {
            events.pop();
        }
        let mut document = Document::default();
        let mut output = Output::new(&mut document);
        let read = OpenHands.read(unit, Some(&checkpoint), &mut output);
        assert!(matches!(read, Err(ReadError::Rewritten { .. })), "{read:?}");
    }
}

/// The bytes that the archive gets.
#[derive(Default)]
struct Raw(BTreeMap<String, Vec<u8>>);

impl Sink for Raw {
    fn event(&mut self, _: Slot, _: stead_usf::Event) {}
    fn end(&mut self, _: Slot, _: Session) {}
    fn raw(&mut self, name: &str, offset: u64, bytes: &[u8]) {
        let file = self.0.entry(name.to_owned()).or_default();
        file.truncate(usize::try_from(offset).unwrap());
        file.extend_from_slice(bytes);
    }
}

#[test]
fn what_was_served_is_read_again_from_the_archive() {
    let server = serve(Kept::recorded(7));
    let (units, _) = discover(&env(&server, KEY));
    let before = sessions(&units);
    let restored = tempfile::tempdir().unwrap();
    let inside = |name: &str| {
        let parts = Path::new(name).components().filter_map(|part| match part {
            std::path::Component::Normal(part) => Some(part),
            _ => None,
        });
        restored.path().join(parts.collect::<std::path::PathBuf>())
    };
    let mut archived = Env::empty(Os::Linux);
    for unit in &units {
        let mut raw = Raw::default();
        OpenHands
            .read(unit, None, &mut Output::new(&mut raw))
            .unwrap();
        for (name, bytes) in raw.0 {
            let path = inside(&name);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, bytes).unwrap();
        }
        let above = inside(&unit.key());
        let above = above.ancestors().skip(1).map(Path::to_owned);
        archived
            .roots
            .extend(above.take_while(|path| path.starts_with(restored.path())));
    }
    drop(server);
    let (copies, failures) = discover(&archived);
    assert_eq!((copies.len(), failures.len()), (4, 0));
    for unit in &units {
        assert!(copies.iter().any(|copy| copy.path == inside(&unit.key())));
    }
    let copies = sessions(&copies);
    for (id, session) in &before {
        assert_eq!(plain(&copies[id]), plain(session));
    }
}
