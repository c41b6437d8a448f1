//! Many tenants, each with a small workspace, under a bound of memory: the store by itself, without a server.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use anyhow::Context;
use pm33_app::{SystemClock, act};
use pm33_product::{Author, Backlog, Freshness, ItemId, ItemType, NewItem};
use pm33_store::{Database, Store, StoreOptions};
use pm33_tenancy::{
    Administration, AuditKeys, Clock, Plan, Tenant, TenantId, TenantState, Workspace, WorkspaceAccess,
    WorkspaceId, WorkspaceRef, open_workspace,
};
use secrecy::SecretBox;
use serde::Serialize;

use crate::spans::Spans;

const ITEMS: usize = 20;
const BOUND_MIB: u64 = 16;
/// Tenants that are made in one unit of work.
const UNIT: usize = 100;
/// Pictures that are asked for once more, straight after.
const AGAIN: usize = 200;

/// What many tenants cost.
#[derive(Debug, Serialize)]
pub(crate) struct Many {
    pub(crate) tenants: usize,
    pub(crate) items: usize,
    pub(crate) bound_mib: u64,
    pub(crate) grown_mib: f64,
    /// Mean time for a picture that is in memory.
    pub(crate) kept_micros: f64,
    /// Median time for one that is not.
    pub(crate) read_micros: f64,
}

/// Makes the tenants, then looks at every workspace once.
pub(crate) async fn measure(folder: &Path, tenants: usize) -> anyhow::Result<Many> {
    eprintln!("making {tenants} tenants");
    std::fs::create_dir_all(folder)?;
    let clock: Arc<dyn Clock> = Arc::new(SystemClock::new());
    let keys = Arc::new(AuditKeys::new(&SecretBox::new(Box::new([7; 32]))));
    let database = Database::Sqlite { path: folder.join("pm33.db") };
    Store::migrate(&database).await?;
    let options = StoreOptions {
        snapshot_bytes: BOUND_MIB << 20,
        ..StoreOptions::new(database, keys, Arc::clone(&clock))
    };
    let store = Store::open(options).await?;
    let numbers: Vec<usize> = (0..tenants).collect();
    let mut made = Vec::with_capacity(tenants);
    for unit in numbers.chunks(UNIT) {
        made.extend(make(&store, &*clock, unit).await?);
    }
    let before = resident()?;
    let mut read = Spans::default();
    for at in &made {
        read.note(look(&store, *at).await?);
    }
    let mut kept = Duration::ZERO;
    for at in made.iter().rev().take(AGAIN) {
        kept += look(&store, *at).await?;
    }
    let grown_mib = (resident()? - before) / 1_024.0;
    store.close().await;
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let kept_micros = kept.as_secs_f64() * 1e6 / made.len().min(AGAIN) as f64;
    let read_micros = read.percentile(50);
    Ok(Many { tenants, items: ITEMS, bound_mib: BOUND_MIB, grown_mib, kept_micros, read_micros })
}

async fn look(store: &Store, at: WorkspaceRef) -> anyhow::Result<Duration> {
    let session = store.session(at.tenant());
    let begun = Instant::now();
    let snapshot = session.snapshot(at, Freshness::default()).await?;
    let took = begun.elapsed();
    anyhow::ensure!(snapshot.len() == ITEMS, "a workspace of {} items", snapshot.len());
    Ok(took)
}

async fn make(store: &Store, clock: &dyn Clock, unit: &[usize]) -> anyhow::Result<Vec<WorkspaceRef>> {
    let now = clock.now();
    let operator = store.operator();
    let mut made = Vec::with_capacity(unit.len());
    let mut last = None;
    for number in unit {
        let tenant = Tenant {
            id: TenantId::new(now),
            slug: format!("tenant-{number}"),
            name: format!("Tenant {number}"),
            plan: Plan::Local,
            state: TenantState::Active,
            created: now,
        };
        let id = WorkspaceId::new(now);
        let workspace = Workspace {
            tenant: tenant.id,
            id,
            slug: "main".to_owned(),
            prefix: "PM".to_owned(),
            name: "Product".to_owned(),
            created: now,
        };
        operator.create_tenant(&tenant).await?;
        operator.create_workspace(&workspace).await?;
        let (at, _) = open_workspace(&operator, tenant.id, &WorkspaceAccess::All, None).await?;
        for item in 0..ITEMS {
            let new = NewItem::titled(ItemId::new(now), ItemType::Task, format!("Task {item} of {number}"));
            operator.create(at, new, Author { user: None, at: now }).await?;
        }
        made.push(at);
        last = Some(tenant.id);
    }
    let last = last.context("an empty unit")?;
    operator.commit(act(last, "admin/import", None, now)).await?;
    Ok(made)
}

/// Resident KiB of this process that are not a file's.
fn resident() -> anyhow::Result<f64> {
    let text = std::fs::read_to_string("/proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("RssAnon:")).context("no memory field")?;
    Ok(line.trim().trim_end_matches(" kB").trim().parse()?)
}
