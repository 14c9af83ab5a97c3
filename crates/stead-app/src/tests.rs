//! Services on a machine made for the test: what a user sees of syncing,
//! listing, showing, searching, counting and forgetting.

mod archive;
mod finding;
mod forgetting;
mod growing;
mod machine;
mod numbers;
mod robust;
mod search;
mod secrets;
mod together;
