//! Serves a scripted model until its standard input ends, for agents that are tried by
//! hand: `cargo run -p stead-testkit --example scripted -- SCRIPT.json`. A script is
//! `{"answers": [{"say": "…", "calls": [{"tool": "shell", "args": {"command": "ls"}}]}]}`;
//! the `task.json` of `tasks/` is one too. At the end it says what it was asked.

use std::io::{Read, Write};
use std::path::Path;

use stead_testkit::model::{Script, ScriptedModel, Wire};

fn main() -> std::io::Result<()> {
    let mut out = std::io::stdout();
    let Some(path) = std::env::args().nth(1) else {
        return Err(std::io::Error::other("which script?"));
    };
    let model = ScriptedModel::new(Script::read(Path::new(&path))?);
    for wire in Wire::ALL {
        writeln!(out, "{wire:?}: {}", model.base(wire))?;
    }
    out.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    for asked in model.asked() {
        let (length, path) = (asked.body.len(), &asked.path);
        writeln!(out, "{path}, {length} bytes: {}", asked.text())?;
    }
    Ok(())
}
