//! Usage metrics are anonymous: what would be published of a day on which organisations used a running server.

use std::time::Duration;

use jiff::{civil::Date, tz::TimeZone};
use pm33_app::{act, keep_release, preview_metrics};
use pm33_tenancy::{Processing, ProcessingLimit, TenantId};
use serde_json::json;

use crate::{home::Home, looks::ask, served::Served};

const ORGANISATIONS: usize = 12;
/// Calls of each of them.
const CALLS: usize = 3;
/// What a client chose.
const WORD: &str = "zq7chosen";
const DAY: Duration = Duration::from_hours(24);

/// The day, when all that is called in the next minute falls on it.
fn day(home: &Home) -> Date {
    let utc = TimeZone::UTC;
    loop {
        let now = home.look(async |foundation| foundation.clock.now());
        let of = |ahead| utc.to_datetime(now.plus(ahead).instant()).date();
        if of(Duration::ZERO) == of(Duration::from_mins(1)) {
            return of(Duration::ZERO);
        }
        std::thread::sleep(Duration::from_secs(1));
    }
}

/// What would be published of the day, when it is over.
fn told(home: &Home, day: Date) -> pm33_tenancy::Kept {
    home.look_after(DAY, async |foundation| {
        preview_metrics(foundation, home.data(), day).await.expect("a preview")
    })
}

fn opt_out(home: &Home, tenant: TenantId) {
    home.look(async |foundation| {
        let (session, now) = (foundation.store.operator(), foundation.clock.now());
        session.limit_processing(tenant, None, ProcessingLimit::OptedOut, now).await.expect("a limit");
        session.commit(act(tenant, "admin/privacy.limit", None, now)).await.expect("committed");
    });
}

#[test]
fn p07_usage_metrics_are_of_ten_organisations_or_more_and_who_opts_out_is_not_in_them() {
    let home = Home::sqlite(ORGANISATIONS);
    let day = day(&home);
    let server = Served::start(&home, &[]);
    for (_, key) in &home.keys {
        for _ in 0..CALLS {
            ask(&server, key, "pm33_query_backlog", &json!({ "text": WORD, "limit": 1 }));
        }
        ask(&server, key, WORD, &json!({}));
    }
    // A tool that only nine organisations use tells of nobody.
    for (_, key) in &home.keys[..9] {
        ask(&server, key, "pm33_find_similar", &json!({ "text": WORD }));
    }
    let cell = "pm33_query_backlog done";
    let sums = |kept: &pm33_tenancy::Kept| kept.release.sums.clone().into_iter().collect::<Vec<_>>();
    assert_eq!(sums(&told(&home, day)), [(cell.to_owned(), 36)]);
    // A member objects by a call of their own, and an organisation through its operator.
    let objection = json!({ "action": "file", "kind": "objection" });
    let filed = ask(&server, &home.keys[0].1, "pm33_privacy_request", &objection);
    assert_ne!(filed["isError"], true, "{filed}");
    opt_out(&home, home.keys[1].0);
    let ten = told(&home, day);
    assert_eq!(sums(&ten), [(cell.to_owned(), 30)]);
    keep_release(home.data(), &ten).expect("kept");
    opt_out(&home, home.keys[2].0);
    assert_eq!(told(&home, day).release, ten.release, "the difference would be one organisation");
    std::fs::remove_file(home.data().join("metrics-releases.json")).expect("removed");
    assert!(told(&home, day).release.sums.is_empty(), "nine are too few");
    let text = serde_json::to_string(&ten.release).expect("JSON");
    assert!(!text.contains(WORD), "{text}");
    assert!(home.keys.iter().all(|(tenant, _)| !text.contains(&tenant.to_string())), "{text}");
    home.look(async |foundation| {
        let today = preview_metrics(foundation, home.data(), day).await;
        assert!(today.is_err(), "the day is not over");
    });
}
