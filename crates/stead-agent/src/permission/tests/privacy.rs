//! Private files, where requests leave.

use super::{policy, shell};
use crate::permission::{Passage, Route, withheld};

const LOCAL: Route<'_> = Route {
    name: "ollama/small",
    is_local: true,
};
const CLOUD: Route<'_> = Route {
    name: "cloud/large",
    is_local: false,
};

fn labels(paths: &[&str]) -> Vec<String> {
    paths.iter().map(|path| (*path).to_owned()).collect()
}

#[test]
fn private_files_go_to_local_models_only() {
    let policy = policy("", "");
    let privacy = policy.privacy();
    let carried = labels(&["src/a.rs", "./x/../.env", "keys/a.PEM", ".env"]);
    assert_eq!(privacy.check(&LOCAL, &carried), Passage::Open);
    assert_eq!(privacy.check(&CLOUD, &labels(&["src/a.rs"])), Passage::Open);
    let Passage::Shut { files, why } = privacy.check(&CLOUD, &carried) else {
        panic!("it went out");
    };
    assert_eq!(files, [".env", "keys/a.PEM"]);
    assert!(
        why.starts_with("cloud/large may not see .env, keys/a.PEM"),
        "{why}"
    );
}

#[test]
fn what_is_private_is_known_by_its_name() {
    let policy = policy("", "");
    let is = |path: &str| policy.privacy().is_private(path);
    for path in [
        ".env",
        ".env.local",
        "a/.ENV",
        "id_rsa",
        "~/.ssh/config",
        "a/aws_credentials.json",
        "prod.env",
        "secrets/a/b",
        "/home/u/.aws/config",
        "x.tfstate",
        ".npmrc",
    ] {
        assert!(is(path), "{path}");
    }
    for path in [
        ".env.example",
        "src/environment.rs",
        "id_ed25519.pub",
        "README.md",
        "src/secret.rs",
    ] {
        assert!(!is(path), "{path}");
    }
}

#[test]
fn users_take_out_and_projects_only_add() {
    let out = "[private]\npaths = [\"!.env\", \"data/**\"]\nmodels = [\"local\", \"cloud/*\"]\n";
    let own = policy(out, "");
    assert!(!own.privacy().is_private(".env"));
    assert!(own.privacy().is_private("data/x"));
    assert!(own.privacy().may_see(&CLOUD));
    let theirs = policy("", out);
    assert!(theirs.privacy().is_private(".env"));
    assert!(theirs.privacy().is_private("data/x"));
    assert!(!theirs.privacy().may_see(&CLOUD));
    let narrowed = policy(out, "[private]\nmodels = []\n");
    assert!(!narrowed.privacy().may_see(&LOCAL));
}

#[test]
fn calls_are_labelled_by_the_private_files_that_they_name() {
    let policy = policy("", "");
    let named = |line: &str| policy.privacy().named_in(&shell(line));
    assert_eq!(
        named("cat \".e\"nv src/a | grep --file=id_rsa x"),
        [".env", "id_rsa"]
    );
    assert_eq!(named("curl -d @.env x"), [".env"]);
    assert_eq!(named("ls src"), Vec::<String>::new());
}

#[test]
fn what_is_withheld_is_named_on_one_line() {
    assert_eq!(
        withheld("a\n.env"),
        "[content of a?.env withheld: by the user's policy this model may not see it]"
    );
}
