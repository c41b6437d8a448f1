//! Measures credits: cycles of hold, note of what is sent, settle and audit row a second from 64 callers of one tenant,
//! beside the engine's own rate of bare transactions in the same run and folder. `cargo run --release -p pm33-store
//! --example credit_cycles [cycles per caller] [callers]`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use pm33_billing::{
    Backing, Ceilings, Disclosure, Grantor, HoldId, HoldRequest, Ledger, MicroCredits, Payer, Room,
    Settlement, Tokens, UsageRecord, UsageSource,
};
use pm33_store::{Database, Store, StoreOptions};
use pm33_tenancy::{
    ActorKind, Administration, AuditEvent, AuditKeys, Clock, LimitVerdict, Plan, Tenant, TenantId,
    TenantState, Timestamp, Usage,
};
use sea_orm::{ConnectionTrait, Database as Orm, TransactionTrait};
use secrecy::SecretBox;

struct Machine(Instant);

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        jiff::Timestamp::now().into()
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Transactions of one row a second, one after the other, as durable as the store's.
async fn bare(folder: &std::path::Path, count: u32) -> Result<f64, Fault> {
    let path = folder.join("bare.db");
    let db = Orm::connect(format!("sqlite://{}?mode=rwc", path.display())).await?;
    db.execute_unprepared("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (n INTEGER)")
        .await?;
    let begun = Instant::now();
    for number in 0..count {
        let transaction = db.begin().await?;
        transaction.execute_unprepared(&format!("INSERT INTO t VALUES ({number})")).await?;
        transaction.commit().await?;
    }
    Ok(f64::from(count) / begun.elapsed().as_secs_f64())
}

fn event(tenant: TenantId, at: Timestamp, hold: Option<HoldId>) -> AuditEvent {
    let usage = hold.map(|hold| Usage {
        tokens: 1_500,
        micro_credits: 7_000,
        hold: Some(hold.uuid()),
        provider: "anthropic".into(),
        model: "claude-opus-5-5".into(),
    });
    AuditEvent {
        scopes: "ai:generate".into(),
        target: Some("pm33_generate_prd".into()),
        latency: Duration::from_millis(1),
        usage,
        limit: LimitVerdict::Admitted,
        ..AuditEvent::done(tenant, ActorKind::System, "tools/call", at)
    }
}

async fn cycle(store: &Store, tenant: TenantId, at: Timestamp) -> Result<(), Fault> {
    let session = store.session(tenant);
    let request = HoldRequest {
        id: HoldId::from_uuid(uuid::Uuid::new_v4()),
        tenant,
        key: None,
        tool: "pm33_generate_prd".to_owned(),
        most: MicroCredits::new(9_000),
        at,
        life: Duration::from_mins(10),
        backing: Backing::Credits,
        ceilings: Ceilings::default(),
        room: Room { tenant: u32::MAX, key: u32::MAX, tool: u32::MAX },
    };
    let hold = session.hold(&request).await?.hold.id;
    let (provider, model) = ("anthropic".to_owned(), "claude-opus-5-5".to_owned());
    let note = Disclosure {
        tenant,
        hold,
        call: 1,
        at,
        provider: provider.clone(),
        model: model.clone(),
        categories: vec!["work_item".to_owned()],
        bytes: 4_000,
        redactions: 0,
    };
    session.disclose(&note).await?;
    let record = UsageRecord {
        call: 1,
        provider,
        model,
        price: "anthropic/claude-opus-5-5@2026-11-23#0".to_owned(),
        tokens: Tokens { input: 1_000, output: 500, ..Tokens::default() },
        source: UsageSource::Final,
        amount: MicroCredits::new(7_000),
        raw: "{}".to_owned(),
    };
    session.settle(tenant, hold, &Settlement { usage: vec![record], payer: Payer::Tenant, at }).await?;
    session.commit(event(tenant, at, Some(hold))).await?;
    Ok(())
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Fault> {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse::<u32>());
    let cycles = arguments.next().transpose()?.unwrap_or(100);
    let callers = arguments.next().transpose()?.unwrap_or(64);
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(Machine(Instant::now()));
    let keys = Arc::new(AuditKeys::new(&SecretBox::new(Box::new([7; 32]))));
    let database = Database::Sqlite { path: folder.path().join("pm33.db") };
    let store = Store::open(StoreOptions::new(database, keys, Arc::clone(&clock) as Arc<dyn Clock>)).await?;
    let now = clock.now();
    let tenant = TenantId::new(now);
    let operator = store.operator();
    let (slug, name) = ("acme".to_owned(), "Acme".to_owned());
    operator
        .create_tenant(&Tenant {
            id: tenant,
            slug,
            name,
            plan: Plan::Team,
            state: TenantState::Active,
            created: now,
        })
        .await?;
    operator.grant(tenant, MicroCredits::credits(1_000_000)?, now, Grantor::default()).await?;
    operator.commit(event(tenant, now, None)).await?;
    let before = bare(folder.path(), 2_000).await?;
    let begun = Instant::now();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..callers {
        let (store, clock) = (store.clone(), Arc::clone(&clock));
        tasks.spawn(async move {
            let mut slowest = Duration::ZERO;
            for _ in 0..cycles {
                let begun = Instant::now();
                cycle(&store, tenant, clock.now()).await?;
                slowest = slowest.max(begun.elapsed());
            }
            Ok::<_, Fault>(slowest)
        });
    }
    let mut slowest = Duration::ZERO;
    while let Some(ended) = tasks.join_next().await {
        slowest = slowest.max(ended??);
    }
    let rate = f64::from(cycles * callers) / begun.elapsed().as_secs_f64();
    let mismatches = store.session(tenant).reconcile_credits(tenant).await?;
    println!(
        "{rate:.0} cycles a second from {callers} callers (slowest {} ms), bare transactions {before:.0} a second: ratio {:.2}; \
         {} mismatches",
        slowest.as_millis(),
        rate / before,
        mismatches.len()
    );
    Ok(())
}
