//! Long calls as tasks, for clients that take them: their caller's alone, kept over a restart, settled whatever becomes of
//! their server.

use std::time::Duration;

use pm33_app::expire_holds;
use serde_json::{Value, json};

use crate::{
    house::{Answer, Key, Process},
    written_prds::{PRD, Scene, answer, scene},
};

/// A call of a client that takes tasks.
async fn call(process: &Process, key: &Key, method: &str, mut params: Value) -> Answer {
    params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": {
        "extensions": { "io.modelcontextprotocol/tasks": {} },
    } });
    process.call(key, method, params).await
}

/// Begins to write a document; the task's id.
async fn begin(scene: &Scene, item: &str) -> String {
    let arguments = json!({ "item": item, "template": "lean", "ask": false });
    let begun =
        call(&scene.process, &scene.key, "tools/call", json!({ "name": PRD, "arguments": arguments })).await;
    let result = begun.json()["result"].clone();
    assert_eq!((&result["resultType"], &result["status"]), (&json!("task"), &json!("working")), "{result}");
    assert!(result["ttlMs"].as_u64() > Some(0) && result.get("content").is_none(), "{result}");
    result["taskId"].as_str().unwrap().to_owned()
}

async fn get(process: &Process, key: &Key, id: &str) -> Answer {
    call(process, key, "tasks/get", json!({ "taskId": id })).await
}

/// Asks until it has ended; every state on the way.
async fn until_ended(scene: &Scene, id: &str) -> (Vec<Value>, Value) {
    let mut seen = Vec::new();
    loop {
        let told = get(&scene.process, &scene.key, id).await.json()["result"].clone();
        if told["status"] != "working" {
            return (seen, told);
        }
        seen.push(told);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// A model that takes a while for each answer.
fn slow(body: &str) -> String {
    std::thread::sleep(Duration::from_millis(120));
    answer(body, "It is slow.")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn a_long_call_becomes_a_task_that_nobody_else_finds_and_a_restart_keeps() {
    let scene = scene(slow).await;
    let item = scene.fill("").await;
    let id = begin(&scene, &item).await;
    let (seen, told) = until_ended(&scene, &id).await;
    assert_eq!(told["status"], "completed", "{told}");
    assert!(
        seen.iter().any(|one| one["statusMessage"].is_string()),
        "sections are told on the way: {seen:?}"
    );
    let made = &told["result"]["structuredContent"];
    assert_eq!((&made["made_by"], &made["action"]), (&json!("model"), &json!("created")), "{told}");
    let charged = made["micro_credits"].as_i64().unwrap();
    assert!(charged > 0 && told["result"]["_meta"]["dev.pm33/credits"]["charged"].is_string(), "{told}");
    let rows = scene.process.rows(&scene.home).await;
    let begun = rows.iter().find(|row| &*row.method == "system/task.begun").unwrap();
    assert_eq!(begun.target.as_deref(), Some(PRD));
    let row = rows.iter().find(|row| &*row.method == "tools/call" && row.micro_credits.is_some()).unwrap();
    assert_eq!((row.micro_credits, row.correlation), (Some(charged), begun.correlation));

    // Others are told the same as of a task that never was, byte for byte.
    let never = "0".repeat(64);
    let elsewhere = scene.process.settle("globex").await;
    for stranger in [scene.process.key(&elsewhere).await, scene.process.key(&scene.home).await] {
        for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
            let of = |id: &str| json!({ "taskId": id, "inputResponses": {} });
            let foreign = call(&scene.process, &stranger, method, of(&id)).await;
            assert_eq!(foreign.body, call(&scene.process, &stranger, method, of(&never)).await.body);
            assert_eq!(foreign.json()["error"]["code"], -32602, "{}", foreign.body);
        }
    }
    // Another server on the same data knows it too, until its time is over.
    let after = scene.house.process().await;
    assert_eq!(get(&after, &scene.key, &id).await.json()["result"], told);
    scene.house.clock.pass(Duration::from_mins(59));
    assert_eq!(get(&after, &scene.key, &id).await.json()["result"]["status"], "completed");
    scene.house.clock.pass(Duration::from_secs(61));
    assert_eq!(get(&after, &scene.key, &id).await.json()["error"]["code"], -32602);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_ran_when_its_server_died_is_told_as_failed_and_its_money_comes_back() {
    let scene = scene(|body| answer(body, "It is slow.")).await;
    let item = scene.fill("").await;
    let before = scene.available().await;
    scene.peer.hang();
    let id = begin(&scene, &item).await;
    scene.peer.asked().await;
    assert!(scene.sums().await[1] > 0, "held");
    // The first server says no more; another one begins on its data.
    let after = scene.house.process().await;
    assert_eq!(get(&after, &scene.key, &id).await.json()["result"]["status"], "working");
    scene.house.clock.pass(Duration::from_mins(16));
    let told = get(&after, &scene.key, &id).await.json()["result"].clone();
    assert_eq!(told["status"], "failed", "{told}");
    assert!(
        told["error"]["message"].as_str().unwrap().contains("call again") && told.get("result").is_none()
    );
    expire_holds(after.store(), &*scene.house.clock).await.unwrap();
    assert_eq!(scene.sums().await, [before, 0, 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_cancelled_task_is_stopped_at_the_provider_and_paid_for_what_was_used() {
    let scene = scene(|body| answer(body, "It is slow.")).await;
    let item = scene.fill("").await;
    let before = scene.available().await;
    scene.peer.hang();
    let id = begin(&scene, &item).await;
    scene.peer.asked().await;
    for _ in 0..2 {
        let told = call(&scene.process, &scene.key, "tasks/cancel", json!({ "taskId": id })).await.json();
        assert_eq!(told["result"]["resultType"], "complete", "{told}");
        assert!(told["result"].get("status").is_none(), "{told}");
    }
    scene.peer.hung_up(Duration::from_secs(1)).await;
    let (_, told) = until_ended(&scene, &id).await;
    assert_eq!(told["status"], "cancelled", "{told}");
    assert!(told.get("result").is_none() && told.get("error").is_none(), "{told}");
    let [available, held, spent] = scene.sums().await;
    assert!(held == 0 && spent > 0 && available + spent == before, "{available} {held} {spent} of {before}");
    let rows = scene.process.rows(&scene.home).await;
    let row = rows.iter().find(|row| &*row.method == "tools/call" && row.micro_credits.is_some()).unwrap();
    assert_eq!((&*row.outcome, row.micro_credits), ("cancelled", Some(spent)));
    let listed = scene.tool("pm33_get_document", json!({})).await;
    assert_eq!(listed["documents"], json!([]), "nothing of it was kept");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 8)]
async fn whoever_takes_no_tasks_waits_for_the_answer() {
    let scene = scene(slow).await;
    let item = scene.fill("").await;
    let made = scene.tool(PRD, json!({ "item": item, "template": "lean", "ask": false })).await;
    assert_eq!(made["made_by"], "model", "{made}");
    let refused =
        scene.process.call(&scene.key, "tasks/get", json!({ "taskId": "0".repeat(64) })).await.json();
    assert_eq!(refused["error"]["code"], -32021, "{refused}");
}
