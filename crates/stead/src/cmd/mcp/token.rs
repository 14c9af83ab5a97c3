//! The token that lets a client in over HTTP: made once, kept where only its owner reads it.

use std::io::Write;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::command_error::CommandError;

/// A shorter token could be guessed.
const LEAST: usize = 16;

/// A token, and where it is from, for people.
#[derive(PartialEq, Eq)]
pub(super) struct Token {
    pub(super) text: String,
    pub(super) place: String,
}

/// The token that the user gave, else the one of the data folder, made with these random
/// bytes if there is none yet.
pub(super) fn token(
    given: Option<String>,
    data_dir: &Path,
    random: impl FnOnce() -> Result<[u8; 32], CommandError>,
) -> Result<Token, CommandError> {
    if let Some(text) = given {
        let place = "STEAD_MCP_TOKEN".to_owned();
        return checked(text, place);
    }
    let file = data_dir.join("mcp-token");
    let place = file.display().to_string();
    match fs_err::read_to_string(&file) {
        Ok(text) => checked(text.trim().to_owned(), place),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let text = URL_SAFE_NO_PAD.encode(random()?);
            fs_err::create_dir_all(data_dir)?;
            keep(&file, &text)?;
            Ok(Token { text, place })
        }
        Err(error) => Err(error.into()),
    }
}

fn checked(text: String, place: String) -> Result<Token, CommandError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_graphic());
    if plain && text.len() >= LEAST {
        return Ok(Token { text, place });
    }
    Err(CommandError::usage(format!(
        "the token in {place} is too short, or has spaces or other signs"
    ))
    .hint("remove it, and stead makes a new one"))
}

/// Writes a new file that nobody else can read.
fn keep(file: &PathBuf, text: &str) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    writeln!(options.open(file)?, "{text}")
}
