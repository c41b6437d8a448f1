//! Usage metrics: what would be published of a day, exactly, and its publication.

use std::path::PathBuf;

use anyhow::{Context, bail};
use clap::Subcommand;
use pm33_app::{keep_release, preview_metrics};
use serde_json::{Value, json};

use crate::{Setup, output};

/// Usage metrics.
#[derive(Subcommand)]
pub(crate) enum MetricsCommand {
    /// Prints exactly what would be published of a day: sums over at least ten organisations that have not opted out.
    Preview {
        /// The day (UTC), such as 2026-11-25; without, yesterday.
        #[arg(long)]
        day: Option<jiff::civil::Date>,
    },
    /// Writes that into a file and notes that it was published; nothing is sent anywhere.
    Publish {
        /// The new file.
        file: PathBuf,
        /// The day (UTC); without, yesterday.
        #[arg(long)]
        day: Option<jiff::civil::Date>,
    },
}

/// Runs a metrics command.
pub(crate) async fn run(setup: &Setup, command: MetricsCommand) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let folder = &setup.settings.data.dir;
    let (day, file) = match command {
        MetricsCommand::Preview { day } => (day, None),
        MetricsCommand::Publish { file, day } => (day, Some(file)),
    };
    let today = jiff::tz::TimeZone::UTC.to_datetime(foundation.clock.now().instant()).date();
    let day = day.map_or_else(|| today.yesterday().context("there is no day before"), Ok)?;
    let kept = preview_metrics(&foundation, folder, day).await.map_err(anyhow::Error::from_boxed)?;
    foundation.store.close().await;
    let told: Value = json!(kept.release);
    let text = serde_json::to_string_pretty(&told)?;
    if let Some(file) = file {
        if file.exists() {
            bail!("{} is there already; name another file", file.display());
        }
        std::fs::write(&file, &text).with_context(|| format!("writing {}", file.display()))?;
        keep_release(folder, &kept).map_err(anyhow::Error::from_boxed)?;
    }
    output::document(setup, &told, &text);
    Ok(())
}
