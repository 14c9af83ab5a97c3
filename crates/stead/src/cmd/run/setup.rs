//! What a session needs of the machine: its folder and key, its place and record, what the
//! model is given, the web and servers.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use stead_agent::context::{self, Budget, Given};
use stead_agent::mcp;
use stead_agent::permission::Route;
use stead_agent::place::{Ask, Place, Wish};
use stead_agent::record::{AGENT, Clock, Recorder, tape};
use stead_agent::seals;
use stead_agent::task::{Facts, TaskSpec};
use stead_agent::tools::Web;
use stead_agent::web::Pages;
use stead_agent::workspace::Workspace;
use stead_ledger::Signer;
use stead_llm::CancellationToken;
use stead_llm::traffic::Tape;
use stead_sandbox::scrub;
use stead_trace::repo::Git;
use stead_usf::{Git as GitFacts, Session};

use super::asked::Asked;
use super::confined::child;
use super::front::Watch;
use crate::command_error::CommandError;
use crate::environment::{self, Context, now, randomness};
use crate::tool_servers::Servers;

/// The signer's name.
const SIGNER: &str = "stead.local";

/// Where sessions of stead's own agent are.
pub(crate) fn sessions(context: &Context) -> PathBuf {
    context.settings.data_dir.join(seals::SESSIONS)
}

/// Makes a session's folder, if it is not there.
fn make(folder: &Path) -> Result<(), CommandError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    let made = builder.create(folder);
    made.map_err(|error| CommandError::failure(format!("{}: {error}", folder.display())))
}

/// A new session's id: a UUID of version 7, which begins with the time.
pub(in crate::cmd) fn new_id() -> Result<String, CommandError> {
    let millis = u64::try_from(now().as_millisecond()).unwrap_or(0);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &randomness()?).into_uuid();
    Ok(id.to_string())
}

/// The key that signs records; made on first use.
pub(super) fn signer(context: &Context) -> Result<Signer, CommandError> {
    let path = context.settings.data_dir.join("ledger.key");
    let words = |error: &dyn std::fmt::Display| {
        CommandError::failure(format!("{}: {error}", path.display()))
    };
    if !path.exists() {
        let signer = Signer::new(SIGNER, randomness()?).map_err(|error| words(&error))?;
        // Another program may have been first; its key is then the one.
        if let Err(error) = signer.store(&path)
            && !path.exists()
        {
            return Err(words(&error));
        }
    }
    Signer::load(&path).map_err(|error| words(&error))
}

/// Tells the time to the record.
pub(super) fn clock() -> Clock {
    Box::new(|| stead_usf::Time::from(now()))
}

/// The header of a session that begins.
pub(super) fn header(id: &str, task: &str, tree: &Path) -> Session {
    let mut header = Session::new(AGENT, id);
    header.agent_version = Some(env!("CARGO_PKG_VERSION").to_owned());
    header.first_prompt = Some(task.to_owned());
    header.cwd = Some(tree.display().to_string());
    header.created_at = Some(stead_usf::Time::from(now()));
    header.git = git_facts(tree);
    header
}

pub(super) fn git_facts(tree: &Path) -> Option<GitFacts> {
    let git = Git::at(tree).ok()?;
    let ask = |words: &[&str]| {
        let answer = git.ask(words).ok()?.trim().to_owned();
        (!answer.is_empty()).then_some(answer)
    };
    Some(GitFacts {
        branch: ask(&["symbolic-ref", "--quiet", "--short", "HEAD"]),
        commit: ask(&["rev-parse", "--quiet", "--verify", "HEAD"]),
        remote: ask(&["config", "--get", "remote.origin.url"]),
    })
}

/// Where the traffic is recorded.
pub(super) fn traffic(folder: &Path) -> Result<Arc<dyn Tape>, CommandError> {
    let opened = tape(folder);
    let opened =
        opened.map_err(|error| CommandError::failure(format!("{}: {error}", folder.display())))?;
    Ok(Arc::new(opened))
}

