//! Competitive threat: overlap × capability × momentum × impact, each 0 to 1, with the evidence and its age.

use std::collections::BTreeMap;

use jiff::civil::Date;
use pm33_product::{Competitor, CompetitorId, Coverage, ItemId, Signal};

/// Days after which a signal counts half.
pub const HALF_LIFE_DAYS: f64 = 90.0;

/// One competitor's threat.
#[derive(Clone, Debug, PartialEq)]
pub struct Threat {
    /// Who.
    pub competitor: CompetitorId,
    /// Overlap × capability × momentum × impact, 0 to 1.
    pub score: f64,
    /// How much of what is compared both have at least in part, 0 to 1. 0 where nothing is compared.
    pub overlap: f64,
    /// How far they have what is compared, 0 to 1.
    pub capability: f64,
    /// What their signals of late add up to, 0 to 1: `1 − Π (1 − strength × 2^(−age / 90 days))`.
    pub momentum: f64,
    /// How much it would hurt, by tier: 1 for the closest, then 2/3, 1/3 and 1/6.
    pub impact: f64,
    /// Signals that count, strongest first.
    pub evidence: Vec<Evidence>,
    /// Signals that count nothing, with the reason.
    pub ignored: Vec<Ignored>,
    /// What they have and we have not, or have less of.
    pub gaps: Vec<Gap>,
}

/// A signal that counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Evidence {
    /// Its place among the competitor's signals.
    pub signal: usize,
    /// Days since it was seen.
    pub age_days: i32,
    /// Its strength after decay, 0 to 1.
    pub weight: f64,
}

/// A signal that counts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ignored {
    /// Its place among the competitor's signals.
    pub signal: usize,
    /// Why.
    pub why: WhyIgnored,
}

/// Why a signal counts nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyIgnored {
    /// It has no date.
    Undated,
    /// It has no source.
    Unsourced,
    /// Its date is in the future.
    Future,
    /// Its strength is no number from 0 to 1.
    Strength,
}

/// A capability in which they are ahead.
#[derive(Clone, Debug, PartialEq)]
pub struct Gap {
    /// Its place among the competitor's capabilities.
    pub capability: usize,
    /// How far they are ahead, above 0 to 1.
    pub size: f64,
    /// The competitor's threat × the size: what an item that closes the gap gets from it.
    pub threat: f64,
}

/// Every competitor's threat, greatest first; ties by name.
pub fn threats(competitors: &[Competitor], today: Date) -> Vec<Threat> {
    let mut all: Vec<_> = competitors.iter().map(|one| (&one.name, threat(one, today))).collect();
    all.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then_with(|| a.0.cmp(b.0)));
    all.into_iter().map(|(_, threat)| threat).collect()
}

/// What items get from the gaps that they close: the greatest of them, never their sum.
pub fn item_threats(links: impl IntoIterator<Item = (ItemId, f64)>) -> BTreeMap<ItemId, f64> {
    let mut greatest = BTreeMap::new();
    for (item, threat) in links {
        let kept = greatest.entry(item).or_insert(0.0_f64);
        *kept = kept.max(if threat.is_finite() { threat.clamp(0.0, 1.0) } else { 0.0 });
    }
    greatest
}

fn threat(one: &Competitor, today: Date) -> Threat {
    let (mut evidence, mut ignored) = (Vec::new(), Vec::new());
    for (place, signal) in one.signals.iter().enumerate() {
        match weighed(signal, today) {
            Ok((age_days, weight)) => evidence.push(Evidence { signal: place, age_days, weight }),
            Err(why) => ignored.push(Ignored { signal: place, why }),
        }
    }
    evidence.sort_by(|a, b| b.weight.total_cmp(&a.weight).then(a.signal.cmp(&b.signal)));
    let momentum = 1.0 - evidence.iter().map(|one| 1.0 - one.weight).product::<f64>();
    let compared = f64::from(u32::try_from(one.capabilities.len()).unwrap_or(u32::MAX));
    let mean = |part: f64| if compared > 0.0 { part / compared } else { 0.0 };
    let both =
        one.capabilities.iter().filter(|this| this.theirs != Coverage::Not && this.ours != Coverage::Not);
    let overlap = mean(f64::from(u32::try_from(both.count()).unwrap_or(u32::MAX)));
    let capability = mean(one.capabilities.iter().map(|this| this.theirs.part()).sum());
    let impact = match one.tier {
        0 | 1 => 1.0,
        2 => 2.0 / 3.0,
        3 => 1.0 / 3.0,
        _ => 1.0 / 6.0,
    };
    let score = overlap * capability * momentum * impact;
    let gaps = one.capabilities.iter().enumerate().filter_map(|(place, this)| {
        let size = this.theirs.part() - this.ours.part();
        (size > 0.0).then_some(Gap { capability: place, size, threat: score * size })
    });
    Threat {
        competitor: one.id,
        score,
        overlap,
        capability,
        momentum,
        impact,
        evidence,
        ignored,
        gaps: gaps.collect(),
    }
}

