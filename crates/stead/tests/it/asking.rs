//! `stead mcp` as MCP clients meet it: messages in, messages out. What the bundled sessions
//! hold, and who wrote what in their repository, is known from how they were made.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::machine::{CLAUDE, Machine};
use super::tracing::Repository;

/// A running server and a client's side of it.
struct Server {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    number: u64,
}

impl Server {
    fn start(repository: &Repository) -> Self {
        let mut command = repository.machine.command(&["mcp"]);
        let command = command.current_dir(&repository.root);
        let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        Self {
            asks: child.stdin.take().unwrap(),
            answers: BufReader::new(child.stdout.take().unwrap()),
            child,
            number: 0,
        }
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.asks, "{message}").unwrap();
    }

    /// Asks and waits for the answer.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better so")]
    fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.number += 1;
        let number = self.number;
        self.send(&json!({"jsonrpc": "2.0", "id": number, "method": method, "params": parameters}));
        let mut line = String::new();
        self.answers.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(
            (&answer["jsonrpc"], &answer["id"]),
            (&json!("2.0"), &json!(number))
        );
        answer
    }

    /// Calls a tool as the newest revision has it; what it says, and whether that is an error.
    #[expect(clippy::needless_pass_by_value, reason = "calls read better so")]
    fn call(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let parameters = json!({"name": tool, "arguments": arguments, "_meta": meta()});
        let answer = self.ask("tools/call", parameters);
        let result = &answer["result"];
        assert_eq!(result["resultType"], "complete", "{answer}");
        let text = result["content"][0]["text"].as_str().unwrap().to_owned();
        (text, result["isError"] == true)
    }

    fn told(&mut self, tool: &str, arguments: Value) -> String {
        let (text, is_error) = self.call(tool, arguments);
        assert!(!is_error, "{text}");
        text
    }

    /// Says nothing more; how the server ends.
    fn end(mut self) -> i32 {
        drop(self.asks);
        self.child.wait().unwrap().code().unwrap()
    }
}

/// What each request says of itself from 2026-07-28 on.
fn meta() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "1"},
    })
}

const NAMES: [&str; 7] = [
    "search_sessions",
    "list_sessions",
    "show_session",
    "who_wrote",
    "why_line",
    "usage_stats",
    "authorship_report",
];

fn names(listed: &Value) -> Vec<&str> {
    let tools = listed["result"]["tools"].as_array().unwrap();
    tools
        .iter()
        .map(|tool| tool["name"].as_str().unwrap())
        .collect()
}

#[test]
fn a_client_that_introduces_itself_is_served() {
    let repository = Repository::new();
    let mut server = Server::start(&repository);
    let hello = server.ask(
        "initialize",
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}),
    );
    let result = &hello["result"];
    assert_eq!(result["protocolVersion"], "2025-11-25");
    assert_eq!(result["serverInfo"]["name"], "stead");
    assert!(
        result["instructions"]
            .as_str()
            .unwrap()
            .contains("search_sessions")
    );
    server.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    assert_eq!(server.ask("ping", json!({}))["result"], json!({}));
    let listed = server.ask("tools/list", json!({}));
    assert_eq!(names(&listed), NAMES);
    assert!(listed["result"].get("resultType").is_none(), "{listed}");
    let found = server.ask(
        "tools/call",
        json!({"name": "search_sessions", "arguments": {"query": "slugify"}}),
    );
    assert!(
        found["result"]["content"][0]["text"]
            .as_str()
            .unwrap()
            .contains("slugify")
    );
    assert_eq!(server.ask("nonsense", json!({}))["error"]["code"], -32601);
    assert_eq!(server.end(), 0);
}

#[test]
fn a_client_of_the_newest_revision_is_served_without_a_word_before() {
    let repository = Repository::new();
    let mut server = Server::start(&repository);
    let discovered = server.ask("server/discover", json!({"_meta": meta()}));
    let versions = discovered["result"]["supportedVersions"]
        .as_array()
        .unwrap();
    for version in ["2025-11-25", "2026-07-28"] {
        assert!(versions.contains(&json!(version)), "{discovered}");
    }
    let listed = server.ask("tools/list", json!({"_meta": meta()}));
    assert_eq!(names(&listed), NAMES);
    assert_eq!(listed["result"]["cacheScope"], "public");
    let mut unknown = meta();
    unknown["io.modelcontextprotocol/protocolVersion"] = json!("1900-01-01");
    let refused = server.ask("tools/list", json!({"_meta": unknown}));
    assert_eq!(refused["error"]["code"], -32022);
    assert_eq!(server.end(), 0);
}

