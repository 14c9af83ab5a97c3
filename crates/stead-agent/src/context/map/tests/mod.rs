//! Maps as models read them.

mod languages;

use proptest::prelude::*;

use super::{contents, map};
use crate::context::text_tokens;
use crate::workspace::Workspace;

fn drawn(files: &[(&str, &str)], focus: &[&str], budget: usize) -> String {
    let files = files.iter().map(|(path, text)| (*path, text.as_bytes()));
    let focus: Vec<String> = focus.iter().map(|word| (*word).to_owned()).collect();
    map(files, &focus, budget)
}

#[test]
fn few_files_are_listed_and_only_targets_outlined() {
    let files = [
        ("README.md", "# words"),
        (
            "src/app/main.py",
            "from .text import slug\ndef main():\n    slug('x')\n",
        ),
        ("src/app/text.py", "def slug(text):\n    return text\n"),
        ("tests/test_text.py", "def test_slug(): pass\n"),
        ("a b\n.txt", ""),
    ];
    assert_eq!(
        drawn(&files, &["src/app/text.py"], 1000),
        "README.md \"a b?.txt\"\nsrc/app/\n main.py\n text.py\n  1: def slug(text)\ntests/test_text.py\n"
    );
    let listed = "README.md \"a b?.txt\"\nsrc/app/\n main.py text.py\ntests/test_text.py\n";
    assert_eq!(drawn(&files, &[], 1000), listed);
    assert_eq!(drawn(&[], &[], 1000), "");
}

/// A repository in which `core/store.py` is used by all, and by `app/cart.py` above all.
fn many() -> Vec<(String, String)> {
    let mut files = vec![
        (
            "core/store.py".to_owned(),
            "class Store:\n    def put(self, key): pass\n\ndef open_store(path): pass\n\ndef forgotten(): pass\n".to_owned(),
        ),
        ("app/cart.py".to_owned(), "def add_to_cart(item):\n    open_store('x')\n".to_owned()),
        ("docs/guide.md".to_owned(), "Store".to_owned()),
    ];
    for number in 0..60 {
        let text = format!("def page{number}_of_many():\n    return open_store(Store())\n");
        files.push((format!("pages/group{}/page{number}.py", number % 3), text));
    }
    files
}

#[test]
fn what_is_used_most_and_what_the_task_speaks_of_comes_first() {
    let files = many();
    let files: Vec<(&str, &str)> = files
        .iter()
        .map(|(a, b)| (a.as_str(), b.as_str()))
        .collect();
    assert_eq!(
        drawn(&files, &[], 40),
        "core/\n store.py\n  1: class Store\n   2: def put(self, key)\n  4: def open_store(path)\napp/ (1 file)\ndocs/ (1 file)\npages/ (60 files)\n(1 of 63 files)\n"
    );
    let told = drawn(&files, &["app/cart.py", "page7_of_many"], 60);
    assert!(
        told.contains("app/\n cart.py\n  1: def add_to_cart(item)\n"),
        "{told}"
    );
    assert!(told.contains("4: def open_store(path)"), "{told}");
    let named = drawn(&files, &["page7_of_many"], 60);
    assert!(named.contains("1: def page7_of_many()"), "{named}");
    let folder = drawn(&files, &["./pages/group1/"], 150);
    assert!(
        folder.contains("group1/") && !folder.contains("group2/"),
        "{folder}"
    );
}

#[test]
fn names_alone_are_shown_where_nothing_can_be_outlined() {
    let names: Vec<String> = (0..40)
        .map(|at| format!("lib/part{}/x{at}.kt", at % 2))
        .collect();
    let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    let whole = drawn(&files, &[], 400);
    assert!(
        whole.starts_with("lib/\n part0/\n  x0.kt x10.kt x12.kt"),
        "{whole}"
    );
    assert_eq!(whole.matches(".kt").count(), 40);
    let some = drawn(&files, &["lib/part1/x7.kt"], 30);
    assert!(
        some.contains("x7.kt") && some.ends_with("of 40 files)\n"),
        "{some}"
    );
}

