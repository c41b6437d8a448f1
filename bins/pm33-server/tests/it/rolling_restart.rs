//! Two replicas on one PostgreSQL are restarted one after the other under 200 calls a second. In front of them is what a
//! balancer does: it asks each for its readiness and sends calls to those that are ready, each call once. None fails, and
//! none is lost or done twice (governance Z9).

use std::{
    io::{BufReader, Write},
    net::TcpStream,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    crash::good,
    home::Home,
    length::length,
    served::{Answer, Served, post, read_answer},
};

const CLIENTS: usize = 20;
/// Between two calls of a client: 200 a second in all.
const PACE: Duration = Duration::from_millis(100);
/// How often each replica is asked whether it is ready.
const PROBE: Duration = Duration::from_millis(200);
/// Time between readiness and refusals, for a balancer to notice.
const ENVIRONMENT: [(&str, &str); 1] = [("PM33_SERVER_UNREADY_SECONDS", "2")];
/// Restarts of each replica.
const RESTARTS: usize = 2;
const MANY_RESTARTS: usize = 20;

/// A replica as the balancer sees it.
#[derive(Default)]
struct Backend {
    /// Where it listens: another place after each restart.
    address: Mutex<String>,
    ready: AtomicBool,
}

impl Backend {
    fn moved(&self, server: &Served) {
        self.address.lock().expect("an address").clone_from(&server.address);
    }

    fn address(&self) -> String {
        self.address.lock().expect("an address").clone()
    }

    /// Asks for readiness as long as there is somebody to ask for.
    fn probe(&self, stop: &AtomicBool) {
        while !stop.load(Relaxed) {
            let asked = connect(&self.address()).and_then(|mut socket| {
                let request = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
                socket.write_all(request).ok()?;
                read_answer(&mut BufReader::new(socket))
            });
            self.ready.store(asked.is_some_and(|answer| answer.status == 200), Relaxed);
            std::thread::sleep(PROBE);
        }
    }
}

fn connect(address: &str) -> Option<TcpStream> {
    let socket = TcpStream::connect(address).ok()?;
    socket.set_read_timeout(Some(Duration::from_secs(30))).expect("set");
    socket.set_nodelay(true).expect("set");
    Some(socket)
}

/// What a client did.
#[derive(Default)]
struct Done {
    calls: usize,
    created: usize,
    /// Calls at each replica.
    at: [usize; 2],
    /// What was no good answer: the status, or none.
    failed: Vec<Option<Answer>>,
}

/// Calls at its pace, at the replicas in turn, on a connection to each that lasts as long as the replica.
fn client(backends: &[Backend; 2], key: &str, number: usize, stop: &AtomicBool) -> Done {
    let mut done = Done::default();
    let mut open: [Option<(String, TcpStream)>; 2] = [None, None];
    let mut next = Instant::now();
    for step in 0_usize.. {
        if stop.load(Relaxed) {
            break;
        }
        std::thread::sleep(next.saturating_duration_since(Instant::now()));
        next += PACE;
        let first = (step + number) % 2;
        let ready = [first, 1 - first].into_iter().find(|one| backends[*one].ready.load(Relaxed));
        let Some(replica) = ready else { panic!("no replica is ready") };
        let address = backends[replica].address();
        if open[replica].as_ref().is_none_or(|(known, _)| *known != address) {
            open[replica] = connect(&address).map(|socket| (address, socket));
        }
        let creates = step.is_multiple_of(4);
        let (name, arguments) = if creates {
            let title = format!("Rolling {number} {step}");
            ("pm33_create_work_item", json!({ "type": "task", "title": title, "on_duplicate": "create" }))
        } else {
            ("pm33_query_backlog", json!({ "limit": 5 }))
        };
        let request = post(&[], key, "tools/call", name, json!({ "name": name, "arguments": arguments }));
        let answer = open[replica].as_mut().and_then(|(_, socket)| {
            socket.write_all(request.as_bytes()).ok()?;
            read_answer(&mut BufReader::new(socket))
        });
        done.calls += 1;
        done.at[replica] += 1;
        match answer {
            Some(answer) if answer.status == 200 => {
                good(&answer);
                done.created += usize::from(creates);
            }
            other => {
                open[replica] = None;
                done.failed.push(other);
            }
        }
    }
    done
}

#[test]
fn no_call_fails_while_two_replicas_are_restarted_one_after_the_other() {
    let Some(home) = Home::postgres(1) else { return };
    let key = &home.keys[0].1;
    let start = || Served::start(&home, &ENVIRONMENT);
    let mut servers = [start(), start()];
    let backends = [Backend::default(), Backend::default()];
    for (backend, server) in backends.iter().zip(&servers) {
        backend.moved(server);
        backend.ready.store(true, Relaxed);
    }
    let (stop, begun) = (AtomicBool::new(false), Instant::now());
    let all: Vec<Done> = std::thread::scope(|scope| {
        for backend in &backends {
            scope.spawn(|| backend.probe(&stop));
        }
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (backends, stop) = (&backends, &stop);
                scope.spawn(move || client(backends, key, number, stop))
            })
            .collect();
        for _ in 0..length(RESTARTS, MANY_RESTARTS) {
            for (server, backend) in servers.iter_mut().zip(&backends) {
                std::thread::sleep(Duration::from_secs(1));
                server.terminate();
                assert!(server.ended().success());
                *server = start();
                backend.moved(server);
                // The other one goes only when this one is back.
                let begun = Instant::now();
                while !backend.ready.load(Relaxed) {
                    assert!(begun.elapsed() < Duration::from_secs(20), "not ready");
                    std::thread::sleep(PROBE);
                }
            }
        }
        stop.store(true, Relaxed);
        clients.into_iter().map(|one| one.join().expect("a client")).collect()
    });
    let calls: usize = all.iter().map(|one| one.calls).sum();
    let created: usize = all.iter().map(|one| one.created).sum();
    let at = [0, 1].map(|replica| all.iter().map(|one| one.at[replica]).sum::<usize>());
    let failed: Vec<_> = all.iter().flat_map(|one| &one.failed).collect();
    eprintln!(
        "{calls} calls in {:.1?}, {at:?} of them at each replica; {} failed",
        begun.elapsed(),
        failed.len()
    );
    assert!(failed.is_empty(), "{} of {calls} failed: {:?}", failed.len(), &failed[..failed.len().min(3)]);
    assert!(at.iter().all(|one| *one > calls / 10), "{at:?}");
    let mut socket = servers[0].connect().expect("a connection");
    let asked = json!({ "columns": "identity", "limit": 1, "freshness": "newest" });
    let found = servers[0].tool(&mut socket, key, "pm33_query_backlog", &asked);
    assert_eq!(good(&found.expect("an answer"))["total"], created, "what was answered is there once");
}
