//! An exported log: every byte of it is covered, and what was removed, cut, resumed or put back is told for what it is.

use pm33_tenancy::{
    Anchor, AuditKeys, Break, BreakKind, ChainHead, Digest, ExportCheck, ExportLine, ExportStart, HeadLine,
    Timestamp, check_lines, read_line, write_line,
};

use crate::any_line;
use crate::audit_chain::{Log, keys, kinds, log, tenant};

fn anchor(log: &Log, from: u64, to: u64) -> Anchor {
    let last = &log.rows[usize::try_from(to).unwrap() - 1];
    Anchor {
        tenant: tenant(),
        from,
        to,
        rows: to - from + 1,
        hash: last.hash,
        policy: "audit_days=30".into(),
        actor: "system".into(),
        at: Timestamp::from_micros(5),
    }
}

fn signed(anchor: Anchor) -> (Anchor, Digest) {
    let signature = keys(1).sign_anchor(&anchor);
    (anchor, signature)
}

fn export(log: &Log, after: u64, anchors: &[(Anchor, Digest)]) -> Vec<String> {
    let hash =
        if after == 0 { Digest::default() } else { log.rows[usize::try_from(after).unwrap() - 1].hash };
    let start = ExportStart { tenant: tenant(), after, hash, at: Timestamp::from_micros(9) };
    let first = anchors.last().map_or(after, |(anchor, _)| anchor.to);
    let mut lines = vec![ExportLine::Start(start)];
    lines.extend(
        anchors.iter().map(|(anchor, signature)| ExportLine::Anchor(Box::new(anchor.clone()), *signature)),
    );
    let rows = log.rows.iter().filter(|row| row.seq > first);
    lines.extend(rows.map(|row| ExportLine::Row(Box::new(row.clone()))));
    lines.extend(log.head.map(|(head, signature)| ExportLine::Head(head, signature)));
    lines.iter().map(write_line).collect()
}

/// What the command does with a file.
fn check(lines: &[String], keys: &AuditKeys, known: &[ChainHead]) -> Vec<Break> {
    check_after(lines, keys, known, 0)
}

fn check_after(lines: &[String], keys: &AuditKeys, known: &[ChainHead], after: u64) -> Vec<Break> {
    let mut check = ExportCheck::new(Some(keys), known.to_vec(), after);
    for line in lines {
        check.line(Some(line));
    }
    check.end().breaks
}

#[test]
fn what_is_written_is_read_again_and_verifies() {
    let log = log(7);
    let lines = export(&log, 0, &[]);
    assert_eq!(check(&lines, &keys(1), &[]), []);
    for (line, row) in lines[1..].iter().zip(&log.rows) {
        let Some(ExportLine::Row(read)) = read_line(line) else { panic!("{line}") };
        assert_eq!(&*read, row);
    }
}

/// Several blocks of lines, and in them everything that a file may have.
#[test]
fn a_file_is_checked_as_its_lines_are_one_by_one() {
    let mut lines = export(&log(3_000), 0, &[]);
    lines[2_000] = lines[2_000].replacen("\"severity_id\":1", "\"severity_id\":2", 1);
    lines.swap(700, 701);
    lines.remove(1_200);
    lines.insert(1_500, "x".repeat((1 << 20) + 5));
    lines.insert(2_500, String::new());
    let mut file = lines.join("\n").into_bytes();
    file.extend_from_slice(b"\n\xff\nno end");
    let keys = keys(1);
    let mut whole = ExportCheck::new(Some(&keys), Vec::new(), 0);
    let mut found = Vec::new();
    check_lines(file.as_slice(), &mut whole, |breaks| found.extend(breaks)).unwrap();
    let whole = whole.end();
    found.extend(whole.breaks);
    let mut alone = ExportCheck::new(Some(&keys), Vec::new(), 0);
    for line in &lines {
        // What is longer than any line comes in pieces: two here.
        (0..line.len().div_ceil(1 << 20).max(1))
            .for_each(|_| alone.line(Some(line).filter(|line| line.len() < 1 << 20).map(String::as_str)));
    }
    alone.line(None);
    alone.line(None);
    let alone = alone.end();
    // Told on the way or at the end: the order is not the same.
    let sorted = |mut breaks: Vec<Break>| {
        breaks.sort_by_key(|one| (one.seq, one.last, one.kind.as_str()));
        breaks
    };
    assert_eq!((sorted(found), whole.rows, whole.head), (sorted(alone.breaks), alone.rows, alone.head));
    assert_eq!(whole.rows, 2_998, "one was removed, one cannot be read");
}

