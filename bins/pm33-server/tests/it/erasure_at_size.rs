//! Members of whom there are very many rows are erased beside a running server (governance section 5): all of their rows
//! go, and another organisation's calls are answered all the while. What those calls wait is told, in turns with quiet
//! rounds, so that what else a machine does falls on both.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

use pm33_app::{act, erase};
use pm33_product::{Author, Backlog, ItemId, ItemType, NewItem};
use pm33_tenancy::{Actor, DataSubject, TenantId, UserId, WorkspaceAccess, open_workspace};
use serde_json::json;

use crate::{
    crash_credits::good,
    erased_while_asking::nothing_is_left,
    home::Home,
    length::{is_long, length},
    looks::{ask, bytes_in, holds},
    process::remembers,
    served::Served,
};

const MORTAL: &str = "zq9mortal";
/// Rounds with an erasure, each of somebody else in an organisation of their own, with a quiet round before each.
const ROUNDS: usize = 3;
/// Rows of one of them; an item has two, itself and its first state.
const ROWS: usize = 10_000;
const ALL_ROWS: usize = 100_000;
/// Items of one unit of work, and how many of them make one row of the audit log with its personal side.
const UNIT: usize = 250;
const ITEMS_OF_A_CALL: usize = 10;
/// A quiet round.
const QUIET: Duration = Duration::from_secs(4);
/// An erasure begins with a wait until its mark is known everywhere, and nothing is removed before.
const MARKED: Duration = Duration::from_millis(1_200);
/// How long the erasure of all rows takes at most, without optimisation and beside whatever else the machine does; the bar
/// of a minute is for a release.
const LATEST: Duration = Duration::from_mins(3);

/// A member who wrote all these items, has them assigned, and made calls.
fn member(home: &Home, tenant: TenantId, items: usize) -> UserId {
    let (user, _) = home.member(tenant, MORTAL);
    home.look(async |foundation| {
        let now = foundation.clock.now();
        let author = Author { user: Some(user), at: now };
        for unit in 0..items / UNIT {
            let session = foundation.store.session(tenant);
            let opened = open_workspace(&session, tenant, &WorkspaceAccess::All, Some("main")).await;
            let (at, _) = opened.expect("a workspace");
            let one = |number| NewItem {
                assignee: Some(MORTAL.to_owned()),
                ..NewItem::titled(ItemId::new(now), ItemType::Task, format!("Work {unit} {number}"))
            };
            let items = (0..UNIT).map(|number| (one(number), author)).collect();
            session.create_all(at, items).await.expect("created");
            session.commit(act(tenant, "admin/import", None, now)).await.expect("committed");
            for _ in 0..UNIT / ITEMS_OF_A_CALL {
                let mut call = act(tenant, "tools/call", None, now);
                call.actor = Actor { user: Some(user), ..call.actor };
                call.client.agent = Some(MORTAL.into());
                foundation.store.session(tenant).commit(call).await.expect("noted");
            }
        }
    });
    user
}

/// Writes and reads of another organisation while something is so; what each took, with when it began.
fn calls(home: &Home, server: &Served, while_so: impl Fn() -> bool) -> Vec<(Instant, Duration)> {
    let (key, mut socket) = (&home.keys[0].1, server.connect().expect("a connection"));
    let mut times = Vec::new();
    while while_so() {
        let item =
            json!({ "type": "task", "title": format!("Else {}", times.len()), "on_duplicate": "create" });
        for (tool, arguments) in
            [("pm33_create_work_item", item), ("pm33_query_backlog", json!({ "limit": 5 }))]
        {
            let begun = Instant::now();
            good(&server.tool(&mut socket, key, tool, &arguments).expect("an answer"));
            times.push((begun, begun.elapsed()));
        }
    }
    times
}

fn quiet(home: &Home, server: &Served) -> Vec<(Instant, Duration)> {
    let begun = Instant::now();
    calls(home, server, || begun.elapsed() < QUIET)
}

/// What is waited in the middle, in one of a hundred, and at most.
fn spread(mut times: Vec<Duration>) -> [Duration; 3] {
    times.sort_unstable();
    let last = times.len() - 1;
    [times[last / 2], times[last * 99 / 100], times[last]]
}

