//! What the spool does when more waits than there is room for.

use std::{sync::mpsc, thread};

use pm33_tenancy::{ActorKind, AuditEvent, ClientFacts, TenantId, Timestamp, prepare};
use secrecy::SecretBox;

use super::*;
use crate::spool::codec;

/// Rows so large that some dozen of them are more than may wait.
const ROW: usize = 8 << 20;

/// A clock that stands still.
struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(0)
    }

    fn monotonic(&self) -> Duration {
        Duration::ZERO
    }
}

#[test]
fn rows_wait_for_room_where_too_many_wait_for_the_database() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let clock = Arc::new(Still);
    let keys = Arc::new(AuditKeys::new(&SecretBox::new(Box::new([7; 32]))));
    let log = Log::new(folder.path().join("pm33.db-audit"), keys.clone(), clock, CommitSync::WithTheLog);
    let event = AuditEvent {
        client: ClientFacts { ip: None, agent: Some("a".repeat(ROW).into()) },
        ..AuditEvent::done(
            TenantId::from_uuid(Uuid::from_u128(1)),
            ActorKind::Operator,
            "tools/call",
            Timestamp::from_micros(0),
        )
    };
    let row = codec::encode(&prepare(event, &keys, [0; 16]));
    while log.state().waiting <= MOST {
        log.append(std::slice::from_ref(&row))?;
    }
    thread::scope(|scope| {
        let (done, appended) = mpsc::channel();
        let (log, row) = (&log, &row);
        scope.spawn(move || done.send(log.append(std::slice::from_ref(row))));
        assert!(appended.recv_timeout(Duration::from_millis(200)).is_err(), "there is no room");
        let chunk = log.next()?.ok_or("nothing waits")?;
        assert_eq!(chunk.rows.len(), 1);
        log.drained(&chunk)?;
        appended.recv_timeout(PATIENCE)??;
        Ok(())
    })
}
