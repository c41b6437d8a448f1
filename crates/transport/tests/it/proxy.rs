//! Where requests come from, and where plain HTTP may be served.

use std::{net::IpAddr, sync::Arc};

use pm33_transport::{HttpOptions, TransportError, serve};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{
    harness::{engine, soon, start},
    raw::{DISCOVER, ask, post},
};

async fn seen(proxies: &[&str], forwarded: (&str, &str)) -> Option<IpAddr> {
    let proxies = proxies.iter().map(|block| block.parse().unwrap()).collect();
    let running = start(|options| options.trusted_proxies = proxies).await;
    let answer = ask(running.address, &post(&[forwarded], DISCOVER)).await;
    assert_eq!(answer.status, 200);
    *running.engine.seen.lock().unwrap()
}

#[tokio::test]
async fn only_a_declared_proxy_may_tell_the_clients_address() {
    let own: Option<IpAddr> = "127.0.0.1".parse().ok();
    let told: Option<IpAddr> = "198.51.100.7".parse().ok();
    assert_eq!(seen(&[], ("x-forwarded-for", "198.51.100.7")).await, own);
    assert_eq!(seen(&["127.0.0.0/8"], ("x-forwarded-for", "1.1.1.1, 198.51.100.7")).await, told);
    assert_eq!(seen(&["127.0.0.0/8"], ("forwarded", "for=198.51.100.7;proto=https")).await, told);
}

#[tokio::test]
async fn a_key_that_reached_the_proxy_in_the_clear_is_refused() {
    let running = start(|options| options.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    let answer = ask(running.address, &post(&[("x-forwarded-proto", "http")], DISCOVER)).await;
    assert_eq!(answer.status, 403);
    assert!(answer.json()["error"]["message"].to_string().contains("https://"));
    // A good one is noted, a made-up one is not.
    assert_eq!(running.engine.exposed.lock().unwrap().len(), 1);
    let made_up = post(&[("x-forwarded-proto", "http"), ("x-api-key", "nonsense")], DISCOVER);
    let without = String::from_utf8_lossy(&made_up).replace("authorization: Bearer good\r\n", "");
    assert_ne!(ask(running.address, without.as_bytes()).await.status, 200);
    assert_eq!(running.engine.exposed.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_network_that_sends_wrong_keys_is_held_and_its_honest_users_are_not() {
    let running = start(|options| options.trusted_proxies = vec!["127.0.0.1".parse().unwrap()]).await;
    let from = |address: &'static str, key: &'static str| {
        let sent = post(&[("x-forwarded-for", address)], DISCOVER);
        let sent = String::from_utf8_lossy(&sent).replace("Bearer good", &format!("Bearer {key}"));
        let address = running.address;
        async move { ask(address, sent.as_bytes()).await }
    };
    for _ in 0..60 {
        assert_eq!(from("198.51.100.7", "nonsense").await.status, 401);
    }
    let held = from("198.51.100.7", "nonsense").await;
    assert_eq!(held.status, 429);
    let wait: u64 = held.header("retry-after").unwrap().parse().unwrap();
    assert!((60..=65).contains(&wait), "{wait}");
    assert_eq!(from("198.51.100.7", "good").await.status, 200, "a key that is known");
    assert_eq!(from("198.51.100.8", "nonsense").await.status, 401, "another network");
    // From this machine itself any number.
    let own = post(&[], DISCOVER);
    let own = String::from_utf8_lossy(&own).replace("Bearer good", "Bearer nonsense");
    for _ in 0..70 {
        assert_eq!(ask(running.address, own.as_bytes()).await.status, 401);
    }
}

#[tokio::test]
async fn what_needs_no_key_is_bounded_by_network_too() {
    let running = start(|options| {
        options.trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
        options.open_requests = 5;
    })
    .await;
    let sent = b"GET /nowhere HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: 198.51.100.7\r\n\r\n";
    for _ in 0..5 {
        assert_eq!(ask(running.address, sent).await.status, 404);
    }
    let held = ask(running.address, sent).await;
    assert_eq!((held.status, held.header("retry-after").is_some()), (429, true));
}

#[tokio::test]
async fn calls_of_ai_tools_have_a_limit_of_their_own() {
    let running = start(|_| {}).await;
    let call = |number: u32| {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":{number},"method":"tools/call","params":{{"name":"think","arguments":{{}},"_meta":{{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{{}}}}}}}}"#
        );
        let sent = post(&[("mcp-method", "tools/call"), ("mcp-name", "think")], &body);
        let address = running.address;
        async move { ask(address, &sent).await }
    };
    for number in 0..10 {
        assert_eq!(call(number).await.status, 200);
    }
    let refused = call(11).await;
    assert_eq!(refused.status, 429);
    let data = refused.json()["error"]["data"].clone();
    assert_eq!(
        (&data["budget"], &data["scope"], &data["limit"]),
        (&"ai_calls".into(), &"key".into(), &10.into())
    );
    assert_eq!(ask(running.address, &post(&[], DISCOVER)).await.status, 200, "other calls go on");
}

#[tokio::test]
async fn plain_http_on_a_network_is_refused_at_the_start() {
    let engine = engine().await;
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let stop = CancellationToken::new();
    let started = serve(listener, Arc::clone(&engine.server), HttpOptions::default(), stop.clone());
    let error = soon(started).await.unwrap_err();
    assert!(matches!(error, TransportError::PlainHttp { .. }));
    for word in ["certificate", "loopback", "trusted proxies"] {
        assert!(error.to_string().contains(word), "{error}");
    }
    let listener = TcpListener::bind("0.0.0.0:0").await.unwrap();
    let options =
        HttpOptions { trusted_proxies: vec!["10.0.0.0/8".parse().unwrap()], ..HttpOptions::default() };
    stop.cancel();
    soon(serve(listener, Arc::clone(&engine.server), options, stop)).await.unwrap();
}