#[test]
fn hostile_text_neither_hangs_nor_breaks_lines() {
    let deep = format!("{}x{}", "(".repeat(60_000), ")".repeat(60_000));
    let open = "class A { f(".repeat(5_000);
    let files = [
        ("deep.js", deep.as_str()),
        ("open.java", &open),
        ("deep.py", &deep),
        ("open.cpp", &open),
        ("open.ts", &open),
        ("zero.rs", "fn a\0b() {}\u{202e}"),
        ("long.py", &format!("def f({}): pass", "é".repeat(5_000))),
    ];
    let targets: Vec<&str> = files.iter().map(|(path, _)| *path).collect();
    let drawn = drawn(&files, &targets, 2000);
    assert!(
        drawn.lines().all(|line| line.chars().count() < 130),
        "{drawn}"
    );
    assert!(drawn.contains("1: def f(éé"), "{drawn}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_map_keeps_to_its_budget_and_depends_on_nothing_else(
        files in proptest::collection::btree_map(
            "[ab/.é ]{1,12}(\\.(py|rs|js|c|rb|txt))?",
            "(def [ab]{1,2}\\(\\): pass\n|fn [ab]\\(\\) \\{\\}\n|class A \\{|[ab]\\(\\)|\n|\\PC){0,20}",
            0..50,
        ),
        focus in proptest::collection::vec("[ab/.]{0,5}", 0..3),
        budget in 0usize..300,
    ) {
        let forward = files.iter().map(|(path, text)| (path.as_str(), text.as_bytes()));
        let drawn = map(forward.clone(), &focus, budget);
        prop_assert!(text_tokens(&drawn) <= budget, "{}", drawn);
        prop_assert_eq!(&drawn, &map(forward.rev(), &focus, budget));
    }
}

#[test]
fn only_what_may_be_read_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let put = |path: &str, bytes: &[u8]| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    };
    put("a.py", b"def a(): pass\n");
    put("secret/key.py", b"def key(): pass\n");
    put("binary.py", b"def b(): pass\0\n");
    put("made.js", "x=1;".repeat(1000).as_bytes());
    put("huge.py", "def h(): pass\n".repeat(20_000).as_bytes());
    put("words.txt", b"words");
    let workspace = Workspace::open(folder.path()).unwrap();
    let files = workspace.files(".");
    let may_read = |path: &str| !path.starts_with("secret/");
    let read = |focus: &[String]| -> Vec<String> {
        let contents = contents(&workspace, &files, focus, &may_read);
        assert_eq!(contents.files().count(), files.len());
        let read = contents.files().filter(|(_, content)| !content.is_empty());
        read.map(|(path, _)| path.to_owned()).collect()
    };
    assert_eq!(read(&[]), ["a.py"]);
    // A target may be larger.
    assert_eq!(read(&["huge.py".to_owned()]), ["a.py", "huge.py"]);
}

#[test]
fn of_a_huge_tree_what_is_near_is_read() {
    let folder = tempfile::tempdir().unwrap();
    for group in 0..50 {
        let within = folder.path().join(format!("group{group}"));
        std::fs::create_dir_all(&within).unwrap();
        for number in 0..20 {
            let text = format!("def f{group}_{number}(): pass\n");
            std::fs::write(within.join(format!("f{number}.py")), text).unwrap();
        }
    }
    let workspace = Workspace::open(folder.path()).unwrap();
    let files = workspace.files(".");
    let focus = ["group37/f3.py".to_owned()];
    let contents = contents(&workspace, &files, &focus, &|_| true);
    let read: Vec<&str> = contents
        .files()
        .filter(|(_, content)| !content.is_empty())
        .map(|(path, _)| path)
        .collect();
    assert_eq!(read.len(), 300);
    let near = read
        .iter()
        .filter(|path| path.starts_with("group37/"))
        .count();
    assert_eq!(near, 20);
    let drawn = map(contents.files(), &focus, 200);
    assert!(
        drawn.contains("1: def f37_3()") && drawn.ends_with("of 1000 files)\n"),
        "{drawn}"
    );
}
