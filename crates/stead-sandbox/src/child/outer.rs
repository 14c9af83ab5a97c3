//! Leaves the namespaces of the system and starts the inner stage as process 1 of new ones. Files
//! are mounted there, not here.

use std::ffi::OsString;
use std::fs;
use std::process::Command;

use nix::sched::{CloneFlags, unshare};
use rustix::net::{AddressFamily, SendFlags, SocketType, send, socket};
use rustix::process::{Signal, set_parent_process_death_signal};
use rustix::thread::{
    CapabilitySet, CapabilitySets, configure_capability_in_ambient_set, set_capabilities,
};

use super::failed;

/// Makes the namespaces and waits for the inner stage.
pub(super) fn run(network: bool) -> Result<(), String> {
    super::close_inherited();
    let (user, group) = (
        rustix::process::getuid().as_raw(),
        rustix::process::getgid().as_raw(),
    );
    let mut kinds = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS
        | CloneFlags::CLONE_NEWCGROUP;
    if !network {
        kinds |= CloneFlags::CLONE_NEWNET;
    }
    unshare(kinds).map_err(failed(
        "this system lets you make no user namespace (see user.max_user_namespaces, \
         kernel.apparmor_restrict_unprivileged_userns, or the container's seccomp profile)",
    ))?;
    // After the change of rights, which would have cleared it.
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed("prctl"))?;
    map_user(user, group)?;
    keep_rights()?;
    let mut arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    arguments.pop();
    let status = Command::new("/proc/self/exe")
        .args(arguments)
        .arg(super::INNER)
        .status();
    status.map_err(failed("starting the inner stage"))?;
    Ok(())
}

/// In a new user namespace, everybody keeps their number.
pub(crate) fn map_user(user: u32, group: u32) -> Result<(), String> {
    let put = |file: &str, text: String| {
        fs::write(format!("/proc/self/{file}"), text).map_err(failed(file))
    };
    put("setgroups", "deny".to_owned())?;
    put("uid_map", format!("{user} {user} 1"))?;
    put("gid_map", format!("{group} {group} 1"))
}

/// Rights in the new namespaces outlive the start of the inner stage, which needs them to mount. A
/// user other than root would lose them there.
fn keep_rights() -> Result<(), String> {
    let all = rustix::thread::capabilities(None)
        .map_err(failed("capget"))?
        .permitted;
    let sets = CapabilitySets {
        effective: all,
        permitted: all,
        inheritable: all,
    };
    set_capabilities(None, sets).map_err(failed("capset"))?;
    for right in all
        .iter()
        .filter(|right| CapabilitySet::all().contains(*right))
    {
        configure_capability_in_ambient_set(right, true).map_err(failed("ambient rights"))?;
    }
    Ok(())
}

/// Brings up the loopback interface of the new network, so that tests can talk to their own servers.
/// The kernel then gives it its addresses.
pub(super) fn bring_up_loopback() -> Result<(), String> {
    const NEW_LINK: u16 = 16;
    const REQUEST: u16 = 1;
    const UP: u32 = 1;
    // A netlink header (length, type, flags, sequence, port) and an interface (family, type, index,
    // flags, and which flags to change), as `man 7 rtnetlink` has them.
    let mut message = Vec::new();
    message.extend(32_u32.to_ne_bytes());
    message.extend(NEW_LINK.to_ne_bytes());
    message.extend(REQUEST.to_ne_bytes());
    message.extend([0; 8]);
    message.extend([0; 4]);
    // The loopback interface is always the first.
    message.extend(1_i32.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    message.extend(UP.to_ne_bytes());
    let to = socket(AddressFamily::NETLINK, SocketType::RAW, None).map_err(failed("netlink"))?;
    send(&to, &message, SendFlags::empty()).map_err(failed("loopback"))?;
    Ok(())
}
