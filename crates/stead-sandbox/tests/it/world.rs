//! What a command can reach of the machine around it: variables, processes, sockets, the network.

use std::net::TcpListener;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::process::{Command as Process, Stdio};

use stead_sandbox::scrub;

use super::{Place, everywhere, sandboxes};

#[test]
fn the_parents_environment_is_hidden() {
    // The test's own environment has this, as cargo sets it.
    everywhere(
        |_| {},
        "env; cat /proc/*/environ | tr '\\0' '\\n'",
        |place, ran| {
            assert!(!ran.output.contains("CARGO"), "{ran:?}");
            assert!(ran.output.contains("TMPDIR=/tmp\n"), "{ran:?}");
            assert!(
                ran.output
                    .contains(&format!("HOME={}\n", place.policy.home.display()))
            );
        },
    );
}

#[test]
fn only_named_variables_are_kept() {
    let all = [
        "PATH",
        "LC_ALL",
        "JAVA_HOME",
        "AWS_SECRET_ACCESS_KEY",
        "OPENAI_API_KEY",
        "LD_PRELOAD",
    ];
    let all = all.map(|name| (name.into(), "value".into()));
    let kept: Vec<_> = scrub(all, &["JAVA_HOME"]).into_keys().collect();
    assert_eq!(kept, ["JAVA_HOME", "LC_ALL", "PATH"]);
}

#[test]
fn the_network_is_out_of_reach() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    server.set_nonblocking(true).unwrap();
    let port = server.local_addr().unwrap().port();
    everywhere(
        |_| {},
        &format!(
            "echo hello > /dev/tcp/127.0.0.1/{port} && echo reached; cat /proc/net/dev | grep -c :"
        ),
        |_, ran| {
            assert!(
                !ran.output.contains("reached") && ran.output.ends_with("1\n"),
                "{ran:?}"
            );
        },
    );
    assert!(server.accept().is_err(), "somebody came");
}

#[test]
fn the_network_is_there_if_allowed() {
    let server = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = server.local_addr().unwrap().port();
    everywhere(
        |place| place.policy.network = true,
        &format!("echo hello > /dev/tcp/127.0.0.1/{port} && echo reached"),
        |_, ran| assert_eq!(ran.output, "reached\n", "{ran:?}"),
    );
}

/// Tests that start a server of their own and talk to it are common.
#[test]
fn a_loopback_of_its_own_works() {
    everywhere(
        |_| {},
        "perl -MIO::Socket::INET -e '
            my $server = IO::Socket::INET->new(Listen => 1, LocalAddr => \"127.0.0.1\") or die;
            my $to = IO::Socket::INET->new(PeerAddr => \"127.0.0.1\", PeerPort => $server->sockport) or die;
            print $to \"hello\\n\"; close $to; print $server->accept->getline;'",
        |_, ran| assert_eq!(ran.output, "hello\n", "{ran:?}"),
    );
}

#[test]
fn sockets_of_the_machine_are_out_of_reach() {
    for network in [false, true] {
        for sandbox in sandboxes() {
            let mut place = Place::new();
            place.policy.network = network;
            let path = place.root().join("agent.sock");
            let server = UnixListener::bind(&path).unwrap();
            server.set_nonblocking(true).unwrap();
            let name = format!("stead-test-{}", path.display());
            let nameless =
                UnixListener::bind_addr(&SocketAddr::from_abstract_name(&name).unwrap()).unwrap();
            nameless.set_nonblocking(true).unwrap();
            let script = format!(
                "perl -MSocket -e 'for my $to (@ARGV) {{ $to =~ s/^@/\\0/; socket(my $s, AF_UNIX, SOCK_STREAM, 0);
                     print \"reached $to\\n\" if connect($s, pack_sockaddr_un($to)) }}' \
                 '{}' '@{name}' /run/docker.sock /var/run/docker.sock /run/dbus/system_bus_socket; ls /run | grep -v stead",
                path.display()
            );
            let ran = place.run_in(sandbox, &script).unwrap();
            assert_eq!(ran.output, "", "{}: {ran:?}", sandbox.strategy());
            assert!(server.accept().is_err() && nameless.accept().is_err());
        }
    }
}

#[test]
fn other_processes_are_neither_seen_nor_killed() {
    for network in [false, true] {
        for sandbox in sandboxes() {
            let mut place = Place::new();
            place.policy.network = network;
            let mut other = Process::new("sleep")
                .arg("1000")
                .stdin(Stdio::null())
                .spawn()
                .unwrap();
            let script = format!(
                "kill -9 {} && echo killed; ls /proc | grep -c '^[0-9]'; kill -9 -1; kill -9 1; echo alive",
                other.id()
            );
            let ran = place.run_in(sandbox, &script).unwrap();
            let lives = other.try_wait().unwrap().is_none();
            other.kill().unwrap();
            other.wait().unwrap();
            assert!(lives, "{ran:?}");
            let seen: u32 = ran.output.lines().next().unwrap().parse().unwrap();
            assert!(seen < 8 && ran.output.ends_with("alive\n"), "{ran:?}");
        }
    }
}
