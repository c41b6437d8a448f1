//! The rules of billing as behaviours: costs, bounds, the ledger's invariants.
#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

mod bounds;
mod costs;
mod ledger_model;
mod price_files;
mod settling;
