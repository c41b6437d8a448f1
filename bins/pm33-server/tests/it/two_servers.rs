//! Several servers on one PostgreSQL: limits hold over all together, those of AI calls too, and a revoked key ends at both (governance R3, K4).

use std::{
    io::{BufReader, Write},
    net::TcpStream,
    sync::{Arc, Barrier},
    thread::{Scope, ScopedJoinHandle},
    time::{Duration, Instant},
};

use pm33_app::act;
use pm33_auth::KeyStore;
use serde_json::json;

use crate::{
    home::Home,
    served::{Served, post, read_answer},
};

/// Without suspension: these callers do not stop when they are told to wait.
const LIMITS: [(&str, &str); 3] = [
    ("PM33_LIMITS_CALLS_PER_MINUTE_KEY", "60"),
    ("PM33_LIMITS_CALLS_PER_MINUTE_TENANT", "300"),
    ("PM33_LIMITS_SUSPEND_AFTER", "0"),
];
const WINDOW: Duration = Duration::from_mins(1);
/// The longest wait that is told, in seconds: what is leased counts from the lease's end, up to five seconds on, until it is told
/// that it was used up before.
const LONGEST: u64 = 66;

/// A caller that tells when each admitted call was sent and answered.
type Caller<'a> = ScopedJoinHandle<'a, Vec<(Instant, Instant)>>;

/// One call's status and how long a refused one is to wait; a fresh process may send callers away before it asks the limit.
fn ask(socket: &mut TcpStream, key: &str) -> (u16, Option<u64>) {
    send(socket, &post(&[], key, "tools/list", "", json!({})))
}

/// The same of a call of an AI tool. It names an item that is not there: the limit is asked before the tool is.
fn ask_ai(socket: &mut TcpStream, key: &str) -> (u16, Option<u64>) {
    let params = json!({ "name": "pm33_score_alignment", "arguments": { "items": ["W0-999"] } });
    send(socket, &post(&[], key, "tools/call", "pm33_score_alignment", params))
}

fn send(socket: &mut TcpStream, request: &str) -> (u16, Option<u64>) {
    loop {
        socket.write_all(request.as_bytes()).expect("sent");
        let answer = read_answer(&mut BufReader::new(&mut *socket)).expect("an answer");
        if answer.status != 503 {
            let wait = answer.header("retry-after").map(|text| text.parse().expect("seconds"));
            return (answer.status, wait);
        }
    }
}

/// Calls with a key at a server for some time; when each admitted one was sent and answered.
fn admitted(server: &Served, key: &str, for_how_long: Duration) -> Vec<(Instant, Instant)> {
    let mut socket = server.connect().expect("a connection");
    let (begun, mut all) = (Instant::now(), Vec::new());
    while begun.elapsed() < for_how_long {
        let sent = Instant::now();
        match ask(&mut socket, key).0 {
            200 => all.push((sent, Instant::now())),
            429 => std::thread::sleep(Duration::from_millis(30)),
            other => panic!("{other}"),
        }
    }
    all
}

#[test]
fn no_window_holds_more_calls_of_a_key_than_its_limit_over_both() {
    let Some(home) = Home::postgres(1) else { return };
    let key = home.keys[0].1.as_str();
    let both = [Served::start(&home, &LIMITS), Served::start(&home, &LIMITS)];
    let whole = WINDOW + Duration::from_secs(15);
    let begun = Instant::now();
    let mut all: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> =
            both.iter().map(|server| scope.spawn(move || admitted(server, key, whole))).collect();
        running.into_iter().flat_map(|one| one.join().expect("it asked")).collect()
    });
    all.sort_unstable();
    holds(60, &all);
    // What is allowed can be used: nearly a whole limit at once, and another as soon as its window is over.
    let early = all.iter().filter(|(_, at)| at.duration_since(begun) < Duration::from_secs(10)).count();
    assert!((59..=60).contains(&early), "{early} at once");
    assert!((118..=120).contains(&all.len()), "{} in {whole:?}", all.len());
}

/// No 60 seconds hold more than `limit` of these calls.
fn holds(limit: usize, calls: &[(Instant, Instant)]) {
    for (first, after) in calls.iter().zip(&calls[limit.min(calls.len())..]) {
        // The one was admitted after it was sent, the other before it was answered: at least so far apart.
        let apart = after.1.saturating_duration_since(first.0);
        assert!(apart >= WINDOW, "{} calls within {apart:?} of {}", limit + 1, calls.len());
    }
}

