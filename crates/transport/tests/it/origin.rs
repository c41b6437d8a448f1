//! Foreign pages and foreign names are kept out by default.

use crate::{
    harness::start,
    raw::{DISCOVER, ask, post, request},
};

#[tokio::test]
async fn a_loopback_listener_answers_to_loopback_names_and_pages() {
    let running = start(|options| options.allowed_origins = vec!["https://app.example".to_owned()]).await;
    for (host, origin, status) in [
        ("localhost", "", 200),
        ("127.0.0.1:4711", "", 200),
        ("[::1]:4711", "http://localhost:6274", 200),
        ("localhost", "https://app.example", 200),
        ("localhost", "http://evil.example", 403),
        ("localhost", "http://localhost.evil.example", 403),
        ("localhost", "https://app.example.evil.example", 403),
        ("localhost", "null", 403),
        ("evil.example", "", 403),
        ("localhost.evil.example:80", "", 403),
        ("evil.example", "http://evil.example", 403),
        ("localhost@evil.example", "", 403),
    ] {
        let answer = ask(running.address, &post(&[("host", host), ("origin", origin)], DISCOVER)).await;
        assert_eq!(answer.status, status, "{host} {origin}");
        if status == 403 {
            answer.code();
        }
    }
}

#[tokio::test]
async fn a_foreign_page_learns_nothing_about_keys() {
    let running = start(|_| {}).await;
    for key in ["", "Bearer good", "Bearer no"] {
        let request = post(&[("origin", "http://evil.example"), ("authorization", key)], DISCOVER);
        assert_eq!(ask(running.address, &request).await.status, 403);
    }
}

#[tokio::test]
async fn listed_names_replace_the_loopback_ones() {
    let running = start(|options| options.allowed_hosts = vec!["pm.example".to_owned()]).await;
    for (host, status) in
        [("pm.example", 200), ("PM.example:443", 200), ("localhost", 403), ("x.pm.example", 403)]
    {
        assert_eq!(ask(running.address, &post(&[("host", host)], DISCOVER)).await.status, status, "{host}");
    }
}

#[tokio::test]
async fn the_name_in_an_absolute_request_line_counts_too() {
    let running = start(|_| {}).await;
    for (target, host, status) in [
        ("http://localhost/mcp", "localhost", 200),
        ("http://evil.example/mcp", "localhost", 403),
        ("http://localhost/mcp", "evil.example", 403),
    ] {
        let answer = ask(running.address, &request("POST", target, &[("host", host)], DISCOVER)).await;
        assert_eq!(answer.status, status, "{target} {host}");
    }
}
