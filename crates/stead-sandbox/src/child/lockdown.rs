//! Gives up every right that a command does not need, for good: limits, capabilities, Landlock,
//! seccomp. The mounts are there already.

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr,
    Scope, path_beneath_rules,
};
use rustix::process::{
    DumpableBehavior, Resource, Rlimit, Signal, getrlimit, set_dumpable_behavior,
    set_parent_process_death_signal, setrlimit, setsid,
};
use rustix::thread::{
    CapabilitySet, CapabilitySets, clear_ambient_capability_set,
    remove_capability_from_bounding_set, set_capabilities, set_no_new_privs,
};

use super::{failed, seccomp};
use crate::spec::Spec;

/// The newest Landlock that we make use of; older kernels do what they can.
const LANDLOCK: ABI = ABI::V6;

/// Locks everything down, for this process and all that it starts.
pub(super) fn apply(spec: &Spec) -> Result<(), String> {
    // A session of our own has no terminal. Process 1 may lead one already.
    let _ = setsid();
    limit(spec)?;
    landlock(spec)?;
    drop_capabilities()?;
    set_no_new_privs(true).map_err(failed("no_new_privs"))?;
    set_parent_process_death_signal(Some(Signal::KILL)).map_err(failed("prctl"))?;
    // The command must not look into this process or change it; it runs as the same user.
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(failed("prctl"))?;
    seccomp::apply()
}

fn limit(spec: &Spec) -> Result<(), String> {
    let limits = &spec.limits;
    let mut list = vec![
        (Resource::Data, limits.memory),
        (Resource::Nofile, limits.files),
        (Resource::Core, 0),
    ];
    // Root is not bound by it, and for others it counts in the new user namespace only.
    if !rustix::process::getuid().is_root() {
        list.push((Resource::Nproc, limits.processes));
    }
    for (resource, wanted) in list {
        let may = getrlimit(resource).maximum.unwrap_or(u64::MAX);
        let value = Some(wanted.min(may));
        setrlimit(
            resource,
            Rlimit {
                current: value,
                maximum: value,
            },
        )
        .map_err(failed("setrlimit"))?;
    }
    Ok(())
}

/// A second wall behind the mounts: reading anywhere, writing only where the plan allows, no sockets
/// without a file and no signals across the border.
fn landlock(spec: &Spec) -> Result<(), String> {
    let rules = || {
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(LANDLOCK))?
            .scope(Scope::AbstractUnixSocket | Scope::Signal)?
            .create()?
            .add_rules(path_beneath_rules(["/"], AccessFs::from_read(LANDLOCK)))?
            .add_rules(path_beneath_rules(
                &spec.writable,
                AccessFs::from_all(LANDLOCK),
            ))?
            .restrict_self()
    };
    // A kernel without Landlock is no error: the mounts hold alone.
    rules().map(|_| ()).map_err(failed("Landlock"))
}

fn drop_capabilities() -> Result<(), String> {
    clear_ambient_capability_set().map_err(failed("ambient rights"))?;
    for right in CapabilitySet::all().iter() {
        // Kernels do not know the newest of them.
        match remove_capability_from_bounding_set(right) {
            Ok(()) | Err(rustix::io::Errno::INVAL) => {}
            // Under bubblewrap the rest is gone already, with the right to take it away.
            Err(rustix::io::Errno::PERM) if has_none() => break,
            Err(error) => return Err(failed("bounding set")(error)),
        }
    }
    let none = CapabilitySet::empty();
    let sets = CapabilitySets {
        effective: none,
        permitted: none,
        inheritable: none,
    };
    set_capabilities(None, sets).map_err(failed("capset"))
}

fn has_none() -> bool {
    rustix::thread::capabilities(None).is_ok_and(|sets| sets.permitted.is_empty())
}