#[test]
fn six_hundred_at_once_on_both_get_the_limit_and_again_when_its_minute_is_over() {
    const KEYS: usize = 10;
    let Some(home) = Home::postgres(1) else { return };
    let keys: Vec<_> =
        (0..KEYS).map(|_| home.key(home.keys[0].0, Duration::from_hours(24), None).0).collect();
    let both = [Served::start(&home, &LIMITS), Served::start(&home, &LIMITS)];
    let ready = Barrier::new(both.len() * KEYS);
    let (begun, whole) = (Instant::now(), WINDOW + Duration::from_secs(15));
    let mut by_key: Vec<Vec<(Instant, Instant)>> = vec![Vec::new(); KEYS];
    std::thread::scope(|scope| {
        let each = both.iter().flat_map(|server| keys.iter().map(move |key| (server, key)));
        let running: Vec<_> = each
            .map(|(server, key)| {
                let ready = &ready;
                scope.spawn(move || {
                    let mut socket = server.connect().expect("a connection");
                    ready.wait();
                    let mut all = Vec::new();
                    // The first thirty of each come at once: six hundred.
                    for number in 0.. {
                        if begun.elapsed() > whole {
                            break;
                        }
                        let sent = Instant::now();
                        match ask(&mut socket, key).0 {
                            200 => all.push((sent, Instant::now())),
                            429 if number < 30 => {}
                            429 => std::thread::sleep(Duration::from_millis(100)),
                            other => panic!("{other}"),
                        }
                    }
                    all
                })
            })
            .collect();
        for (number, one) in running.into_iter().enumerate() {
            by_key[number % KEYS].extend(one.join().expect("it asked"));
        }
    });
    let mut all: Vec<_> = by_key.iter().flatten().copied().collect();
    all.sort_unstable();
    holds(300, &all);
    for of_key in &mut by_key {
        of_key.sort_unstable();
        holds(60, of_key);
    }
    // At least 98 % of it can be used, at once and in the next window.
    let early = all.iter().filter(|(_, at)| at.duration_since(begun) < Duration::from_secs(20)).count();
    assert!((294..=300).contains(&early), "{early} at once");
    assert!((588..=600).contains(&all.len()), "{} in {whole:?}", all.len());
}

#[test]
fn a_tenants_limit_holds_over_both_and_denied_calls_say_when() {
    let Some(home) = Home::postgres(2) else { return };
    let tenant = home.keys[0].0;
    let keys: Vec<_> = (0..8).map(|_| home.key(tenant, Duration::from_hours(24), None).0).collect();
    let both = [Served::start(&home, &LIMITS), Served::start(&home, &LIMITS)];
    let ready = Arc::new(Barrier::new(both.len() * keys.len()));
    let begun = Instant::now();
    let counts: Vec<(usize, usize)> = std::thread::scope(|scope| {
        let each = both.iter().flat_map(|server| keys.iter().map(move |key| (server, key)));
        let running: Vec<_> = each
            .map(|(server, key)| {
                let ready = Arc::clone(&ready);
                scope.spawn(move || {
                    let mut socket = server.connect().expect("a connection");
                    ready.wait();
                    let (mut good, mut told) = (0, 0);
                    for _ in 0..40 {
                        match ask(&mut socket, key) {
                            (200, _) => good += 1,
                            (429, Some(1..=LONGEST)) => told += 1,
                            other => panic!("{other:?}"),
                        }
                    }
                    (good, told)
                })
            })
            .collect();
        running.into_iter().map(|one| one.join().expect("it asked")).collect()
    });
    assert!(begun.elapsed() < WINDOW, "within one window: {:?}", begun.elapsed());
    let good: usize = counts.iter().map(|(good, _)| good).sum();
    assert!((294..=300).contains(&good), "{good} of 640 admitted");
    for pair in 0..keys.len() {
        let of_key = counts[pair].0 + counts[pair + keys.len()].0;
        assert!(of_key <= 60, "{of_key} of one key");
    }
    // Another tenant is not touched.
    let mut socket = both[0].connect().expect("a connection");
    assert_eq!(ask(&mut socket, &home.keys[1].1).0, 200);
}

/// Calls an AI tool with a key until `until`; when each admitted one was sent and answered.
fn admitted_ai(server: &Served, key: &str, until: Instant) -> Vec<(Instant, Instant)> {
    let mut socket = server.connect().expect("a connection");
    let mut all = Vec::new();
    while Instant::now() < until {
        let sent = Instant::now();
        match ask_ai(&mut socket, key) {
            (200, _) => all.push((sent, Instant::now())),
            (429, Some(1..=LONGEST)) => std::thread::sleep(Duration::from_millis(100)),
            other => panic!("{other:?}"),
        }
    }
    all
}

/// Callers with each of some keys at each of some servers.
fn at_all<'a>(
    scope: &'a Scope<'a, '_>,
    servers: &'a [Served],
    keys: &'a [String],
    until: Instant,
) -> Vec<Vec<Caller<'a>>> {
    let mut all = Vec::new();
    for key in keys {
        all.push(servers.iter().map(|server| scope.spawn(move || admitted_ai(server, key, until))).collect());
    }
    all
}

