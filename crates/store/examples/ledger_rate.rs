//! How many calls the ledger takes on the embedded database: a hold, a settle and the audit row, each durable, by 64 callers,
//! beside the engine's own transactions of one row on the same disk in the same minute. `cargo xtask bench --ledger` starts
//! it in release; it fails below half of the bare rate.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock, spawns its load and talks to its person"
)]

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};

use pm33_billing::{
    Backing, Ceilings, Grantor, HoldId, HoldRequest, Ledger, MicroCredits, Payer, Room, Settlement, Tokens,
    UsageRecord, UsageSource,
};
use pm33_store::{Database, Store, StoreOptions};
use pm33_tenancy::{
    ActorKind, Administration, AuditEvent, AuditKeys, Clock, Plan, Tenant, TenantId, TenantState, Timestamp,
    Usage,
};
use sea_orm::{ConnectOptions, ConnectionTrait, DatabaseConnection, TransactionTrait};
use secrecy::SecretBox;
use tokio::task::JoinSet;

type Fault = Box<dyn std::error::Error + Send + Sync>;

const CALLERS: u32 = 64;
const ROUNDS: usize = 5;
const ROUND: Duration = Duration::from_secs(2);
/// Least share of the engine's bare rate.
const BAR: f64 = 0.5;

struct Wall(Instant);

impl Clock for Wall {
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(i64::try_from(since.as_micros()).unwrap_or(i64::MAX))
    }

    fn monotonic(&self) -> Duration {
        self.0.elapsed()
    }
}

struct Till {
    store: Store,
    clock: Arc<Wall>,
    tenant: TenantId,
}

impl Till {
    async fn open(folder: &Path) -> Result<Self, Fault> {
        let clock = Arc::new(Wall(Instant::now()));
        let keys = AuditKeys::new(&SecretBox::new(Box::new([7; 32])));
        let database = Database::Sqlite { path: folder.join("pm33.db") };
        let options = StoreOptions::new(database, Arc::new(keys), Arc::clone(&clock) as Arc<dyn Clock>);
        let store = Store::open(options).await?;
        let now = clock.now();
        let till = Self { store, clock, tenant: TenantId::new(now) };
        let session = till.store.operator();
        let tenant = Tenant {
            id: till.tenant,
            slug: "acme".to_owned(),
            name: "Acme".to_owned(),
            plan: Plan::Team,
            state: TenantState::Active,
            created: now,
        };
        session.create_tenant(&tenant).await?;
        session.commit(till.event()).await?;
        let session = till.store.session(till.tenant);
        let by = Grantor { actor: None, note: "bench".to_owned() };
        session.grant(till.tenant, MicroCredits::new(i64::MAX / 4), now, by).await?;
        session.commit(till.event()).await?;
        Ok(till)
    }

    /// What a call leaves beside its result.
    async fn cycle(&self) -> Result<(), Fault> {
        let at = self.clock.now();
        let request = HoldRequest {
            id: HoldId::from_uuid(uuid::Uuid::now_v7()),
            tenant: self.tenant,
            key: "abcdefghijkl".parse().ok(),
            tool: "pm33_score_alignment".to_owned(),
            most: MicroCredits::new(1_000),
            at,
            life: Duration::from_mins(15),
            backing: Backing::Credits,
            ceilings: Ceilings::default(),
            room: Room { tenant: u32::MAX, key: u32::MAX, tool: u32::MAX },
        };
        let hold = self.store.session(self.tenant).hold(&request).await?.hold.id;
        let usage = UsageRecord {
            call: 1,
            provider: "anthropic".to_owned(),
            model: "claude-opus-5-5".to_owned(),
            price: "anthropic/claude-opus-5-5@2026-11-23#0".to_owned(),
            tokens: Tokens { input: 10, output: 5, ..Tokens::default() },
            source: UsageSource::Final,
            amount: MicroCredits::new(600),
            raw: "{}".to_owned(),
        };
        let session = self.store.session(self.tenant);
        let settlement = Settlement { usage: vec![usage], payer: Payer::Tenant, at: self.clock.now() };
        session.settle(self.tenant, hold, &settlement).await?;
        let (provider, model) = ("anthropic".into(), "claude-opus-5-5".into());
        let usage = Usage { tokens: 15, micro_credits: 600, hold: Some(hold.uuid()), provider, model };
        session.commit(AuditEvent { usage: Some(usage), ..self.event() }).await?;
        Ok(())
    }

    fn event(&self) -> AuditEvent {
        let event = AuditEvent::done(self.tenant, ActorKind::System, "tools/call", self.clock.now());
        AuditEvent { target: Some("pm33_score_alignment".into()), ..event }
    }
}

