//! Measures the hot path: calls that wrote nothing, each with its audit row durable before it returns, from 64 callers
//! at once. Prints microseconds per row, by the clock and of processor time. `cargo run --release -p pm33-store
//! --example writer_lane [rows per caller] [callers] [tenants]`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use pm33_store::{AuditReads, Database, Store, StoreOptions};
use pm33_tenancy::{
    Actor, ActorKind, AuditEvent, AuditKeys, AuditLog, ClientFacts, Clock, LimitVerdict, TenantId, Timestamp,
    UserId,
};
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

/// Processor time of this process, from the kernel's account in hundredths of a second.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/self/stat").ok()?;
    let (_, fields) = text.rsplit_once(')')?;
    let mut fields = fields.split_whitespace().skip(11);
    let (user, system): (u64, u64) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(Duration::from_millis((user + system) * 10))
}

fn event(tenant: TenantId, clock: &Machine) -> AuditEvent {
    let at = clock.now();
    AuditEvent {
        actor: Actor { kind: ActorKind::Key, user: Some(UserId::new(at)) },
        key: "AAAAAAAAAAAA".parse().ok(),
        scopes: "backlog:read".into(),
        target: Some("pm33_query_backlog".into()),
        arguments: Some(pm33_tenancy::Digest([7; 32])),
        latency: Duration::from_micros(250),
        limit: LimitVerdict::Admitted,
        client: ClientFacts { ip: "203.0.113.9".parse().ok(), agent: Some("client/1".into()) },
        ..AuditEvent::done(tenant, ActorKind::Key, "tools/call", at)
    }
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let mut arguments = std::env::args().skip(1).map(|number| number.parse::<usize>());
    let rows = arguments.next().transpose()?.unwrap_or(2_000);
    let callers = arguments.next().transpose()?.unwrap_or(64);
    let tenants = arguments.next().transpose()?.unwrap_or(1).max(1);
    for (name, audit_reads) in [
        ("each call durable", AuditReads::EachCall),
        ("batched within 100 ms", AuditReads::Batched { within: Duration::from_millis(100) }),
    ] {
        let folder = tempfile::tempdir()?;
        let clock = Arc::new(Machine(Instant::now()));
        let keys = AuditKeys::new(&SecretBox::new(Box::new([7; 32])));
        let database = Database::Sqlite { path: folder.path().join("pm33.db") };
        let mut options = StoreOptions::new(database, Arc::new(keys), Arc::clone(&clock) as Arc<dyn Clock>);
        options.audit_reads = audit_reads;
        let store = Store::open(options).await?;
        let ids: Vec<_> = (0..tenants).map(|_| TenantId::new(clock.now())).collect();
        let (begun, spent) = (Instant::now(), processor_time());
        let mut tasks = tokio::task::JoinSet::new();
        for caller in 0..callers {
            let (store, clock, tenant) = (store.clone(), Arc::clone(&clock), ids[caller % tenants]);
            tasks.spawn(async move {
                for _ in 0..rows {
                    store.session(tenant).commit(event(tenant, &clock)).await?;
                }
                Ok::<_, pm33_store::StoreError>(())
            });
        }
        while let Some(ended) = tasks.join_next().await {
            ended??;
        }
        store.close().await;
        let (wall, processor) =
            (begun.elapsed(), processor_time().zip(spent).map(|(now, then)| now.saturating_sub(then)));
        let total = u32::try_from(rows * callers)?;
        let micros = |time: Duration| time.as_secs_f64() * 1e6 / f64::from(total);
        println!(
            "{name}: {total} rows, {:.1} µs per row by the clock, {:.1} µs of processor time",
            micros(wall),
            processor.map_or(f64::NAN, micros)
        );
        let again = StoreOptions::new(
            Database::Sqlite { path: folder.path().join("pm33.db") },
            Arc::new(AuditKeys::new(&SecretBox::new(Box::new([7; 32])))),
            Arc::clone(&clock) as Arc<dyn Clock>,
        );
        let (count, breaks) = Store::open(again).await?.session(ids[0]).verify(ids[0]).await?;
        println!("  first tenant: {count} rows, {} breaks", breaks.len());
    }
    Ok(())
}
