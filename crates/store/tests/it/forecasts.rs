//! Saved forecasts come back as they were, newest first, belong to one workspace, and never change.

use pm33_product::{ForecastId, Forecasts, ProductError, SavedForecast};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use crate::bench::{Bench, Home, on_both, settle};

on_both!(
    forecasts_come_back_as_they_were,
    a_name_is_given_once_and_its_forecast_stays,
    nobody_else_sees_them,
    a_unit_that_is_dropped_keeps_nothing,
);

pub(crate) fn forecast(home: &Home, name: &str) -> SavedForecast {
    SavedForecast {
        id: ForecastId::new(home.now),
        name: name.to_owned(),
        saved: home.now,
        as_of: home.now,
        author: None,
        question: r#"{"ask":"when"}"#.to_owned(),
        recipe: "{}".to_owned(),
        answer: format!(r#"{{"of":"{name}"}}"#),
    }
}

pub(crate) async fn keep(home: &Home, forecast: &SavedForecast) {
    let session = home.session();
    session.keep_forecast(home.at, forecast).await.unwrap();
    session.commit(home.event()).await.unwrap();
}

async fn forecasts_come_back_as_they_were(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    assert_eq!(session.kept_forecasts(home.at, 10).await.unwrap(), []);
    let (first, mut second) = (forecast(&home, "Release 4"), forecast(&home, "Release 4, again"));
    second.saved = pm33_tenancy::Timestamp::from_micros(home.now.micros() + 1);
    keep(&home, &first).await;
    keep(&home, &second).await;
    let session = home.session();
    let all = session.kept_forecasts(home.at, 10).await.unwrap();
    assert_eq!(all, [second.clone(), first.clone()], "newest first");
    assert_eq!(session.kept_forecasts(home.at, 1).await.unwrap(), [second]);
    for asked in ["release 4", " RELEASE 4 ", &first.id.to_string()] {
        assert_eq!(session.kept_forecast(home.at, asked).await.unwrap(), Some(first.clone()), "{asked}");
    }
    assert_eq!(session.kept_forecast(home.at, "Release 5").await.unwrap(), None);
}

async fn a_name_is_given_once_and_its_forecast_stays(bench: Bench) {
    let home = bench.settled().await;
    let first = forecast(&home, "Release 4");
    keep(&home, &first).await;
    let session = home.session();
    let again = session.keep_forecast(home.at, &forecast(&home, "release 4")).await;
    assert!(matches!(again, Err(ProductError::Invalid { field: "name", .. })), "{again:?}");
    // The unit is whole after the refusal.
    session.keep_forecast(home.at, &forecast(&home, "Release 5")).await.unwrap();
    session.commit(home.event()).await.unwrap();
    for name in ["", "  ", &"x".repeat(201)] {
        let refused = home.session().keep_forecast(home.at, &forecast(&home, name)).await;
        assert!(matches!(refused, Err(ProductError::Invalid { field: "name", .. })), "{refused:?}");
    }
    let change = "UPDATE forecast SET answer = 'better'";
    if let pm33_store::Database::Postgres { app_url, .. } = &bench.database {
        let app = sea_orm::Database::connect(secrecy::ExposeSecret::expose_secret(app_url)).await.unwrap();
        let refused = app.execute_unprepared(change).await.unwrap_err().to_string();
        assert!(refused.contains("permission denied"), "{refused}");
    } else {
        let refused = bench.beside().await.execute_unprepared(change).await.unwrap_err().to_string();
        assert!(refused.contains("does not change"), "{refused}");
    }
    assert_eq!(home.session().kept_forecast(home.at, "Release 4").await.unwrap(), Some(first));
}

async fn nobody_else_sees_them(bench: Bench) {
    let home = bench.settled().await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let mine = forecast(&home, "Release 4");
    keep(&home, &mine).await;
    for asked in ["Release 4", &mine.id.to_string()] {
        assert_eq!(other.session().kept_forecast(other.at, asked).await.unwrap(), None);
    }
    assert_eq!(other.session().kept_forecasts(other.at, 10).await.unwrap(), []);
    // A session of one tenant does not read for another, nor take its names.
    assert!(other.session().kept_forecasts(home.at, 10).await.is_err());
    keep(&other, &forecast(&other, "Release 4")).await;
    if let pm33_store::Database::Postgres { app_url, .. } = &bench.database {
        let app = sea_orm::Database::connect(secrecy::ExposeSecret::expose_secret(app_url)).await.unwrap();
        let all = Statement::from_string(DbBackend::Postgres, "SELECT count(*) FROM forecast");
        let seen: i64 = app.query_one_raw(all).await.unwrap().unwrap().try_get_by_index(0).unwrap();
        assert_eq!(seen, 0, "without a tenant there are no rows");
    }
}

async fn a_unit_that_is_dropped_keeps_nothing(bench: Bench) {
    let home = bench.settled().await;
    let session = home.session();
    session.keep_forecast(home.at, &forecast(&home, "Release 4")).await.unwrap();
    assert_eq!(session.kept_forecasts(home.at, 10).await.unwrap().len(), 1, "the unit sees its own writes");
    drop(session);
    assert_eq!(home.session().kept_forecasts(home.at, 10).await.unwrap(), []);
}
