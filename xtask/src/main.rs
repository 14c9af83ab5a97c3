//! Repository automation, run as `cargo xtask <task>`.

mod bench;
mod conformance;
mod corpus;
#[cfg(feature = "crates")]
mod fuzz;
#[cfg(feature = "crates")]
mod generate;
mod tidy;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "xtask", about = "Repository automation")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    Bench(bench::Args),
    Conformance(conformance::Args),
    Corpus(corpus::Args),
    /// Checks the repository itself: edges between crates, sizes, names, secrets.
    Tidy,
    /// Writes the files that are made from code.
    #[cfg(feature = "crates")]
    Generate,
    #[cfg(feature = "crates")]
    Fuzz(fuzz::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Bench(args) => bench::bench(&args),
        Task::Conformance(args) => conformance::conformance(&args),
        Task::Corpus(args) => corpus::corpus(&args),
        Task::Tidy => tidy::tidy(),
        #[cfg(feature = "crates")]
        Task::Generate => generate::generate(),
        #[cfg(feature = "crates")]
        Task::Fuzz(args) => fuzz::fuzz(&args),
    }
}

/// The folder of the repository.
fn root() -> std::path::PathBuf {
    let xtask = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_owned()
}
