//! A server without a free file descriptor: it takes no new connection, serves those that it has, and is back within a
//! second when there are descriptors again (governance Z5).

use std::{
    io::{BufReader, ErrorKind, Read, Write},
    net::TcpStream,
    process::Command,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    crash::good,
    home::Home,
    served::{Served, post, read_answer},
};

const DESCRIPTORS: &str = "64";
/// A second, and what a busy machine takes for a call.
const BACK: Duration = Duration::from_secs(2);

#[test]
fn without_descriptors_accepts_pause_and_running_connections_go_on() {
    let home = Home::sqlite(1);
    let key = &home.keys[0].1;
    let mut server = Served::start(&home, &[]);
    let mut own = server.connect().expect("a connection");
    let create = |socket: &mut TcpStream, title: &str| {
        let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create" });
        good(&server.tool(socket, key, "pm33_create_work_item", &arguments).expect("an answer"));
    };
    create(&mut own, "Before");
    let limit = format!("--nofile={DESCRIPTORS}:{DESCRIPTORS}");
    let set = Command::new("prlimit").args(["--pid", &server.process().to_string(), &limit]).status();
    assert!(set.is_ok_and(|status| status.success()));

    // The kernel takes them for the server, which cannot.
    let held: Vec<_> = (0..80).map(|_| server.connect().expect("a connection")).collect();
    let full = Instant::now();
    let mut late = BufReader::new(server.connect().expect("a connection"));
    late.get_mut().write_all(post(&[], key, "tools/list", "", json!({})).as_bytes()).expect("sent");
    for number in 0..20 {
        create(&mut own, &format!("Meanwhile {number}"));
    }
    late.get_ref().set_read_timeout(Some(Duration::from_millis(300))).expect("set");
    let waiting = late.get_mut().read(&mut [0]).expect_err("nobody could take it");
    assert_eq!(waiting.kind(), ErrorKind::WouldBlock);
    let paused = full.elapsed();
    late.get_ref().set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    drop(held);
    let gone = Instant::now();
    assert_eq!(read_answer(&mut late).map(|answer| answer.status), Some(200));
    assert!(gone.elapsed() < BACK, "{:?}", gone.elapsed());
    create(&mut server.connect().expect("a connection"), "After");

    // It did not spin: each failed accept is a line of the log, and there is a breather after it.
    let log = std::fs::read_to_string(home.file("log")).expect("the log");
    let failed = log.matches("accepting a connection failed").count();
    let most = usize::try_from(paused.as_millis() / 50).expect("small") + 10;
    assert!((1..=most).contains(&failed), "{failed} in {paused:?}");
    server.terminate();
    assert!(server.ended().success());
}
