//! Holds end by their time, and a tenant whose books do not agree gets no AI call until somebody has looked.

use std::time::Duration;

use pm33_app::{Settings, Start, act, examine_books, expire_holds, prices};
use pm33_billing::{
    Backing, BillingError, Ceilings, Grantor, HoldId, HoldRequest, Ledger, MicroCredits, Payer, PriceKey,
    Room, Settlement, Tokens, UsageRecord, UsageSource,
};

use crate::place::{Place, place};

fn request(place: &Place, life: Duration) -> HoldRequest {
    HoldRequest {
        id: HoldId::from_uuid(uuid::Uuid::new_v4()),
        tenant: place.at.tenant(),
        key: None,
        tool: "pm33_generate_prd".to_owned(),
        most: MicroCredits::new(50),
        at: place.foundation.clock.now(),
        life,
        backing: Backing::Unlimited,
        ceilings: Ceilings::default(),
        room: Room::default(),
    }
}

#[tokio::test]
async fn a_hold_that_a_crash_left_is_returned_and_one_that_runs_is_not() {
    let place = place(Start::Empty).await;
    let (store, tenant) = (&place.foundation.store, place.at.tenant());
    let left = store.session(tenant).hold(&request(&place, Duration::ZERO)).await.unwrap().hold;
    let runs = store.session(tenant).hold(&request(&place, Duration::from_hours(1))).await.unwrap().hold;
    assert_eq!(expire_holds(store, &*place.foundation.clock).await.unwrap(), 1);
    assert_eq!(expire_holds(store, &*place.foundation.clock).await.unwrap(), 0);
    let standing = store.session(tenant).standing(tenant, &[]).await.unwrap();
    assert_eq!(standing.open.iter().map(|hold| hold.id).collect::<Vec<_>>(), [runs.id]);
    assert!(left.id != runs.id && standing.accounts.sums.held == MicroCredits::new(50));
}

#[tokio::test]
async fn books_that_do_not_agree_stop_that_tenants_calls_once() {
    let place = place(Start::Empty).await;
    let (store, tenant) = (&place.foundation.store, place.at.tenant());
    let clock = &*place.foundation.clock;
    assert_eq!(examine_books(store, clock).await.unwrap(), 0);
    let session = store.session(tenant);
    session.grant(tenant, MicroCredits::new(1_000), clock.now(), Grantor::default()).await.unwrap();
    session.commit(act(tenant, "test", None, clock.now())).await.unwrap();
    assert_eq!(examine_books(store, clock).await.unwrap(), 0);
    // A settlement that no audit row knows of.
    let session = store.session(tenant);
    let hold = session.hold(&request(&place, Duration::from_hours(1))).await.unwrap().hold;
    let record = UsageRecord {
        call: 1,
        provider: "p".to_owned(),
        model: "m".to_owned(),
        price: "p/m".to_owned(),
        tokens: Tokens::default(),
        source: UsageSource::Final,
        amount: MicroCredits::new(7),
        raw: "{}".to_owned(),
    };
    let settlement = Settlement { usage: vec![record], payer: Payer::Tenant, at: clock.now() };
    session.settle(tenant, hold.id, &settlement).await.unwrap();
    session.commit(act(tenant, "test", None, clock.now())).await.unwrap();
    assert_eq!(examine_books(store, clock).await.unwrap(), 1);
    let refused = store.session(tenant).hold(&request(&place, Duration::from_hours(1))).await;
    assert!(matches!(refused, Err(BillingError::Frozen)), "{refused:?}");
    assert_eq!(examine_books(store, clock).await.unwrap(), 0, "told once");
}

#[test]
fn a_price_file_of_ones_own_goes_over_the_shipped_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut settings = Settings::default();
    let day = jiff::civil::date(2026, 11, 25);
    let local = PriceKey::standard("house", "llama");
    assert!(prices(&settings).unwrap().price(&local, day).is_err());
    let path = folder.path().join("prices.toml");
    settings.ai.prices_file = Some(path.clone());
    assert!(prices(&settings).unwrap_err().to_string().contains("prices.toml"), "it is not there");
    let row = "[[price]]\nprovider = \"house\"\nmodel = \"llama\"\neffective = \"2026-01-01\"\ninput = \"0\"\noutput = \"0\"\n\
               source = \"our own machine\"\nnoted = \"2026-01-01\"\n";
    std::fs::write(&path, row).unwrap();
    let book = prices(&settings).unwrap();
    assert!(
        book.price(&local, day).is_ok()
            && book.price(&PriceKey::standard("anthropic", "claude-opus-5-5"), day).is_ok()
    );
    std::fs::write(&path, row.replace("\"0\"", "\"free\"")).unwrap();
    assert!(prices(&settings).unwrap_err().to_string().contains("free"));
}
