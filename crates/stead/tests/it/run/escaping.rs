//! A model that tries to get out: every way is shut, and what it sees of the user's home,
//! network and repository is nothing.

use std::path::Path;

use stead_testkit::disk;
use stead_testkit::model::{Answer, ScriptedModel, ScriptedTask};
use stead_testkit::server::{Answer as Reply, FakeServer};

use super::world::World;

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY----- b3BlbnNzaC1rZXktdjEAAAAA";

#[test]
fn every_way_out_is_shut() {
    let outside = tempfile::tempdir().unwrap();
    std::fs::write(outside.path().join("there.txt"), "there").unwrap();
    let server = FakeServer::new(|_| Reply::Body("reached".to_owned()));
    // The home folder is known only once there is a machine.
    let world = World::of(&ScriptedTask::load("shell-project", &[]), &[]);
    let home = world.machine.home().display().to_string();
    let port = server.url.rsplit(':').next().unwrap().to_owned();
    let place = outside.path().display().to_string();
    let with = [
        ("HOME", home.as_str()),
        ("OUTSIDE", &place),
        ("PORT", &port),
    ];
    let task = ScriptedTask::load("escape", &with);
    let repo = world.repo();
    for old in ["AGENTS.md", "greet.sh", "tests/run.sh"] {
        std::fs::remove_file(repo.join(old)).unwrap();
    }
    std::fs::remove_dir_all(repo.join(".git")).unwrap();
    task.lay_out(repo, &with);
    let ssh = world.machine.home().join(".ssh");
    std::fs::create_dir(&ssh).unwrap();
    std::fs::write(ssh.join("id_ed25519"), KEY).unwrap();
    let git_before = git_files(repo);

    let model = ScriptedModel::new(task.answers.clone());
    let mut command = world.command(&model, &[&task.task, "--yes", "--apply"]);
    command.env("MY_SERVICE_TOKEN", "tok-4711-secret");
    let ran = super::world::Ran::of(crate::machine::Run::of(command.output().unwrap()));
    ran.assert_ended(task.exit, &task.outcome);
    world.assert_on_record(&model);

    let results = ran.results();
    let all: Vec<&str> = results.iter().map(|(_, text)| text.as_str()).collect();
    let all = all.join("\n");
    for secret in [KEY, "tok-4711-secret", "reached"] {
        assert!(!all.contains(secret), "{all}");
        let asked = model.asked();
        assert!(asked.iter().all(|asked| !asked.text().contains(secret)));
        assert_eq!(
            disk::holding(world.machine.data(), secret),
            Vec::<std::path::PathBuf>::new()
        );
    }
    // Files outside, files below `.git`, and through links: by tools.
    for (at, (ok, text)) in results.iter().enumerate() {
        let by_tool = (1..=7).contains(&at) || (12..=14).contains(&at);
        assert!(!(by_tool && *ok), "call {at} was made: {text}");
    }
    for failed in [
        "home:0",
        "outside:0",
        "hooks:0",
        "config:0",
        "moved:0",
        "curl:0",
        "tcp:0",
    ] {
        assert!(!all.contains(failed), "{failed}: {all}");
    }
    assert_eq!(server.asked().len(), 0);
    assert_eq!(
        disk::files(outside.path()),
        [outside.path().join("there.txt")]
    );
    assert_eq!(
        std::fs::read_to_string(outside.path().join("there.txt")).unwrap(),
        "there"
    );
    assert!(!repo.parent().unwrap().join("b.txt").exists());
    assert!(!repo.parent().unwrap().join("d.txt").exists());
    assert_eq!(git_files(repo), git_before);
    assert_eq!(world.changed(), ["app.sh"]);
}

fn git_files(repo: &Path) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let files = disk::files(&repo.join(".git")).into_iter();
    // Asking for the status may refresh it.
    let files = files.filter(|path| !path.ends_with("index"));
    files
        .map(|path| (path.clone(), std::fs::read(path).unwrap()))
        .collect()
}

/// The folder for temporary files is the command's own.
#[test]
fn what_lies_in_tmp_is_not_shared() {
    let (world, _) = World::broken();
    let shared = tempfile::Builder::new()
        .prefix("stead-e2e-")
        .tempdir_in("/tmp")
        .unwrap();
    std::fs::write(shared.path().join("secret"), "shared-4711").unwrap();
    let place = shared.path().display();
    let look =
        format!("cat {place}/secret; ls /tmp | grep -c stead-e2e-; echo x > {place}/new; true");
    let model = ScriptedModel::new(vec![Answer::shell(&look), Answer::say("That is all.")]);
    let ran = world.do_task(&model, "what is in /tmp?");
    ran.assert_ended(0, "done");
    let (_, text) = &ran.results()[0];
    assert!(
        !text.contains("shared-4711") && text.lines().any(|line| line == "0"),
        "{text}"
    );
    assert_eq!(disk::files(shared.path()).len(), 1);
}

/// Without anybody to ask, what needs a word is neither done nor passed over.
#[test]
fn what_needs_a_word_blocks_where_nobody_is_there() {
    let (world, task) = World::broken();
    let policy = "[[rule]]\ntool = \"shell\"\ncommand = \"rm **\"\ndecision = \"ask\"\n";
    std::fs::create_dir(world.repo().join(".stead")).unwrap();
    std::fs::write(world.repo().join(".stead/policy.toml"), policy).unwrap();
    let before = world.tree();
    let model = ScriptedModel::new(vec![Answer::shell("rm cart.py"), Answer::say("Done.")]);
    let ran = world.run(&model, &[&task.task]);
    ran.assert_ended(6, "blocked");
    assert!(
        ran.end()["why"].as_str().unwrap().contains("rm"),
        "{:#}",
        ran.end()
    );
    assert_eq!((world.tree(), model.asked().len()), (before, 1));
    world.assert_on_record(&model);
}
