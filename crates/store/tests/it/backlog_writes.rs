//! Creating and changing items: numbers, versions, history, references, external ids.

use std::time::Duration;

use pm33_product::{
    Author, Backlog, Dependency, External, Freshness, ItemId, ItemPatch, ItemType, NewItem, Objective,
    ObjectiveId, ObjectiveLink, ObjectiveStatus, ProductError, Sprint, SprintId, StateChange, Status,
    Strategy, Team, TeamId, WorkItem,
};

use crate::bench::{Bench, Home, on_both, settle, spawn, workspace};

on_both!(
    numbers_follow_each_other_without_gaps,
    every_field_comes_back_as_it_was_written,
    a_change_needs_the_version_that_it_was_made_for,
    statuses_leave_history_and_dates,
    nothing_changed_is_no_change,
    references_must_be_of_the_same_workspace,
    circles_are_refused_with_their_keys,
    an_external_id_belongs_to_one_item,
    concurrent_changes_of_one_item_lose_nothing,
    told_history_is_not_doubled,
    many_items_are_created_together_or_none,
);

pub(crate) fn titled(home: &Home, title: &str) -> NewItem {
    NewItem::titled(ItemId::new(home.now), ItemType::Task, title)
}

/// Creates an item in a unit of its own.
pub(crate) async fn add(home: &Home, new: NewItem) -> std::sync::Arc<WorkItem> {
    let session = home.session();
    let item = session.create(home.at, new, home.author()).await.unwrap();
    session.commit(home.event()).await.unwrap();
    item
}

async fn change(
    home: &Home,
    item: ItemId,
    patch: ItemPatch,
) -> Result<std::sync::Arc<WorkItem>, ProductError> {
    let session = home.session();
    let item = session.update(home.at, item, patch, home.author()).await?;
    session.commit(home.event()).await.unwrap();
    Ok(item)
}

async fn numbers_follow_each_other_without_gaps(bench: Bench) {
    let home = bench.settled().await;
    let adds: Vec<_> = (0..16)
        .map(|number| {
            let (session, new) = (home.session(), titled(&home, &format!("Item {number}")));
            let (at, author, event) = (home.at, home.author(), home.event());
            spawn(async move {
                let item = session.create(at, new, author).await.unwrap();
                session.commit(event).await.unwrap();
                item.number
            })
        })
        .collect();
    let mut numbers = Vec::new();
    for add in adds {
        numbers.push(add.await.unwrap());
    }
    numbers.sort_unstable();
    assert_eq!(numbers, (1..=16).collect::<Vec<_>>());
    let snapshot = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.len(), 16);
    assert_eq!(snapshot.version(), 17);
    assert_eq!(snapshot.prefix(), "PAY");
}

async fn every_field_comes_back_as_it_was_written(bench: Bench) {
    let home = bench.settled().await;
    let other = add(&home, titled(&home, "Other")).await;
    let (team, sprint, objective) = strategy(&home).await;
    let mut new = titled(&home, "  Ünïcode & \"quotes\"  ");
    "Long text".clone_into(&mut new.description);
    new.status = Status::InReview;
    new.points = Some(3.5);
    new.estimate_days = Some(0.25);
    new.parent = Some(other.id);
    new.team = Some(team);
    new.sprint = Some(sprint);
    new.assignee = Some("ada".to_owned());
    new.labels = vec!["b".to_owned(), "a".to_owned(), "b".to_owned()];
    new.skills = vec!["rust".to_owned()];
    new.objectives = vec![ObjectiveLink { objective, weight: 0.5 }];
    new.dependencies = vec![Dependency { on: other.id, lag_days: -2 }];
    new.release = Some(jiff::civil::date(2026, 2, 28));
    new.due = Some(jiff::civil::date(2026, 12, 31));
    new.scoring = Some(pm33_product::Scoring { reach: Some(1e6), job_size: Some(8), ..Default::default() });
    new.external = Some(External { source: "github".to_owned(), id: "org/repo#1".to_owned() });
    new.custom.insert("Größe".to_owned(), pm33_product::CustomValue::List(vec!["x".to_owned()]));
    new.custom.insert("n".to_owned(), pm33_product::CustomValue::Number(0.1));
    let item = add(&home, new).await;
    assert_eq!(&*item.title, "Ünïcode & \"quotes\"");

    let elsewhere = bench.open().await;
    let session = elsewhere.session(home.tenant);
    let snapshot = session.snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.get(item.id).unwrap(), &item);
    assert_eq!(session.descriptions(home.at, &[other.id, item.id]).await.unwrap(), ["", "Long text"]);
    let external = External { source: "github".to_owned(), id: "org/repo#1".to_owned() };
    assert_eq!(session.find_external(home.at, &external).await.unwrap().unwrap(), item);
}

