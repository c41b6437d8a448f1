//! Beside a running server on the same file: what the admin does is seen by the server at once.

use std::{
    io::{Read, Write},
    net::{SocketAddr, TcpStream},
    sync::mpsc::channel,
    time::Duration,
};

use pm33_app::{Settings, bind_http, found};
use tokio_util::sync::CancellationToken;

use crate::command::{acme, json, text};

/// The longest that a server may go on serving a revoked key, with room for a slow machine.
const A_SECOND_OR_SO: Duration = Duration::from_secs(3);

/// The status of a small call with a key.
fn status(address: SocketAddr, key: &str) -> u16 {
    let body = concat!(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"#,
        r#""io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientCapabilities":{}}}}"#
    );
    let head = format!(
        "POST /mcp HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Accept: application/json\r\nMCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut socket = TcpStream::connect(address).expect("a connection");
    socket.write_all(head.as_bytes()).expect("it is read");
    let mut answer = String::new();
    socket.read_to_string(&mut answer).expect("an answer");
    answer.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or_else(|| panic!("{answer}"))
}

#[test]
fn a_new_key_serves_at_once_and_a_revoked_one_no_longer() {
    let folder = acme();
    let stop = CancellationToken::new();
    let (to_us, bound_to) = channel();
    let server = {
        let (stop, data) = (stop.clone(), folder.path().to_owned());
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            runtime.block_on(async {
                let mut settings = Settings::default();
                settings.data.dir = data;
                settings.server.listen = "127.0.0.1:0".to_owned();
                settings.limits.calls_per_minute_key = 100_000;
                settings.limits.calls_per_minute_tenant = 100_000;
                let foundation = found(&settings).await.expect("the store opens");
                let bound = bind_http(&settings, &foundation).await.expect("it binds");
                to_us.send(bound.address).expect("the test waits");
                bound.run(&foundation, stop).await.expect("it ends in order");
            });
        })
    };
    let address = bound_to.recv().expect("it listens");
    let made = json(folder.path(), "key create acme ada --name beside");
    let (key, id) = (text(&made, "key"), text(&made, "id"));
    assert_eq!(status(address, &key), 200, "a new key works at once");
    // Lists work while the server has the file open, and see its calls.
    let tail = json(folder.path(), "audit tail acme");
    assert!(tail.as_array().is_some_and(|rows| rows.iter().any(|row| row["key"] == *id)), "{tail}");

    json(folder.path(), &format!("key revoke acme {id}"));
    let (to_us, refused) = channel();
    let asking = std::thread::spawn(move || {
        while status(address, &key) != 401 {}
        to_us.send(())
    });
    refused.recv_timeout(A_SECOND_OR_SO).expect("the revoked key stops in time");
    asking.join().expect("it asked").expect("told");

    let other = text(&json(folder.path(), "key create acme ada --name other"), "key");
    assert_eq!(status(address, &other), 200);
    json(folder.path(), "tenant suspend acme");
    let (to_us, refused) = channel();
    let asking = std::thread::spawn(move || {
        while status(address, &other) == 200 {}
        to_us.send(())
    });
    refused.recv_timeout(A_SECOND_OR_SO).expect("a suspended tenant's keys stop in time");
    asking.join().expect("it asked").expect("told");
    stop.cancel();
    server.join().expect("it ended");
}
