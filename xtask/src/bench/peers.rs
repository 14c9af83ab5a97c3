//! Other programs that do some of what stead does, on the same home.
//!
//! Each is measured with its own commands and its own index, in what it
//! indexes by itself: see docs/design/benchmarks.md for what that is.

use anyhow::Result;

use super::process::{Figures, Program, repeat};
use super::stead::{APPENDED, CJK, COLD, COMMON, LIST, RARE, REFRESH, SUBSTRING, TOTALS, appended};
use super::table::Table;
use super::truth::{self, Needle};
use super::{Bench, home};

/// A program and how it is asked.
#[derive(Debug)]
struct Peer {
    name: &'static str,
    program: &'static str,
    /// Below the home.
    index: &'static [&'static str],
    environment: &'static [(&'static str, &'static str)],
    /// Makes the index or brings it up to date.
    sync: &'static [&'static str],
    list: &'static [&'static str],
    /// Before the query.
    search: &'static [&'static str],
    totals: &'static [&'static str],
    /// It answers only while this runs.
    server: Option<[&'static [&'static str]; 2]>,
}

const PEERS: &[Peer] = &[
    Peer {
        name: "fast-resume",
        program: "fr",
        index: &[".cache/fast-resume"],
        environment: &[],
        sync: &["--list", "--limit", "1"],
        list: &["--list", "--limit", "20"],
        search: &["--list", "--limit", "20"],
        totals: &[],
        server: None,
    },
    Peer {
        name: "sessionwiki",
        program: "sessionwiki",
        index: &[".local/share/sessionwiki"],
        environment: &[],
        sync: &["sync"],
        list: &["list", "--limit", "20", "--json"],
        // Only the JSON has the agents' ids.
        search: &["search", "--json", "--limit", "20"],
        totals: &[],
        server: None,
    },
    Peer {
        name: "agentsview",
        program: "agentsview",
        index: &[".agentsview"],
        environment: &[("AGENTSVIEW_NO_DAEMON", "1")],
        sync: &["sync"],
        list: &["session", "list", "--include-one-shot", "--limit", "20"],
        search: &[
            "session",
            "search",
            "--include-one-shot",
            "--include-children",
            "--limit",
            "20",
        ],
        totals: &[],
        server: Some([&["daemon", "start"], &["daemon", "stop"]]),
    },
    Peer {
        name: "ccusage",
        program: "ccusage",
        index: &[],
        environment: &[],
        sync: &[],
        list: &[],
        search: &[],
        totals: &["daily", "--offline"],
        server: None,
    },
];

/// Measures those that are installed.
pub(super) fn measure(bench: &Bench, table: &mut Table) -> Result<()> {
    for peer in PEERS {
        let Some(path) = home::installed(peer.program) else {
            table.peer("all", peer.name, Err("not installed".to_owned()), false, "");
            continue;
        };
        let mut program = Program::new(bench, &path);
        // What it keeps goes where `index` says.
        program.set("XDG_CACHE_HOME", bench.home.path.join(".cache"));
        let mut alone = Program::new(bench, &path);
        alone.set("XDG_CACHE_HOME", bench.home.path.join(".cache"));
        for (name, value) in peer.environment {
            alone.set(name, *value);
        }
        indexing(bench, peer, &alone, table);
        if let Some([start, stop]) = peer.server {
            if let Err(error) = program.run(start) {
                table.peer("its server", peer.name, Err(error.to_string()), false, "");
                continue;
            }
            asking(bench, peer, &program, table);
            program.run(stop)?;
        } else {
            asking(bench, peer, &program, table);
        }
    }
    Ok(())
}

/// Its index from nothing, and when nothing changed.
fn indexing(bench: &Bench, peer: &Peer, program: &Program, table: &mut Table) {
    if peer.sync.is_empty() {
        return;
    }
    let cold = repeat(bench, || {
        for folder in peer.index {
            bench.home.remove(folder)?;
        }
        program.run(peer.sync)
    });
    table.peer(COLD, peer.name, said(cold), true, "");
    let refresh = repeat(bench, || program.run(peer.sync));
    table.peer(REFRESH, peer.name, said(refresh), false, "");
}

/// What it answers.
fn asking(bench: &Bench, peer: &Peer, program: &Program, table: &mut Table) {
    let note = if peer.server.is_some() {
        "its server runs"
    } else {
        ""
    };
    if !peer.totals.is_empty() {
        let figures = repeat(bench, || program.run(peer.totals));
        table.peer(TOTALS, peer.name, said(figures), true, "");
    }
    if !peer.list.is_empty() {
        let figures = repeat(bench, || program.run(peer.list));
        table.peer(LIST, peer.name, said(figures), false, note);
    }
    if peer.search.is_empty() {
        return;
    }
    for (item, kind) in [
        (RARE, "rare"),
        (COMMON, "common"),
        (SUBSTRING, "substring"),
        (CJK, "cjk"),
    ] {
        let outcome = bench
            .truth
            .needle(kind)
            .and_then(|needle| search(bench, peer, program, needle));
        let (outcome, found) = match outcome {
            Ok((figures, found)) => (Ok(figures), found),
            Err(error) => (Err(error), false),
        };
        table.peer(
            item,
            peer.name,
            said(outcome),
            false,
            if found { note } else { "NOT FOUND" },
        );
    }
    // A server notices by itself, some time later.
    if peer.server.is_some() {
        return;
    }
    let outcome = bench.truth.growing().and_then(|[session, _]| {
        appended(bench, session, |needle| {
            let args = [peer.search, &[needle]].concat();
            program.run(&args)
        })
    });
    let (outcome, note) = match outcome {
        Ok((figures, _)) => (Ok(figures), ""),
        Err(error) => (Err(error), ""),
    };
    table.peer(APPENDED, peer.name, said(outcome), false, note);
}

/// Times a search and says whether it found its needle, a common one anywhere.
fn search(
    bench: &Bench,
    peer: &Peer,
    program: &Program,
    needle: &Needle,
) -> Result<(Figures, bool)> {
    let args = [peer.search, &[needle.query.as_str()]].concat();
    let mut found = false;
    let figures = repeat(bench, || {
        let run = program.run(&args)?;
        found = if needle.kind == "common" {
            run.output.len() > 500
        } else {
            truth::names(&run.output, &needle.session)
        };
        Ok(run)
    })?;
    Ok((figures, found))
}

fn said(outcome: Result<Figures>) -> Result<Figures, String> {
    outcome.map_err(|error| error.to_string().replace('|', "/"))
}
