//! Working time of a calendar, summed up, so that starts and finishes are looked up and not counted out.

use super::Calendar;

/// Work done before each time.
#[derive(Debug)]
pub(super) struct Work {
    /// One longer than the horizon.
    sums: Vec<u64>,
    /// The first time from each on that holds work; the horizon where there is none.
    next: Vec<u32>,
    /// Most work of one unit of time.
    pub(super) fastest: u32,
}

impl Work {
    pub(super) fn new(calendar: &Calendar, horizon: usize) -> Self {
        let rate = |at: usize| calendar.rate.get(at).copied().unwrap_or(0);
        let mut sum = 0;
        let mut sums = Vec::with_capacity(horizon + 1);
        sums.push(0);
        sums.extend((0..horizon).map(|at| {
            sum += u64::from(rate(at));
            sum
        }));
        let mut next = vec![u32::try_from(horizon).unwrap_or(u32::MAX); horizon + 1];
        for at in (0..horizon).rev() {
            next[at] = if rate(at) > 0 { u32::try_from(at).unwrap_or(u32::MAX) } else { next[at + 1] };
        }
        let fastest = (0..horizon.min(calendar.rate.len())).map(rate).max().unwrap_or(0);
        Self { sums, next, fastest }
    }

    /// Work in `from..until`.
    #[inline]
    pub(super) fn between(&self, from: usize, until: usize) -> u64 {
        self.sums[until] - self.sums[from]
    }

    /// The first time from `from` on that holds work; the horizon where there is none.
    #[inline]
    pub(super) fn next(&self, from: usize) -> usize {
        self.next[from] as usize
    }

    /// The first start from `from` on of an amount above 0 that is done by `until`, with its finish.
    #[inline]
    pub(super) fn earliest(&self, amount: u64, from: usize, until: usize) -> Option<(usize, usize)> {
        (self.between(from, until) >= amount).then(|| {
            let start = self.next(from);
            (start, self.reached(start, self.sums[from] + amount))
        })
    }

    /// The last start from `from` on of an amount above 0 that is done by `until`, with its finish.
    #[inline]
    pub(super) fn latest(&self, amount: u64, from: usize, until: usize) -> Option<(usize, usize)> {
        (self.between(from, until) >= amount).then(|| {
            let start = self.last_at_most(until, self.sums[until] - amount);
            // Working at the full rate from that start may finish earlier than asked.
            (start, self.reached(start, self.sums[start] + amount))
        })
    }

    /// The first time from `from` on before which so much is done. Strides double, because most lengths are short.
    #[inline]
    fn reached(&self, from: usize, sum: u64) -> usize {
        let (mut low, mut stride) = (from, 1);
        while low + stride < self.sums.len() && self.sums[low + stride] < sum {
            low += stride;
            stride *= 2;
        }
        let high = (low + stride).min(self.sums.len());
        low + self.sums[low..high].partition_point(|&done| done < sum)
    }

    /// The last time until `until` before which no more than so much is done.
    #[inline]
    fn last_at_most(&self, until: usize, sum: u64) -> usize {
        let (mut high, mut stride) = (until, 1);
        while high >= stride && self.sums[high - stride] > sum {
            high -= stride;
            stride *= 2;
        }
        let low = high.saturating_sub(stride);
        // What is at `low` counts at most `sum`: it is where the stride ended, or time 0.
        low + self.sums[low..=high].partition_point(|&done| done <= sum).saturating_sub(1)
    }
}

#[cfg(test)]
mod tests {
    use super::Work;
    use crate::schedule::Calendar;

    #[test]
    fn starts_and_finishes_are_those_of_counting() {
        let rate = [0, 3, 3, 0, 0, 1, 5, 0, 2, 2, 2, 0, 0, 0, 7, 1, 0];
        let work = Work::new(&Calendar { rate: rate.to_vec() }, 20);
        let rate = |at: usize| u64::from(rate.get(at).copied().unwrap_or(0));
        let done = |from: usize, until: usize| (from..until).map(rate).sum::<u64>();
        for from in 0..=20 {
            for until in from..=20 {
                assert_eq!(work.between(from, until), done(from, until));
                for amount in 1..30 {
                    let finish = |start: usize| (start..=until).find(|&at| done(start, at) >= amount);
                    let starts = (from..until).filter(|&at| rate(at) > 0);
                    let mut fits = starts.filter_map(|start| Some((start, finish(start)?)));
                    assert_eq!(
                        work.earliest(amount, from, until),
                        fits.clone().next(),
                        "{amount} {from} {until}"
                    );
                    assert_eq!(work.latest(amount, from, until), fits.next_back(), "{amount} {from} {until}");
                }
            }
        }
    }
}
