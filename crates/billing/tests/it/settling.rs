//! How holds end: from the hold, late, as a debt, at the operator's cost, and never twice.

use std::time::Duration;

use pm33_billing::{
    Accounts, Backing, BillingError, Ceilings, Entry, EntryKind, Grantor, Hold, HoldId, HoldRequest,
    HoldState, MicroCredits, Payer, Room, Scene, Sent, Settlement, Tokens, UsageRecord, UsageSource, admit,
    expire, settle,
};
use pm33_tenancy::{KeyId, TenantId, Timestamp};

pub(crate) fn at(seconds: u64) -> Timestamp {
    Timestamp::from_micros(1_764_000_000_000_000).plus(Duration::from_secs(seconds))
}

pub(crate) fn micro(amount: i64) -> MicroCredits {
    MicroCredits::new(amount)
}

pub(crate) fn used(amount: i64) -> Vec<UsageRecord> {
    vec![UsageRecord {
        call: 1,
        provider: "p".to_owned(),
        model: "m".to_owned(),
        price: "p/m".to_owned(),
        tokens: Tokens::default(),
        source: UsageSource::Final,
        amount: micro(amount),
        raw: "{}".to_owned(),
    }]
}

pub(crate) fn request(number: u128, most: i64, backing: Backing) -> HoldRequest {
    HoldRequest {
        id: HoldId::from_uuid(uuid::Uuid::from_u128(number)),
        tenant: TenantId::from_uuid(uuid::Uuid::from_u128(1)),
        key: Some("abcdefghijkl".parse::<KeyId>().unwrap()),
        tool: "pm33_generate_prd".to_owned(),
        most: micro(most),
        at: at(0),
        life: Duration::from_mins(10),
        backing,
        ceilings: Ceilings::default(),
        room: Room { tenant: 1_000, key: 1_000, tool: 1_000 },
    }
}

pub(crate) fn hold_of(request: &HoldRequest) -> Hold {
    Hold {
        id: request.id,
        tenant: request.tenant,
        key: request.key,
        tool: request.tool.clone(),
        amount: request.most,
        at: request.at,
        expires: request.at.plus(request.life),
        backing: request.backing,
        state: HoldState::Open,
    }
}

fn with(granted: i64) -> Accounts {
    let accounts = Accounts::default();
    let entry = Entry::grant(&accounts, micro(granted), at(0), Grantor::default()).unwrap();
    accounts.after(&entry.postings).unwrap()
}

fn take(accounts: Accounts, most: i64) -> (Accounts, Hold) {
    let request = request(7, most, Backing::Credits);
    let (entry, _) = admit(&request, &Scene { accounts, ..Scene::default() }).unwrap();
    (accounts.after(&entry.postings).unwrap(), hold_of(&request))
}

fn resolve(accounts: Accounts, hold: &Hold, amount: i64, payer: Payer) -> (Accounts, Entry) {
    let settlement = Settlement { usage: used(amount), payer, at: at(1) };
    let (entry, _) = settle(&accounts, hold, &settlement).unwrap().unwrap();
    (accounts.after(&entry.postings).unwrap(), entry)
}

#[test]
fn the_last_micro_credit_can_be_held_and_the_next_is_refused_with_the_shortfall() {
    let scene = Scene { accounts: with(100), ..Scene::default() };
    assert!(admit(&request(1, 100, Backing::Credits), &scene).is_ok());
    let refused = admit(&request(1, 101, Backing::Credits), &scene).unwrap_err();
    assert!(refused.to_string().contains("0.000001 short"), "{refused}");
    assert!(admit(&request(1, 101, Backing::Unlimited), &scene).is_ok());
    assert!(admit(&request(1, -1, Backing::Credits), &scene).is_err());
    let frozen = Scene { frozen: true, ..scene };
    assert!(matches!(admit(&request(1, 1, Backing::Unlimited), &frozen), Err(BillingError::Frozen)));
}

#[test]
fn calls_at_the_same_time_are_limited_for_key_tenant_and_tool() {
    let limited =
        HoldRequest { room: Room { tenant: 8, key: 2, tool: 3 }, ..request(1, 1, Backing::Unlimited) };
    let with_open = |open| admit(&limited, &Scene { open, ..Scene::default() });
    assert!(with_open([7, 1, 2]).is_ok());
    for (open, most) in [([8, 0, 0], 8), ([2, 2, 0], 2), ([3, 0, 3], 3)] {
        let refused = with_open(open).unwrap_err();
        assert!(matches!(refused, BillingError::TooMany { most: told, .. } if told == most), "{refused:?}");
    }
    // A local owner has no key that could be full.
    let owner = HoldRequest { key: None, ..limited };
    assert!(admit(&owner, &Scene { open: [2, 2, 0], ..Scene::default() }).is_ok());
}

