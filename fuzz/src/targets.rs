//! The bodies of the fuzz targets: each takes any bytes and panics if a promise
//! is broken. libFuzzer's binaries and `cargo xtask fuzz` share this file.

use std::fs;
use std::path::Path;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use stead_adapters::container::json::Object;
use stead_adapters::container::jsonl::{self, Records};
use stead_adapters::{Container, Fate, Output, ReadError, Sink, Slot, Tally, Unit};
use stead_agent::context::{map as maps, text_tokens};
use stead_agent::permission::command::{LONGEST, Line, take_apart};
use stead_agent::permission::{
    Answers, Call, Decision, Kind as Owner, Places, Policy, Source as Rules,
};
use stead_llm::{Assembly, Origin, SseReader, Wire};
use stead_redact::{Redactor, terminal};
use stead_usf::{Event, Issue, Session, Source};

/// A target's name and body.
pub type Target = (&'static str, fn(&[u8]));

/// Every target, by name.
pub const TARGETS: &[Target] = &[
    ("jsonl", jsonl),
    ("json_object", json_object),
    ("usf", usf),
    ("query", query),
    ("terminal", terminal),
    ("redact", redact),
    ("adapter", adapter),
    ("notes", notes),
    ("edits", edits),
    ("ledger", ledger),
    ("sse", sse),
    ("answer", answer),
    ("exchange", exchange),
    ("policy", policy),
    ("command", command),
    ("map", map),
];

/// Framing of JSON Lines: every record has one fate and lies within the file,
/// and reading in two steps gives what reading at once gives.
pub fn jsonl(data: &[u8]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("file.jsonl");
    let cut = data
        .first()
        .map_or(0, |place| usize::from(*place))
        .min(data.len());
    fs::write(&path, &data[..cut]).expect("written");
    let mut notes = Notes::default();
    let first = notes.read(&path, None);
    fs::write(&path, data).expect("written");
    notes.read(&path, Some(&first.position));
    let mut at_once = Notes::default();
    at_once.read(&path, None);
    // Bytes that are no UTF-8 are reported before the records of their line.
    notes.lines.sort();
    at_once.lines.sort();
    assert_eq!(notes.lines, at_once.lines, "cut at {cut}");
    for [start, end] in at_once.places {
        assert!(start <= end && end <= data.len() as u64, "{start}..{end}");
    }
}

/// Writes down what a file holds.
#[derive(Default)]
struct Notes {
    lines: Vec<String>,
    places: Vec<[u64; 2]>,
}

impl Notes {
    fn read(&mut self, path: &Path, since: Option<&stead_adapters::Position>) -> jsonl::End {
        let mut sink = Nothing;
        let mut output = Output::new(&mut sink);
        let end = jsonl::read(path, since, &mut output, self).expect("an ordinary file");
        adds_up(&output.tally);
        end
    }
}

impl Records for Notes {
    fn record(&mut self, _: &mut Output<'_>, object: Object<'_>, source: Source) -> Fate {
        let names: Vec<_> = object.names().collect();
        self.lines.push(format!("{:?} {names:?}", source.line));
        self.places.extend(source.bytes);
        Fate::Mapped
    }

    fn damaged(&mut self, _: &mut Output<'_>, issue: Issue) {
        let source = issue.source.expect("issues of records have a place");
        self.lines.push(format!("{:?} {}", source.line, issue.code));
    }
}

struct Nothing;

impl Sink for Nothing {
    fn event(&mut self, _: Slot, _: Event) {}
    fn end(&mut self, _: Slot, _: Session) {}
}

fn adds_up(tally: &Tally) {
    let ignored: u64 = tally.ignored.values().sum();
    assert_eq!(
        tally.records,
        tally.mapped + ignored + tally.reported,
        "{tally:?}"
    );
}

/// Taking JSON objects apart: what nobody takes is all there at the end.
pub fn json_object(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(object) = Object::parse(text) else {
        return;
    };
    let whole = serde_json::from_str::<serde_json::Value>(text);
    let names: Vec<String> = object.names().map(str::to_owned).collect();
    match (object.rest(), whole) {
        (Some(rest), Ok(whole)) => {
            assert_eq!(rest.to::<serde_json::Value>().expect("still JSON"), whole);
        }
        (None, whole) => assert!(names.is_empty() || whole.is_err(), "{names:?} lost"),
        (Some(_), Err(_)) => {}
    }
    let mut object = Object::parse(text).expect("it was an object");
    for name in &names {
        // Each getter, whatever the field's type; the first that fits takes it.
        let _ = object.text(name);
        let _ = object.u64(name);
        let _ = object.i64(name);
        let _ = object.f64(name);
        let _ = object.bool(name);
        let _ = object.object(name);
        let _ = object.values(name);
        let _ = object.raw(name);
    }
    object.ignore(&names.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(object.is_empty());
}

/// Both forms of USF carry the same session.
pub fn usf(data: &[u8]) {
    let Ok(mut session) = stead_usf::read_document(data) else {
        return;
    };
    stead_usf::validate(&session);
    let events = std::mem::take(&mut session.events);
    let mut lines = Vec::new();
    stead_usf::write_line(&mut lines, &session).expect("memory takes everything");
    for event in &events {
        stead_usf::write_line(&mut lines, event).expect("memory takes everything");
    }
    let (header, read) = stead_usf::read_lines(lines.as_slice()).expect("the header reads back");
    let read: Vec<Event> = read.map(|event| event.expect("events read back")).collect();
    // Numbers may change their last digit, so the JSON of both is compared.
    assert_eq!(header.id, session.id);
    assert_eq!(read.len(), events.len());
    for (read, event) in read.iter().zip(&events) {
        assert_eq!(
            (&read.id, &read.text, &read.input),
            (&event.id, &event.text, &event.input)
        );
    }
}

/// A query is read or refused, and what is read prints as the same query.
pub fn query(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let now = Timestamp::UNIX_EPOCH;
    match stead_index::query::parse(&text, now, &TimeZone::UTC) {
        Ok(query) => {
            let printed = query.to_string();
            // Printing spells out what was short; only the limit may refuse it.
            if printed.len() <= stead_index::query::MAX_QUERY_BYTES {
                let again = stead_index::query::parse(&printed, now, &TimeZone::UTC)
                    .unwrap_or_else(|error| panic!("{}", error.render(&printed)));
                assert_eq!(again.to_string(), printed);
            }
        }
        Err(error) => {
            assert!(
                text.get(error.span.start..error.span.end).is_some(),
                "{error:?}"
            );
            let _ = error.render(&text);
        }
    }
}

/// Nothing that a terminal acts on stays, and a second time changes nothing.
pub fn terminal(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let safe = terminal::escape(&text);
    let harmful = |c: &char| c.is_control() && *c != '\n' && *c != '\t';
    assert_eq!(safe.chars().find(harmful), None);
    assert_eq!(terminal::escape(&safe), safe);
}

/// Findings lie in the text and in order, and a second time changes nothing.
pub fn redact(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let redactor = Redactor::default_rules();
    let mut last = 0;
    for finding in redactor.find(&text) {
        assert!(finding.range.start >= last && text.get(finding.range.clone()).is_some());
        last = finding.range.end;
    }
    let masked = redactor.mask(&text);
    assert_eq!(redactor.mask(&masked), masked);
}

/// Every adapter reads any file: the first byte picks the adapter, the second
/// the file's encoding, and the rest is the file.
pub fn adapter(data: &[u8]) {
    let [adapter, container, content @ ..] = data else {
        return;
    };
    let adapters = stead_adapters::adapters();
    let adapter = adapters[usize::from(*adapter) % adapters.len()];
    let containers = adapter.info().containers;
    let name = match containers[usize::from(*container) % containers.len()] {
        Container::JsonLines => "session.jsonl",
        Container::Json => "session.json",
        Container::Sqlite => "session.db",
        Container::Markdown => "session.md",
        Container::Http => return,
    };
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join(name);
    fs::write(&path, content).expect("written");
    let metadata = fs::metadata(&path).expect("it was just written");
    let unit = Unit::of_file(adapter.info().id.clone(), path.clone(), &(&metadata).into());
    match stead_adapters::load(adapter, &unit) {
        Ok((sessions, tally, _)) => {
            adds_up(&tally);
            for session in &sessions {
                let violations = stead_usf::validate(session);
                assert!(violations.is_empty(), "{}: {violations:?}", session.id);
            }
        }
        Err(ReadError::Io { .. } | ReadError::Database { .. } | ReadError::Unstable { .. }) => {}
        Err(error) => panic!("a first reading cannot end with: {error}"),
    }
    let _ = adapter.scan_usage(&unit, &mut |_| ());
    assert_eq!(
        fs::read(&path).expect("still there"),
        content,
        "the store was changed"
    );
    let files = fs::read_dir(folder.path()).expect("listed").count();
    assert_eq!(files, 1, "a file was left beside the store");
}

/// Notes of other tools: what is read is written so that it is read again as the
/// same, and saying who wrote a line bears any number.
pub fn notes(data: &[u8]) {
    use stead_trace::notes::{LineNumbers, Log, Record};
    if let Ok(log) = Log::parse(data) {
        // What no path of a log can be is written by others only.
        let odd = |path: &str| path.contains('"') || path == "---" || path.trim() != path;
        if !log.files.iter().any(|(path, _)| odd(path)) {
            let again = Log::parse(log.to_string().as_bytes()).expect("it was written by us");
            assert_eq!((again.files, again.about), (log.files, log.about));
        }
    }
    let (records, _) = Record::parse_all(data);
    for record in records {
        let json = serde_json::to_vec(&record).expect("it holds nothing but JSON");
        let (again, bad) = Record::parse_all(&json);
        assert_eq!((again.as_slice(), bad), ([record].as_slice(), 0));
    }
    if let Some(lines) = std::str::from_utf8(data).ok().and_then(LineNumbers::parse) {
        assert_eq!(LineNumbers::parse(&lines.to_string()), Some(lines));
    }
}

/// Changes as models write them, for a file that is the part before the first zero:
/// no form is too odd, and what is planned for a text is a text.
pub fn edits(data: &[u8]) {
    struct One<'a>(&'a [u8]);
    impl stead_edit::Tree for One<'_> {
        fn read(&self, path: &str) -> Result<Option<Vec<u8>>, stead_edit::EditError> {
            Ok((path == "f").then(|| self.0.to_vec()))
        }
    }
    let at = data.iter().position(|byte| *byte == 0).unwrap_or(0);
    let (file, form) = data.split_at(at);
    let form = String::from_utf8_lossy(form.get(1..).unwrap_or_default());
    let forms = [
        stead_edit::parse_any,
        stead_edit::parse_patch,
        stead_edit::parse_blocks,
        stead_edit::parse_unified,
    ];
    for changes in forms.iter().filter_map(|read| read(&form).ok()) {
        let (plan, _) = stead_edit::plan_each(&changes, &One(file));
        for planned in plan.files {
            let after = planned.after.unwrap_or_default();
            let was_text = std::str::from_utf8(file).is_ok();
            assert!(!was_text || std::str::from_utf8(&after).is_ok());
        }
    }
}

