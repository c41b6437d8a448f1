//! Keys, tenants, workspaces, import and the rest from the command line. Works beside a running server; every act that
//! changes something leaves an audit row.
#![expect(clippy::print_stderr, reason = "a command line talks to its person")]

mod access;
mod audit;
mod backup;
mod care;
mod confirm;
mod credits;
mod documents;
mod export;
mod import;
mod manual;
mod memberships;
mod metrics;
mod output;
mod privacy;
mod provider_keys;
mod restore;
mod scopes;
mod settings;
mod tenants;
mod users;
mod vocabulary;
mod workspaces;

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, bail};
use clap::{CommandFactory, Parser, Subcommand};
use pm33_app::{Foundation, Settings, Sources, found, load, log_to_stderr};
use pm33_tenancy::{Administration, Tenant};

/// Administration of a PM33 MCP server.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// Settings file (TOML).
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the embedded database and of generated secrets.
    #[arg(long, global = true, value_name = "DIR")]
    data_dir: Option<String>,
    /// Print JSON instead of tables.
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Tenants.
    #[command(subcommand)]
    Tenant(tenants::TenantCommand),
    /// Users of a tenant.
    #[command(subcommand)]
    User(users::UserCommand),
    /// Who may do what in which workspace.
    #[command(subcommand)]
    Membership(memberships::MembershipCommand),
    /// Workspaces of a tenant.
    #[command(subcommand)]
    Workspace(workspaces::WorkspaceCommand),
    /// API keys.
    #[command(subcommand)]
    Key(access::KeyCommand),
    /// What a key can be granted.
    #[command(subcommand)]
    Scope(scopes::ScopeCommand),
    /// Imports a tracker's export, or an archive, into a workspace.
    Import(import::ImportArguments),
    /// Exports a workspace.
    Export(export::ExportArguments),
    /// Documents of a workspace, and templates of its own.
    #[command(subcommand)]
    Documents(documents::DocumentsCommand),
    /// Credits of a tenant.
    #[command(subcommand)]
    Credits(credits::CreditsCommand),
    /// A tenant's own keys of providers of language models.
    #[command(subcommand)]
    ProviderKey(provider_keys::ProviderKeyCommand),
    /// The audit log.
    #[command(subcommand)]
    Audit(audit::AuditCommand),
    /// What is kept of whom, and why.
    #[command(subcommand)]
    Privacy(privacy::PrivacyCommand),
    /// Usage metrics.
    #[command(subcommand)]
    Metrics(metrics::MetricsCommand),
    /// Brings the database's schema up to date.
    Migrate,
    /// The deployment's settings.
    #[command(subcommand)]
    Config(care::ConfigCommand),
    /// What holds for a tenant, and from where; a tenant's own settings.
    #[command(subcommand)]
    Settings(settings::SettingsCommand),
    /// Copies database and secrets into a new folder and checks the copy; a server may go on running.
    Backup(backup::BackupArguments),
    /// Checks a backup and puts it in the place of the data folder's contents.
    Restore(restore::RestoreArguments),
    /// Checks that everything a server needs is there and works.
    Doctor,
    /// Prints shell completions.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Writes a manual page for each command into a folder.
    Man {
        /// The folder.
        folder: PathBuf,
    },
}

/// What every command gets.
struct Setup {
    settings: Settings,
    sources: Sources,
    json: bool,
}

impl Setup {
    async fn foundation(&self) -> anyhow::Result<Foundation> {
        Ok(found(&self.settings).await?)
    }
}

/// A tenant by slug.
async fn tenant(foundation: &Foundation, slug: &str) -> anyhow::Result<Tenant> {
    let all = foundation.store.operator().tenants().await?;
    let names: Vec<_> = all.iter().map(|tenant| tenant.slug.clone()).collect();
    match all.into_iter().find(|tenant| tenant.slug == slug) {
        Some(tenant) => Ok(tenant),
        None => bail!("no tenant {slug:?}; there are: {}", names.join(", ")),
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return output::misused(&error),
    };
    let form = if arguments.json { output::Form::Json } else { output::Form::Text };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            output::failed(form, &error);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let mut flags = Vec::new();
    if let Some(folder) = arguments.data_dir {
        flags.push(("data.dir", "--data-dir", folder));
    }
    let (mut settings, sources) = load(arguments.config.as_deref(), pm33_app::environment(), &flags)?;
    if !sources.contains_key("telemetry.log_filter") {
        "warn".clone_into(&mut settings.telemetry.log_filter);
    }
    log_to_stderr(&settings.telemetry);
    let context = Setup { settings, sources, json: arguments.json };
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().context("starting the runtime")?;
    runtime.block_on(async {
        match arguments.command {
            Command::Tenant(command) => tenants::tenant(&context, command).await,
            Command::User(command) => users::run(&context, command).await,
            Command::Workspace(command) => workspaces::run(&context, command).await,
            Command::Membership(command) => memberships::run(&context, command).await,
            Command::Scope(command) => scopes::run(&context, command),
            Command::Settings(command) => settings::run(&context, command).await,
            Command::Backup(command) => backup::run(&context, command).await,
            Command::Restore(command) => restore::run(&context, command).await,
            Command::Key(command) => access::run(&context, command).await,
            Command::Import(command) => import::run(&context, command).await,
            Command::Export(command) => export::run(&context, command).await,
            Command::Documents(command) => documents::run(&context, command).await,
            Command::Credits(command) => credits::run(&context, command).await,
            Command::ProviderKey(command) => provider_keys::run(&context, command).await,
            Command::Audit(command) => audit::run(&context, command).await,
            Command::Privacy(command) => privacy::run(&context, command).await,
            Command::Metrics(command) => metrics::run(&context, command).await,
            Command::Migrate => care::migrate(&context).await,
            Command::Config(command) => care::config(&context, &command),
            Command::Doctor => care::doctor(&context).await,
            Command::Completions { shell } => {
                manual::completions(Arguments::command(), shell);
                Ok(())
            }
            Command::Man { folder } => manual::pages(&context, Arguments::command(), &folder),
        }
    })
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::Arguments;

    /// Every command that can be given, with the words that name it.
    fn leaves(command: &Command, path: &str, found: &mut Vec<(String, Command)>) {
        let path = format!("{path} {}", command.get_name());
        for below in command.get_subcommands() {
            leaves(below, &path, found);
        }
        if !command.has_subcommands() {
            found.push((path, command.clone()));
        }
    }

    #[test]
    fn every_list_pages_and_every_destructive_command_asks() {
        let mut all = Vec::new();
        leaves(&Arguments::command(), "", &mut all);
        let has = |command: &Command, name: &str| command.get_arguments().any(|one| one.get_id() == name);
        let (mut lists, mut asking) = (0, 0);
        for (path, command) in &all {
            let name = command.get_name();
            if matches!(name, "list" | "ledger" | "disclosures") {
                assert!(has(command, "limit") && has(command, "after"), "{path} does not page");
                lists += 1;
            }
            let ends =
                ["remove", "revoke", "suspend", "purge", "restore", "adjust", "complete"].contains(&name);
            if ends || path.ends_with("hold release") {
                assert!(has(command, "yes"), "{path} does not ask");
                asking += 1;
            }
        }
        assert!(lists >= 12 && asking >= 9, "{lists} lists, {asking} that ask");
    }
}
