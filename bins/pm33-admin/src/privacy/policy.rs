//! The privacy policy of this deployment, and whether it is kept.

use anyhow::bail;
use pm33_app::{Policy, Verdict, verify_promises};
use serde_json::json;

use crate::{Setup, output};

/// Prints the policy as it is served.
pub(super) fn print(setup: &Setup) -> anyhow::Result<()> {
    let policy = Policy::of(&setup.settings)?;
    let told = json!({ "version": setup.settings.privacy.version, "markdown": policy.markdown() });
    output::document(setup, &told, policy.markdown());
    Ok(())
}

/// Keeps the policy under its version.
pub(super) fn publish(setup: &Setup) -> anyhow::Result<()> {
    let path = Policy::of(&setup.settings)?.publish(&setup.settings.data.dir)?;
    let told = [("version", setup.settings.privacy.version.clone()), ("file", path.display().to_string())];
    output::done(setup, &told);
    Ok(())
}

/// Holds every promise against this deployment.
pub(super) async fn verify(setup: &Setup) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let looked = verify_promises(&setup.settings, &foundation).await.map_err(anyhow::Error::from_boxed);
    foundation.store.close().await;
    let looks = looked?;
    let word = |verdict| match verdict {
        Verdict::Pass => "pass",
        Verdict::Fail => "FAIL",
    };
    let rows = looks.iter().map(|one| {
        vec![one.promise.to_owned(), word(one.verdict).to_owned(), one.what.to_owned(), one.found.clone()]
    });
    output::rows(setup, &["promise", "verdict", "what", "found"], rows.collect());
    let failed: Vec<_> =
        looks.iter().filter(|one| one.verdict == Verdict::Fail).map(|one| one.promise).collect();
    if !failed.is_empty() {
        bail!("not kept here: {}; the table above says why", failed.join(", "));
    }
    Ok(())
}
