//! Files in memory.

use std::collections::BTreeMap;

use stead_edit::{Change, EditError, ParseError, Plan, Tree, plan, plan_each};

#[derive(Debug, Clone, Default)]
pub(crate) struct Files(BTreeMap<String, Vec<u8>>);

impl Tree for Files {
    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, EditError> {
        Ok(self.0.get(path).cloned())
    }
}

impl Files {
    pub(crate) fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter();
        Self(
            files
                .map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
                .collect(),
        )
    }

    pub(crate) fn bytes(path: &str, bytes: &[u8]) -> Self {
        Self([(path.to_owned(), bytes.to_vec())].into())
    }

    pub(crate) fn text(&self, path: &str) -> Option<String> {
        self.0
            .get(path)
            .map(|bytes| String::from_utf8_lossy(bytes).into_owned())
    }

    pub(crate) fn held(&self, path: &str) -> &[u8] {
        &self.0[path]
    }

    /// All changes or none; what was taken leniently.
    pub(crate) fn apply(
        &mut self,
        changes: Result<Vec<Change>, ParseError>,
    ) -> Result<Vec<String>, String> {
        let changes = changes.map_err(|error| error.to_string())?;
        let plan = plan(&changes, self).map_err(|error| error.to_string())?;
        let told = plan.corrections.iter().map(|told| told.message.clone());
        let told = told.collect();
        self.carry_out(plan);
        Ok(told)
    }

    /// The changes up to the first that cannot be done; why it cannot.
    pub(crate) fn apply_each(
        &mut self,
        changes: Result<Vec<Change>, ParseError>,
    ) -> Option<String> {
        let changes = match changes {
            Ok(changes) => changes,
            Err(error) => return Some(error.to_string()),
        };
        let (plan, error) = plan_each(&changes, self);
        self.carry_out(plan);
        error.map(|error| error.to_string())
    }

    fn carry_out(&mut self, plan: Plan) {
        for file in plan.files {
            match file.after {
                Some(bytes) => drop(self.0.insert(file.path, bytes)),
                None => drop(self.0.remove(&file.path)),
            }
        }
    }
}
