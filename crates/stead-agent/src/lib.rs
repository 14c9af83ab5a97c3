//! A coding agent in which every action is on record.
//!
//! A *workspace* is the folder that a session works in. Nothing leads out of it, neither
//! `..` nor a link. What is to change in it is *planned* (`stead-edit`) and *carried
//! out*: all of it, or nothing. *Tools* are what a model can do in it.

pub mod beginning;
pub mod context;
pub mod hands;
pub mod machine;
pub mod mcp;
pub mod permission;
pub mod place;
pub mod prompt;
pub mod record;
pub mod replay;
pub mod run;
pub mod seals;
pub mod session;
pub mod syntax;
pub mod task;
pub mod tools;
pub mod web;
pub mod workspace;
