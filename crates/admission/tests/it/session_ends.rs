//! Sessions end by idleness, on time, everywhere, whatever is done to the wall clock.

use std::{sync::atomic::Ordering, time::Duration};

use crate::fixture::{House, IDLE, is_live, tenant};

const MICRO: Duration = Duration::from_micros(1);

#[tokio::test]
async fn each_use_gives_another_idle_time_and_not_more() {
    let house = House::default();
    let process = house.process();
    let session = house.open(&process).await;
    for _ in 0..5 {
        house.clock.pass(IDLE.saturating_sub(MICRO));
        assert!(is_live(&process, &session).await);
    }
    house.clock.pass(IDLE);
    assert!(!is_live(&process, &session).await);
    assert!(house.store.rows.lock().unwrap().is_empty());
    assert_eq!(process.remembered(), 0);
}

#[tokio::test]
async fn a_process_that_did_not_open_it_keeps_the_same_time() {
    let house = House::default();
    let session = house.open(&house.process()).await;
    house.clock.pass(IDLE.saturating_sub(MICRO));
    assert!(is_live(&house.process(), &session).await);
    house.clock.pass(IDLE);
    assert!(!is_live(&house.process(), &session).await);
}

#[tokio::test]
async fn a_changed_idle_time_applies_to_live_sessions() {
    let house = House::default();
    let process = house.process();
    let (one, other) = (house.open(&process).await, house.open(&process).await);
    house.clock.pass(Duration::from_mins(20));
    let resume =
        async |id, minutes| process.resume(tenant(1), "key", id, Duration::from_mins(minutes)).await.unwrap();
    assert!(resume(&one.id, 20).await.is_none());
    assert!(resume(&other.id, 21).await.is_some());
    house.clock.pass(Duration::from_mins(45));
    assert!(resume(&other.id, 60).await.is_some());
}

#[tokio::test]
async fn use_in_one_process_keeps_it_alive_for_the_other() {
    let house = House::default();
    let (one, other) = (house.process(), house.process());
    let session = house.open(&one).await;
    for _ in 0..4 {
        house.clock.pass(Duration::from_mins(20));
        assert!(is_live(&other, &session).await);
    }
    assert!(is_live(&one, &session).await, "used 80 minutes ago here, just now there");
}

#[tokio::test]
async fn what_another_process_ended_is_over_within_half_a_minute_of_use() {
    let house = House::default();
    let (one, other) = (house.process(), house.process());
    let session = house.open(&one).await;
    assert!(other.end(tenant(1), "key", &session.id).await.unwrap());
    house.clock.pass(Duration::from_secs(30));
    assert!(!is_live(&one, &session).await);
    assert_eq!(one.remembered(), 0);
}

#[tokio::test]
async fn a_use_is_written_down_twice_a_minute() {
    let house = House::default();
    let process = house.process();
    let session = house.open(&process).await;
    for _ in 0..600 {
        house.clock.pass(Duration::from_secs(1));
        assert!(is_live(&process, &session).await);
        let stored = house.store.rows.lock().unwrap().values().next().unwrap().used;
        let now = pm33_tenancy::Clock::now(&*house.clock);
        assert!(now.since(stored) < Duration::from_secs(30));
    }
    assert_eq!(house.store.touches.load(Ordering::SeqCst), 20);
}

#[tokio::test]
async fn a_minute_after_its_end_nothing_is_left_of_it_anywhere() {
    let house = House::default();
    let (one, other) = (house.process(), house.process());
    let session = house.open(&one).await;
    assert!(is_live(&other, &session).await);
    let mut gone = [None, None];
    for second in 1..=31 * 60 {
        house.clock.pass(Duration::from_secs(1));
        if second % 30 == 0 {
            for (process, gone) in [&one, &other].into_iter().zip(&mut gone) {
                for id in process.sweep(tenant(1), IDLE).await.unwrap() {
                    assert_eq!((id, second > 30 * 60), (session.id.clone(), true));
                    assert_eq!(gone.replace(second), None, "told once");
                }
            }
        }
    }
    assert_eq!(gone, [Some(31 * 60), Some(31 * 60)]);
    assert!(house.store.rows.lock().unwrap().is_empty());
    assert_eq!((one.remembered(), other.remembered()), (0, 0));
}

#[tokio::test]
async fn a_process_that_only_sweeps_does_not_end_what_another_uses() {
    let house = House::default();
    let (one, other) = (house.process(), house.process());
    let session = house.open(&one).await;
    for second in 1..=7_200_u32 {
        house.clock.pass(Duration::from_secs(1));
        if second % 300 == 0 {
            assert!(is_live(&other, &session).await);
        }
        if second % 30 == 0 {
            assert!(one.sweep(tenant(1), IDLE).await.unwrap().is_empty());
        }
    }
    assert_eq!(one.remembered(), 1);
    // Idle here for two hours, but not elsewhere: asked again once per idle time and not at every sweep.
    assert!(house.store.finds.load(Ordering::SeqCst) < 40);
}

#[tokio::test]
async fn what_a_late_call_found_ended_is_told_by_the_next_sweep() {
    let house = House::default();
    let (one, other) = (house.process(), house.process());
    let (expired, ended) = (house.open(&one).await, house.open(&one).await);
    assert!(other.end(tenant(1), "key", &ended.id).await.unwrap());
    house.clock.pass(IDLE);
    for session in [&expired, &ended, &expired, &ended] {
        assert!(!is_live(&one, session).await);
    }
    assert_eq!(one.remembered(), 0);
    assert_eq!(one.sweep(tenant(1), IDLE).await.unwrap(), [expired.id, ended.id]);
    assert!(one.sweep(tenant(1), IDLE).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_sweep_ends_so_many_at_a_time() {
    let house = House::default();
    let process = house.process();
    for _ in 0..2_500 {
        process.open(house.record(tenant(1), "key"), 10_000).await.unwrap();
    }
    house.clock.pass(IDLE * 2);
    let mut ended = Vec::new();
    for _ in 0..4 {
        ended.push(process.sweep(tenant(1), IDLE).await.unwrap().len());
    }

    assert_eq!(ended, [1_000, 1_000, 500, 0]);
    assert_eq!(process.remembered(), 0);
}

#[tokio::test]
async fn a_wall_clock_that_jumps_ends_nothing_and_saves_nothing() {
    for jump in [1_i64, -1] {
        let house = House::default();
        let process = house.process();
        let session = house.open(&process).await;
        house.clock.wall.fetch_add(jump * 86_400_000_000, Ordering::SeqCst);
        assert!(process.sweep(tenant(1), IDLE).await.unwrap().is_empty());
        house.clock.pass(Duration::from_mins(29));
        assert!(is_live(&process, &session).await);
        house.clock.pass(IDLE);
        assert!(!is_live(&process, &session).await);
    }
}
