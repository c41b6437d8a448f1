//! Import of a tracker's export.

use std::{
    fs::File,
    io::{BufReader, Read as _, Seek as _},
    path::PathBuf,
};

use anyhow::Context;
use clap::{Args, ValueEnum};
use pm33_interchange::{DateOrder, Format, ImportOptions, Mapping, Trial, Unresolved, is_archive, open};
use pm33_tenancy::{WorkspaceAccess, WorkspaceRef, open_workspace};
use serde_json::json;

use pm33_app::Foundation;

use crate::{Setup, output, tenant as find_tenant, vocabulary::vocabulary};

/// Imports a tracker's export: CSV of Jira, Linear, Azure DevOps, Shortcut, Asana, Lighthouse, any CSV with a mapping
/// file, GitHub's `gh issue list --json`. What was imported before is updated by its id in the tracker; an import that
/// was interrupted is run again.
#[derive(Args)]
pub(crate) struct ImportArguments {
    /// The tenant.
    tenant: String,
    /// The workspace, by slug.
    workspace: String,
    /// The file.
    file: PathBuf,
    /// Show what becomes of each column, read and report; write nothing.
    #[arg(long)]
    dry_run: bool,
    /// The format; by its columns when absent.
    #[arg(long, value_parser = format)]
    format: Option<Format>,
    /// A mapping of columns to fields, in TOML.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// Name of the origin in external ids; the format's own when absent.
    #[arg(long)]
    source: Option<String>,
    /// How dates such as 03/04/2024 are read.
    #[arg(long, value_enum)]
    date_order: Option<Order>,
    /// The offset of times that state none, such as +02:00.
    #[arg(long, value_parser = offset, default_value = "+00:00", allow_hyphen_values = true)]
    utc_offset: jiff::tz::Offset,
}

/// Which of day and month stands first.
#[derive(Clone, Copy, ValueEnum)]
enum Order {
    /// 31/12/2024.
    DayFirst,
    /// 12/31/2024.
    MonthFirst,
}

fn format(word: &str) -> Result<Format, String> {
    Format::parse(word).ok_or_else(|| {
        let all: Vec<_> = Format::ALL.iter().map(|format| format.as_str()).collect();
        format!("must be one of {}", all.join(", "))
    })
}

fn offset(text: &str) -> Result<jiff::tz::Offset, String> {
    let told = || "must look like +02:00".to_owned();
    let (sign, rest) = match text.split_at_checked(1) {
        Some(("+", rest)) => (1, rest),
        Some(("-", rest)) => (-1, rest),
        _ => return Err(told()),
    };
    let (hours, minutes) = rest.split_once(':').ok_or_else(told)?;
    let part = |text: &str, most: i32| {
        text.parse::<i32>().ok().filter(|number| text.len() == 2 && (0..=most).contains(number))
    };
    let seconds =
        part(hours, 14).zip(part(minutes, 59)).map(|(hours, minutes)| sign * (hours * 60 + minutes) * 60);
    jiff::tz::Offset::from_seconds(seconds.ok_or_else(told)?).map_err(|_| told())
}

