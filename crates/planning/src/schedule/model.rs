//! The compiled problem: neighbours, orders, working time summed up, earliest and latest times.

use super::{Demand, Length, Problem, ProblemError, work::Work};

/// A link as one of its ends sees it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Neighbour {
    pub(super) activity: usize,
    pub(super) lag: isize,
}

/// The neighbours of each activity on one side, one list after the other.
#[derive(Debug)]
pub(super) struct Neighbours {
    first: Vec<usize>,
    list: Vec<Neighbour>,
}

impl Neighbours {
    /// From pairs of an activity and its neighbour; the order of an activity's neighbours is that of the pairs.
    fn new(count: usize, pairs: impl Iterator<Item = (usize, Neighbour)> + Clone) -> Self {
        let mut first = vec![0; count + 1];
        for (one, _) in pairs.clone() {
            first[one + 1] += 1;
        }
        for one in 0..count {
            first[one + 1] += first[one];
        }
        let mut list = vec![Neighbour { activity: 0, lag: 0 }; first[count]];
        let mut next = first.clone();
        for (one, neighbour) in pairs {
            list[next[one]] = neighbour;
            next[one] += 1;
        }
        Self { first, list }
    }

    #[inline]
    pub(super) fn of(&self, activity: usize) -> &[Neighbour] {
        &self.list[self.first[activity]..self.first[activity + 1]]
    }

    /// How many each activity has.
    pub(super) fn counts(&self) -> Vec<usize> {
        self.first.windows(2).map(|ends| ends[1] - ends[0]).collect()
    }
}

/// One way to do an activity, laid out for decoding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    /// How long it takes; the calendar is an index of the model's. A trial may draw another one.
    pub(super) length: Length,
    /// What it occupies, where that is one resource at most.
    pub(super) single: Option<Demand>,
}

impl Way {
    /// Whether it takes no time and so fits anywhere.
    #[inline]
    pub(super) fn is_instant(&self) -> bool {
        matches!(self.length, Length::Elapsed(0) | Length::Working { amount: 0, .. })
    }
}

/// What decoding needs, laid out for it.
#[derive(Debug)]
pub(super) struct Model<'a> {
    pub(super) problem: &'a Problem,
    pub(super) before: Neighbours,
    pub(super) after: Neighbours,
    /// Activities, predecessors first.
    pub(super) order: Vec<usize>,
    /// Working times; calendars that are the same share one.
    pub(super) work: Vec<Work>,
    /// The ways of each activity, one list after the other.
    pub(super) ways: Vec<Way>,
    first_way: Vec<usize>,
    /// Per resource the one calendar whose working time everything on it counts.
    pub(super) own: Vec<Option<usize>>,
    release: Vec<usize>,
    /// Weight and due date of each activity.
    due: Vec<(f64, usize)>,
    pub(super) horizon: usize,
    /// Some activity has begun.
    pub(super) begun: bool,
    /// Some link is a lead, so that a successor may start first.
    pub(super) leads: bool,
    /// Every way occupies one resource at most.
    pub(super) is_lanes: bool,
}

