//! `stead models add`

use std::io::Write;

use serde_json::json;
use toml_edit::{InlineTable, Value};

use crate::cli::{GlobalArgs, ModelsAddArgs};
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::{ConfigFile, KeyState, Providers, to_store};
use crate::output::Output;
use crate::text::one_line;

pub(super) fn run(
    args: &ModelsAddArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    check(args)?;
    let mut file = ConfigFile::open(context)?;
    write(args, &mut file)?;
    let context = Context {
        models: file.config()?.of_models(),
        ..context.clone()
    };
    let providers = Providers::configured(&context);
    let endpoint = providers.address(&args.name);
    let endpoint = endpoint.map_err(|error| {
        CommandError::usage(error.to_string())
            .hint("--base-url URL says where it is, --wire how it is spoken to")
    })?;
    let path = file.save()?;
    let key = providers.key_state(&args.name);
    if global.json {
        let (state, place) = key.parts();
        write_json(&json!({
            "name": args.name,
            "wire": endpoint.wire.name(),
            "host": endpoint.host(),
            "local": providers.is_local(&args.name),
            "key": { "state": state, "place": place },
            "config": path,
        }))?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::plain();
    let name = one_line(&args.name);
    writeln!(
        out,
        "provider `{name}` at {} is in {}",
        one_line(&endpoint.host()),
        path.display()
    )?;
    if let KeyState::Missing(variable) = &key {
        writeln!(out, "its key is looked for in {variable}, which is not set")?;
    }
    if let Some(account) = &args.key_keyring
        && let Some(command) = to_store(context.settings.env.os, account)
    {
        writeln!(out, "put its key into the keyring with: {command}")?;
    }
    writeln!(
        out,
        "next: `stead models list {name}`, `stead use {name}/MODEL`"
    )?;
    out.finish()?;
    Ok(Exit::Ok)
}

fn check(args: &ModelsAddArgs) -> Result<(), CommandError> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if args.name.is_empty() || !args.name.chars().all(plain) {
        return Err(
            CommandError::usage(format!("`{}` is no name for a provider", args.name))
                .hint("letters, digits, `-`, `_` and `.`"),
        );
    }
    let variable = |c: char| c.is_ascii_alphanumeric() || c == '_';
    for name in args.key_env.iter().chain(&args.key_keyring) {
        let is_name = name
            .chars()
            .all(|c| variable(c) || args.key_env.is_none() && plain(c));
        // Perhaps it is the key itself, so it is not said.
        if name.is_empty() || name.len() > 64 || !is_name {
            return Err(CommandError::usage("that is no name of a place for a key")
                .hint("a key is never written down: --key-env takes the name of a variable, --key-keyring a name in the keyring"));
        }
    }
    Ok(())
}

fn write(args: &ModelsAddArgs, file: &mut ConfigFile) -> Result<(), CommandError> {
    let table = ["provider", args.name.as_str()];
    file.make(&table)?;
    let texts = [
        ("like", args.like.clone()),
        ("wire", args.wire.map(|wire| wire.name().to_owned())),
        ("base_url", args.base_url.clone()),
    ];
    for (name, text) in texts {
        if let Some(text) = text {
            file.set(&table, name, text)?;
        }
    }
    let places = [
        ("env", &args.key_env),
        ("command", &args.key_command),
        ("keyring", &args.key_keyring),
    ];
    for (form, place) in places {
        if let Some(place) = place {
            let mut key = InlineTable::new();
            key.insert(form, Value::from(place.as_str()));
            file.set(&table, "key", key)?;
        }
    }
    if args.local {
        file.set(&table, "local", true)?;
    }
    Ok(())
}
