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
    assert_eq!(*running.engine.seen.lock().unwrap(), None, "the key was looked at");
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
