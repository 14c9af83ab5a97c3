//! What is measured of stead itself.

use std::path::Path;
use std::time::Duration;

use anyhow::Result;

use super::process::{Figures, Program, Run, repeat};
use super::table::{Table, Target};
use super::truth::{self, Session};
use super::{Bench, checks, home};

/// Names of items that peers have too.
pub(super) const COLD: &str = "cold index";
pub(super) const REFRESH: &str = "refresh, nothing changed";
pub(super) const LIST: &str = "list";
pub(super) const RARE: &str = "search, rare word";
pub(super) const COMMON: &str = "search, common word";
pub(super) const SUBSTRING: &str = "search, part of a word";
pub(super) const CJK: &str = "search, part of a CJK run";
pub(super) const APPENDED: &str = "line appended and found";
pub(super) const TOTALS: &str = "token totals from scratch";

/// The largest binary that is all right, in bytes.
const BINARY: u64 = 40_000_000;
/// The most memory, in bytes.
const MEMORY: u64 = 150_000_000;

/// Measures everything and checks the answers.
pub(super) fn measure(bench: &Bench, path: &Path, table: &mut Table) -> Result<()> {
    let data = bench.work.join("data");
    let mut stead = Program::new(bench, path);
    stead.set("STEAD_DATA_DIR", &data);
    let mut bare = Program::new(bench, path);
    bare.set("STEAD_DATA_DIR", &data);
    bare.set("STEAD_ARCHIVE", "off");

    let figures = repeat(bench, || stead.run(&["--version"]))?;
    table.add("`--version`", figures, Target::AnySize(5.0));
    let scratch = |program: &Program, args: &[&str]| {
        repeat(bench, || {
            home::remove(&data)?;
            program.run(args)
        })
    };
    let figures = scratch(&bare, &["stats"])?;
    table.add(TOTALS, figures, Target::Rate(600.0));
    let from_scratch = bare.run(&["stats", "--json"])?;
    let without = scratch(&bare, &["sync"])?;
    let with = scratch(&stead, &["sync"])?;
    let memory = without.memory.max(with.memory);
    table.check(
        format!("indexing takes {} MB, at most 150", memory / 1_000_000),
        memory <= MEMORY,
    );
    table.add(COLD, with, Target::Rate(120.0));
    table.add("cold index, no archive", without, Target::Rate(120.0));

    let mut time = |item: &str, args: &[&str], target: Target| -> Result<()> {
        let figures = repeat(bench, || stead.run(args))?;
        table.add(item, figures, target);
        Ok(())
    };
    time(REFRESH, &["sync"], Target::Millis(8.0))?;
    time(LIST, &["ls"], Target::Millis(5.0))?;
    let needle = |kind: &str| bench.truth.needle(kind).map(|n| n.query.as_str());
    let rare = needle("rare")?;
    // The needles of this kind differ in their last syllables.
    let prefix = format!("{}*", rare.get(..9).unwrap_or(rare));
    let common = needle("common")?;
    let searches = [
        (RARE, rare),
        (COMMON, common),
        ("search, prefix, rare", &prefix),
        ("search, prefix, common", "err*"),
        (SUBSTRING, needle("substring")?),
        (CJK, needle("cjk")?),
        ("search, two common words", "parser error"),
        ("search, `tool:shell is:error`", "tool:shell is:error"),
    ];
    for (item, query) in searches {
        time(item, &["search", query], Target::Millis(8.0))?;
    }
    let largest = bench.truth.largest()?;
    time(
        "show, largest session",
        &["show", &largest.id],
        Target::None,
    )?;
    time(
        "show --json, largest session",
        &["show", "--json", &largest.id],
        Target::None,
    )?;
    time("totals from the index", &["stats"], Target::None)?;

    let size = fs_err::metadata(path)?.len();
    table.check(
        format!("the binary has {:.1} MB, at most 40", size as f64 / 1e6),
        size <= BINARY,
    );
    append(bench, &stead, table)?;
    checks::answers(bench, &stead, &from_scratch, table)
}

/// Appends lines to two sessions and finds each of them.
fn append(bench: &Bench, stead: &Program, table: &mut Table) -> Result<()> {
    let [middle, largest] = bench.truth.growing()?;
    let cases = [
        (APPENDED, middle),
        ("line appended to the largest and found", largest),
    ];
    for (item, session) in cases {
        let (figures, found) = appended(bench, session, |needle| stead.run(&["search", needle]))?;
        table.add(item, figures, Target::Millis(30.0));
        let kilobytes = session.bytes / 1000;
        let what = format!("each line appended to a session of {kilobytes} kB is found at once");
        table.check(what, found);
    }
    Ok(())
}

/// Times the search for lines just appended, and says whether all were found
/// in the right session. Appending is not part of the time.
pub(super) fn appended(
    bench: &Bench,
    session: &Session,
    search: impl Fn(&str) -> Result<Run>,
) -> Result<(Figures, bool)> {
    let mut found = true;
    let mut number = 0;
    let figures = repeat(bench, || {
        number += 1;
        let needle = format!("zephyrquill{number}x");
        let text = format!("and now the {needle} please");
        bench.home.append(session, number, &text)?;
        // Times of files have a grain, on some systems of a clock tick.
        std::thread::sleep(Duration::from_millis(20));
        let run = search(&needle)?;
        found &= truth::names(&run.output, &session.id);
        Ok(run)
    })?;
    Ok((figures, found))
}
