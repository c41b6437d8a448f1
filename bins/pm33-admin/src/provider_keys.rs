//! A tenant's own keys of providers of language models: set from the environment or standard input, never shown.

use std::io::Read;

use anyhow::{Context, bail};
use clap::Subcommand;
use pm33_app::{act, environment};
use pm33_tenancy::{ProviderChoice, ProviderKey, ProviderKeys};
use secrecy::SecretString;

use crate::{Setup, confirm::Yes, output, output::Paging, tenant as find_tenant};

/// Where a key is looked for before standard input.
const VARIABLE: &str = "PM33_PROVIDER_KEY";
/// Longest key, in bytes.
const LONGEST: u64 = 4_096;

/// Keys of providers.
#[derive(Subcommand)]
pub(crate) enum ProviderKeyCommand {
    /// Keeps a tenant's own key, sealed; calls of the tenant go with it from the next one on. The key is read from
    /// `PM33_PROVIDER_KEY`, or from standard input.
    Set {
        /// The tenant.
        tenant: String,
        /// `anthropic`, `openai` or `compatible`.
        #[arg(value_parser = provider)]
        provider: ProviderChoice,
    },
    /// Lists which keys a tenant has, and since when.
    List {
        /// The tenant.
        tenant: String,
        #[command(flatten)]
        paging: Paging,
    },
    /// Forgets a key: the deployment's is used again.
    Remove {
        /// The tenant.
        tenant: String,
        /// `anthropic`, `openai` or `compatible`.
        #[arg(value_parser = provider)]
        provider: ProviderChoice,
        #[command(flatten)]
        yes: Yes,
    },
}

fn provider(word: &str) -> Result<ProviderChoice, String> {
    ProviderChoice::parse(word).ok_or_else(|| "providers are anthropic, openai, compatible".to_owned())
}

/// Runs a command.
pub(crate) async fn run(setup: &Setup, command: ProviderKeyCommand) -> anyhow::Result<()> {
    match command {
        ProviderKeyCommand::Set { tenant, provider } => set(setup, &tenant, provider).await,
        ProviderKeyCommand::List { tenant, paging } => list(setup, &tenant, &paging).await,
        ProviderKeyCommand::Remove { tenant, provider, yes } => remove(setup, &tenant, provider, &yes).await,
    }
}

fn read() -> anyhow::Result<SecretString> {
    let given = environment().into_iter().find(|(name, _)| name == VARIABLE).map(|(_, key)| key);
    let text = if let Some(key) = given {
        key
    } else {
        let mut text = String::new();
        let input = std::io::stdin().lock().take(LONGEST + 1).read_to_string(&mut text);
        input.with_context(|| format!("no key: set {VARIABLE}, or write the key to standard input"))?;
        text
    };
    let key = text.trim();
    let is_key = !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_key || key.len() as u64 > LONGEST {
        bail!(
            "no key: set {VARIABLE} or write the key to standard input; it is one word of visible characters, up to {LONGEST}"
        );
    }
    Ok(SecretString::from(key))
}

async fn set(setup: &Setup, slug: &str, provider: ProviderChoice) -> anyhow::Result<()> {
    let key = read()?;
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let vault = foundation.secrets.vault().context("the deployment has no secrets")?;
    let now = foundation.clock.now();
    let sealed = vault.seal_provider_key(tenant.id, provider, &key)?;
    let session = foundation.store.operator();
    session.put_provider_key(tenant.id, &ProviderKey { provider, sealed, since: now }).await?;
    let target = Some(provider.as_str().to_owned());
    session.commit(act(tenant.id, "admin/provider_key.set", target, now)).await?;
    foundation.store.close().await;
    output::done(setup, &[("tenant", tenant.slug), ("provider", provider.as_str().to_owned())]);
    Ok(())
}

async fn list(setup: &Setup, slug: &str, paging: &Paging) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let keys = foundation.store.session(tenant.id).provider_keys(tenant.id).await?;
    foundation.store.close().await;
    let rows = keys.iter().map(|key| vec![key.provider.as_str().to_owned(), key.since.to_string()]).collect();
    output::page(setup, paging, 1, &["provider", "since"], rows)
}

async fn remove(setup: &Setup, slug: &str, provider: ProviderChoice, yes: &Yes) -> anyhow::Result<()> {
    let word = provider.as_str();
    yes.to(&format!("forget the key of {slug} for {word}"))?;
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let session = foundation.store.operator();
    if !session.remove_provider_key(tenant.id, provider).await? {
        bail!("{slug} has no key of its own for {word}; see `provider-key list {slug}`");
    }
    let now = foundation.clock.now();
    session.commit(act(tenant.id, "admin/provider_key.remove", Some(word.to_owned()), now)).await?;
    foundation.store.close().await;
    output::done(setup, &[("tenant", tenant.slug), ("provider", word.to_owned())]);
    Ok(())
}
