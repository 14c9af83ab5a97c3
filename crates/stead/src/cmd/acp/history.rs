//! Sessions of stead's own agent that are on record: the list, and what happened in one.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use agent_client_protocol::v1::schema::{SessionInfo, SessionUpdate};
use stead_usf::Session as Header;

use super::updates::Telling;
use super::waiting::record;
use crate::environment::Context;
use crate::text::{fit, one_line};

/// Sessions of one answer.
const PAGE: usize = 50;

/// The header of a session's record.
pub(super) fn header(id: &str, context: &Context) -> Option<Header> {
    // An id is a name in the folder of sessions, and no way out of it.
    let plain = id
        .chars()
        .all(|sign| sign.is_ascii_hexdigit() || sign == '-');
    let path = record(id, &context.settings.data_dir);
    let file = File::open(path).ok().filter(|_| plain && !id.is_empty())?;
    let (header, _) = stead_usf::read_lines(BufReader::new(file)).ok()?;
    Some(header)
}

/// All that happened in a session, for an editor that shows it again.
pub(super) fn told(id: &str, tree: PathBuf, context: &Context) -> Vec<SessionUpdate> {
    let Ok(file) = File::open(record(id, &context.settings.data_dir)) else {
        return Vec::new();
    };
    let Ok((_, events)) = stead_usf::read_lines(BufReader::new(file)) else {
        return Vec::new();
    };
    let mut telling = Telling::of(tree);
    telling.again = true;
    let events = events.map_while(Result::ok);
    events.flat_map(|event| telling.event(&event)).collect()
}

/// Sessions, the newest first, and where the next page begins.
pub(super) fn list(
    cwd: Option<&Path>,
    after: Option<&str>,
    context: &Context,
) -> (Vec<SessionInfo>, Option<String>) {
    let all = context.settings.data_dir.join(stead_agent::seals::SESSIONS);
    let entries = std::fs::read_dir(all).into_iter().flatten().flatten();
    let mut ids: Vec<String> = entries
        .filter_map(|entry| entry.file_name().into_string().ok())
        .filter(|id| after.is_none_or(|after| id.as_str() < after))
        .collect();
    // Ids begin with the time.
    ids.sort_by(|one, other| other.cmp(one));
    let mut found = ids
        .iter()
        .filter_map(|id| Some((id, info(id, cwd, context)?)));
    let page: Vec<_> = found.by_ref().take(PAGE).collect();
    let next = found
        .next()
        .and_then(|_| page.last())
        .map(|(id, _)| (*id).clone());
    (page.into_iter().map(|(_, info)| info).collect(), next)
}

fn info(id: &str, cwd: Option<&Path>, context: &Context) -> Option<SessionInfo> {
    let header = header(id, context)?;
    let tree = PathBuf::from(header.cwd.as_deref()?);
    if cwd.is_some_and(|cwd| !cwd.starts_with(&tree)) {
        return None;
    }
    let path = record(id, &context.settings.data_dir);
    let changed = path.metadata().and_then(|facts| facts.modified()).ok();
    let changed = changed.and_then(|time| jiff::Timestamp::try_from(time).ok());
    let title = header
        .first_prompt
        .as_deref()
        .map(|words| fit(&one_line(words), 80));
    let info = SessionInfo::new(id.to_owned(), cwd.unwrap_or(&tree).to_owned());
    Some(
        info.title(title)
            .updated_at(changed.map(|time| time.to_string())),
    )
}
