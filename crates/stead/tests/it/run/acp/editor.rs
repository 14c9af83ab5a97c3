//! An editor, by the protocol's own library: it starts the program, keeps all that it is
//! told and asked, and answers as a test says.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    ClientCapabilities, ContentBlock, CreateElicitationRequest, CreateElicitationResponse,
    ElicitationAcceptAction, ElicitationAction, ElicitationCapabilities,
    ElicitationFormCapabilities, InitializeRequest, InitializeResponse, LoadSessionRequest,
    McpServer, NewSessionRequest, PromptRequest, RequestPermissionOutcome,
    RequestPermissionRequest, RequestPermissionResponse, SelectedPermissionOutcome,
    SessionNotification, StopReason,
};
use agent_client_protocol::{
    Agent, Client, ConnectTo, Error, Lines, on_receive_notification, on_receive_request,
};
use serde_json::Value;
use stead_testkit::model::{ScriptedModel, Wire};

use super::super::world::World;

/// Says which option is chosen; none cancels.
pub(super) type Choice = fn(&Value) -> Option<&'static str>;

/// What the editor was told and asked, as JSON.
#[derive(Clone, Default)]
pub(super) struct Seen {
    told: Arc<Mutex<Vec<Value>>>,
    asked: Arc<Mutex<Vec<Value>>>,
}

/// An editor that is connected.
#[derive(Clone)]
pub(super) struct Editor {
    pub(super) agent: ConnectionTo<Agent>,
    pub(super) seen: Seen,
    pub(super) can: InitializeResponse,
    /// The program's process.
    program: u32,
    repo: std::path::PathBuf,
}

impl World {
    /// `stead acp` with a scripted model.
    pub(super) fn acp(&self, model: &ScriptedModel) -> Command {
        let base = model.base(Wire::Openai);
        let fixed = ["acp", "--model", "openai/scripted", "--base-url", &base];
        let all = [&fixed[..], &["--parser-model", "none", "--no-checks"]].concat();
        let mut command = self.machine.command(&all);
        command.env("PATH", "/usr/local/bin:/usr/bin:/bin");
        command
    }

    /// Connects an editor, lets it do something, and goes away. The program ends well.
    pub(super) fn edit<T>(
        &self,
        model: &ScriptedModel,
        choose: Choice,
        does: impl AsyncFnOnce(Editor) -> Result<T, Error>,
    ) -> (T, Seen) {
        let (result, seen) = connected(self.acp(model), self, choose, does);
        (result.unwrap(), seen)
    }

    /// Connects an editor, lets it do something, and kills the program. That the connection
    /// breaks is seen sooner or later.
    pub(super) fn kill(
        &self,
        model: &ScriptedModel,
        does: impl AsyncFnOnce(Editor) -> Result<(), Error>,
    ) {
        let mut killed = false;
        let kills = async |editor: Editor| {
            let id = editor.program.to_string();
            does(editor).await?;
            let done = Command::new("kill").args(["-s", "KILL", &id]).status();
            killed = done.unwrap().success();
            Ok(())
        };
        let (_, _, code) = driven(self.acp(model), self, |_| None, kills);
        assert!(killed && code.is_none());
    }
}

/// What an editor came to that was connected to a program, which ended well.
pub(super) fn connected<T>(
    command: Command,
    world: &World,
    choose: Choice,
    does: impl AsyncFnOnce(Editor) -> Result<T, Error>,
) -> (Result<T, Error>, Seen) {
    let (result, seen, code) = driven(command, world, choose, does);
    assert_eq!(code, Some(0));
    (result, seen)
}

