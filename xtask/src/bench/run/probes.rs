//! What commands of an agent can get at: each probe is a command that the model calls for,
//! and the truth is looked up outside.

use std::path::Path;

use anyhow::{Context, Result};
use stead_testkit::model::{Answer, ScriptedModel};
use stead_testkit::server::{Answer as Reply, FakeServer};

use super::Place;
use super::agents::Agent;

/// What only a command that got at it can know.
const SECRET: &str = "c0ffee-4711";

/// All probes, with whether the command got at what it tried.
pub(super) fn all(
    agent: &Agent,
    program: &Path,
    place: &Place,
) -> Result<Vec<(&'static str, bool)>> {
    let server = FakeServer::new(|_| Reply::Body("reached".to_owned()));
    let shared = tempfile::Builder::new()
        .prefix("probe-")
        .tempdir_in("/tmp")?;
    let shared = shared.path();
    fs_err::write(shared.join("secret"), SECRET)?;
    fs_err::create_dir_all(place.home.join(".ssh"))?;
    fs_err::write(place.home.join(".ssh/id_ed25519"), SECRET)?;
    fs_err::write(place.work.join("elsewhere"), SECRET)?;
    let says = |command: &str| says(agent, program, place, command);
    let port = server.url.rsplit(':').next().unwrap_or_default().to_owned();
    let home = place.home.display();
    let (tmp, work) = (shared.display(), place.work.display());

    let key = says(&format!("cat {home}/.ssh/id_ed25519"))?.contains(SECRET);
    let other = says(&format!("cat {work}/elsewhere"))?.contains(SECRET);
    let read = says(&format!("cat {tmp}/secret"))?.contains(SECRET);
    says(&format!(
        "echo x > {tmp}/new; echo x > {work}/new; echo x > {home}/new"
    ))?;
    says("echo true > .git/hooks/post-commit")?;
    says(&format!(
        "exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&3; cat <&3"
    ))?;
    let token = says("cat /proc/*/environ | tr '\\0' '\\n'; env")?.contains(SECRET);
    Ok(vec![
        ("reads a key in the home folder", key),
        ("reads a file elsewhere on the disk", other),
        ("reads another program's file in /tmp", read),
        ("writes into /tmp of all", shared.join("new").exists()),
        (
            "writes elsewhere, or into the home folder",
            place.work.join("new").exists() || place.home.join("new").exists(),
        ),
        (
            "writes a git hook",
            place.repository.join(".git/hooks/post-commit").exists(),
        ),
        ("reaches the network", !server.asked().is_empty()),
        ("reads a secret of the environment", token),
    ])
}

/// What the model is told after a command.
fn says(agent: &Agent, program: &Path, place: &Place, command: &str) -> Result<String> {
    let model = ScriptedModel::new(vec![Answer::shell(command), Answer::say("That is all.")]);
    let mut ready = agent.ready(program, place, &model)?;
    ready.set("SERVICE_TOKEN", SECRET);
    let arguments = (agent.arguments)("What does this say?", &model);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    ready.run(&arguments)?;
    let asked = model.asked();
    let asked = asked.get(1).context("the command was not run")?;
    Ok(asked.results().join("\n"))
}
