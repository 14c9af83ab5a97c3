//! Holds the traffic beside a record against the digests in its events. An exchange that no
//! event tells of is nothing strange at the end, where a request was under way.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{self, BufRead, BufReader};
use std::path::Path;

use stead_usf::Event;

use super::{EVENTS, Report};
use crate::record::{Exchanges, vouched};

/// Checks the traffic of the session in a folder.
pub(super) fn check(folder: &Path, report: &mut Report) -> io::Result<()> {
    // The events first: what they vouch for was in the traffic before.
    let mut told = digests(folder)?;
    let exchanges = Exchanges::of(folder)?;
    let mut open = Vec::new();
    for (name, digest) in &exchanges.all {
        let next = told.get_mut(name).and_then(VecDeque::pop_front);
        match next {
            Some(next) if next == *digest => {
                report.exchanges += 1;
                let between = open.drain(..).map(|name| {
                    format!("exchange {name} stands in the traffic, but no event tells of it")
                });
                report.altered.extend(between);
            }
            Some(_) => report
                .altered
                .push(format!("exchange {name} of the traffic is not what it was")),
            None => open.push(name.clone()),
        }
    }
    let gone = told.into_iter().filter(|(_, left)| !left.is_empty());
    report
        .altered
        .extend(gone.map(|(name, _)| format!("exchange {name} is gone from the traffic")));
    if let Some(line) = exchanges.stray.first() {
        report
            .altered
            .push(format!("line {line} of the traffic belongs to no exchange"));
    }
    if !open.is_empty() {
        report.remarks.push(format!(
            "the last {} exchanges of the traffic are on no record: the requests were under way",
            open.len()
        ));
    }
    if exchanges.torn > 0 {
        report
            .remarks
            .push("the last line of the traffic does not end".to_owned());
    }
    Ok(())
}

/// The digests that the record's events name, by the exchange; one that is told again as it
/// was counts once. Lines that are no events are the log's business.
fn digests(folder: &Path) -> io::Result<BTreeMap<String, VecDeque<String>>> {
    let mut told: BTreeMap<String, VecDeque<String>> = BTreeMap::new();
    let file = match File::open(folder.join(EVENTS)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(told),
        Err(error) => return Err(error),
    };
    for line in BufReader::new(file).split(b'\n') {
        let Ok(event) = serde_json::from_slice::<Event>(&line?) else {
            continue;
        };
        for (name, digest) in vouched(&event).traffic {
            let known = told.entry(name).or_default();
            if known.back() != Some(&digest) {
                known.push_back(digest);
            }
        }
    }
    Ok(told)
}