fn weighed(signal: &Signal, today: Date) -> Result<(i32, f64), WhyIgnored> {
    let date = signal.date.ok_or(WhyIgnored::Undated)?;
    if signal.source.as_deref().is_none_or(|source| source.trim().is_empty()) {
        return Err(WhyIgnored::Unsourced);
    }
    if !(0.0..=1.0).contains(&signal.strength) {
        return Err(WhyIgnored::Strength);
    }
    let age = today.since(date).map_or(0, |span| span.get_days());
    if date > today {
        return Err(WhyIgnored::Future);
    }
    Ok((age, signal.strength * (-f64::from(age) / HALF_LIFE_DAYS).exp2()))
}

#[cfg(test)]
mod tests {
    use jiff::civil::{Date, date};
    use pm33_product::{Capability, Competitor, CompetitorId, Coverage, Signal};

    use super::{
        WhyIgnored::{Future, Strength, Undated, Unsourced},
        item_threats, threats,
    };

    fn signal(days: Option<Date>, source: Option<&str>, strength: f64) -> Signal {
        Signal {
            kind: "launch".into(),
            note: "seen".into(),
            date: days,
            source: source.map(Into::into),
            strength,
        }
    }

    fn capability(name: &str, theirs: Coverage, ours: Coverage) -> Capability {
        // Read as it is stored, so that fields which are added later keep their defaults.
        serde_json::from_value(serde_json::json!({ "name": name, "theirs": theirs, "ours": ours }))
            .unwrap_or_else(|_| unreachable!("a capability has these three fields"))
    }

    fn competitor(signals: Vec<Signal>) -> Competitor {
        Competitor {
            id: CompetitorId::from_uuid(uuid::Uuid::nil()),
            name: "Acme".into(),
            tier: 1,
            summary: String::new(),
            capabilities: vec![
                capability("search", Coverage::Covered, Coverage::Partly),
                capability("export", Coverage::Partly, Coverage::Covered),
            ],
            signals,
        }
    }

    fn near(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-12
    }

    #[test]
    fn a_signal_counts_half_after_ninety_days() {
        let source = Some("https://example.org/news");
        let today = date(2026, 6, 30);
        let seen = date(2026, 4, 1);
        let all = threats(&[competitor(vec![signal(Some(seen), source, 0.8)])], today);
        assert!(near(all[0].momentum, 0.4), "{}", all[0].momentum);
        // Both capabilities overlap; they have 1 and 0.5 of them.
        assert!(near(all[0].score, 1.0 * 0.75 * 0.4 * 1.0));
        assert_eq!(all[0].evidence[0].age_days, 90);
        assert!(near(all[0].gaps[0].threat, 0.3 * 0.5) && all[0].gaps.len() == 1);
    }

    #[test]
    fn undated_unsourced_future_and_broken_signals_count_nothing_and_are_listed() {
        let today = date(2026, 6, 30);
        let source = Some("https://example.org/news");
        let signals = vec![
            signal(None, source, 1.0),
            signal(Some(today), None, 1.0),
            signal(Some(today), Some(" "), 1.0),
            signal(Some(date(2026, 7, 1)), source, 1.0),
            signal(Some(today), source, f64::NAN),
            signal(Some(today), source, 7.0),
        ];
        let all = threats(&[competitor(signals)], today);
        assert!(near(all[0].score, 0.0) && all[0].evidence.is_empty());
        let why: Vec<_> = all[0].ignored.iter().map(|one| one.why).collect();
        assert_eq!(why, [Undated, Unsourced, Unsourced, Future, Strength, Strength]);
    }

    #[test]
    fn an_item_gets_the_greatest_threat_not_the_sum() {
        let item = pm33_product::ItemId::from_uuid(uuid::Uuid::nil());
        assert_eq!(item_threats([(item, 0.2), (item, 0.5), (item, f64::NAN)]).get(&item), Some(&0.5));
    }

    #[test]
    fn without_capabilities_or_signals_there_is_no_threat_and_no_nan() {
        let mut bare = competitor(Vec::new());
        bare.capabilities.clear();
        let all = threats(&[bare], date(2026, 6, 30));
        assert!(near(all[0].score, 0.0) && near(all[0].momentum, 0.0));
    }
}
