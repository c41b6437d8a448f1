//! What is measured: the rows of the table and the bars that they are held to. A new row is a line here, and a new
//! question one in `template.rs` and `answer.rs` each.

/// Which server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Server {
    /// hyper and serde alone.
    Echo,
    /// The official Rust SDK with one trivial tool.
    Rmcp,
    /// Ours, with everything on.
    Ours,
    /// Ours, the audit of reads batched.
    Batched,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// One item by its key.
    OneItem,
    /// The first page of open items: 25.
    FirstPage,
}

/// A row over HTTP.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who is asked.
    pub(crate) server: Server,
    /// What.
    pub(crate) question: Question,
}

const ECHO: &str = "bare hyper echo";
const RMCP: &str = "rmcp, one trivial tool";
const ITEM: &str = "PM33, one item by key";
const PAGE: &str = "PM33, page of 25 items";
const ITEM_BATCHED: &str = "PM33, one item, audit batched";
const PAGE_BATCHED: &str = "PM33, page of 25, audit batched";

/// The rows over HTTP.
pub(crate) const ROWS: &[Row] = &[
    Row { name: ECHO, server: Server::Echo, question: Question::OneItem },
    Row { name: RMCP, server: Server::Rmcp, question: Question::OneItem },
    Row { name: ITEM, server: Server::Ours, question: Question::OneItem },
    Row { name: PAGE, server: Server::Ours, question: Question::FirstPage },
    Row { name: ITEM_BATCHED, server: Server::Batched, question: Question::OneItem },
    Row { name: PAGE_BATCHED, server: Server::Batched, question: Question::FirstPage },
];

/// A row on stdio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StdioRow {
    /// Its name.
    pub(crate) name: &'static str,
    /// Who is asked; only [`Server::Rmcp`] and [`Server::Ours`] serve on stdio.
    pub(crate) server: Server,
}

const STDIO_RMCP: &str = "stdio: rmcp, one trivial tool";
const STDIO_ITEM: &str = "stdio: PM33, one item by key";

/// The rows on stdio.
pub(crate) const STDIO_ROWS: &[StdioRow] = &[
    StdioRow { name: STDIO_RMCP, server: Server::Rmcp },
    StdioRow { name: STDIO_ITEM, server: Server::Ours },
];

/// Requests in flight on stdio.
pub(crate) const IN_FLIGHT: &[usize] = &[1, 16];

/// A ratio of requests per second that is promised.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bar {
    /// The row.
    pub(crate) row: &'static str,
    /// What it is compared with.
    pub(crate) with: &'static str,
    /// Connections, or requests in flight.
    pub(crate) at: usize,
    /// The least ratio.
    pub(crate) least: f64,
    /// The ratio that is aimed at.
    pub(crate) goal: f64,
}

/// The bars.
pub(crate) const BARS: &[Bar] = &[
    Bar { row: ITEM, with: RMCP, at: 64, least: 1.5, goal: 1.8 },
    Bar { row: ITEM, with: ECHO, at: 64, least: 0.35, goal: 0.45 },
    Bar { row: PAGE, with: RMCP, at: 64, least: 1.2, goal: 1.5 },
    Bar { row: ITEM_BATCHED, with: RMCP, at: 64, least: 2.2, goal: 2.2 },
    Bar { row: STDIO_ITEM, with: STDIO_RMCP, at: 16, least: 2.0, goal: 2.0 },
    Bar { row: STDIO_ITEM, with: STDIO_RMCP, at: 1, least: 1.0, goal: 1.0 },
];

/// Rows whose slowest answers are held to another row's at 64 connections: the 99th percentile is no higher.
pub(crate) const SLOWEST: &[(&str, &str)] = &[(ITEM, RMCP), (PAGE, RMCP), (ITEM_BATCHED, RMCP)];

/// Bytes that an idle legacy session may take.
pub(crate) const SESSION_BYTES: f64 = 1_024.0;
