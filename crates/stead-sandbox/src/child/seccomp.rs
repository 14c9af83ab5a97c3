//! System calls that no build or test needs and that widen what a command can reach. The list says
//! what is refused; all others are allowed.

use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter,
};

use super::failed;

/// Refused with "operation not permitted".
const REFUSED: &[i64] = &[
    // Mounts and namespaces.
    libc::SYS_mount,
    libc::SYS_umount2,
    libc::SYS_pivot_root,
    libc::SYS_chroot,
    libc::SYS_move_mount,
    libc::SYS_open_tree,
    libc::SYS_fsopen,
    libc::SYS_fsconfig,
    libc::SYS_fsmount,
    libc::SYS_fspick,
    libc::SYS_mount_setattr,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_open_by_handle_at,
    // Other processes.
    libc::SYS_ptrace,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_kcmp,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_madvise,
    // Parts of the kernel with a history of holes.
    libc::SYS_bpf,
    libc::SYS_perf_event_open,
    libc::SYS_userfaultfd,
    libc::SYS_io_uring_setup,
    libc::SYS_io_uring_enter,
    libc::SYS_io_uring_register,
    libc::SYS_keyctl,
    libc::SYS_add_key,
    libc::SYS_request_key,
    // The machine.
    libc::SYS_init_module,
    libc::SYS_finit_module,
    libc::SYS_delete_module,
    libc::SYS_kexec_load,
    libc::SYS_reboot,
    libc::SYS_swapon,
    libc::SYS_swapoff,
    libc::SYS_acct,
    libc::SYS_quotactl,
    libc::SYS_settimeofday,
    libc::SYS_clock_settime,
    libc::SYS_clock_adjtime,
    libc::SYS_adjtimex,
    libc::SYS_sethostname,
    libc::SYS_setdomainname,
    libc::SYS_syslog,
    libc::SYS_vhangup,
];

/// Kinds of sockets that are left: files, internet, and asking the kernel for interfaces.
const FAMILIES: [i32; 4] = [
    libc::AF_UNIX,
    libc::AF_INET,
    libc::AF_INET6,
    libc::AF_NETLINK,
];

/// Flags of `clone` that make namespaces.
const NAMESPACES: i32 = libc::CLONE_NEWNS
    | libc::CLONE_NEWCGROUP
    | libc::CLONE_NEWUTS
    | libc::CLONE_NEWIPC
    | libc::CLONE_NEWUSER
    | libc::CLONE_NEWPID
    | libc::CLONE_NEWNET;

/// x86-64 has a second set of numbers for the same calls.
#[cfg(target_arch = "x86_64")]
const SECOND_SET: Option<i64> = Some(0x4000_0000);
#[cfg(not(target_arch = "x86_64"))]
const SECOND_SET: Option<i64> = None;

/// Calls of the list above that have other numbers there: ioctl, ptrace, kexec_load, process_vm_readv
/// and process_vm_writev (`asm/unistd_x32.h`).
const ONLY_IN_SECOND_SET: &[i64] = &[514, 521, 528, 539, 540];

/// Puts the filters in place, for this process and all that it starts.
pub(super) fn apply() -> Result<(), String> {
    let arch = TargetArch::try_from(std::env::consts::ARCH).map_err(failed("seccomp"))?;
    let refused = filter(refused().map_err(failed("seccomp"))?, libc::EPERM, arch)?;
    // The C library falls back to `clone`, whose flags can be looked at.
    let clone3 = BTreeMap::from([(libc::SYS_clone3, Vec::new())]);
    let clone3 = filter(clone3, libc::ENOSYS, arch)?;
    let families = BTreeMap::from([(libc::SYS_socket, families().map_err(failed("seccomp"))?)]);
    let families = filter(families, libc::EAFNOSUPPORT, arch)?;
    for program in [refused, clone3, families] {
        apply_filter(&program).map_err(failed("seccomp"))?;
    }
    Ok(())
}

type Rules = BTreeMap<i64, Vec<SeccompRule>>;

fn filter(rules: Rules, errno: i32, arch: TargetArch) -> Result<BpfProgram, String> {
    let refuse = SeccompAction::Errno(errno.unsigned_abs());
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, refuse, arch);
    filter
        .and_then(BpfProgram::try_from)
        .map_err(failed("seccomp"))
}

fn refused() -> Result<Rules, seccompiler::BackendError> {
    let mut rules: Rules = REFUSED.iter().map(|call| (*call, Vec::new())).collect();
    let mut namespaces = Vec::new();
    for bit in (0..32)
        .map(|bit| 1_u64 << bit)
        .filter(|bit| NAMESPACES as u64 & bit != 0)
    {
        namespaces.push(rule(0, SeccompCmpOp::MaskedEq(bit), bit)?);
    }
    rules.insert(libc::SYS_clone, namespaces);
    // Typing into the terminal of whoever is above.
    let mut typing = Vec::new();
    for request in [libc::TIOCSTI, libc::TIOCLINUX] {
        typing.push(rule(1, SeccompCmpOp::Eq, request)?);
    }
    rules.insert(libc::SYS_ioctl, typing);
    if let Some(second) = SECOND_SET {
        // There the arguments need no look: nothing that is built today makes such calls.
        let others = [libc::SYS_socket, libc::SYS_clone3];
        let again: Vec<_> = rules
            .keys()
            .chain(&others)
            .chain(ONLY_IN_SECOND_SET)
            .copied()
            .collect();
        rules.extend(again.into_iter().map(|call| (call | second, Vec::new())));
    }
    Ok(rules)
}

fn families() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let others = FAMILIES
        .iter()
        .map(|family| condition(0, SeccompCmpOp::Ne, u64::from(family.unsigned_abs())))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(vec![SeccompRule::new(others)?])
}

fn rule(
    argument: u8,
    how: SeccompCmpOp,
    value: u64,
) -> Result<SeccompRule, seccompiler::BackendError> {
    SeccompRule::new(vec![condition(argument, how, value)?])
}

/// Compares the lower half of an argument: the kernel looks at no more of these.
fn condition(
    argument: u8,
    how: SeccompCmpOp,
    value: u64,
) -> Result<SeccompCondition, seccompiler::BackendError> {
    SeccompCondition::new(argument, SeccompCmpArgLen::Dword, how, value)
}