/// The engine alone, as the store opens it: one connection, a log, every commit synced.
async fn engine(folder: &Path) -> Result<DatabaseConnection, Fault> {
    let url = format!("sqlite://{}?mode=rwc", folder.join("bare.db").display());
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    let db = sea_orm::Database::connect(options).await?;
    for statement in [
        "PRAGMA journal_mode = WAL",
        "PRAGMA synchronous = FULL",
        "CREATE TABLE bare (id INTEGER PRIMARY KEY, words TEXT NOT NULL)",
    ] {
        db.execute_unprepared(statement).await?;
    }
    Ok(db)
}

async fn bare(db: &DatabaseConnection) -> Result<(), Fault> {
    let transaction = db.begin().await?;
    transaction.execute_unprepared("INSERT INTO bare (words) VALUES ('a row of some words')").await?;
    transaction.commit().await?;
    Ok(())
}

/// All callers at it for a round, each as fast as it is answered or, with `pace`, once in that time: how often a second, and
/// how long each took.
async fn round<F>(
    pace: Option<Duration>,
    act: impl Fn() -> F + Clone + Send + 'static,
) -> Result<(f64, Vec<Duration>), Fault>
where
    F: Future<Output = Result<(), Fault>> + Send,
{
    let (began, mut callers) = (Instant::now(), JoinSet::new());
    for number in 0..CALLERS {
        let act = act.clone();
        callers.spawn(async move {
            let mut spans = Vec::new();
            let mut due = began + pace.map_or(Duration::ZERO, |pace| pace * number / CALLERS);
            while began.elapsed() < ROUND {
                tokio::time::sleep_until(due.into()).await;
                let from = Instant::now();
                act().await?;
                spans.push(from.elapsed());
                due = pace.map_or(due, |pace| due + pace);
            }
            Ok::<_, Fault>(spans)
        });
    }
    let mut all = Vec::new();
    while let Some(ended) = callers.join_next().await {
        all.extend(ended??);
    }
    let rate = f64::from(u32::try_from(all.len())?) / began.elapsed().as_secs_f64();
    all.sort_unstable();
    Ok((rate, all))
}

fn at(spans: &[Duration], percent: usize) -> f64 {
    let place = (spans.len() * percent / 100).min(spans.len().saturating_sub(1));
    spans.get(place).map_or(0.0, |span| span.as_secs_f64() * 1_000.0)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of.get(of.len() / 2).copied().unwrap_or(0.0)
}

#[tokio::main]
async fn main() -> Result<(), Fault> {
    let folder = tempfile::tempdir_in(std::env::args().nth(1).unwrap_or_else(|| ".".to_owned()))?;
    let till = Arc::new(Till::open(folder.path()).await?);
    let db = engine(folder.path()).await?;
    let cycle = {
        let till = Arc::clone(&till);
        move || {
            let till = Arc::clone(&till);
            async move { till.cycle().await }
        }
    };
    let alone = {
        let db = db.clone();
        move || {
            let db = db.clone();
            async move { bare(&db).await }
        }
    };
    let (mut ours, mut theirs, mut shares) = (Vec::new(), Vec::new(), Vec::new());
    for number in 1..=ROUNDS {
        let (bare, _) = round(None, alone.clone()).await?;
        let (cycles, spans) = round(None, cycle.clone()).await?;
        println!(
            "round {number}: {cycles:.0} holds and settles a second (p50 {:.1} ms, p99 {:.1} ms), {bare:.0} bare transactions, {:.2}",
            at(&spans, 50),
            at(&spans, 99),
            cycles / bare,
        );
        ours.push(cycles);
        theirs.push(bare);
        shares.push(cycles / bare);
    }
    let (ours, share) = (median(ours), median(shares));
    let pace = Duration::from_secs_f64(2.0 * f64::from(CALLERS) / ours);
    let (half, spans) = round(Some(pace), cycle).await?;
    println!(
        "at half of that, {half:.0} a second: p50 {:.1} ms, p99 {:.1} ms",
        at(&spans, 50),
        at(&spans, 99)
    );
    println!(
        "median: {ours:.0} holds and settles a second, {:.0} bare transactions; share {share:.2}, bar {BAR}",
        median(theirs)
    );
    let sums = till.store.session(till.tenant).standing(till.tenant, &[]).await?.accounts.sums;
    if !sums.is_balanced() || sums.held != MicroCredits::ZERO {
        return Err(format!("the books do not agree: {sums:?}").into());
    }
    if share < BAR { Err(format!("{share:.2} is below {BAR}").into()) } else { Ok(()) }
}
