//! Whether stead's answers are right. Nothing here is timed.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_json::Value;

use super::Bench;
use super::process::{Program, Run};
use super::table::Table;
use super::truth::{self, Session};

/// Asks for what the truth knows. `totals` is what `stats` gave before there
/// was an index.
pub(super) fn answers(
    bench: &Bench,
    stead: &Program,
    totals: &Run,
    table: &mut Table,
) -> Result<()> {
    let truth = &bench.truth;
    for kind in ["rare", "substring", "cjk"] {
        let needles: Vec<_> = truth.needles.iter().filter(|n| n.kind == kind).collect();
        let mut found = 0;
        for needle in &needles {
            let run = stead.run(&["search", &needle.query])?;
            found += usize::from(truth::names(&run.output, &needle.session));
        }
        let all = needles.len();
        let what = format!("{found} of {all} needles ({kind}) are found in their session");
        table.check(what, found == all);
    }

    let common = truth.needle("common")?;
    let hits = sessions(&stead.run(&["search", "--json", "--limit", "0", &common.query])?)?;
    let (count, all) = (hits.len(), truth.sessions.len());
    let most = hits.contains(&common.session) && count * 2 > all;
    table.check(
        format!("the common word is found in {count} of {all} sessions"),
        most,
    );

    let secrets: Vec<_> = truth
        .needles
        .iter()
        .filter(|n| n.kind == "secret")
        .collect();
    let mut masked = true;
    for secret in &secrets {
        for query in [&secret.query, &secret.text] {
            masked &= sessions(&stead.run(&["search", "--json", query])?)?.is_empty();
        }
        let shown = stead.run(&["show", "--json", &secret.session])?;
        let shown = String::from_utf8_lossy(&shown.output);
        masked &= !shown.is_empty() && !shown.contains(&secret.query);
    }
    let count = secrets.len();
    table.check(
        format!("{count} secrets are neither found nor shown"),
        masked,
    );

    let failed = sessions(&stead.run(&["search", "--json", "tool:shell is:error"])?)?;
    table.check("commands that failed are found", !failed.is_empty());
    let both = sessions(&stead.run(&["search", "--json", "parser error"])?)?;
    table.check("two common words are found", !both.is_empty());
    let listed = stead.run(&["ls", "--json", "--all", "--limit", "0"])?;
    let listed: Vec<Value> = serde_json::from_slice(&listed.output)?;
    let (count, all) = (listed.len(), truth.sessions.len());
    table.check(
        format!("{count} of {all} sessions are listed"),
        count == all,
    );

    let indexed = stead.run(&["stats", "--json"])?;
    let same = indexed.output == totals.output;
    table.check("totals are the same with and without an index", same);
    let totals: Value = serde_json::from_slice(&totals.output)?;
    usage(bench, &totals, table)
}

/// Holds token totals against those of the sessions: what forks copied may be
/// in them once, so they lie between the sum without forks and the sum of all.
/// OpenCode counts reasoning apart, so it may be added to the output.
fn usage(bench: &Bench, totals: &Value, table: &mut Table) -> Result<()> {
    let rows = totals["rows"].as_array().context("no rows")?;
    for row in rows {
        let agent = row["agent"].as_str().unwrap_or_default();
        let right = |name: &str, part: fn(&Session) -> u64| {
            let ours = bench.truth.sessions.iter().filter(|s| s.agent == agent);
            let least = ours.clone().filter(|s| s.fork_of.is_none()).map(part).sum();
            let apart = |s: &Session| match name {
                "output" if agent == "opencode" => s.tokens.reasoning,
                _ => 0,
            };
            let most = ours.map(|s| part(s) + apart(s)).sum();
            let given = row["usage"][name].as_u64().unwrap_or_default();
            (given, (least..=most).contains(&given))
        };
        let (output, right_output) = right("output", |s| s.tokens.output);
        let (cached, right_cached) = right("cache_read", |s| s.tokens.cache_read);
        let what = format!("{agent}: {output} tokens of output, {cached} read from the cache");
        table.check(what, right_output && right_cached);
    }
    Ok(())
}

/// The native ids of the sessions that a search found.
fn sessions(run: &Run) -> Result<BTreeSet<String>> {
    if run.output.is_empty() {
        return Ok(BTreeSet::new());
    }
    let found: Value = serde_json::from_slice(&run.output)?;
    let hits = found["hits"].as_array().context("no hits")?;
    let ids = hits.iter().map(|hit| hit["session"]["native_id"].as_str());
    Ok(ids.flatten().map(str::to_owned).collect())
}
