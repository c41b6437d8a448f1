//! The facts of the forty questions hold on whatever day the sample is made: each day of a week, over a leap day, and over
//! the end of a year. The days are the clock's; the day on which the tests run plays no part.

use std::{sync::Arc, time::Duration};

use jiff::civil::{Date, date};
use pm33_app::{Rights, Settings, Start, compose_stdio, open_local};
use pm33_tenancy::Clock as _;
use pm33_testkit::evaluate;
use pm33_transport::serve_stdio;
use tokio_util::sync::CancellationToken;

use crate::house::House;

/// What the answers of a server lack whose clock stands on a day at noon, after the questions have been asked.
async fn lacking(day: Date) -> Vec<String> {
    let house = House::new();
    let noon = jiff::tz::TimeZone::UTC.to_timestamp(day.at(12, 0, 0, 0)).unwrap();
    let ahead = noon.duration_since(house.clock.now().instant());
    house.clock.pass(Duration::try_from(ahead).unwrap());
    let process = house.process().await;
    let local = open_local(&process.foundation, Start::Sample).await.unwrap();
    let settings = Settings::default();
    let server = compose_stdio(&settings, &process.foundation, &local, Rights::Full).unwrap();
    let (client, ours) = tokio::io::duplex(1 << 20);
    let (reader, writer) = tokio::io::split(ours);
    let stop = CancellationToken::new();
    let (options, stopped) = (settings.stdio.options(), stop.clone());
    let asked = async {
        let evaluation = evaluate(tokio::io::split(client)).await;
        stop.cancel();
        evaluation
    };
    let (evaluation, served) =
        tokio::join!(asked, serve_stdio(reader, writer, Arc::new(server), options, stopped));
    served.unwrap();
    let evaluation = evaluation.unwrap_or_else(|error| panic!("{day}: {error:#}"));
    assert!(evaluation.asked >= 40 && evaluation.facts >= 120, "{day}: {evaluation:?}");
    evaluation.wrong.iter().map(|wrong| format!("{day} ({:?}): {wrong}", day.weekday())).collect()
}

/// Asks on these days, and tells everything that lacks at once.
async fn hold_on(days: impl IntoIterator<Item = Date>) {
    let mut wrong = Vec::new();
    for day in days {
        wrong.extend(lacking(day).await);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_questions_hold_on_every_day_of_a_week() {
    hold_on((0..7).map(|after| date(2026, 10, 5).checked_add(jiff::Span::new().days(after)).unwrap())).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_questions_hold_on_a_leap_day_at_a_years_end_and_when_clocks_change() {
    hold_on([date(2026, 10, 25), date(2026, 12, 31), date(2027, 1, 1), date(2028, 2, 29)]).await;
}
