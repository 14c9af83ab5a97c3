//! What happens in a session, whatever agent it is of: prompts, and for each
//! the steps of an assistant that thinks, speaks and calls tools.

use super::project::{Project, World, file_text};
use super::rng::Rng;
use super::step::{Call, Step, Usage};
use super::words::Scope;

/// Writes the prompts and steps of one session.
#[derive(Debug)]
pub(super) struct Author<'a> {
    pub(super) world: &'a World,
    pub(super) project: &'a mut Project,
    pub(super) rng: Rng,
    /// Files that this session works on, the ones read last at the end.
    working: Vec<usize>,
    /// Tokens in the context and tokens that are not in the cache yet.
    context: u64,
    fresh: u64,
}

impl<'a> Author<'a> {
    pub(super) fn new(world: &'a World, project: &'a mut Project, rng: Rng) -> Self {
        Self {
            world,
            project,
            rng,
            working: Vec::new(),
            context: 11_000,
            fresh: 4_000,
        }
    }

    /// A piece of text, `symbol` of the text grammar.
    pub(super) fn text(&mut self, symbol: &str) -> String {
        let mut out = String::new();
        self.expand(symbol, &mut out);
        self.fresh += out.len() as u64 / 4;
        out
    }

    fn expand(&mut self, symbol: &str, out: &mut String) {
        let names = &self.project.names;
        let mut cx = Scope {
            rng: &mut self.rng,
            words: &self.world.words,
            names,
        };
        self.world.grammars.text.expand(&mut cx, symbol, 0, out);
    }

    /// One more step; the last of a turn has no call.
    pub(super) fn step(&mut self, last: bool) -> Step {
        let think = self.rng.per_mille(350).then(|| self.text("reason"));
        let say = if last {
            Some(self.text("summary"))
        } else {
            self.rng.per_mille(550).then(|| self.text("say"))
        };
        let call = (!last).then(|| self.call());
        let length = |t: Option<&String>| t.map_or(0, String::len) as u64 / 4;
        self.finish(
            think.as_ref().map_or(0, |t| t.len() as u64 / 4),
            length(say.as_ref()),
            |usage, ms| Step {
                think,
                say,
                call,
                usage,
                ms,
            },
        )
    }

    /// A step that starts a subagent.
    pub(super) fn hand_over(&mut self, child: &str) -> Step {
        let what = self.text("title");
        let prompt = self.text("reason");
        let answer = self.text("summary");
        let call = Some(Call::Agent {
            what,
            prompt,
            answer,
            child: child.to_owned(),
        });
        let say = Some(self.text("say"));
        self.finish(0, 60, |usage, ms| Step {
            think: None,
            say,
            call,
            usage,
            ms,
        })
    }

    fn finish(&mut self, reasoning: u64, said: u64, make: impl FnOnce(Usage, i64) -> Step) -> Step {
        let usage = Usage {
            input: self.rng.range(3, 60),
            output: reasoning + said + self.rng.range(20, 400),
            reasoning,
            cache_read: self.context,
            cache_write: self.fresh,
        };
        self.context += self.fresh;
        self.fresh = usage.output;
        if self.context > 160_000 {
            self.context = 30_000; // compacted, or old results cleared
        }
        let ms = self.rng.range(900, 9_000) as i64 + usage.output as i64 * 12;
        make(usage, ms)
    }

    fn call(&mut self) -> Call {
        let call = match self.rng.below(100) {
            0..33 => self.read(),
            33..53 => self.edit(),
            53..57 => self.write(),
            _ => self.bash(),
        };
        self.fresh += match &call {
            Call::Read { text, .. } | Call::Write { text, .. } => text.len() as u64 / 4,
            Call::Bash { output, .. } => output.len() as u64 / 4,
            Call::Edit { edit, .. } => (edit.old.len() + edit.new.len()) as u64 / 4,
            Call::Agent { .. } => 0,
        };
        call
    }

    /// A file: mostly one that the session has seen already.
    fn file(&mut self) -> usize {
        let n = self.working.len();
        if n > 0 && self.rng.per_mille(600) {
            return self.working[n - 1 - self.rng.below(n.min(6))];
        }
        let at = self.rng.below(self.project.files.len());
        self.working.push(at);
        at
    }

    fn absolute(&self, at: usize) -> String {
        format!("{}/{}", self.project.cwd, self.project.files[at].path)
    }

    fn read(&mut self) -> Call {
        let at = self.file();
        let path = self.absolute(at);
        let text = &self.project.files[at].text;
        let total = text.lines().count();
        if total > 80 && self.rng.per_mille(450) {
            let start = self.rng.below(total - 40);
            let count = 40 + self.rng.below(180);
            let part = text.split_inclusive('\n').skip(start).take(count).collect();
            return Call::Read {
                path,
                text: part,
                start: start + 1,
                total,
            };
        }
        Call::Read {
            path,
            text: text.clone(),
            start: 1,
            total,
        }
    }

    fn edit(&mut self) -> Call {
        let at = self.file();
        let path = self.absolute(at);
        let edit = self.project.edit(self.world, &mut self.rng, at);
        Call::Edit { path, edit }
    }

    fn write(&mut self) -> Call {
        let at = self.file();
        let path = self.absolute(at);
        let text = file_text(self.world, &mut self.rng, &path);
        self.project.files[at].text.clone_from(&text);
        Call::Write { path, text }
    }

    fn bash(&mut self) -> Call {
        let command = self.text("command");
        let what = self.text("title");
        let mut output = String::new();
        let target = (700.0 * (self.rng.normal() * 1.4).exp()).min(30_000.0) as usize;
        self.expand("output", &mut output);
        let symbol = self
            .rng
            .pick(&["docker", "rg", "ctest", "build", "tsc", "gitlog"]);
        while output.len() < target {
            output.push('\n');
            self.expand(symbol, &mut output);
        }
        match self.rng.below(2000) {
            0 => self.one_long_line(&mut output),
            1..3 => {
                let token = secret(&mut self.rng);
                output.push_str(&token);
            }
            3..23 => self.expand("cjk_line", &mut output),
            _ => {}
        }
        let exit = i32::from(self.rng.one_in(7));
        Call::Bash {
            command,
            what,
            output,
            exit,
        }
    }

    /// A minified bundle: a megabyte without a line break.
    fn one_long_line(&mut self, output: &mut String) {
        let grammar = &self.world.grammars.code[1].grammar;
        let mut cx = Scope {
            rng: &mut self.rng,
            words: &self.world.words,
            names: &self.project.names,
        };
        let end = output.len() + 500_000 + cx.rng.below(1_500_000);
        while output.len() < end {
            grammar.expand(&mut cx, "expr", 0, output);
            output.push(';');
        }
    }
}

/// A line with something that looks like a secret and is none.
pub(super) fn secret(rng: &mut Rng) -> String {
    match rng.below(5) {
        0 => format!(
            "\nAWS_ACCESS_KEY_ID=AKIA{}",
            rng.chars("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 16)
        ),
        1 => format!("\nGITHUB_TOKEN=ghp_{}", rng.base62(36)),
        2 => format!("\nexport OPENAI_API_KEY=sk-proj-{}", rng.base62(48)),
        3 => format!("\npostgres://app:{}@db.internal:5432/main", rng.base62(20)),
        _ => format!(
            "\nAuthorization: Bearer eyJ{}.eyJ{}.{}",
            rng.base62(33),
            rng.base62(60),
            rng.base62(43)
        ),
    }
}
