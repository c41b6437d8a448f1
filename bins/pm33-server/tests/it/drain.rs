//! SIGTERM: readiness goes at once, no call is cut, subscriptions get their result, and the process ends well.

use std::{
    io::{BufReader, Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    home::Home,
    served::{Served, message, post, read_answer},
};

/// How one client's last request ended.
#[derive(Debug, PartialEq, Eq)]
enum Last {
    /// Told in words that the server is going away.
    Told,
    /// The connection was closed before an answer began.
    Closed,
}

/// Calls until the server goes away; every answer that begins is whole.
fn client(server: &Served, key: &str, number: usize) -> (u64, Last) {
    let Some(socket) = server.connect() else { return (0, Last::Closed) };
    let mut reader = BufReader::new(socket);
    for step in 0.. {
        let arguments = json!({ "type": "task", "title": format!("Drain {number} {step}"), "on_duplicate": "create",
            "idempotency_key": format!("drain-{number}-{step}") });
        let params = json!({ "name": "pm33_create_work_item", "arguments": arguments });
        let request = post(&[], key, "tools/call", "pm33_create_work_item", params);
        if reader.get_mut().write_all(request.as_bytes()).is_err() {
            return (step, Last::Closed);
        }
        // One byte first: what begins must be whole.
        match reader.get_ref().peek(&mut [0]) {
            Ok(1..) => {}
            _ => return (step, Last::Closed),
        }
        let answer = read_answer(&mut reader).expect("an answer that began and was cut");
        match answer.status {
            200 => assert!(answer.json()["result"]["structuredContent"].is_object(), "{answer:?}"),
            503 => {
                assert!(answer.json()["error"]["message"].is_string(), "{answer:?}");
                assert!(answer.header("retry-after").is_some(), "{answer:?}");
                return (step, Last::Told);
            }
            _ => panic!("{answer:?}"),
        }
    }
    unreachable!("the loop has no end of its own")
}

#[test]
fn a_terminated_server_finishes_what_it_began_and_ends_well() {
    let home = Home::sqlite(1);
    let mut server = Served::start(&home, &[]);
    let key = &home.keys[0].1;
    let mut listening = BufReader::new(server.connect().expect("a connection"));
    let listen =
        post(&[], key, "subscriptions/listen", "", json!({ "notifications": { "toolsListChanged": true } }));
    listening.get_mut().write_all(listen.as_bytes()).expect("sent");
    assert_eq!(read_answer(&mut listening).map(|answer| answer.status), Some(200));
    let begun = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|number| {
                let server = &server;
                scope.spawn(move || client(server, key, number))
            })
            .collect();
        // Calls are running once some were answered.
        let mut socket = server.connect().expect("a connection");
        for step in 0..5 {
            let arguments = json!({ "columns": "identity", "limit": 1 + step });
            assert!(server.tool(&mut socket, key, "pm33_query_backlog", &arguments).is_some());
        }
        server.terminate();
        let begun = Instant::now();
        let ends: Vec<_> = clients.into_iter().map(|client| client.join().expect("a client")).collect();
        assert!(ends.iter().map(|(answered, _)| answered).sum::<u64>() > 0, "{ends:?}");
        begun
    });
    let mut rest = String::new();
    listening.read_to_string(&mut rest).expect("the stream's end");
    assert!(rest.contains(r#""resultType":"complete""#) && rest.ends_with("0\r\n\r\n"), "{rest}");
    let status = server.ended();
    assert!(status.success(), "{status}");
    assert!(begun.elapsed() < Duration::from_secs(20), "{:?}", begun.elapsed());
    assert!(TcpStream::connect(&server.address).is_err());
}

#[test]
fn a_call_whose_body_never_ends_does_not_outlast_the_deadline() {
    let home = Home::sqlite(1);
    let mut server = Served::start(&home, &[("PM33_SERVER_DRAIN_SECONDS", "1")]);
    let request = post(&[], &home.keys[0].1, "server/discover", "", json!({}));
    let mut socket = server.connect().expect("a connection");
    socket.write_all(&request.as_bytes()[..request.len() - 10]).expect("sent");
    // A whole exchange beside it: by then the first one is being read.
    assert_eq!(server.raw(request.as_bytes()).status, 200);
    server.terminate();
    let begun = Instant::now();
    assert!(server.ended().success());
    assert!(
        begun.elapsed() < Duration::from_secs(10),
        "the default deadline was kept: {:?}",
        begun.elapsed()
    );
}

#[test]
fn readiness_goes_before_calls_are_refused() {
    let home = Home::sqlite(1);
    let mut server = Served::start(&home, &[("PM33_SERVER_UNREADY_SECONDS", "3")]);
    let ready = || server.raw(b"GET /readyz HTTP/1.1\r\nhost: localhost\r\n\r\n").status;
    assert_eq!(ready(), 200);
    server.terminate();
    let begun = Instant::now();
    while ready() == 200 {
        assert!(begun.elapsed() < Duration::from_millis(2_500), "still ready");
    }
    let body = message("server/discover", json!({}));
    let request = crate::served::post_body(&[], &home.keys[0].1, "server/discover", "", &body);
    assert_eq!(server.raw(request.as_bytes()).status, 200, "calls are still served");
    assert!(server.ended().success());
}
