//! What is kept of tasks on both engines: signs of life are written over, wishes are heard, an end outlives both, and all of
//! it is its owner's alone.

use std::time::Duration;

use pm33_admission::{
    BegunTask, EndedTask, TaskEnd, TaskId, TaskOwner, TaskRecord, Wish, begin_task, end_task, find_task,
    find_wish, note_wish, renew_task,
};
use serde_json::json;

use crate::bench::{Bench, Home, on_both, settle};

on_both!(
    a_task_is_alive_as_long_as_it_is_renewed_and_its_end_stays,
    what_is_told_to_a_task_is_heard_and_the_newest_counts,
    a_task_is_its_owners_alone,
);

const LEASE: Duration = Duration::from_secs(30);

fn owner(home: &Home, principal: &str) -> TaskOwner {
    TaskOwner { tenant: home.tenant, principal: principal.to_owned() }
}

fn begun(home: &Home) -> BegunTask {
    BegunTask {
        tool: "pm33_generate_prd".to_owned(),
        created: home.now,
        lost: home.now.plus(LEASE),
        expires: home.now.plus(Duration::from_hours(1)),
        message: None,
        asked: serde_json::Map::new(),
        round: 0,
    }
}

async fn begin(home: &Home, owner: &TaskOwner) -> TaskId {
    let (session, id) = (home.session(), TaskId::random());
    begin_task(&session, owner, &id, &begun(home)).await.unwrap();
    session.commit(home.event()).await.unwrap();
    id
}

async fn a_task_is_alive_as_long_as_it_is_renewed_and_its_end_stays(bench: Bench) {
    let home = bench.settled().await;
    let owner = owner(&home, "key");
    let id = begin(&home, &owner).await;
    let after = async |span| find_task(&home.session(), &owner, &id, home.now.plus(span)).await.unwrap();
    let late = LEASE + Duration::from_secs(5);
    assert_eq!(after(Duration::ZERO).await, Some(TaskRecord::Begun(begun(&home))));
    assert_eq!(after(late).await, Some(TaskRecord::Lost(begun(&home))));

    let asked = json!({ "who": { "method": "elicitation/create", "params": {} } });
    let alive = BegunTask {
        lost: home.now.plus(LEASE * 2),
        message: Some("Problem".to_owned()),
        asked: asked.as_object().unwrap().clone(),
        round: 1,
        ..begun(&home)
    };
    let session = home.session();
    assert!(renew_task(&session, &owner, &id, &alive).await.unwrap());
    session.keep().await.unwrap();
    assert_eq!(after(late).await, Some(TaskRecord::Begun(alive.clone())));
    // What is not there is not made by a sign of life.
    let session = home.session();
    assert!(!renew_task(&session, &owner, &TaskId::random(), &alive).await.unwrap());

    let session = home.session();
    let ended = EndedTask {
        tool: alive.tool.clone(),
        created: home.now,
        ended: home.now.plus(late),
        expires: alive.expires,
        end: TaskEnd::Completed,
        answer: "{}".to_owned(),
    };
    end_task(&session, &owner, &id, &ended).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let session = home.session();
    renew_task(&session, &owner, &id, &alive).await.unwrap();
    session.keep().await.unwrap();
    for span in [Duration::ZERO, LEASE * 3] {
        assert_eq!(after(span).await, Some(TaskRecord::Ended(ended.clone())));
    }
    assert_eq!(after(Duration::from_hours(1)).await, None);
}

async fn what_is_told_to_a_task_is_heard_and_the_newest_counts(bench: Bench) {
    let home = bench.settled().await;
    let owner = owner(&home, "key");
    let id = begin(&home, &owner).await;
    let heard = async |wish: Wish<'_>| find_wish(&home.session(), &owner, &id, wish).await.unwrap();
    let tell = async |wish: Wish<'_>, value| {
        let session = home.session();
        let times = (home.now, begun(&home).expires);
        note_wish(&session, &owner, &id, (wish, &value), times).await.unwrap();
        session.commit(home.event()).await.unwrap();
    };
    assert_eq!(heard(Wish::Stop).await, None);
    tell(Wish::Stop, json!(null)).await;
    tell(Wish::Stop, json!(null)).await;
    assert_eq!(heard(Wish::Stop).await, Some(json!(null)));
    tell(Wish::Reply(1, "who"), json!(1)).await;
    tell(Wish::Reply(1, "who"), json!(2)).await;
    tell(Wish::Reply(2, "who"), json!(3)).await;
    assert_eq!(heard(Wish::Reply(1, "who")).await, Some(json!(2)));
    assert_eq!(heard(Wish::Reply(2, "who")).await, Some(json!(3)));
    assert_eq!(heard(Wish::Reply(2, "what")).await, None);
}

async fn a_task_is_its_owners_alone(bench: Bench) {
    let home = bench.settled().await;
    let foreign = settle(home.store.clone(), &bench.clock, "globex").await;
    let mine = owner(&home, "key");
    let id = begin(&home, &mine).await;
    assert!(find_task(&home.session(), &mine, &id, home.now).await.unwrap().is_some());
    // Another key of the tenant, and the same words at another tenant.
    let others = [(&home, owner(&home, "other")), (&foreign, owner(&foreign, "key"))];
    for (place, other) in others {
        assert_eq!(find_task(&place.session(), &other, &id, home.now).await.unwrap(), None);
        let session = place.session();
        assert!(!renew_task(&session, &other, &id, &begun(&home)).await.unwrap());
    }
    // Another tenant's session does not ask in this one's name.
    assert!(find_task(&foreign.session(), &mine, &id, home.now).await.is_err());
    assert!(renew_task(&foreign.session(), &mine, &id, &begun(&home)).await.is_err());
}
