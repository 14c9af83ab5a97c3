//! What an editor asks of stead, request by request.

use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    AgentCapabilities, ClientCapabilities, Implementation, InitializeResponse, ListSessionsRequest,
    ListSessionsResponse, LoadSessionRequest, LoadSessionResponse, McpCapabilities, McpServer,
    NewSessionRequest, NewSessionResponse, PromptCapabilities, ResumeSessionRequest,
    ResumeSessionResponse, SessionCapabilities, SessionCloseCapabilities, SessionConfigOption,
    SessionConfigOptionValue, SessionListCapabilities, SessionNotification,
    SessionResumeCapabilities, SetSessionConfigOptionRequest, SetSessionConfigOptionResponse,
    SetSessionModeRequest, SetSessionModeResponse,
};
use agent_client_protocol::{Client, schema::ProtocolVersion};
use tokio::task::JoinHandle;

use super::commands::Command;
use super::sessions::{Mode, Session, Sessions, servers};
use super::waiting::Waiting;
use super::{history, models};
use crate::cli::{AcpArgs, GlobalArgs};
use crate::cmd::run::{budget, new_id, tree};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::models::Models;

/// What all requests share.
pub(super) struct Agent {
    pub(super) args: AcpArgs,
    pub(super) global: GlobalArgs,
    pub(super) context: Context,
    pub(super) sessions: Sessions,
    /// The editor shows notices.
    notices: AtomicBool,
    /// It has forms, in which a text can be typed.
    forms: AtomicBool,
    /// Calls that are no tool's are numbered.
    calls: AtomicU64,
    /// Turns that run, or ran.
    pub(super) turns: Mutex<Vec<JoinHandle<()>>>,
}

/// What goes with the answer to a request that opens a session.
pub(super) struct Opened {
    id: String,
    session: Session,
    /// What cannot be used.
    left_out: Vec<String>,
}

impl Agent {
    pub(super) fn new(args: AcpArgs, global: GlobalArgs, context: Context) -> Self {
        Self {
            args,
            global,
            context,
            sessions: Sessions::default(),
            notices: AtomicBool::new(false),
            forms: AtomicBool::new(false),
            calls: AtomicU64::new(0),
            turns: Mutex::default(),
        }
    }

    /// Says what this agent can do.
    pub(super) fn initialize(&self, client: &ClientCapabilities) -> InitializeResponse {
        let notices = client
            .session
            .as_ref()
            .and_then(|session| session.notices.as_ref());
        self.notices.store(notices.is_some(), Ordering::Relaxed);
        let asks = client.elicitation.as_ref();
        let forms = asks.is_some_and(|asks| asks.form.is_some());
        self.forms.store(forms, Ordering::Relaxed);
        let sessions = SessionCapabilities::new()
            .list(SessionListCapabilities::new())
            .resume(SessionResumeCapabilities::new())
            .close(SessionCloseCapabilities::new());
        let can = AgentCapabilities::new()
            .load_session(true)
            .prompt_capabilities(PromptCapabilities::new().embedded_context(true))
            .mcp_capabilities(McpCapabilities::new().http(true))
            .session_capabilities(sessions);
        InitializeResponse::new(ProtocolVersion::V1)
            .agent_capabilities(can)
            .agent_info(
                Implementation::new("stead", env!("CARGO_PKG_VERSION")).title("stead".to_owned()),
            )
    }

    pub(super) fn takes_notices(&self) -> bool {
        self.notices.load(Ordering::Relaxed)
    }

    pub(super) fn has_forms(&self) -> bool {
        self.forms.load(Ordering::Relaxed)
    }

    /// An id for a call that is no tool's.
    pub(super) fn next_call(&self) -> String {
        format!("stead-{}", self.calls.fetch_add(1, Ordering::Relaxed))
    }

    /// The configuration as it is now: the user may have changed it since this began.
    fn now(&self) -> Result<Context, CommandError> {
        Context::new(&self.global)
    }

    /// Begins a session. It is on record from its first prompt on.
    pub(super) fn begin(
        &self,
        asked: NewSessionRequest,
    ) -> Result<(Opened, NewSessionResponse), CommandError> {
        let context = self.now()?;
        Models::load(&context, &self.args.models)?;
        let opened = self.opened(new_id()?, &asked.cwd, asked.mcp_servers, &context)?;
        let answer = NewSessionResponse::new(opened.id.clone())
            .modes(opened.session.mode.state())
            .config_options(self.options(&opened.session));
        Ok((opened, answer))
    }

    /// Opens a session that is on record.
    fn again(&self, id: &str, cwd: &Path, servers: Vec<McpServer>) -> Result<Opened, CommandError> {
        let context = self.now()?;
        let header = history::header(id, &context).ok_or_else(|| {
            CommandError::not_found(format!("no session of stead's own has the id `{id}`"))
                .hint("`stead ls --agent stead` lists them")
        })?;
        let began = header.cwd.unwrap_or_default();
        if !cwd.is_absolute() || tree(Some(cwd), &context)? != Path::new(&began) {
            return Err(CommandError::usage(format!("the session began in {began}"))
                .hint("open that folder to go on with it"));
        }
        self.opened(id.to_owned(), cwd, servers, &context)
    }