/// Notes, keys, proofs and seals: what is read is written as it was. A log's records of any bytes
/// are refused or gone on with, and then nothing of what was whole is lost.
pub fn ledger(data: &[u8]) {
    use stead_ledger::{
        Checkpoint, Durability, Log, Note, Proof, Seal, Signer, VerifierKey, verify,
    };
    if let Ok(note) = Note::parse(data) {
        assert_eq!(note.to_string().as_bytes(), data);
        if let Ok(checkpoint) = Checkpoint::of(&note) {
            assert_eq!(checkpoint.to_string(), note.text());
        }
    }
    if let Ok(text) = std::str::from_utf8(data) {
        if let Ok(proof) = text.parse::<Proof>() {
            assert_eq!(proof.to_string(), text);
        }
        if let Ok(key) = text.parse::<VerifierKey>() {
            assert_eq!(key.to_string(), text.trim_end());
        }
    }
    if let Ok(seal) = Seal::parse(data) {
        let record = seal.record().expect("it was one");
        assert_eq!(Seal::parse(&record).expect("it was one"), seal);
    }
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (records, signer) = (folder.path().join("records"), Signer::new("log", [1; 32]));
    let signer = signer.expect("a good name");
    let open = || {
        Log::open(
            folder.path(),
            "records",
            signer.clone(),
            Durability::Process,
        )
    };
    let (mut log, _) = open().expect("a new log");
    log.append(&["signed"]).expect("appended");
    drop(log);
    fs::write(&records, data).expect("written");
    let keys = [signer.verifier()];
    let verdict = verify(folder.path(), "records", "log", &keys, &[]).expect("read");
    if let Ok((_, opened)) = open() {
        assert!(data.starts_with(b"signed\n"));
        let kept = fs::read(&records).expect("read");
        assert!(data.starts_with(&kept) && kept.len() as u64 + opened.torn == data.len() as u64);
        assert_eq!(verdict.finding.is_none(), data == b"signed\n");
    } else {
        assert!(verdict.finding.is_some() && !data.starts_with(b"signed\n"));
        assert_eq!(fs::read(&records).expect("read"), data);
    }
}