/// Opens a session's record.
pub(in crate::cmd) fn recorder(
    folder: &Path,
    header: &Session,
    signer: &Signer,
) -> Result<Recorder, CommandError> {
    let opened = Recorder::open(folder, header, signer, clock());
    let (recorder, _) = opened.map_err(|error| CommandError::failure(error.to_string()))?;
    Ok(recorder)
}

/// What the model is given beside the task: a map of the repository, and instructions of the
/// user and of the project, as far as the model may see them. A session that goes on has
/// them already.
pub(super) fn given(
    asked: &Asked<'_>,
    workspace: &Workspace,
    facts: &Facts,
    spec: &TaskSpec,
) -> Result<Vec<Given>, CommandError> {
    if asked.resumed.is_some() {
        return Ok(Vec::new());
    }
    let policy = asked
        .policies
        .policy(workspace.root(), false, spec, asked.context)?;
    let (privacy, model) = (policy.privacy(), asked.models.generator().current().clone());
    let route = Route {
        name: &model.to_string(),
        is_local: asked.models.is_local(&model),
    };
    let sees = privacy.may_see(&route);
    let user = instructions(asked.context);
    let user = user
        .as_ref()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let may_read = |path: &str| sees || !privacy.is_private(path);
    Ok(context::given(
        workspace,
        facts,
        spec,
        user,
        &may_read,
        &Budget::default(),
    ))
}

/// What the user wants of every agent in every project: `AGENTS.md` beside the configuration.
fn instructions(context: &Context) -> Option<(String, String)> {
    let folder = context.config_path.as_deref()?.parent()?;
    let path = folder.join("AGENTS.md");
    let text = std::fs::read_to_string(&path).ok()?;
    Some((path.display().to_string(), text))
}

/// A folder to work in.
pub(in crate::cmd) fn open(root: &Path) -> Result<Workspace, CommandError> {
    let opened = Workspace::open(root);
    opened.map_err(|error| CommandError::failure(format!("{}: {error}", root.display())))
}

/// Prepares the session's folder and the place to work in.
pub(super) fn place(asked: &Asked<'_>) -> Result<Place, CommandError> {
    make(&asked.folder)?;
    let git = asked.header.git.as_ref();
    let ask = Ask {
        tree: &asked.tree,
        changes: &asked.folder.join("changes"),
        wish: if asked.args.in_place || asked.args.plan {
            Wish::InPlace
        } else {
            Wish::Apart
        },
        head: git.and_then(|git| git.commit.as_deref()),
        now: now().into(),
        child: Some(&child()?),
        confined: !asked.args.unconfined,
    };
    Place::prepare(&ask).map_err(|error| CommandError::failure(error.to_string()))
}

/// The web.
pub(super) fn web(asked: &Asked<'_>, cancel: CancellationToken) -> Box<dyn Web> {
    let name = concat!("stead/", env!("CARGO_PKG_VERSION"));
    Box::new(Pages::new(asked.context.http(), name, cancel))
}

/// The MCP servers that are configured for this project; those that may not or cannot be
/// started are told.
pub(super) fn servers(
    asked: &Asked<'_>,
    folder: &Path,
    front: &mut dyn Watch,
) -> Result<Option<Arc<mcp::Servers>>, CommandError> {
    let mut context = asked.context.clone();
    context.mcp.extend(asked.servers.clone());
    let (settings, notices) = Servers::load(&asked.tree, &context)?.into_started();
    for notice in notices {
        front.notice(&notice);
    }
    if settings.is_empty() {
        return Ok(None);
    }
    let programs = settings.iter().filter(|server| server.is_program());
    let programs: Vec<&str> = programs.map(|server| server.name.as_str()).collect();
    if !programs.is_empty() {
        let names = programs.join(", ");
        front.notice(&format!("MCP servers run outside of the sandbox: {names}"));
    }
    let surroundings = mcp::Surroundings {
        variables: scrub(environment::variables(), &["HOME", "XDG_RUNTIME_DIR"]),
        folder: folder.to_owned(),
        http: asked.context.http(),
    };
    let servers = mcp::Servers::start(settings, &surroundings);
    servers.tools();
    for (name, why) in servers.problems() {
        front.notice(&format!("MCP server `{name}` is not there: {why}"));
    }
    Ok(Some(Arc::new(servers)))
}
