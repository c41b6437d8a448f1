//! Why a whole file cannot be read; what is wrong with single records is in the report instead.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum InterchangeError {
    /// The file is larger than allowed.
    #[error("the file has {bytes} bytes; at most {limit} are read, so export it in parts")]
    TooLarge {
        /// Its size.
        bytes: u64,
        /// The limit.
        limit: u64,
    },
    /// The file has more records than allowed.
    #[error("the file has more than {limit} records; export it in parts")]
    TooManyRecords {
        /// The limit.
        limit: usize,
    },
    /// The records name more columns than allowed.
    #[error(
        "the file has more than {limit} different columns; is this an export of issues, and its separator a \
         comma, a semicolon or a tab?"
    )]
    TooManyColumns {
        /// The limit.
        limit: usize,
    },
    /// The bytes are no text.
    #[error(
        "the file is not UTF-8 (or UTF-16 with a byte order mark) from byte {offset} on; save it as UTF-8"
    )]
    NotText {
        /// Where the text breaks.
        offset: usize,
    },
    /// A cell is no text.
    #[error(
        "line {line}, column {column:?}: not UTF-8 (or UTF-16 with a byte order mark); save the file as UTF-8"
    )]
    CellNotText {
        /// The line in the file, from 1.
        line: u64,
        /// The column.
        column: String,
    },
    /// The bytes are of another kind of file.
    #[error("the file is {what}; {advice}")]
    OtherKind {
        /// What it is.
        what: &'static str,
        /// What to do.
        advice: &'static str,
    },
    /// The file ends inside a quoted cell.
    #[error(
        "line {line}: the file ends inside a quoted cell of the record that begins here (column {column:?}); it is \
         cut off, or a quote is missing"
    )]
    Truncated {
        /// The line where the last record begins, from 1.
        line: u64,
        /// The column of the open cell.
        column: String,
    },
    /// The array that holds the records is malformed.
    #[error("the file is not valid JSON: {what}")]
    NotJson {
        /// What is wrong, with line and column.
        what: String,
    },
    /// The file holds something other than records.
    #[error(
        "the file holds no records: it must be a CSV with a line of column names, or a JSON array of issues or one \
         JSON object per line, as `gh issue list --json …` writes it"
    )]
    NotRecords,
    /// No format claims the columns.
    #[error(
        "no known export has the columns {found}; looked for {looked}; name the format, or give a mapping file"
    )]
    UnknownFormat {
        /// The columns of the file, shortened.
        found: String,
        /// What each format needs and the file lacks.
        looked: String,
    },
    /// The file lacks what the format needs.
    #[error("{format} needs the columns {missing}, which the file does not have; it has {found}")]
    MissingColumns {
        /// The format.
        format: String,
        /// What is lacking.
        missing: String,
        /// The columns of the file, shortened.
        found: String,
    },
    /// Dates can be read in two ways.
    #[error(
        "column {column:?}: {samples} can be day-month or month-day; say which with the date order (day-first or \
         month-first)"
    )]
    AmbiguousDates {
        /// The column.
        column: String,
        /// Values with their records.
        samples: String,
    },
    /// A mapping file is wrong.
    #[error("the mapping file: {what}")]
    BadMapping {
        /// What is wrong, and where.
        what: String,
    },
    /// The file cannot be read.
    #[error("the file cannot be read")]
    Unreadable(#[from] std::io::Error),
}
