//! Which call of another session started this one, for sessions kept as files.

use fs_err as fs;

use super::tree::Tree;
use crate::container::json::Object;
use crate::{Disk, Output};

/// Messages of the parent that are looked through for the call.
const NEAR: usize = 8;

/// The call in the parent that started this session: the part that names it.
/// The parent's message was begun shortly before, and both ids tell the time.
/// What was looked at is passed on, as this session cannot be told without it.
pub(super) fn starting_call(tree: &Tree, parent: &str, output: &mut Output<'_>) -> Option<String> {
    let parent = tree.sibling(parent);
    let disk = Disk::default();
    let messages = parent.messages(&disk);
    let before = begun(&tree.id).map_or(messages.len(), |time| {
        messages.partition_point(|message| message_time(message).is_none_or(|t| t <= time))
    });
    let needle = memchr::memmem::Finder::new(&tree.id);
    for message in messages[..before].iter().rev().take(NEAR) {
        for part in parent.parts(&disk, message) {
            let Ok(bytes) = fs::read(&part) else { continue };
            if needle.find(&bytes).is_none() {
                continue;
            }
            let text = String::from_utf8_lossy(&bytes);
            let call = Object::parse(&text)
                .ok()
                .filter(|part| {
                    part.peek("tool")
                        .is_some_and(|tool| tool.get() == "\"task\"")
                })
                .and_then(|mut part| part.string("callID"));
            if call.is_some() {
                if let Ok(bytes) = fs::read(parent.message(message)) {
                    output.raw(&parent.message(message).to_string_lossy(), 0, &bytes);
                }
                output.raw(&part.to_string_lossy(), 0, &bytes);
                return call;
            }
        }
    }
    None
}

/// The low 48 bits of (milliseconds × 4096 + a counter) in an id's first 12
/// digits. In the ids of sessions they are inverted.
fn message_time(id: &str) -> Option<u64> {
    u64::from_str_radix(id.strip_prefix("msg_")?.get(..12)?, 16).ok()
}

fn begun(session: &str) -> Option<u64> {
    let digits = session.strip_prefix("ses_")?.get(..12)?;
    let inverted = u64::from_str_radix(digits, 16).ok()?;
    Some(!inverted & 0xffff_ffff_ffff)
}
