//! Another tenant's ids, names and words answer like unknown ones, byte for byte: every text argument of every tool,
//! every variable of every resource, every argument of every prompt and completion that the registry has.

use std::collections::BTreeMap;

use pm33_app::act;
use pm33_product::{
    Author, Backlog, External, ItemId, ItemType, NewItem, Objective, ObjectiveId, ObjectiveStatus, Sprint,
    SprintId, Strategy, Team, TeamId,
};
use pm33_tenancy::{Administration, Clock, TenantSettings, WorkspaceAccess, open_workspace};
use serde_json::{Value, json};

use crate::house::{Home, House, Key, Process};

/// A word that stands in every text of the other tenant and nowhere else.
const CANARY: &str = "zanzibar";

/// What the other tenant has, each beside a name of the same kind that nobody has.
async fn pairs(process: &Process, other: &Home) -> Vec<(String, String)> {
    let now = process.foundation.clock.now();
    let session = process.store().session(other.tenant);
    let (at, _) = open_workspace(&session, other.tenant, &WorkspaceAccess::All, None).await.unwrap();
    let team = Team {
        id: TeamId::new(now),
        name: format!("{CANARY} team").into(),
        capacity_per_week: None,
        wip_limit: None,
        skills: Vec::new(),
        calendar: None,
    };
    session.put_team(at, &team).await.unwrap();
    let day = "2026-10-01".parse().unwrap();
    let sprint = Sprint {
        id: SprintId::new(now),
        team: team.id,
        name: format!("{CANARY} sprint").into(),
        start: day,
        end: day,
        committed: Vec::new(),
    };
    session.put_sprint(at, &sprint).await.unwrap();
    let objective = Objective {
        id: ObjectiveId::new(now),
        title: format!("{CANARY} objective").into(),
        statement: CANARY.to_owned(),
        period: "2026-Q4".to_owned(),
        theme: None,
        weight: 1.0,
        status: ObjectiveStatus::Active,
        owner: None,
        key_results: Vec::new(),
    };
    session.put_objective(at, &objective).await.unwrap();
    let mut last = None;
    for number in 0..5 {
        let item = NewItem {
            description: CANARY.to_owned(),
            assignee: Some(CANARY.to_owned()),
            labels: vec![CANARY.to_owned()],
            external: Some(External { source: CANARY.to_owned(), id: number.to_string() }),
            ..NewItem::titled(ItemId::new(now), ItemType::Epic, format!("{CANARY} item {number}"))
        };
        last = Some(session.create(at, item, Author { user: Some(other.user), at: now }).await.unwrap());
    }
    session.commit(act(other.tenant, "admin/import", None, now)).await.unwrap();
    let item = last.unwrap();
    let unknown = || uuid::Uuid::new_v4().to_string();
    let mut pairs: Vec<(String, String)> = [
        (format!("PAY-{}", item.number), "PAY-9".to_owned()),
        (CANARY.to_owned(), "quagmire".to_owned()),
        (format!("{CANARY}:4"), "quagmire:4".to_owned()),
        (format!("{CANARY} team"), "quagmire team".to_owned()),
        (format!("{CANARY} sprint"), "quagmire sprint".to_owned()),
        (format!("{CANARY} objective"), "quagmire objective".to_owned()),
        (format!("{CANARY} item 4"), "quagmire item 4".to_owned()),
        ("elsewhere".to_owned(), "nowhere-x".to_owned()),
    ]
    .into();
    for id in [
        item.id.uuid(),
        team.id.uuid(),
        sprint.id.uuid(),
        objective.id.uuid(),
        other.workspace.uuid(),
        other.tenant.uuid(),
        other.user.uuid(),
    ] {
        pairs.push((id.to_string(), unknown()));
    }
    pairs
}

/// Places of a schema that take a text: paths of property names, `*` for the items of a list.
fn texts(schema: &Value, path: &str, found: &mut Vec<String>) {
    let kinds = &schema["type"];
    let is = |kind: &str| kinds == kind || kinds.as_array().is_some_and(|all| all.contains(&json!(kind)));
    if is("string") && schema.get("enum").is_none() && schema.get("format").is_none() {
        found.push(path.to_owned());
    }
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        texts(property, &format!("{path}/{name}"), found);
    }
    if schema["items"].is_object() {
        texts(&schema["items"], &format!("{path}/*"), found);
    }
    for choice in schema["anyOf"].as_array().into_iter().flatten() {
        texts(choice, path, found);
    }
}

/// The example's arguments with a text put at a path; required neighbours are filled in.
fn with(example: &str, schema: &Value, path: &str, text: &str) -> Value {
    let mut arguments: Value = serde_json::from_str(example).unwrap();
    if schema["properties"]["dry_run"].is_object() {
        arguments["dry_run"] = json!(true);
    }
    // A count of the caller's own calls grows with each of them.
    arguments.as_object_mut().unwrap().remove("chain");
    if path.starts_with("/external") {
        // An item is named in one way.
        arguments.as_object_mut().unwrap().remove("item");
    }
    let (mut place, mut shape) = (&mut arguments, schema);
    for step in path.split('/').skip(1) {
        if let Some(choices) = shape["anyOf"].as_array() {
            shape = choices.iter().find(|one| one["properties"].is_object()).unwrap_or(shape);
        }
        if step == "*" {
            *place = json!([null]);
            (place, shape) = (&mut place[0], &shape["items"]);
        } else {
            if !place.is_object() {
                let needed = shape["required"].as_array().into_iter().flatten();
                *place = needed.map(|name| (name.as_str().unwrap().to_owned(), json!("x"))).collect();
            }
            (place, shape) = (&mut place[step], &shape["properties"][step]);
        }
    }
    *place = json!(text);
    arguments
}

