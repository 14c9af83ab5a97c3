//! Asking providers from commands that keep no session: a runtime for one question, and
//! where its exchange is kept.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use stead_llm::traffic::{LineTape, Tape};
use stead_llm::{Client, RetryPolicy};

use crate::command_error::CommandError;
use crate::environment::Context;

/// The last questions of `stead models`, with what was answered, keys masked.
const TRAFFIC: &str = "models.traffic.jsonl";

/// Runs a question to its end.
pub(super) fn wait<T>(question: impl Future<Output = T>) -> Result<T, CommandError> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build()?;
    Ok(runtime.block_on(question))
}

/// A client that asks once: whoever tests wants to know, not to wait.
pub(super) fn client(context: &Context) -> Client {
    context.client().with_retry(RetryPolicy {
        attempts: 1,
        ..RetryPolicy::default()
    })
}

/// Where the exchanges of this command are recorded, and the file's path. Those of the
/// command before give way.
pub(super) fn tape(context: &Context) -> Result<(Arc<dyn Tape>, PathBuf), CommandError> {
    let folder = &context.settings.data_dir;
    fs_err::create_dir_all(folder)?;
    let path = folder.join(TRAFFIC);
    let file = fs_err::File::create(&path)?;
    Ok((Arc::new(LineTape::new(file)), path))
}
