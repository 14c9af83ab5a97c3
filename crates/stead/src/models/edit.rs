//! Changes of `config.toml` that leave everything else in it as it is, comments too.

use std::io::Write;
use std::path::PathBuf;

use toml_edit::{DocumentMut, Item, Table, TableLike, Value};

use crate::command_error::CommandError;
use crate::config::Config;
use crate::environment::Context;

/// The configuration file, to be changed.
pub(crate) struct ConfigFile {
    path: PathBuf,
    document: DocumentMut,
}

impl ConfigFile {
    /// Reads it; one that is not there is empty.
    pub(crate) fn open(context: &Context) -> Result<Self, CommandError> {
        let path = context.config_path.clone().ok_or_else(|| {
            CommandError::failure("there is no home folder to keep the configuration in")
                .hint("set STEAD_CONFIG to a file")
        })?;
        // A link, as people have who keep such files elsewhere, stays one.
        let path = path.canonicalize().unwrap_or(path);
        let text = match fs_err::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => String::new(),
            Err(error) => return Err(CommandError::failure(error.to_string())),
        };
        // It was read before, so it is TOML, unless somebody is writing to it.
        let document = text.parse().map_err(|_| {
            let shown = path.display();
            CommandError::failure(format!("`{shown}` is no TOML any more")).hint("try again")
        })?;
        Ok(Self { path, document })
    }

    /// Makes a table, if it is not there.
    pub(crate) fn make(&mut self, table: &[&str]) -> Result<(), CommandError> {
        self.table(table).map(|_| ())
    }

    /// Sets a value in a table, which is made if it is not there.
    pub(crate) fn set(
        &mut self,
        table: &[&str],
        name: &str,
        value: impl Into<Value>,
    ) -> Result<(), CommandError> {
        let mut value = value.into();
        let table = self.table(table)?;
        if let Some(old) = table.get(name).and_then(Item::as_value) {
            *value.decor_mut() = old.decor().clone();
            if let Some(item) = table.get_mut(name) {
                *item = Item::Value(value);
            }
        } else {
            table.insert(name, Item::Value(value));
        }
        Ok(())
    }

    /// Takes a value out of a table.
    pub(crate) fn remove(&mut self, table: &[&str], name: &str) -> Result<(), CommandError> {
        self.table(table)?.remove(name);
        Ok(())
    }

    fn table(&mut self, path: &[&str]) -> Result<&mut dyn TableLike, CommandError> {
        let shown = self.path.display().to_string();
        let mut table: &mut dyn TableLike = self.document.as_table_mut();
        for (depth, name) in path.iter().enumerate() {
            if !table.contains_key(name) {
                let mut new = Table::new();
                // `[provider.x]` needs no `[provider]` above it.
                new.set_implicit(depth + 1 < path.len());
                table.insert(name, Item::Table(new));
            }
            let inner = table.get_mut(name).and_then(Item::as_table_like_mut);
            table = inner
                .ok_or_else(|| CommandError::failure(format!("`{shown}`: `{name}` is no table")))?;
        }
        Ok(table)
    }

    /// What the file says now of everything, without writing it.
    pub(crate) fn config(&self) -> Result<Config, CommandError> {
        let shown = self.path.display();
        Config::parse(&self.document.to_string()).map_err(|message| {
            CommandError::failure(format!("`{shown}` would be wrong: {message}"))
        })
    }

    /// Writes it, as a whole or not at all.
    pub(crate) fn save(self) -> Result<PathBuf, CommandError> {
        self.config()?;
        let failed = |error: std::io::Error| {
            let shown = self.path.display();
            CommandError::failure(format!("`{shown}` cannot be written: {error}"))
        };
        let folder = self.path.parent().unwrap_or_else(|| ".".as_ref());
        fs_err::create_dir_all(folder)?;
        let mut file = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
        let text = self.document.to_string();
        file.write_all(text.as_bytes()).map_err(failed)?;
        if let Ok(facts) = std::fs::metadata(&self.path) {
            file.as_file()
                .set_permissions(facts.permissions())
                .map_err(failed)?;
        }
        file.as_file().sync_all().map_err(failed)?;
        file.persist(&self.path)
            .map_err(|error| failed(error.error))?;
        Ok(self.path)
    }
}