#[test]
fn what_the_fuzzer_begins_with_is_read_and_holds() {
    for seed in any_line::seeds() {
        assert!(str::from_utf8(&seed).unwrap().lines().all(|line| read_line(line).is_some()));
        any_line::hold(&seed);
    }
}

#[test]
fn a_row_is_an_event_of_both_standards() {
    let line: serde_json::Value = serde_json::from_str(&export(&log(3), 0, &[])[1]).unwrap();
    for member in ["specversion", "id", "source", "type", "time", "datacontenttype", "data"] {
        assert!(line[member].is_string() || member == "data", "{member}: {line}");
    }
    // Names of CloudEvents are lower-case letters and digits.
    let is_plain = |name: &str| name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    assert!(line.as_object().unwrap().keys().all(|name| is_plain(name)));
    let data = &line["data"];
    assert_eq!((&data["class_uid"], &data["category_uid"]), (&6_003.into(), &6.into()));
    assert_eq!(data["type_uid"].as_u64(), data["activity_id"].as_u64().map(|activity| 600_300 + activity));
    for member in
        ["activity_id", "actor", "api", "class_uid", "metadata", "severity_id", "src_endpoint", "time"]
    {
        assert!(!data[member].is_null(), "{member}: {data}");
    }
    assert!(
        data["metadata"]["product"]["vendor_name"].is_string() && data["metadata"]["version"].is_string()
    );
}

#[test]
fn every_byte_of_a_line_is_covered() {
    let log = log(3);
    let lines = export(&log, 0, &[signed(anchor(&log, 1, 1))]);
    for (at, line) in lines.iter().enumerate() {
        for place in 0..line.len() {
            let mut bytes = line.clone().into_bytes();
            bytes[place] = if bytes[place] == b'0' { b'1' } else { b'0' };
            let Ok(changed) = String::from_utf8(bytes) else { continue };
            let mut all = lines.clone();
            all[at] = changed;
            // Only the time of the export is nobody's to sign.
            let is_export_time = at == 0 && read_line(&all[at]).is_some_and(|line| {
                matches!(line, ExportLine::Start(start) if (start.after, start.hash, start.tenant) == (0, Digest::default(), tenant()))
            });
            let found = check(&all, &keys(1), &[]);
            assert!(!found.is_empty() || is_export_time, "line {at}, byte {place}: {}", all[at]);
        }
    }
}

#[test]
fn a_line_that_cannot_be_read_is_one_defect() {
    let lines = export(&log(6), 0, &[]);
    let mut edited = lines.clone();
    edited[3] = edited[3].replacen("\"severity_id\":1", "\"severity_id\":2", 1);
    let third = [Break { seq: 3, last: 3, kind: BreakKind::Unreadable }];
    assert_eq!(check(&edited, &keys(1), &[]), third);
    let mut inserted = lines;
    inserted.insert(3, "anything".to_owned());
    assert_eq!(check(&inserted, &keys(1), &[]), third);
}

#[test]
fn a_space_or_a_member_too_many_is_no_line() {
    let line = &export(&log(2), 0, &[])[1];
    for other in [
        format!("{line} "),
        line.replacen(':', ": ", 1),
        line.replacen("\"data\":{", "\"data\":{\"x\":1,", 1),
        line.replacen("\"severity_id\":1", "\"severity_id\":2", 1),
        line.replacen("\"previous\"", "\"Previous\"", 1),
        String::new(),
        "null".to_owned(),
        "{}".to_owned(),
    ] {
        assert!(read_line(&other).is_none(), "{other}");
    }
}

