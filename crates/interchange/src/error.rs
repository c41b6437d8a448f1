//! Why a whole file cannot be read; what is wrong with single records is in the report instead.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum InterchangeError {
    /// The file is larger than allowed.
    #[error("the file has {bytes} bytes; at most {limit} are read, so export it in parts")]
    TooLarge {
        /// Its size.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// The file has more records than allowed.
    #[error("the file has {records} records; at most {limit} are read, so export it in parts")]
    TooManyRecords {
        /// How many.
        records: usize,
        /// The limit.
        limit: usize,
    },
    /// The records name more columns than allowed.
    #[error("the records have more than {limit} different columns; is this an export of issues?")]
    TooManyColumns {
        /// The limit.
        limit: usize,
    },
    /// The bytes are no text.
    #[error("the file is not UTF-8 (or UTF-16 with a byte order mark) from byte {offset} on")]
    NotText {
        /// Where the text breaks.
        offset: usize,
    },
    /// The array that holds the records is malformed.
    #[error("the file is not valid JSON: {what}")]
    NotJson {
        /// What is wrong, with line and column.
        what: String,
    },
    /// The file holds something other than records.
    #[error(
        "the file must hold a JSON array of issues, or one JSON object per line, as `gh issue list --json …` writes it"
    )]
    NotRecords,
}
