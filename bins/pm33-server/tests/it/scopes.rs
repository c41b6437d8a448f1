//! Scopes, for everything in the registry: a key that lacks one neither sees nor gets what needs it, and a key with
//! exactly the needed ones does.

use std::collections::HashMap;

use pm33_auth::{Scope, ScopeSet};
use serde_json::{Value, json};

use crate::{
    keys::{all_but, mint},
    registry::{example, offered},
    running::Running,
    views::showing,
};

/// A way to use something, and where it is listed.
struct Use {
    listed: (&'static str, &'static str, &'static str),
    name: String,
    method: &'static str,
    params: Value,
    needed: ScopeSet,
}

/// One use of everything that is offered.
fn uses() -> Vec<Use> {
    let all = offered();
    let tools = all.tools().iter().map(|tool| Use {
        listed: ("tools/list", "tools", "name"),
        name: tool.spec.name.to_owned(),
        method: "tools/call",
        params: json!({ "name": tool.spec.name, "arguments": example(tool) }),
        needed: tool.spec.scope_set(),
    });
    let resources = all.resources().map(|resource| {
        let spec = *resource.spec();
        let listed = if spec.is_template() {
            ("resources/templates/list", "resourceTemplates", "uriTemplate")
        } else {
            ("resources/list", "resources", "uri")
        };
        let uri = spec.uri.replace("{workspace}", "harbor").replace("{key}", "HAR-1");
        let uri = uri.replace("{document}", "One-pager:%20Wallets%20of%20the%20new%20countries");
        Use {
            listed,
            name: spec.uri.to_owned(),
            method: "resources/read",
            params: json!({ "uri": uri }),
            needed: spec.scopes.iter().copied().collect::<ScopeSet>().with(Scope::Enabled),
        }
    });
    let prompts = all.prompts().iter().map(|prompt| {
        let spec = prompt.spec();
        let needed = spec.arguments.iter().filter(|argument| argument.required).map(|argument| argument.name);
        let arguments: HashMap<_, _> =
            needed.map(|name| (name, "something")).chain([("workspace", "harbor")]).collect();
        Use {
            listed: ("prompts/list", "prompts", "name"),
            name: spec.name.to_owned(),
            method: "prompts/get",
            params: json!({ "name": spec.name, "arguments": arguments }),
            needed: spec.scopes.iter().copied().collect::<ScopeSet>().with(Scope::Enabled),
        }
    });
    tools.chain(resources).chain(prompts).collect()
}

fn is_listed(server: &Running, key: &str, one: &Use) -> bool {
    let (method, list, field) = one.listed;
    // Views are listed for who shows them.
    let answer = server.try_call(key, method, showing()).expect("an answer").json();
    let entries = answer["result"][list].as_array().unwrap_or_else(|| panic!("{method}: {answer}"));
    entries.iter().any(|entry| entry[field] == one.name.as_str())
}

#[test]
fn what_a_key_lacks_a_scope_for_is_hidden_and_refused_by_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let uses = uses();
    let held =
        |one: &Use| Scope::ALL.iter().copied().filter(|scope| one.needed.has(*scope)).collect::<Vec<_>>();
    let mut sets = vec![ScopeSet::EMPTY];
    for one in &uses {
        sets.push(one.needed);
        sets.extend(held(one).into_iter().filter(|scope| *scope != Scope::Enabled).map(all_but));
    }
    sets.sort_unstable_by_key(ToString::to_string);
    sets.dedup();
    let keys: HashMap<ScopeSet, String> = sets.iter().copied().zip(mint(folder.path(), &sets)).collect();
    let server = Running::start(folder.path());
    let mut refusals = 0;
    for one in &uses {
        let name = &one.name;
        assert!(is_listed(&server, &keys[&one.needed], one), "{name} is listed for its own scopes");
        let enough = server.try_call(&keys[&one.needed], one.method, one.params.clone()).expect("an answer");
        assert_eq!(enough.status, 200, "{name}: {}", enough.body);
        let answer = enough.json();
        assert!(answer["result"].is_object() && answer["result"]["isError"] != true, "{name}: {answer}");
        let lacking = held(one).into_iter().filter(|scope| *scope != Scope::Enabled);
        for (scopes, scope) in lacking.map(|scope| (all_but(scope), scope)) {
            let key = &keys[&scopes];
            assert!(!is_listed(&server, key, one), "{name} is hidden without {scope}");
            let refused = server.try_call(key, one.method, one.params.clone()).expect("an answer");
            assert_eq!(refused.status, 403, "{name} without {scope}: {}", refused.body);
            assert_eq!(refused.json()["error"]["code"], 40_300, "{name}: {}", refused.body);
            let challenge = refused.head.to_lowercase();
            let challenge = challenge.lines().find(|line| line.starts_with("www-authenticate:")).expect(name);
            assert!(challenge.contains("insufficient_scope"), "{name}: {challenge}");
            for needed in held(one) {
                assert!(challenge.contains(needed.as_str()), "{name} names {needed}: {challenge}");
            }
            refusals += 1;
        }
    }
    assert!(refusals >= uses.len(), "everything that is offered needs some scope");
}

#[test]
fn the_base_scope_alone_shows_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let key = mint(folder.path(), &[ScopeSet::EMPTY]).remove(0);
    let server = Running::start(folder.path());
    for one in uses() {
        assert!(!is_listed(&server, &key, &one), "{}", one.name);
    }
}
