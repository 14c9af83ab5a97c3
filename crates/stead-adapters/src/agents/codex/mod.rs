//! Placeholder.
use crate::*;
#[derive(Debug)]
pub struct Codex;
impl Adapter for Codex {
    fn info(&self) -> &'static AdapterInfo {
        unimplemented!()
    }
    fn stores(&self, _: &Env) -> Vec<Store> {
        Vec::new()
    }
    fn discover(&self, _: &Env, _: &mut dyn FnMut(Unit)) -> Result<(), DiscoverError> {
        Ok(())
    }
    fn read(
        &self,
        _: &Unit,
        _: Option<&Checkpoint>,
        _: &mut Output<'_>,
    ) -> Result<Checkpoint, ReadError> {
        unimplemented!()
    }
}
