//! Repository automation, run as `cargo xtask <task>`.

mod corpus;

use clap::Parser;

#[derive(Debug, Parser)]
#[command(name = "xtask", about = "Repository automation")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, clap::Subcommand)]
enum Task {
    Corpus(corpus::Args),
}

fn main() -> anyhow::Result<()> {
    match Cli::parse().task {
        Task::Corpus(args) => corpus::corpus(&args),
    }
}
