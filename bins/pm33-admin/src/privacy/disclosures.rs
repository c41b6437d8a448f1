//! What was sent to providers of language models: when, to whom, which categories of data, how much.

use anyhow::Context;
use clap::Args;
use pm33_billing::{Disclosure, HoldId, Ledger};

use crate::{Setup, output, tenant as find_tenant};

/// Which records.
#[derive(Args)]
pub(crate) struct Sent {
    /// The tenant.
    tenant: String,
    /// How many: 1 to 1,000.
    #[arg(long, default_value_t = 100, value_parser = clap::value_parser!(u64).range(1..=1_000))]
    limit: u64,
    /// Where to go on: what the page before says.
    #[arg(long, value_name = "HOLD/CALL", value_parser = place)]
    after: Option<(HoldId, u32)>,
}

fn place(word: &str) -> Result<(HoldId, u32), String> {
    let read = || {
        let (hold, call) = word.split_once('/')?;
        Some((hold.parse().ok()?, call.parse().ok()?))
    };
    read().ok_or_else(|| "a hold and the number of a call, such as 0197…/1".to_owned())
}

const HEADINGS: [&str; 8] =
    ["call", "at", "tenant", "provider", "model", "categories", "bytes", "redactions"];

fn name(one: &Disclosure) -> String {
    format!("{}/{}", one.hold, one.call)
}

/// Lists them, oldest first.
pub(super) async fn list(setup: &Setup, sent: Sent) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &sent.tenant).await?;
    let page = foundation
        .store
        .session(tenant.id)
        .disclosures(tenant.id, sent.after, sent.limit)
        .await
        .context("the records cannot be read")?;
    foundation.store.close().await;
    let cells = |one: &Disclosure| {
        vec![
            name(one),
            one.at.to_string(),
            tenant.slug.clone(),
            one.provider.clone(),
            one.model.clone(),
            one.categories.join(" "),
            one.bytes.to_string(),
            one.redactions.to_string(),
        ]
    };
    let next = page.disclosures.last().filter(|_| page.more).map(name);
    output::page_of(setup, &HEADINGS, page.disclosures.iter().map(cells).collect(), next);
    Ok(())
}
