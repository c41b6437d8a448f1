//! What waits for a client that does not read is bounded by `server.queued_messages`.

use bytes::Bytes;
use futures_util::StreamExt;
use pm33_mcp::{EventStream, HttpFields};
use serde_json::{Value, json};

use crate::{
    house::{House, Key, Process},
    narrowed::{self, stream},
};

const URI: &str = "pm33://backlog/main/summary";

async fn listen(process: &Process, key: &Key) -> EventStream {
    stream(narrowed::listen(process, key, &json!([URI])).await)
}

/// The stream of an older client's session that watches the resource.
async fn watch(process: &Process, key: &Key) -> EventStream {
    let client = json!({ "name": "probe", "version": "1" });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let send = async |session: Option<&str>, method: &str, params: Value| {
        let session = session.map(|session| Bytes::from(session.to_owned())).into_iter().collect();
        let fields = HttpFields { session, ..HttpFields::default() };
        let body = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        process.send(key, fields, body.to_string()).await.unwrap()
    };
    let session = send(None, "initialize", params).await.session.unwrap();
    send(Some(&session), "resources/subscribe", json!({ "uri": URI })).await;
    let caller = process.caller(key).await.unwrap();
    stream(process.server.open_stream(caller, &session, None).await)
}

#[tokio::test]
async fn a_listener_that_does_not_read_keeps_so_many_messages_and_misses_the_rest() {
    let house = House::new();
    for (most, told) in [(8, 8), (50, 50), (500, 101)] {
        let process = house.process_with(|settings| settings.server.queued_messages = most).await;
        let home = process.settle(&format!("t{most}")).await;
        let key = process.key(&home).await;
        let mut events = listen(&process, &key).await;
        for _ in 0..100 {
            process.server.resource_changed(home.tenant, URI);
        }
        let mut heard = 0;
        while futures_util::poll!(events.next()).is_ready() {
            heard += 1;
        }
        // The acknowledgement is one of them.
        assert_eq!(heard, told, "{most}");
        process.server.resource_changed(home.tenant, URI);
        assert!(events.next().await.is_some(), "a reader that comes back hears on");
    }
}

#[tokio::test]
async fn an_older_client_that_does_not_read_is_let_go_and_reads_on_by_its_last_event() {
    let house = House::new();
    for (most, told) in [(80, 80), (500, 100)] {
        let process = house.process_with(|settings| settings.server.queued_messages = most).await;
        let home = process.settle(&format!("t{most}")).await;
        let key = process.key(&home).await;
        let mut events = watch(&process, &key).await;
        // What the begin of the stream said.
        while futures_util::poll!(events.next()).is_ready() {}
        for _ in 0..100 {
            process.server.resource_changed(home.tenant, URI);
        }
        let mut heard = 0;
        while let std::task::Poll::Ready(Some(_)) = futures_util::poll!(events.next()) {
            heard += 1;
        }
        assert_eq!(heard, told, "{most}");
    }
}
