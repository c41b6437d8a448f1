//! The sample as written in `sample.toml`.

use pm33_product::{Capability, ItemType, Priority, SourceKind, Status};
use serde::Deserialize;

const TEXT: &str = include_str!("sample.toml");

/// The whole sample.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sample {
    pub(super) workspace: SampleWorkspace,
    pub(super) team: Vec<SampleTeam>,
    pub(super) objective: Vec<SampleObjective>,
    pub(super) competitor: Vec<SampleCompetitor>,
    pub(super) epic: Vec<SampleEpic>,
    pub(super) document: Vec<SampleDocument>,
    pub(super) loose: Vec<SampleItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleWorkspace {
    pub(super) slug: String,
    pub(super) prefix: String,
    pub(super) name: String,
    pub(super) mission: String,
    pub(super) themes: Vec<String>,
    /// What finished items were about beside their subject: each title is written once plainly and once for each of these.
    pub(super) facets: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleTeam {
    pub(super) name: String,
    pub(super) capacity_per_week: f64,
    pub(super) wip_limit: u32,
    pub(super) skills: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleObjective {
    pub(super) title: String,
    pub(super) statement: String,
    pub(super) theme: String,
    pub(super) weight: f64,
    pub(super) owner: String,
    pub(super) key_results: Vec<SampleKeyResult>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleKeyResult {
    pub(super) title: String,
    pub(super) baseline: f64,
    pub(super) target: f64,
    pub(super) current: f64,
    pub(super) unit: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleCompetitor {
    pub(super) name: String,
    pub(super) tier: u8,
    pub(super) summary: String,
    pub(super) capabilities: Vec<Capability>,
    pub(super) signals: Vec<SampleSignal>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleSignal {
    pub(super) kind: String,
    pub(super) note: String,
    pub(super) days_ago: i64,
    pub(super) source: String,
    pub(super) strength: f64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleEpic {
    pub(super) title: String,
    pub(super) team: String,
    pub(super) objective: String,
    pub(super) priority: Priority,
    pub(super) status: Status,
    pub(super) wsjf: Option<[u8; 3]>,
    /// Title of the epic that it waits for; that one is written before it.
    pub(super) after: Option<String>,
    /// Due so many days from today.
    pub(super) due_days: Option<i64>,
    /// The competitors' capability that it answers.
    pub(super) closes: Option<String>,
    pub(super) description: String,
    /// Finished items are titled by combining verbs and subjects.
    pub(super) subjects: Vec<String>,
    pub(super) verbs: Vec<String>,
    pub(super) open: Vec<SampleItem>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleItem {
    pub(super) title: String,
    #[serde(rename = "type")]
    pub(super) item_type: ItemType,
    pub(super) priority: Option<Priority>,
    pub(super) status: Option<Status>,
    pub(super) points: Option<f64>,
    /// User-business value, time criticality, risk reduction.
    pub(super) wsjf: Option<[u8; 3]>,
    /// Due so many days from today.
    pub(super) due_days: Option<i64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleDocument {
    pub(super) title: String,
    pub(super) template: String,
    /// Title of the epic that it is about.
    pub(super) about: String,
    pub(super) sources: Vec<SampleSource>,
    pub(super) section: Vec<SampleSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleSource {
    pub(super) id: String,
    pub(super) kind: SourceKind,
    /// Title of the epic that it is, where it is one.
    pub(super) item: Option<String>,
    pub(super) title: String,
    pub(super) text: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct SampleSection {
    pub(super) heading: String,
    pub(super) text: String,
}

/// Reads the sample; it is part of the program, so a defect in it is found by this file's test.
pub(super) fn sample() -> Result<Sample, toml::de::Error> {
    toml::from_str(TEXT)
}

#[cfg(test)]
mod tests {
    #[test]
    fn sample_reads_and_its_names_fit() {
        let sample = super::sample().unwrap_or_else(|error| panic!("{error}"));
        for epic in &sample.epic {
            assert!(sample.team.iter().any(|team| team.name == epic.team), "team of {}", epic.title);
            assert!(
                sample.objective.iter().any(|one| one.title == epic.objective),
                "objective of {}",
                epic.title
            );
            let named = |title: &String| sample.epic.iter().any(|one| one.title == *title);
            assert!(epic.after.as_ref().is_none_or(named), "what {} waits for", epic.title);
            let mut capabilities = sample.competitor.iter().flat_map(|one| &one.capabilities);
            let answers = epic.closes.as_ref().is_none_or(|name| capabilities.any(|one| one.name == *name));
            assert!(answers, "what {} closes", epic.title);
            for document in &sample.document {
                assert!(sample.epic.iter().any(|epic| epic.title == document.about), "{}", document.title);
            }
            // Finished children under an epic that has not begun would read as a mistake.
            assert!(epic.verbs.is_empty() || epic.status == super::Status::InProgress, "{}", epic.title);
        }
    }
}
