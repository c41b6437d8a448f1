//! Time tells nobody which keys exist: an unknown key and a known one with a wrong secret are refused alike fast.

use std::time::{Duration, Instant};

use pm33_auth::{Credential, KeyEnvironment, Origin, mint};
use pm33_testkit::forged::wrong_secret;
use secrecy::{ExposeSecret, SecretString};

use crate::house::{House, Process};

/// Probes of each kind; odd, so that there is a middle.
const ROUNDS: usize = 4_001;
/// How far the medians may lie apart. Without optimisation the known key's row costs 8 to 9 % to decode; what would tell
/// keys apart in practice, a second question to the store or an argon2id, is far above this.
const APART: f64 = 0.20;

#[expect(clippy::disallowed_methods, reason = "the time that an answer takes is measured")]
async fn refused(process: &Process, key: SecretString, reason: &str) -> Duration {
    let credential = Credential::Token(key);
    let begun = Instant::now();
    let answer = process.server.authenticate(&credential, Origin::default()).await;
    let took = begun.elapsed();
    assert_eq!(answer.unwrap_err().reason(), reason);
    took
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64()
}

#[tokio::test]
async fn an_unknown_key_and_a_wrong_secret_take_the_same_time() {
    let house = House::new();
    let process = house.process().await;
    let home = process.settle("acme").await;
    let good = process.key(&home).await;
    let mut times = [Vec::with_capacity(ROUNDS), Vec::with_capacity(ROUNDS)];
    for round in 0..ROUNDS {
        let fresh = || mint(KeyEnvironment::Test).0;
        let wrong = wrong_secret(good.shown.expose_secret(), fresh().expose_secret());
        let (unknown, wrong) = (fresh(), SecretString::from(wrong));
        // Interleaved, and each kind as often first as second, so that what else the machine does befalls both.
        if round % 2 == 0 {
            times[0].push(refused(&process, unknown, "unknown").await);
            times[1].push(refused(&process, wrong, "wrong_secret").await);
        } else {
            times[1].push(refused(&process, wrong, "wrong_secret").await);
            times[0].push(refused(&process, unknown, "unknown").await);
        }
    }
    let [unknown, wrong] = times.map(median);
    assert!(
        (unknown / wrong - 1.0).abs() < APART,
        "unknown {:.1} us, wrong secret {:.1} us",
        unknown * 1e6,
        wrong * 1e6
    );
    // Shown with --nocapture.
    println!("unknown {:.1} us, wrong secret {:.1} us: {:.3}", unknown * 1e6, wrong * 1e6, unknown / wrong);
    assert_eq!(process.foundation.keys.hashes(), 0, "neither costs an argon2id");
}
