//! Planning through the real server: each question asked some times one after the other, and what a small call feels of a
//! schedule that runs beside it.

use std::time::Instant;

use anyhow::Context;
use serde_json::{Value, json};

use crate::{
    asker::Asker,
    process::Process,
    spans::{Spans, median},
};

/// Milliseconds within which each question is to be answered: a sanity ceiling, reported.
pub(crate) const CEILING_MILLIS: f64 = 250.0;
/// How far the slowest small calls may slow down while a schedule runs.
pub(crate) const SLOWED: f64 = 2.0;
/// Times that each question is asked, after one that is not counted.
const TIMES: usize = 10;
/// Rounds in which small calls are asked alone and beside schedules.
const ROUNDS: usize = 7;
/// Small calls on either side of a round.
const SMALL: usize = 1_000;

/// One question of planning.
#[derive(Clone, Debug, serde::Serialize)]
pub(crate) struct Answered {
    /// What was asked.
    pub(crate) row: &'static str,
    /// Median answer time.
    pub(crate) p50_millis: f64,
    /// Slowest answer.
    pub(crate) worst_millis: f64,
}

/// What small calls felt.
#[derive(Clone, Copy, Debug, serde::Serialize)]
pub(crate) struct Beside {
    /// 99th percentile with nothing else to do, median of the rounds.
    pub(crate) quiet_micros: f64,
    /// 99th percentile while another process spins on a core, likewise.
    pub(crate) loop_micros: f64,
    /// 99th percentile while a schedule runs, likewise.
    pub(crate) busy_micros: f64,
    /// The one over the other, median of the rounds' ratios.
    pub(crate) slowed: f64,
}

/// What is asked: name, tool, arguments.
fn questions() -> [(&'static str, &'static str, Value); 4] {
    let changes: Vec<Value> = (0..10)
        .map(|number| match number % 5 {
            0 => json!({ "change": "set_capacity", "team": format!("Lane {number}"), "points": 12 }),
            1 => json!({ "change": "reprioritise", "epic": format!("PM-{}", number + 1), "priority": "critical" }),
            2 => json!({ "change": "resize_epic", "epic": format!("PM-{}", number + 1), "points": 21 }),
            3 => json!({ "change": "remove_epic", "epic": format!("PM-{}", number + 1) }),
            _ => json!({ "change": "add_epic", "epic": format!("NEW-{number}"), "title": "New", "points": 8 }),
        })
        .collect();
    [
        (
            "forecast of 50 items, 10,000 trials, three years of history",
            "pm33_forecast_delivery",
            json!({ "label": ["release"] }),
        ),
        ("priorities over 10,000 items with sensitivity", "pm33_optimize_priorities", json!({})),
        ("schedule of 500 epics on 12 lanes", "pm33_schedule_portfolio", json!({})),
        ("scenario of 10 changes", "pm33_simulate_scenario", json!({ "changes": changes })),
    ]
}

/// Asks every question.
pub(crate) async fn measure(server: &Process, key: &str) -> anyhow::Result<Vec<Answered>> {
    let mut rows = Vec::new();
    for (row, tool, arguments) in questions() {
        let mut asker = Asker::new(server, key).await?;
        asker.ask(tool, &arguments).await.context(row)?;
        let mut times = Vec::with_capacity(TIMES);
        for _ in 0..TIMES {
            let asked = Instant::now();
            asker.ask(tool, &arguments).await.context(row)?;
            times.push(asked.elapsed().as_secs_f64() * 1e3);
        }
        times.sort_by(f64::total_cmp);
        let worst_millis = times.last().copied().unwrap_or(0.0);
        rows.push(Answered { row, p50_millis: times[times.len() / 2], worst_millis });
    }
    Ok(rows)
}

/// Asks for single items, by turns alone and while schedules run one after the other.
pub(crate) async fn beside(server: &Process, key: &str) -> anyhow::Result<Beside> {
    let [mut alone, mut idle_work, mut beside, mut slowed] = [const { Vec::new() }; 4];
    for _ in 0..ROUNDS {
        let quiet = small_calls(server, key).await?;
        idle_work.push(beside_a_loop(server, key).await?);
        let busy = beside_schedules(server, key).await?;
        alone.push(quiet);
        beside.push(busy);
        slowed.push(busy / quiet);
    }
    Ok(Beside {
        quiet_micros: median(alone),
        loop_micros: median(idle_work),
        busy_micros: median(beside),
        slowed: median(slowed),
    })
}

/// What a machine makes of a core that is busy with nothing, as far behind as calculations are: less than this no calculation
/// can slow the calls down.
async fn beside_a_loop(server: &Process, key: &str) -> anyhow::Result<f64> {
    let mut spins = tokio::process::Command::new("nice");
    let mut spins = spins.args(["-n", "10", "sh", "-c", "while :; do :; done"]).kill_on_drop(true).spawn()?;
    let micros = small_calls(server, key).await;
    spins.kill().await?;
    micros
}

async fn beside_schedules(server: &Process, key: &str) -> anyhow::Result<f64> {
    let mut heavy = Asker::new(server, key).await?;
    let arguments = json!({ "effort": 2_000, "limit": 1 });
    let schedules = async {
        loop {
            heavy.ask("pm33_schedule_portfolio", &arguments).await?;
        }
    };
    tokio::select! {
        ended = schedules => ended,
        micros = small_calls(server, key) => micros,
    }
}

async fn small_calls(server: &Process, key: &str) -> anyhow::Result<f64> {
    let mut asker = Asker::new(server, key).await?;
    let mut spans = Spans::default();
    let arguments = json!({ "ids": ["PM-1"], "columns": "summary" });
    for _ in 0..SMALL {
        let asked = Instant::now();
        asker.ask("pm33_query_backlog", &arguments).await?;
        spans.note(asked.elapsed());
    }
    Ok(spans.percentile(99))
}
