//! Another organisation's ids, names and keys in every argument of every tool and in every resource: each answers like one that does not exist, and nobody sees another's canary (governance §6).

use pm33_product::{Author, Backlog, ItemId, ItemType, NewItem};
use pm33_tenancy::{Administration, Directory, WorkspaceAccess, open_workspace};
use serde_json::{Value, json};

use crate::{
    home::Home,
    registry::{example, offered},
    served::{Served, post},
};

/// What an organisation has that another must not reach: what is asked for, and the same in a form that nobody has.
struct Foreign {
    pairs: Vec<(String, String)>,
}

/// An id, and one that differs in its last digit alone: what is said of a bad argument depends on how it begins.
pub(crate) fn nobodys(id: &str) -> (String, String) {
    let last = if id.ends_with('0') { '1' } else { '0' };
    (id.to_owned(), format!("{}{last}", &id[..id.len() - 1]))
}

fn canary(number: usize) -> String {
    format!("Zq7canary{number}")
}

/// Gives each organisation an item with its canary; what the others try.
fn filled(home: &Home) -> Vec<Foreign> {
    let tenants: Vec<_> = home.keys.iter().map(|(tenant, _)| *tenant).collect();
    home.look(async |foundation| {
        let mut all = Vec::new();
        for (number, tenant) in tenants.iter().enumerate() {
            let session = foundation.store.session(*tenant);
            let now = foundation.clock.now();
            let user = session.users(*tenant).await.expect("users")[0].id;
            let (at, place) =
                open_workspace(&session, *tenant, &WorkspaceAccess::All, None).await.expect("a workspace");
            let new = NewItem {
                description: canary(number),
                assignee: Some(canary(number)),
                labels: vec![canary(number)],
                ..NewItem::titled(ItemId::new(now), ItemType::Task, canary(number))
            };
            let item = session.create(at, new, Author { user: Some(user), at: now }).await.expect("an item");
            session.commit(pm33_app::act(*tenant, "admin/import", None, now)).await.expect("committed");
            let workspaces = foundation.store.session(*tenant).workspaces(*tenant).await.expect("workspaces");
            assert_eq!(workspaces.len(), 1);
            all.push(Foreign {
                pairs: vec![
                    nobodys(&place.id.to_string()),
                    nobodys(&item.id.to_string()),
                    nobodys(&user.to_string()),
                    (format!("W{number}-1"), format!("W{number}-9")),
                    (canary(number), format!("Zq7absent{number}")),
                ],
            });
        }
        all
    })
}

/// Places of texts in arguments.
fn texts(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::String(_) => found.push(at.to_owned()),
        Value::Array(all) => {
            all.iter().enumerate().for_each(|(number, one)| texts(one, &format!("{at}/{number}"), found));
        }
        Value::Object(all) => all.iter().for_each(|(name, one)| texts(one, &format!("{at}/{name}"), found)),
        _ => {}
    }
}

/// An answer without what no two answers share: times, ids, sealed positions.
fn bare(value: &mut Value) {
    match value {
        Value::String(text) => {
            let is_time = text.len() > 18 && text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b'T';
            let is_sealed = text.len() > 60 && !text.contains(' ') && !text.contains('{');
            if is_time || is_sealed || text.parse::<pm33_tenancy::UserId>().is_ok() {
                "V".clone_into(text);
            } else if let Ok(mut inner) = serde_json::from_str::<Value>(text)
                && inner.is_object()
            {
                bare(&mut inner);
                *text = inner.to_string();
            }
        }
        Value::Array(all) => all.iter_mut().for_each(bare),
        Value::Object(all) => all.values_mut().for_each(bare),
        _ => {}
    }
}

fn call(server: &Served, key: &str, method: &str, name: &str, params: Value) -> (u16, String) {
    let answer = server.raw(post(&[("connection", "close")], key, method, name, params).as_bytes());
    (answer.status, answer.body)
}

/// The answer with the asked value taken out.
pub(crate) fn shape(
    server: &Served,
    key: &str,
    method: &str,
    name: &str,
    params: Value,
    asked: &str,
) -> (u16, String) {
    let (status, body) = call(server, key, method, name, params);
    let mut value: Value = serde_json::from_str(&body.replace(asked, "V")).unwrap_or(Value::Null);
    bare(&mut value);
    (status, value.to_string())
}

fn fuzz(home: &Home) {
    let all = filled(home);
    let server = Served::start(home, &[]);
    let mut asked = 0;
    for (number, (_, key)) in home.keys.iter().enumerate() {
        let others: Vec<_> = all.iter().enumerate().filter(|(other, _)| *other != number).collect();
        for tool in offered().tools() {
            let arguments = Value::Object(example(tool));
            let mut places = Vec::new();
            texts(&arguments, "", &mut places);
            places.retain(|place| !place.ends_with("idempotency_key"));
            // Arguments that the example has not.
            let schema: Value = serde_json::from_str(tool.input_schema.get()).expect("a schema");
            for (field, about) in schema["properties"].as_object().into_iter().flatten() {
                let is_text = about["type"] == "string"
                    || about["type"].as_array().is_some_and(|all| all.contains(&json!("string")));
                let place = format!("/{field}");
                if is_text
                    && about.get("enum").is_none()
                    && field != "idempotency_key"
                    && !places.contains(&place)
                {
                    places.push(place);
                }
            }
            for place in &places {
                for (other, foreign) in &others {
                    for (theirs, nobodys) in &foreign.pairs {
                        let ask = |value: &str| {
                            let mut arguments = arguments.clone();
                            match arguments.pointer_mut(place) {
                                Some(slot) => *slot = value.into(),
                                None => arguments[place.trim_start_matches('/')] = value.into(),
                            }
                            let params = json!({ "name": tool.spec.name, "arguments": arguments });
                            shape(&server, key, "tools/call", tool.spec.name, params, value)
                        };
                        let (found, missing) = (ask(theirs), ask(nobodys));
                        assert_eq!(found, missing, "{} {place} {theirs}", tool.spec.name);
                        assert!(!found.1.contains(&canary(*other)), "{} {place}", tool.spec.name);
                        asked += 2;
                    }
                }
            }
        }
        for resource in offered().resources().filter(|resource| resource.spec().is_template()) {
            for (other, foreign) in &others {
                for (theirs, nobodys) in &foreign.pairs {
                    for variable in ["{workspace}", "{key}"] {
                        let ask = |value: &str| {
                            let uri = resource.spec().uri.replace(variable, value);
                            let uri = uri.replace("{workspace}", "main").replace("{key}", "W9-1");
                            shape(&server, key, "resources/read", &uri, json!({ "uri": uri }), value)
                        };
                        let (found, missing) = (ask(theirs), ask(nobodys));
                        assert_eq!(found, missing, "{} {variable} {theirs}", resource.spec().uri);
                        assert!(!found.1.contains(&canary(*other)));
                        asked += 2;
                    }
                }
            }
        }
    }
    assert!(asked > 1_000, "{asked}");
}

#[test]
fn what_belongs_to_others_answers_like_what_is_not_there() {
    fuzz(&Home::sqlite(2));
}

#[test]
fn what_belongs_to_others_answers_like_what_is_not_there_on_postgresql() {
    if let Some(home) = Home::postgres(2) {
        fuzz(&home);
    }
}