#[test]
fn sessions_are_found_and_read() {
    let repository = Repository::new();
    let mut server = Server::start(&repository);
    let found = server.told(
        "search_sessions",
        json!({"query": "slugify", "agent": "claude-code"}),
    );
    assert!(found.contains("Add a slugify helper with tests"), "{found}");
    assert!(found.contains("show_session id=e519b8e8 from="), "{found}");
    assert!(!found.contains("codex"), "{found}");
    let listed = server.told("list_sessions", json!({"limit": 2}));
    assert_eq!(listed.lines().count(), 3, "{listed}");
    assert!(listed.contains("more: raise `limit`"), "{listed}");

    let whole = server.told("show_session", json!({"id": CLAUDE}));
    assert!(whole.contains("def slugify(text):"), "{whole}");
    let cut = server.told("show_session", json!({"id": CLAUDE, "max_chars": 1500}));
    assert!(cut.chars().count() <= 1500, "{cut}");
    let (_, next) = cut.rsplit_once("from=").unwrap();
    let (next, _) = next.split_once(',').unwrap();
    let rest = server.told("show_session", json!({"id": CLAUDE, "from": next}));
    // What stands on both pages and what stands on one of them is all of it.
    let lines = whole.lines().map(str::trim).filter(|line| line.len() > 20);
    for line in lines.filter(|line| !line.starts_with("──")) {
        assert!(
            cut.contains(line) || rest.contains(line),
            "{line}\n{cut}\n{rest}"
        );
    }
    let end = server.told(
        "show_session",
        json!({"id": CLAUDE, "part": "end", "max_chars": 900}),
    );
    assert!(
        whole.trim_end().ends_with(end.lines().last().unwrap()),
        "{end}"
    );

    let (words, is_error) = server.call("show_session", json!({"id": "nosuch"}));
    assert!(is_error && words.contains("nosuch"), "{words}");
    let (words, is_error) = server.call("search_sessions", json!({"question": "slugify"}));
    assert!(
        is_error && words.contains("question") && words.contains("query"),
        "{words}"
    );
    assert_eq!(server.end(), 0);
}

#[test]
fn lines_are_traced_to_sessions() {
    let repository = Repository::new();
    let mut server = Server::start(&repository);
    let who = server.told("who_wrote", json!({"file": "src/utils.py"}));
    assert!(who.starts_with("lines 1-2: unknown"), "{who}");
    assert!(
        who.contains("lines 3-5: claude-code, claude-opus-5-5 (proprietary)"),
        "{who}"
    );
    let why = server.told(
        "why_line",
        json!({"file": repository.root.join("src/utils.py"), "line": 5}),
    );
    assert!(
        why.contains("Add a slugify helper with tests to src/utils.py"),
        "{why}"
    );
    assert!(why.contains("show_session id=e519b8e8 from="), "{why}");
    let report = server.told("authorship_report", json!({}));
    assert!(report.contains("| claude-code | 15 |"), "{report}");
    let stats = server.told("usage_stats", json!({"by": ["agent"]}));
    assert!(stats.contains("claude-code"), "{stats}");
    let (words, is_error) = server.call("who_wrote", json!({"file": "/nowhere/at/all"}));
    assert!(is_error, "{words}");
    assert_eq!(server.end(), 0);
}

#[test]
fn secrets_do_not_leave() {
    let repository = Repository::new();
    let key = format!("{}{}", "ghp_", "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8");
    let transcript = repository.machine.transcript();
    let text = fs_err::read_to_string(&transcript).unwrap();
    fs_err::write(
        &transcript,
        text.replace("Add a slugify helper", &format!("Use {key}")),
    )
    .unwrap();
    let mut server = Server::start(&repository);
    let shown = server.told("show_session", json!({"id": CLAUDE, "full": true}));
    assert!(
        shown.contains("[redacted:") && !shown.contains(&key),
        "{shown}"
    );
    let listed = server.told("list_sessions", json!({}));
    assert!(!listed.contains(&key), "{listed}");
    assert_eq!(server.end(), 0);
}

