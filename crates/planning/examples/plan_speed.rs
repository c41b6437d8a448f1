//! What a plan costs and what effort buys: 500 epics on twelve lanes, planned, put through trials and compared with a
//! scenario. `cargo run --release -p pm33-planning --example plan_speed [EFFORT [EPICS]]` prints milliseconds, the value by effort, and
//! how long a plan goes on without asking whether it is still wanted.
#![expect(clippy::print_stdout, reason = "a command line talks to its person")]

use std::{ops::ControlFlow, time::Instant};

use jiff::{
    civil::{Date, date},
    tz::TimeZone,
};
use pm33_planning::{
    Seed,
    calendar::Calendar,
    scenario::{Base, Change, Valued, apply, compare},
    schedule::{Epic, Lane, Limits, Portfolio, Progress, Trials, plan, trials},
};

const START: Date = date(2026, 6, 1);
const LANES: usize = 12;
/// Efforts that are compared.
const EFFORTS: [u64; 9] = [1, 50, 100, 200, 400, 800, 1_600, 3_200, 6_400];

fn main() {
    let most = std::env::args().nth(1).and_then(|most| most.parse().ok()).unwrap_or(200);
    let epics = std::env::args().nth(2).and_then(|epics| epics.parse().ok()).unwrap_or(500);
    for (name, portfolio) in
        [("without due dates", portfolio(epics, None)), ("every third is due", portfolio(epics, Some(3)))]
    {
        for effort in EFFORTS.into_iter().filter(|effort| *effort <= most) {
            tell(name, &portfolio, effort);
        }
    }
    scenario(&portfolio(epics, None), most);
    println!("longest without asking: {:.1} ms", longest_silence(&portfolio(epics, None), most));
}

fn tell(name: &str, portfolio: &Portfolio, effort: u64) {
    let limits = Limits { effort, seed: 7 };
    let (planned, search) = timed(|| plan(portfolio, limits, &mut |_| ControlFlow::Continue(())));
    let Ok(planned) = planned else { return println!("{name}: no plan") };
    let drawn = Trials { count: 200, spread: 0.3, seed: Seed::of([1]) };
    let (_, sampling) = timed(|| trials(portfolio, &planned, drawn, &mut |_| ControlFlow::Continue(())));
    let value = planned.solution.value;
    println!(
        "{name}, effort {effort}: plan {search:.1} ms, trials {sampling:.1} ms; tardiness {:.1} (bound {:.1}), end {} (bound {}), \
         waiting {:.0}, {} schedules",
        value.tardiness,
        planned.solution.tardiness_bound,
        value.makespan,
        planned.solution.bound(),
        value.waiting,
        planned.solution.schedules,
    );
}

/// Milliseconds at most between two questions whether to go on, the first counted from the start.
#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn longest_silence(portfolio: &Portfolio, effort: u64) -> f64 {
    let (mut last, mut longest) = (Instant::now(), 0.0_f64);
    let mut watch = |_: Progress| {
        longest = longest.max(last.elapsed().as_secs_f64() * 1e3);
        last = Instant::now();
        ControlFlow::Continue(())
    };
    let planned = plan(portfolio, Limits { effort, seed: 7 }, &mut watch);
    // What comes after the last question counts, too.
    planned.map_or(f64::NAN, |_| longest.max(last.elapsed().as_secs_f64() * 1e3))
}

fn scenario(portfolio: &Portfolio, effort: u64) {
    let valued =
        portfolio.epics.iter().map(|epic| Valued { value: epic.cost_of_delay, objectives: Vec::new() });
    let base = Base { valued: valued.collect(), portfolio: portfolio.clone() };
    let changes: Vec<Change> = (0..10)
        .map(|number| match number % 3 {
            0 => Change::Capacity { lane: format!("Lane {number}"), per_week: 12.0 },
            1 => Change::Resize { epic: format!("PM-{}", number + 1), size: 21.0 },
            _ => Change::RemoveEpic { epic: format!("PM-{}", number + 1) },
        })
        .collect();
    let Ok((changed, _)) = apply(&base, &changes) else { return println!("scenario: refused") };
    let drawn = Trials { count: 200, spread: 0.3, seed: Seed::of([1]) };
    let limits = Limits { effort, seed: 7 };
    let by = date(2026, 8, 31);
    let (told, took) =
        timed(|| compare(&base, &changed, by, limits, drawn, &mut |_| ControlFlow::Continue(())));
    if let Ok(Some(told)) = told {
        println!(
            "scenario, effort {effort}: {took:.1} ms; end {:?}, value {:?}",
            told.end_days, told.value_by_date
        );
    }
}

/// As the benchmark's: of three epics two have their team, every fourth waits for one before it.
fn portfolio(epics: usize, due_every: Option<usize>) -> Portfolio {
    let lane = |number| Lane {
        name: format!("Lane {number}"),
        capacity_per_week: 20.0,
        calendar: Calendar::monday_to_friday(TimeZone::UTC),
        skills: Vec::new(),
        wip_limit: None,
    };
    let due = |number: usize| {
        let every = due_every.filter(|every| number.is_multiple_of(*every))?;
        START.checked_add(jiff::Span::new().days(i64::try_from(number * every * 31 % 240).ok()?)).ok()
    };
    let epic = |number: usize| Epic {
        key: format!("PM-{}", number + 1),
        size: [5.0, 8.0, 13.0, 20.0, 34.0][number * 7 % 5],
        lane: (!number.is_multiple_of(3)).then_some(number % LANES),
        skills: Vec::new(),
        release: None,
        due: due(number),
        cost_of_delay: [4.0, 2.0, 1.0][number * 5 % 3],
        depends_on: if number % 4 == 3 { vec![(number / 2, 2)] } else { Vec::new() },
        under_way: false,
    };
    Portfolio { start: START, lanes: (0..LANES).map(lane).collect(), epics: (0..epics).map(epic).collect() }
}

#[expect(clippy::disallowed_methods, reason = "a measurement reads the clock")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, f64) {
    let began = Instant::now();
    let done = work();
    (done, began.elapsed().as_secs_f64() * 1e3)
}
