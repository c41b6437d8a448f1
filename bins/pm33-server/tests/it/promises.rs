//! The promises of the privacy policy, one test each, against the whole server; docs/privacy.md says what keeps them.

mod injection;
mod metrics;
mod record;
mod retention;
mod tokens;

use std::{
    collections::BTreeSet,
    io::{Read, Write},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pm33_app::{act, erase, export};
use pm33_auth::{KeyStore, Scope, ScopeSet};
use pm33_interchange::BundleReader;
use pm33_tenancy::{Administration, DataSubject, Processing, TenantSettings, User, UserId};
use serde_json::{Value, json};

use crate::{
    home::Home,
    keys,
    looks::{ask, bytes_in, folder, holds, peers, words},
    process::remembers,
    running::Running,
    served::{Served, post, post_body},
};

#[test]
fn p01_inputs_are_validated_and_sanitised_before_anything_happens() {
    let folder = folder();
    let server = Running::start(folder.path());
    let unknown = server.tool("pm33_create_work_item", json!({ "type": "task", "title": "x", "titel": "y" }));
    assert!(unknown["isError"] == true && words(&unknown).contains("titel"), "{unknown}");
    let wrong = server.tool("pm33_query_backlog", json!({ "limit": "many" }));
    assert!(wrong["isError"] == true && words(&wrong).contains("limit"), "{wrong}");
    // Tag characters, an override and a zero-width run hide in the title; an accent comes in two parts.
    let title = "Gate\u{e0041}\u{e0042}way cafe\u{301} \u{202e}ledger\u{200b}\u{200b}books";
    let made = server.tool("pm33_create_work_item", json!({ "type": "task", "title": title }));
    let key = made["structuredContent"]["item"]["key"]
        .as_str()
        .unwrap_or_else(|| panic!("a key: {made}"))
        .to_owned();
    let found = server.tool("pm33_query_backlog", json!({ "ids": [key] }));
    let kept = found["structuredContent"]["items"][0]["title"].as_str().expect("a title");
    assert!(kept.starts_with("Gateway caf\u{e9} "), "{kept:?}");
    assert!(!kept.contains(['\u{202e}', '\u{200b}', '\u{e0041}']), "{kept:?}");
}

#[test]
fn p02_tools_touch_only_what_the_scopes_allow() {
    let folder = folder();
    let narrow = [Scope::Enabled, Scope::BacklogRead].into_iter().collect::<ScopeSet>();
    let keys = keys::mint(folder.path(), &[narrow]);
    let server = Running::start(folder.path());
    let listed = server.try_call(&keys[0], "tools/list", json!({})).expect("an answer").json();
    let names: BTreeSet<_> =
        listed["result"]["tools"].as_array().expect("tools").iter().map(|one| one["name"].as_str()).collect();
    assert!(names.contains(&Some("pm33_query_backlog")), "{names:?}");
    for (tool, scope) in [
        ("pm33_create_work_item", "backlog:write"),
        ("pm33_analyze_velocity", "planning:read"),
        ("pm33_competitive_threats", "competitive:read"),
        ("pm33_manage_objective", "objectives:write"),
    ] {
        assert!(!names.contains(&Some(tool)), "{tool} is hidden");
        let call = json!({ "name": tool, "arguments": {} });
        let refused = server.try_call(&keys[0], "tools/call", call).expect("an answer");
        assert_eq!(refused.status, 403, "{}", refused.body);
        assert!(refused.body.contains(scope), "{}", refused.body);
    }
}

#[test]
fn p03_key_tenant_user_and_scopes_authenticate_authorise_and_are_audited() {
    let home = Home::sqlite(1);
    let (tenant, key) = home.keys[0].clone();
    let server = Served::start(&home, &[]);
    ask(&server, &key, "pm33_query_backlog", &json!({ "limit": 1 }));
    drop(server);
    home.look(async |foundation| {
        use pm33_tenancy::AuditLog;
        let page = foundation.store.session(tenant).tail(tenant, 10).await.expect("rows");
        let (_, row) = page.rows.iter().find(|(_, row)| row.method == "tools/call").expect("the call");
        let user = foundation.store.session(tenant).users(tenant).await.expect("users")[0].id;
        assert_eq!(row.key.map(|id| key.contains(id.as_str())), Some(true));
        assert_eq!(row.actor, Some(foundation.store.pseudonym(user)));
        assert!(row.tenant == tenant && row.scopes.contains("backlog:read"), "{}", row.scopes);
    });
}

#[test]
fn p04_calls_are_logged_with_their_correlation_and_an_address_only_as_a_network() {
    let home = Home::sqlite(1);
    let (_, key) = home.keys[0].clone();
    let server = Served::start(&home, &[("PM33_TELEMETRY_LOG_FILTER", "debug")]);
    let agent = "promise-four/1.0";
    let params = json!({ "name": "pm33_query_backlog", "arguments": { "limit": 1 } });
    let request = post(&[("user-agent", agent)], &key, "tools/call", "pm33_query_backlog", params);
    let answer = server.raw(request.as_bytes());
    let correlation = answer.header("x-request-id").expect("an id").to_owned();
    let found = ask(&server, &key, "pm33_query_audit_log", &json!({ "correlation": correlation }));
    assert_eq!(found["structuredContent"]["rows"].as_array().map(Vec::len), Some(1), "{found}");
    drop(server);
    let kept = bytes_in(home.data());
    assert!(holds(&kept, agent) && holds(&kept, "127.0.0.0/24"));
    assert!(!holds(&kept, "127.0.0.1"), "the address itself is nowhere");
}

#[test]
fn p06_limits_scopes_and_the_audit_log_hold_and_refusals_are_in_it() {
    let home = Home::sqlite(1);
    let (_, key) = home.keys[0].clone();
    let server = Served::start(&home, &[("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "5")]);
    let mut refused = None;
    for _ in 0..40 {
        let answer = server.raw(post(&[], &key, "tools/list", "", json!({})).as_bytes());
        if answer.status == 429 {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.expect("the limit");
    assert!(
        refused.header("retry-after").is_some() && refused.json()["error"]["data"]["limit"] == 5,
        "{refused:?}"
    );
    drop(server);
    let server = Served::start(&home, &[]);
    let log = ask(&server, &key, "pm33_query_audit_log", &json!({ "outcome": "refused", "chain": "check" }));
    assert_eq!(log["structuredContent"]["chain"]["holds"], true, "{log}");
    assert_eq!(log["structuredContent"]["rows"][0]["code"], "rate_limited", "{log}");
}

#[test]
fn p08_sessions_end_when_they_are_idle_as_their_organisation_says() {
    let home = Home::sqlite(1);
    let (tenant, key) = home.keys[0].clone();
    home.look(async |foundation| {
        let session = foundation.store.operator();
        let settings = TenantSettings { session_idle_minutes: Some(1), ..TenantSettings::default() };
        session.put_settings(tenant, &settings).await.expect("settings");
        session
            .commit(act(tenant, "admin/tenant.settings", None, foundation.clock.now()))
            .await
            .expect("committed");
    });
    let server = Served::start(&home, &[]);
    let id = crate::bounds::session(&server, &key);
    let list = json!({ "jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {} }).to_string();
    let with = [
        ("mcp-protocol-version", "2025-11-25"),
        ("mcp-method", ""),
        ("mcp-name", ""),
        ("mcp-session-id", id.as_str()),
    ];
    let again = || server.raw(post_body(&with, &key, "", "", &list).as_bytes()).status;
    assert_eq!(again(), 200);
    std::thread::sleep(Duration::from_secs(61));
    assert_eq!(again(), 404, "a minute of silence ended it");
}

#[test]
fn p10_outputs_stay_in_their_workspace_and_can_be_exported() {
    let folder = folder();
    let name = "Promise ten";
    {
        let server = Running::start(folder.path());
        let arguments = json!({ "name": name, "forecast": { "team": ["Checkout"] } });
        let saved = server.tool("pm33_save_forecast", arguments);
        assert_eq!(saved["structuredContent"]["action"], "saved", "{saved}");
        server.stop();
    }
    let server = Running::start(folder.path());
    let kept = server.tool("pm33_compare_forecasts", json!({}));
    assert!(kept.to_string().contains(name), "{kept}");
    server.stop();
    assert!(holds(&bytes_in(folder.path()), name));
}

#[test]
fn p11_nothing_opens_a_connection_to_anywhere() {
    let home = Home::sqlite(1);
    let (_, key) = home.keys[0].clone();
    let server = Served::start(&home, &[]);
    let port: u16 = server.address.rsplit_once(':').and_then(|(_, port)| port.parse().ok()).expect("a port");
    let own = format!(":{port:04X}");
    let all = pm33_app::catalogue().expect("the catalogue");
    for tool in all.tools() {
        let arguments: Value = serde_json::from_str(tool.example).expect("an example");
        ask(&server, &key, tool.spec.name, &arguments);
        for peer in peers(server.process()) {
            let mut parts = peer.split(' ');
            let (table, local) = (parts.next().expect("a table"), parts.next().expect("an address"));
            assert!(table.starts_with("tcp") && local.ends_with(&own), "{}: {peer}", tool.spec.name);
        }
    }
    assert!(!peers(server.process()).is_empty(), "the listener is seen");
}

#[test]
fn p12_an_operator_can_produce_all_of_an_organisation() {
    let home = Home::sqlite(2);
    let (tenant, key) = home.keys[0].clone();
    let server = Served::start(&home, &[]);
    let arguments = json!({ "type": "task", "title": "Zeppelin ledger", "assignee": "u" });
    ask(&server, &key, "pm33_create_work_item", &arguments);
    let copy = home.look(async |foundation| {
        let mut out = std::io::Cursor::new(Vec::new());
        Box::pin(export(foundation, tenant, DataSubject::Organisation, &mut out)).await.expect("a copy");
        out.into_inner()
    });
    let mut read = BundleReader::open(std::io::Cursor::new(&copy[..])).expect("a copy");
    assert_eq!(read.rows("content", "work_item").expect("rows")[0]["title"], "Zeppelin ledger");
    assert_eq!(read.rows("identity", "app_user").expect("rows").len(), 1, "nobody of the other organisation");
    assert!(!read.rows("activity", "audit_row").expect("rows").is_empty());
    assert!(holds(&read.file("workspaces/main.jsonl").expect("an archive"), "Zeppelin ledger"));
}

#[test]
fn p13_mcp_is_not_served_by_plain_http_on_a_network() {
    let folder = folder();
    let refused = Command::new(env!("CARGO_BIN_EXE_pm33-server"))
        .args(["--listen", "0.0.0.0:0", "--data-dir"])
        .arg(folder.path())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .expect("it runs");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(!refused.status.success() && said.contains("TLS certificate"), "{said}");
}

#[test]
fn p14_only_a_good_key_is_let_in_and_it_is_kept_as_digests() {
    let home = Home::sqlite(1);
    let (tenant, key) = home.keys[0].clone();
    let other = home.key(tenant, Duration::from_hours(1), None).0;
    let server = Served::start(&home, &[]);
    let status = |key: &str| server.raw(post(&[], key, "tools/list", "", json!({})).as_bytes()).status;
    assert_eq!((status(&key), status(&other)), (200, 200));
    let mut changed = key.clone().into_bytes();
    changed[30] = if changed[30] == b'a' { b'b' } else { b'a' };
    for bad in ["nonsense", "pm33_live_x", &String::from_utf8_lossy(&changed)] {
        assert_eq!(status(bad), 401, "{bad}");
    }
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let all = session.list(tenant).await.expect("keys");
        let id = all.iter().find(|one| other.contains(one.id.as_str())).expect("the key").id;
        session.revoke(tenant, id, foundation.clock.now()).await.expect("revoked");
        session
            .commit(act(tenant, "admin/key.revoke", None, foundation.clock.now()))
            .await
            .expect("committed");
    });
    let begun = Instant::now();
    while status(&other) != 401 {
        assert!(begun.elapsed() < Duration::from_secs(3), "a revoked key is refused within a second");
    }
    assert_eq!(status(&key), 200);
    drop(server);
    let secret = &key[key.len() - 49..];
    assert!(!holds(&bytes_in(home.data()), secret));
}

#[test]
fn p15_organisations_are_apart() {
    let home = Home::sqlite(2);
    let [(_, one), (_, other)] = [home.keys[0].clone(), home.keys[1].clone()];
    let server = Served::start(&home, &[]);
    ask(
        &server,
        &one,
        "pm33_create_work_item",
        &json!({ "type": "task", "title": "Canary in the coal mine" }),
    );
    let seen = ask(&server, &other, "pm33_query_backlog", &json!({ "text": "canary", "mode": "full" }));
    assert_eq!(seen["structuredContent"]["total"], 0, "{seen}");
    let by_key = |key: &str| {
        ask(&server, &other, "pm33_update_work_item", &json!({ "item": key, "priority": "low" }))
            .to_string()
            .replace(key, "K")
    };
    assert_eq!(by_key("W0-1"), by_key("W0-9"), "a foreign item reads like one that is not there");
}

#[test]
fn p17_rights_are_asked_for_and_carried_out_beside_a_running_server() {
    let home = Home::sqlite(1);
    let (tenant, _) = home.keys[0].clone();
    let (key, _) = home.key(tenant, Duration::from_hours(1), None);
    let server = Served::start(&home, &[]);
    let filed =
        ask(&server, &key, "pm33_privacy_request", &json!({ "action": "file", "kind": "restriction" }));
    assert_eq!(filed["structuredContent"]["requests"][0]["state"], "verified", "{filed}");
    let reads = ask(&server, &key, "pm33_query_backlog", &json!({ "limit": 1 }));
    assert_ne!(reads["isError"], true, "reading goes on: {reads}");
    let item = json!({ "type": "task", "title": "Left behind", "assignee": "zq7mortal" });
    ask(&server, &key, "pm33_create_work_item", &item);
    let shown =
        || ask(&server, &key, "pm33_query_backlog", &json!({ "text": "left behind", "columns": "full" }));
    assert_eq!(shown()["structuredContent"]["items"][0]["assignee"], "zq7mortal");
    let folder = home.data().to_owned();
    let certificate = home.look(async |foundation| {
        let now = foundation.clock.now();
        let session = foundation.store.operator();
        let rules = session.processing(tenant).await.expect("rules");
        let owner = session.users(tenant).await.expect("users")[0].id;
        assert!(rules.model(Some(owner)).is_err() && rules.model(None).is_ok());
        let mortal = User {
            tenant,
            id: UserId::new(now),
            handle: "zq7mortal".to_owned(),
            name: "Zq7mortal".to_owned(),
            created: now,
        };
        session.create_user(&mortal).await.expect("a user");
        session.commit(act(tenant, "admin/user.create", None, now)).await.expect("committed");
        erase(foundation, &folder, tenant, DataSubject::Member(mortal.id)).await.expect("erased")
    });
    assert_eq!((certificate.verification.remaining_rows, certificate.verification.audit_breaks), (0, 0));
    let begun = Instant::now();
    loop {
        let page = shown();
        let item = &page["structuredContent"]["items"][0];
        assert_eq!(item["title"], "Left behind", "{page}");
        if item["assignee"].is_null() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(3), "the running server still shows it: {page}");
    }
    drop(server);
    assert!(!holds(&bytes_in(home.data()).to_ascii_lowercase(), "zq7mortal"));
    // Whoever starts anew reads what is left, and has nothing else in its memory.
    let server = Served::start(&home, &[]);
    let page = ask(&server, &key, "pm33_query_backlog", &json!({ "text": "left behind", "columns": "full" }));
    assert_eq!(page["structuredContent"]["items"][0]["title"], "Left behind", "{page}");
    assert!(remembers(&server, "left BEHIND") && !remembers(&server, "zq7mortal"));
}

#[test]
fn p19_the_policy_is_served_with_its_contact_and_earlier_versions() {
    let home = Home::sqlite(1);
    let with = |version: &'static str| {
        let environment = [
            ("PM33_PRIVACY_CONTACT", "privacy@example.org"),
            ("PM33_PRIVACY_EFFECTIVE", "2026-12-01"),
            ("PM33_PRIVACY_VERSION", version),
            ("PM33_LIMITS_SESSION_IDLE_MINUTES", "17"),
        ];
        Served::start(&home, &environment)
    };
    let get = |server: &Served, path: &str, accept: &str| {
        let mut socket = server.connect().expect("a connection");
        write!(
            socket,
            "GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: {accept}\r\nConnection: close\r\n\r\n"
        )
        .expect("sent");
        let mut text = String::new();
        socket.read_to_string(&mut text).expect("an answer");
        text
    };
    let server = with("1.0");
    let page = get(&server, "/privacy", "text/html");
    for words in
        ["200 OK", "text/html", "1.0", "2026-12-01", "privacy@example.org", "17 idle minutes", "<h1>"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(get(&server, "/privacy", "text/markdown").contains("# Privacy policy"));
    assert!(get(&server, "/privacy.md", "text/html").contains("content-type: text/markdown"));
    drop(server);
    let mut settings = home.settings.clone();
    settings.privacy.contact = Some("privacy@example.org".to_owned());
    pm33_app::Policy::of(&settings).expect("a policy").publish(home.data()).expect("published");
    let server = with("1.1");
    assert!(get(&server, "/privacy", "text/html").contains("href=\"/privacy/1.0\""));
    assert!(get(&server, "/privacy/1.0.md", "").contains("Version 1.0"));
    assert!(get(&server, "/privacy/0.9", "").contains("404"));
}
