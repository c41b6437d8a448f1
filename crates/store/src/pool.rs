//! Writing to PostgreSQL: each unit in its own transaction; audit rows of calls that wrote nothing are grouped, one
//! transaction per tenant and group, so that a busy tenant's chain head is locked once and not once per call.

use std::{collections::HashMap, sync::Arc, time::Duration};

use pm33_tenancy::{AuditKeys, TenantId};
use sea_orm::{DatabaseConnection, DbErr, TransactionTrait};
use tokio::sync::mpsc;

use crate::{
    AuditReads, StoreError, StoreOptions, audit, engine,
    grant::{Done, Prepared},
    reach::Reach,
};

/// Rows that may wait.
const QUEUE: usize = 4_096;
/// Rows in one group at most.
const MOST: usize = 256;

enum Job {
    Row(Box<Prepared>, Option<Done>),
    Stop,
}

/// Connections that write, and the entrance for audit rows that go alone.
#[derive(Clone)]
pub(crate) struct Pool {
    pub(crate) connections: DatabaseConnection,
    rows: mpsc::Sender<Job>,
}

impl Pool {
    /// Starts the task that groups audit rows.
    pub(crate) fn start(
        connections: DatabaseConnection,
        reach: Reach,
        options: &StoreOptions,
        tasks: &tokio_util::task::TaskTracker,
    ) -> Self {
        let (rows, jobs) = mpsc::channel(QUEUE);
        let wait = match options.audit_reads {
            AuditReads::EachCall | AuditReads::Committed => None,
            AuditReads::Batched { within } => Some(within),
        };
        let place = Place { connections: connections.clone(), reach, keys: Arc::clone(&options.audit_keys) };
        tasks.spawn(run(place, jobs, wait));
        Self { connections, rows }
    }

    /// Writes an audit row alone; returns its number when it is durable.
    pub(crate) async fn audit(&self, row: Box<Prepared>) -> Result<u64, StoreError> {
        let (done, answer) = tokio::sync::oneshot::channel();
        self.rows.send(Job::Row(row, Some(done))).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| StoreError::Closed)?
    }

    /// Queues an audit row; returns when it is queued.
    pub(crate) async fn audit_later(&self, row: Box<Prepared>) -> Result<(), StoreError> {
        self.rows.send(Job::Row(row, None)).await.map_err(|_| StoreError::Closed)
    }

    /// Whether rows are taken.
    pub(crate) fn is_open(&self) -> bool {
        !self.rows.is_closed()
    }

    /// Lets the task end after what is queued.
    pub(crate) async fn stop(&self) {
        // An ended task needs no telling.
        let _ = self.rows.send(Job::Stop).await;
    }
}

/// Where rows are written.
struct Place {
    connections: DatabaseConnection,
    reach: Reach,
    keys: Arc<AuditKeys>,
}

type Waiting = (Prepared, Option<Done>);

async fn run(place: Place, mut jobs: mpsc::Receiver<Job>, wait: Option<Duration>) {
    while let Some(Job::Row(row, done)) = jobs.recv().await {
        let nobody_waits = done.is_none();
        let mut group = vec![(*row, done)];
        if let Some(wait) = wait.filter(|_| nobody_waits) {
            tokio::time::sleep(wait).await;
        }
        let stopped = take(&mut jobs, &mut group, MOST);
        write_all(&place, group).await;
        if stopped {
            break;
        }
    }
    // What was queued meanwhile is written too.
    jobs.close();
    let mut rest = Vec::new();
    take(&mut jobs, &mut rest, usize::MAX);
    write_all(&place, rest).await;
}

/// Takes what is queued until the group is full; whether the end was among it.
fn take(jobs: &mut mpsc::Receiver<Job>, group: &mut Vec<Waiting>, most: usize) -> bool {
    let mut stopped = false;
    while group.len() < most {
        match jobs.try_recv() {
            Ok(Job::Row(row, done)) => group.push((*row, done)),
            Ok(Job::Stop) => stopped = true,
            Err(_) => break,
        }
    }
    stopped
}

async fn write_all(place: &Place, group: Vec<Waiting>) {
    let mut by_tenant: HashMap<TenantId, Vec<Waiting>> = HashMap::new();
    for waiting in group {
        by_tenant.entry(waiting.0.0.tenant).or_default().push(waiting);
    }
    let writes = by_tenant.into_iter().map(|(tenant, group)| write(place, tenant, group));
    futures_util::future::join_all(writes).await;
}

async fn write(place: &Place, tenant: TenantId, group: Vec<Waiting>) {
    let (rows, waiting): (Vec<_>, Vec<_>) = group.into_iter().unzip();
    match place.reach.on(append(place, tenant, rows)).await {
        Ok(numbers) => {
            for (number, done) in numbers.into_iter().zip(waiting) {
                // A caller that has gone needs no answer.
                done.map(|done| done.send(Ok(number)).ok());
            }
        }
        Err(error) => {
            let units = waiting.len();
            tracing::error!(
                error = &error as &dyn std::error::Error,
                units,
                "a group of audit rows was not committed"
            );
            for done in waiting.into_iter().flatten() {
                let _ = done.send(Err(StoreError::NotCommitted));
            }
        }
    }
}

async fn append(place: &Place, tenant: TenantId, rows: Vec<Prepared>) -> Result<Vec<u64>, DbErr> {
    let transaction = place.connections.begin().await?;
    engine::set_tenant(&transaction, tenant.uuid()).await?;
    let numbers = audit::append(&transaction, rows, &place.keys).await?;
    transaction.commit().await?;
    Ok(numbers)
}
