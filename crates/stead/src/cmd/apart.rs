//! Advice when a search found nothing: its words may stand apart, in different
//! events of one session, or not all of them anywhere.

use std::collections::HashSet;
use std::fmt::Write;

use stead_app::{App, AppError, SearchOptions};
use stead_index::query::{self, Expr};

use crate::environment::Context;
use crate::text::counted;

/// Queries of more words are not taken apart: each costs a search.
const WORDS: usize = 6;

/// Sessions that are named.
const NAMED: usize = 5;

/// What to try instead of a query that found nothing, if anything helps.
pub(super) fn advice(
    app: &App,
    text: &str,
    options: &SearchOptions,
    context: &Context,
) -> Result<Option<String>, AppError> {
    let settings = &context.settings;
    let parsed = query::parse(text, settings.now, &settings.time_zone)?;
    let Expr::And(members) = parsed.expr else {
        return Ok(None);
    };
    let (words, rest): (Vec<Expr>, Vec<Expr>) = members
        .into_iter()
        .partition(|member| matches!(member, Expr::Text(_) | Expr::Or(_)));
    if !(2..=WORDS).contains(&words.len()) {
        return Ok(None);
    }
    let mut everywhere = SearchOptions::clone(options);
    everywhere.list.limit = None;
    let mut in_all: Option<Vec<String>> = None;
    let mut nowhere = true;
    let mut lines = String::new();
    for word in &words {
        let mut alone = vec![word.clone()];
        alone.extend(rest.iter().cloned());
        let query = Expr::all_of(alone).to_string();
        let hits = app.search(&query, &everywhere)?.hits;
        let events: u64 = hits.iter().map(|hit| hit.matches).sum();
        // Writing to a string cannot fail.
        let sessions = counted(hits.len() as u64, "session");
        let _ = writeln!(
            lines,
            "  {query}: {} in {sessions}",
            counted(events, "event")
        );
        nowhere &= hits.is_empty();
        let found: HashSet<&String> = hits.iter().map(|hit| &hit.short_id).collect();
        match &mut in_all {
            Some(ids) => ids.retain(|id| found.contains(id)),
            None => in_all = Some(hits.iter().map(|hit| hit.short_id.clone()).collect()),
        }
    }
    if nowhere {
        return Ok(None);
    }
    let mut either = vec![Expr::any_of(words)];
    either.extend(rest);
    let either = Expr::all_of(either).to_string();
    let mut advice = format!("All words must stand in one event. Each by itself:\n{lines}");
    let ids = in_all.unwrap_or_default();
    if !ids.is_empty() {
        let named = ids[..ids.len().min(NAMED)].join(", ");
        let more = if ids.len() > NAMED { ", …" } else { "" };
        let _ = writeln!(
            advice,
            "Each in another event of the same session: {named}{more}"
        );
    }
    let _ = write!(
        advice,
        "To find either: stead search '{}'",
        either.replace('\'', "'\\''")
    );
    Ok(Some(advice))
}
