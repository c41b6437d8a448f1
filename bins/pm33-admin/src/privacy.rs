//! Privacy: the record of processing, requests about personal data and the rights that answer them.

mod carry_out;
mod disclosures;
mod limits;
mod policy;
mod record;
mod requests;

pub(crate) use carry_out::remove;
use clap::Subcommand;

use crate::Setup;

/// Privacy.
#[derive(Subcommand)]
pub(crate) enum PrivacyCommand {
    /// Prints what this program keeps: every column, memory, file, log and copy, with its purpose, legal basis,
    /// recipients and retention, and what each right does to it.
    RecordOfProcessing,
    /// Prints the policy as the server serves it at `/privacy`.
    Policy,
    /// Keeps the policy's text under its version, so that it can be read when a later one is in effect.
    Publish,
    /// Holds every promise of the policy against this deployment: pass or FAIL for each, and a failure if any fails.
    Verify,
    /// Files a request that came in by another way than the tools.
    Request(requests::Filing),
    /// Lists what was sent to providers of language models, oldest first.
    Disclosures(disclosures::Sent),
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
    /// Writes a copy of everything that is kept of a member or of the organisation: a ZIP of JSON, CSV and a manifest.
    Export(carry_out::Exporting),
    /// Reads an organisation's copy back: its workspaces, and its members without their keys.
    BringBack(carry_out::BringingBack),
    /// Says whether a certificate of an erasure is this deployment's, unchanged.
    Certificate(carry_out::Certified),
    /// Erases again whoever the journal of erasures names and a restored database brought back, and brings erasures to
    /// their end that were interrupted.
    Replay(carry_out::Replaying),
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
        PrivacyCommand::Policy => policy::print(setup),
        PrivacyCommand::Publish => policy::publish(setup),
        PrivacyCommand::Verify => policy::verify(setup).await,
        PrivacyCommand::Request(filing) => requests::file(setup, filing).await,
        PrivacyCommand::Disclosures(sent) => disclosures::list(setup, sent).await,
        PrivacyCommand::List(listing) => requests::list(setup, listing).await,
        PrivacyCommand::Show(named) => requests::show(setup, &named).await,
        PrivacyCommand::VerifyIdentity(check) => requests::verify(setup, check).await,
        PrivacyCommand::Extend(reasoned) => requests::extend(setup, reasoned).await,
        PrivacyCommand::Refuse(reasoned) => requests::refuse(setup, reasoned).await,
        PrivacyCommand::Complete(completing) => Box::pin(requests::complete(setup, completing)).await,
        PrivacyCommand::Export(exporting) => Box::pin(carry_out::export_file(setup, exporting)).await,
        PrivacyCommand::BringBack(reading) => carry_out::read_back(setup, reading).await,
        PrivacyCommand::Certificate(certified) => carry_out::certificate(setup, certified).await,
        PrivacyCommand::Replay(replaying) => carry_out::replay_journal(setup, replaying).await,
        PrivacyCommand::Limit(limiting) => limits::limit(setup, limiting).await,
        PrivacyCommand::Lift(lifting) => limits::lift(setup, lifting).await,
    }
}
