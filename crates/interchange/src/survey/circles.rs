//! Links that close a circle: the one that is left out is that of the record which comes last in the file, so that the
//! same file gives the same answer.

use std::collections::{HashMap, HashSet};

/// Circles of parents: the record whose link is left out, and the records along the circle.
pub(super) fn of_parents(parents: &HashMap<u32, u32>) -> HashMap<u32, Vec<u32>> {
    let mut circles = HashMap::new();
    let mut done: HashSet<u32> = HashSet::new();
    let mut starts: Vec<u32> = parents.keys().copied().collect();
    starts.sort_unstable();
    for start in starts {
        let mut path: Vec<u32> = Vec::new();
        let mut places: HashMap<u32, usize> = HashMap::new();
        let mut at = start;
        while !done.contains(&at) {
            if let Some(place) = places.get(&at) {
                let circle = &path[*place..];
                if let Some((turn, last)) = circle.iter().enumerate().max_by_key(|(_, record)| **record) {
                    let around = circle[turn..].iter().chain(&circle[..=turn]).copied().collect();
                    circles.insert(*last, around);
                }
                break;
            }
            places.insert(at, path.len());
            path.push(at);
            let Some(next) = parents.get(&at) else { break };
            at = *next;
        }
        done.extend(path);
    }
    circles
}

/// How far a walk is with a record.
#[derive(Clone, Copy, PartialEq)]
enum Seen {
    Open,
    Done,
}

/// Of links from a record to what it needs, sorted, those that close a circle when they are added one after another
/// along a walk in depth.
pub(super) fn of_needs(needs: &[(u32, u32)]) -> HashSet<(u32, u32)> {
    let from = |record: u32| {
        let start = needs.partition_point(|(one, _)| *one < record);
        let end = needs.partition_point(|(one, _)| *one <= record);
        start..end
    };
    let mut seen: HashMap<u32, Seen> = HashMap::new();
    let mut left_out = HashSet::new();
    for (start, _) in needs {
        if seen.contains_key(start) {
            continue;
        }
        let mut stack = vec![(*start, from(*start))];
        seen.insert(*start, Seen::Open);
        while let Some((record, rest)) = stack.last_mut() {
            let Some(at) = rest.next() else {
                seen.insert(*record, Seen::Done);
                stack.pop();
                continue;
            };
            let (_, next) = needs[at];
            match seen.get(&next) {
                Some(Seen::Open) => _ = left_out.insert((*record, next)),
                Some(Seen::Done) => {}
                None => {
                    seen.insert(next, Seen::Open);
                    stack.push((next, from(next)));
                }
            }
        }
    }
    left_out
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::{of_needs, of_parents};

    #[test]
    fn the_last_record_of_a_circle_loses_its_parent() {
        let parents = HashMap::from([(1, 2), (2, 3), (3, 1), (4, 1), (5, 5), (6, 7)]);
        assert_eq!(of_parents(&parents), HashMap::from([(3, vec![3, 1, 2, 3]), (5, vec![5, 5])]));
    }

    #[test]
    fn a_link_per_circle_of_needs_is_left_out() {
        let needs = [(1, 2), (1, 3), (2, 3), (3, 1), (4, 4), (5, 1)];
        let mut left_out: Vec<_> = of_needs(&needs).into_iter().collect();
        left_out.sort_unstable();
        assert_eq!(left_out, [(3, 1), (4, 4)]);
    }
}
