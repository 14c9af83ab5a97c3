//! A14: discovery depends on nothing but what it asked its [`Disk`]. If it would
//! find something else, the sightings of the time before do not hold.

use std::path::Path;
use std::time::{Duration, SystemTime};

use fs_err as fs;

use super::{env_of, unpack, walk};
use crate::{Adapter, Disk, Sightings, Unit};

/// What is done to a store, one thing at a time: to a file.
const CHANGES: [fn(&Path); 4] = [grow, vanish, double, replace];

/// Checks the law on a fixture, with every kind of change to some of its files.
pub(super) fn check(adapter: &dyn Adapter, fixture: &Path) {
    let names = walk(fixture);
    for (change, many) in CHANGES.iter().zip([2, 3, 3, 2]) {
        for file in names.iter().step_by((names.len() / many).max(1)) {
            let home = unpack(fixture);
            let file = home.path().join(file.strip_prefix(fixture).expect("below"));
            let packed = file.extension().is_some_and(|extension| extension == "zst");
            let file = if packed {
                file.with_extension("")
            } else {
                file
            };
            one(adapter, home.path(), &file, *change);
        }
    }
}

fn one(adapter: &dyn Adapter, home: &Path, file: &Path, change: fn(&Path)) {
    age(home);
    let (before, seen) = look(adapter, home);
    let holds = || Sightings::hold(&seen, 0, 0, 2);
    assert!(holds(), "A14: nothing was changed in {}", home.display());
    change(file);
    let (after, _) = look(adapter, home);
    assert!(
        before == after || !holds(),
        "A14: {} was changed unseen",
        file.display()
    );
}

fn look(adapter: &dyn Adapter, home: &Path) -> (Vec<Unit>, Vec<u8>) {
    let (mut units, disk) = (Vec::new(), Disk::default());
    let found = &mut |unit| units.push(unit);
    let env = env_of(home);
    adapter
        .discover(&env, &disk, found)
        .expect("discovery works");
    let seen = Sightings::to_bytes(&[disk.into_sightings()], 0, 0).expect("paths are Unicode");
    (units, seen)
}

/// Makes everything an hour old, so that no change falls into the same tick.
fn age(folder: &Path) {
    let past = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let set = |path: &Path| {
        let file = std::fs::File::open(path).expect("opened");
        file.set_modified(past).expect("times can be set");
    };
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("listed") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                set(&path);
            }
        }
        set(&folder);
    }
}

fn grow(file: &Path) {
    let mut bytes = fs::read(file).expect("read");
    bytes.push(b'\n');
    fs::write(file, bytes).expect("written");
}

fn vanish(file: &Path) {
    fs::remove_file(file).expect("removed");
}

/// The same file under a name of the same form: its last digit is another.
fn double(file: &Path) {
    let name = file.file_name().expect("named").to_string_lossy();
    let other: String = match name.rfind(|c: char| c.is_ascii_digit()) {
        Some(place) => {
            let digit = if &name[place..=place] == "7" {
                "8"
            } else {
                "7"
            };
            format!("{}{digit}{}", &name[..place], &name[place + 1..])
        }
        None => format!("x{name}"),
    };
    fs::copy(file, file.with_file_name(other)).expect("copied");
}

/// Another file of the same size and time takes the file's place.
fn replace(file: &Path) {
    let modified = fs::metadata(file)
        .and_then(|m| m.modified())
        .expect("a time");
    let beside = file.with_extension("new");
    fs::copy(file, &beside).expect("copied");
    let opened = std::fs::File::options().write(true).open(&beside);
    opened
        .and_then(|f| f.set_modified(modified))
        .expect("a time");
    fs::rename(beside, file).expect("renamed");
}