/// Server-sent events: where the bytes are cut makes no difference.
pub fn sse(data: &[u8]) {
    let events = |pieces: &[&[u8]]| {
        let mut reader = SseReader::default();
        let mut events = Vec::new();
        for piece in pieces {
            events.extend(reader.push(piece).expect("it is small"));
        }
        events.extend(reader.end());
        events
    };
    let cut = data
        .first()
        .map_or(0, |place| usize::from(*place) % data.len());
    let (one, two) = data.split_at(cut);
    assert_eq!(events(&[data]), events(&[one, two]), "cut at {cut}");
    let single: Vec<&[u8]> = data.chunks(1).collect();
    assert_eq!(events(&[data]), events(&single));
}

/// Answers of models: the first byte picks the wire format, the second where the stream
/// is cut. Any bytes are read or refused, the same wherever they are cut.
pub fn answer(data: &[u8]) {
    let [wire, cut, body @ ..] = data else {
        return;
    };
    let wires: Vec<Wire> = Wire::all().collect();
    let wire = wires[usize::from(*wire) % wires.len()];
    let origin = Origin {
        wire,
        provider: "fuzz".into(),
    };
    let (one, two) = body.split_at(usize::from(*cut).min(body.len()));
    let at_once = stead_llm::provider::decode::stream(wire, &[body]);
    let in_two = stead_llm::provider::decode::stream(wire, &[one, two]);
    assert_eq!(at_once, in_two);
    let whole = stead_llm::provider::decode::whole(wire, body);
    for deltas in [at_once.map(|(deltas, _)| deltas), whole]
        .into_iter()
        .flatten()
    {
        let mut assembly = Assembly::default();
        for delta in &deltas {
            assembly.add(delta);
        }
        let response = assembly.response(&origin);
        let json = serde_json::to_vec(&response).expect("it is data");
        let again: stead_llm::Response =
            serde_json::from_slice(&json).expect("it was written by us");
        assert_eq!(again.parts.len(), response.parts.len());
    }
}

