//! Three times what a server can do: calls beyond a limit are refused at next to no cost, and everybody else gets what he
//! got without them (governance Z11). Shares of one run are compared, not times of a machine.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use pm33_product::ItemType;
use pm33_tenancy::{Administration, TenantSettings};
use serde_json::json;

use crate::{
    crash::good,
    desk::{Filling, epic, fill, item, team, year},
    home::Home,
    length::length,
    served::Served,
};

const POLITE: usize = 2;
const GREEDY: usize = 4;
const PHASE: Duration = Duration::from_millis(800);
/// Phases of overload, each between two without. They are short, so that what else a machine does falls on both kinds.
const TURNS: usize = 13;
const LONG_TURNS: usize = 25;
/// Of the goodput without overload, in the middle of the turns. Without the limit it is half or less.
const LEAST: f64 = 0.8;
/// Of this many refusals one may have waited for a core that something else had.
const REFUSALS: usize = 10;
const REFUSED_WITHIN: Duration = Duration::from_millis(50);

/// Epics of six teams, and a year of work.
fn portfolio() -> Filling {
    let teams: Vec<_> = (0..6).map(|number| team(&format!("Lane {number}"), Some(20.0))).collect();
    let mut items = year(teams[0].id);
    items.push(item(ItemType::Story, "Open", Some(teams[0].id)));
    items.extend((0..200_u32).map(|number| {
        epic(&format!("Epic {number}"), f64::from(number % 13 + 1), Some(teams[number as usize % 6].id))
    }));
    Filling { teams, items }
}

/// A server of a polite organisation and a greedy one, which has a small limit.
fn served() -> (Home, Served) {
    let home = Home::sqlite(2);
    let greedy = home.keys[1].0;
    home.look(async |foundation| {
        for number in 0..2 {
            fill(foundation, number, portfolio()).await;
        }
        let session = foundation.store.operator();
        let settings = TenantSettings {
            calls_per_minute_key: Some(60),
            suspend_after: Some(0),
            ..TenantSettings::default()
        };
        session.put_settings(greedy, &settings).await.expect("settings");
        let now = foundation.clock.now();
        session.commit(pm33_app::act(greedy, "admin/tenant.set", None, now)).await.expect("committed");
    });
    let server = Served::start(&home, &[]);
    (home, server)
}

/// A calculation that takes the server a while; its status.
fn calculate(server: &Served, key: &str, socket: &mut std::net::TcpStream) -> u16 {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let arguments = json!({ "effort": 300 + NEXT.fetch_add(1, Ordering::Relaxed) % 200, "limit": 1 });
    let answer = server.tool(socket, key, "pm33_schedule_portfolio", &arguments).expect("an answer");
    if answer.status == 200 {
        good(&answer);
    }
    answer.status
}

/// Calls of the polite that were answered in one phase, a second, while the greedy send so many a second.
fn phase(home: &Home, server: &Served, greedy_rate: f64, refusals: &mut Vec<Duration>) -> f64 {
    let begun = Instant::now();
    std::thread::scope(|scope| {
        let polite: Vec<_> = (0..POLITE)
            .map(|_| {
                scope.spawn(|| {
                    let mut socket = server.connect().expect("a connection");
                    let mut done = 0_u32;
                    while begun.elapsed() < PHASE {
                        assert_eq!(calculate(server, &home.keys[0].1, &mut socket), 200);
                        done += 1;
                    }
                    // The greedy may still be asleep.
                    f64::from(done) / begun.elapsed().as_secs_f64()
                })
            })
            .collect();
        let greedy: Vec<_> = (0..GREEDY)
            .filter(|_| greedy_rate > 0.0)
            .map(|number| {
                scope.spawn(move || {
                    let mut socket = server.connect().expect("a connection");
                    let pace = Duration::from_secs_f64(4.0 / greedy_rate);
                    let mut next =
                        begun + pace.mul_f64(f64::from(u32::try_from(number).expect("small")) / 4.0);
                    let mut took = Vec::new();
                    while begun.elapsed() < PHASE {
                        std::thread::sleep(next.saturating_duration_since(Instant::now()));
                        next += pace;
                        let sent = Instant::now();
                        if calculate(server, &home.keys[1].1, &mut socket) == 429 {
                            took.push(sent.elapsed());
                        }
                    }
                    took
                })
            })
            .collect();
        refusals.extend(greedy.into_iter().flat_map(|one| one.join().expect("it asked")));
        polite.into_iter().map(|one| one.join().expect("it asked")).sum()
    })
}

