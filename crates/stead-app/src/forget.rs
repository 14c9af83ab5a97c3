//! Really forgets a session: archive, index, and that it never comes back.

use stead_index::{Archive, Writer};

use crate::{App, AppError, Found};

impl App {
    /// Forgets a session. The agent's own files are not touched.
    pub fn forget(&mut self, found: &Found) -> Result<(), AppError> {
        let Some(mut writer) = Writer::open(&self.settings.index_dir())? else {
            return Err(AppError::Busy);
        };
        let (id, unit) = (found.id(), found.unit());
        // A unit of one session goes as a whole; of a unit of many, only the
        // files that carry the session's id.
        let alone = writer.catalog().sessions_in(unit)? <= 1;
        let belongs = |name: &str| alone || name.contains(id.native());
        let mut archive = Archive::open(&self.settings.archive_dir())?;
        archive.forget(id.as_str(), unit, &belongs)?;
        writer.forget(id.as_str())?;
        Ok(())
    }
}