/// Records of traffic: what is read is written so that it is read again as the same.
pub fn exchange(data: &[u8]) {
    let Ok(lines) = std::str::from_utf8(data) else {
        return;
    };
    for text in lines.lines() {
        let Ok(line) = serde_json::from_str::<stead_llm::traffic::Line>(text) else {
            continue;
        };
        let json = serde_json::to_string(&line).expect("it is data");
        let again: stead_llm::traffic::Line =
            serde_json::from_str(&json).expect("it was written by us");
        assert_eq!(again, line);
    }
    let _ = stead_llm::traffic::Exchange::read(data);
}

/// The pieces of an input, which zero bytes keep apart, as text.
fn pieces(data: &[u8]) -> Vec<String> {
    let pieces = data.split(|byte| *byte == 0);
    pieces
        .map(|piece| String::from_utf8_lossy(piece).into_owned())
        .collect()
}

fn rules(user: &str, project: &str) -> Option<Policy> {
    let places = Places {
        workspace: "/w/project".to_owned(),
        home: Some("/home/u".to_owned()),
    };
    let source = |name, kind, text| Rules { name, kind, text };
    let sources = [
        source("user", Owner::User, user),
        source("project", Owner::Project, project),
    ];
    Policy::read(places, &sources).ok()
}

/// Policies: the user's text, a project's text, a command line, a path. What cannot be read
/// is refused; no project and no further denial allows more.
pub fn policy(data: &[u8]) {
    let pieces = pieces(data);
    let piece = |at: usize| pieces.get(at).map_or("", String::as_str);
    let (user, project) = (piece(0), piece(1));
    let call = Call {
        tool: "shell".to_owned(),
        command: Some(piece(2).to_owned()),
        writes: vec![piece(3).to_owned()],
        ..Call::default()
    };
    let decision = |user: &str, project: &str| {
        let policy = rules(user, project)?;
        let _ = policy.privacy().named_in(&call);
        Some(policy.judge(&call, &Answers::default()).decision)
    };
    let Some(alone) = decision(user, "") else {
        return;
    };
    if let Some(with_project) = decision(user, project).filter(|_| !user.contains("trust")) {
        assert!(with_project >= alone, "a project allows more");
    }
    let denied = format!("{user}\n[[rule]]\ndecision = \"deny\"\n");
    if let Some(denied) = decision(&denied, "").filter(|_| !user.contains("private")) {
        assert_eq!(denied, Decision::Deny, "what is denied is allowed");
    }
}

