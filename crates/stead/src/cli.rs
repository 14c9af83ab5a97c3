//! The command line: what can be typed. Doc comments are the help texts.

mod acp;
mod apply_patch;
mod changes;
mod chat;
mod mcp;
mod model_args;
mod models;
mod prompt;
mod replay;
mod run;
mod verify;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use acp::AcpArgs;
pub(crate) use apply_patch::ApplyPatchArgs;
pub(crate) use changes::{ApplyArgs, DiffArgs, DiscardArgs};
pub(crate) use chat::ChatArgs;
pub(crate) use mcp::{McpArgs, McpCommand};
pub(crate) use model_args::ModelArgs;
pub(crate) use models::{
    ModelsAddArgs, ModelsArgs, ModelsCommand, ModelsListArgs, ModelsTestArgs, ModelsUseArgs,
    UseArgs,
};
pub(crate) use prompt::{PromptArgs, PromptCommand, PromptPart};
pub(crate) use replay::ReplayArgs;
pub(crate) use run::RunArgs;
pub(crate) use verify::VerifyArgs;

/// See the sessions of the coding agents on this machine, trace which wrote what, and let
/// a model work with all of it on record.
///
/// stead reads the files that coding agents leave behind, without changing them and
/// without sending anything anywhere. In a git repository it says for every line
/// which session wrote it, from these files and the history alone.
#[derive(Debug, Parser)]
#[command(
    name = "stead",
    version,
    max_term_width = 100,
    after_help = "Examples:
  stead                          what happened lately, and what to type next
  stead search 'parse error'     find it in anything any agent ever said or did
  stead show 5f20                show the session whose id begins with 5f20
  stead stats --by day           tokens and cost by day
  stead blame src/main.rs        who wrote each line: agent, model, session, or a person
  stead why src/main.rs:12       the request, the reasoning and the edit behind a line
  stead run 'add a test'         let a model do it, in a sandbox (also: stead --task '…')

`stead help COMMAND` says more."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: GlobalArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Options that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct GlobalArgs {
    /// Write JSON instead of text
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Only sessions of this agent; may be given more than once
    #[arg(
        long,
        short,
        global = true,
        value_name = "AGENT",
        value_delimiter = ','
    )]
    pub(crate) agent: Vec<String>,
    /// Only sessions of this project: a folder, or a part of its path
    #[arg(long, short, global = true, value_name = "PATH")]
    pub(crate) project: Option<String>,
    /// Only what happened since then: 3d, 12h, 2w, 2026-11-21, yesterday
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) since: Option<String>,
    /// Only what happened before then
    #[arg(long, global = true, value_name = "WHEN")]
    pub(crate) before: Option<String>,
    /// At most so many results; 0 means all
    #[arg(long, short = 'n', global = true, value_name = "N")]
    pub(crate) limit: Option<usize>,
    /// Look here too: a copied home folder, or a store; may be given more than once
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Vec<PathBuf>,
    /// When to use colour
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// Write long output straight to the terminal
    #[arg(long, global = true)]
    pub(crate) no_pager: bool,
}

/// When to use colour.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Ls(LsArgs),
    Show(ShowArgs),
    Search(SearchArgs),
    Export(ExportArgs),
    Stats(StatsArgs),
    Blame(BlameArgs),
    Why(WhyArgs),
    Log(LogArgs),
    Report(ReportArgs),
    Notes(NotesArgs),
    Apply(ApplyArgs),
    Diff(DiffArgs),
    Discard(DiscardArgs),
    ApplyPatch(ApplyPatchArgs),
    Models(ModelsArgs),
    Use(UseArgs),
    Prompt(PromptArgs),
    Run(Box<RunArgs>),
    Chat(Box<ChatArgs>),
    Mcp(McpArgs),
    Acp(AcpArgs),
    Verify(VerifyArgs),
    Replay(ReplayArgs),
    /// Say what was found where, and what could not be read
    ///
    /// Lists every agent that stead knows, the places it looked into, the
    /// versions that wrote the sessions, and every kind of issue with an example.
    #[command(after_help = "Examples:
  stead doctor                   every agent, what was found, what is wrong
  stead doctor --json | jq '.agents[] | select(.sessions > 0) | .issues'")]
    Doctor,
    Sync(SyncArgs),
    Forget(ForgetArgs),
    Demo(DemoArgs),
    Completions(CompletionsArgs),
    #[command(hide = true)]
    Reference(ReferenceArgs),
}