/// What came of each key, wherever it was asked.
fn by_key(callers: Vec<Vec<Caller<'_>>>) -> Vec<Vec<(Instant, Instant)>> {
    let of_key =
        |of_key: Vec<Caller<'_>>| of_key.into_iter().flat_map(|one| one.join().expect("it asked")).collect();
    callers.into_iter().map(of_key).collect()
}

#[test]
fn no_window_holds_more_ai_calls_than_their_limit_over_more_servers_than_the_setting_says() {
    const KEYS: usize = 4;
    const LIMITS: [(&str, &str); 3] = [
        ("PM33_LIMITS_AI_CALLS_PER_MINUTE_KEY", "10"),
        ("PM33_LIMITS_AI_CALLS_PER_MINUTE_TENANT", "30"),
        ("PM33_LIMITS_SUSPEND_AFTER", "0"),
    ];
    let Some(home) = Home::postgres(2) else { return };
    let keys_of =
        |tenant| (0..KEYS).map(|_| home.key(tenant, Duration::from_hours(24), None).0).collect::<Vec<_>>();
    let (everywhere, at_one) = (keys_of(home.keys[0].0), keys_of(home.keys[1].0));
    // One more than `limits.replicas` is by itself.
    let servers: Vec<_> = (0..3).map(|_| Served::start(&home, &LIMITS)).collect();
    let begun = Instant::now();
    let until = begun + WINDOW + Duration::from_secs(15);
    let (everywhere, at_one) = std::thread::scope(|scope| {
        let running =
            (at_all(scope, &servers, &everywhere, until), at_all(scope, &servers[..1], &at_one, until));
        (by_key(running.0), by_key(running.1))
    });
    // Over all servers, and at one alone: never more, and nearly all of it at once and again.
    for mut of_keys in [everywhere, at_one] {
        let mut all: Vec<_> = of_keys.iter().flatten().copied().collect();
        all.sort_unstable();
        holds(30, &all);
        for of_key in &mut of_keys {
            of_key.sort_unstable();
            holds(10, of_key);
        }
        let early = all.iter().filter(|(_, at)| at.duration_since(begun) < Duration::from_secs(20)).count();
        assert!((29..=30).contains(&early), "{early} at once");
        assert!((58..=60).contains(&all.len()), "{} in all", all.len());
    }
}

#[test]
fn a_revoked_key_ends_at_both_within_a_second() {
    // A second, and the time that a busy machine takes for the request that sees it.
    const SOON: Duration = Duration::from_millis(1_500);
    let Some(home) = Home::postgres(1) else { return };
    let (tenant, key) = (home.keys[0].0, home.keys[0].1.as_str());
    let both = [Served::start(&home, &[]), Served::start(&home, &[])];
    let mut sockets: Vec<_> = both.iter().map(|server| server.connect().expect("a connection")).collect();
    for socket in &mut sockets {
        assert_eq!(ask(socket, key).0, 200);
    }
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let id = session.list(tenant).await.expect("keys")[0].id;
        let now = foundation.clock.now();
        session.revoke(tenant, id, now).await.expect("revoked");
        session.commit(act(tenant, "admin/key.revoke", None, now)).await.expect("committed");
    });
    let revoked = Instant::now();
    std::thread::scope(|scope| {
        for socket in &mut sockets {
            scope.spawn(move || {
                while ask(socket, key).0 == 200 {
                    assert!(revoked.elapsed() < SOON, "still served after {:?}", revoked.elapsed());
                }
            });
        }
    });
    for server in &both {
        for _ in 0..100 {
            let mut socket = server.connect().expect("a connection");
            assert_eq!(ask(&mut socket, key).0, 401, "no way back");
        }
    }
}

#[test]
fn a_network_has_its_tries_of_wrong_keys_once_over_both() {
    const FROM: (&str, &str) = ("x-forwarded-for", "203.0.113.5");
    let Some(home) = Home::postgres(1) else { return };
    let settings = [("PM33_SERVER_TRUSTED_PROXIES", "127.0.0.1"), ("PM33_SERVER_FAILED_AUTHS", "10")];
    let both = [Served::start(&home, &settings), Served::start(&home, &settings)];
    let wrong = post(&[FROM, ("authorization", "Bearer nobody")], "", "tools/list", "", json!({}));
    let looked_at = |server: &Served| {
        let tried = (0..12).filter(|_| send(&mut server.connect().expect("a connection"), &wrong).0 == 401);
        tried.count()
    };
    // Five of ten each; the others are told to wait.
    assert_eq!(both.iter().map(looked_at).collect::<Vec<_>>(), [5, 5]);
    let mut socket = both[0].connect().expect("a connection");
    let own = post(&[FROM], &home.keys[0].1, "tools/list", "", json!({}));
    assert_eq!(send(&mut socket, &own).0, 429, "a key that this server has not seen waits too");
}
