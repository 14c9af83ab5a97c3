//! Where databases are found, and what that says of them.

use fs_err as fs;
use serde_json::json;

use super::usual;
use crate::agents::crush::Crush;
use crate::{Adapter, Disk, Env, Os};

#[test]
fn stores_are_found_by_project_list_and_settings() {
    let count = |env: &Env| {
        let mut found = Vec::new();
        Crush
            .discover(env, &Disk::default(), &mut |unit| found.push(unit))
            .unwrap();
        found.len()
    };
    let store = usual(202_601);
    let home = store.home.path();
    let (project, data) = (home.join("work/demo"), home.join("work/demo/.crush"));
    let nowhere = Env::empty(Os::Linux);
    assert_eq!(
        count(&Env::at_home(home)),
        0,
        "nobody worked there that is known"
    );
    assert_eq!(count(&nowhere.clone().with_project(&project)), 1);
    assert_eq!(count(&nowhere.clone().with_root(home)), 1);
    assert_eq!(count(&nowhere.clone().with_root(&project)), 1);
    assert_eq!(count(&nowhere.clone().with_root(&data)), 1);
    let both = nowhere
        .clone()
        .with_root(home)
        .with_root(&data)
        .with_project(&project);
    assert_eq!(count(&both), 1);
    let list = json!({"projects": [{"path": project, "data_dir": data, "last_accessed": "2026-11-21T00:00:00Z"}, 7]});
    let shared = home.join(".local/share/crush");
    fs::create_dir_all(&shared).unwrap();
    fs::write(shared.join("projects.json"), list.to_string()).unwrap();
    assert_eq!(count(&Env::at_home(home)), 1);
    assert_eq!(
        count(&nowhere.clone().with_variable("CRUSH_GLOBAL_DATA", &shared)),
        1
    );
    assert_eq!(
        count(
            &nowhere
                .clone()
                .with_variable("XDG_DATA_HOME", shared.parent().unwrap())
        ),
        1
    );
    drop(store.database);
    let elsewhere = home.join("elsewhere");
    fs::rename(&data, &elsewhere).unwrap();
    fs::write(
        project.join("crush.json"),
        "{\"options\":{\"data_directory\":\"../../elsewhere\"}}",
    )
    .unwrap();
    assert_eq!(count(&nowhere.with_project(&project)), 1);
    fs::remove_file(project.join("crush.json")).unwrap();
    let list = json!({"projects": [{"path": project, "data_dir": elsewhere}]});
    fs::write(shared.join("projects.json"), list.to_string()).unwrap();
    let mut found = Vec::new();
    let env = Env::at_home(home);
    Crush
        .discover(&env, &Disk::default(), &mut |unit| found.push(unit))
        .unwrap();
    let session = &crate::load(&Crush, &found[0]).unwrap().0[0];
    assert_eq!(
        session.cwd.as_deref(),
        project.to_str(),
        "the list knows the folder"
    );
    assert!(
        Crush
            .stores(&env, &Disk::default())
            .iter()
            .any(|store| store.path == elsewhere)
    );
}

/// Two paths to one project are no two projects.
#[cfg(unix)]
#[test]
fn a_project_is_known_by_any_path() {
    let store = usual(202_601);
    let home = store.home.path();
    let (project, link) = (home.join("work/demo"), home.join("link"));
    std::os::unix::fs::symlink(&project, &link).unwrap();
    let shared = home.join(".local/share/crush");
    fs::create_dir_all(&shared).unwrap();
    let list = json!({"projects": [{"path": link, "data_dir": link.join(".crush")}]});
    fs::write(shared.join("projects.json"), list.to_string()).unwrap();
    let mut found = Vec::new();
    let env = Env::at_home(home).with_project(&project);
    Crush
        .discover(&env, &Disk::default(), &mut |unit| found.push(unit))
        .unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].parts, [project]);
}
