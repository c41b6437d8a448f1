//! Good clients beside bad ones: how soon they are answered. Times of one run are compared, those with the bad ones and
//! those without, in turns, so that what else a machine does falls on both.

use std::time::{Duration, Instant};

use serde_json::json;

use crate::{crash::good, served::Served};

/// Whom the bad ones must not disturb.
const GOOD: usize = 2;

/// The time in which 99 of 100 calls were answered, over some time of good clients that ask one after the other.
pub(crate) fn p99(server: &Served, key: &str, over: Duration) -> Duration {
    let begun = Instant::now();
    let mut took: Vec<_> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..GOOD)
            .map(|_| {
                scope.spawn(|| {
                    let mut socket = server.connect().expect("a connection");
                    let mut took = Vec::new();
                    while begun.elapsed() < over {
                        let asked = Instant::now();
                        let answer =
                            server.tool(&mut socket, key, "pm33_query_backlog", &json!({ "limit": 1 }));
                        good(&answer.expect("an answer"));
                        took.push(asked.elapsed());
                    }
                    took
                })
            })
            .collect();
        clients.into_iter().flat_map(|one| one.join().expect("a good client")).collect()
    });
    took.sort_unstable();
    took[took.len() - 1 - took.len() / 100]
}

/// The middle of some times.
pub(crate) fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}
