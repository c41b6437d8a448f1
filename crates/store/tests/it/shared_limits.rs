//! The budget of calls that servers on one PostgreSQL share: leased in one decision, put back, never over the limit, also
//! after the database's clock was set back.

use std::{sync::Arc, time::Duration};

use pm33_admission::{Ask, Budget, LimitScope, Limiter, Limits, Settled, SharedLimiter, Verdict};
use sea_orm::ConnectionTrait;

use crate::bench::{Bench, Home, settle};

const LIMITS: Limits = Limits { key: 60, tenant: 100 };

fn ask(needed: u32) -> Ask {
    Ask { limits: LIMITS, needed, part: 8, short: Duration::from_millis(500), long: Duration::from_secs(5) }
}

async fn settled() -> Option<(Bench, Home)> {
    let bench = Bench::postgres().await?;
    let home = bench.settled().await;
    Some((bench, home))
}

#[tokio::test]
async fn far_from_a_limit_a_block_is_given_and_near_it_what_is_needed() {
    let Some((_bench, home)) = settled().await else { return };
    let budget = home.store.budget(Budget::Calls).unwrap();
    let first = budget.lease(home.tenant, "k", ask(1)).await.unwrap();
    assert_eq!((first.granted, first.life), (7, Duration::from_secs(5)));
    assert_eq!((first.key_left, first.tenant_left), (53, 93));
    let second = budget.lease(home.tenant, "k", ask(40)).await.unwrap();
    assert_eq!((second.granted, second.life), (40, Duration::from_millis(500)));
    let third = budget.lease(home.tenant, "k", ask(40)).await.unwrap();
    assert_eq!((third.granted, third.key_left, third.tenant_left), (13, 0, 40));
    let none = budget.lease(home.tenant, "k", ask(1)).await.unwrap();
    let (scope, wait) = none.short_of;
    assert_eq!((none.granted, scope), (0, LimitScope::Key));
    assert!(wait > Duration::from_secs(59) && wait <= Duration::from_secs(62), "{wait:?}");
    // What was not used comes back, and another key of the tenant gets what the tenant has left, but for what is kept for the
    // first one: it asked for more twice just now, which is eight calls each, up to its share.
    let ended = Settled { principal: "k".into(), slot: second.slot, made: 10, unused: 30 };
    budget.settle(home.tenant, &[ended]).await.unwrap();
    let other = budget.lease(home.tenant, "other", ask(80)).await.unwrap();
    assert_eq!((other.granted, other.key_left, other.tenant_left), (54, 6, 16));
    let last = budget.lease(home.tenant, "last", ask(80)).await.unwrap();
    // A third of the tenant's limit is three more than the first one has: they are there for it, and nothing else is.
    assert_eq!(last.granted, 13);
    let kept = budget.lease(home.tenant, "k", ask(5)).await.unwrap();
    assert_eq!((kept.granted, kept.tenant_left), (3, 0));
    assert_eq!(budget.lease(home.tenant, "k", ask(1)).await.unwrap().short_of.0, LimitScope::Tenant);
    home.store.close().await;
}

#[tokio::test]
async fn many_that_ask_at_once_over_two_stores_get_the_limit_and_no_call_more() {
    let Some((bench, home)) = settled().await else { return };
    let other = bench.open().await;
    let clock = Arc::clone(&bench.clock);
    let mut calls = tokio::task::JoinSet::new();
    for store in [&home.store, &other] {
        let limiter = Arc::new((SharedLimiter::new(store.budget(Budget::Calls).unwrap(), 2), Limiter::new()));
        for _ in 0..100 {
            let (limiter, clock, tenant) = (Arc::clone(&limiter), Arc::clone(&clock), home.tenant);
            calls.spawn(async move {
                let verdict = limiter.0.admit(&limiter.1, tenant, "k", LIMITS, &*clock).await;
                matches!(verdict, Ok(Verdict::Admitted(_)))
            });
        }
    }
    let admitted = calls.join_all().await.into_iter().filter(|admitted| *admitted).count();
    assert_eq!(admitted, 60);
}

