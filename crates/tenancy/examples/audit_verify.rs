//! Measures the check of an exported audit log: rows a second and memory, over rows that another process makes on the fly,
//! so that no disk has to hold them. `cargo run --release -p pm33-tenancy --example audit_verify [rows]`.
#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a measurement reads the clock and prints"
)]

use std::{
    io::{BufReader, BufWriter, Write, stdout},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use pm33_tenancy::{
    Actor, ActorKind, AuditEvent, AuditKeys, ChainHead, ChainedRow, ClientFacts, CorrelationId, Digest,
    ExportCheck, ExportLine, ExportStart, LimitVerdict, Outcome, TenantId, Timestamp, UserId, WorkspaceId,
    check_lines, prepare, write_line,
};
use secrecy::SecretBox;
use uuid::Uuid;

type Fault = Box<dyn std::error::Error>;

fn keys() -> AuditKeys {
    AuditKeys::new(&SecretBox::new(Box::new([7; 32])))
}

/// A call as most are: a read or a write of a member with a key, from somewhere.
fn event(number: u64) -> Result<AuditEvent, Fault> {
    Ok(AuditEvent {
        at: Timestamp::from_micros(1_790_000_000_000_000).plus(Duration::from_millis(number)),
        correlation: CorrelationId::from_uuid(Uuid::from_u128(u128::from(number))),
        traceparent: None,
        tenant: TenantId::from_uuid(Uuid::from_u128(1)),
        actor: Actor { kind: ActorKind::Key, user: Some(UserId::from_uuid(Uuid::from_u128(7))) },
        key: Some("abcdefghijkl".parse()?),
        scopes: "backlog:read mcp:enabled".into(),
        method: "tools/call".into(),
        target: Some("pm33_query_backlog".into()),
        arguments: Some(Digest([9; 32])),
        workspace: Some(WorkspaceId::from_uuid(Uuid::from_u128(8))),
        outcome: Outcome::Done,
        code: "ok".into(),
        latency: Duration::from_micros(number % 900),
        usage: None,
        removed_characters: 0,
        limit: LimitVerdict::Admitted,
        client: ClientFacts { ip: "203.0.113.9".parse().ok(), agent: Some("probe/1.0".into()) },
    })
}

/// Writes an export of so many rows.
fn generate(rows: u64) -> Result<(), Fault> {
    let (keys, tenant) = (keys(), TenantId::from_uuid(Uuid::from_u128(1)));
    let mut out = BufWriter::with_capacity(1 << 20, stdout().lock());
    let at = Timestamp::from_micros(1_790_000_000_000_000);
    let start = ExportStart { tenant, after: 0, hash: Digest::default(), at };
    writeln!(out, "{}", write_line(&ExportLine::Start(start)))?;
    let mut head = ChainHead::empty(tenant);
    for number in 0..rows {
        let (row, personal) = prepare(event(number)?, &keys, [5; 16]);
        let next = head.next(&row);
        let row =
            ChainedRow { seq: next.seq, previous: head.hash, hash: next.hash, row, personal: Some(personal) };
        writeln!(out, "{}", write_line(&ExportLine::Row(Box::new(row))))?;
        head = next;
    }
    writeln!(out, "{}", write_line(&ExportLine::Head(head, keys.sign(&head))))?;
    Ok(out.flush()?)
}

/// A line of the process's own state, in kibibytes.
fn memory(name: &str) -> Result<u64, Fault> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find(|line| line.starts_with(name)).ok_or("no such line")?;
    Ok(line.split_whitespace().nth(1).ok_or("no number")?.parse()?)
}

/// Seconds of processor time that this process took, at the kernel's usual 100 a second.
#[expect(clippy::cast_precision_loss, reason = "hundredths of seconds")]
fn processor() -> Result<f64, Fault> {
    let text = std::fs::read_to_string("/proc/self/stat")?;
    let fields: Vec<_> = text.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = fields[11].parse::<u64>()? + fields[12].parse::<u64>()?;
    Ok(ticks as f64 / 100.0)
}

fn main() -> Result<(), Fault> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let rows = match words[..] {
        ["generate", rows] => return generate(rows.parse()?),
        [] => 1_000_000,
        [rows] => rows.parse()?,
        _ => return Err("give a number of rows".into()),
    };
    let mut maker = Command::new(std::env::current_exe()?)
        .args(["generate", &rows.to_string()])
        .stdout(Stdio::piped())
        .spawn()?;
    let reader = BufReader::with_capacity(1 << 16, maker.stdout.take().ok_or("no pipe")?);
    let keys = keys();
    let mut check = ExportCheck::new(Some(&keys), Vec::new(), 0);
    let begun = Instant::now();
    let mut breaks = 0;
    check_lines(reader, &mut check, |found| breaks += found.len())?;
    let checked = check.end();
    let took = begun.elapsed().as_secs_f64();
    maker.wait()?;
    breaks += checked.breaks.len();
    if checked.rows != rows || breaks != 0 {
        return Err(format!("{} rows, {breaks} breaks", checked.rows).into());
    }
    #[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
    let count = rows as f64;
    println!(
        "{rows} rows in {took:.1} s: {:.0} rows/s, {:.0} rows per second of processor; RSS at most {} KiB",
        count / took,
        count / processor()?,
        memory("VmHWM:")?
    );
    Ok(())
}
