//! The scopes that a key can be granted.

use clap::Subcommand;
use pm33_auth::{Scope, role_scopes};
use pm33_tenancy::Role;

use crate::{Setup, output, output::Paging};

/// Scopes.
#[derive(Subcommand)]
pub(crate) enum ScopeCommand {
    /// Lists the scopes: what each allows, what it brings along, and the least role that allows it.
    List {
        #[command(flatten)]
        paging: Paging,
    },
}

/// Runs a scope command.
pub(crate) fn run(setup: &Setup, command: ScopeCommand) -> anyhow::Result<()> {
    let ScopeCommand::List { paging } = command;
    let row = |scope: &Scope| {
        let roles = [Role::Viewer, Role::Member, Role::Admin];
        let least = roles.into_iter().find(|role| role_scopes(*role).has(*scope));
        vec![
            scope.to_string(),
            scope.describe().to_owned(),
            scope.implies().map(|read| read.to_string()).unwrap_or_default(),
            least.map_or("", Role::as_str).to_owned(),
        ]
    };
    let headings = ["scope", "allows", "brings", "least role"];
    output::page(setup, &paging, 1, &headings, Scope::ALL.iter().map(row).collect())
}
