//! A write that is repeated has one effect and one answer: in this process, in another, after a crash, side by side, and
//! for as long as it is promised.

use std::time::Duration;

use pm33_app::forget_calls;
use pm33_mcp::Class;
use pm33_tenancy::Clock;
use serde_json::{Value, json};

use crate::house::{Home, House, Key, Process};

const CREATE: &str = "pm33_create_work_item";

fn item(title: &str) -> Value {
    json!({ "type": "task", "title": title, "idempotency_key": "k-1", "on_duplicate": "create" })
}

async fn count(process: &Process, key: &Key) -> u64 {
    let all = json!({ "mode": "full", "limit": 1, "freshness": "newest" });
    process.tool(key, "pm33_query_backlog", all).await.result()["total"].as_u64().unwrap()
}

async fn settled(house: &House) -> (Process, Home, Key) {
    let process = house.process().await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    (process, home, key)
}

#[tokio::test]
async fn the_first_answer_comes_again_from_every_process_and_after_the_first_is_gone() {
    let house = House::new();
    let (process, home, key) = settled(&house).await;
    let first = process.tool(&key, CREATE, item("One")).await;
    let other = house.process().await;
    for again in [&process, &other] {
        let answer = again.tool(&key, CREATE, item("One")).await;
        assert_eq!(answer.result(), first.result());
    }
    // The same call with its fields in another order and the key in another place is the same call.
    let moved = json!({
        "name": CREATE, "arguments": { "on_duplicate": "create", "title": "One", "type": "task" },
        "_meta": { "dev.pm33/idempotencyKey": "k-1" },
    });
    assert_eq!(other.call(&key, "tools/call", moved).await.result(), first.result());
    drop((process, other));
    let later = house.process().await;
    assert_eq!(later.tool(&key, CREATE, item("One")).await.result(), first.result());
    assert_eq!(count(&later, &key).await, 1);
    let rows = later.rows(&home).await;
    let outcomes: Vec<_> = rows
        .iter()
        .filter(|row| row.target.as_deref() == Some(CREATE))
        .map(|row| row.outcome.as_str())
        .collect();
    assert_eq!(outcomes, ["done", "replayed", "replayed", "replayed", "replayed"]);
}

#[tokio::test]
async fn other_arguments_are_refused_in_words_and_write_nothing() {
    let house = House::new();
    let (process, _, key) = settled(&house).await;
    process.tool(&key, CREATE, item("One")).await.result();
    let words = process.tool(&key, CREATE, item("Two")).await.refusal();
    assert!(words.contains("other arguments") && words.contains("new key"), "{words}");
    let both = json!({
        "name": CREATE, "arguments": item("One"), "_meta": { "dev.pm33/idempotencyKey": "k-2" },
    });
    let words = process.call(&key, "tools/call", both).await.refusal();
    assert!(words.contains("different idempotency keys"), "{words}");
    assert_eq!(count(&process, &key).await, 1);
    for bad in ["", "a b", "ü", &"k".repeat(129)] {
        let arguments = json!({ "type": "task", "title": "Three", "idempotency_key": bad });
        let words = process.tool(&key, CREATE, arguments).await.refusal();
        assert!(words.contains("idempotency_key"), "{bad:?}: {words}");
    }
    assert_eq!(count(&process, &key).await, 1);
}

#[tokio::test]
async fn a_key_is_one_principals_in_one_tool_of_one_tenant() {
    let house = House::new();
    let (process, home, key) = settled(&house).await;
    let globex = process.settle("globex").await;
    let colleague = process.key(&home).await;
    let stranger = process.key(&globex).await;
    process.tool(&key, CREATE, item("One")).await.result();
    // For everybody else it is as if nobody had ever used it.
    let mine = process.tool(&colleague, CREATE, item("Two")).await.result();
    assert_eq!((&mine["action"], &mine["item"]["title"]), (&json!("created"), &json!("Two")));
    let theirs = process.tool(&stranger, CREATE, item("Three")).await.result();
    assert_eq!((&theirs["action"], &theirs["item"]["key"]), (&json!("created"), &json!("PAY-1")));
    let change = json!({ "item": "PAY-1", "priority": "high", "idempotency_key": "k-1" });
    assert_eq!(process.tool(&key, "pm33_update_work_item", change).await.result()["action"], "updated");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_side_by_side_in_two_processes_make_one_item() {
    let house = House::new();
    let (process, _, key) = settled(&house).await;
    let other = house.process().await;
    let calls = (0..24).map(|number: u32| {
        let process = if number.is_multiple_of(2) { &process } else { &other };
        let key = &key;
        async move {
            // A process that finds the writer taken for long says so, and the client repeats the call.
            for _ in 0..100 {
                let answer = process.tool(key, CREATE, item("One")).await;
                if answer.class == Class::Answer {
                    return answer;
                }
            }
            panic!("never answered");
        }
    });
    let answers = futures_util::future::join_all(calls).await;
    let first = answers[0].result();
    for answer in &answers {
        assert_eq!((answer.class.clone(), answer.result()), (Class::Answer, first.clone()));
    }
    assert_eq!(count(&process, &key).await, 1);
}

#[tokio::test]
async fn a_refused_call_and_a_dry_run_leave_the_key_free() {
    let house = House::new();
    let (process, _, key) = settled(&house).await;
    let bad = json!({ "type": "task", "title": "One", "team": "nobody", "idempotency_key": "k-1" });
    assert!(process.tool(&key, CREATE, bad).await.refusal().contains("no team"));
    let mut dry = item("Planned");
    dry["dry_run"] = json!(true);
    assert_eq!(process.tool(&key, CREATE, dry).await.result()["action"], "dry_run");
    assert_eq!(process.tool(&key, CREATE, item("One")).await.result()["action"], "created");
}

#[tokio::test]
async fn it_is_kept_for_two_days_and_then_forgotten() {
    let house = House::new();
    let (process, _, key) = settled(&house).await;
    let first = process.tool(&key, CREATE, item("One")).await.result();
    let forget = async || forget_calls(process.store(), &*house.clock as &dyn Clock).await.unwrap();
    house.clock.pass(Duration::from_hours(48).saturating_sub(Duration::from_secs(1)));
    assert_eq!(forget().await, 0);
    assert_eq!(process.tool(&key, CREATE, item("One")).await.result(), first);
    house.clock.pass(Duration::from_secs(1));
    // Over is over, also before it is swept.
    let second = process.tool(&key, CREATE, item("Two")).await.result();
    assert_eq!((&second["action"], &second["item"]["title"]), (&json!("created"), &json!("Two")));
    house.clock.pass(Duration::from_hours(48));
    assert_eq!(forget().await, 1);
    assert_eq!(forget().await, 0);
}