#[test]
fn a_log_that_was_shortened_starts_at_its_anchors_and_demands_them() {
    let log = log(12);
    let anchors = [signed(anchor(&log, 1, 3)), signed(anchor(&log, 4, 5))];
    assert_eq!(check(&export(&log, 0, &anchors), &keys(1), &[]), []);
    let without = |number: usize| {
        let mut lines = export(&log, 0, &anchors);
        lines.remove(number);
        check(&lines, &keys(1), &[])
    };
    let missing = |seq, last| Break { seq, last, kind: BreakKind::MissingFirst };
    let loose = |seq, last| Break { seq, last, kind: BreakKind::Anchor };
    assert_eq!(without(2), [missing(4, 5)]);
    assert_eq!(without(1), [loose(4, 5), missing(1, 5)]);
    // More is gone than the anchor says.
    assert_eq!(without(3), [missing(6, 6)]);
    // What another key signed removes nothing, and no number of it can be changed.
    let first = anchor(&log, 1, 3);
    let forged = (first.clone(), keys(2).sign_anchor(&first));
    let mut longer = signed(first.clone());
    longer.0.to = 4;
    longer.0.rows = 4;
    longer.0.hash = log.rows[3].hash;
    let mut other = signed(first);
    other.0.policy = "audit_days=1".into();
    for bad in [forged, longer, other] {
        let found = check(&export(&log, 0, &[bad]), &keys(1), &[]);
        assert!(found.iter().any(|found| found.kind == BreakKind::Anchor), "{found:?}");
        assert!(found.iter().any(|found| found.kind == BreakKind::MissingFirst), "{found:?}");
    }
    // A row that was put back below the anchor.
    let mut lines = export(&log, 0, &anchors);
    lines.insert(3, write_line(&ExportLine::Row(Box::new(log.rows[4].clone()))));
    assert_eq!(check(&lines, &keys(1), &[]), [Break { seq: 5, last: 5, kind: BreakKind::Inserted }]);
}

#[test]
fn parts_follow_each_other() {
    let whole = log(9);
    let mut first = whole.clone();
    first.rows.truncate(5);
    let at = ChainHead { tenant: tenant(), seq: 5, hash: whole.rows[4].hash };
    first.head = Some((at, keys(1).sign(&at)));
    let (one, two) = (export(&first, 0, &[]), export(&whole, 5, &[]));
    assert_eq!(check(&[one.clone(), two.clone()].concat(), &keys(1), &[]), []);
    assert_eq!(check_after(&two, &keys(1), &[], 5), []);
    assert_eq!(check(&two, &keys(1), &[]), [Break { seq: 1, last: 5, kind: BreakKind::MissingFirst }]);
    let late = export(&whole, 7, &[]);
    let gap = [Break { seq: 6, last: 7, kind: BreakKind::MissingMiddle }];
    assert_eq!(check(&[one.clone(), late].concat(), &keys(1), &[]), gap);
    let mut other = two;
    let start =
        ExportStart { tenant: tenant(), after: 5, hash: Digest([1; 32]), at: Timestamp::from_micros(9) };
    other[0] = write_line(&ExportLine::Start(start));
    let found = check(&[one, other].concat(), &keys(1), &[]);
    assert_eq!(found, [Break { seq: 5, last: 5, kind: BreakKind::Unlinked }]);
}

#[test]
fn heads_that_left_the_machine_tell_of_cuts_and_of_other_histories() {
    let whole = log(9);
    let known = |seq: u64| {
        let head =
            ChainHead { tenant: tenant(), seq, hash: whole.rows[usize::try_from(seq).unwrap() - 1].hash };
        let line = HeadLine {
            at: Timestamp::from_micros(1),
            tenant: tenant(),
            seq,
            hash: head.hash,
            signature: keys(1).sign(&head),
        };
        assert_eq!(line.head(Some(&keys(2))), None, "only this key's heads are heard");
        line.head(Some(&keys(1))).unwrap()
    };
    let heads = [known(2), known(6), known(9)];
    assert_eq!(check(&export(&whole, 0, &[]), &keys(1), &heads), []);
    // An old copy verifies by itself, and not against what had left.
    let old = log(6);
    assert_eq!(kinds(&old), []);
    let cut = [Break { seq: 7, last: 9, kind: BreakKind::Truncated }];
    assert_eq!(check(&export(&old, 0, &[]), &keys(1), &heads), cut);
    let nothing = Log { rows: Vec::new(), head: None };
    let found = check(&export(&nothing, 0, &[]), &keys(1), &heads);
    assert_eq!(found, [Break { seq: 1, last: 9, kind: BreakKind::Truncated }]);
    // Another history of the same length, even with a signature of the key's.
    let mut other = ChainHead::empty(tenant());
    let mut forged = Log { rows: Vec::new(), head: None };
    for mut stored in whole.rows.clone() {
        stored.row.code = "forged".into();
        let next = other.next(&stored.row);
        (stored.previous, stored.hash) = (other.hash, next.hash);
        other = next;
        forged.rows.push(stored);
    }
    forged.head = Some((other, keys(1).sign(&other)));
    let found: Vec<_> = check(&export(&forged, 0, &[]), &keys(1), &heads)
        .into_iter()
        .map(|one| (one.seq, one.kind))
        .collect();
    assert_eq!(found, [2, 6, 9].map(|seq| (seq, BreakKind::Rechained)));
}