/// The same, with what the program ended with.
fn driven<T>(
    mut command: Command,
    world: &World,
    choose: Choice,
    does: impl AsyncFnOnce(Editor) -> Result<T, Error>,
) -> (Result<T, Error>, Seen, Option<i32>) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let (lines, program) = (lines(&mut child), child.id());
    let seen = Seen::default();
    let (told, asked) = (seen.told.clone(), seen.asked.clone());
    let own = seen.clone();
    let connection = Client
        .v1()
        .on_receive_notification(
            async move |update: SessionNotification, _| {
                let mut told = told.lock().unwrap();
                told.push(serde_json::to_value(update).unwrap());
                Ok(())
            },
            on_receive_notification!(),
        )
        .on_receive_request(
            async move |wish: RequestPermissionRequest, to, _| {
                let wish = serde_json::to_value(wish).unwrap();
                let chosen = choose(&wish);
                asked.lock().unwrap().push(wish);
                let outcome = match chosen {
                    Some(id) => {
                        RequestPermissionOutcome::Selected(SelectedPermissionOutcome::new(id))
                    }
                    None => RequestPermissionOutcome::Cancelled,
                };
                to.respond(RequestPermissionResponse::new(outcome))
            },
            on_receive_request!(),
        )
        .on_receive_request(
            async move |question: CreateElicitationRequest, to, _| {
                let typed = choose(&serde_json::to_value(question).unwrap());
                let typed = typed.map(|text| ("answer".to_owned(), text.to_owned().into()));
                let accepted = ElicitationAcceptAction::new()
                    .content(typed.into_iter().collect::<BTreeMap<_, _>>());
                to.respond(CreateElicitationResponse::new(ElicitationAction::Accept(
                    accepted,
                )))
            },
            on_receive_request!(),
        )
        .connect_with(lines, async move |agent: ConnectionTo<Agent>| {
            let forms = ElicitationCapabilities::new().form(ElicitationFormCapabilities::new());
            let has = ClientCapabilities::new().elicitation(forms);
            let asked = InitializeRequest::new(ProtocolVersion::V1).client_capabilities(has);
            let can = agent.send_request(asked).block_task().await?;
            let repo = world.repo().to_owned();
            does(Editor {
                agent,
                seen: own,
                can,
                program,
                repo,
            })
            .await
        });
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let result = runtime.block_on(connection);
    // The connection is gone, and with it the program's input.
    let ended = child.wait().unwrap();
    (result, seen, ended.code())
}

fn lines(child: &mut Child) -> impl ConnectTo<Client> + use<> {
    let (sender, incoming) = futures::channel::mpsc::unbounded();
    let from = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        for line in from.lines() {
            if sender.unbounded_send(line).is_err() {
                return;
            }
        }
    });
    let outgoing =
        futures::sink::unfold(child.stdin.take().unwrap(), async |mut to, line: String| {
            writeln!(to, "{line}")?;
            Ok(to)
        });
    Lines::new(Box::pin(outgoing), incoming)
}

impl Editor {
    /// Begins a session.
    pub(super) async fn begin(&self, servers: Vec<McpServer>) -> Result<String, Error> {
        let asked = NewSessionRequest::new(&self.repo).mcp_servers(servers);
        let opened = self.agent.send_request(asked).block_task().await?;
        Ok(opened.session_id.to_string())
    }

    /// Opens a session that is on record.
    pub(super) async fn load(&self, id: &str) -> Result<(), Error> {
        let asked = LoadSessionRequest::new(id.to_owned(), &self.repo);
        self.agent.send_request(asked).block_task().await?;
        Ok(())
    }

    /// Says something, and waits for the end of the turn.
    pub(super) async fn say(&self, id: &str, words: &str) -> Result<StopReason, Error> {
        let block = ContentBlock::from(words.to_owned());
        let asked = PromptRequest::new(id.to_owned(), vec![block]);
        let answer = self.agent.send_request(asked).block_task().await?;
        Ok(answer.stop_reason)
    }
}

impl Seen {
    /// All updates of a kind.
    pub(super) fn told(&self, kind: &str) -> Vec<Value> {
        let told = self.told.lock().unwrap();
        let updates = told.iter().map(|told| &told["update"]);
        updates
            .filter(|update| update["sessionUpdate"] == kind)
            .cloned()
            .collect()
    }

    /// The agent's words.
    pub(super) fn said(&self) -> String {
        let chunks = self.told("agent_message_chunk");
        chunks
            .iter()
            .map(|chunk| chunk["content"]["text"].as_str().unwrap())
            .collect()
    }

    /// What was asked.
    pub(super) fn asked(&self) -> Vec<Value> {
        self.asked.lock().unwrap().clone()
    }

    /// Waits until an update fits.
    pub(super) async fn until(&self, fits: impl Fn(&Value) -> bool) {
        while !self
            .told
            .lock()
            .unwrap()
            .iter()
            .any(|told| fits(&told["update"]))
        {
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    }
}
