//! Rights that a command would need to get out, and does not have.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::{Place, everywhere, sandboxes};

#[test]
fn there_are_no_rights_left() {
    everywhere(
        |_| {},
        "grep -E '^(NoNewPrivs|Seccomp|CapPrm|CapEff|CapBnd|CapAmb|CapInh):' /proc/self/status | tr -s '\\t ' ' '",
        |_, ran| {
            let wanted = "CapInh: 0000000000000000\nCapPrm: 0000000000000000\nCapEff: 0000000000000000\n\
                          CapBnd: 0000000000000000\nCapAmb: 0000000000000000\nNoNewPrivs: 1\nSeccomp: 2\n";
            // The bounding set of a user other than root cannot matter, as no new rights come.
            let output = ran.output.replace("000001ffffffffff", "0000000000000000");
            assert_eq!(output, wanted, "{ran:?}");
        },
    );
}

#[test]
fn mounts_and_namespaces_are_refused() {
    everywhere(
        |_| {},
        "mkdir m
         mount -t tmpfs none m && echo mounted; mount --bind / m && echo mounted; umount /tmp && echo unmounted
         mount -o remount,rw / && echo mounted; mount -o remount,rw,bind /usr && echo mounted
         unshare -U true && echo unshared; unshare -Urm true && echo unshared; unshare -n true && echo unshared
         chroot / true && echo rooted
         perl -e '$! = 0; syscall(272, 0x10000000); print \"unshare $!\\n\"; $! = 0; syscall(56, 0x10000011, 0, 0, 0, 0); print \"clone $!\\n\"'",
        |_, ran| {
            let refused = "Operation not permitted";
            if cfg!(target_arch = "x86_64") {
                assert_eq!(ran.output, format!("unshare {refused}\nclone {refused}\n"), "{ran:?}");
            } else {
                assert!(!ran.output.contains("ed\n"), "{ran:?}");
            }
        },
    );
}

/// Numbers of system calls on x86-64.
#[cfg(target_arch = "x86_64")]
#[test]
fn dangerous_system_calls_are_refused() {
    let calls = [
        ("ptrace", "101, 0, 0, 0, 0"),
        ("process_vm_readv", "310, 1, 0, 0, 0, 0, 0"),
        ("bpf", "321, 0, 0, 0"),
        ("perf_event_open", "298, 0, 0, 0, 0, 0"),
        ("userfaultfd", "323, 0"),
        ("io_uring_setup", "425, 1, 0"),
        ("keyctl", "250, 0, 0, 0, 0, 0"),
        ("init_module", "175, 0, 0, 0"),
        ("open_by_handle_at", "304, 0, 0, 0"),
        ("second set of numbers", "0x40000065, 0, 0, 0, 0"),
    ];
    let script =
        calls.map(|(name, call)| format!("$! = 0; syscall({call}); print \"{name}: $!\\n\";"));
    let wanted = calls
        .map(|(name, _)| format!("{name}: Operation not permitted\n"))
        .concat();
    let script = script.join(" ");
    everywhere(
        |_| {},
        &format!("perl -e '{script}'"),
        |_, ran| assert_eq!(ran.output, wanted, "{ran:?}"),
    );
}

#[test]
fn typing_into_the_terminal_is_refused() {
    everywhere(
        |_| {},
        "perl -e '$! = 0; my $c = \"x\"; ioctl(STDIN, 0x5412, $c); print \"$!\\n\"; $! = 0; ioctl(STDIN, 0x541C, $c); print \"$!\\n\"'
         (: < /dev/tty) && echo terminal",
        |_, ran| {
            let refused = "Operation not permitted\n";
            assert_eq!(ran.output, format!("{refused}{refused}"), "{ran:?}");
        },
    );
}

#[test]
fn odd_sockets_are_refused() {
    // AF_VSOCK leads to the host of a virtual machine, AF_ALG and AF_PACKET into the kernel.
    everywhere(
        |place| place.policy.network = true,
        "perl -e 'for my $family (40, 38, 17, 31) { $! = 0; socket(my $s, $family, 1, 0); print \"$!\\n\" }'",
        |_, ran| {
            let refused = "Address family not supported by protocol\n";
            assert_eq!(ran.output, refused.repeat(4), "{ran:?}");
        },
    );
}

#[test]
fn the_kernels_settings_and_devices_are_out_of_reach() {
    everywhere(
        |_| {},
        "for path in /proc/sys/kernel/hostname /proc/sys/kernel/core_pattern /proc/sysrq-trigger /sys/power/state \
                     /proc/sys/vm/drop_caches /dev/mem /dev/kmsg /dev/sda /dev/vda /dev/new; do
             (echo 0 > $path) 2>/dev/null && echo \"wrote $path\"
         done
         mknod disk b 254 0 && echo made; mknod /dev/disk b 254 0 && echo made; hostname evil && echo named
         echo fine > /dev/null; head -c 4 /dev/urandom | wc -c; ls /dev | tr '\\n' ' '",
        |_, ran| {
            let devices = ran.output.replace("console ", "").replace("core ", "");
            let wanted = "4\nfd full null ptmx pts random shm stderr stdin stdout tty urandom zero ";
            assert_eq!(devices, wanted, "{ran:?}");
        },
    );
}

#[test]
fn setuid_programs_gain_nothing() {
    for sandbox in sandboxes() {
        let place = Place::new();
        let program = place.tree().join("shell");
        fs::copy("/bin/bash", &program).unwrap();
        fs::set_permissions(&program, PermissionsExt::from_mode(0o6755)).unwrap();
        let ran = place
            .run_in(
                sandbox,
                "id -u; ./shell -p -c 'id -u; grep CapEff /proc/self/status'; su -c id; sudo -n id",
            )
            .unwrap();
        let lines: Vec<_> = ran.output.lines().collect();
        assert_eq!(lines.len(), 3, "{ran:?}");
        assert_eq!(lines[0], lines[1], "{ran:?}");
        assert!(lines[2].ends_with("\t0000000000000000"), "{ran:?}");
    }
}

/// A sandbox in the sandbox cannot be made: what runs in one is told so, and is not run unconfined.
#[test]
fn where_nothing_works_commands_are_refused() {
    for sandbox in sandboxes() {
        let mut place = Place::new();
        let program = super::child().program;
        place.policy.readable.push(program.clone());
        let script = format!(
            "mkdir scratch; '{}' probe \"$PWD/scratch\"",
            program.display()
        );
        let ran = place.run_in(sandbox, &script).unwrap();
        assert!(ran.output.contains("strategy: None"), "{ran:?}");
        assert!(
            ran.output.contains(
                "namespaces: the sandbox (namespaces) cannot be set up, and nothing was run"
            ),
            "{ran:?}"
        );
        assert!(ran.output.contains("user namespace"), "{ran:?}");
    }
}
