//! Three times what a server can do, and calls to a slow model beside it: calls beyond a limit are refused at next to no
//! cost, those that wait for a model hold nobody up, and everybody else gets what he got without them (governance Z11).
//! Shares of one run are compared, not times of a machine.

use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use pm33_product::ItemType;
use pm33_tenancy::{Administration, TenantSettings};
use serde_json::json;

use crate::{
    crash::good,
    crash_credits::{prepare, provider},
    desk::{Filling, epic, fill, item, team, year},
    home::Home,
    served::Served,
};

const POLITE: usize = 2;
const GREEDY: usize = 4;
const ASKING: usize = 8;
/// Short, and in turns, so that what else a machine does falls on both kinds.
const PHASE: Duration = Duration::from_millis(800);
/// How long the model takes.
const MODEL: Duration = Duration::from_millis(700);
/// Of the goodput without overload; without the limit it would be a third.
const LEAST: f64 = 0.8;

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

/// A server of a polite organisation, a greedy one, which has a small limit, and one that asks a slow model.
fn served() -> (Home, Served) {
    let home = Home::sqlite(3);
    prepare(&home, 2);
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
    let url = provider(MODEL);
    let server = Served::start(
        &home,
        &[
            ("PM33_AI_PROVIDERS", "anthropic"),
            ("PM33_AI_ANTHROPIC_URL", url.as_str()),
            ("ANTHROPIC_API_KEY", "sk-test"),
        ],
    );
    (home, server)
}

/// Has a model judge a new text again and again; how many judgements came.
fn judgements(server: &Served, key: &str, number: usize, begun: Instant) -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let mut socket = server.connect().expect("a connection");
    let (item, mut came) = (format!("W2-{}", number + 1), 0);
    while begun.elapsed() < PHASE {
        let text = format!("Text {}.", NEXT.fetch_add(1, Ordering::Relaxed));
        let change = json!({ "item": item, "description": text });
        good(&server.tool(&mut socket, key, "pm33_update_work_item", &change).expect("an answer"));
        let asked = server.tool(&mut socket, key, "pm33_score_alignment", &json!({ "items": [item] }));
        let told = good(&asked.expect("an answer"));
        assert!(told["judged_by"].is_string(), "{told}");
        came += 1;
    }
    came
}

/// What one phase came to.
#[derive(Default)]
struct Told {
    refusals: Vec<Duration>,
    judgements: usize,
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

/// Calls of the polite that were answered in one phase, while the greedy send so many a second and others ask a model.
fn phase(home: &Home, server: &Served, greedy_rate: f64, told: &mut Told) -> f64 {
    let (done, is_overloaded) = (AtomicUsize::new(0), greedy_rate > 0.0);
    let begun = Instant::now();
    let ended = std::thread::scope(|scope| {
        let polite: Vec<_> = (0..POLITE)
            .map(|_| {
                scope.spawn(|| {
                    let mut socket = server.connect().expect("a connection");
                    while begun.elapsed() < PHASE {
                        assert_eq!(calculate(server, &home.keys[0].1, &mut socket), 200);
                        done.fetch_add(1, Ordering::Relaxed);
                    }
                    begun.elapsed()
                })
            })
            .collect();
        let greedy: Vec<_> = (0..GREEDY)
            .filter(|_| is_overloaded)
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
        let asking: Vec<_> = (0..ASKING)
            .filter(|_| is_overloaded)
            .map(|number| scope.spawn(move || judgements(server, &home.keys[2].1, number, begun)))
            .collect();
        told.refusals.extend(greedy.into_iter().flat_map(|one| one.join().expect("it asked")));
        told.judgements += asking.into_iter().map(|one| one.join().expect("it asked")).sum::<usize>();
        polite.into_iter().map(|one| one.join().expect("it asked")).max().unwrap_or(PHASE)
    });
    f64::from(u32::try_from(done.into_inner()).expect("small")) / ended.as_secs_f64()
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test's length is asked for")]
fn at_three_times_capacity_calls_within_their_limits_are_served_as_before() {
    let long = std::env::var("PM33_TEST_LONG").is_ok_and(|text| text == "1");
    let (home, server) = served();
    let mut socket = server.connect().expect("a connection");
    assert_eq!(calculate(&server, &home.keys[0].1, &mut socket), 200);
    while calculate(&server, &home.keys[1].1, &mut socket) == 200 {}
    let (mut shares, mut peaks, mut told) = (Vec::new(), Vec::new(), Told::default());
    for round in 0..if long { 25 } else { 11 } {
        // What the machine does to one phase it does as often to the other.
        let mut peak = 0.0;
        if round % 2 == 0 {
            peak = phase(&home, &server, 0.0, &mut told);
        }
        let known = if peak > 0.0 { peak } else { median(&mut peaks) };
        let loaded = phase(&home, &server, 2.0 * known, &mut told);
        if peak == 0.0 {
            peak = phase(&home, &server, 0.0, &mut told);
        }
        peaks.push(peak);
        shares.push(loaded / peak);
    }
    told.refusals.sort_unstable();
    let (share, refused) = (median(&mut shares), told.refusals[told.refusals.len() / 2]);
    eprintln!(
        "goodput at three times capacity: {shares:.2?} of the peak, which is {:.0} calls a second; {} refusals, median \
         {refused:?}; {} judgements beside them",
        median(&mut peaks),
        told.refusals.len(),
        told.judgements
    );
    assert!(share >= LEAST, "{shares:?}");
    assert!(refused <= Duration::from_millis(50), "{refused:?}");
    assert!(told.judgements >= ASKING, "{} judgements", told.judgements);
}

fn median(all: &mut [f64]) -> f64 {
    all.sort_by(f64::total_cmp);
    all[all.len() / 2]
}
