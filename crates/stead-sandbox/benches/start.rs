//! How long it takes to run nothing in each kind of sandbox: medians of 200 runs, to be read by
//! people. `cargo bench -p stead-sandbox`.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use stead_sandbox::{Cancel, Child, Command, Policy, Sandbox, Strategy};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let program = env!("CARGO_BIN_EXE_sandbox-child").into();
    let child = Child {
        program,
        arguments: vec!["stage".into()],
    };
    let folder = tempfile::tempdir()?;
    let (tree, home) = (folder.path().join("tree"), folder.path().join("home"));
    std::fs::create_dir_all(&tree)?;
    std::fs::create_dir_all(&home)?;
    let policy = Policy::new(tree, home);
    let bwrap = Path::new(option_env!("BWRAP").unwrap_or("/usr/bin/bwrap"));
    let mut all = vec![(Strategy::Unconfined, None), (Strategy::Namespaces, None)];
    if bwrap.exists() {
        all.push((Strategy::Bubblewrap, Some(bwrap.to_owned())));
    }
    let mut out = std::io::stdout();
    for (strategy, bwrap) in all {
        let sandbox = Sandbox::with(&child, strategy, bwrap);
        let command = Command::new("/bin/true");
        if let Err(error) = sandbox.run(&policy, &command, &Cancel::default(), &mut |_| ()) {
            writeln!(out, "{strategy}: {error}")?;
            continue;
        }
        let mut times = Vec::new();
        for _ in 0..200 {
            let began = Instant::now();
            sandbox.run(&policy, &command, &Cancel::default(), &mut |_| ())?;
            times.push(began.elapsed());
        }
        times.sort();
        let [median, high] = [100, 190].map(|at| times[at].as_secs_f64() * 1e3);
        writeln!(
            out,
            "{strategy}: median {median:.1} ms, 95 % below {high:.1} ms"
        )?;
    }
    Ok(())
}
