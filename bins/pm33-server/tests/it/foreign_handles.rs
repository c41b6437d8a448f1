//! What an organisation was given in answers (ids of everything that it can make, cursors, sealed handles) and the
//! idempotency keys that it used, tried by another one in every argument: each answers like one that nobody ever had, and
//! nothing of the first one's comes out (governance §6).

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::{
    desk::{Filling, epic, fill, item, team, year},
    foreign::{Shape, changed, nobodys, shape},
    home::Home,
    registry::{example, input, offered},
    served::Served,
};

const CANARY: &str = "Zq7canary";

/// An organisation of this test.
struct Party<'a> {
    server: &'a Served,
    key: &'a str,
    name: &'static str,
}

impl Party<'_> {
    fn call(&self, tool: &str, arguments: &Value) -> Value {
        let mut socket = self.server.connect().expect("a connection");
        let answer = self.server.tool(&mut socket, self.key, tool, arguments).expect("an answer");
        let result = answer.json()["result"].clone();
        assert!(
            answer.status == 200 && result["isError"] != true,
            "{} {tool} {arguments}: {result}",
            self.name
        );
        result["structuredContent"].clone()
    }

    /// What a call was answered, without what was asked.
    fn shape(&self, method: &str, params: Value, asked: &str) -> Shape {
        let name =
            ["name", "uri"].iter().find_map(|field| params[field].as_str()).unwrap_or_default().to_owned();
        shape(self.server, self.key, method, &name, params, asked)
    }
}

/// A workspace of a canary: a team with history, so that it can be forecast, epics, and two open items.
fn filling(canary: &str) -> Filling {
    let teams = vec![team(&format!("{canary} team"), Some(20.0))];
    let mut items: Vec<_> =
        (0..3).map(|number| epic(&format!("{canary} {number}"), 8.0, Some(teams[0].id))).collect();
    items.push(item(pm33_product::ItemType::Story, &format!("{canary} open"), Some(teams[0].id)));
    items.extend(year(teams[0].id));
    Filling { teams, items }
}

/// Makes everything that has an id, each with an idempotency key; the calls, and their answers.
fn made(party: &Party<'_>, prefix: &str, canary: &str) -> Vec<(&'static str, Value, Value)> {
    let first = format!("{prefix}-1");
    let changes = json!([{ "change": "set_due", "epic": first, "due_date": "2031-03-31" }]);
    let mut calls = Vec::new();
    let mut call = |tool: &'static str, mut arguments: Value| {
        if offered().tool(tool).is_some_and(|tool| input(tool)["properties"]["idempotency_key"].is_object()) {
            arguments["idempotency_key"] = json!(format!("{canary}-{}", calls.len()));
        }
        let answer = party.call(tool, &arguments);
        calls.push((tool, arguments, answer.clone()));
        answer
    };
    let objective = json!({ "title": format!("{canary} objective"), "period": "2027-Q1",
        "key_results": [{ "title": canary, "baseline": 18, "target": 3, "unit": "%" }] });
    call("pm33_manage_objective", json!({ "objective": objective }));
    call(
        "pm33_create_work_item",
        json!({ "type": "task", "title": format!("{canary} task"), "on_duplicate": "create" }),
    );
    call("pm33_manage_competitor", json!({ "competitor": format!("{canary} rival"), "tier": 2 }));
    call("pm33_generate_prd", json!({ "item": first, "template": "one_pager", "ask": false }));
    call(
        "pm33_edit_document",
        json!({ "title": format!("{canary} note"), "markdown": format!("# {canary}\n\n## Problem\n\n{canary}") }),
    );
    call("pm33_save_forecast", json!({ "name": format!("{canary} promise"), "forecast": {} }));
    call("pm33_privacy_request", json!({ "action": "file", "kind": "access", "details": canary }));
    call("pm33_simulate_scenario", json!({ "changes": changes }));
    call("pm33_query_backlog", json!({ "limit": 1, "columns": "full" }));
    call("pm33_get_document", json!({}));
    call("pm33_compare_forecasts", json!({}));
    call("pm33_query_audit_log", json!({ "limit": 3 }));
    calls
}

/// Ids and sealed texts in an answer, by themselves; each with the name of its field.
fn given(value: &Value, field: &str, found: &mut BTreeMap<String, String>) {
    match value {
        Value::String(text) => {
            let is_id = text.parse::<pm33_tenancy::UserId>().is_ok();
            let is_sealed = text.len() > 40
                && text.bytes().all(|one| one.is_ascii_alphanumeric() || b"-_".contains(&one));
            if is_id || is_sealed {
                found.insert(text.clone(), field.to_owned());
            }
        }
        Value::Array(all) => all.iter().for_each(|one| given(one, field, found)),
        Value::Object(all) => all.iter().for_each(|(name, one)| given(one, name, found)),
        _ => {}
    }
}

/// Places of an object's texts and lists of texts by a schema.
fn places(schema: &Value) -> Vec<(String, bool)> {
    let is = |about: &Value, kind: &str| {
        about["type"] == kind || about["type"].as_array().is_some_and(|all| all.contains(&json!(kind)))
    };
    let fields = schema["properties"].as_object().into_iter().flatten();
    fields
        .filter(|(field, about)| about.get("enum").is_none() && *field != "idempotency_key")
        .filter_map(|(field, about)| {
            let is_text = is(about, "string");
            let is_list = is(about, "array") && is(&about["items"], "string");
            (is_text || is_list).then(|| (field.clone(), is_list))
        })
        .collect()
}