    fn opened(
        &self,
        id: String,
        cwd: &Path,
        given: Vec<McpServer>,
        context: &Context,
    ) -> Result<Opened, CommandError> {
        if !cwd.is_absolute() {
            return Err(CommandError::usage("`cwd` must be an absolute path"));
        }
        if self
            .sessions
            .get(&id)
            .is_some_and(|open| open.running.is_some())
        {
            return Err(
                CommandError::usage("a prompt of this session is being worked at")
                    .hint("cancel it, or wait for its end"),
            );
        }
        let (servers, left_out) = servers(given);
        let session = Session {
            tree: tree(Some(cwd), context)?,
            cwd: cwd.to_owned(),
            servers,
            ..Session::default()
        };
        self.sessions.open(&id, session.clone());
        Ok(Opened {
            id,
            session,
            left_out,
        })
    }

    /// What can be chosen for a session.
    fn options(&self, session: &Session) -> Vec<SessionConfigOption> {
        let context = self.now().unwrap_or_else(|_| self.context.clone());
        models::options(session.model.as_deref(), &self.args.models, &context)
    }

    /// Tokens that a request of a session may have.
    pub(super) fn room(&self, session: &Session) -> Option<u64> {
        let mut args = self.args.models.clone();
        args.model = session.model.clone().or(args.model);
        let models = Models::load(&self.now().ok()?, &args).ok()?;
        Some(budget(&models))
    }

    pub(super) fn load(
        &self,
        asked: LoadSessionRequest,
        editor: &ConnectionTo<Client>,
    ) -> Result<(Opened, LoadSessionResponse), CommandError> {
        let opened = self.again(&asked.session_id.to_string(), &asked.cwd, asked.mcp_servers)?;
        for update in history::told(&opened.id, opened.session.tree.clone(), &self.context) {
            let told = SessionNotification::new(opened.id.clone(), update);
            let _ = editor.send_notification(told);
        }
        let answer = LoadSessionResponse::new()
            .modes(opened.session.mode.state())
            .config_options(self.options(&opened.session));
        Ok((opened, answer))
    }

    pub(super) fn resume(
        &self,
        asked: ResumeSessionRequest,
    ) -> Result<(Opened, ResumeSessionResponse), CommandError> {
        let opened = self.again(&asked.session_id.to_string(), &asked.cwd, asked.mcp_servers)?;
        let answer = ResumeSessionResponse::new()
            .modes(opened.session.mode.state())
            .config_options(self.options(&opened.session));
        Ok((opened, answer))
    }

    pub(super) fn list(&self, asked: &ListSessionsRequest) -> ListSessionsResponse {
        let after = asked.cursor.as_deref();
        let (page, next) = history::list(asked.cwd.as_deref(), after, &self.context);
        ListSessionsResponse::new(page).next_cursor(next)
    }

    pub(super) fn set_mode(
        &self,
        asked: &SetSessionModeRequest,
    ) -> Result<SetSessionModeResponse, CommandError> {
        let id = asked.session_id.to_string();
        let mode = Mode::of(&asked.mode_id.to_string()).ok_or_else(|| {
            CommandError::usage("there is no such mode").hint("they are apart and in-place")
        })?;
        self.sessions.get(&id).ok_or_else(|| unknown(&id))?;
        if mode == Mode::InPlace && Waiting::of(&id, &self.context)?.is_some() {
            return Err(CommandError::usage(
                "changes of this session wait apart, which work in place would not see",
            )
            .hint("/apply them or /discard them first"));
        }
        self.sessions.with(&id, |session| session.mode = mode);
        Ok(SetSessionModeResponse::new())
    }

    pub(super) fn set_option(
        &self,
        asked: &SetSessionConfigOptionRequest,
    ) -> Result<SetSessionConfigOptionResponse, CommandError> {
        let id = asked.session_id.to_string();
        let SessionConfigOptionValue::ValueId { value } = &asked.value else {
            return Err(CommandError::usage("a model is chosen by its name"));
        };
        let (context, value) = (self.now()?, value.to_string());
        if asked.config_id.to_string() != models::MODEL || !models::is_known(&value, &context) {
            return Err(
                CommandError::usage(format!("`{value}` cannot be chosen here"))
                    .hint("`stead use PROVIDER/NAME` chooses any model"),
            );
        }
        let model = (value != models::CONFIGURED).then_some(value);
        let set = self.sessions.with(&id, |session| session.model = model);
        set.ok_or_else(|| unknown(&id))?;
        let session = self.sessions.get(&id).unwrap_or_default();
        Ok(SetSessionConfigOptionResponse::new(self.options(&session)))
    }
}

impl Opened {
    /// Tells what is to be known right after a session was opened.
    pub(super) fn greet(&self, editor: &ConnectionTo<Client>) {
        let warn = |text: &String| super::updates::words(&format!("{text}\n\n"));
        let updates = self.left_out.iter().map(warn);
        for update in std::iter::once(Command::told()).chain(updates) {
            let told = SessionNotification::new(self.id.clone(), update);
            let _ = editor.send_notification(told);
        }
    }
}

pub(super) fn unknown(id: &str) -> CommandError {
    CommandError::not_found(format!("session `{id}` is not open"))
        .hint("session/new begins one, session/load opens one that is on record")
}
