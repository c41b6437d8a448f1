//! Grades the scheduling engine on every `psplib_*.jsonl` of the data folder.

use std::{ops::ControlFlow, path::Path, time::Instant};

use pm33_planning::schedule::{
    Activity, Demand, Length, Limits, Link, Mode, Problem, Resource, Solution, solve,
};
use serde_json::Value;

use crate::table::Table;

/// Schedules per instance.
const EFFORT: u64 = 20_000;

/// One row of sums per file.
#[derive(Default)]
struct Sums {
    instances: usize,
    optimal: usize,
    above: f64,
    seconds: f64,
    shown_gap: f64,
    true_gap: f64,
    unsound: usize,
    bad_bounds: usize,
}

/// Grades all files; says so when there is none.
pub(crate) fn grade(folder: &Path, table: &mut Table) {
    let mut paths: Vec<_> = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("psplib_") && name.ends_with(".jsonl")
        })
        .collect();
    paths.sort();
    if paths.is_empty() {
        table.absent("schedule", "no psplib_*.jsonl in the data folder");
    }
    for path in paths {
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        match std::fs::read_to_string(&path).map_err(|error| error.to_string()).and_then(|text| sums(&text)) {
            Ok(sums) => tell(&format!("schedule {name}"), &sums, table),
            Err(why) => table.judge(&format!("schedule {name}"), "readable", why, "it can be read", false),
        }
    }
}

fn tell(subject: &str, sums: &Sums, table: &mut Table) {
    let count = sums.instances.max(1) as f64;
    let optimal = sums.optimal as f64 / count * 100.0;
    let (above, seconds) = (sums.above / count, sums.seconds / count);
    table.judge(
        subject,
        "above the optimum, average",
        format!("{above:.3} %"),
        "at most 0.3 %",
        above <= 0.3,
    );
    let solved = format!("{optimal:.1} % of {}", sums.instances);
    table.judge(subject, "solved to the optimum", solved, "at least 90 %", optimal >= 90.0);
    table.judge(subject, "unsound schedules", sums.unsound.to_string(), "none", sums.unsound == 0);
    table.judge(
        subject,
        "bounds above the optimum",
        sums.bad_bounds.to_string(),
        "none",
        sums.bad_bounds == 0,
    );
    // Told, not judged: a second is the machine's, and other work on it is not the method's fault.
    table.tell(subject, "time per instance (wanted: 0.125 s)", format!("{seconds:.3} s"));
    let gaps = format!("{:.2} % shown, {:.2} % true", sums.shown_gap / count, sums.true_gap / count);
    table.tell(subject, "gap to the bound, to the optimum", gaps);
}

fn sums(text: &str) -> Result<Sums, String> {
    let mut sums = Sums::default();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let row: Value =
            serde_json::from_str(line).map_err(|error| format!("line {}: {error}", index + 1))?;
        let problem = problem(&row).ok_or_else(|| format!("line {}: not an instance", index + 1))?;
        let best = number(&row["ub"]).ok_or_else(|| format!("line {}: no ub", index + 1))?;
        #[expect(clippy::disallowed_methods, reason = "a grader measures time")]
        let began = Instant::now();
        let limits = Limits { effort: EFFORT, seed: 1 };
        let solution = solve(&problem, limits, &mut |_| ControlFlow::Continue(()))
            .map_err(|error| format!("line {}: {error}", index + 1))?;
        sums.seconds += began.elapsed().as_secs_f64();
        let percent = |over: usize, under: usize| (over as f64 / under.max(1) as f64 - 1.0) * 100.0;
        let makespan = solution.value.makespan;
        sums.instances += 1;
        sums.optimal += usize::from(makespan == best);
        sums.above += percent(makespan, best);
        sums.true_gap += percent(makespan, best);
        sums.shown_gap += percent(makespan, solution.bound());
        sums.bad_bounds += usize::from(solution.bound() > best);
        sums.unsound += usize::from(!sound(&problem, &solution));
    }
    Ok(sums)
}

/// Counts unit by unit whether lengths, links and capacities hold; knows nothing of how the engine works.
fn sound(problem: &Problem, solution: &Solution) -> bool {
    let lengths =
        problem.activities.iter().enumerate().all(|(one, activity)| match activity.modes[0].length {
            Length::Elapsed(length) => solution.finish[one] == solution.start[one] + length,
            Length::Working { .. } => false,
        });
    let links = problem.links.iter().all(|link| solution.start[link.to] >= solution.finish[link.from]);
    let end = solution.finish.iter().copied().max().unwrap_or(0);
    let fits = problem.resources.iter().enumerate().all(|(resource, supply)| {
        (0..end).all(|time| {
            let running = (0..problem.activities.len())
                .filter(|&one| (solution.start[one]..solution.finish[one]).contains(&time));
            let used: u32 = running
                .flat_map(|one| &problem.activities[one].modes[0].demands)
                .filter(|demand| demand.resource == resource)
                .map(|demand| demand.amount)
                .sum();
            used <= supply.capacity[0]
        })
    });
    lengths && links && fits && end == solution.value.makespan
}

fn number(value: &Value) -> Option<usize> {
    usize::try_from(value.as_u64()?).ok()
}

fn problem(row: &Value) -> Option<Problem> {
    let mut problem = Problem::default();
    for amount in row["capacity"].as_array()? {
        problem.resources.push(Resource { capacity: vec![u32::try_from(amount.as_u64()?).ok()?] });
    }
    for job in row["jobs"].as_array()? {
        let mut demands = Vec::new();
        for (resource, amount) in job["req"].as_array()?.iter().enumerate() {
            let amount = u32::try_from(amount.as_u64()?).ok()?;
            if amount > 0 {
                demands.push(Demand { resource, amount });
            }
        }
        let length = number(&job["d"])?;
        problem.horizon += length;
        let mode = Mode { length: Length::Elapsed(length), demands };
        problem.activities.push(Activity {
            modes: vec![mode],
            release: 0,
            due: None,
            weight: 0.0,
            under_way: false,
        });
        for next in job["succ"].as_array()? {
            let (from, to) = (number(&job["id"])?.checked_sub(1)?, number(next)?.checked_sub(1)?);
            problem.links.push(Link { from, to, lag: 0 });
        }
    }
    Some(problem)
}