#[tokio::test]
async fn calls_of_ai_tools_have_a_budget_of_their_own() {
    let Some((_bench, home)) = settled().await else { return };
    let [calls, ai_calls] = [Budget::Calls, Budget::AiCalls].map(|of| home.store.budget(of).unwrap());
    assert_eq!(calls.lease(home.tenant, "k", ask(60)).await.unwrap().granted, 60);
    let lease = ai_calls.lease(home.tenant, "k", ask(60)).await.unwrap();
    assert_eq!((lease.granted, lease.tenant_left), (60, 40));
    // What is put back into the one is not there for the other.
    let ended = Settled { principal: "k".into(), slot: lease.slot, made: 0, unused: 60 };
    ai_calls.settle(home.tenant, &[ended]).await.unwrap();
    assert_eq!(calls.lease(home.tenant, "k", ask(1)).await.unwrap().granted, 0);
    assert_eq!(ai_calls.lease(home.tenant, "k", ask(60)).await.unwrap().granted, 60);
    home.store.close().await;
}

#[tokio::test]
async fn a_server_of_before_that_names_no_budget_means_all_calls() {
    let Some((bench, home)) = settled().await else { return };
    let db = bench.beside().await;
    let leased =
        format!("SELECT granted FROM pm33_lease('{}', 'k', 60, 100, 60, 8, 500, 5000)", home.tenant.uuid());
    db.execute_unprepared(&leased).await.unwrap();
    let budget = home.store.budget(Budget::Calls).unwrap();
    let refused = budget.lease(home.tenant, "k", ask(1)).await.unwrap();
    assert_eq!((refused.granted, refused.short_of.0), (0, LimitScope::Key));
    home.store.close().await;
}

#[tokio::test]
async fn a_clock_that_was_set_back_locks_nobody_out_for_longer_than_a_window() {
    let Some((bench, home)) = settled().await else { return };
    let budget = home.store.budget(Budget::Calls).unwrap();
    assert_eq!(budget.lease(home.tenant, "k", ask(60)).await.unwrap().granted, 60);
    // An hour ahead of the clock that is asked now.
    bench.beside().await.execute_unprepared("UPDATE call_window SET slot = slot + 7200").await.unwrap();
    let refused = budget.lease(home.tenant, "k", ask(1)).await.unwrap();
    assert_eq!((refused.granted, refused.short_of.0), (0, LimitScope::Key));
    assert!(refused.short_of.1 < Duration::from_secs(67), "{:?}", refused.short_of.1);
}

#[tokio::test]
async fn old_counts_of_calls_are_forgotten_of_one_tenant() {
    let Some((bench, home)) = settled().await else { return };
    let twin = settle(home.store.clone(), &bench.clock, "twin").await;
    let db = bench.beside().await;
    for one in [&home, &twin] {
        let old = format!(
            "INSERT INTO call_window (tenant_id, principal, slot, calls) VALUES ('{}', 'k', 1, 1)",
            one.tenant
        );
        db.execute_unprepared(&old).await.unwrap();
    }
    for one in [&home, &twin] {
        assert_eq!(one.store.forget_windows(one.tenant).await.unwrap(), 1);
        assert_eq!(one.store.forget_windows(one.tenant).await.unwrap(), 0);
    }
    home.store.close().await;
}

#[tokio::test]
async fn keys_of_one_name_have_budgets_of_their_own_in_each_tenant() {
    let Some((bench, home)) = settled().await else { return };
    let twin = settle(home.store.clone(), &bench.clock, "twin").await;
    let budget = home.store.budget(Budget::Calls).unwrap();
    for one in [&home, &twin] {
        let first = budget.lease(one.tenant, "k", ask(40)).await.unwrap();
        assert_eq!((first.granted, first.key_left, first.tenant_left), (40, 20, 60));
        let ended = Settled { principal: "k".into(), slot: first.slot, made: 10, unused: 30 };
        budget.settle(one.tenant, &[ended]).await.unwrap();
    }
    for one in [&home, &twin] {
        let next = budget.lease(one.tenant, "k", ask(50)).await.unwrap();
        assert_eq!((next.granted, next.key_left, next.tenant_left), (50, 0, 40));
    }
    home.store.close().await;
}