/// SHA-256 of a text, by the system's own tool.
fn sha256(text: &str) -> String {
    let sum = std::process::Command::new("sha256sum")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let mut sum = sum.unwrap();
    sum.stdin
        .take()
        .unwrap()
        .write_all(text.as_bytes())
        .unwrap();
    let output = sum.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap()[..64].to_owned()
}

#[test]
fn answers_carry_their_envelope() {
    let repository = Repository::new();
    let mut server = Server::start(&repository);
    let parameters = json!({"name": "list_sessions", "arguments": {"limit": 1}, "_meta": meta()});
    let answer = server.ask("tools/call", parameters);
    let result = &answer["result"];
    let envelope = &result["_meta"]["dev.stead/envelope"];
    assert_eq!(envelope["version"], "1.0");
    assert_eq!(envelope["arguments"], sha256("{\"limit\":1}"));
    let text = result["content"][0]["text"].as_str().unwrap();
    assert_eq!(envelope["result"], sha256(text));
    assert!(
        envelope["begun"].is_string() && envelope["took_ms"].is_u64(),
        "{envelope}"
    );
    assert_eq!(server.end(), 0);
}

/// A server over HTTP, and how to talk to it.
struct Web {
    child: Child,
    address: String,
    token: String,
}

impl Web {
    fn start(machine: &Machine) -> Self {
        let mut command = machine.command(&["mcp", "--http", "0"]);
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut told = BufReader::new(child.stderr.take().unwrap());
        told.read_line(&mut line).unwrap();
        let (_, rest) = line.split_once("http://").unwrap();
        let (address, _) = rest.split_once("/mcp").unwrap();
        let token = fs_err::read_to_string(machine.data().join("mcp-token")).unwrap();
        Self {
            child,
            address: address.to_owned(),
            token: token.trim().to_owned(),
        }
    }

    /// Posts a message with these headers; the status and the body.
    fn post(&self, headers: &[(&str, &str)], message: &Value) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let body = message.to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n",
            body.len()
        );
        let more = headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"));
        let more: String = more.collect();
        write!(stream, "{head}{more}\r\n{body}").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        (status, body.to_owned())
    }
}

impl Drop for Web {
    fn drop(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

#[test]
fn over_http_those_with_the_token_are_served_and_no_page_of_a_browser() {
    let machine = Machine::with_samples();
    let web = Web::start(&machine);
    let host = ("Host", web.address.as_str());
    let bearer = format!("Bearer {}", web.token);
    let token = ("Authorization", bearer.as_str());
    let version = ("MCP-Protocol-Version", "2026-07-28");
    let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params":
        {"name": "search_sessions", "arguments": {"query": "slugify"}, "_meta": meta()}});
    let names = [
        ("Mcp-Method", "tools/call"),
        ("Mcp-Name", "search_sessions"),
    ];

    let (status, body) = web.post(&[host, token, version, names[0], names[1]], &call);
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    let text = answer["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("show_session id="), "{text}");

    let old = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params":
        {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}});
    let (status, body) = web.post(&[host, token], &old);
    assert!(
        status == 200 && body.contains("\"protocolVersion\":\"2025-11-25\""),
        "{body}"
    );

    let wrong = (
        "Authorization",
        "Bearer AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    );
    for (headers, expected) in [
        (vec![host, version], 401),
        (vec![host, version, wrong], 401),
        (vec![("Host", "evil.example"), version, token], 403),
        (
            vec![host, version, token, ("Origin", "http://evil.example")],
            403,
        ),
        (vec![host, version, token, ("Origin", "null")], 403),
    ] {
        let (status, body) = web.post(&headers, &call);
        assert_eq!(status, expected, "{headers:?}: {body}");
        assert!(!body.contains("slugify"), "{body}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let file = fs_err::metadata(machine.data().join("mcp-token")).unwrap();
        assert_eq!(file.permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn other_machines_are_not_listened_to() {
    let machine = Machine::empty();
    for address in ["0.0.0.0:7391", "192.0.2.1:80", "[::]:80", "example.com:80"] {
        let run = machine.run(&["mcp", "--http", address]);
        assert_eq!(run.code, 2, "{address}: {}", run.err);
        assert!(run.err.contains(address), "{}", run.err);
    }
}
