//! Steps of git. Those that may end in a conflict are taken back if it is not
//! one that can be solved by keeping both sides.

use super::{Dice, Step};

pub(super) const STEPS: &[Step] = &[
    (22, commit),
    (4, commit_one),
    (4, amend),
    (5, branch),
    (8, come_together),
    (3, go),
    (3, revert),
    (3, pick),
    (3, stash),
    (2, discard),
    (1, reset),
    (2, reset_soft),
    (1, tag),
];

fn commit(dice: &mut Dice) {
    dice.commit_all();
}

fn commit_one(dice: &mut Dice) {
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    if dice.story.is_changed(&path) {
        dice.story.commit_files("Only this one", &[&path]);
    }
}

fn amend(dice: &mut Dice) {
    // What was pushed stays as it is.
    if dice.story.is_dirty() && !dice.story.is_on("main") {
        dice.story.amend();
    }
}

fn branch(dice: &mut Dice) {
    dice.names += 1;
    let name = format!("topic-{}", dice.names);
    dice.story.branch(&name);
    dice.branches.push(name);
}

fn go(dice: &mut Dice) {
    dice.commit_all();
    let Some(last) = dice.branches.last() else {
        return;
    };
    let name = if dice.story.is_on("main") {
        last.clone()
    } else {
        "main".to_owned()
    };
    dice.story.checkout(&name);
}

/// The last branch comes to main, in one of the ways there are.
fn come_together(dice: &mut Dice) {
    let Some(name) = dice.branches.pop() else {
        return;
    };
    dice.commit_all();
    let way = dice.noise.below(4);
    if way == 0 {
        dice.story.checkout(&name);
        let clean = dice.story.rebase("main");
        if !clean && !solve(dice, &["rebase", "--continue"], &["rebase", "--abort"]) {
            dice.story.checkout("main");
            return;
        }
    }
    dice.story.checkout("main");
    match way {
        1 => {
            if !dice.story.try_squash(&name, "All of the topic") {
                dice.story.reset_hard("HEAD");
            }
        }
        _ if dice.story.merge(&name) => {}
        _ => drop(solve(dice, &["commit", "--no-edit"], &["merge", "--abort"])),
    }
}

/// Keeps both sides of all conflicts, as the human or an agent does it, and goes
/// on; gives up where that is not possible.
fn solve(dice: &mut Dice, go_on: &[&str], give_up: &[&str]) -> bool {
    for _ in 0..5 {
        let Some(paths) = dice.story.conflicts() else {
            break;
        };
        for path in paths {
            if dice.noise.below(2) == 0 {
                let session = dice.session();
                // Aider cannot commit a file alone while git waits for all.
                if dice.story.session_of(session).commits {
                    dice.story.human().keep_both(&path);
                } else {
                    dice.story.by(session).keep_both(&path);
                }
            } else {
                dice.story.human().keep_both(&path);
            }
        }
        if dice.story.go_on(go_on) {
            return true;
        }
    }
    dice.story.give_up(give_up);
    false
}

fn revert(dice: &mut Dice) {
    dice.commit_all();
    let back = dice.noise.below(4);
    let commit = format!("HEAD~{back}");
    if dice.story.has_one_parent(&commit) && !dice.story.revert(&commit) {
        dice.story.give_up(&["revert", "--abort"]);
    }
}

fn pick(dice: &mut Dice) {
    dice.commit_all();
    let Some(name) = dice.branches.last().cloned() else {
        return;
    };
    if dice.story.is_on("main") && !dice.story.cherry_pick(&name) {
        dice.story.give_up(&["cherry-pick", "--abort"]);
    }
}

fn stash(dice: &mut Dice) {
    if !dice.story.is_dirty() {
        return;
    }
    dice.story.stash();
    let path = dice.new_path();
    dice.story.human().write(&path, 2);
    dice.story.commit("Something urgent");
    dice.story.unstash();
}

fn discard(dice: &mut Dice) {
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    if dice.story.is_changed(&path) && dice.story.is_tracked(&path) {
        dice.story.discard(&path);
    }
}

fn reset(dice: &mut Dice) {
    if !dice.story.is_on("main") {
        dice.story.reset_hard("HEAD");
    }
}

fn reset_soft(dice: &mut Dice) {
    if !dice.story.is_on("main") && dice.story.has_one_parent("HEAD") {
        dice.story.reset_soft("HEAD~1");
        dice.commit_all();
    }
}

fn tag(dice: &mut Dice) {
    dice.names += 1;
    dice.story.tag(&format!("v{}", dice.names));
}
