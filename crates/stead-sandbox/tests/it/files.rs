//! What a command can read and write.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use stead_sandbox::{Cancel, Command, Overlay, RunError, Strategy};

use super::{Place, everywhere, put, read, sandboxes};

#[test]
fn the_home_folder_is_hidden() {
    everywhere(
        |place| {
            place.at_home(".ssh/id_ed25519", "SECRET");
            place.at_home("notes/diary", "SECRET");
        },
        "cat ~/.ssh/id_ed25519 ~/notes/diary; cat ../.ssh/*; ls -A ~; ls -A /root; echo done",
        |_, ran| {
            assert!(!ran.output.contains("SECRET"), "{ran:?}");
            assert!(
                ran.output.ends_with("work\ndone\n") || ran.output.ends_with("done\n"),
                "{ran:?}"
            );
        },
    );
}

#[test]
fn the_systems_secrets_are_hidden() {
    everywhere(
        |_| {},
        "cat /etc/shadow /etc/gshadow /etc/sudoers /etc/ssh/ssh_host_*_key | wc -c; ls /root /home /run /mnt /srv /var/lib /boot 2>/dev/null | grep -vE ':|alternatives|stead-child'",
        |_, ran| assert_eq!(ran.output.trim(), "0", "{ran:?}"),
    );
}