/// A team, a sprint of it and an objective.
async fn strategy(home: &Home) -> (TeamId, SprintId, ObjectiveId) {
    let session = home.session();
    let (team, sprint, objective) =
        (TeamId::new(home.now), SprintId::new(home.now), ObjectiveId::new(home.now));
    let named = Team {
        id: team,
        name: "Core".into(),
        capacity_per_week: None,
        wip_limit: None,
        skills: Vec::new(),
        calendar: None,
    };
    session.put_team(home.at, &named).await.unwrap();
    let (start, end) = (jiff::civil::date(2026, 1, 5), jiff::civil::date(2026, 1, 16));
    session
        .put_sprint(
            home.at,
            &Sprint { id: sprint, team, name: "One".into(), start, end, committed: Vec::new() },
        )
        .await
        .unwrap();
    let aim = Objective {
        id: objective,
        title: "Grow".into(),
        statement: String::new(),
        period: "2026-Q1".to_owned(),
        theme: None,
        weight: 1.0,
        status: ObjectiveStatus::Active,
        owner: None,
        key_results: Vec::new(),
    };
    session.put_objective(home.at, &aim).await.unwrap();
    session.commit(home.event()).await.unwrap();
    (team, sprint, objective)
}

async fn a_change_needs_the_version_that_it_was_made_for(bench: Bench) {
    let home = bench.settled().await;
    let item = add(&home, titled(&home, "One")).await;
    let patch = |title: &str, version| ItemPatch {
        if_version: Some(version),
        title: Some(title.into()),
        ..Default::default()
    };
    let changed = change(&home, item.id, patch("Two", 1)).await.unwrap();
    assert_eq!((changed.version, &*changed.title), (2, "Two"));
    let refused = change(&home, item.id, patch("Three", 1)).await;
    let Err(ProductError::Changed { key, current: 2, expected: 1 }) = refused else { panic!("{refused:?}") };
    assert_eq!(key, "PAY-1");
    let missing = change(&home, ItemId::new(home.now), patch("x", 1)).await;
    assert!(matches!(missing, Err(ProductError::Missing { what: "item", .. })));
    let snapshot = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.get(item.id).unwrap(), &changed);
}

async fn statuses_leave_history_and_dates(bench: Bench) {
    let home = bench.settled().await;
    let item = add(&home, titled(&home, "Walk")).await;
    let move_to = async |status, hours: u64| {
        let session = home.session();
        let author = Author { user: Some(home.user), at: home.now.plus(Duration::from_secs(3_600 * hours)) };
        let patch = ItemPatch { status: Some(status), ..Default::default() };
        let item = session.update(home.at, item.id, patch, author).await.unwrap();
        session.commit(home.event()).await.unwrap();
        (
            item.started.map(|at| at.since(home.now).as_secs() / 3_600),
            item.finished.map(|at| at.since(home.now).as_secs() / 3_600),
        )
    };
    assert_eq!(move_to(Status::InProgress, 1).await, (Some(1), None));
    assert_eq!(move_to(Status::Done, 2).await, (Some(1), Some(2)));
    assert_eq!(move_to(Status::InReview, 3).await, (Some(1), None));
    assert_eq!(move_to(Status::Cancelled, 4).await, (Some(1), Some(4)));
    let history = home.session().history(home.at, item.id).await.unwrap();
    let walked: Vec<_> = history.iter().map(|change| (change.from, change.to)).collect();
    assert_eq!(
        walked,
        [
            (None, Status::Backlog),
            (Some(Status::Backlog), Status::InProgress),
            (Some(Status::InProgress), Status::Done),
            (Some(Status::Done), Status::InReview),
            (Some(Status::InReview), Status::Cancelled),
        ]
    );
    assert!(history.iter().all(|change| change.by == Some(home.user)));
}

