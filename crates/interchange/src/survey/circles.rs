//! Links that close a circle: the one that is left out is that of the record which comes last in the file, so that the
//! same file gives the same answer.

use std::collections::{HashMap, HashSet};

/// Records shown at the beginning of a long circle, and at its end.
const HEAD: usize = 6;
const TAIL: usize = 3;

/// The records along a circle, from the one whose link closes it around to itself; of a long one its ends.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Circle {
    pub(super) head: Vec<u32>,
    pub(super) left_out: usize,
    pub(super) tail: Vec<u32>,
}

impl Circle {
    /// Only what is shown is looked at: a hostile file has many circles and long ones.
    fn new(length: usize, record_at: impl Fn(usize) -> u32) -> Self {
        let records = |places: std::ops::Range<usize>| places.map(&record_at).collect();
        if length <= HEAD + TAIL {
            return Self { head: records(0..length), ..Self::default() };
        }
        let tail = length - TAIL;
        Self { head: records(0..HEAD), left_out: tail - HEAD, tail: records(tail..length) }
    }
}

/// Circles of parents, by the record whose link is left out.
pub(super) fn of_parents(parents: &HashMap<u32, u32>) -> HashMap<u32, Circle> {
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
                    let record_at = |place| circle[(turn + place) % circle.len()];
                    circles.insert(*last, Circle::new(circle.len() + 1, record_at));
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
    /// At this place of the walk.
    Open(usize),
    Done,
}

/// Of links from a record to what it needs, sorted, those that close a circle when they are added one after another
/// along a walk in depth, each with its circle.
pub(super) fn of_needs(needs: &[(u32, u32)]) -> HashMap<(u32, u32), Circle> {
    let from = |record: u32| {
        let start = needs.partition_point(|(one, _)| *one < record);
        let end = needs.partition_point(|(one, _)| *one <= record);
        start..end
    };
    let mut seen: HashMap<u32, Seen> = HashMap::new();
    let mut left_out = HashMap::new();
    for (start, _) in needs {
        if seen.contains_key(start) {
            continue;
        }
        let mut stack = vec![(*start, from(*start))];
        seen.insert(*start, Seen::Open(0));
        while let Some((record, rest)) = stack.last_mut() {
            let record = *record;
            let Some(at) = rest.next() else {
                seen.insert(record, Seen::Done);
                stack.pop();
                continue;
            };
            let (_, next) = needs[at];
            match seen.get(&next) {
                Some(Seen::Open(place)) => {
                    let last = stack.len() - 1;
                    let record_at = |step| stack[if step == 0 { last } else { place + step - 1 }].0;
                    left_out.insert((record, next), Circle::new(stack.len() - place + 1, record_at));
                }
                Some(Seen::Done) => {}
                None => {
                    seen.insert(next, Seen::Open(stack.len()));
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

    use super::{Circle, of_needs, of_parents};

    fn whole(around: &[u32]) -> Circle {
        Circle { head: around.to_vec(), ..Circle::default() }
    }

    #[test]
    fn the_last_record_of_a_circle_loses_its_parent() {
        let parents = HashMap::from([(1, 2), (2, 3), (3, 1), (4, 1), (5, 5), (6, 7)]);
        let circles = HashMap::from([(3, whole(&[3, 1, 2, 3])), (5, whole(&[5, 5]))]);
        assert_eq!(of_parents(&parents), circles);
    }

    #[test]
    fn a_link_per_circle_of_needs_is_left_out() {
        let needs = [(1, 2), (1, 3), (2, 3), (3, 1), (4, 4), (5, 1)];
        let circles = HashMap::from([((3, 1), whole(&[3, 1, 2, 3])), ((4, 4), whole(&[4, 4]))]);
        assert_eq!(of_needs(&needs), circles);
    }

    #[test]
    fn a_long_circle_is_told_by_its_ends() {
        let needs: Vec<(u32, u32)> = (1..=40).map(|record| (record, record % 40 + 1)).collect();
        let circle = Circle { head: vec![40, 1, 2, 3, 4, 5], left_out: 32, tail: vec![38, 39, 40] };
        assert_eq!(of_needs(&needs), HashMap::from([((40, 1), circle)]));
    }
}
