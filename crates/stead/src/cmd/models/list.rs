//! `stead models list`

use std::io::{self, Write};
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use stead_llm::traffic::Tape;
use stead_llm::{Call, LlmError, ModelRef};

use super::ask::{client, tape, wait};
use super::{as_json, in_use, write_in_use};
use crate::cli::{GlobalArgs, ModelArgs, ModelsListArgs};
use crate::cmd::styled;
use crate::cmd::tracing::write_json;
use crate::command_error::CommandError;
use crate::environment::Context;
use crate::exit_code::Exit;
use crate::models::{KeyState, Models, Providers, listens};
use crate::output::Output;
use crate::table::Table;
use crate::text::one_line;

pub(super) fn run(
    args: &ModelsListArgs,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    let providers = Providers::configured(context);
    if let Some(name) = &args.provider {
        return of_one(name, &providers, global, context);
    }
    let rows = providers.names().into_iter();
    let mut rows: Vec<Row> = rows.map(|name| Row::of(name, &providers)).collect();
    if args.local {
        let (tape, _) = tape(context)?;
        for row in rows.iter_mut().filter(|row| row.listens == Some(true)) {
            let asked = wait(names(&row.name, &providers, context, tape.clone()))?;
            row.asked = Some(asked.map_err(|error| error.to_string()));
        }
    }
    let used = in_use(context);
    if global.json {
        write_json(&json!({
            "in_use": used.as_ref().ok().map(as_json),
            "providers": rows.iter().map(Row::as_json).collect::<Vec<_>>(),
        }))?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::plain();
    if args.local {
        write_local(&rows, &mut out)?;
    } else {
        match &used {
            Ok(models) => write_in_use(models, &mut out)?,
            Err(_) => writeln!(
                out,
                "no model is in use: `stead use PROVIDER/NAME` chooses one"
            )?,
        }
        writeln!(out)?;
        table(&rows, context).write(&mut out, context.width, context.colour)?;
        writeln!(
            out,
            "\n`stead models list PROVIDER` asks for the models there; with --local, all servers of this machine"
        )?;
    }
    out.finish()?;
    Ok(Exit::Ok)
}

/// A provider, as far as is known without asking it.
struct Row {
    name: String,
    title: String,
    wire: &'static str,
    base_url: Option<String>,
    host: String,
    configured: bool,
    local: bool,
    key: KeyState,
    /// Whether something listens, of providers on this machine.
    listens: Option<bool>,
    /// Its models, if it was asked.
    asked: Option<Result<Vec<String>, String>>,
    error: Option<String>,
}

impl Row {
    fn of(name: &str, providers: &Providers) -> Self {
        let address = providers.address(name);
        let endpoint = address.as_ref().ok();
        let on_this_machine = endpoint.filter(|endpoint| endpoint.is_loopback());
        Self {
            name: name.to_owned(),
            title: providers.title(name).to_owned(),
            wire: endpoint.map_or("", |endpoint| endpoint.wire.name()),
            // A query may hold a key.
            base_url: endpoint.map(|endpoint| {
                let url = endpoint.base_url.split(['?', '#']).next();
                url.unwrap_or_default().to_owned()
            }),
            host: endpoint.map_or_else(|| "-".to_owned(), stead_llm::Endpoint::host),
            configured: providers.is_configured(name),
            local: providers.is_local(name),
            key: providers.key_state(name),
            listens: on_this_machine.map(listens),
            asked: None,
            error: address.as_ref().err().map(ToString::to_string),
        }
    }

    fn as_json(&self) -> Value {
        let (state, place) = self.key.parts();
        let asked = self.asked.as_ref();
        let failed = asked.and_then(|asked| asked.as_ref().err());
        json!({
            "name": self.name,
            "title": self.title,
            "wire": self.wire,
            "base_url": self.base_url,
            "configured": self.configured,
            "local": self.local,
            "key": { "state": state, "place": place },
            "listens": self.listens,
            "models": asked.and_then(|asked| asked.as_ref().ok()),
            "error": failed.or(self.error.as_ref()),
        })
    }
}

fn table(rows: &[Row], context: &Context) -> Table {
    let paint = |style: Style| styled(style, context.colour);
    let plain = Style::new();
    let (green, dim) = (paint(AnsiColor::Green.on_default()), paint(plain.dimmed()));
    let mut table = Table::new(&["PROVIDER", "WIRE", "WHERE", "KEY"]);
    for row in rows {
        let (_, place) = row.key.parts();
        let place = place.map(one_line).unwrap_or_default();
        let (key, style) = match &row.key {
            _ if row.error.is_some() => ("not usable yet".to_owned(), dim),
            KeyState::Needless => ("none needed".to_owned(), plain),
            KeyState::There(_) => (format!("{place} ✓"), green),
            KeyState::Behind(_) => (place, plain),
            KeyState::Missing(_) => (format!("{place} is not set"), dim),
            KeyState::Optional(_) => (format!("none needed, or {place}"), plain),
        };
        let place = match row.listens {
            Some(true) => (format!("{} (listens)", row.host), green),
            Some(false) => (format!("{} (nobody there)", row.host), dim),
            None => (row.host.clone(), plain),
        };
        let mark = if row.configured { " *" } else { "" };
        table.row(vec![
            (format!("{}{mark}", one_line(&row.name)), plain),
            (row.wire.to_owned(), dim),
            (one_line(&place.0), place.1),
            (key, style),
        ]);
    }
    table
}

fn write_local(rows: &[Row], out: &mut Output) -> io::Result<()> {
    let mut heard = false;
    for row in rows {
        let Some(asked) = &row.asked else { continue };
        heard = true;
        let title = one_line(&row.title);
        match asked {
            Ok(models) => {
                writeln!(out, "{title} at {}", one_line(&row.host))?;
                for model in models {
                    writeln!(out, "  {}/{}", one_line(&row.name), one_line(model))?;
                }
            }
            Err(error) => writeln!(out, "{title} at {}: {}", row.host, one_line(error))?,
        }
    }
    if !heard {
        writeln!(out, "no server of models listens on this machine")?;
    }
    Ok(())
}

/// The models of one provider, as its server says.
fn of_one(
    name: &str,
    providers: &Providers,
    global: &GlobalArgs,
    context: &Context,
) -> Result<Exit, CommandError> {
    providers
        .address(name)
        .map_err(|error| providers.unusable(&error))?;
    let (tape, _) = tape(context)?;
    let found = wait(names(name, providers, context, tape))?;
    let found =
        found.map_err(|error| CommandError::failure(error.to_string()).hint(error.hint()))?;
    // Routes and licences are told as everywhere else.
    let first = found.first().map(|model| format!("{name}/{model}"));
    let models = Models::load(
        context,
        &ModelArgs {
            model: first,
            ..ModelArgs::default()
        },
    );
    let told = found.iter().map(|model| {
        let model = ModelRef {
            provider: name.to_owned(),
            model: model.clone(),
        };
        let models = models.as_ref().ok();
        let licence = models.and_then(|models| models.licence(&model));
        (
            model.to_string(),
            models.map(|models| models.route(&model)),
            licence,
        )
    });
    if global.json {
        let told = told.map(
            |(model, route, licence)| json!({ "model": model, "route": route, "licence": licence }),
        );
        write_json(&json!({ "provider": name, "models": told.collect::<Vec<_>>() }))?;
        return Ok(Exit::Ok);
    }
    let mut out = Output::paged(context);
    for (model, _, licence) in told {
        let licence = licence.map(|licence| format!("  ({})", one_line(&licence)));
        writeln!(out, "{}{}", one_line(&model), licence.unwrap_or_default())?;
    }
    if found.is_empty() {
        writeln!(out, "{} has no models", one_line(name))?;
    }
    out.finish()?;
    Ok(Exit::Ok)
}

/// Asks a provider for the names of its models.
async fn names(
    name: &str,
    providers: &Providers,
    context: &Context,
    tape: Arc<dyn Tape>,
) -> Result<Vec<String>, LlmError> {
    let endpoint = providers.endpoint(name)?;
    let call = Call::new(format!("models-{name}"), tape);
    client(context).models(&endpoint, call).await
}
