//! A disk that is full: files cannot grow beyond a size, as with a quota. What cannot be
//! recorded is not done.

use std::process::Command;

use stead_testkit::model::{Answer, ScriptedModel};

use super::world::{Ran, World};
use crate::machine::Run;

/// The same command, whose files cannot grow beyond so many blocks of 512 bytes.
fn limited(command: &Command, blocks: u32) -> Command {
    let mut limited = Command::new("sh");
    // Without the signal ignored, whoever writes too much would be killed by it.
    let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$@\"");
    limited.args(["-c", &script, "sh"]);
    limited.arg(command.get_program()).args(command.get_args());
    limited.env_clear();
    let variables = command.get_envs();
    limited.envs(variables.filter_map(|(name, value)| Some((name, value?))));
    limited.current_dir(command.get_current_dir().unwrap());
    limited
}

#[test]
fn what_cannot_be_recorded_is_not_done() {
    for blocks in [4, 12, 24, 40, 64] {
        let (world, task) = World::broken();
        let (before, mut answers) = (world.tree(), task.answers.clone());
        answers.insert(2, Answer::shell("seq 1 4000"));
        let model = ScriptedModel::new(answers);
        let command = world.command(&model, &[&task.task, "--yes", "--apply"]);
        let output = limited(&command, blocks).output().unwrap();
        let run = Run::of(output);
        assert_eq!(run.code, 1, "{blocks}: {}{}", run.out, run.err);
        assert_eq!(world.tree(), before, "{blocks}");
        if world.sessions().is_empty() {
            assert_eq!(model.asked().len(), 0, "{blocks}");
            continue;
        }
        // Nothing was asked that is not on record; the last line may be cut off.
        let (asked, recorded) = (model.asked(), world.requests());
        assert!(asked.len() <= recorded.len(), "{blocks}");
        for (asked, recorded) in asked.iter().zip(&recorded) {
            assert_eq!(&asked.text(), recorded, "{blocks}");
        }
        assert!(
            run.err.contains("record") || run.out.contains("record"),
            "{blocks}: {}{}",
            run.out,
            run.err
        );
        // With room again, it goes on.
        let model = ScriptedModel::new(task.answers[2..].to_vec());
        let ran: Ran = world.run(&model, &["--continue", "go on", "--yes", "--apply"]);
        ran.assert_ended(0, "done");
        assert_eq!(world.changed(), ["cart.py"], "{blocks}");
        world.assert_on_record(&model);
    }
}