/// An answer without what differs by chance: the asked text and fresh ids.
fn plain(body: &str, asked: &str) -> String {
    let mut body = body.replace(asked, "ASKED").replace(&asked.replace(' ', "%20"), "ASKED");
    // A source and an id are repeated apart.
    if let Some((source, _)) = asked.split_once(':') {
        body = body.replace(source, "ASKED");
    }
    let mut text = String::new();
    let mut rest = body.as_str();
    while let Some(first) = rest.chars().next() {
        let head = rest.get(..36).filter(|head| uuid::Uuid::parse_str(head).is_ok());
        let length = head.map_or(first.len_utf8(), str::len);
        text.push_str(if head.is_some() { "ID" } else { &rest[..length] });
        rest = &rest[length..];
    }
    text
}

struct Matrix<'a> {
    process: &'a Process,
    key: &'a Key,
    asked: usize,
}

impl Matrix<'_> {
    async fn compare(&mut self, method: &str, params: impl Fn(&str) -> Value, pair: &(String, String)) {
        let (foreign, unknown) = pair;
        let mut told = Vec::new();
        for text in [foreign, unknown] {
            let answer = self.process.call(self.key, method, params(text)).await;
            let plain = plain(&answer.body, text);
            assert!(!plain.contains(CANARY), "{method} {}: {plain}", params(text));
            told.push((answer.class, plain));
        }
        assert_eq!(told[0], told[1], "{method} {}", params(foreign));
        self.asked += 1;
    }
}

#[tokio::test]
async fn what_another_tenant_has_reads_like_what_nobody_has() {
    let house = House::new();
    let process = house.process().await;
    let (home, other) = (process.settle("acme").await, process.settle("globex").await);
    let session = process.store().session(home.tenant);
    let many = Some(1_000_000);
    let limits = TenantSettings {
        calls_per_minute_key: many,
        calls_per_minute_tenant: many,
        ai_calls_per_minute_key: Some(100_000),
        ai_calls_per_minute_tenant: Some(100_000),
        ..Default::default()
    };
    session.put_settings(home.tenant, &limits).await.unwrap();
    session.commit(act(home.tenant, "admin/tenant.settings", None, house.clock.now())).await.unwrap();
    process.look().await;
    let key = process.key(&home).await;
    let own = json!({ "type": "task", "title": "Own item" });
    process.tool(&key, "pm33_create_work_item", own).await.result();
    let pairs = pairs(&process, &other).await;
    let catalogue = process.server.catalogue();
    let mut matrix = Matrix { process: &process, key: &key, asked: 0 };
    for tool in catalogue.tools() {
        let schema: Value = serde_json::from_str(tool.input_schema.get()).unwrap();
        let mut places = Vec::new();
        texts(&schema, "", &mut places);
        assert!(!places.is_empty(), "{} takes no text", tool.spec.name);
        // What the rule gate says of a text depends on the text: ids that differ in their digits are two texts.
        places.retain(|place| !place.ends_with("markdown") && !place.ends_with("text"));
        let example = tool.example.replace("HAR-1", "PAY-1").replace(r#""team":"Checkout","#, "");
        for place in &places {
            for pair in &pairs {
                let call = |text: &str| json!({ "name": tool.spec.name, "arguments": with(&example, &schema, place, text) });
                matrix.compare("tools/call", call, pair).await;
            }
        }
    }
    for resource in catalogue.resources() {
        let uri = resource.spec().uri;
        let variables: Vec<_> = uri.split('{').skip(1).filter_map(|rest| rest.split('}').next()).collect();
        for variable in &variables {
            for pair in &pairs {
                let filled = |text: &str| {
                    let uri = uri.replace(&format!("{{{variable}}}"), &text.replace(' ', "%20"));
                    uri.replace("{workspace}", "main").replace("{key}", "PAY-1")
                };
                let read = |text: &str| json!({ "uri": filled(text) });
                matrix.compare("resources/read", read, pair).await;
                let reference = json!({ "type": "ref/resource", "uri": uri });
                let complete = |text: &str| {
                    json!({ "ref": reference, "argument": { "name": variable, "value": text },
                            "context": { "arguments": { "workspace": "main" } } })
                };
                matrix.compare("completion/complete", complete, pair).await;
                let within = |text: &str| {
                    json!({ "ref": reference, "argument": { "name": variable, "value": "" },
                            "context": { "arguments": BTreeMap::from([("workspace", text)]) } })
                };
                matrix.compare("completion/complete", within, pair).await;
            }
        }
    }
    for prompt in catalogue.prompts() {
        for argument in prompt.spec().arguments {
            for pair in &pairs {
                let name = prompt.spec().name;
                let get = |text: &str| json!({ "name": name, "arguments": { argument.name: text } });
                matrix.compare("prompts/get", get, pair).await;
                let complete = |text: &str| {
                    json!({ "ref": { "type": "ref/prompt", "name": name },
                            "argument": { "name": argument.name, "value": text } })
                };
                matrix.compare("completion/complete", complete, pair).await;
            }
        }
    }
    assert!(matrix.asked > 400, "{}", matrix.asked);
    for method in ["resources/list", "tools/list", "prompts/list", "resources/templates/list"] {
        let listed = process.call(&key, method, json!({})).await.body;
        assert!(!listed.contains(CANARY) && !listed.contains("elsewhere"), "{listed}");
    }
}
