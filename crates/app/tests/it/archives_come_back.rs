//! A workspace that is exported and read back is the same.

use pm33_app::{Start, act};
use pm33_interchange::is_archive;
use pm33_product::{
    Backlog, FieldType, ForecastId, Forecasts, Freshness, SavedForecast, Status, Strategy, Team, TeamId,
    Vocabulary,
};

use crate::{
    exports::{self, Layout},
    place::{Place, body, place},
};

async fn read_back(place: &Place, archive: &str, slug: &str) -> pm33_tenancy::WorkspaceRef {
    let at = place.another(slug).await;
    let mut lines = archive.as_bytes();
    pm33_app::restore(&place.foundation, at.tenant(), at, &mut lines, &|_| {}).await.unwrap();
    at
}

#[tokio::test]
async fn the_sample_comes_back_line_for_line() {
    let place = place(Start::Sample).await;
    let archive = place.archive(place.at).await;
    assert!(is_archive(archive.as_bytes()));
    let at = read_back(&place, &archive, "back").await;
    assert_eq!(body(&place.archive(at).await), body(&archive));

    let mut lines = archive.as_bytes();
    let again = pm33_app::restore(&place.foundation, at.tenant(), at, &mut lines, &|_| {}).await.unwrap();
    assert_eq!((again.created, again.updated), (0, 0), "reading it again changes nothing");
    assert_eq!(body(&place.archive(at).await), body(&archive));
}

#[tokio::test]
async fn the_vocabulary_comes_back() {
    let place = place(Start::Empty).await;
    let own = Vocabulary {
        statuses: [("QA".to_owned(), Status::InReview)].into(),
        fields: [("Due in".to_owned(), FieldType::Number)].into(),
    };
    let session = place.foundation.store.session(place.at.tenant());
    session.put_vocabulary(place.at, &own).await.unwrap();
    let act = act(place.at.tenant(), "admin/workspace.vocabulary", None, place.foundation.clock.now());
    session.commit(act).await.unwrap();
    let archive = place.archive(place.at).await;
    let at = read_back(&place, &archive, "back").await;
    let back = place.foundation.store.session(at.tenant()).snapshot(at, Freshness::Newest).await.unwrap();
    assert_eq!(back.vocabulary(), &own);
}

#[tokio::test]
async fn saved_forecasts_come_back_about_the_teams_that_are_there() {
    let place = place(Start::Sample).await;
    let now = place.foundation.clock.now();
    let session = place.foundation.store.session(place.at.tenant());
    let team = session.teams(place.at).await.unwrap()[0].clone();
    let saved = SavedForecast {
        id: ForecastId::new(now),
        name: "Before the summer".to_owned(),
        saved: now,
        as_of: now,
        author: None,
        question: format!("{{\"teams\":[\"{}\"]}}", team.id),
        recipe: "{}".to_owned(),
        answer: "{\"days\":12}".to_owned(),
    };
    session.keep_forecast(place.at, &saved).await.unwrap();
    session.commit(act(place.at.tenant(), "admin/test", None, now)).await.unwrap();
    let archive = place.archive(place.at).await;
    // A team of the same name is there, under another id.
    let at = place.another("back").await;
    let session = place.foundation.store.session(at.tenant());
    let here = Team { id: TeamId::new(now), ..team.clone() };
    session.put_team(at, &here).await.unwrap();
    session.commit(act(at.tenant(), "admin/test", None, now)).await.unwrap();
    for _ in 0..2 {
        let mut lines = archive.as_bytes();
        pm33_app::restore(&place.foundation, at.tenant(), at, &mut lines, &|_| {}).await.unwrap();
    }
    let back = place.foundation.store.session(at.tenant()).kept_forecasts(at, 10).await.unwrap();
    let question = format!("{{\"teams\":[\"{}\"]}}", here.id);
    assert_eq!(back, [SavedForecast { question, author: back[0].author, ..saved }]);
}

#[tokio::test]
async fn imports_of_every_layout_come_back_line_for_line() {
    let place = place(Start::Empty).await;
    for (number, layout) in Layout::ALL.iter().enumerate() {
        let mut bytes = Vec::new();
        exports::write(*layout, 60, 100 + number as u64, &mut bytes).unwrap();
        let at = place.another(layout.as_str()).await;
        place.import(at, &bytes).await;
        let archive = place.archive(at).await;
        let back = read_back(&place, &archive, &format!("{}-back", layout.as_str())).await;
        assert_eq!(body(&place.archive(back).await), body(&archive), "{}", layout.as_str());
    }
}

#[tokio::test]
async fn a_line_that_is_wrong_ends_it_and_the_whole_can_be_read_again() {
    let place = place(Start::Empty).await;
    let mut bytes = Vec::new();
    exports::write(Layout::Linear30, 60, 1, &mut bytes).unwrap();
    place.import(place.at, &bytes).await;
    let archive = place.archive(place.at).await;
    let at = place.another("back").await;
    let cut = format!("{}{{\"kind\":\"item\",", &archive[..archive.len() / 2].rsplit_once('\n').unwrap().0);
    let refused = pm33_app::restore(&place.foundation, at.tenant(), at, &mut cut.as_bytes(), &|_| {}).await;
    assert!(refused.unwrap_err().to_string().starts_with("line "));
    pm33_app::restore(&place.foundation, at.tenant(), at, &mut archive.as_bytes(), &|_| {}).await.unwrap();
    assert_eq!(body(&place.archive(at).await), body(&archive));
}
