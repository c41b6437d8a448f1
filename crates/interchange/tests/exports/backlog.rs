//! A made-up backlog: issues with everything that some tracker can export.

use jiff::{Span, civil::DateTime, civil::date};

/// How far an issue is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    ToDo,
    Doing,
    Done,
    Dropped,
}

/// One issue; numbers are from 1.
#[derive(Clone, Debug)]
pub(crate) struct Issue {
    pub(crate) number: usize,
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) is_epic: bool,
    /// The issue that holds it.
    pub(crate) parent: Option<usize>,
    /// An issue that must be finished first.
    pub(crate) blocked_by: Option<usize>,
    /// An issue that waits for this one.
    pub(crate) blocks: Option<usize>,
    pub(crate) phase: Phase,
    pub(crate) priority: usize,
    pub(crate) points: usize,
    pub(crate) team: usize,
    pub(crate) sprint: usize,
    pub(crate) assignee: usize,
    pub(crate) labels: Vec<&'static str>,
    pub(crate) created: DateTime,
    pub(crate) started: Option<DateTime>,
    pub(crate) ended: Option<DateTime>,
}

const LABELS: [&str; 6] = ["web", "api", "mobile", "tech debt", "customer request", "größer"];
const VERBS: [&str; 8] =
    ["Show", "Cache", "Retry", "Explain", "Speed up", "Let users rename", "Export", "Stop losing"];
const THINGS: [&str; 8] = [
    "refunds, partial ones too",
    "the invoice \"preview\"",
    "exchange rates",
    "webhook deliveries",
    "Grüße in receipts",
    "saved filters",
    "the audit log",
    "=SUM(A1) in notes",
];

/// A small generator of numbers, the same everywhere (splitmix64, Steele et al. 2014).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % bound as u64).unwrap_or(0)
    }
}

/// So many issues; every tenth is an epic that holds the ones after it.
pub(crate) fn issues(count: usize, seed: u64) -> impl Iterator<Item = Issue> {
    let mut numbers = Numbers(seed);
    (1..=count).map(move |number| issue(number, count, &mut numbers))
}

fn issue(number: usize, count: usize, numbers: &mut Numbers) -> Issue {
    let is_epic = number % 10 == 1;
    let epic = number - (number - 1) % 10;
    let phase =
        [Phase::Done, Phase::Done, Phase::Doing, Phase::ToDo, Phase::ToDo, Phase::Dropped][numbers.below(6)];
    let hours = |hours: usize| Span::new().hours(i64::try_from(hours).unwrap_or(0));
    let created = date(2024, 1, 1).at(8, 0, 0, 0) + hours(number * 7 % 8_000);
    let started =
        (phase != Phase::ToDo && numbers.below(10) > 0).then(|| created + hours(24 + numbers.below(200)));
    let ended = matches!(phase, Phase::Done | Phase::Dropped)
        .then(|| started.unwrap_or(created) + hours(5 + numbers.below(300)));
    let lines = 1 + numbers.below(4);
    let description: Vec<String> = (0..lines)
        .map(|line| {
            format!("Line {line}: users say \"{}\", and mean it; see #{number}.", THINGS[numbers.below(8)])
        })
        .collect();
    Issue {
        number,
        title: format!("{} {} ({number})", VERBS[numbers.below(8)], THINGS[numbers.below(8)]),
        description: description.join("\n"),
        is_epic,
        parent: (!is_epic && numbers.below(5) > 0).then_some(epic),
        blocked_by: (number > epic + 1 && numbers.below(4) == 0).then(|| number - 1),
        blocks: (number < count && number % 10 > 1 && numbers.below(4) == 0).then_some(number + 1),
        phase,
        priority: numbers.below(5),
        points: [1, 2, 3, 5, 8][numbers.below(5)],
        team: numbers.below(4),
        sprint: 1 + number % 12,
        assignee: numbers.below(7),
        labels: LABELS.iter().copied().filter(|_| numbers.below(4) == 0).collect(),
        created,
        started,
        ended,
    }
}
