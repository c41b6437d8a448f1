//! Real instances of the PSPLIB library with known optima: a sample of them here, all of them in `cargo xtask grade`.

use std::{ops::ControlFlow, path::Path};

use pm33_planning::schedule::{Activity, Demand, Length, Limits, Link, Mode, Problem, Resource, solve};
use serde_json::Value;

use super::validator::faults;

/// Every so many instances one is tried.
const SAMPLE: usize = 7;

#[test]
fn sampled_instances_are_solved_close_to_the_optimum_and_never_above_a_bound() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    let Ok(text) = std::fs::read_to_string(folder.join("psplib_j30_odd.jsonl")) else {
        println!("not tried: there is no psplib_j30_odd.jsonl in {}", folder.display());
        return;
    };
    let (mut tried, mut optimal, mut above) = (0_u32, 0_u32, 0.0);
    for line in text.lines().step_by(SAMPLE) {
        let row: Value = serde_json::from_str(line).unwrap();
        let problem = problem(&row);
        let limits = Limits { effort: 10_000, seed: 7 };
        let solution = solve(&problem, limits, &mut |_| ControlFlow::Continue(())).unwrap();
        let best = number(&row["ub"]);
        assert_eq!(faults(&problem, &solution), Vec::<String>::new(), "{}", row["instance"]);
        assert!(solution.bound() <= best, "{}: bound {} above {best}", row["instance"], solution.bound());
        assert!(solution.value.makespan >= best, "{}", row["instance"]);
        tried += 1;
        optimal += u32::from(solution.value.makespan == best);
        above += f64::from(u32::try_from(solution.value.makespan - best).unwrap()) * 100.0
            / f64::from(u32::try_from(best).unwrap());
    }
    above /= f64::from(tried);
    println!("{tried} instances, {optimal} optimal, {above:.3} % above the optimum");
    assert!(above <= 0.3 && optimal * 10 >= tried * 9, "{optimal} of {tried} optimal, {above:.3} % above");
}

fn number(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

/// An instance as a problem of ours.
fn problem(row: &Value) -> Problem {
    let mut problem = Problem::default();
    for amount in list(&row["capacity"]) {
        problem.resources.push(Resource { capacity: vec![u32::try_from(number(amount)).unwrap()] });
    }
    for job in list(&row["jobs"]) {
        let demands = list(&job["req"])
            .iter()
            .enumerate()
            .map(|(resource, amount)| Demand { resource, amount: u32::try_from(number(amount)).unwrap() });
        let mode = Mode {
            length: Length::Elapsed(number(&job["d"])),
            demands: demands.filter(|demand| demand.amount > 0).collect(),
        };
        problem.horizon += number(&job["d"]);
        problem.activities.push(Activity {
            modes: vec![mode],
            release: 0,
            due: None,
            weight: 0.0,
            under_way: false,
        });
        for next in list(&job["succ"]) {
            problem.links.push(Link { from: number(&job["id"]) - 1, to: number(next) - 1, lag: 0 });
        }
    }
    problem
}
