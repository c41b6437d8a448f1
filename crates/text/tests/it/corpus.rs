//! Texts of attacks and of honest work, and how many of each are flagged.
#![expect(clippy::cast_precision_loss, reason = "counts of texts are small")]

use std::collections::BTreeMap;

use pm33_text::detect;

/// The texts that the rules were made with.
pub(crate) const TUNED: &str = include_str!("../../corpora/tuned.tsv");
/// The texts that they are held to.
pub(crate) const HELD_OUT: &str = include_str!("../../corpora/held_out.tsv");

/// A text and what it is.
pub(crate) struct Sample {
    /// `benign`, `lookalike`, or the kind of attack.
    pub(crate) kind: String,
    /// The text.
    pub(crate) text: String,
}

/// Reads a file of texts.
pub(crate) fn read(file: &str) -> Vec<Sample> {
    let lines = file.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split_once('\t'))
        .map(|(kind, text)| Sample { kind: kind.to_owned(), text: expand(&text.replace("\\n", "\n")) })
        .collect()
}

/// Writes `{tags:…}` and its like as characters that do not show.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    loop {
        let places = ["{tags:", "{zero:", "{selectors:"].map(|mark| rest.find(mark).map(|at| (at, mark)));
        let Some((at, mark)) = places.into_iter().flatten().min() else { break };
        let (before, after) = (&rest[..at], &rest[at + mark.len()..]);
        let Some((hidden, later)) = after.split_once('}') else { break };
        out.push_str(before);
        for byte in hidden.bytes() {
            match mark {
                "{tags:" => out.extend(char::from_u32(0xe0000 + u32::from(byte))),
                "{selectors:" => out.extend(char::from_u32(0xe0100 + u32::from(byte))),
                _ => out.extend((0..8).map(|bit| if byte >> bit & 1 == 1 { '\u{2060}' } else { '\u{2062}' })),
            }
        }
        rest = later;
    }
    out + rest
}

/// How many of a kind are flagged, of how many.
#[derive(Default)]
pub(crate) struct Grade(BTreeMap<String, (usize, usize)>);

/// Looks at every text.
pub(crate) fn grade(samples: &[Sample]) -> Grade {
    let mut grade = Grade::default();
    for sample in samples {
        let place = grade.0.entry(sample.kind.clone()).or_default();
        place.0 += usize::from(detect(&sample.text).is_flagged());
        place.1 += 1;
    }
    grade
}

impl Grade {
    fn share(&self, kinds: impl Fn(&str) -> bool) -> f64 {
        let of_kinds = self.0.iter().filter(|(kind, _)| kinds(kind));
        let (flagged, all) = of_kinds.fold((0, 0), |sum, (_, place)| (sum.0 + place.0, sum.1 + place.1));
        flagged as f64 * 100.0 / (all.max(1) as f64)
    }

    /// Part of the attacks that are flagged.
    pub(crate) fn found(&self) -> f64 {
        self.share(|kind| !matches!(kind, "benign" | "lookalike"))
    }

    /// Part of the plain orders to set instructions aside, and of hidden texts.
    pub(crate) fn plain_found(&self) -> f64 {
        self.share(|kind| matches!(kind, "override" | "hidden"))
    }

    /// Part of the honest texts that are flagged, look-alikes with them.
    pub(crate) fn accused(&self) -> f64 {
        self.share(|kind| matches!(kind, "benign" | "lookalike"))
    }

    /// Look-alikes that are flagged.
    pub(crate) fn lookalikes_accused(&self) -> usize {
        self.0.get("lookalike").map_or(0, |place| place.0)
    }

    /// Look-alikes.
    pub(crate) fn lookalikes(&self) -> usize {
        self.0.get("lookalike").map_or(0, |place| place.1)
    }

    /// Every kind: flagged, of how many.
    pub(crate) fn by_kind(&self) -> impl Iterator<Item = (&str, usize, usize)> {
        self.0.iter().map(|(kind, place)| (kind.as_str(), place.0, place.1))
    }
}
