//! What holds for so many records that each of them is not told of: they are counted, and the file is.

/// A remark on a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remark {
    /// It is done, and nothing says since when.
    DoneUndated,
    /// Its sprint has no dates.
    SprintUndated,
}

impl Remark {
    const ALL: [Self; 2] = [Self::DoneUndated, Self::SprintUndated];

    fn note(self, records: usize) -> String {
        let what = match self {
            Self::DoneUndated => {
                "done, and nothing says since when: they count in no pace and no forecast; export the time of finish too"
            }
            Self::SprintUndated => {
                "in a sprint without dates, kept as a custom field: the team's sprint of that name is used where there is one, and \
                 none is made; give the team its sprints and import again"
            }
        };
        format!("{records} × {what}")
    }
}

/// How many records a remark holds for.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Remarks([usize; Remark::ALL.len()]);

impl Remarks {
    pub(super) fn count(&mut self, remark: Remark) {
        self.0[remark as usize] += 1;
    }

    /// Notes on the file.
    pub(super) fn notes(self) -> impl Iterator<Item = String> {
        let counted = Remark::ALL.into_iter().zip(self.0);
        counted.filter(|(_, records)| *records > 0).map(|(remark, records)| remark.note(records))
    }
}