/// Erases somebody beside the others' calls; these, and how long it took.
fn erased(
    home: &Home,
    server: &Served,
    tenant: TenantId,
    whose: DataSubject,
    rows: usize,
) -> (Vec<(Instant, Duration)>, Duration) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let calling = scope.spawn(|| calls(home, server, || !is_over.load(Ordering::SeqCst)));
        let begun = Instant::now();
        let certificate =
            home.look(async |foundation| Box::pin(erase(foundation, home.data(), tenant, whose)).await);
        let took = begun.elapsed();
        is_over.store(true, Ordering::SeqCst);
        let certificate = certificate.expect("erased");
        let done: u64 = certificate.done.iter().filter(|one| one.act != "kept").map(|one| one.rows).sum();
        let calls = rows / 2 / ITEMS_OF_A_CALL;
        assert!(done >= (rows + calls) as u64, "{:?}", certificate.done);
        assert_eq!(certificate.verification.audit_breaks, 0);
        let mut beside = calling.join().expect("every call was answered");
        beside.retain(|(at, _)| *at >= begun + MARKED);
        (beside, took)
    })
}

#[expect(clippy::print_stderr, reason = "what was measured is to be seen")]
fn all_of_them_go(home: &Home) {
    let rows = length(ROWS, ALL_ROWS);
    let seeding = Instant::now();
    let members: Vec<_> =
        (home.keys.iter().skip(1)).map(|(tenant, _)| (*tenant, member(home, *tenant, rows / 2))).collect();
    eprintln!("{} members of {rows} rows made in {:.0?}", members.len(), seeding.elapsed());
    let server = Served::start(home, &[]);
    quiet(home, &server);
    let mut ratios = Vec::new();
    for (tenant, user) in &members {
        let whose = DataSubject::Member(*user);
        let before = quiet(home, &server);
        let (beside, took) = erased(home, &server, *tenant, whose, rows);
        let told = |times: &[(Instant, Duration)]| spread(times.iter().map(|(_, took)| *took).collect());
        let (count, before, beside) = (beside.len(), told(&before), told(&beside));
        ratios.push(beside[1].as_secs_f64() / before[1].as_secs_f64());
        eprintln!(
            "erased in {took:.1?}; {count} calls of others beside it took {beside:.1?} (middle, p99, most), {before:.1?} \
             without"
        );
        assert!(!is_long() || took <= LATEST, "{took:?}");
        nothing_is_left(home, *tenant, whose);
        names_nobody(home, *tenant, *user, rows / 2);
    }
    drop(server);
    assert!(!holds(&bytes_in(home.data()).to_ascii_lowercase(), MORTAL), "{MORTAL} is in a file");
    let server = Served::start(home, &[]);
    for (_, key) in &home.keys {
        let page = ask(&server, key, "pm33_query_backlog", &json!({ "limit": 5 }));
        assert_ne!(page["isError"], true, "{page}");
    }
    // It has read the workspaces of the erased; a title is found, so that they would be.
    assert!(remembers(&server, "Work 0 0"));
    assert!(!remembers(&server, MORTAL), "{MORTAL} is in a new process's memory");
    drop(server);
    ratios.sort_by(f64::total_cmp);
    eprintln!("p99 of others beside an erasure: {ratios:.2?} of what it is without");
}

/// The organisation has all its items, and in all that can be handed out of it there is neither their id nor their name.
fn names_nobody(home: &Home, tenant: TenantId, user: UserId, items: usize) {
    home.look(async |foundation| {
        let session = foundation.store.session(tenant);
        let all = session.gather(tenant, DataSubject::Organisation).await.expect("a look");
        let there = all.iter().find(|one| one.table == "work_item").map(|one| one.rows.len());
        assert_eq!(there, Some(items));
        let id = user.to_string();
        for table in &all {
            for row in &table.rows {
                let text = serde_json::to_string(row).expect("JSON").to_lowercase();
                assert!(!text.contains(MORTAL) && !text.contains(&id), "{}: {text}", table.table);
            }
        }
    });
}

#[test]
fn members_with_very_many_rows_go_and_others_are_served_meanwhile() {
    all_of_them_go(&Home::sqlite(1 + ROUNDS));
}

#[test]
fn members_with_very_many_rows_go_from_postgresql_and_others_are_served_meanwhile() {
    let Some(home) = Home::postgres(1 + ROUNDS) else { return };
    all_of_them_go(&home);
}
