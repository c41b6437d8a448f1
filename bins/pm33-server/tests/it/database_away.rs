//! PostgreSQL goes away under load and comes back: calls that write, read and ask a model are refused soon and in words,
//! nothing is half done, nothing is charged, and service is back within two seconds without a restart; clients that leave in the middle of their calls cost no connection
//! (governance Z8).

use std::{
    io::{self, Write},
    net::{Shutdown, TcpListener, TcpStream},
    process::Command,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use pm33_billing::{Accounts, Ledger, MicroCredits};
use serde_json::{Value, json};

use crate::{
    crash::{audited, good},
    crash_credits::{CALLERS, prepare, provider},
    home::Home,
    served::{Answer, Served, post},
};

/// Clients that write, and those that read beside them.
const CLIENTS: usize = 6;
const READERS: usize = 2;
/// Longest wait for something that must happen.
const SOON: Duration = Duration::from_secs(30);
/// What was on its way when the database went is over.
const A_MOMENT: Duration = Duration::from_secs(1);
/// The longest that a call may take while the database is away; a pool alone waits ten seconds.
const FAST: Duration = Duration::from_secs(1);
/// Clients that leave in the middle of a call.
const LEAVING: u64 = 1_000;
/// How long the database is away.
const AWAY: Duration = Duration::from_secs(10);
/// Until service is back.
const BACK: Duration = Duration::from_secs(2);

/// A way to PostgreSQL that can be cut.
struct Way {
    address: String,
    cut: Arc<AtomicBool>,
    open: Arc<Mutex<Vec<TcpStream>>>,
}

impl Way {
    /// Passes everything on to a server.
    fn to(server: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let cut = Arc::new(AtomicBool::new(false));
        let open = Arc::default();
        let (place, server) = (address.clone(), server.to_owned());
        let (is_cut, sockets) = (Arc::clone(&cut), Arc::clone(&open));
        std::thread::spawn(move || pass(listener, &place, &server, &is_cut, &sockets));
        Self { address, cut, open }
    }

    /// Ends every connection; new ones are refused.
    fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
        // The listener goes first, or somebody would come in behind us.
        while TcpStream::connect(&self.address).is_ok() {
            std::thread::sleep(Duration::from_millis(2));
        }
        for socket in self.open.lock().expect("sockets").drain(..) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }

    /// Takes connections again.
    fn mend(&self) {
        self.cut.store(false, Ordering::SeqCst);
    }
}

