//! The workspace's own commands: `cargo xtask tidy | codegen | test | bench | deny | deploy | grade | conformance | clients | views | fuzz | mutate | ci`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its person")]

mod bench;
mod ci;
mod clients;
mod codegen;
mod conformance;
mod deny;
mod deploy;
mod fuzz;
mod grade;
mod mutate;
mod nginx;
mod peers;
mod postgres;
mod shell;
mod tests;
mod tidy;
mod tools;
mod views;

use clap::{Parser, Subcommand};

/// The workspace's own commands.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Checks the house: layers, file heads and sizes, links, registrations, forbidden words.
    Tidy,
    /// Writes the generated documents; with --check, fails when they are not fresh.
    Codegen {
        /// Only compare.
        #[arg(long)]
        check: bool,
    },
    /// Runs all tests, with the outside services that they need.
    Test {
        /// Kill the server as often as the whole bar asks for, not only some times, and ask the large peers too.
        #[arg(long)]
        long: bool,
    },
    /// Checks licences, banned crates and sources of dependencies alone.
    Deny,
    /// Lints what deploys the server: the image's recipe, the unit, the compose file.
    Deploy,
    /// Measures the servers against their peers; CI does not.
    Bench {
        /// One short round.
        #[arg(long, conflicts_with_all = ["scale", "ledger"])]
        quick: bool,
        /// Workspaces of growing size and many tenants, instead of the servers beside their peers.
        #[arg(long, conflicts_with = "ledger")]
        scale: bool,
        /// Holds and settles of the ledger, beside the engine's own transactions.
        #[arg(long)]
        ledger: bool,
        /// Further words for the bench program, such as `--only page`.
        #[arg(last = true)]
        words: Vec<String>,
    },
    /// Keeps the server under half of its load and fails when its memory or descriptors grow; a release does so for 8 hours.
    Soak {
        /// How long.
        #[arg(long, default_value_t = 28_800)]
        seconds: u32,
    },
    /// Runs the protocol's conformance suite alone.
    Conformance,
    /// Runs foreign clients against the real programs alone.
    Clients,
    /// Shows the views in a browser alone, and looks at them.
    Views {
        /// Only scenes whose name holds this.
        #[arg(default_value = "")]
        only: String,
    },
    /// Grades planning on real data and detection on texts, in release; fails when a bar does not hold.
    Grade {
        /// What the grader is asked: --data DIR, --json, --simulated, --only PART (detection is one).
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Fuzzes what reads untrusted bytes first: messages, keys, handles, exports.
    Fuzz {
        /// How long each of them, in seconds.
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// Only those whose name holds this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Takes conditions that keep tenants apart out of the code, one at a time: tests must fail, and PostgreSQL must not leak.
    Mutate {
        /// Only those whose name holds this.
        #[arg(long, default_value = "")]
        only: String,
    },
    /// Everything that must pass before a change lands.
    Ci,
}

fn main() -> anyhow::Result<()> {
    std::env::set_current_dir(shell::root()?)?;
    match Arguments::parse().command {
        Command::Tidy => tidy::run(),
        Command::Codegen { check: true } => codegen::run(codegen::Mode::Check),
        Command::Codegen { check: false } => codegen::run(codegen::Mode::Write),
        Command::Test { long: true } => tests::run(tests::Length::Whole),
        Command::Test { long: false } => tests::run(tests::Length::Short),
        Command::Deny => deny::run(),
        Command::Deploy => deploy::alone(),
        Command::Bench { ledger: true, .. } => bench::ledger(),
        Command::Bench { scale: true, words, .. } => bench::scale(&words),
        Command::Bench { quick: true, words, .. } => bench::run(bench::Length::Quick, &words),
        Command::Bench { quick: false, words, .. } => bench::run(bench::Length::Full, &words),
        Command::Soak { seconds } => bench::soak(seconds),
        Command::Conformance => conformance::run(),
        Command::Clients => clients::alone(),
        Command::Views { only } => views::alone(&only),
        Command::Grade { arguments } => grade::run(&arguments),
        Command::Fuzz { seconds, only } => fuzz::run(seconds, &only),
        Command::Mutate { only } => mutate::run(&only),
        Command::Ci => ci::run(),
    }
}
