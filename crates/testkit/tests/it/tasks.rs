//! Long calls as tasks, for clients that take them: their caller's alone, kept over a restart, settled whatever becomes of
//! their server.

use std::time::Duration;

use pm33_app::{act, catalogue, expire_holds};
use pm33_auth::{KeyRequest, Scope, ScopeSet};
use pm33_mcp::{Carrier, ClientFacts, CorrelationId, HttpFields, Inbound, Reply};
use pm33_tenancy::{Administration, Clock, TenantSettings};
use pm33_tools::{Answer as Told, Content, Cost, Effect, Question, ToolEntry, ToolSpec};
use serde_json::{Value, json};

use crate::{
    house::{self, Answer, House, Key, Process},
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
        tokio::time::sleep(Duration::from_millis(60)).await;
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
    let lesser = |request: &mut KeyRequest| request.scopes = [Scope::BacklogRead].into_iter().collect();
    for stranger in [
        scene.process.key(&elsewhere).await,
        scene.process.key(&scene.home).await,
        scene.process.mint(&scene.home, lesser).await,
    ] {
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
    scene.house.clock.pass(Duration::from_secs(61));
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

/// A request of a client that takes tasks, by a key that has only these scopes left.
async fn narrowed(process: &Process, key: &Key, method: &str, id: &str, scopes: ScopeSet) -> Value {
    let mut caller = process.caller(key).await.unwrap();
    caller.scopes = scopes;
    let params = json!({ "taskId": id, "inputResponses": {}, "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": { "extensions": { "io.modelcontextprotocol/tasks": {} } },
    } });
    let fields = HttpFields {
        protocol_version: vec!["2026-07-28".into()],
        method: vec![method.to_owned().into()],
        name: vec![id.to_owned().into()],
        ..HttpFields::default()
    };
    let inbound = Inbound {
        body: json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params }).to_string().into(),
        carrier: Carrier::Http(fields),
        caller,
        client: ClientFacts::default(),
        correlation: CorrelationId::new(process.foundation.clock.now()),
    };
    let Reply::One(message) = process.server.handle(inbound).await else { panic!("a message") };
    house::answer(message).json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_that_has_lost_its_tools_scope_reaches_its_task_no_more() {
    let scene = scene(|body| answer(body, "It is slow.")).await;
    let item = scene.fill("").await;
    scene.peer.hang();
    let id = begin(&scene, &item).await;
    scene.peer.asked().await;
    let left: ScopeSet = [Scope::BacklogRead, Scope::DocumentsRead].into_iter().collect();
    for method in ["tasks/get", "tasks/update", "tasks/cancel"] {
        let refused = narrowed(&scene.process, &scene.key, method, &id, left).await;
        let words = refused["error"].to_string();
        assert!(words.contains("ai:generate") && refused.get("result").is_none(), "{method}: {refused}");
    }
    // It was not cancelled by that, and whoever has the scopes may.
    let told = get(&scene.process, &scene.key, &id).await.json()["result"].clone();
    assert_eq!(told["status"], "working", "{told}");
    let whole = narrowed(&scene.process, &scene.key, "tasks/cancel", &id, ScopeSet::all()).await;
    assert_eq!(whole["result"]["resultType"], "complete", "{whole}");
    scene.peer.hung_up(Duration::from_secs(1)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_task_is_alive_as_long_as_its_server_gives_signs_and_is_cancelled_from_another() {
    let scene = scene(|body| answer(body, "It is slow.")).await;
    let item = scene.fill("").await;
    let before = scene.available().await;
    scene.peer.hang();
    let id = begin(&scene, &item).await;
    scene.peer.asked().await;
    let other = scene.house.process().await;
    // The better part of a lease again and again, with time for a sign in between: it was renewed, and so was its hold,
    // which lives a minute without one.
    for _ in 0..3 {
        scene.house.clock.pass(Duration::from_secs(25));
        let told = get(&other, &scene.key, &id).await.json()["result"].clone();
        assert_eq!(told["status"], "working", "{told}");
        tokio::time::sleep(Duration::from_millis(2_500)).await;
        assert_eq!(expire_holds(other.store(), &*scene.house.clock).await.unwrap(), 0);
    }
    assert!(scene.sums().await[1] > 0, "held");
    let told = call(&other, &scene.key, "tasks/cancel", json!({ "taskId": id })).await.json();
    assert_eq!(told["result"]["resultType"], "complete", "{told}");
    scene.peer.hung_up(Duration::from_secs(5)).await;
    let (_, told) = until_ended(&scene, &id).await;
    assert_eq!(told["status"], "cancelled", "{told}");
    assert_eq!(get(&other, &scene.key, &id).await.json()["result"], told);
    let [available, held, spent] = scene.sums().await;
    assert!(held == 0 && available + spent == before, "{available} {held} {spent} of {before}");
}

/// A tool that takes long, says what it is at, and asks.
fn asking() -> ToolEntry {
    let spec = ToolSpec {
        name: "pm33_probe_asking",
        title: "Probe",
        description: "Asks after a while.",
        scopes: &[Scope::BacklogRead],
        effect: Effect::Create,
        cost: Cost::Heavy,
    };
    let nothing = json!({ "type": "object", "properties": {} });
    ToolEntry::untyped(spec, &nothing, |ctx, _| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_millis(600)).await;
            ctx.client.progress(1.0, Some(2.0), Some("about to ask"));
            let mut said = Vec::new();
            for round in 1..=2 {
                let schema = json!({ "type": "object", "properties": { "name": { "type": "string" } }, "required": ["name"] });
                let params = json!({ "message": format!("Who, {round}?"), "requestedSchema": schema });
                let question = Question { key: "who".to_owned(), method: "elicitation/create", params };
                said.push(ctx.client.ask(vec![question], None).await?["who"]["content"]["name"].to_string());
            }
            Ok(Told { content: vec![Content::Text(said.join(" and "))], ..Told::default() })
        })
    })
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_task_asks_is_told_and_answered_through_another_server() {
    let house = House::new();
    let process = house.process_of(|_| {}, catalogue().unwrap().with_tool(asking())).await;
    let other = house.process_of(|_| {}, catalogue().unwrap().with_tool(asking())).await;
    let home = process.settle("acme").await;
    let key = process.key(&home).await;
    // The clock stands, and whoever asks often would come to a limit.
    let many = Some(10_000);
    let settings = TenantSettings {
        calls_per_minute_key: many,
        calls_per_minute_tenant: many,
        ..TenantSettings::default()
    };
    let session = process.store().operator();
    session.put_settings(home.tenant, &settings).await.unwrap();
    session.commit(act(home.tenant, "admin/tenant.settings", None, house.clock.now())).await.unwrap();
    other.look().await;
    let send = async |process: &Process, method: &str, mut params: Value| {
        params["_meta"] = json!({ "io.modelcontextprotocol/clientCapabilities": {
            "elicitation": {}, "extensions": { "io.modelcontextprotocol/tasks": {} },
        } });
        let told = process.call(&key, method, params).await.json();
        assert!(told.get("result").is_some(), "{told}");
        told["result"].clone()
    };
    let begun = send(&process, "tools/call", json!({ "name": "pm33_probe_asking", "arguments": {} })).await;
    let id = begun["taskId"].as_str().unwrap().to_owned();
    let until = async |wanted: &str| {
        loop {
            let told = send(&other, "tasks/get", json!({ "taskId": id })).await;
            if told["status"] == wanted || told["inputRequests"]["who"]["params"]["message"] == wanted {
                return told;
            }
            assert!(told["status"] == "working" || told["status"] == "input_required", "{told}");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let update = async |content: Value| {
        let replies = json!({ "who": { "action": "accept", "content": content }, "nobody": {} });
        send(&other, "tasks/update", json!({ "taskId": id, "inputResponses": replies })).await
    };
    let told = until("Who, 1?").await;
    assert_eq!(
        (&told["status"], &told["statusMessage"]),
        (&json!("input_required"), &json!("about to ask")),
        "{told}"
    );
    // What is no answer is passed over, and one that is counts after it; the second question has its own.
    update(json!({ "name": 7 })).await;
    update(json!({ "name": "Ada" })).await;
    until("Who, 2?").await;
    update(json!({ "name": "Grace" })).await;
    let told = until("completed").await;
    assert_eq!(told["result"]["content"][0]["text"], "\"Ada\" and \"Grace\"", "{told}");
    assert_eq!(send(&process, "tasks/get", json!({ "taskId": id })).await, told);
}
