//! The external ids of a file's records.

use std::collections::HashMap;

/// Ids by record, counted from 1. They stand in one text: a file has as many as records, and each with an allocation of its
/// own would take three times the room.
#[derive(Debug, Default)]
pub(super) struct Ids {
    text: String,
    /// Where each record's id ends in the text.
    ends: Vec<usize>,
    renamed: HashMap<u32, Box<str>>,
}

impl Ids {
    /// Enters the next record's id; an empty one where it gives no item.
    pub(super) fn enter(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// Gives back the room for further records.
    pub(super) fn shrink(&mut self) {
        self.text.shrink_to_fit();
        self.ends.shrink_to_fit();
    }

    /// Gives a record another id.
    pub(super) fn rename(&mut self, record: u32, id: &str) {
        self.renamed.insert(record, id.into());
    }

    /// The id that a record ends up with; `None` where it gives no item.
    pub(super) fn of(&self, record: u32) -> Option<&str> {
        if let Some(renamed) = self.renamed.get(&record) {
            return Some(renamed);
        }
        let place = usize::try_from(record).ok()?.checked_sub(1)?;
        let start = place.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied())?;
        let id = self.text.get(start..*self.ends.get(place)?)?;
        (!id.is_empty()).then_some(id)
    }

    /// The ids as they were entered.
    pub(super) fn entered(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(start..*end))
    }
}

#[cfg(test)]
mod tests {
    use super::Ids;

    #[test]
    fn each_record_has_its_id_and_a_new_one_once_it_is_renamed() {
        let mut ids = Ids::default();
        for id in ["PAY-1", "", "Größe"] {
            ids.enter(id);
        }
        assert_eq!(
            [0, 1, 2, 3, 4].map(|record| ids.of(record)),
            [None, Some("PAY-1"), None, Some("Größe"), None]
        );
        ids.shrink();
        ids.rename(1, "PAY-1~2");
        assert_eq!(ids.of(1), Some("PAY-1~2"));
        assert_eq!(ids.entered().collect::<Vec<_>>(), ["PAY-1", "", "Größe"]);
    }
}