fn pass(first: TcpListener, place: &str, server: &str, cut: &AtomicBool, open: &Mutex<Vec<TcpStream>>) {
    let mut listener = Some(first);
    loop {
        if cut.load(Ordering::SeqCst) {
            listener = None;
        } else if listener.is_none() {
            listener = TcpListener::bind(place).ok();
        }
        if let Some(listener) = &listener {
            listener.set_nonblocking(true).expect("set");
            if let Ok((from, _)) = listener.accept() {
                from.set_nonblocking(false).expect("set");
                let to = TcpStream::connect(server).expect("the real server");
                for (one, other) in [(&from, &to), (&to, &from)] {
                    let [mut one, mut other] =
                        [one, other].map(|socket| socket.try_clone().expect("a handle"));
                    std::thread::spawn(move || {
                        let _ = io::copy(&mut one, &mut other);
                        let _ = other.shutdown(Shutdown::Both);
                    });
                }
                open.lock().expect("sockets").extend([from, to]);
                continue;
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// A deployment whose server reaches PostgreSQL by a way that can be cut.
fn detoured(home: &Home) -> (Way, Vec<(&'static str, String)>) {
    let url = |path: &str| std::fs::read_to_string(path).expect("a URL");
    let host =
        |url: &str| url.split_once('@').and_then(|(_, rest)| rest.split('/').next()).map(str::to_owned);
    let server = host(&url(&home.environment[0].1)).expect("a host");
    let way = Way::to(&server);
    let detour = |(name, path): &(&'static str, String)| {
        let changed = format!("{path}-by-way");
        std::fs::write(&changed, url(path).replace(&server, &way.address)).expect("a file");
        (*name, changed)
    };
    let environment = home.environment.iter().map(detour).collect();
    (way, environment)
}

fn start(home: &Home, environment: &[(&'static str, String)]) -> Served {
    let environment: Vec<_> = environment.iter().map(|(name, value)| (*name, value.as_str())).collect();
    Served::start(home, &environment)
}

/// A call and its answer.
struct Timed {
    begun: Instant,
    took: Duration,
    status: u16,
}

/// One call; what is not done is refused in words.
fn call(
    server: &Served,
    socket: &mut TcpStream,
    key: &str,
    tool: &str,
    arguments: &Value,
) -> (Timed, Answer) {
    let begun = Instant::now();
    let answer = server.tool(socket, key, tool, arguments).expect("an answer");
    let took = begun.elapsed();
    if answer.status == 200 {
        good(&answer);
    } else {
        assert_eq!(answer.status, 503, "{answer:?}");
        let message = answer.json()["error"]["message"].as_str().unwrap_or_default().to_owned();
        assert!(message.split(' ').count() > 4, "no words: {answer:?}");
    }
    (Timed { begun, took, status: answer.status }, answer)
}

/// Reads pages until it is told to stop.
fn reader(server: &Served, key: &str, stop: &AtomicBool) -> Vec<Timed> {
    let mut socket = server.connect().expect("a connection");
    let mut all = Vec::new();
    while !stop.load(Ordering::SeqCst) {
        all.push(call(server, &mut socket, key, "pm33_query_backlog", &json!({ "limit": 25 })).0);
    }
    all
}

/// Has new texts judged until it is told to stop; where a text cannot be changed, an item that nobody has judged yet.
fn asker(server: &Served, key: &str, stop: &AtomicBool) -> Vec<Timed> {
    let mut socket = server.connect().expect("a connection");
    let (mut all, mut refused) = (Vec::new(), 0);
    while !stop.load(Ordering::SeqCst) {
        let mut item = "W0-1".to_owned();
        let change = json!({ "item": item, "description": format!("Text {}.", all.len()) });
        let changed = call(server, &mut socket, key, "pm33_update_work_item", &change).0;
        if changed.status != 200 {
            refused += 1;
            item = format!("W0-{}", 2 + refused % (CALLERS - 1));
        }
        all.push(call(server, &mut socket, key, "pm33_score_alignment", &json!({ "items": [item] })).0);
    }
    all
}

/// What an organisation's credits stand at, past the server; its books agree.
fn accounts(home: &Home) -> Accounts {
    let tenant = home.keys[0].0;
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let mismatches = session.reconcile_credits(tenant).await.expect("books");
        assert!(mismatches.is_empty(), "{mismatches:?}");
        session.standing(tenant, &[]).await.expect("a standing").accounts
    })
}

/// All that is asked while the database was away is refused, soon; how often and how soon.
fn refused(what: &str, calls: &[Timed], cut: Instant, mended: Instant) -> (usize, Duration) {
    let away: Vec<_> = calls.iter().filter(|one| one.begun > cut && one.begun < mended).collect();
    // What a call began with may still do for it.
    for one in away.iter().filter(|one| one.begun > cut + A_MOMENT && one.begun + one.took < mended) {
        assert_eq!(one.status, 503, "{what} {:?} after it went away", one.begun - cut);
    }
    let slowest = away.iter().map(|one| one.took).max().expect("calls while it was away");
    assert!(slowest < FAST, "{what}: {slowest:?}");
    assert!(calls.iter().any(|one| one.begun > mended && one.status == 200), "{what} is not served again");
    (away.iter().filter(|one| one.status == 503).count(), slowest)
}

/// Tells whoever asks to stop when the value goes, also when an assertion fails.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

struct Asked {
    client: usize,
    arguments: Value,
    begun: Instant,
    took: Duration,
    answer: Answer,
}

/// Makes items until it is told to stop.
fn client(server: &Served, home: &Home, client: usize, stop: &AtomicBool) -> Vec<Asked> {
    let key = &home.keys[client % home.keys.len()].1;
    let mut socket = server.connect().expect("a connection");
    let mut all = Vec::new();
    for step in 0.. {
        if stop.load(Ordering::SeqCst) {
            break;
        }
        let title = format!("Away{client}s{step}");
        let arguments =
            json!({ "type": "task", "title": title, "on_duplicate": "create", "idempotency_key": title });
        let (Timed { begun, took, .. }, answer) =
            call(server, &mut socket, key, "pm33_create_work_item", &arguments);
        all.push(Asked { client, arguments, begun, took, answer });
    }
    all
}

#[test]
fn a_database_that_went_away_is_refused_fast_and_used_again_when_it_is_back() {
    let Some(home) = Home::postgres(2) else { return };
    prepare(&home);
    let (way, mut environment) = detoured(&home);
    environment.extend([
        ("PM33_AI_PROVIDERS", "anthropic".to_owned()),
        ("PM33_AI_ANTHROPIC_URL", provider(|| {})),
        ("ANTHROPIC_API_KEY", "sk-test".to_owned()),
    ]);
    let server = start(&home, &environment);
    for (_, key) in &home.keys {
        let mut socket = server.connect().expect("a connection");
        good(&server.tool(&mut socket, key, "pm33_query_backlog", &json!({})).expect("an answer"));
    }
    let stop = AtomicBool::new(false);
    let (all, beside, cut, mended) = std::thread::scope(|scope| {
        let (key, stopped) = (home.keys[0].1.as_str(), &stop);
        let readers: Vec<_> = (0..READERS).map(|_| scope.spawn(|| reader(&server, key, stopped))).collect();
        let asker = scope.spawn(|| asker(&server, key, stopped));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| {
                let (server, home, stop) = (&server, &home, &stop);
                scope.spawn(move || client(server, home, number, stop))
            })
            .collect();
        let _ending = Ending(&stop);
        let begun = Instant::now();
        while accounts(&home).sums.spent == MicroCredits::ZERO {
            assert!(begun.elapsed() < SOON, "nothing is ever charged");
            std::thread::sleep(Duration::from_millis(200));
        }
        way.cut();
        let cut = Instant::now();
        std::thread::sleep(A_MOMENT);
        let before = accounts(&home);
        std::thread::sleep(AWAY.saturating_sub(cut.elapsed()));
        assert_eq!(accounts(&home), before, "charged while it was away");
        way.mend();
        let mended = Instant::now();
        std::thread::sleep(BACK + Duration::from_secs(1));
        stop.store(true, Ordering::SeqCst);
        let all: Vec<_> = clients.into_iter().flat_map(|one| one.join().expect("a client")).collect();
        let read: Vec<_> = readers.into_iter().flat_map(|one| one.join().expect("a reader")).collect();
        (all, [("reading", read), ("asking a model", asker.join().expect("an asker"))], cut, mended)
    });
    for (what, calls) in &beside {
        let (number, slowest) = refused(what, calls, cut, mended);
        eprintln!(
            "{what}: {} calls, {number} refused while it was away, the slowest after {slowest:?}",
            calls.len()
        );
        assert!(number > 3, "{what}: {number}");
    }
    accounts(&home);
    let away = all.iter().filter(|one| one.begun > cut && one.begun < mended);
    let slowest = away.clone().map(|one| one.took).max().expect("calls while it was away");
    let refused = away.filter(|one| one.answer.status == 503).count();
    let back = all.iter().filter(|one| one.begun > mended && one.answer.status == 200);
    let back = back.map(|one| one.begun + one.took).min().expect("service after it") - mended;
    eprintln!(
        "{} calls, {refused} refused while it was away, the slowest after {slowest:?}; back after {back:?}",
        all.len()
    );
    assert!(refused > CLIENTS && slowest < FAST && back < BACK, "{refused} {slowest:?} {back:?}");
    judge(&home, &server, &all);
}

/// What was answered is there once; what was refused is there once when it is repeated.
fn judge(home: &Home, server: &Served, all: &[Asked]) {
    let mut socket = server.connect().expect("a connection");
    let refused = all.iter().filter(|one| one.answer.status != 200);
    for (number, one) in all.iter().rev().take(60).chain(refused.take(60)).enumerate() {
        let key = &home.keys[one.client % home.keys.len()].1;
        let again = server.tool(&mut socket, key, "pm33_create_work_item", &one.arguments);
        let again = good(&again.expect("an answer"));
        if one.answer.status == 200 {
            assert_eq!(again, good(&one.answer), "{}", one.arguments);
        }
        if number % 4 == 0 {
            let asked = json!({ "text": one.arguments["title"], "limit": 200, "columns": "summary" });
            let found =
                good(&server.tool(&mut socket, key, "pm33_query_backlog", &asked).expect("an answer"));
            let same = found["items"].as_array().expect("items").iter();
            assert_eq!(same.filter(|item| item["title"] == one.arguments["title"]).count(), 1, "{found}");
        }
    }
    home.look(async |foundation| {
        for (number, (tenant, _)) in home.keys.iter().enumerate() {
            let rows = audited(foundation, *tenant).await;
            for one in
                all.iter().filter(|one| one.client % home.keys.len() == number && one.answer.status == 200)
            {
                let call = one.answer.header("x-request-id").expect("a correlation id");
                assert!(rows.contains(call), "no audit row of {}", one.arguments);
            }
        }
    });
}

/// Connections of the deployment's serving role, and those of them that are inside a transaction.
#[expect(clippy::disallowed_methods, reason = "the test's place")]
fn connections(home: &Home) -> (usize, usize) {
    let url = std::fs::read_to_string(&home.environment[0].1).expect("a URL");
    let database = url.rsplit('/').next().expect("a name");
    let asked = format!(
        "SELECT count(*), count(*) FILTER (WHERE state LIKE 'idle in transaction%') FROM pg_stat_activity \
         WHERE usename = '{database}_a'"
    );
    let server = std::env::var("PM33_TEST_POSTGRES_URL").expect("a server");
    let output = Command::new("psql").args(["-qtAd", &server, "-c", &asked]).output().expect("psql runs");
    let text = String::from_utf8(output.stdout).expect("text");
    let (all, inside) = text.trim().split_once('|').expect("two counts");
    (all.parse().expect("a number"), inside.parse().expect("a number"))
}

#[test]
fn clients_that_leave_in_the_middle_cost_no_connection() {
    /// The pools of the default setting, and the connection that asks whether the database is there.
    const MOST: usize = 9;
    let Some(home) = Home::postgres(1) else { return };
    let server = start(&home, &[]);
    let key = &home.keys[0].1;
    let mut socket = server.connect().expect("a connection");
    good(&server.tool(&mut socket, key, "pm33_query_backlog", &json!({})).expect("an answer"));
    for number in 0..LEAVING {
        let title = format!("Left{number}");
        let arguments = json!({ "type": "task", "title": title, "on_duplicate": "create" });
        let params = json!({ "name": "pm33_create_work_item", "arguments": arguments });
        let mut leaving = server.connect().expect("a connection");
        leaving
            .write_all(post(&[], key, "tools/call", "pm33_create_work_item", params).as_bytes())
            .expect("sent");
        // At another point of the call each time.
        std::thread::sleep(Duration::from_micros(number * 977 % 20_000));
    }
    // More calls at a time than there are connections, each soon.
    std::thread::scope(|scope| {
        for number in 0..3 * MOST {
            let server = &server;
            scope.spawn(move || {
                let mut socket = server.connect().expect("a connection");
                let arguments =
                    json!({ "type": "task", "title": format!("Stayed{number}"), "on_duplicate": "create" });
                let begun = Instant::now();
                good(&server.tool(&mut socket, key, "pm33_create_work_item", &arguments).expect("an answer"));
                assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
            });
        }
    });
    let begun = Instant::now();
    loop {
        let (all, inside) = connections(&home);
        assert!(all <= MOST, "{all} connections");
        if inside == 0 {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{inside} connections stay in a transaction");
    }
}
