//! The git repository: the only place that runs git. What is asked is plumbing
//! that reads; nothing that a repository's own configuration names is run, and
//! nothing is fetched.

mod added;
mod blame;
mod files;
mod git;
mod heads;
mod history;
mod kinship;
mod objects;
mod place;
mod places;

pub use added::Added;
pub use blame::{Blame, BlamedLine};
pub use files::{Foreign, Tracked};
pub use git::{Git, GitError};
pub use heads::CommitHeads;
pub use history::{Commit, History};
pub use kinship::{Acquaintances, Kin, Kinship};
pub use objects::Objects;
pub use places::{Places, Tree};
