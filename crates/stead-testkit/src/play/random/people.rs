//! Steps of people: the owner of the machine, and a colleague far away.

use super::super::draft::{after, alter, append, indent, relocate, remove, replace};
use super::{Dice, Step};

pub(super) const STEPS: &[Step] = &[
    (14, insert),
    (8, change),
    (4, shorten),
    (3, order),
    (2, format),
    (2, wrap),
    (3, write),
    (2, rename),
    (2, to_another_file),
    (2, copy),
    (3, colleague),
    (4, rest),
];

fn insert(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(0) else {
        return;
    };
    let (place, draft) = (dice.noise.below(lines + 1), dice.draft());
    dice.story.human().edit(&path, [after(place, draft)]);
}

fn change(dice: &mut Dice) {
    let Some((path, line)) = dice.named_line() else {
        return;
    };
    let op = if dice.noise.below(2) == 0 {
        alter(line)
    } else {
        replace(line, line, 1 + dice.noise.below(2))
    };
    dice.story.human().edit(&path, [op]);
}

fn shorten(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(6) else {
        return;
    };
    let first = 1 + dice.noise.below(lines - 3);
    dice.story.human().edit(&path, [remove(first, first + 1)]);
}

fn order(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(8) else {
        return;
    };
    dice.story.human().edit(&path, [relocate(2, 4, lines - 5)]);
}

fn format(dice: &mut Dice) {
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    dice.story.human().format(&path);
}

fn wrap(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(4) else {
        return;
    };
    let first = 1 + dice.noise.below(lines - 2);
    let ops = [
        indent(first, first + 1),
        after(first + 1, ["    }"]),
        after(first - 1, ["    if @ {"]),
    ];
    dice.story.human().edit(&path, ops);
}

fn write(dice: &mut Dice) {
    let (path, draft) = (dice.new_path(), dice.draft());
    dice.story
        .human()
        .write(&path, draft)
        .edit(&path, [append(2)]);
}

fn rename(dice: &mut Dice) {
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    let to = dice.new_path();
    dice.story.human().rename(&path, &to);
}

fn to_another_file(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(6) else {
        return;
    };
    let to = dice.new_path();
    dice.story
        .human()
        .move_lines(&path, lines - 3, lines - 1, &to);
}

fn copy(dice: &mut Dice) {
    let (Some((from, lines)), Some((to, _))) = (dice.file(3), dice.file(1)) else {
        return;
    };
    if from != to {
        dice.story.human().copy_lines(&from, lines - 2, lines, &to);
    }
}

/// A colleague works on a file of their own and one of all, and it is pulled.
fn colleague(dice: &mut Dice) {
    if !dice.story.is_on("main") {
        return;
    }
    dice.commit_all();
    dice.story.push();
    dice.story.enter(dice.theirs);
    dice.story.pull();
    let path = dice.new_path();
    dice.story.human().write(&path, 3);
    if let Some((path, lines)) = dice.file(1) {
        let there = dice.story.lines(dice.theirs, &path).min(lines);
        dice.story.human().edit(&path, [after(there, 2)]);
    }
    dice.story.commit("By a colleague");
    dice.story.push();
    dice.story.enter(dice.here);
    dice.story.pull();
}

fn rest(dice: &mut Dice) {
    let minutes = 1 + dice.noise.below(240);
    dice.story.wait(minutes as i64);
}
