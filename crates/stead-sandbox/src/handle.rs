//! A command that was started: its threads, its end, and what it prints, as events. What they mean
//! is decided by `run`.

use std::io::{self, Read};
use std::sync::mpsc::SyncSender;
use std::thread;

use crate::output::Stream;
use crate::spec::Report;

/// A command that was started.
pub(crate) struct Running {
    /// What was started, with its output in pipes.
    pub(crate) process: std::process::Child,
    /// Ends the command if shut down, and brings the report. An unconfined command has none.
    #[cfg(unix)]
    pub(crate) control: Option<std::os::unix::net::UnixStream>,
}

/// What happens to a running command.
pub(crate) enum Event {
    Printed(Stream, Vec<u8>),
    Closed,
    /// How it ended, if that was said.
    Reported(Option<Report>),
    /// Nothing of it is left.
    Gone,
}

/// Passes on both pipes, each in a thread of its own.
fn listen(process: &mut std::process::Child, to: &SyncSender<Event>) {
    for (stream, pipe) in pipes(process) {
        let to = to.clone();
        thread::spawn(move || pass_on(stream, pipe, &to));
    }
}

fn pipes(process: &mut std::process::Child) -> Vec<(Stream, Box<dyn Read + Send>)> {
    let output = process
        .stdout
        .take()
        .map(|pipe| (Stream::Output, Box::new(pipe) as _));
    let error = process
        .stderr
        .take()
        .map(|pipe| (Stream::Error, Box::new(pipe) as _));
    output.into_iter().chain(error).collect()
}

fn pass_on(stream: Stream, mut pipe: Box<dyn Read + Send>, to: &SyncSender<Event>) {
    let mut buffer = vec![0; 1 << 15];
    loop {
        match pipe.read(&mut buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Ok(0) | Err(_) => break,
            Ok(length)
                if to
                    .send(Event::Printed(stream, buffer[..length].to_vec()))
                    .is_err() =>
            {
                break;
            }
            Ok(_) => {}
        }
    }
    let _ = to.send(Event::Closed);
}

/// The means to end a command.
pub(crate) struct Handle {
    /// The process group that was started.
    #[cfg(unix)]
    group: Option<rustix::process::Pid>,
    #[cfg(unix)]
    control: Option<std::os::unix::net::UnixStream>,
    /// Whether it was told to end.
    #[cfg(unix)]
    confined: bool,
}

impl Handle {
    /// Waits for the end in a thread of its own.
    #[cfg(unix)]
    pub(crate) fn watch(running: Running, to: SyncSender<Event>) -> io::Result<Self> {
        let Running {
            mut process,
            control,
        } = running;
        listen(&mut process, &to);
        let group = i32::try_from(process.id())
            .ok()
            .and_then(rustix::process::Pid::from_raw);
        let reports = control
            .as_ref()
            .map(std::os::unix::net::UnixStream::try_clone)
            .transpose()?;
        thread::spawn(move || {
            let report = reports.map(|mut reports| crate::spec::receive::<Report>(&mut reports));
            // The report is out before the process is: others need not wait for both.
            let _ = report.map(|report| to.send(Event::Reported(report.ok())));
            let status = process.wait();
            let _ = to.send(Event::Reported(status.ok().map(of_status)));
            let _ = to.send(Event::Gone);
        });
        Ok(Self {
            group,
            control,
            confined: false,
        })
    }

    #[cfg(not(unix))]
    pub(crate) fn watch(running: Running, to: SyncSender<Event>) -> io::Result<Self> {
        let mut process = running.process;
        listen(&mut process, &to);
        thread::spawn(move || {
            let report = process
                .wait()
                .ok()
                .and_then(|status| status.code())
                .map(Report::Exited);
            let _ = to.send(Event::Reported(report));
            let _ = to.send(Event::Gone);
        });
        Ok(Self {})
    }

    /// Ends everything that was started. A sandbox is told to: its process 1 then ends with all the
    /// others, and the child after it, so that nothing is left once that is gone.
    pub(crate) fn stop(&mut self) {
        #[cfg(unix)]
        match self.control.take() {
            Some(control) => {
                let _ = control.shutdown(std::net::Shutdown::Both);
                self.confined = true;
            }
            None if !self.confined => self.kill(),
            None => {}
        }
    }

    /// Ends it without a word.
    pub(crate) fn kill(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.group.take() {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

#[cfg(unix)]
fn of_status(status: std::process::ExitStatus) -> Report {
    use std::os::unix::process::ExitStatusExt;
    match status.code() {
        Some(code) => Report::Exited(code),
        None => Report::Killed(status.signal().unwrap_or_default()),
    }
}
