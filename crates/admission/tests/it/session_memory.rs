//! What an idle session costs in memory, and that memory has a bound.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_admission::{AdmissionError, SessionId, SessionRecord, SessionStore, Sessions};
use pm33_tenancy::{TenantId, Timestamp};

use crate::fixture::{House, is_live, tenant};

/// Keeps nothing, so that what grows is the sessions' own memory.
struct Nowhere;

#[async_trait]
impl SessionStore for Nowhere {
    async fn open(&self, _: &SessionRecord, _: u32) -> Result<(), AdmissionError> {
        Ok(())
    }
    async fn find(&self, _: TenantId, _: &SessionId) -> Result<Option<SessionRecord>, AdmissionError> {
        Ok(None)
    }
    async fn touch(&self, _: TenantId, _: &SessionId, _: Timestamp) -> Result<(), AdmissionError> {
        Ok(())
    }
    async fn end(&self, _: TenantId, _: &SessionId) -> Result<bool, AdmissionError> {
        Ok(false)
    }
    async fn end_idle(&self, _: TenantId, _: Timestamp, _: u64) -> Result<Vec<SessionId>, AdmissionError> {
        Ok(Vec::new())
    }
    async fn tenants(&self) -> Result<Vec<TenantId>, AdmissionError> {
        Ok(Vec::new())
    }
}

/// Resident bytes of this process.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1_024
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_idle_session_takes_less_than_a_kibibyte() {
    const COUNT: usize = 100_000;
    let house = House::default();
    let sessions = Sessions::new(Arc::new(Nowhere), Arc::clone(&house.clock) as _, COUNT as u64);
    let before = resident();
    for number in 0..COUNT {
        let of = tenant(u8::try_from(number % 100).unwrap());
        sessions.open(house.record(of, "0123456789ab"), u32::MAX).await.unwrap();
    }
    let each = resident().saturating_sub(before) / COUNT;
    assert_eq!(sessions.remembered(), COUNT);
    assert!((200..=1_024).contains(&each), "{each} bytes");
}

#[tokio::test]
async fn memory_is_bounded_and_what_it_forgets_is_still_live() {
    let house = House::default();
    let process = Sessions::new(Arc::clone(&house.store) as _, Arc::clone(&house.clock) as _, 100);
    let mut opened = Vec::new();
    for _ in 0..1_000 {
        house.clock.pass(std::time::Duration::from_millis(100));
        opened.push(house.open(&process).await);
        assert!(process.remembered() <= 100);
    }
    // The newest are remembered, the oldest are found in the store.
    let finds = || house.store.finds.load(std::sync::atomic::Ordering::SeqCst);
    for session in &opened[950..] {
        assert!(is_live(&process, session).await);
    }
    assert_eq!(finds(), 0);
    assert!(is_live(&process, &opened[0]).await);
    assert_eq!(finds(), 1);
}
