//! What the examples share: a deployment with the sample workspace in the folder that the command line names, and a stop
//! when standard input ends.

use anyhow::Context;
use pm33_app::{Foundation, Local, Settings, Start, found, open_local};

/// A deployment to try things on.
pub struct Trial {
    /// Its settings: the code's defaults, the data in a folder.
    pub settings: Settings,
    /// Store, clock, keys.
    pub foundation: Foundation,
    /// The tenant with the sample workspace.
    pub local: Local,
}

/// Opens the deployment in the folder that the first argument names.
///
/// # Errors
/// Without a folder, or when the store does not open.
pub async fn trial() -> anyhow::Result<Trial> {
    let mut settings = Settings::default();
    settings.data.dir = std::env::args_os().nth(1).context("name a folder for the data")?.into();
    let foundation = found(&settings).await?;
    let local = open_local(&foundation, Start::Sample).await?;
    Ok(Trial { settings, foundation, local })
}

/// Waits until standard input ends.
pub async fn until_input_ends() {
    let mut nowhere = tokio::io::sink();
    // A broken input is an ended one.
    let _ = tokio::io::copy(&mut tokio::io::stdin(), &mut nowhere).await;
}
