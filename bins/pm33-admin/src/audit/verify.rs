//! The check of an audit log: a tenant's in the database, or exported files anywhere.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use clap::Args;
use pm33_app::Secrets;
use pm33_tenancy::{
    AuditKeys, AuditLog, Break, ChainHead, ExportCheck, ExportLine, HeadLine, TenantId, check_lines,
    read_line,
};
use serde_json::json;

use crate::{Setup, output, tenant as find_tenant};

/// Longest line that an export has.
const LINE: u64 = 1 << 20;

/// What is checked against what.
#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// A tenant's slug, or files of one export in order.
    #[arg(required = true, value_name = "TENANT|FILE")]
    what: Vec<PathBuf>,
    /// Folder or file of heads that had left the machine; `audit.heads_dir` unless given.
    #[arg(long, value_name = "PATH")]
    heads: Option<PathBuf>,
    /// The row that the first file goes on after.
    #[arg(long, default_value_t = 0, value_name = "SEQ")]
    after: u64,
    /// Check files without the deployment's key: hashes and numbers only, no signatures.
    #[arg(long)]
    without_key: bool,
}

/// Checks what is named; an error when anything is wrong with it.
pub(crate) async fn run(setup: &Setup, command: VerifyArguments) -> anyhow::Result<()> {
    let heads = command.heads.clone().or_else(|| setup.settings.audit.heads_dir.clone());
    match &command.what[..] {
        [one] if !one.is_file() => {
            let slug = one.to_str().with_context(|| format!("no file {}", one.display()))?;
            if slug.contains(['/', '.']) {
                bail!("no file {slug}");
            }
            stored(setup, slug, heads.as_deref()).await
        }
        files => exported(setup, files, heads.as_deref(), &command),
    }
}

async fn stored(setup: &Setup, slug: &str, heads: Option<&Path>) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, slug).await?;
    let keys = foundation.secrets.audit();
    let known = heads.map(|heads| known_heads(heads, Some(tenant.id), keys.as_ref())).transpose()?;
    let told_heads = told_of(known.as_ref());
    let known = known.unwrap_or_default().heads;
    let (rows, breaks) = foundation.store.session(tenant.id).verify_against(tenant.id, &known).await?;
    foundation.store.close().await;
    let mut told = vec![("rows", rows.to_string()), ("breaks", breaks.len().to_string())];
    told.extend(told_heads);
    tell(setup, &told, &breaks);
    conclude(&format!("the audit log of {}", tenant.slug), breaks.len() as u64, &breaks)
}

fn exported(
    setup: &Setup,
    files: &[PathBuf],
    heads: Option<&Path>,
    command: &VerifyArguments,
) -> anyhow::Result<()> {
    let keys = if command.without_key {
        None
    } else {
        let keys = Secrets::audit_of(&setup.settings.data.dir);
        Some(keys.context("signatures need the deployment's key: name its --data-dir, or say --without-key")?)
    };
    let known = match heads {
        Some(heads) => Some(known_heads(heads, tenant_of(&files[0])?, keys.as_ref())?),
        None => None,
    };
    let told_heads = told_of(known.as_ref());
    let mut check = ExportCheck::new(keys.as_ref(), known.unwrap_or_default().heads, command.after);
    let (mut count, mut first) = (0_u64, Vec::new());
    let mut take = |found: Vec<Break>, setup: &Setup| {
        count += found.len() as u64;
        tell(setup, &[], &found);
        first.extend(found.into_iter().take(20_usize.saturating_sub(first.len())));
    };
    for file in files {
        let opened = File::open(file).with_context(|| format!("opening {}", file.display()))?;
        let reader = BufReader::with_capacity(1 << 16, opened);
        check_lines(reader, &mut check, |found| take(found, setup))
            .with_context(|| format!("reading {}", file.display()))?;
    }
    let checked = check.end();
    take(checked.breaks, setup);
    let mut told = vec![
        ("tenant", checked.tenant.map(|tenant| tenant.to_string()).unwrap_or_default()),
        ("rows", checked.rows.to_string()),
        ("to", checked.head.map_or(0, |head| head.seq).to_string()),
        ("signatures", if keys.is_some() { "checked" } else { "not checked" }.to_owned()),
        ("breaks", count.to_string()),
    ];
    told.extend(told_heads);
    tell(setup, &told, &[]);
    conclude("the export", count, &first)
}

/// Prints what was found, a break a line, and the figures.
fn tell(setup: &Setup, told: &[(&str, String)], breaks: &[Break]) {
    for one in breaks {
        let object =
            json!({ "break": one.kind.as_str(), "seq": one.seq, "last": one.last, "words": one.to_string() });
        output::document(setup, &object, &format!("BROKEN {}: {one}", one.kind.as_str()));
    }
    if !told.is_empty() {
        output::done(setup, told);
    }
}

fn conclude(what: &str, count: u64, breaks: &[Break]) -> anyhow::Result<()> {
    if count == 0 {
        return Ok(());
    }
    let told: Vec<_> = breaks.iter().take(20).map(ToString::to_string).collect();
    bail!("{what} does not verify: {}", told.join("; "))
}

/// The tenant of an export, by its first readable lines.
fn tenant_of(file: &Path) -> anyhow::Result<Option<TenantId>> {
    let opened = File::open(file).with_context(|| format!("opening {}", file.display()))?;
    let mut reader = BufReader::new(opened.take(LINE));
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        match read_line(line.trim_end_matches('\n')) {
            Some(ExportLine::Start(start)) => return Ok(Some(start.tenant)),
            Some(ExportLine::Row(row)) => return Ok(Some(row.row.tenant)),
            Some(ExportLine::Head(head, _)) => return Ok(Some(head.tenant)),
            _ => line.clear(),
        }
    }
    Ok(None)
}

/// Heads that had left the machine.
#[derive(Default)]
struct Known {
    heads: Vec<ChainHead>,
    /// Lines that no key of this deployment signed, or that are no heads.
    ignored: u64,
}

/// What is said of known heads, or of their lack.
fn told_of(known: Option<&Known>) -> Vec<(&'static str, String)> {
    match known {
        Some(known) => vec![
            ("known heads", known.heads.len().to_string()),
            ("heads not ours", known.ignored.to_string()),
        ],
        None => {
            vec![(
                "known heads",
                "none given: a log that was cut or put back whole cannot be told".to_owned(),
            )]
        }
    }
}

/// Reads the heads of a tenant from a folder's files, or from one file.
fn known_heads(place: &Path, tenant: Option<TenantId>, keys: Option<&AuditKeys>) -> anyhow::Result<Known> {
    let mut files = Vec::new();
    if place.is_dir() {
        for entry in std::fs::read_dir(place).with_context(|| format!("reading {}", place.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|end| end == "ndjson") {
                files.push(path);
            }
        }
    } else {
        files.push(place.to_owned());
    }
    let mut known = Known::default();
    for file in files {
        let opened = File::open(&file).with_context(|| format!("opening {}", file.display()))?;
        for line in BufReader::new(opened).lines() {
            let line = line.with_context(|| format!("reading {}", file.display()))?;
            match serde_json::from_str::<HeadLine>(&line) {
                Ok(head) if tenant.is_some_and(|tenant| tenant != head.tenant) => {}
                Ok(head) => match head.head(keys) {
                    Some(head) => known.heads.push(head),
                    None => known.ignored += 1,
                },
                Err(_) => known.ignored += 1,
            }
        }
    }
    Ok(known)
}
