//! Really forgets a session: archive, indexes, and that it never comes back.

use stead_index::{Archive, Writer};

use crate::sync::wait;
use crate::{App, AppError, Found};

impl App {
    /// Forgets a session. The agent's own files are not touched.
    pub fn forget(&mut self, found: &Found) -> Result<(), AppError> {
        let id = found.id();
        let Some(mut writer) = Writer::open(&self.settings.index_dir())? else {
            return Err(AppError::Busy);
        };
        let folder = self.settings.archive_dir();
        let archive = wait(|| Ok(Archive::open(&folder)?.try_locked()?))?;
        let mut archive = archive.ok_or(AppError::Busy)?;
        for unit in writer.catalog().units_of(id.as_str())? {
            // A unit of one session goes as a whole; of a unit of many, only the
            // files that carry the session's id.
            let alone = writer.catalog().sessions_in(&unit)? <= 1;
            let belongs = |name: &str| alone || name.contains(id.native());
            archive.forget(id.as_str(), &unit, &belongs)?;
        }
        writer.forget(id.as_str())?;
        drop(writer);
        self.forget_digests()?;
        self.forget_in_other_views(id.as_str())
    }

    /// What sessions did to files is remembered apart, and can be told anew.
    fn forget_digests(&self) -> Result<(), AppError> {
        match fs_err::remove_dir_all(self.settings.data_dir.join("trace")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Other places to look have indexes of their own.
    fn forget_in_other_views(&self, id: &str) -> Result<(), AppError> {
        let own = self.settings.index_dir();
        for entry in fs_err::read_dir(&self.settings.data_dir)? {
            let path = entry?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if !name.starts_with("index") || path == own {
                continue;
            }
            match Writer::open(&path)? {
                Some(mut writer) => writer.forget(id)?,
                None => return Err(AppError::Busy),
            }
        }
        Ok(())
    }
}
