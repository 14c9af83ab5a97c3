//! What USF has no place for is kept beside the event, under the name of the record
//! that it comes from.

use stead_usf::{Event, Raw};

use crate::extra;

/// Keeps what is left of a record, if anything is.
pub(super) fn keep(event: &mut Event, name: &str, rest: Option<&Raw>) {
    event.extra = extra::with(event.extra.take(), &[(name, rest.map(Raw::json))]);
}
