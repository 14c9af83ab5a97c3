//! `stead verify`

mod text;

use std::path::Path;

use stead_agent::seals::{Key, Machine, SEALS, Seals, SealsError, sessions};
use stead_redact::terminal::escape;

use super::tracing::write_json;
use crate::cli::{GlobalArgs, VerifyArgs};
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::output::Output;

pub(crate) fn run(
    args: &VerifyArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let data_dir = &context.settings.data_dir;
    let nothing = || -> std::io::Result<bool> {
        Ok(sessions(data_dir)?.is_empty() && !data_dir.join(SEALS).exists())
    };
    if args.session.is_none() && !args.key && nothing()? {
        return none(global);
    }
    let key = key(args, data_dir)?;
    let Some(wanted) = &args.session else {
        if args.key {
            return write(&format!("{key}\n"));
        }
        let found = Machine::check(data_dir, &key, None)?;
        return told(&found, true, global);
    };
    let session = find(wanted, data_dir, &key)?;
    if let Some(event) = &args.proof {
        return write(&key.proof(data_dir, &session, event)?);
    }
    if args.checkpoint {
        return write(&key.checkpoint(data_dir, &session)?);
    }
    if args.key {
        return write(&format!("{}\n", key.of_session(&session)?));
    }
    let found = Machine::check(data_dir, &key, Some(&[session]))?;
    told(&found, false, global)
}

/// What was found, and how the command ends by it.
pub(super) fn told(found: &Machine, all: bool, global: &GlobalArgs) -> Result<Exit, CommandError> {
    if global.json {
        write_json(found)?;
    } else {
        text::write(found, all)?;
    }
    Ok(if found.is_well() {
        Exit::Ok
    } else {
        Exit::Altered
    })
}

/// A machine on which stead's own agent never worked.
fn none(global: &GlobalArgs) -> Result<Exit, CommandError> {
    if global.json {
        write_json(&serde_json::json!({ "sessions": [], "gone": [] }))?;
        return Ok(Exit::Ok);
    }
    write("there are no sessions of stead's own agent here; those of others are not signed\n")
}

/// Texts that other programs read, to the letter.
fn write(text: &str) -> Result<Exit, CommandError> {
    use std::io::Write;
    let mut out = Output::exact();
    out.write_all(text.as_bytes())?;
    out.finish()?;
    Ok(Exit::Ok)
}

fn key(args: &VerifyArgs, data_dir: &Path) -> Result<Key, CommandError> {
    if let Some(text) = &args.with {
        return text.parse().map_err(|error: SealsError| {
            CommandError::usage(error.to_string())
                .hint("--with takes a key as `stead verify --key` prints it")
        });
    }
    own_key(data_dir)
}

/// The public half of this machine's key.
pub(super) fn own_key(data_dir: &Path) -> Result<Key, CommandError> {
    let path = data_dir.join("ledger.key");
    if !path.exists() {
        let message = format!("there is no key in {}", path.display());
        return Err(CommandError::failure(message).hint(
            "stead's own agent makes it when it first works; --with KEY takes the public one",
        ));
    }
    Ok(Key::load(&path)?)
}

/// The session that is meant, also one that is known from its seal alone.
pub(super) fn find(wanted: &str, data_dir: &Path, key: &Key) -> Result<String, CommandError> {
    let beginning = wanted.strip_prefix("stead:").unwrap_or(wanted);
    let mut known = sessions(data_dir)?;
    let sealed = Machine::check(data_dir, key, Some(&[]))?.seals;
    for session in sealed.iter().flat_map(Seals::sessions) {
        if !known.iter().any(|known| known == session) {
            known.push(session.to_owned());
        }
    }
    if known.iter().any(|session| session == beginning) {
        return Ok(beginning.to_owned());
    }
    let fits = known.iter().filter(|known| known.starts_with(beginning));
    let fits: Vec<&String> = fits.collect();
    match fits.as_slice() {
        [one] => Ok((*one).clone()),
        [] => Err(CommandError::new(
            Exit::NotFound,
            format!("no session of stead's own agent is called `{wanted}`"),
        )
        .hint("`stead ls --agent stead` lists them; those of other agents are not signed")),
        several => {
            let listed: Vec<&str> = several.iter().take(5).map(|one| one.as_str()).collect();
            let message = format!("`{wanted}` fits {} sessions", several.len());
            Err(CommandError::new(Exit::Ambiguous, message).hint(format!(
                "give more of the id: {}",
                escape(&listed.join(", "))
            )))
        }
    }
}

impl From<SealsError> for CommandError {
    fn from(error: SealsError) -> Self {
        match error {
            SealsError::NoEvent { .. } => Self::new(Exit::NotFound, error.to_string())
                .hint("`stead show SESSION --json` has the events with their ids"),
            SealsError::Proof(_) | SealsError::Checkpoint(_) => {
                Self::new(Exit::Altered, error.to_string())
                    .hint("`stead verify SESSION` says what is not as it was signed")
            }
            error => Self::failure(error.to_string()),
        }
    }
}