impl<'a> Model<'a> {
    /// Compiles a problem.
    pub(super) fn new(problem: &'a Problem) -> Result<Self, ProblemError> {
        problem.check()?;
        let activities = &problem.activities;
        let count = activities.len();
        // What has begun waits for nothing any more.
        let links = problem.links.iter().filter(|link| !activities[link.to].under_way);
        let before = links.clone().map(|link| (link.to, Neighbour { activity: link.from, lag: link.lag }));
        let after = links.clone().map(|link| (link.from, Neighbour { activity: link.to, lag: link.lag }));
        let (before, after) = (Neighbours::new(count, before), Neighbours::new(count, after));
        let leads = links.clone().any(|link| link.lag < 0);
        let order = topological(&before, &after)?;
        // Teams mostly share their working days, and so one table that stays in the cache.
        let mut shared: Vec<usize> = Vec::new();
        let same: Vec<usize> = (0..problem.calendars.len())
            .map(|index| {
                let rate = &problem.calendars[index].rate;
                let known = shared.iter().position(|&other| problem.calendars[other].rate == *rate);
                known.unwrap_or_else(|| {
                    shared.push(index);
                    shared.len() - 1
                })
            })
            .collect();
        let work = shared.iter().map(|&index| Work::new(&problem.calendars[index], problem.horizon));
        let mut ways = Vec::new();
        let mut first_way = vec![0];
        for activity in activities {
            ways.extend(activity.modes.iter().map(|mode| Way {
                length: match mode.length {
                    Length::Elapsed(length) => Length::Elapsed(length),
                    Length::Working { calendar, amount } => {
                        Length::Working { calendar: same[calendar], amount }
                    }
                },
                single: mode.demands.first().copied(),
            }));
            first_way.push(ways.len());
        }
        Ok(Self {
            work: work.collect(),
            is_lanes: activities.iter().flat_map(|one| &one.modes).all(|mode| mode.demands.len() <= 1),
            release: activities.iter().map(|one| one.release).collect(),
            due: activities.iter().map(|one| (one.weight, one.due.unwrap_or(usize::MAX))).collect(),
            begun: activities.iter().any(|one| one.under_way),
            horizon: problem.horizon,
            problem,
            before,
            after,
            order,
            own: own(problem, &ways, &first_way),
            ways,
            first_way,
            leads,
        })
    }

    pub(super) fn len(&self) -> usize {
        self.release.len()
    }

    #[inline]
    pub(super) fn modes(&self, activity: usize) -> usize {
        self.first_way[activity + 1] - self.first_way[activity]
    }

    #[inline]
    pub(super) fn way(&self, activity: usize, mode: usize) -> &Way {
        &self.ways[self.first_way[activity] + mode]
    }

    /// The places of an activity's ways in the list of all.
    pub(super) fn places_of(&self, activity: usize) -> std::ops::Range<usize> {
        self.first_way[activity]..self.first_way[activity + 1]
    }

    /// The ways of an activity.
    pub(super) fn ways_of(&self, activity: usize) -> &[Way] {
        &self.ways[self.places_of(activity)]
    }

    #[inline]
    pub(super) fn demands(&self, activity: usize, mode: usize) -> &[Demand] {
        &self.problem.activities[activity].modes[mode].demands
    }

    #[inline]
    pub(super) fn release(&self, activity: usize) -> usize {
        self.release[activity]
    }

    /// Weight of each activity, and its due date: `usize::MAX` for none.
    pub(super) fn dues(&self) -> &[(f64, usize)] {
        &self.due
    }

    /// What is there of a resource in each unit of time.
    pub(super) fn capacity(&self, resource: usize) -> impl Iterator<Item = u32> {
        let capacity = &self.problem.resources[resource].capacity;
        let last = capacity.last().copied().unwrap_or(0);
        (0..self.horizon).map(move |at| capacity.get(at).copied().unwrap_or(last))
    }

    /// The first time from `from` on at which the way could start to be finished by `until`, with its finish.
    #[inline]
    pub(super) fn earliest(&self, way: &Way, from: usize, until: usize) -> Option<(usize, usize)> {
        if from > until {
            return None;
        }
        match way.length {
            Length::Elapsed(length) => (length <= until - from).then(|| (from, from + length)),
            Length::Working { amount: 0, .. } => Some((from, from)),
            Length::Working { calendar, amount } => self.work[calendar].earliest(amount, from, until),
        }
    }

    /// The last start from `from` on for a finish not after `until`, with that finish.
    #[inline]
    pub(super) fn latest(&self, way: &Way, from: usize, until: usize) -> Option<(usize, usize)> {
        if from > until {
            return None;
        }
        match way.length {
            Length::Elapsed(length) => (length <= until - from).then(|| (until - length, until)),
            Length::Working { amount: 0, .. } => Some((until, until)),
            Length::Working { calendar, amount } => self.work[calendar].latest(amount, from, until),
        }
    }