/// Command lines: plain words are commands, and a line after another takes no command away
/// from what both run.
pub fn command(data: &[u8]) {
    let pieces = pieces(data);
    let lines: Vec<Line> = pieces.iter().map(|piece| take_apart(piece)).collect();
    for (piece, line) in pieces.iter().zip(&lines) {
        assert!(piece.len() <= LONGEST || !line.unclear.is_empty());
        assert!(line.unclear.is_sorted(), "{:?}", line.unclear);
        // Plain words run what they say, or are said to be unclear (`if`).
        let is_plain = |c: char| c.is_ascii_lowercase() || c == ' ';
        if piece.contains(|c: char| c != ' ') && piece.chars().all(is_plain) {
            let went = !line.folders.is_empty();
            assert!(went || !line.commands.is_empty() || !line.unclear.is_empty());
        }
    }
    let [one, two] = lines.as_slice() else {
        return;
    };
    let both = take_apart(&pieces.join("\n"));
    if [one, two, &both]
        .iter()
        .any(|line| !line.unclear.is_empty())
    {
        return;
    }
    for command in one.commands.iter().chain(&two.commands) {
        assert!(both.commands.contains(command), "{command:?} of {pieces:?}");
    }
}

/// Maps: files by name and content in turn, the last piece is the focus. A map keeps to its
/// budget and does not depend on the order of files.
pub fn map(data: &[u8]) {
    let pieces = pieces(data);
    let budget = usize::from(data.first().copied().unwrap_or_default());
    let (files, rest) = pieces.as_chunks::<2>();
    let files = files
        .iter()
        .map(|[path, text]| (path.as_str(), text.as_bytes()));
    // Of two files of one name only one is real.
    let files: std::collections::BTreeMap<&str, &[u8]> = files.collect();
    let drawn = maps::map(files.clone(), rest, budget);
    assert!(text_tokens(&drawn) <= budget, "{drawn}");
    let again = maps::map(files.into_iter().rev(), rest, budget);
    assert_eq!(drawn, again);
}
