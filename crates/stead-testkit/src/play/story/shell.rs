//! Commands that an agent runs and that change files. They are really run, and
//! what they left is held against what the story expects; only formatters and
//! generators are played.

use std::process::Command;

use fs_err as fs;

use super::super::draft::{Draft, Op};
use super::super::file::File;
use super::super::line::Who;
use super::super::session::What;
use super::{Acting, Folder};

impl Acting<'_> {
    /// `cat > PATH <<'EOF'`.
    pub fn heredoc(&mut self, path: &str, draft: impl Into<Draft>) -> &mut Self {
        let (file, text) = self.drafted(draft.into(), None);
        let command = format!("{}cat > {path} <<'EOF'\n{text}EOF", made(path));
        self.run_and_compare(&command, path, file)
    }

    /// `tee PATH <<'EOF'`, which shows the text as well.
    pub fn tee(&mut self, path: &str, draft: impl Into<Draft>) -> &mut Self {
        let (file, text) = self.drafted(draft.into(), None);
        let command = format!("{}tee {path} <<'EOF'\n{text}EOF", made(path));
        self.run_and_compare(&command, path, file)
    }

    /// `echo '…' >> PATH` for each line.
    pub fn echo(&mut self, path: &str, draft: impl Into<Draft>) -> &mut Self {
        let known = self.file(path);
        let (file, text) = self.drafted(draft.into(), known);
        let lines: Vec<String> = text
            .lines()
            .map(|line| format!("echo '{line}' >> {path}"))
            .collect();
        self.run_and_compare(&lines.join(" && "), path, file)
    }

    /// `sed -i 's/…/…/' PATH`: gives a name in a line another name.
    pub fn sed(&mut self, path: &str, line: usize) -> &mut Self {
        self.story.tick();
        let mut file = self.file(path).unwrap_or_default();
        let new = self.story.fresh_name();
        let old = name_in(&file.lines[line - 1].text);
        for at in 0..file.lines.len() {
            if !file.lines[at].text.contains(&old) {
                continue;
            }
            file.lines[at].text = file.lines[at].text.replace(&old, &new);
            let (number, now) = (self.story.number(), self.story.now.0);
            let identity = &file.lines[at].identity;
            file.lines[at].identity = identity.changed_by(self.who(), number, now);
        }
        let command = format!("sed -i 's/{old}/{new}/g' {path}");
        self.run_and_compare(&command, path, file)
    }

    /// `rm PATH`.
    pub fn remove_by_shell(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        self.story.take_away(folder, path);
        self.shown(&format!("rm {path}"), "")
    }

    /// `mv PATH TO`.
    pub fn move_by_shell(&mut self, path: &str, to: &str) -> &mut Self {
        self.carry_by("mv", path, to)
    }

    /// `git mv PATH TO`.
    pub fn git_move(&mut self, path: &str, to: &str) -> &mut Self {
        self.carry_by("git mv", path, to)
    }

    /// `cp PATH TO`.
    pub fn copy(&mut self, path: &str, to: &str) -> &mut Self {
        self.carry_by("cp", path, to)
    }

    fn carry_by(&mut self, program: &str, path: &str, to: &str) -> &mut Self {
        self.story.tick();
        let mut file = self.file(path).unwrap_or_default();
        if program == "cp" {
            super::stage::carry(&mut file.lines, self.who());
        }
        let command = format!("{}{program} {path} {to}", made(to));
        self.run_and_compare(&command, to, file);
        if program != "cp" {
            let folder = self.folder();
            self.story.place(folder).files.remove(path);
        }
        self
    }

    /// A formatter that the agent runs turns indentation into tabs. Its output
    /// does not show the text.
    pub fn format(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        let mut file = self.file(path).unwrap_or_default();
        self.story
            .perform(&mut file.lines, vec![Op::Tabs], Who::Agent(self.session));
        self.story.put(folder, path, file);
        self.shown(&format!("npx prettier --write --use-tabs {path}"), path)
    }

    /// A program that the agent runs writes a file, and nobody sees the text.
    pub fn generate(&mut self, path: &str, draft: impl Into<Draft>) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        let mut file = self.file(path).unwrap_or_default();
        let new = self.story.fresh(draft.into(), Who::Program(self.session));
        file.lines.extend(new);
        self.story.put(folder, path, file);
        self.shown("python gen.py", "")
    }

    /// `git checkout -- PATH`.
    pub fn check_out(&mut self, path: &str) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        self.story
            .git_in(folder)
            .run(&["checkout", "-q", "--", path]);
        self.story.settle(folder);
        self.shown(&format!("git checkout -- {path}"), "")
    }

    /// `git add -A && git commit`, perhaps with a trailer that names the agent.
    pub fn commit(&mut self, subject: &str, trailer: Option<&str>) -> &mut Self {
        self.story.tick();
        let folder = self.folder();
        let message = trailer.map_or_else(
            || subject.to_owned(),
            |trailer| format!("{subject}\n\n{trailer}"),
        );
        let git = self.story.git_in(folder);
        git.run(&["add", "-A"]);
        git.run(&["commit", "-q", "--allow-empty", "-m", &message]);
        let id = git.run(&["rev-parse", "--short", "HEAD"]);
        let command = format!("git add -A && git commit -m '{message}'");
        self.shown(&command, &format!("[main {id}] {subject}\n"))
    }

    fn drafted(&mut self, draft: Draft, known: Option<File>) -> (File, String) {
        self.story.tick();
        let new = self.story.fresh(draft, self.who());
        let lines: Vec<&str> = new.iter().map(|line| line.text.as_str()).collect();
        let text = lines.join("\n") + "\n";
        let mut file = known.unwrap_or_default();
        file.lines.extend(new);
        (file, text)
    }

    /// Runs a command and looks whether the file became what was expected.
    fn run_and_compare(&mut self, command: &str, path: &str, file: File) -> &mut Self {
        let folder = self.folder();
        // A here-document says all; the other commands say what they change.
        let known = command.contains("<<'EOF'") || self.knows(path);
        let output = self.execute(folder, command);
        let found = fs::read(self.story.path(folder).join(path)).expect("written");
        assert_eq!(
            String::from_utf8_lossy(&found),
            String::from_utf8_lossy(&file.bytes()),
            "{command}"
        );
        self.story.note(folder, path, file);
        if known {
            self.saw(path);
        }
        self.shown(command, &output)
    }

    fn execute(&self, folder: Folder, command: &str) -> String {
        let mut shell = Command::new("sh");
        shell
            .current_dir(self.story.path(folder))
            .args(["-c", command]);
        let output = shell
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C");
        let output = output.output().expect("a shell");
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    /// Takes a command down.
    pub(super) fn shown(&mut self, command: &str, output: &str) -> &mut Self {
        self.record(What::Shell {
            command: command.to_owned(),
            output: output.to_owned(),
            exit: 0,
        })
    }
}

/// Makes the folder of a file first, where it is in one.
fn made(path: &str) -> String {
    path.rsplit_once('/')
        .map(|(folder, _)| format!("mkdir -p {folder} && "))
        .unwrap_or_default()
}

/// The first name with a mark in a line.
fn name_in(text: &str) -> String {
    let word = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
    let mut words = text.split(word);
    let named = words.find(|word| super::super::line::is_marked(word));
    named.expect("the line has a name").to_owned()
}
