//! Candidates of every sort.

use std::ops::ControlFlow;

use jiff::civil::date;
use pm33_planning::priorities::Candidate;
use pm33_product::{ItemId, Moscow, Priority, Scoring};
use proptest::prelude::*;

/// What who waits to the end says.
pub(super) const CONTINUE: ControlFlow<()> = ControlFlow::Continue(());

const STEPS: [u8; 7] = [1, 2, 3, 5, 8, 13, 20];

pub(super) fn candidate(number: u32) -> Candidate {
    Candidate {
        id: ItemId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        number,
        priority: Priority::None,
        scoring: Scoring::default(),
        points: None,
        duration_days: None,
        due: None,
        blocked_by: Vec::new(),
        alignment: None,
        threat: None,
    }
}

pub(super) fn wsjf(number: u32, value: u8, time: u8, risk: u8, size: u8) -> Candidate {
    let mut one = candidate(number);
    one.scoring = Scoring {
        business_value: Some(value),
        time_criticality: Some(time),
        risk_reduction: Some(risk),
        job_size: Some(size),
        ..Scoring::default()
    };
    one
}

fn step() -> impl Strategy<Value = Option<u8>> {
    prop::option::weighted(0.8, prop::sample::select(&STEPS[..]))
}

fn part(low: f64, high: f64) -> impl Strategy<Value = Option<f64>> {
    prop::option::weighted(0.8, low..=high)
}

fn scoring() -> impl Strategy<Value = Scoring> {
    let impact = prop::option::weighted(0.8, prop::sample::select(&[0.25, 0.5, 1.0, 2.0, 3.0][..]));
    let class = prop::option::weighted(0.8, prop::sample::select(Moscow::ALL));
    (
        (step(), step(), step(), step()),
        (part(0.0, 1e5), impact, part(0.0, 1.0), part(0.1, 24.0), part(1.0, 10.0), class),
        (part(0.0, 1.0), part(1.0, 10.0), part(1.0, 3.0), part(1.0, 10.0)),
    )
        .prop_map(|(wsjf, rice, risk)| Scoring {
            business_value: wsjf.0,
            time_criticality: wsjf.1,
            risk_reduction: wsjf.2,
            job_size: wsjf.3,
            reach: rice.0,
            impact: rice.1,
            confidence: rice.2,
            effort: rice.3,
            ease: rice.4,
            moscow: rice.5,
            risk_likelihood: risk.0,
            blast_radius: risk.1,
            risk_growth: risk.2,
            detectability: risk.3,
        })
}

/// Up to 20 candidates with any inputs, blockers (circles too), due dates and strategy.
pub(super) fn candidates() -> impl Strategy<Value = Vec<Candidate>> {
    let one = (
        scoring(),
        prop::sample::select(Priority::ALL),
        prop::option::of(1_i8..28),
        prop::collection::vec(0_usize..20, 0..2),
        (part(0.0, 1.0), part(0.0, 1.0), prop::option::of(0.0..40.0)),
    );
    prop::collection::vec(one, 1..20).prop_map(|rows| {
        let mut list = Vec::new();
        for (number, (scoring, priority, due, blocked_by, (alignment, threat, points))) in (1..).zip(rows) {
            list.push(Candidate {
                scoring,
                priority,
                due: due.map(|day| date(2026, 6, day)),
                blocked_by,
                alignment,
                threat,
                points,
                ..candidate(number)
            });
        }
        let count = list.len();
        for (place, one) in list.iter_mut().enumerate() {
            one.blocked_by.retain(|&blocker| blocker < count && blocker != place);
        }
        list
    })
}
