//! Where sessions are looked for, and whose they are.

use std::path::Path;

use fs_err as fs;

use super::{KiloCode, home};
use crate::{Adapter, Disk, Env, Os, adapters, conformance};

fn count(adapter: &dyn Adapter, env: &Env) -> usize {
    let mut units = 0;
    let discovered = adapter.discover(env, &Disk::default(), &mut |_| units += 1);
    discovered.unwrap();
    units
}

#[test]
fn a_root_is_a_home_or_the_data_folder_and_is_found_once() {
    let home = home("7.0.33");
    let data = home.path().join(".local/share/kilo");
    let nowhere = Env::empty(Os::Linux);
    let shared = data.parent().unwrap();
    for env in [
        nowhere.clone().with_root(home.path()),
        nowhere.clone().with_root(&data),
        nowhere.clone().with_variable("XDG_DATA_HOME", shared),
        nowhere
            .clone()
            .with_variable("KILO_DB", data.join("kilo.db")),
        Env::at_home(home.path())
            .with_root(&data)
            .with_variable("KILO_DB", "kilo.db"),
    ] {
        assert_eq!(count(&KiloCode, &env), 1, "{env:?}");
    }
    fs::rename(data.join("kilo.db"), data.join("kilo-next.db")).unwrap();
    assert_eq!(count(&KiloCode, &Env::at_home(home.path())), 1, "a channel");
}

/// A store is read by one adapter, whatever names it.
#[test]
fn no_other_agent_claims_the_store() {
    let home = home("7.7.9");
    tree(&home.path().join(".local/share/kilo"), "ses_1");
    let data = home.path().join(".local/share/kilo");
    let env = Env::at_home(home.path()).with_root(&data);
    let found = adapters().iter().map(|adapter| count(*adapter, &env));
    assert_eq!(
        found.sum::<usize>(),
        2,
        "the database and the file beside it"
    );
    assert_eq!(count(&KiloCode, &env), 2);
    let other = tempfile::tempdir().unwrap();
    tree(other.path(), "ses_1");
    let env = Env::empty(Os::Linux).with_root(other.path());
    assert_eq!(count(&KiloCode, &env), 0, "files do not say whose they are");
}

/// Before its database the program kept files, as what it was made from did.
#[test]
fn files_of_before_the_database() {
    let home = tempfile::tempdir().unwrap();
    tree(&home.path().join(".local/share/kilo"), "ses_1");
    let sessions = conformance::sessions(&KiloCode, home.path());
    let session = &sessions["ses_1"];
    assert_eq!(session.id.as_str(), "kilo-code:ses_1");
    assert_eq!(session.first_prompt.as_deref(), Some("Hello"));
}

/// A session with one prompt, as files.
fn tree(data: &Path, id: &str) {
    let write = |path: String, json: &str| {
        let path = data.join("storage").join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, json).unwrap();
    };
    write(
        format!("session/global/{id}.json"),
        r#"{"version":"1.0.14","directory":"/w","time":{"created":1770000000000}}"#,
    );
    write(
        format!("message/{id}/msg_1.json"),
        r#"{"role":"user","time":{"created":1770000000001}}"#,
    );
    write(
        "part/msg_1/prt_1.json".into(),
        r#"{"type":"text","text":"Hello"}"#,
    );
}
