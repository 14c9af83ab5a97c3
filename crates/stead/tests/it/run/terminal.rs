//! Runs at a terminal, with somebody who answers what is asked.

use std::process::{Command, Stdio};

use stead_testkit::model::{ScriptedModel, Wire};

use super::world::{PATH, World};
use crate::machine::Run;

/// Starts a program at a terminal of its own, types each answer once its words are shown,
/// and passes on what is shown. `[[WORDS, TYPED], …]` comes first, then the program.
const PERSON: &str = r"
import fcntl, json, os, pty, select, struct, sys, termios, time
talk = json.loads(sys.argv[1])
pid, terminal = pty.fork()
if pid == 0:
    os.execv(sys.argv[2], sys.argv[2:])
fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack('HHHH', 40, 100, 0, 0))
shown, end = b'', time.monotonic() + 60
while True:
    if time.monotonic() > end:
        os.kill(pid, 9)
    if not select.select([terminal], [], [], 0.2)[0]:
        continue
    try:
        more = os.read(terminal, 65536)
    except OSError:
        break
    if not more:
        break
    shown += more
    sys.stdout.buffer.write(more)
    while talk and talk[0][0].encode() in shown:
        words, typed = talk.pop(0)
        shown = shown.split(words.encode(), 1)[1]
        os.write(terminal, typed.encode())
canonical = termios.tcgetattr(terminal)[3] & termios.ICANON
print('the terminal is', 'as it was' if canonical else 'raw')
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) % 256)
";

/// Ctrl-C and Ctrl-D, as terminals send them.
pub(super) const INTERRUPT: &str = "\u{3}";
pub(super) const END: &str = "\u{4}";

impl World {
    /// Runs a task at a terminal without a live view; once words are shown, something is
    /// typed.
    pub(super) fn at_terminal(
        &self,
        model: &ScriptedModel,
        arguments: &[&str],
        talk: &[(&str, &str)],
    ) -> Run {
        self.at("dumb", model, &[&["run"], arguments].concat(), talk)
    }

    /// The same with a live view. The terminal is given back as it was, which is asserted.
    pub(super) fn at_live_terminal(
        &self,
        model: &ScriptedModel,
        arguments: &[&str],
        talk: &[(&str, &str)],
    ) -> Run {
        let ran = self.at(
            "xterm-256color",
            model,
            &[&["run"], arguments].concat(),
            talk,
        );
        let end = ran.out.trim_end().ends_with("the terminal is as it was");
        assert!(end, "{}", ran.out);
        ran
    }

    /// A conversation at a terminal.
    pub(super) fn chat(
        &self,
        model: &ScriptedModel,
        arguments: &[&str],
        talk: &[(&str, &str)],
    ) -> Run {
        let chat = [&["chat"], arguments].concat();
        let ran = self.at("xterm-256color", model, &chat, talk);
        let end = ran.out.trim_end().ends_with("the terminal is as it was");
        assert!(end, "{}", ran.out);
        ran
    }

    fn at(
        &self,
        terminal: &str,
        model: &ScriptedModel,
        command: &[&str],
        talk: &[(&str, &str)],
    ) -> Run {
        let base = model.base(Wire::Openai);
        let fixed = ["--model", "openai/scripted", "--base-url", &base];
        let all = [command, &fixed, &["--parser-model", "none"]].concat();
        let program = self.machine.command(&all);
        let mut person = Command::new("python3");
        person
            .args(["-c", PERSON, &serde_json::to_string(talk).unwrap()])
            .arg(program.get_program())
            .args(program.get_args())
            .env_clear()
            .envs(
                program
                    .get_envs()
                    .filter_map(|(name, value)| Some((name, value?))),
            )
            .env("PATH", PATH)
            .env("TERM", terminal)
            .current_dir(self.repo())
            .stdin(Stdio::null());
        Run::of(person.output().unwrap())
    }
}
