//! An independent judge of schedules: counts unit by unit, with no knowledge of how the engine works.

use pm33_planning::schedule::{Length, Problem, Solution};

/// Everything that is wrong with a solution, in words; empty when nothing is.
pub(super) fn faults(problem: &Problem, solution: &Solution) -> Vec<String> {
    let mut faults = Vec::new();
    for (index, activity) in problem.activities.iter().enumerate() {
        let (start, finish) = (solution.start[index], solution.finish[index]);
        let mode = &activity.modes[solution.mode[index]];
        if start < activity.release {
            faults.push(format!("{index} starts at {start}, released at {}", activity.release));
        }
        if finish > problem.horizon {
            faults.push(format!("{index} finishes at {finish}, after the horizon"));
        }
        match mode.length {
            Length::Elapsed(length) if finish != start + length => {
                faults.push(format!("{index} takes {start}..{finish}, not {length}"));
            }
            Length::Elapsed(_) => {}
            Length::Working { calendar, amount } => {
                let rate = &problem.calendars[calendar].rate;
                let at = |time: usize| u64::from(rate.get(time).copied().unwrap_or(0));
                let done: u64 = (start..finish).map(at).sum();
                let short: u64 = (start..finish.saturating_sub(1)).map(at).sum();
                if done < amount || (amount > 0 && short >= amount) {
                    faults.push(format!("{index} works {done} in {start}..{finish}, not {amount}"));
                }
            }
        }
    }
    // What has begun waits for nothing any more.
    for link in problem.links.iter().filter(|link| !problem.activities[link.to].under_way) {
        let from = i64::try_from(solution.finish[link.from]).unwrap() + i64::try_from(link.lag).unwrap();
        if i64::try_from(solution.start[link.to]).unwrap() < from {
            faults.push(format!("{} does not wait for {}", link.to, link.from));
        }
    }
    for (resource, supply) in problem.resources.iter().enumerate() {
        for time in 0..problem.horizon {
            let used: u32 = (0..problem.activities.len())
                .filter(|&one| (solution.start[one]..solution.finish[one]).contains(&time))
                .flat_map(|one| &problem.activities[one].modes[solution.mode[one]].demands)
                .filter(|demand| demand.resource == resource)
                .map(|demand| demand.amount)
                .sum();
            let there = supply.capacity.get(time).or(supply.capacity.last()).copied().unwrap_or(0);
            if used > there {
                faults.push(format!("resource {resource} gives {used} of {there} at {time}"));
            }
        }
    }
    let makespan = solution.finish.iter().copied().max().unwrap_or(0);
    if makespan != solution.value.makespan {
        faults.push(format!("the makespan is {makespan}, not {}", solution.value.makespan));
    }
    if solution.bound() > makespan {
        faults.push(format!("the bound {} is above the makespan {makespan}", solution.bound()));
    }
    faults
}