#[test]
fn at_three_times_capacity_calls_within_their_limits_are_served_as_before() {
    let (home, server) = served();
    let mut socket = server.connect().expect("a connection");
    assert_eq!(calculate(&server, &home.keys[0].1, &mut socket), 200);
    while calculate(&server, &home.keys[1].1, &mut socket) == 200 {}
    let (mut shares, mut refusals) = (Vec::new(), Vec::new());
    let mut before = phase(&home, &server, 0.0, &mut refusals);
    for _ in 0..length(TURNS, LONG_TURNS) {
        let goodput = phase(&home, &server, 2.0 * before, &mut refusals);
        let after = phase(&home, &server, 0.0, &mut refusals);
        shares.push(2.0 * goodput / (before + after));
        before = after;
    }
    shares.sort_by(f64::total_cmp);
    refusals.sort_unstable();
    let share = shares[shares.len() / 2];
    let (refused, late) =
        (refusals[refusals.len() / 2], refusals[refusals.len() - 1 - refusals.len() / REFUSALS]);
    eprintln!(
        "goodput at three times capacity: {shares:.2?} of the peak, the last of which was {before:.0} a second; \
         {} refusals, median {refused:?}, nine of ten within {late:?}",
        refusals.len()
    );
    assert!(share >= LEAST, "{shares:?}");
    assert!(late <= REFUSED_WITHIN, "{late:?}");
}

/// Callers that keep both cores busy, and many times as many.
const FEW: usize = 8;
const MANY: usize = 200;

/// Calls a second that so many callers get, each of which asks again as soon as it was answered; and how long it took to
/// refuse any.
fn rate(home: &Home, server: &Served, callers: usize, refusals: &mut Vec<Duration>) -> f64 {
    let begun = Instant::now();
    let all: Vec<_> = std::thread::scope(|scope| {
        let callers: Vec<_> = (0..callers)
            .map(|_| {
                scope.spawn(|| {
                    let mut socket = server.connect().expect("a connection");
                    let (mut done, mut refused) = (0_u32, Vec::new());
                    while begun.elapsed() < PHASE {
                        let sent = Instant::now();
                        let asked = json!({ "limit": 25 });
                        let answer = server.tool(&mut socket, &home.keys[0].1, "pm33_query_backlog", &asked);
                        let answer = answer.expect("an answer");
                        if answer.status == 200 {
                            good(&answer);
                            done += 1;
                        } else {
                            refused.push(sent.elapsed());
                        }
                    }
                    (f64::from(done) / begun.elapsed().as_secs_f64(), refused)
                })
            })
            .collect();
        callers.into_iter().map(|one| one.join().expect("it asked")).collect()
    });
    refusals.extend(all.iter().flat_map(|(_, refused)| refused));
    all.iter().map(|(rate, _)| rate).sum()
}

#[test]
fn callers_within_their_limits_that_are_too_many_get_what_the_server_can() {
    let (home, server) = served();
    let (mut shares, mut refusals) = (Vec::new(), Vec::new());
    rate(&home, &server, FEW, &mut Vec::new());
    let mut before = rate(&home, &server, FEW, &mut refusals);
    assert!(refusals.is_empty(), "{refusals:?}");
    for _ in 0..length(TURNS, LONG_TURNS) / 2 {
        let crowded = rate(&home, &server, MANY, &mut refusals);
        let after = rate(&home, &server, FEW, &mut Vec::new());
        shares.push(2.0 * crowded / (before + after));
        before = after;
    }
    shares.sort_by(f64::total_cmp);
    refusals.sort_unstable();
    let share = shares[shares.len() / 2];
    eprintln!(
        "{MANY} callers get {shares:.2?} of what {FEW} get; {} refused: {:?}",
        refusals.len(),
        refusals.last()
    );
    assert!(share >= LEAST, "{shares:?}");
    if let Some(late) = refusals.get(refusals.len().saturating_sub(1 + refusals.len() / REFUSALS)) {
        assert!(*late <= REFUSED_WITHIN, "{late:?}");
    }
}
