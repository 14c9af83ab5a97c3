//! Process 1 of the sandbox: starts the command, buries what it leaves, and watches what all of
//! them use. When it ends, the kernel ends the others.

use std::fs;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{MemfdFlags, SeekFrom, memfd_create, seek};
use rustix::process::{Pid, PidfdFlags, WaitOptions, WaitStatus, pidfd_open, wait};

use crate::policy::Limits;
use crate::spec::{Report, Spec};

/// How often the use of memory and processes is looked at.
const WATCH: Duration = Duration::from_millis(50);
/// How many orphans are buried before looking elsewhere.
const MOST_BURIALS: usize = 256;

/// Runs the command. Gives nothing if the parent does not want to know any more.
pub(super) fn run(spec: &Spec, control: &UnixStream) -> Option<Report> {
    let mut command = Command::new(&spec.program);
    command
        .args(&spec.arguments)
        .env_clear()
        .current_dir(&spec.folder);
    command.envs(spec.variables.iter().map(|(name, value)| (name, value)));
    let input = match input(&spec.input) {
        Ok(input) => input,
        Err(error) => return Some(Report::NotConfined(format!("input: {error}"))),
    };
    let child = match command.stdin(input).spawn() {
        Ok(child) => child,
        Err(error) => return Some(Report::NotStarted(not_started(spec, &error))),
    };
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw)?;
    match watch(pid, &spec.limits, control) {
        Ok(report) => report,
        Err(error) => Some(Report::NotConfined(format!("watching: {error}"))),
    }
}

fn not_started(spec: &Spec, error: &std::io::Error) -> String {
    let folder = std::path::Path::new(&spec.folder);
    if folder.is_dir() {
        return error.to_string();
    }
    format!("its folder {} is not to be seen: {error}", folder.display())
}

/// What the command reads, in a file without a name.
fn input(bytes: &[u8]) -> std::io::Result<Stdio> {
    if bytes.is_empty() {
        return Ok(Stdio::null());
    }
    let mut file = fs::File::from(memfd_create("input", MemfdFlags::CLOEXEC)?);
    file.write_all(bytes)?;
    seek(&file, SeekFrom::Start(0))?;
    Ok(file.into())
}

fn watch(pid: Pid, limits: &Limits, control: &UnixStream) -> std::io::Result<Option<Report>> {
    let ended = pidfd_open(pid, PidfdFlags::empty())?;
    let mut looked = Instant::now();
    loop {
        let mut sources = [
            PollFd::new(&ended, PollFlags::IN),
            PollFd::new(control, PollFlags::IN),
        ];
        let tick = Timespec {
            tv_sec: 0,
            tv_nsec: WATCH.subsec_nanos().into(),
        };
        match poll(&mut sources, Some(&tick)) {
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
        // The parent says nothing more: if there is something, it is gone.
        if !sources[1].revents().is_empty() {
            return Ok(None);
        }
        // Not all at once: a command can make orphans faster than they are buried.
        for _ in 0..MOST_BURIALS {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((dead, status))) if dead == pid => return Ok(Some(report(status))),
                Ok(Some(_)) => {}
                _ => break,
            }
        }
        if looked.elapsed() >= WATCH {
            if let Some(report) = over(limits) {
                return Ok(Some(report));
            }
            looked = Instant::now();
        }
    }
}

fn report(status: WaitStatus) -> Report {
    match (status.exit_status(), status.terminating_signal()) {
        (Some(code), _) => Report::Exited(code),
        (None, signal) => Report::Killed(signal.unwrap_or_default()),
    }
}

/// Whether all processes together use too much.
fn over(limits: &Limits) -> Option<Report> {
    let page = rustix::param::page_size() as u64;
    let (mut pages, mut threads) = (0, 0);
    for entry in fs::read_dir("/proc").ok()?.flatten() {
        let is_process = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.parse::<u32>().is_ok());
        if !is_process {
            continue;
        }
        // It may have ended meanwhile.
        let path = entry.path();
        pages += fs::read_to_string(path.join("statm"))
            .ok()
            .and_then(|text| own_pages(&text))
            .unwrap_or(0);
        threads += fs::read_to_string(path.join("stat"))
            .ok()
            .and_then(|text| threads_of(&text))
            .unwrap_or(0);
    }
    if pages.saturating_mul(page) > limits.memory {
        return Some(Report::TooMuchMemory);
    }
    // One of them is this process.
    (threads > limits.processes.saturating_add(1)).then_some(Report::TooManyProcesses)
}

/// Resident pages that are no file's (`man 5 proc`, statm).
fn own_pages(text: &str) -> Option<u64> {
    let mut fields = text
        .split(' ')
        .skip(1)
        .map_while(|field| field.parse::<u64>().ok());
    let (resident, shared) = (fields.next()?, fields.next()?);
    Some(resident.saturating_sub(shared))
}

/// The twentieth field of `stat`, counted after the name, which may hold anything.
fn threads_of(text: &str) -> Option<u64> {
    let (_, fields) = text.rsplit_once(") ")?;
    fields.split(' ').nth(17)?.parse().ok()
}