async fn nothing_changed_is_no_change(bench: Bench) {
    let home = bench.settled().await;
    let mut new = titled(&home, "Same");
    "text".clone_into(&mut new.description);
    let item = add(&home, new).await;
    let session = home.session();
    let same = ItemPatch {
        title: Some("Same".to_owned()),
        description: Some("text".to_owned()),
        ..Default::default()
    };
    let unchanged = session.update(home.at, item.id, same, home.author()).await.unwrap();
    assert_eq!(unchanged.version, 1);
    assert!(session.commit(home.event()).await.unwrap().changed.is_empty());
    // A description alone is a change, and is found.
    let text = ItemPatch { description: Some("zebra".to_owned()), ..Default::default() };
    assert_eq!(change(&home, item.id, text).await.unwrap().version, 2);
    assert_eq!(home.session().search(home.at, "zebra", 5).await.unwrap().len(), 1);
    assert!(home.session().search(home.at, "text", 5).await.unwrap().is_empty());
    // A title alone keeps the description.
    let title = ItemPatch { title: Some("Other".to_owned()), ..Default::default() };
    change(&home, item.id, title).await.unwrap();
    assert_eq!(home.session().descriptions(home.at, &[item.id]).await.unwrap(), ["zebra"]);
}

async fn references_must_be_of_the_same_workspace(bench: Bench) {
    let home = bench.settled().await;
    let session = home.store.operator();
    pm33_tenancy::Administration::create_workspace(
        &session,
        &workspace(home.tenant, "side", "SIDE", home.now),
    )
    .await
    .unwrap();
    session.commit(home.event()).await.unwrap();
    let access = pm33_tenancy::WorkspaceAccess::All;
    let (side, _) =
        pm33_tenancy::open_workspace(&home.session(), home.tenant, &access, Some("side")).await.unwrap();
    let (team, sprint, objective) = strategy(&home).await;
    let item = add(&home, titled(&home, "Here")).await;
    let other = settle(home.store.clone(), &bench.clock, "globex").await;
    let foreign = add(&other, titled(&other, "Theirs")).await;

    let refused = async |at, edit: &dyn Fn(&mut NewItem)| {
        let mut new = titled(&home, "Refers");
        edit(&mut new);
        match home.session().create(at, new, home.author()).await {
            Err(ProductError::Missing { what, .. }) => what,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(refused(side, &|new| new.team = Some(team)).await, "team");
    assert_eq!(refused(side, &|new| new.sprint = Some(sprint)).await, "sprint");
    assert_eq!(
        refused(side, &|new| new.objectives = vec![ObjectiveLink { objective, weight: 1.0 }]).await,
        "objective"
    );
    assert_eq!(refused(side, &|new| new.parent = Some(item.id)).await, "item");
    assert_eq!(
        refused(side, &|new| new.dependencies = vec![Dependency { on: item.id, lag_days: 0 }]).await,
        "item"
    );
    assert_eq!(refused(home.at, &|new| new.parent = Some(foreign.id)).await, "item");
    assert_eq!(refused(home.at, &|new| new.parent = Some(ItemId::new(home.now))).await, "item");
}

async fn circles_are_refused_with_their_keys(bench: Bench) {
    let home = bench.settled().await;
    let one = add(&home, titled(&home, "One")).await;
    let two = add(&home, NewItem { parent: Some(one.id), ..titled(&home, "Two") }).await;
    let needs_two = vec![Dependency { on: two.id, lag_days: 0 }];
    let three =
        add(&home, NewItem { parent: Some(two.id), dependencies: needs_two, ..titled(&home, "Three") }).await;
    let circle = async |item, patch| match change(&home, item, patch).await {
        Err(ProductError::Circle { path, .. }) => path,
        other => panic!("{other:?}"),
    };
    let under = |parent| ItemPatch { parent: Some(Some(parent)), ..Default::default() };
    assert_eq!(circle(one.id, under(one.id)).await, "PAY-1 > PAY-1");
    assert_eq!(circle(one.id, under(three.id)).await, "PAY-1 > PAY-3 > PAY-2 > PAY-1");
    let needs =
        |on| ItemPatch { dependencies: Some(vec![Dependency { on, lag_days: 0 }]), ..Default::default() };
    assert_eq!(circle(two.id, needs(three.id)).await, "PAY-2 > PAY-3 > PAY-2");
    // Diamonds are no circles.
    change(&home, one.id, needs(three.id)).await.unwrap();
}

async fn an_external_id_belongs_to_one_item(bench: Bench) {
    let home = bench.settled().await;
    let external = |id: &str| Some(External { source: "jira".to_owned(), id: id.to_owned() });
    let first = add(&home, NewItem { external: external("A-1"), ..titled(&home, "First") }).await;
    let session = home.session();
    let taken = session
        .create(home.at, NewItem { external: external("A-1"), ..titled(&home, "x") }, home.author())
        .await;
    let Err(ProductError::ExternalTaken { key, .. }) = taken else { panic!("{taken:?}") };
    assert_eq!(key, "PAY-1");
    // The refusal left the unit usable: an import goes on.
    let second = session
        .create(home.at, NewItem { external: external("A-2"), ..titled(&home, "y") }, home.author())
        .await
        .unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!(second.number, 2);
    let patch = ItemPatch { external: Some(external("A-1")), ..Default::default() };
    assert!(matches!(change(&home, second.id, patch).await, Err(ProductError::ExternalTaken { .. })));
    let free = ItemPatch { external: Some(None), ..Default::default() };
    change(&home, first.id, free).await.unwrap();
    let patch = ItemPatch { external: Some(external("A-1")), ..Default::default() };
    change(&home, second.id, patch).await.unwrap();
    let snapshot = home.session().snapshot(home.at, Freshness::Usual).await.unwrap();
    assert_eq!(snapshot.by_external(&external("A-1").unwrap()).unwrap().id, second.id);
    assert!(snapshot.by_external(&external("A-2").unwrap()).is_none());
}

async fn concurrent_changes_of_one_item_lose_nothing(bench: Bench) {
    let home = bench.settled().await;
    let id = add(&home, titled(&home, "Busy")).await.id;
    let other = bench.open().await;
    let changes: Vec<_> = (0..20)
        .map(|number: u32| {
            let store = if number.is_multiple_of(2) { &home.store } else { &other };
            let (session, event, at, author) =
                (store.session(home.tenant), home.event(), home.at, home.author());
            spawn(async move {
                let name = format!("field {number}");
                let custom = [(name, pm33_product::CustomValue::Number(number.into()))].into();
                let patch = ItemPatch { custom: Some(custom), ..Default::default() };
                session.update(at, id, patch, author).await.unwrap();
                session.commit(event).await.unwrap();
            })
        })
        .collect();
    for change in changes {
        change.await.unwrap();
    }
    for store in [&home.store, &other] {
        let snapshot = store.session(home.tenant).snapshot(home.at, Freshness::Newest).await.unwrap();
        let item = snapshot.get(id).unwrap();
        assert_eq!(item.version, 21);
        assert_eq!(item.custom.as_ref().unwrap().len(), 20);
    }
}

async fn told_history_is_not_doubled(bench: Bench) {
    let home = bench.settled().await;
    let past = |hours: u64, to| StateChange {
        from: None,
        to,
        at: home.now.minus(Duration::from_secs(3_600 * hours)),
        by: None,
    };
    let told = vec![past(5, Status::Backlog), past(3, Status::Done)];
    let item = add(&home, NewItem { history: told.clone(), ..titled(&home, "Imported") }).await;
    let session = home.session();
    let more = [told[0].clone(), past(4, Status::InProgress), told[1].clone()];
    session.add_history(home.at, item.id, &more).await.unwrap();
    session.commit(home.event()).await.unwrap();
    let history = home.session().history(home.at, item.id).await.unwrap();
    let walked: Vec<_> = history.iter().map(|change| change.to).collect();
    assert_eq!(walked, [Status::Backlog, Status::InProgress, Status::Done]);
    let nowhere = home.session().add_history(home.at, ItemId::new(home.now), &more).await;
    assert!(matches!(nowhere, Err(ProductError::Missing { what: "item", .. })));
}

async fn many_items_are_created_together_or_none(bench: Bench) {
    let home = bench.settled().await;
    let there = add(&home, titled(&home, "There")).await;
    let external = |number: u32| Some(External { source: "jira".to_owned(), id: format!("A-{number}") });
    // More than one statement takes, each under the one before it.
    let mut parent = there.id;
    let many: Vec<_> = (0..150)
        .map(|number| {
            let title = format!("Zebra {number}");
            let new = NewItem { parent: Some(parent), external: external(number), ..titled(&home, &title) };
            parent = new.id;
            (new, home.author())
        })
        .collect();
    let last = many.last().unwrap().0.id;
    let session = home.session();
    let created = session.create_all(home.at, many).await.unwrap();
    session.commit(home.event()).await.unwrap();
    assert_eq!(created.iter().map(|item| item.number).collect::<Vec<_>>(), (2..=151).collect::<Vec<_>>());
    let elsewhere = bench.open().await.session(home.tenant);
    let snapshot = elsewhere.snapshot(home.at, Freshness::Newest).await.unwrap();
    assert_eq!((snapshot.len(), snapshot.version()), (151, 3));
    assert!(created.iter().all(|item| snapshot.get(item.id) == Some(item)));
    assert_eq!(elsewhere.search(home.at, "zebra 149", 5).await.unwrap()[0].item, last);
    assert_eq!(elsewhere.history(home.at, last).await.unwrap().len(), 1);
    let mut known = elsewhere.find_externals(home.at, "jira", &["A-7", "A-900", "A-3"]).await.unwrap();
    known.sort_by_key(|item| item.number);
    assert_eq!(known.iter().map(|item| item.number).collect::<Vec<_>>(), [5, 9]);
    assert!(elsewhere.find_externals(home.at, "linear", &["A-7"]).await.unwrap().is_empty());

    let refused = async |new: Vec<NewItem>| {
        let session = home.session();
        let new = new.into_iter().map(|new| (new, home.author())).collect();
        session.create_all(home.at, new).await.unwrap_err()
    };
    let after = titled(&home, "After");
    let forward = NewItem { parent: Some(after.id), ..titled(&home, "Forward") };
    assert!(matches!(refused(vec![forward, after]).await, ProductError::Missing { what: "item", .. }));
    let mut own = titled(&home, "Own");
    own.dependencies = vec![Dependency { on: own.id, lag_days: 0 }];
    assert!(matches!(refused(vec![own]).await, ProductError::Missing { what: "item", .. }));
    let one = |id| NewItem { external: external(id), ..titled(&home, "One") };
    let ProductError::ExternalTaken { key, .. } = refused(vec![one(7)]).await else { panic!("it is taken") };
    assert_eq!(key, "PAY-9");
    assert!(matches!(refused(vec![one(500), one(500)]).await, ProductError::ExternalTaken { .. }));
    assert_eq!(home.session().snapshot(home.at, Freshness::Newest).await.unwrap().len(), 151);
}