    /// Earliest start and finish over all modes with resources ignored; a floor for every schedule.
    pub(super) fn floors(&self) -> Result<Vec<(usize, usize)>, ProblemError> {
        let mut floors = vec![(0, 0); self.len()];
        for &activity in &self.order {
            let from = self.ready(activity, |other| floors[other].1);
            let ways = self.ways_of(activity).iter();
            let best = ways.filter_map(|way| self.earliest(way, from, self.horizon));
            let best = best.min_by_key(|&(_, finish)| finish);
            floors[activity] = best.ok_or(ProblemError::Horizon { horizon: self.horizon, activity })?;
        }
        Ok(floors)
    }

    /// Latest start and finish over all modes with resources ignored, for everything to end by `until`; activities
    /// that cannot are given time 0.
    pub(super) fn ceilings(&self, until: usize) -> Vec<(usize, usize)> {
        let mut ceilings = vec![(0, 0); self.len()];
        for &activity in self.order.iter().rev() {
            let by = self.needed(activity, until, |other| ceilings[other].0).min(self.horizon);
            let ways = self.ways_of(activity).iter();
            let best = ways.filter_map(|way| self.latest(way, 0, by)).max_by_key(|&(start, _)| start);
            ceilings[activity] = best.unwrap_or((0, 0));
        }
        ceilings
    }

    /// When the links and the release let an activity start, given finishes.
    #[inline]
    pub(super) fn ready(&self, activity: usize, finish: impl Fn(usize) -> usize) -> usize {
        self.before
            .of(activity)
            .iter()
            .map(|link| finish(link.activity).saturating_add_signed(link.lag))
            .fold(self.release[activity], usize::max)
    }

    /// By when the links need an activity finished, given starts.
    #[inline]
    pub(super) fn needed(&self, activity: usize, until: usize, start: impl Fn(usize) -> usize) -> usize {
        self.after
            .of(activity)
            .iter()
            .map(|link| start(link.activity).saturating_add_signed(link.lag.saturating_neg()))
            .fold(until, usize::min)
    }
}

/// Per resource the calendar of all that may occupy it, where that is one.
fn own(problem: &Problem, ways: &[Way], first_way: &[usize]) -> Vec<Option<usize>> {
    let mut own: Vec<Option<Option<usize>>> = vec![None; problem.resources.len()];
    for (activity, &first) in problem.activities.iter().zip(first_way) {
        for (mode, way) in activity.modes.iter().zip(&ways[first..]) {
            let calendar = match way.length {
                Length::Working { calendar, .. } => Some(calendar),
                Length::Elapsed(_) => None,
            };
            for demand in &mode.demands {
                let known = own[demand.resource].get_or_insert(calendar);
                if *known != calendar {
                    *known = None;
                }
            }
        }
    }
    own.into_iter().map(Option::flatten).collect()
}

/// Predecessors first; among the free ones the lowest index.
fn topological(before: &Neighbours, after: &Neighbours) -> Result<Vec<usize>, ProblemError> {
    let mut open = before.counts();
    let mut free: std::collections::BinaryHeap<_> =
        (0..open.len()).filter(|&one| open[one] == 0).map(std::cmp::Reverse).collect();
    let mut order = Vec::with_capacity(open.len());
    while let Some(std::cmp::Reverse(one)) = free.pop() {
        order.push(one);
        for link in after.of(one) {
            open[link.activity] -= 1;
            if open[link.activity] == 0 {
                free.push(std::cmp::Reverse(link.activity));
            }
        }
    }
    if order.len() == open.len() {
        Ok(order)
    } else {
        Err(ProblemError::Cycle { activities: circle(before, &open) })
    }
}

/// One circle among the activities that stayed open: backwards until one repeats.
fn circle(before: &Neighbours, open: &[usize]) -> Vec<usize> {
    let mut at = open.iter().position(|&left| left > 0).unwrap_or(0);
    let mut path = Vec::new();
    let mut passed = vec![None; open.len()];
    loop {
        if let Some(first) = passed[at] {
            let mut circle = path.split_off(first);
            circle.reverse();
            return circle;
        }
        passed[at] = Some(path.len());
        path.push(at);
        match before.of(at).iter().map(|link| link.activity).filter(|&one| open[one] > 0).min() {
            Some(next) => at = next,
            None => return path,
        }
    }
}
