//! Inherited value: a blocker is worth what it unblocks, each waiting item's value split evenly over its open blockers.

use super::Candidate;

/// The order in which values are handed down, and who hands to whom.
#[derive(Clone, Debug)]
pub(super) struct Blocking {
    /// Candidates, waiting ones before their blockers; those in a circle are left out.
    order: Vec<usize>,
    /// Per candidate its open blockers, ascending and without repeats.
    pub(super) blockers: Vec<Vec<usize>>,
    /// Candidates that wait for each other in a circle; they inherit nothing.
    pub(super) circular: Vec<usize>,
    /// Per candidate: it hands value down.
    hands_down: Vec<bool>,
}

impl Blocking {
    /// Sorts the candidates by who waits for whom.
    pub(super) fn of(candidates: &[Candidate]) -> Self {
        let count = candidates.len();
        let mut blockers: Vec<Vec<usize>> = candidates
            .iter()
            .map(|one| one.blocked_by.iter().copied().filter(|&blocker| blocker < count).collect())
            .collect();
        // By number, so that sums do not depend on the order of the list.
        for list in &mut blockers {
            list.sort_unstable_by_key(|&blocker| candidates[blocker].number);
            list.dedup();
        }
        let mut waiting = vec![0_usize; count];
        for &blocker in blockers.iter().flatten() {
            waiting[blocker] += 1;
        }
        let mut free: std::collections::BTreeSet<(u32, usize)> =
            (0..count).filter(|&one| waiting[one] == 0).map(|one| (candidates[one].number, one)).collect();
        let mut order = Vec::with_capacity(count);
        while let Some((_, one)) = free.pop_first() {
            order.push(one);
            for &blocker in &blockers[one] {
                waiting[blocker] -= 1;
                if waiting[blocker] == 0 {
                    free.insert((candidates[blocker].number, blocker));
                }
            }
        }
        let circular = (0..count).filter(|&one| waiting[one] > 0 && in_circle(one, &blockers)).collect();
        let mut hands_down = vec![false; count];
        for &one in &order {
            hands_down[one] = true;
        }
        Self { order, blockers, circular, hands_down }
    }

    /// Who has the mark or inherits from someone who has it.
    pub(super) fn marked(&self, mut own: Vec<bool>) -> Vec<bool> {
        for &one in &self.order {
            if own[one] {
                self.blockers[one].iter().for_each(|&blocker| own[blocker] = true);
            }
        }
        own
    }

    /// Own values with what is inherited added.
    pub(super) fn inherited(&self, own: &[f64]) -> Vec<f64> {
        let mut value = own.to_vec();
        for &one in &self.order {
            let blockers = &self.blockers[one];
            let part = value[one] / count(blockers.len().max(1));
            for &blocker in blockers {
                value[blocker] += part;
            }
        }
        value
    }

    /// Adds a change of one candidate's own value to everything that inherits from it, as (candidate, change).
    pub(super) fn spread(&self, one: usize, change: f64) -> Vec<(usize, f64)> {
        let mut found = vec![(one, change)];
        let mut next = 0;
        // A diamond hands on from both sides; the bound keeps a deep net of them from taking for ever.
        while next < found.len() && found.len() < 1_000 {
            let (at, change) = found[next];
            next += 1;
            if !self.hands_down[at] {
                continue;
            }
            let part = change / count(self.blockers[at].len().max(1));
            found.extend(self.blockers[at].iter().map(|&blocker| (blocker, part)));
        }
        found
    }
}

fn in_circle(one: usize, blockers: &[Vec<usize>]) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    let mut stack = blockers[one].clone();
    while let Some(at) = stack.pop() {
        if at == one {
            return true;
        }
        if seen.insert(at) {
            stack.extend(&blockers[at]);
        }
    }
    false
}

#[expect(clippy::cast_precision_loss, reason = "a number of blockers")]
fn count(blockers: usize) -> f64 {
    blockers as f64
}
