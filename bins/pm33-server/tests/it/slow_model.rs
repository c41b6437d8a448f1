//! Calls to a model that does not answer, far more than there are connections to the database, take nothing from the tools
//! that need no model: not a thread, not a connection, not the writer's turn (governance Z11). Shares of one run are
//! compared, in turns, not times of a machine.

use std::{
    sync::{Arc, Condvar, Mutex, PoisonError, mpsc::channel},
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    crash_credits::{CALLERS, good, prepare, provider},
    home::Home,
    served::Served,
};

/// Callers of tools that need no model.
const OTHERS: usize = 2;
/// Turns, each with and without calls that hang. A turn is short, so that what else a machine does falls on both kinds.
const TURNS: usize = 7;
const TURN: Duration = Duration::from_millis(300);
/// Of what is served without them, in the middle of the turns. What hangs uses no processor, so that all of it is to be
/// there (0.7 to 1.0 beside compilers that take both cores); whatever of theirs was held while they wait would be gone for
/// all others, as they are more than there is of it, and next to nothing would be left.
const LEAST: f64 = 0.5;
/// By then every question is at the model, on any machine.
pub(crate) const LATEST: Duration = Duration::from_mins(1);

/// A model's gate: who asks waits until it is opened.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<Held>, Condvar)>);

#[derive(Default)]
pub(crate) struct Held {
    pub(crate) waiting: usize,
    /// Questions so far.
    pub(crate) asked: usize,
    is_open: bool,
}

impl Gate {
    fn change(&self, change: impl FnOnce(&mut Held)) {
        change(&mut self.0.0.lock().unwrap_or_else(PoisonError::into_inner));
        self.0.1.notify_all();
    }

    /// Waits until that is so, at most for that long; whether it is.
    pub(crate) fn until(&self, is_so: impl Fn(&Held) -> bool, latest: Duration) -> bool {
        let held = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(held, latest, |held| !is_so(held));
        !waited.unwrap_or_else(PoisonError::into_inner).1.timed_out()
    }

    /// What the model does with a question.
    pub(crate) fn pass(&self) {
        self.change(|held| {
            held.waiting += 1;
            held.asked += 1;
        });
        self.until(|held| held.is_open, Duration::MAX);
        self.change(|held| held.waiting -= 1);
    }

    pub(crate) fn close(&self) -> Closed<'_> {
        self.change(|held| held.is_open = false);
        Closed(self)
    }
}

/// A closed gate. It opens in the end, also that of a test that fails, which waits for all who called.
pub(crate) struct Closed<'a>(&'a Gate);

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.0.change(|held| held.is_open = true);
    }
}

/// Reads and writes of tools that need no model that were answered in one turn, a second.
fn served(home: &Home, server: &Served, turn: usize) -> f64 {
    let begun = Instant::now();
    let done: usize = std::thread::scope(|scope| {
        let others: Vec<_> = (0..OTHERS)
            .map(|number| {
                scope.spawn(move || {
                    let (key, mut socket) = (&home.keys[0].1, server.connect().expect("a connection"));
                    let mut done = 0;
                    while begun.elapsed() < TURN {
                        let title = format!("Turn {turn}, call {done} of {number}");
                        let item = json!({ "type": "task", "title": title, "on_duplicate": "create" });
                        for (tool, arguments) in
                            [("pm33_create_work_item", item), ("pm33_query_backlog", json!({ "limit": 5 }))]
                        {
                            good(&server.tool(&mut socket, key, tool, &arguments).expect("an answer"));
                            done += 1;
                        }
                    }
                    done
                })
            })
            .collect();
        others.into_iter().map(|one| one.join().expect("it called")).sum()
    });
    f64::from(u32::try_from(done).expect("small")) / begun.elapsed().as_secs_f64()
}

/// The same while every caller's question hangs at the model; then the model answers, and each of them is served.
fn served_beside(home: &Home, server: &Served, turn: usize, gate: &Gate) -> f64 {
    std::thread::scope(|scope| {
        let closed = gate.close();
        let (answered, answers) = channel();
        for number in 0..CALLERS {
            let answered = answered.clone();
            scope.spawn(move || {
                let (key, mut socket) = (&home.keys[0].1, server.connect().expect("a connection"));
                let item = format!("W0-{}", number + 1);
                // A text that has no judgement yet.
                let text = json!({ "item": item, "description": format!("Turn {turn}.") });
                good(&server.tool(&mut socket, key, "pm33_update_work_item", &text).expect("an answer"));
                let asked = json!({ "items": [item] });
                good(&server.tool(&mut socket, key, "pm33_score_alignment", &asked).expect("an answer"));
                answered.send(()).expect("somebody counts");
            });
        }
        drop(answered);
        assert!(gate.until(|held| held.waiting == CALLERS, LATEST), "not every question reached the model");
        // What their texts and holds still cost is not what hanging costs.
        served(home, server, 3 * TURNS + 1 + turn);
        let rate = served(home, server, turn);
        // All of them hung all the time.
        assert!(answers.try_recv().is_err());
        drop(closed);
        assert_eq!(answers.iter().count(), CALLERS);
        rate
    })
}

#[expect(clippy::print_stderr, reason = "what was measured is to be seen")]
fn take_nothing(home: &Home) {
    prepare(home);
    let gate = Gate::default();
    let url = provider({
        let gate = gate.clone();
        move || gate.pass()
    });
    let environment = [
        ("PM33_AI_PROVIDERS", "anthropic"),
        ("PM33_AI_ANTHROPIC_URL", url.as_str()),
        ("ANTHROPIC_API_KEY", "sk-test"),
    ];
    let server = Served::start(home, &environment);
    served(home, &server, TURNS);
    let mut shares: Vec<_> = (0..TURNS)
        .map(|turn| {
            // What a machine does slowly to both kinds falls out.
            let before = served(home, &server, TURNS + 1 + turn);
            let beside = served_beside(home, &server, turn, &gate);
            let after = served(home, &server, 2 * TURNS + 1 + turn);
            2.0 * beside / (before + after)
        })
        .collect();
    shares.sort_by(f64::total_cmp);
    eprintln!("beside {CALLERS} calls that hang at a model: {shares:.2?} of what is served without them");
    assert!(shares[TURNS / 2] >= LEAST, "{shares:?}");
}

#[test]
fn calls_that_hang_at_a_model_take_nothing_from_the_others() {
    take_nothing(&Home::sqlite(1));
}

#[test]
fn calls_that_hang_at_a_model_hold_no_connection_to_postgresql() {
    let Some(home) = Home::postgres(1) else { return };
    take_nothing(&home);
}
