//! Export of a workspace.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::PathBuf,
};

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};
use pm33_interchange::{export_lines, export_table};
use pm33_tenancy::{WorkspaceAccess, open_workspace};

use crate::{Setup, output, tenant as find_tenant};

/// Exports a workspace. Lines of JSON hold everything that planning reads, and `import` reads them back to the same
/// state; CSV is for spreadsheets, and cells that begin like a formula get an apostrophe.
#[derive(Args)]
pub(crate) struct ExportArguments {
    /// The tenant.
    tenant: String,
    /// The workspace, by slug.
    workspace: String,
    /// The file to write, which must not be there yet; `-` is the standard output.
    file: PathBuf,
    /// The form.
    #[arg(long, value_enum, default_value = "lines")]
    format: Form,
}

/// What is written.
#[derive(Clone, Copy, ValueEnum)]
enum Form {
    /// Lines of JSON.
    Lines,
    /// A table.
    Csv,
}

/// Runs the export.
pub(crate) async fn run(setup: &Setup, command: ExportArguments) -> anyhow::Result<()> {
    let foundation = setup.foundation().await?;
    let tenant = find_tenant(&foundation, &command.tenant).await?;
    let session = foundation.store.session(tenant.id);
    let (at, _) =
        open_workspace(&session, tenant.id, &WorkspaceAccess::All, Some(&command.workspace)).await?;
    let to_stdout = command.file.as_os_str() == "-";
    let mut out: Box<dyn Write + Send> = if to_stdout {
        Box::new(BufWriter::new(std::io::stdout()))
    } else {
        if command.file.exists() {
            bail!("{} is there already; name another file", command.file.display());
        }
        let file = File::create_new(&command.file);
        Box::new(BufWriter::new(file.with_context(|| format!("creating {}", command.file.display()))?))
    };
    let bar = output::progress(pm33_app::count(&foundation, at).await.map_err(anyhow::Error::from_boxed)?);
    let progress = |done: usize| bar.set_position(done.try_into().unwrap_or(u64::MAX));
    let items = match command.format {
        Form::Lines => export_lines(&session, at, foundation.clock.now(), &mut *out, &progress).await?.items,
        Form::Csv => export_table(&session, at, &mut *out, &progress).await?,
    };
    out.flush()?;
    bar.finish_and_clear();
    if !to_stdout {
        output::done(setup, &[("items", items.to_string()), ("file", command.file.display().to_string())]);
    }
    foundation.store.close().await;
    Ok(())
}
