//! Plays scripted histories of agents, people and git, in which it is known of
//! every line whose it is, and counts how right a tracer's answers are. It knows
//! no tracer and no adapter.
//!
//! A [`Story`] makes a real repository and keeps the book; [`Story::finish`]
//! writes the sessions in their agents' formats and gives a [`Played`]; [`score()`]
//! compares answers with the truth, and a [`Report`] shows them by family.
//! [`scenarios`] has the histories written by hand, [`random`] makes more.

mod clock;
mod draft;
mod emit;
mod file;
mod git;
mod ledger;
mod line;
mod measure;
mod noise;
mod played;
pub mod random;
mod report;
pub mod scenarios;
mod score;
mod session;
mod story;
#[cfg(test)]
mod tests;
mod truth;
mod words;

pub use clock::{Moment, START};
pub use draft::{Draft, Op, after, alter, append, function, indent, relocate, remove, replace};
pub use file::{Charset, File};
pub use git::{COLLEAGUE, FORGE, OWNER, Person};
pub use line::{Identity, Line, SessionKey, Who};
pub use measure::{Casts, measure_random, measure_scenarios};
pub use noise::Noise;
pub use played::{Asked, Played, State};
pub use report::Report;
pub use score::{Answer, Miss, Share, Tally, judge, score};
pub use session::{Agent, Change, Deed, How, Kin, Refusal, Session, What};
pub use story::{Acting, Folder, Story, Typing};
pub use truth::{Origin, Right, TrueLine, Truth};
