//! Privacy: the record of processing, requests about personal data and the rights that answer them.

mod limits;
mod record;
mod requests;

use clap::Subcommand;

use crate::Setup;

/// Privacy.
#[derive(Subcommand)]
pub(crate) enum PrivacyCommand {
    /// Prints what this program keeps: every column, memory, file, log and copy, with its purpose, legal basis,
    /// recipients and retention, and what each right does to it.
    RecordOfProcessing,
    /// Files a request that came in by another way than the tools.
    Request(requests::Filing),
    /// Lists a tenant's requests with their deadlines, newest first.
    List(requests::Listing),
    /// Shows one request.
    Show(requests::Named),
    /// Notes how it was checked that the right person asks.
    VerifyIdentity(requests::Verifying),
    /// Takes the longer deadline; the reason is the notice that its person gets.
    Extend(requests::Reasoned),
    /// Refuses a request; the reason is told to its person.
    Refuse(requests::Reasoned),
    /// Carries a request out and closes it.
    Complete(requests::Completing),
    /// Restricts or objects for a member or the whole organisation, without a request; or shows what holds.
    Limit(limits::Limiting),
    /// Lifts a limit. Whoever asked for it is to be told before.
    Lift(limits::Lifting),
}

/// Runs a privacy command.
pub(crate) async fn run(setup: &Setup, command: PrivacyCommand) -> anyhow::Result<()> {
    match command {
        PrivacyCommand::RecordOfProcessing => {
            record::print(setup);
            Ok(())
        }
        PrivacyCommand::Request(filing) => requests::file(setup, filing).await,
        PrivacyCommand::List(listing) => requests::list(setup, listing).await,
        PrivacyCommand::Show(named) => requests::show(setup, &named).await,
        PrivacyCommand::VerifyIdentity(check) => requests::verify(setup, check).await,
        PrivacyCommand::Extend(reasoned) => requests::extend(setup, reasoned).await,
        PrivacyCommand::Refuse(reasoned) => requests::refuse(setup, reasoned).await,
        PrivacyCommand::Complete(completing) => requests::complete(setup, completing).await,
        PrivacyCommand::Limit(limiting) => limits::limit(setup, limiting).await,
        PrivacyCommand::Lift(lifting) => limits::lift(setup, lifting).await,
    }
}