#[test]
fn writes_land_in_the_work_tree_only() {
    for sandbox in sandboxes() {
        let place = Place::new();
        let beside = place.at_home("beside/file", "as it was");
        let own = put(&place.root().join("theirs"), "theirs");
        let script = format!(
            "for path in /x /usr/x /usr/bin/x /etc/x /opt/x /var/x /dev/x /run/x /lib/x '{0}' '{1}' '{1}/../new'; do
                 if echo out > \"$path\"; then echo \"wrote $path\"; fi
             done
             echo in > made; mkdir -p a/b && mv made a/b/made && ln a/b/made a/hard
             cat /tmp/* '{1}'; echo private > /tmp/private && cat /tmp/private
             echo mine > ~/of-my-own && cat ~/of-my-own",
            beside.display(),
            own.display(),
        );
        let ran = place.run_in(sandbox, &script).unwrap();
        let wrote: Vec<_> = ran
            .output
            .lines()
            .filter(|line| line.starts_with("wrote"))
            .collect();
        // In the temporary folder and the home folder of its own it may, as they are nobody else's.
        let kept = wrote
            .iter()
            .all(|line| line.contains(&*place.root().to_string_lossy()));
        assert!(kept, "{ran:?}");
        assert!(
            ran.output.contains("private") && ran.output.contains("mine"),
            "{ran:?}"
        );
        assert_eq!(
            (read(&beside), read(&own)),
            ("as it was".into(), "theirs".into())
        );
        assert_eq!(read(&place.tree().join("a/hard")), "in\n");
        assert!(!place.policy.home.join("of-my-own").exists());
        assert!(!Path::new("/tmp/private").exists() && !place.root().join("new").exists());
    }
}

#[test]
fn links_lead_nowhere() {
    everywhere(
        |place| {
            let secret = place.at_home(".ssh/id", "SECRET");
            let outside = put(&place.root().join("outside/file"), "as it was");
            symlink(&secret, place.tree().join("key")).unwrap();
            symlink(outside.parent().unwrap(), place.tree().join("out")).unwrap();
            symlink("/etc/shadow", place.tree().join("shadow")).unwrap();
            symlink("/proc/1/root", place.tree().join("one")).unwrap();
        },
        "cat key shadow out/file; echo changed > out/file; ls one/; ln -s ../.. up; cat up/outside/file;
         ln /etc/passwd hard; ls -la /proc/self/fd/ /proc/1/fd /proc/1/cwd/ | grep -v pipe",
        |place, ran| {
            assert!(!ran.output.contains("SECRET") && !ran.output.contains("as it was"), "{ran:?}");
            assert!(!ran.output.contains("root:"), "{ran:?}");
            assert_eq!(read(&place.root().join("outside/file")), "as it was");
            assert!(!place.tree().join("hard").exists());
        },
    );
}

#[test]
fn toolchains_are_for_reading_and_credentials_are_not_shown() {
    everywhere(
        |place| {
            let tool = place.at_home(".cargo/bin/tool", "#!/bin/sh\necho tool runs\n");
            fs::set_permissions(tool, PermissionsExt::from_mode(0o755)).unwrap();
            place.at_home(".cargo/registry/index", "index");
            place.at_home(".cargo/credentials.toml", "SECRET");
            place.at_home(".pyenv/versions/3", "python");
            let disk = put(&place.root().join("disk/rustup/rustc"), "moved");
            symlink(disk.parent().unwrap(), place.policy.home.join(".rustup")).unwrap();
            let token = put(&place.root().join("disk/config/gh-real/token"), "SECRET");
            symlink(token.parent().unwrap(), place.policy.home.join(".password-store")).unwrap();
            place.policy.readable.push(place.root().join("disk/config"));
            place.at_home("all/.netrc", "not in its place");
            place.at_home(".netrc", "SECRET");
            place.at_home(".npmrc", "SECRET");
            place.at_home(".config/gh/hosts.yml", "SECRET");
            place.at_home(".config/other", "other");
            // Whoever shows a whole folder still does not show what is secret in it.
            place.policy.toolchains.extend([".config".into(), ".cargo".into(), "missing".into()]);
            place.policy.readable.push(place.policy.home.join("all"));
        },
        "~/.cargo/bin/tool; cat ~/.cargo/registry/index ~/.pyenv/versions/3 ~/.config/other ~/.rustup/rustc; echo; cat ../../disk/config/*/*
         cat ~/.cargo/credentials.toml ~/.netrc ~/.npmrc ~/.config/gh/hosts.yml
         echo changed > ~/.cargo/bin/tool; echo new > ~/.cargo/bin/new; echo x > ~/.cargo/credentials.toml; rm -rf ~/.pyenv/versions",
        |place, ran| {
            assert_eq!(ran.output, "tool runs\nindexpythonothermoved\n", "{ran:?}");
            assert_eq!(read(&place.policy.home.join(".pyenv/versions/3")), "python");
            assert_eq!(read(&place.policy.home.join(".cargo/credentials.toml")), "SECRET");
            assert!(!place.policy.home.join(".cargo/bin/new").exists());
        },
    );
}

#[test]
fn what_a_policy_hides_in_the_work_tree_is_hidden() {
    everywhere(
        |place| {
            place
                .policy
                .hidden
                .push(put(&place.tree().join(".env"), "SECRET"));
            let folder = put(&place.tree().join("keys/one"), "SECRET");
            place
                .policy
                .hidden
                .push(folder.parent().unwrap().to_owned());
            place.policy.hidden.push(place.tree().join("missing"));
        },
        "cat .env keys/*; echo x > .env; echo x > keys/two; rm .env; mv keys k; ls -A keys",
        |place, ran| {
            assert_eq!(ran.output, "", "{ran:?}");
            assert_eq!(read(&place.tree().join(".env")), "SECRET");
            assert!(!place.tree().join("keys/two").exists());
        },
    );
}

#[test]
fn further_folders_are_shown_as_the_policy_says() {
    everywhere(
        |place| {
            let read = put(&place.root().join("read/file"), "to read\n");
            let write = put(&place.root().join("write/file"), "to write\n");
            place
                .policy
                .readable
                .push(read.parent().unwrap().to_owned());
            place
                .policy
                .writable
                .push(write.parent().unwrap().to_owned());
        },
        "cat ../../read/file; echo x > ../../read/file; echo changed > ../../write/file",
        |place, ran| {
            assert_eq!(ran.output, "to read\n", "{ran:?}");
            assert_eq!(read(&place.root().join("read/file")), "to read\n");
            assert_eq!(read(&place.root().join("write/file")), "changed\n");
        },
    );
}

#[test]
fn showing_what_is_around_the_home_folder_does_not_show_it() {
    everywhere(
        |place| {
            place.at_home(".ssh/id", "SECRET");
            put(&place.root().join("beside/file"), "shown");
            place.policy.readable.push(place.root());
        },
        "cat ../../beside/file; cat ~/.ssh/id; echo x > ../../beside/file; echo in > file",
        |place, ran| {
            assert_eq!(ran.output, "shown", "{ran:?}");
            assert_eq!(read(&place.root().join("beside/file")), "shown");
            assert_eq!(read(&place.tree().join("file")), "in\n");
        },
    );
}

#[test]
fn any_path_will_do() {
    for sandbox in sandboxes() {
        let name = "home/ a b, c:d\\e/grüße 仕事\n'\"$x";
        let place = Place::named(name);
        put(&place.tree().join(".git/config"), "as it was");
        let ran = place
            .run_in(sandbox, "echo in > file; echo x > .git/config; pwd")
            .unwrap();
        assert_eq!(
            ran.output.trim_end_matches('\n'),
            place.tree().to_str().unwrap()
        );
        assert_eq!(read(&place.tree().join("file")), "in\n");
        assert_eq!(read(&place.tree().join(".git/config")), "as it was");
    }
}

#[test]
fn a_work_tree_that_holds_everything_is_refused() {
    for sandbox in sandboxes() {
        let mut place = Place::new();
        let home = place.policy.home.clone();
        place.policy.readable.push(home.clone());
        assert!(matches!(
            place.run_in(sandbox, "true"),
            Err(RunError::Policy(_))
        ));
        for tree in [
            "/",
            "/usr",
            "/etc",
            "/proc/self",
            "/dev",
            home.to_str().unwrap(),
        ] {
            let mut place = Place::new();
            place.policy.home.clone_from(&home);
            place.policy.work_tree = tree.into();
            let refused = place.run_in(sandbox, "true");
            assert!(
                matches!(refused, Err(RunError::Policy(_))),
                "{tree}: {refused:?}"
            );
        }
    }
}

#[test]
fn an_overlay_takes_the_writes() {
    for name in ["work", "a b, c:d\\e/grüße"] {
        for sandbox in sandboxes() {
            let mut place = Place::named(&format!("home/{name}"));
            let tree = place.tree().to_owned();
            for (path, text) in [
                ("ignored/one", "one\n"),
                ("gone", "x"),
                (".git/config", "as it was"),
            ] {
                put(&tree.join(path), text);
            }
            let [upper, work] = ["upper", "work, dir"].map(|name| place.root().join(name));
            fs::create_dir(&upper).unwrap();
            fs::create_dir(&work).unwrap();
            place.policy.overlay = Some(Overlay {
                upper: upper.clone(),
                work,
            });
            let script = "cat ignored/one; echo two > ignored/two; echo more >> ignored/one; rm gone; \
                          echo x > .git/config; echo out > ../outside; ls";
            let ran = match place.run_in(sandbox, script) {
                Err(RunError::NotConfined { why, .. })
                    if sandbox.strategy() == Strategy::Bubblewrap =>
                {
                    assert!(why.contains("overlay"), "{why}");
                    continue;
                }
                ran => ran.unwrap(),
            };
            assert_eq!(ran.output, "one\nignored\n", "{ran:?}");
            assert_eq!(read(&tree.join("ignored/one")), "one\n");
            assert!(tree.join("gone").exists() && !tree.join("ignored/two").exists());
            assert_eq!(read(&upper.join("ignored/one")), "one\nmore\n");
            assert_eq!(read(&upper.join("ignored/two")), "two\n");
            assert!(!fs::symlink_metadata(upper.join("gone")).unwrap().is_file());
            assert_eq!(read(&tree.join(".git/config")), "as it was");
            assert!(!upper.join(".git/config").exists());
            // A second command sees what the first one did.
            let ran = place.run_in(sandbox, "cat ignored/*; ls gone").unwrap();
            assert_eq!(ran.output, "one\nmore\ntwo\n", "{ran:?}");
        }
    }
}

#[test]
fn a_missing_work_tree_is_told() {
    for sandbox in sandboxes() {
        let mut place = Place::new();
        place.policy.work_tree = place.root().join("missing");
        let command = Command::new("true");
        let refused = sandbox.run(&place.policy, &command, &Cancel::default(), &mut |_| ());
        assert!(refused.unwrap_err().to_string().contains("the work tree"));
    }
}