fn fuzz(home: &Home) {
    home.look(async |foundation| {
        for number in 0..2 {
            fill(foundation, number, filling(&format!("{CANARY}{number}"))).await;
        }
    });
    let server = Served::start(home, &[]);
    let [owner, other] = [(0, "owner"), (1, "other")].map(|(number, name)| Party {
        server: &server,
        key: &home.keys[number].1,
        name,
    });
    let canary = format!("{CANARY}0");
    let theirs = made(&owner, "W0", &canary);
    made(&other, "W1", &format!("{CANARY}1"));
    let mut all = BTreeMap::new();
    for (_, _, answer) in &theirs {
        given(answer, "", &mut all);
    }
    for needed in ["next_cursor", "confirm", "id"] {
        assert!(all.values().any(|field| field == needed), "no {needed} among {all:?}");
    }
    // For its owner each of the handles opens what it is for.
    let of = |field: &str| all.iter().find(|(_, name)| *name == field).expect(field).0.clone();
    let page = json!({ "limit": 1, "columns": "full", "cursor": of("next_cursor") });
    assert!(owner.call("pm33_query_backlog", &page)["items"].is_array());

    let mut asked = 0;
    let mut alike = |method: &str, params: &dyn Fn(&str) -> Value, one: &str, none: &str| {
        let (found, missing) =
            (other.shape(method, params(one), one), other.shape(method, params(none), none));
        assert_eq!(found, missing, "{method} {}", params(one));
        let others = all.keys().find(|id| *id != one && found.body.contains(*id));
        assert!(
            !found.body.contains(&canary) && others.is_none(),
            "{method} {}: {}",
            params(one),
            found.body
        );
        asked += 1;
    };
    // One of each sort; all others are looked for in every answer.
    let sorts: BTreeMap<&String, &String> = all.iter().map(|(one, field)| (field, one)).collect();
    let pairs: Vec<_> = sorts
        .into_values()
        .map(|one| if one.len() == 36 { nobodys(one) } else { (one.clone(), changed(one, 0..one.len() - 2)) })
        .collect();
    for tool in offered().tools() {
        for (field, is_list) in places(&input(tool)) {
            for (one, none) in &pairs {
                let params = |text: &str| {
                    let mut arguments = example(tool);
                    arguments.remove("chain");
                    let value = if is_list { json!([text]) } else { json!(text) };
                    arguments.insert(field.clone(), value);
                    json!({ "name": tool.spec.name, "arguments": arguments })
                };
                alike("tools/call", &params, one, none);
            }
        }
        // Whatever was sealed for another call or caller is no state of this one.
        for (one, none) in pairs.iter().filter(|(one, _)| one.len() != 36) {
            let params = |text: &str| json!({ "name": tool.spec.name, "arguments": example(tool), "requestState": text });
            alike("tools/call", &params, one, none);
        }
    }
    for resource in offered().resources().filter(|resource| resource.spec().is_template()) {
        let uri = resource.spec().uri;
        let variables = uri.split('{').skip(1).filter_map(|rest| rest.split('}').next());
        for variable in variables {
            for (one, none) in &pairs {
                let at = |text: &str| {
                    let uri = uri.replace(&format!("{{{variable}}}"), text);
                    let uri = uri.replace("{workspace}", "main").replace("{key}", "W1-1");
                    uri.replace("{document}", "none")
                };
                alike("resources/read", &|text| json!({ "uri": at(text) }), one, none);
                let complete = |text: &str| {
                    json!({ "ref": { "type": "ref/resource", "uri": uri }, "argument": { "name": variable, "value": text },
                            "context": { "arguments": { "workspace": "main" } } })
                };
                alike("completion/complete", &complete, one, none);
            }
        }
    }
    assert!(asked > 400, "{asked}");
    reused(&other, &theirs, &all, &canary);
}

/// Calls with the idempotency keys that another organisation used: a first answer is given to its own caller alone, and a
/// key is taken for nobody else.
fn reused(other: &Party<'_>, theirs: &[(&str, Value, Value)], all: &BTreeMap<String, String>, canary: &str) {
    let mut tried = 0;
    for (tool, arguments, _) in
        theirs.iter().filter(|(_, arguments, _)| arguments["idempotency_key"].is_string())
    {
        // Their words and keys would be told back for being asked, and their items are not there.
        let mut own = example(offered().tool(tool).expect("a tool"));
        own.insert("idempotency_key".to_owned(), arguments["idempotency_key"].clone());
        let mut fresh = own.clone();
        fresh.insert("idempotency_key".to_owned(), json!(format!("never-used-{tool}")));
        let ask = |arguments: &serde_json::Map<String, Value>| {
            let key = arguments["idempotency_key"].as_str().expect("a key").to_owned();
            other.shape("tools/call", json!({ "name": tool, "arguments": arguments }), &key)
        };
        let (used, unused) = (ask(&own), ask(&fresh));
        assert_eq!(used, unused, "{tool}");
        // And the very call: what comes is not what they were answered.
        let same = other.shape("tools/call", json!({ "name": tool, "arguments": arguments }), canary);
        let leaked = all.keys().find(|id| same.body.contains(*id) && !arguments.to_string().contains(*id));
        assert!(leaked.is_none(), "{tool}: {leaked:?} in {}", same.body);
        assert!(!same.body.contains("\"replayed\""), "{tool}: {}", same.body);
        tried += 1;
    }
    assert!(tried >= 6, "{tried}");
}

#[test]
fn what_others_were_given_answers_like_what_nobody_was_given() {
    fuzz(&Home::sqlite(2));
}

#[test]
fn what_others_were_given_answers_like_what_nobody_was_given_on_postgresql() {
    if let Some(home) = Home::postgres(2) {
        fuzz(&home);
    }
}
