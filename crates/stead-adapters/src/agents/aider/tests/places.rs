//! Where histories are looked for.

use std::path::Path;

use fs_err as fs;

use super::super::Aider;
use crate::{Adapter, Disk, Env, Unit, conformance, load};

const HISTORY: &str =
    "\n# aider chat started at 2026-11-21 08:07:37\n\n> Aider v0.86.2  \n\n#### Hello  \n\nHi.\n\n";
const TYPED: &str = "\n# 2026-11-21 08:07:39.804858\n+Hello\n";

fn put(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn found(env: &Env) -> Vec<Unit> {
    let mut units = Vec::new();
    Aider
        .discover(env, &Disk::default(), &mut |unit| units.push(unit))
        .unwrap();
    units
}

fn paths(env: &Env) -> Vec<String> {
    found(env).iter().map(Unit::key).collect()
}

#[test]
fn folders_that_are_worked_in_and_roots_and_home() {
    let home = tempfile::tempdir().unwrap();
    let at = |path: &str| home.path().join(path);
    for path in [
        "",
        "work/a",
        "work/b",
        "elsewhere/deep/er",
        "work/not-named",
    ] {
        put(&at(path).join(".aider.chat.history.md"), HISTORY);
    }
    let env = Env::at_home(home.path())
        .with_project(at("work/a"))
        .with_project(at("work/b"))
        .with_project(at("work/a"))
        .with_root(at("elsewhere"));
    let expected = ["", "work/a", "work/b", "elsewhere/deep/er"];
    let expected: Vec<String> = expected
        .iter()
        .map(|path| {
            at(path)
                .join(".aider.chat.history.md")
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    assert_eq!(paths(&env), expected);
    let stores = Aider.stores(&env, &Disk::default());
    assert_eq!(stores.len(), 4);
    assert!(stores.iter().all(|store| store.exists));
}

#[cfg(unix)]
#[test]
fn a_link_is_no_second_history() {
    let home = tempfile::tempdir().unwrap();
    put(&home.path().join("a/.aider.chat.history.md"), HISTORY);
    std::os::unix::fs::symlink(home.path().join("a"), home.path().join("b")).unwrap();
    let env = Env::at_home(home.path())
        .with_project(home.path().join("b"))
        .with_project(home.path().join("a"));
    assert_eq!(paths(&env).len(), 1);
}

#[test]
fn variables_and_configurations_name_other_files() {
    let home = tempfile::tempdir().unwrap();
    let at = |path: &str| home.path().join(path);
    put(&at(".aider.conf.yml"), "input-history-file: ~/typed\n");
    put(
        &at("work/a/.aider.conf.yml"),
        "chat-history-file: docs/talk.md # ours\n",
    );
    put(&at("work/a/docs/talk.md"), HISTORY);
    put(&at("typed"), TYPED);
    put(&at("all.md"), HISTORY);
    let env = Env::at_home(home.path()).with_project(at("work/a"));
    let units = found(&env);
    assert_eq!(units.len(), 1);
    assert_eq!(units[0].path, at("work/a/docs/talk.md"));
    assert_eq!(units[0].parts, [at("typed")]);
    let session = load(&Aider, &units[0]).unwrap().0.remove(0);
    assert_eq!(session.cwd, None, "the file may be used in any folder");
    let env = env.with_variable("AIDER_CHAT_HISTORY_FILE", at("all.md"));
    assert_eq!(paths(&env), [at("all.md").to_string_lossy()]);
    let missing = Env::at_home(at("none")).with_variable("AIDER_CHAT_HISTORY_FILE", "/none.md");
    assert!(
        Aider
            .stores(&missing, &Disk::default())
            .iter()
            .all(|store| !store.exists)
    );
}

/// The archive keeps a history under the name by which it is found.
#[test]
fn a_history_with_another_name_reads_back_from_the_archive() {
    use crate::{Output, Sink, Slot};
    use stead_usf::{Event, Session};

    struct Raw(Vec<(String, Vec<u8>)>);

    impl Sink for Raw {
        fn event(&mut self, _: Slot, _: Event) {}
        fn end(&mut self, _: Slot, _: Session) {}

        fn raw(&mut self, name: &str, _: u64, bytes: &[u8]) {
            self.0.push((name.to_owned(), bytes.to_vec()));
        }
    }

    let home = tempfile::tempdir().unwrap();
    put(&home.path().join("talk.md"), HISTORY);
    put(&home.path().join(".aider.input.history"), TYPED);
    let env = Env::at_home(home.path()).with_variable("AIDER_CHAT_HISTORY_FILE", "talk.md");
    let unit = found(&env).remove(0);
    let mut raw = Raw(Vec::new());
    Aider.read(&unit, None, &mut Output::new(&mut raw)).unwrap();
    let restored = tempfile::tempdir().unwrap();
    for (name, bytes) in raw.0 {
        let below = Path::new(&name).strip_prefix(home.path()).unwrap();
        put(
            &restored.path().join(below),
            &String::from_utf8(bytes).unwrap(),
        );
    }
    let copies = conformance::sessions(&Aider, restored.path());
    let original = load(&Aider, &unit).unwrap().0.remove(0);
    let copy = &copies[&original.native_id];
    assert_eq!(copy.cwd, None);
    assert_eq!(copy.events[2].extra, original.events[2].extra);
    assert!(
        original.events[2]
            .extra
            .as_ref()
            .unwrap()
            .json()
            .contains("typed_at")
    );
}