/// List sessions, the newest first
///
/// Shows the sessions that people started. Subagents, and sessions that were
/// copied to go on elsewhere, are shown with --all.
#[derive(Debug, Args)]
#[command(
    visible_alias = "list",
    after_help = "Examples:
  stead ls                       the newest sessions
  stead ls -p . --since 1w       of the current folder, from the last week
  stead ls -a codex --json       of Codex CLI, for a script"
)]
pub(crate) struct LsArgs {
    /// Subagents and superseded copies too
    #[arg(long)]
    pub(crate) all: bool,
}

/// Show a session
///
/// ID is the session's id or any beginning of it that fits only one; without it
/// the newest session is shown (with --project, the newest of that folder).
/// With --json the whole session is written as one USF document.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "switches of the command line, each its own"
)]
#[command(after_help = "Examples:
  stead show                     the newest session
  stead show 5f20                the one whose id begins with 5f20
  stead show 5f20 --full         long outputs whole, context and reasoning too
  stead show 5f20 --json | jq '.events[] | select(.type == \"tool_call\")'")]
pub(crate) struct ShowArgs {
    /// The session's id, or its beginning
    pub(crate) id: Option<String>,
    /// Begin at this event
    #[arg(long, value_name = "EVENT")]
    pub(crate) at: Option<String>,
    /// Long outputs whole, and the text that the agent put in by itself
    #[arg(long)]
    pub(crate) full: bool,
    /// The model's reasoning whole
    #[arg(long)]
    pub(crate) reasoning: bool,
    /// What was rewound or compacted away too
    #[arg(long)]
    pub(crate) all_branches: bool,
    /// Show secrets instead of masks
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// Find sessions by what was said and done in them
///
/// Everything is searched: prompts, replies, reasoning, tool calls and their
/// output, diffs. Words match anywhere, in any script, whatever their case.
#[derive(Debug, Args)]
#[command(
    visible_alias = "s",
    after_help = "Queries:
  word other              both, anywhere in an event
  \"some words\"            exactly so
  pars*                   at the beginning of a word
  one OR other, -not      either, without
  agent:codex             tool:shell  model:opus  file:src/**  project:demo  title:x
  since:3d before:2026-11 is:error (edit, user, assistant, reasoning, tool, subagent, archived)

Examples:
  stead search 'tool:shell is:error since:1w'
  stead search '\"connection refused\" -test file:*.rs'"
)]
pub(crate) struct SearchArgs {
    /// What to look for
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
}

/// Say who wrote each line of a file: which agent, model and session, or a person
///
/// Works after the fact, in any git repository, from the sessions on this machine:
/// what they wrote is compared with what the commits hold. What nothing shows is
/// unknown; `human` is said only where something shows it, `mixed` where somebody
/// changed an agent's line. The columns are: commit (the one that `git blame -w
/// -M -C` has), who, session, model, day, line.
///
/// With --json an array of {line, text, origin, session, agent, model, license,
/// event, confidence, commit, evidence}. With --porcelain the form of `git blame
/// --porcelain`, and before each text the headers stead-origin,
/// stead-confidence, and, as far as they are known, stead-session, stead-agent,
/// stead-model, stead-license, stead-event, stead-evidence (one for each reason).
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead blame src/main.rs            every line, as it is in the working tree
  stead blame src/main.rs -L 10,20   or 10,+5, or 10 (to the end), or ,20
  stead blame src/main.rs --at v1.2  as it was then
  stead blame src/main.rs --json | jq 'map(select(.origin == \"unknown\"))'")]
pub(crate) struct BlameArgs {
    /// The file
    #[arg(value_hint = clap::ValueHint::FilePath)]
    pub(crate) file: PathBuf,
    /// Only these lines: 10,20 or 10,+5 or 10 (to the end) or /from/,/to/ or
    /// :function; may be given more than once
    #[arg(short = 'L', value_name = "FROM,TO", allow_hyphen_values = true)]
    pub(crate) lines: Vec<String>,
    /// At this revision, not in the working tree
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// For scripts: one block a line, in the manner of `git blame --porcelain`
    #[arg(long)]
    pub(crate) porcelain: bool,
}

/// Tell the whole story of one line: the request, the reasoning, the edit, the commit
///
/// Shows who wrote the line and what that rests on, the commit that brought it, the
/// session, what the user had asked for, what the model thought and said, its tool
/// call with the change, and what stood there before. Ends with the command that
/// opens the session there. Secrets in the session are masked unless --reveal is
/// given. With --json one object: the fields of `stead blame --json`, and path,
/// before, brought_by, header (the session, in USF), turn, request, said, call,
/// result (events, in USF), earlier, kept, removed, missing.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead why src/main.rs:12         also src/main.rs:12:5, as compilers write it
  stead why src/main.rs 12
  stead why src/main.rs:12 --at v1.2
  stead why src/main.rs:12 --json | jq -r .request.text")]
pub(crate) struct WhyArgs {
    /// The file and the line: FILE:LINE
    #[arg(value_name = "FILE:LINE", value_hint = clap::ValueHint::FilePath)]
    pub(crate) place: PathBuf,
    /// The line, if it does not stand behind the file
    pub(crate) line: Option<String>,
    /// At this revision, not in the working tree
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// Show secrets instead of masks
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// List commits with the share of agents and people in the lines that they brought
///
/// The newest first. Of each commit the lines that it added (white space aside,
/// renames followed) are traced; merges bring none by themselves. --since and
/// --before take times, -n a number of commits (30 if none is given). With --json
/// an array of {commit, at_ms, author, subject, merge, lines, agent, human, mixed,
/// unknown, agents, models, sessions}, in lines.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead log                          the newest commits of this repository
  stead log src/main.rs              of one file, through its renames
  stead log --since 2w --json | jq '[.[] | .agent] | add'")]
pub(crate) struct LogArgs {
    /// Only commits that changed this file or folder
    #[arg(value_hint = clap::ValueHint::AnyPath)]
    pub(crate) path: Option<PathBuf>,
    /// From this revision backwards, not from HEAD
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
}

/// Say whose the lines of the whole repository are
///
/// Counts the lines of every file at HEAD by agent, model, licence of the model's
/// weights, folder and author of the commit, and lists the sessions that left the
/// most lines. Binary files, and files that `.gitattributes` calls
/// linguist-vendored or linguist-generated, are not counted. --since takes a
/// revision (lines of commits that it does not have) or a time.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead report                       at HEAD
  stead report --since v1.0          what is new since then
  stead report --working-tree        as the files are now, new ones included
  stead report --html > report.html
  stead report --json | jq '.models[] | select(.license == null)'")]
pub(crate) struct ReportArgs {
    /// At this revision, not at HEAD
    #[arg(long, value_name = "REV")]
    pub(crate) at: Option<String>,
    /// As the files are in the working tree
    #[arg(long, conflicts_with = "at")]
    pub(crate) working_tree: bool,
    /// Write Markdown
    #[arg(long, conflicts_with_all = ["html", "json"])]
    pub(crate) md: bool,
    /// Write one self-contained HTML page
    #[arg(long, conflicts_with = "json")]
    pub(crate) html: bool,
}

/// Read and write what other tools keep about who wrote which lines
///
/// Logs of git-ai (git notes on refs/notes/ai) and records of Agent Trace (lines of
/// .agent-trace/traces.jsonl) are read and written; checkpoints of Entire are read.
/// Nothing is written unless you say `write`, and nothing is pushed.
#[derive(Debug, Args)]
pub(crate) struct NotesArgs {
    #[command(subcommand)]
    pub(crate) command: NotesCommand,
}

/// What to do with notes.
#[derive(Debug, Subcommand)]
pub(crate) enum NotesCommand {
    Write(NotesWriteArgs),
    Read(NotesReadArgs),
}

/// Write down what stead traced of the lines that commits brought
///
/// Only lines that a session shows, or that a person wrote for sure, are written
/// down; the rest stays unknown. Notes that another program wrote stay, unless
/// --force is given.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead notes write                            the last commit, for git-ai
  stead notes write main~20..main              twenty commits
  stead notes write --format agent-trace v1.2")]
pub(crate) struct NotesWriteArgs {
    /// Commits, or ranges of them
    #[arg(value_name = "REV", default_value = "HEAD")]
    pub(crate) revisions: Vec<String>,
    /// The form
    #[arg(long, short, value_enum, default_value = "git-ai")]
    pub(crate) format: NotesFormat,
    /// Do not mind notes of other programs: replace a log, stand beside a record
    #[arg(long)]
    pub(crate) force: bool,
}

/// Show what notes say, whoever wrote them
///
/// Without REV, of the newest twenty commits that have notes (-n for more). With
/// --json: an array of {commit, source, path, lines, contributor, agent, model,
/// session, weight}.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead notes read
  stead notes read HEAD~3..HEAD --json | jq 'map(select(.contributor == \"agent\"))'")]
pub(crate) struct NotesReadArgs {
    /// Commits, or ranges of them
    #[arg(value_name = "REV")]
    pub(crate) revisions: Vec<String>,
    /// Only notes of this form
    #[arg(long, short, value_enum)]
    pub(crate) format: Option<NotesFormat>,
}

/// Forms of notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum NotesFormat {
    /// Logs of git-ai: git notes
    GitAi,
    /// Records of Agent Trace: lines of a file
    AgentTrace,
}

/// Write a session to a file or to standard output
///
/// Secrets are masked unless --reveal is given.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead export 5f20 --format html -o session.html
  stead export 5f20 --format jsonl | head -1")]
pub(crate) struct ExportArgs {
    /// The session's id, or its beginning
    pub(crate) id: String,
    /// The form
    #[arg(long, short, value_enum, default_value = "usf")]
    pub(crate) format: ExportFormat,
    /// Write to this file
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Show secrets instead of masks
    #[arg(long)]
    pub(crate) reveal: bool,
}

/// Forms of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// One JSON document
    Usf,
    /// JSON Lines: a header, then an event a line
    Jsonl,
    /// Markdown
    Md,
    /// One self-contained page
    Html,
}

/// Count sessions, tokens and cost
///
/// Every model request counts once, however often an agent has copied it into
/// forks, resumed sessions or partial records. Cost is what agents recorded.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead stats                        by agent
  stead stats --by model --since 30d
  stead stats --by day,agent --json")]
pub(crate) struct StatsArgs {
    /// Split by these, in any order
    #[arg(long, value_enum, value_delimiter = ',', default_value = "agent")]
    pub(crate) by: Vec<By>,
}

/// By what to split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum By {
    /// The agent
    Agent,
    /// The model
    Model,
    /// The working folder
    Project,
    /// The day
    Day,
    /// Not at all: one total
    Total,
}

/// Bring the index up to date, with a progress bar
///
/// Every command does this by itself. Say it when much is new, or with
/// --rebuild to throw the index away and read everything again.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead sync                     read what is new
  stead sync --rebuild           read everything again; the archive stays")]
pub(crate) struct SyncArgs {
    /// Throw the index away first; the archive stays
    #[arg(long)]
    pub(crate) rebuild: bool,
}

/// Forget a session for ever
///
/// Removes it from the archive and the index, and never takes it in again. The
/// agent's own files are not touched.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead forget 5f20              asks first
  stead forget 5f20 --yes")]
pub(crate) struct ForgetArgs {
    /// The session's id, or its beginning
    pub(crate) id: String,
    /// Do not ask
    #[arg(long, short)]
    pub(crate) yes: bool,
}

/// Try stead: an agent at work, and bundled sessions
///
/// Lets an agent mend a small repository in a temporary folder, with a script in the
/// place of a model, so that no key is needed. Then lays real sessions of several agents
/// and a git repository out there, and walks through the main commands on them. Your own
/// sessions are not looked at.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead demo                     in a folder that goes away again
  stead demo --keep /tmp/demo    and keep the files to play with")]
pub(crate) struct DemoArgs {
    /// Lay the files out here and keep them
    #[arg(long, value_name = "DIR")]
    pub(crate) keep: Option<PathBuf>,
}

/// Write completions for a shell
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  stead completions bash > ~/.local/share/bash-completion/completions/stead
  stead completions zsh > ~/.zfunc/_stead
  stead completions fish > ~/.config/fish/completions/stead.fish")]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

/// Write reference pages as Markdown
#[derive(Debug, Args)]
pub(crate) struct ReferenceArgs {
    /// Which page
    #[arg(value_enum)]
    pub(crate) page: ReferencePage,
}

/// Pages that are made from the program itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReferencePage {
    /// Commands and options
    Cli,
    /// Exit codes
    ExitCodes,
    /// Environment variables and the configuration file
    Environment,
}
