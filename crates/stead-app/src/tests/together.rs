//! What belongs together stands together: copies of one session, and sessions of
//! one project.

use fs_err as fs;
use stead_index::ProjectFilter;

use super::machine::{CLAUDE, Machine, all, found, load, prompt};
use crate::{App, GroupBy, ListOptions, StatsOptions, project_of};

/// An answer as Claude Code writes it.
fn reply(session: &str) -> String {
    let line = serde_json::json!({
        "parentUuid": "00000000-0000-4000-8000-000000000001",
        "type": "assistant",
        "message": {
            "id": format!("msg_{session}"),
            "role": "assistant",
            "model": "some-model",
            "content": [{"type": "text", "text": "hi"}],
            "usage": {"input_tokens": 2, "output_tokens": 1},
        },
        "uuid": "00000000-0000-4000-8000-000000000002",
        "timestamp": "2026-11-21T09:00:02.000Z",
        "cwd": "/home/dev/work/demo",
        "sessionId": session,
        "version": "2.1.329",
    });
    format!("{line}\n")
}

fn ids(app: &App) -> Vec<String> {
    let mut ids: Vec<_> = app.list(&all()).unwrap();
    ids.sort_by(|a, b| a.id.as_str().cmp(b.id.as_str()));
    ids.iter().map(|session| session.id.to_string()).collect()
}

#[test]
fn a_session_in_two_stores_is_shown_once_and_the_fuller_one() {
    let mut machine = Machine::with_samples();
    let once = ids(&machine.synced());
    let copy = tempfile::tempdir().unwrap();
    stead_adapters::samples::lay_out(copy.path()).unwrap();
    machine.say(CLAUDE, 1, "now about the quokka");
    let home = machine.home().to_owned();
    machine.add_root(copy);
    let app = machine.synced();
    assert_eq!(ids(&app), once);
    assert_eq!(found(&app, "quokka"), [CLAUDE]);
    let session = load(&app, CLAUDE);
    let place = session.events.last().unwrap().source.as_ref().unwrap();
    let file = &place.file;
    assert!(file.starts_with(home.to_str().unwrap()), "{file}");

    // What is left when the fuller one goes is the other.
    fs::remove_file(machine.file_of(CLAUDE)).unwrap();
    let app = machine.synced();
    assert_eq!(ids(&app), once);
    assert!(
        !app.list(&all())
            .unwrap()
            .iter()
            .any(|session| session.archived)
    );
}

#[cfg(unix)]
#[test]
fn sessions_of_one_project_are_listed_and_counted_together() {
    let machine = Machine::empty();
    let home = fs::canonicalize(machine.home()).unwrap();
    let project = home.join("work/web");
    fs::create_dir_all(project.join(".git")).unwrap();
    fs::create_dir_all(project.join("src")).unwrap();
    fs::create_dir_all(home.join("work/web2")).unwrap();
    std::os::unix::fs::symlink(&project, home.join("link")).unwrap();
    let folders = ["work/web", "work/web/", "work/web/src", "link", "work/web2"];
    for (number, folder) in folders.iter().enumerate() {
        let native = format!("00000000-0000-4000-8000-00000000000{number}");
        let cwd = format!("{}/{folder}", home.display());
        let text = prompt(&native, 1, "hello") + &reply(&native);
        let text = text.replace("/home/dev/work/demo", &cwd);
        let file = home.join(format!(".claude/projects/p/{native}.jsonl"));
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, text).unwrap();
    }
    let mut app = machine.synced();
    let count = |app: &App, project| {
        let options = ListOptions {
            project: Some(project),
            ..ListOptions::default()
        };
        app.count(&options).unwrap()
    };
    for below in ["work/web", "link", "work/web/src"] {
        let folder = ProjectFilter::Folder(project_of(&home.join(below), Some(&home)));
        assert_eq!(count(&app, folder), 4, "{below}");
    }
    let around = ProjectFilter::Folder(home.join("work").to_str().unwrap().into());
    assert_eq!(count(&app, around), 5);
    assert_eq!(count(&app, ProjectFilter::part("WORK/web")), 5);
    assert_eq!(count(&app, ProjectFilter::part("link")), 1);
    assert_eq!(found(&app, "hello project:work/web project:link").len(), 1);

    let by = StatsOptions {
        by: vec![GroupBy::Project],
        ..StatsOptions::default()
    };
    let rows = app.stats(&by).unwrap().rows;
    let requests: Vec<_> = rows
        .iter()
        .map(|row| (row.project.as_deref().unwrap(), row.requests))
        .collect();
    let path = |below| home.join(below).to_str().unwrap().to_owned();
    let (web, web2) = (path("work/web"), path("work/web2"));
    assert_eq!(requests, [(web.as_str(), 4), (web2.as_str(), 1)]);
}
