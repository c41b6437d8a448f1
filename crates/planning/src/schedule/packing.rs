//! Story packing: stories into the coming sprints of their teams, in the order of their rank.

use std::{cmp::Reverse, collections::BinaryHeap};

/// A story to be packed.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Points, 0 or more.
    pub size: f64,
    /// Whose sprints it goes into.
    pub team: usize,
    /// It goes into no sprint that ends before this day; days are counted from anywhere.
    pub from: i64,
    /// What it waits for.
    pub needs: Vec<Need>,
}

/// Something that a story waits for: all stories of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Need {
    /// Place in the list of groups.
    pub group: usize,
    /// Days between the end of the last of them and the story's end.
    pub lag: i64,
}

/// A sprint's room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SprintRoom {
    /// Whose.
    pub team: usize,
    /// Its last day.
    pub end: i64,
    /// Points that fit.
    pub capacity: f64,
}

/// Where stories go.
#[derive(Clone, Debug, PartialEq)]
pub struct Packed {
    /// Per story its sprint; `None` where it fits into none, or waits for one that does.
    pub sprint: Vec<Option<usize>>,
    /// Per sprint the points that are still free.
    pub free: Vec<f64>,
    /// Per story whether everything that it waits for has its sprint.
    pub ready: Vec<bool>,
}

/// What rounding may take from a sprint's room.
const CRUMB: f64 = 1e-9;

/// Packs stories, best first: each goes into the first sprint of its team with room that ends no sooner than those of what it
/// waits for. A story without room in a sprint lets smaller ones of lower rank use it. A group without stories holds nobody up.
/// Sprints are in the order of time.
pub fn pack(stories: &[Story], groups: &[Vec<usize>], sprints: &[SprintRoom]) -> Packed {
    let sound = |number: f64| if number.is_finite() { number.max(0.0) } else { 0.0 };
    let mut free: Vec<f64> = sprints.iter().map(|sprint| sound(sprint.capacity)).collect();
    let mut sprint: Vec<Option<usize>> = vec![None; stories.len()];
    let mut left: Vec<usize> = groups.iter().map(Vec::len).collect();
    let mut group_end = vec![i64::MIN; groups.len()];
    let mut groups_of: Vec<Vec<usize>> = vec![Vec::new(); stories.len()];
    for (group, members) in groups.iter().enumerate() {
        for &one in members {
            groups_of[one].push(group);
        }
    }
    let mut waiters: Vec<Vec<usize>> = vec![Vec::new(); groups.len()];
    let mut missing = vec![0_usize; stories.len()];
    for (one, story) in stories.iter().enumerate() {
        for need in story.needs.iter().filter(|need| left[need.group] > 0) {
            waiters[need.group].push(one);
            missing[one] += 1;
        }
    }
    let mut next: BinaryHeap<Reverse<usize>> =
        (0..stories.len()).filter(|&one| missing[one] == 0).map(Reverse).collect();
    while let Some(Reverse(one)) = next.pop() {
        let story = &stories[one];
        let after = story.needs.iter().map(|need| group_end[need.group].saturating_add(need.lag));
        let from = after.fold(story.from, i64::max);
        let fits = |place: &usize| {
            let room = &sprints[*place];
            room.team == story.team && room.end >= from && free[*place] + CRUMB >= story.size
        };
        let is_sound = story.size.is_finite() && story.size >= 0.0;
        let Some(place) = (0..sprints.len()).find(fits).filter(|_| is_sound) else { continue };
        free[place] = (free[place] - story.size).max(0.0);
        sprint[one] = Some(place);
        for &group in &groups_of[one] {
            left[group] -= 1;
            group_end[group] = group_end[group].max(sprints[place].end);
            if left[group] == 0 {
                for &waiter in &waiters[group] {
                    missing[waiter] -= 1;
                    if missing[waiter] == 0 {
                        next.push(Reverse(waiter));
                    }
                }
            }
        }
    }
    let ready = missing.iter().map(|&missing| missing == 0).collect();
    Packed { sprint, free, ready }
}

#[cfg(test)]
mod tests {
    use super::{Need, SprintRoom, Story, pack};

    fn story(team: usize, size: f64, needs: &[(usize, i64)]) -> Story {
        let needs = needs.iter().map(|&(group, lag)| Need { group, lag }).collect();
        Story { size, team, from: 0, needs }
    }

    fn rooms() -> [SprintRoom; 4] {
        [(0, 14), (1, 14), (0, 28), (1, 28)].map(|(team, end)| SprintRoom { team, end, capacity: 10.0 })
    }

    #[test]
    fn stories_fill_sprints_in_order_and_after_what_they_need() {
        let stories = [
            story(0, 5.0, &[(0, 0)]),
            story(0, 8.0, &[]),
            story(0, 3.0, &[]),
            story(0, f64::NAN, &[]),
            story(0, 1.0, &[(1, 0)]),
            story(0, 99.0, &[]),
        ];
        let packed = pack(&stories, &[vec![1], vec![4]], &rooms());
        assert_eq!(packed.sprint, [Some(2), Some(0), Some(2), None, None, None]);
        assert_eq!(packed.free, [2.0, 10.0, 2.0, 10.0]);
        assert_eq!(packed.ready, [true, true, true, true, false, true], "4 waits for itself");
    }

    #[test]
    fn what_another_team_has_to_do_first_and_lags_move_a_story_to_a_later_sprint() {
        let late = Story { from: 20, ..story(0, 6.0, &[]) };
        // The first waits for all of the other team's two, of which one comes late.
        let stories = [story(1, 1.0, &[(0, 0)]), late, story(0, 1.0, &[]), story(1, 1.0, &[(1, 1)])];
        let packed = pack(&stories, &[vec![1, 2], vec![2]], &rooms());
        assert_eq!(packed.sprint, [Some(3), Some(2), Some(0), Some(3)]);
    }

    #[test]
    fn a_long_chain_in_the_wrong_order_is_packed_in_one_pass() {
        let count = 20_000;
        let needs =
            |one: usize| if one + 1 < count { vec![Need { group: one + 1, lag: 0 }] } else { Vec::new() };
        let stories: Vec<_> =
            (0..count).map(|one| Story { needs: needs(one), ..story(0, 0.0, &[]) }).collect();
        let groups: Vec<_> = (0..count).map(|one| vec![one]).collect();
        let packed = pack(&stories, &groups, &rooms());
        assert!(packed.sprint.iter().all(|sprint| *sprint == Some(0)));
    }
}
