//! Story packing: stories of a team into its coming sprints, in the order of their rank.

/// A story to be packed.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// Points, 0 or more.
    pub size: f64,
    /// Places (in the list of stories) of those that must be in the same sprint or an earlier one.
    pub depends_on: Vec<usize>,
}

/// A sprint's room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SprintRoom {
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
}

/// Packs stories, best first: each goes into the first sprint with room that is not before those that it depends on. A
/// story without room in a sprint lets smaller ones of lower rank use it.
pub fn pack(stories: &[Story], sprints: &[SprintRoom]) -> Packed {
    let sound = |number: f64| if number.is_finite() { number.max(0.0) } else { 0.0 };
    let mut free: Vec<f64> = sprints.iter().map(|sprint| sound(sprint.capacity)).collect();
    let mut sprint: Vec<Option<usize>> = vec![None; stories.len()];
    let mut waiting: Vec<usize> = (0..stories.len()).collect();
    // Each round places what has become ready; a story that nothing placed can free stays out.
    loop {
        let before = waiting.len();
        waiting.retain(|&one| {
            let story = &stories[one];
            let mut from = 0;
            for &other in &story.depends_on {
                match sprint.get(other).copied().flatten() {
                    Some(placed) => from = from.max(placed),
                    None => return true,
                }
            }
            if !story.size.is_finite() || story.size < 0.0 {
                return true;
            }
            match (from..free.len()).find(|&place| free[place] >= story.size) {
                Some(place) => {
                    free[place] -= story.size;
                    sprint[one] = Some(place);
                    false
                }
                None => true,
            }
        });
        if waiting.len() == before {
            return Packed { sprint, free };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SprintRoom, Story, pack};

    fn story(size: f64, depends_on: &[usize]) -> Story {
        Story { size, depends_on: depends_on.to_vec() }
    }

    #[test]
    fn stories_fill_sprints_in_order_and_after_what_they_need() {
        let stories = [
            story(5.0, &[1]),
            story(8.0, &[]),
            story(3.0, &[]),
            story(f64::NAN, &[]),
            story(1.0, &[4]),
            story(99.0, &[]),
        ];
        let packed = pack(&stories, &[SprintRoom { capacity: 10.0 }, SprintRoom { capacity: 10.0 }]);
        assert_eq!(packed.sprint, [Some(1), Some(0), Some(1), None, None, None]);
        assert_eq!(packed.free, [2.0, 2.0]);
    }
}
