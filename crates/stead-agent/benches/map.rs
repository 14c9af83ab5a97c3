//! What the map of a repository costs, beside looking for its files: medians of ten runs on
//! trees that are made for it, to be read by people. `cargo bench -p stead-agent`.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use stead_agent::context::{Budget, given};
use stead_agent::task::{Facts, by_rules};
use stead_agent::workspace::Workspace;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut out = std::io::stdout();
    for count in [20, 300, 10_000] {
        let folder = tempfile::tempdir()?;
        grow(folder.path(), count)?;
        let workspace = Workspace::open(folder.path())?;
        let facts = workspace.facts();
        let spec = by_rules("fix `work7` in group1/part11.py", &facts);
        let search = median(|| workspace.facts().files.len());
        let all = median(|| size(&workspace, &facts, &spec));
        writeln!(
            out,
            "{count} files: found in {:.1} ms, map of {} bytes in {:.1} ms, {:.2} of that",
            search.as_secs_f64() * 1e3,
            size(&workspace, &facts, &spec),
            all.as_secs_f64() * 1e3,
            all.as_secs_f64() / search.as_secs_f64(),
        )?;
    }
    Ok(())
}

fn size(workspace: &Workspace, facts: &Facts, spec: &stead_agent::task::TaskSpec) -> usize {
    let given = given(workspace, facts, spec, None, &|_| true, &Budget::default());
    given.iter().map(|piece| piece.shown().len()).sum()
}

fn median(work: impl Fn() -> usize) -> Duration {
    let time = || {
        let began = Instant::now();
        black_box(work());
        began.elapsed()
    };
    let mut times: Vec<Duration> = (0..10).map(|_| time()).collect();
    times.sort();
    times[5]
}

/// Files of Python of about 4 KB, each using some of the others, in folders of ten.
fn grow(top: &Path, count: usize) -> std::io::Result<()> {
    for number in 0..count {
        let mut text = String::new();
        for part in 0..12 {
            let other = (number * 7 + part * 13) % count;
            let _ = writeln!(
                text,
                "def work{number}_{part}(first, second=None):\n    \"\"\"Says what it is for.\"\"\"\n    \
                 value = work{other}_{part}(first)\n    if value and second is not None:\n        \
                 return [each.name for each in value if each.size > {part}]\n    \
                 return {{'key': first, 'value': second, 'number': {number}}}\n",
            );
        }
        let folder = top.join(format!("group{}", number / 10));
        std::fs::create_dir_all(&folder)?;
        std::fs::write(folder.join(format!("part{number}.py")), text)?;
    }
    Ok(())
}
