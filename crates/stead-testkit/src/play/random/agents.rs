//! Steps of agents.

use super::super::draft::{after, alter, append, relocate, remove, replace};
use super::super::session::Refusal;
use super::{Dice, Step};

pub(super) const STEPS: &[Step] = &[
    (4, begin),
    (6, write),
    (20, insert),
    (12, change),
    (5, shorten),
    (6, several),
    (5, rewrite),
    (3, order),
    (3, gather),
    (4, patch),
    (2, delete),
    (3, rename),
    (6, by_shell),
    (4, sed),
    (3, carry),
    (2, format),
    (5, read),
    (6, fail),
    (2, generate),
    (4, commit),
    (3, ask),
    (6, elsewhere),
];

fn begin(dice: &mut Dice) {
    if dice.open.len() == 3 {
        dice.open.remove(0);
    }
    let skew = [0, 0, 240, -240][dice.noise.below(4)];
    let part = dice.noise.below(5);
    dice.begin(part, skew);
}

fn write(dice: &mut Dice) {
    let (session, path, draft) = (dice.session(), dice.new_path(), dice.draft());
    dice.story.by(session).write(&path, draft);
}

fn insert(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(0) else {
        return;
    };
    let (session, place, draft) = (dice.session(), dice.noise.below(lines + 1), dice.draft());
    dice.story.by(session).edit(&path, [after(place, draft)]);
}

fn change(dice: &mut Dice) {
    let Some((path, line)) = dice.named_line() else {
        return;
    };
    let session = dice.session();
    let op = if dice.noise.below(2) == 0 {
        alter(line)
    } else {
        replace(line, line, 1 + dice.noise.below(3))
    };
    dice.story.by(session).edit(&path, [op]);
}

fn shorten(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(6) else {
        return;
    };
    let (session, first) = (dice.session(), 1 + dice.noise.below(lines - 3));
    dice.story
        .by(session)
        .edit(&path, [remove(first, first + 1)]);
}

fn several(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(10) else {
        return;
    };
    let (session, draft) = (dice.session(), dice.draft());
    let ops = [append(2), replace(lines - 2, lines - 2, 2), after(1, draft)];
    dice.story.by(session).edit_together(&path, ops);
}

fn rewrite(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(4) else {
        return;
    };
    let (session, place, draft) = (dice.session(), dice.noise.below(lines), dice.draft());
    dice.story
        .by(session)
        .rewrite(&path, [after(place, draft), append(1)]);
}

fn order(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(8) else {
        return;
    };
    let session = dice.session();
    dice.story
        .by(session)
        .edit(&path, [relocate(2, 3, lines - 4)]);
}

fn gather(dice: &mut Dice) {
    let Some((path, lines)) = dice.file(4) else {
        return;
    };
    let (session, to) = (dice.session(), dice.new_path());
    dice.story.by(session).gather(&to, &path, lines - 2, lines);
}

fn patch(dice: &mut Dice) {
    let (Some((one, _)), Some((two, _))) = (dice.file(1), dice.file(1)) else {
        return;
    };
    if one != two {
        let (session, draft) = (dice.session(), dice.draft());
        let files = vec![
            (one.as_str(), vec![after(1, draft)]),
            (two.as_str(), vec![append(2)]),
        ];
        dice.story.by(session).patch(files);
    }
}

fn delete(dice: &mut Dice) {
    if dice.story.files(dice.here).len() < 6 {
        return;
    }
    let Some((path, _)) = dice.file(0) else {
        return;
    };
    let session = dice.session();
    dice.story.by(session).delete(&path);
}

fn rename(dice: &mut Dice) {
    let Some((path, _)) = dice.file(2) else {
        return;
    };
    let (session, to) = (dice.session(), dice.new_path());
    dice.story.by(session).rename(&path, &to, vec![after(1, 1)]);
}

fn by_shell(dice: &mut Dice) {
    let Some(session) = dice.with_shell() else {
        return;
    };
    let (path, draft) = (dice.new_path(), dice.draft());
    match (dice.noise.below(3), dice.file(1)) {
        (0, _) => dice.story.by(session).heredoc(&path, draft),
        (1, Some((path, _))) => dice.story.by(session).echo(&path, ["    let @ = 1;"]),
        _ => dice.story.by(session).tee(&path, draft),
    };
}

fn sed(dice: &mut Dice) {
    let Some(session) = dice.with_shell() else {
        return;
    };
    let Some((path, line)) = dice.named_line() else {
        return;
    };
    dice.story.by(session).sed(&path, line);
}

fn carry(dice: &mut Dice) {
    let Some(session) = dice.with_shell() else {
        return;
    };
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    let to = dice.new_path();
    match dice.noise.below(2) {
        0 => dice.story.by(session).copy(&path, &to),
        _ => dice.story.by(session).move_by_shell(&path, &to),
    };
}

fn format(dice: &mut Dice) {
    let Some(session) = dice.with_shell() else {
        return;
    };
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    dice.story.by(session).format(&path);
}

fn read(dice: &mut Dice) {
    let Some((path, _)) = dice.file(1) else {
        return;
    };
    let session = dice.session();
    dice.story.by(session).read(&path);
}

fn fail(dice: &mut Dice) {
    let Some((path, line)) = dice.named_line() else {
        return;
    };
    let why = [Refusal::User, Refusal::NotFound][dice.noise.below(2)];
    let session = dice.session();
    dice.story
        .by(session)
        .fail(&path, [replace(line, line, 2)], why);
}

fn generate(dice: &mut Dice) {
    let Some(session) = dice.with_shell() else {
        return;
    };
    let path = dice.new_path();
    dice.story.by(session).generate(&path, 6);
}

fn commit(dice: &mut Dice) {
    if let Some(session) = dice.with_shell()
        && dice.story.is_dirty()
    {
        dice.story.by(session).commit("What was asked for", None);
    }
}

fn ask(dice: &mut Dice) {
    let session = dice.session();
    dice.story
        .by(session)
        .ask("And now the rest")
        .say("I do that.");
}

/// Work in the other repository, at the same time and on the same names.
fn elsewhere(dice: &mut Dice) {
    let (stranger, draft) = (dice.stranger, dice.draft());
    dice.story.by(stranger).edit("src/a.rs", [after(1, draft)]);
    if dice.noise.below(3) == 0 {
        dice.story.enter(dice.other);
        dice.story.commit("There");
        dice.story.enter(dice.here);
    }
}
