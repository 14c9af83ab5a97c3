//! Servers that are away: the next commands do not wait for them either, and what
//! they had is shown from the archive.

use std::path::Path;

use stead_adapters::container::http::HttpError;
use stead_adapters::{ReadError, Server};
use stead_index::{Away, Place, Writer};

use crate::{App, AppError, Found};

/// So long such a server is not asked again, in milliseconds.
const SPARED_MS: i64 = 30_000;

impl App {
    /// The time. Waiting for a server may have taken long since the command began.
    pub(crate) fn now_ms(&self) -> i64 {
        let passed = i64::try_from(self.opened.elapsed().as_millis()).unwrap_or(0);
        self.settings.now.as_millisecond().saturating_add(passed)
    }

    /// Gives up the servers that let a command wait in vain a moment ago.
    pub(crate) fn spare_away(&self) -> Result<(), AppError> {
        let servers = &self.settings.env.servers;
        if servers.is_empty() {
            return Ok(());
        }
        let now_ms = self.settings.now.as_millisecond();
        for away in self.catalog.away()? {
            // A clock that was set back would spare it for long.
            if (now_ms..=now_ms + SPARED_MS).contains(&away.until_ms) {
                let meant = servers.iter().filter(|server| server.url == away.url);
                meant.for_each(|server| server.give_up(&away.why));
            }
        }
        Ok(())
    }

    /// Writes down which servers let us wait in vain. Not being able to costs
    /// time only.
    pub(crate) fn note_away(&self) -> Result<(), AppError> {
        if self.settings.env.servers.is_empty() {
            return Ok(());
        }
        let known = self.catalog.away()?;
        let until_ms = self.now_ms() + SPARED_MS;
        let note = |server: &Server| {
            let why = server.given_up()?.to_owned();
            let before = known.iter().find(|away| away.url == server.url);
            let before = before.filter(|away| away.until_ms > self.now_ms());
            Some(Away {
                url: server.url.clone(),
                why,
                until_ms: before.map_or(until_ms, |away| away.until_ms),
            })
        };
        let mut away: Vec<Away> = self.settings.env.servers.iter().filter_map(note).collect();
        away.sort_by(|a, b| a.url.cmp(&b.url));
        away.dedup_by(|a, b| a.url == b.url);
        if away != known
            && let Ok(Some(mut writer)) = Writer::open(&self.settings.index_dir())
        {
            let _ = writer.note_away(&away);
        }
        Ok(())
    }

    /// The server that has the session.
    pub(crate) fn server_of(&self, place: &Place) -> Option<&Server> {
        let mut servers = self.settings.env.servers.iter();
        servers.find(|server| Path::new(&place.unit).starts_with(&server.url))
    }

    /// Why a session that is known is not there.
    pub(crate) fn not_had(&self, found: &Found) -> AppError {
        let server = self.server_of(&found.place);
        match server.and_then(|server| Some((server, server.given_up()?))) {
            Some((server, why)) => AppError::Read(ReadError::Server {
                url: server.url.clone(),
                source: HttpError::GivenUp(why.to_owned()),
            }),
            None => self.vanished(found),
        }
    }
}

/// Whether a session could not be had, rather than not handed out.
pub(crate) const fn is_lost(error: &AppError) -> bool {
    matches!(
        error,
        AppError::NotFound { .. } | AppError::Read(ReadError::Server { .. })
    )
}