/// Runs the import.
pub(crate) async fn run(setup: &Setup, command: ImportArguments) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let session = foundation.store.session(tenant.id);
    let (at, _) =
        open_workspace(&session, tenant.id, &WorkspaceAccess::All, Some(&command.workspace)).await?;
    drop(session);
    let shown = command.file.display().to_string();
    let mut file = File::open(&command.file).with_context(|| format!("opening {shown}"))?;
    let mut head = Vec::new();
    (&mut file).take(4_096).read_to_end(&mut head).with_context(|| format!("reading {shown}"))?;
    file.rewind()?;
    if is_archive(&head) {
        if command.dry_run {
            return rehearse(setup, &foundation, at, file).await;
        }
        return restore(setup, &foundation, at, file).await;
    }
    let mut options = ImportOptions::new(foundation.clock.now());
    options.statuses.clone_from(&vocabulary(&foundation, at).await?.statuses);
    options.format = command.format;
    options.source.clone_from(&command.source);
    options.offset = command.utc_offset;
    options.date_order = command.date_order.map(|order| match order {
        Order::DayFirst => DateOrder::DayFirst,
        Order::MonthFirst => DateOrder::MonthFirst,
    });
    if let Some(path) = &command.mapping {
        let text = std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        options.mapping = Some(Mapping::parse(&text).with_context(|| format!("reading {}", path.display()))?);
    }
    let mut import = open(file, &options).with_context(|| format!("reading {shown}"))?;
    let mut text = output::mapping(&import);
    let mut told = json!({ "dry_run": command.dry_run });
    if command.dry_run {
        let mut items = import.items()?;
        let mut trial = Trial::default();
        for item in items.by_ref() {
            trial.item(&item?);
        }
        let report = items.into_report();
        let (count, links) = trial.unresolved(&foundation.store.session(tenant.id), at).await?;
        text = format!("{text}\n{report}\n{}\ndry run: nothing was written", unresolved(count, &links));
        told["report"] = serde_json::to_value(&report)?;
        told["unresolved_links"] = serde_json::to_value(&links)?;
    } else {
        let bar = output::progress(import.records());
        let imported = pm33_app::import(&foundation, tenant.id, at, &mut import, &|done| {
            bar.set_position(done.try_into().unwrap_or(u64::MAX));
        })
        .await
        .map_err(anyhow::Error::from_boxed)?;
        bar.finish_and_clear();
        text = imported.to_string();
        told["report"] = serde_json::to_value(&imported.report)?;
        told["written"] = serde_json::to_value(imported.written)?;
        told["unresolved_links"] = serde_json::to_value(&imported.unresolved)?;
    }
    output::document(setup, &told, &text);
    foundation.store.close().await;
    Ok(())
}

/// Links that would lead to nothing, in words.
fn unresolved(count: usize, links: &[Unresolved]) -> String {
    let line = |one: &Unresolved| {
        let Unresolved { record, link, target, reason } = one;
        format!("record {record}: {link} {target:?} would not be made: {reason}")
    };
    let all = format!("unresolved links: {count}");
    links.iter().map(line).chain([all]).collect::<Vec<_>>().join("\n")
}

/// Tells what reading an archive back would do.
async fn rehearse(
    setup: &Setup,
    foundation: &Foundation,
    at: WorkspaceRef,
    file: File,
) -> anyhow::Result<()> {
    let would = pm33_app::rehearse(foundation, at, &mut BufReader::new(file))
        .await
        .map_err(anyhow::Error::from_boxed)?;
    let text = format!(
        "an archive, read back as it is\nwould be created: {}\nare there and would be brought up to it: {}\n\
         teams, sprints, objectives, competitors: {}\n{}\ndry run: nothing was written",
        would.created,
        would.known,
        would.others,
        unresolved(would.unresolved, &would.links)
    );
    let told = json!({ "dry_run": true, "would": would, "unresolved_links": would.links });
    output::document(setup, &told, &text);
    foundation.store.close().await;
    Ok(())
}

/// Reads an archive back.
async fn restore(setup: &Setup, foundation: &Foundation, at: WorkspaceRef, file: File) -> anyhow::Result<()> {
    let restored = pm33_app::restore(foundation, at.tenant(), at, &mut BufReader::new(file), &|_| {})
        .await
        .map_err(anyhow::Error::from_boxed)?;
    let text = format!(
        "created: {}\nupdated: {}\nunchanged: {}\nrenumbered: {}\nteams, sprints, objectives, competitors: {}",
        restored.created, restored.updated, restored.unchanged, restored.renumbered, restored.others
    );
    output::document(setup, &json!({ "written": restored }), &text);
    foundation.store.close().await;
    Ok(())
}