#[test]
fn what_is_not_used_comes_back() {
    let (accounts, hold) = take(with(100), 60);
    let (after, entry) = resolve(accounts, &hold, 25, Payer::Tenant);
    assert_eq!(entry.kind, EntryKind::Settle);
    assert_eq!((after.sums.available, after.sums.held, after.sums.spent), (micro(75), micro(0), micro(25)));
    let nothing = Settlement { usage: Vec::new(), payer: Payer::Tenant, at: at(1) };
    let (entry, state) = settle(&accounts, &hold, &nothing).unwrap().unwrap();
    assert_eq!((entry.kind, state), (EntryKind::Release, HoldState::Released));
    assert_eq!(accounts.after(&entry.postings).unwrap().sums.available, micro(100));
    // A final figure of zero is a settlement, not a release.
    let (_, entry) = resolve(accounts, &hold, 0, Payer::Tenant);
    assert_eq!(entry.kind, EntryKind::Settle);
}

#[test]
fn what_a_call_costs_beyond_its_hold_is_paid_and_then_owed_and_repaid_by_the_next_grant() {
    let (accounts, hold) = take(with(100), 60);
    let (after, _) = resolve(accounts, &hold, 130, Payer::Tenant);
    assert_eq!(
        (after.sums.available, after.sums.spent, after.owed().unwrap()),
        (micro(0), micro(130), micro(30))
    );
    let grant = Entry::grant(&after, micro(50), at(2), Grantor::default()).unwrap();
    let after = after.after(&grant.postings).unwrap();
    assert_eq!((after.sums.available, after.owed().unwrap()), (micro(20), micro(0)));
    assert_eq!(after.granted().unwrap(), micro(150));
}

#[test]
fn a_late_settle_posts_and_never_vanishes() {
    let (accounts, hold) = take(with(100), 60);
    assert!(expire(&hold, Sent::Something, at(599)).is_err(), "before its time");
    for (sent, kind, state) in [
        (Sent::Nothing, EntryKind::Expiry, HoldState::Expired),
        (Sent::Something, EntryKind::Indeterminate, HoldState::Indeterminate),
    ] {
        let (entry, ended) = expire(&hold, sent, at(600)).unwrap();
        assert_eq!((entry.kind, ended), (kind, state));
        let after = accounts.after(&entry.postings).unwrap();
        assert_eq!((after.sums.available, after.sums.spent), (micro(100), micro(0)));
        let hold = Hold { state, ..hold.clone() };
        assert!(expire(&hold, sent, at(700)).is_err(), "twice");
        let (after, entry) = resolve(after, &hold, 25, Payer::Tenant);
        assert_eq!(entry.kind, EntryKind::LateSettle);
        assert_eq!((after.sums.available, after.sums.spent), (micro(75), micro(25)));
        let nothing = Settlement { usage: Vec::new(), payer: Payer::Tenant, at: at(1) };
        assert!(settle(&after, &hold, &nothing).unwrap().is_none());
    }
}

#[test]
fn a_resolved_hold_is_not_resolved_again() {
    let (accounts, hold) = take(with(100), 60);
    for state in [HoldState::Settled, HoldState::Released] {
        let hold = Hold { state, ..hold.clone() };
        let settlement = Settlement { usage: used(1), payer: Payer::Tenant, at: at(1) };
        let refused = settle(&accounts, &hold, &settlement);
        assert!(matches!(refused, Err(BillingError::Resolved { .. })), "{refused:?}");
    }
}

#[test]
fn the_operator_pays_for_what_gave_the_tenant_nothing() {
    for (backing, available) in [(Backing::Credits, 100), (Backing::Unlimited, 100)] {
        let request = request(7, 60, backing);
        let accounts = with(100);
        let (entry, _) = admit(&request, &Scene { accounts, ..Scene::default() }).unwrap();
        let accounts = accounts.after(&entry.postings).unwrap();
        let (after, entry) = resolve(accounts, &hold_of(&request), 25, Payer::Platform);
        assert_eq!(entry.kind, EntryKind::PlatformLoss);
        assert_eq!((after.sums.available, after.sums.spent), (micro(available), micro(0)));
        assert_eq!((after.sums.loss, after.sums.held), (micro(25), micro(0)));
    }
}

#[test]
fn corrections_and_refunds_stay_within_what_there_is() {
    let accounts = with(100);
    let act = |amount| Entry::adjustment(&accounts, micro(amount), at(0), Grantor::default());
    assert!(act(0).is_err() && act(-101).is_err());
    assert_eq!(accounts.after(&act(-100).unwrap().postings).unwrap().sums.available, micro(0));
    assert_eq!(accounts.after(&act(5).unwrap().postings).unwrap().sums.available, micro(105));
    for amount in [0, -1] {
        assert!(Entry::grant(&accounts, micro(amount), at(0), Grantor::default()).is_err());
    }
    let (held, hold) = take(accounts, 60);
    let (settled, _) = resolve(held, &hold, 40, Payer::Tenant);
    let refund =
        |amount| Entry::refund(&settled, hold.id, micro(40), micro(amount), at(2), Grantor::default());
    assert!(refund(41).is_err() && refund(0).is_err());
    let after = settled.after(&refund(40).unwrap().postings).unwrap();
    assert_eq!((after.sums.available, after.sums.spent), (micro(100), micro(0)));
}
