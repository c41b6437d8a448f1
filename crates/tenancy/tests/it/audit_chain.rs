//! The audit chain notices every change, and nothing that is no change.

use std::net::IpAddr;

use pm33_tenancy::{
    Actor, ActorKind, AuditEvent, AuditKeys, AuditRow, AuditText, Break, BreakKind, ChainHead, ChainedRow,
    ClientFacts, CorrelationId, Digest, KeyId, LimitVerdict, Outcome, PersonalRow, StoredRow, TenantId,
    Timestamp, Usage, UserId, Walk, WorkspaceId, prepare,
};
use proptest::prelude::*;
use secrecy::SecretBox;

#[derive(Clone)]
pub(crate) struct Log {
    pub rows: Vec<ChainedRow>,
    pub head: Option<(ChainHead, Digest)>,
}

pub(crate) fn keys(byte: u8) -> AuditKeys {
    AuditKeys::new(&SecretBox::new(Box::new([byte; 32])))
}

pub(crate) fn tenant() -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(1))
}

pub(crate) fn event(number: u32) -> AuditEvent {
    let is_full = number.is_multiple_of(2);
    AuditEvent {
        at: Timestamp::from_micros(1_800_000_000_000_000 + i64::from(number)),
        correlation: CorrelationId::from_uuid(uuid::Uuid::from_u128(u128::from(number))),
        traceparent: is_full.then(|| "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        tenant: tenant(),
        actor: Actor {
            kind: ActorKind::Key,
            user: is_full.then(|| UserId::from_uuid(uuid::Uuid::from_u128(7))),
        },
        key: is_full.then(|| "abcdefghijkl".parse().unwrap()),
        scopes: "backlog:read".into(),
        method: "tools/call".into(),
        target: is_full.then_some("pm33_query_backlog".into()),
        arguments: is_full.then_some(Digest([9; 32])),
        workspace: is_full.then(|| WorkspaceId::from_uuid(uuid::Uuid::from_u128(8))),
        outcome: Outcome::Done,
        code: "ok".into(),
        latency: std::time::Duration::from_micros(u64::from(number)),
        usage: is_full.then(|| Usage {
            tokens: 10,
            micro_credits: 20,
            hold: Some(uuid::Uuid::from_u128(3)),
            provider: "a".into(),
            model: "b".into(),
        }),
        removed_characters: 0,
        limit: LimitVerdict::Admitted,
        client: ClientFacts {
            ip: is_full.then(|| IpAddr::from([192, 0, 2, 1])),
            agent: is_full.then(|| "agent/1".into()),
        },
    }
}

/// Links rows as the store does.
fn chain(rows: Vec<(AuditRow, Option<PersonalRow>)>, signing: &AuditKeys) -> Log {
    let mut head = ChainHead::empty(tenant());
    let mut log = Log { rows: Vec::new(), head: None };
    for (row, personal) in rows {
        let next = head.next(&row);
        log.rows.push(ChainedRow { seq: next.seq, previous: head.hash, hash: next.hash, row, personal });
        head = next;
    }
    if head.seq > 0 {
        log.head = Some((head, signing.sign(&head)));
    }
    log
}

pub(crate) fn log(count: u32) -> Log {
    let prepared = |number| {
        let (row, personal) = prepare(event(number), &keys(1), [u8::try_from(number % 251).unwrap(); 16]);
        (row, Some(personal))
    };
    chain((0..count).map(prepared).collect(), &keys(1))
}

fn breaks(log: &Log) -> Vec<Break> {
    breaks_of(tenant(), log)
}

fn breaks_of(tenant: TenantId, log: &Log) -> Vec<Break> {
    let keys = keys(1);
    let mut walk = Walk::new(tenant, Some(&keys), []);
    for row in &log.rows {
        walk.row(&StoredRow::Read(Box::new(row.clone())));
    }
    walk.end(log.head)
}

pub(crate) fn kinds(log: &Log) -> Vec<(u64, BreakKind)> {
    breaks(log).into_iter().map(|found| (found.seq, found.kind)).collect()
}

type Change = (&'static str, fn(&mut AuditRow));

/// One change for each field; the compiler's list of fields is checked below.
const CHANGES: [Change; 24] = [
    ("schema_version", |row| row.schema_version += 1),
    ("at", |row| row.at = Timestamp::from_micros(row.at.micros() + 1)),
    ("correlation", |row| row.correlation = uuid::Uuid::from_u128(row.correlation.as_u128() ^ 1)),
    ("traceparent", |row| row.traceparent = flip(row.traceparent.take())),
    ("tenant", |row| row.tenant = TenantId::from_uuid(uuid::Uuid::from_u128(2))),
    ("actor_kind", |row| row.actor_kind = longer(&row.actor_kind)),
    ("actor", |row| row.actor = flip_digest(row.actor)),
    ("key", |row| row.key = row.key.map_or_else(|| "abcdefghijkl".parse().ok(), |_| None::<KeyId>)),
    ("scopes", |row| row.scopes = "".into()),
    ("method", |row| row.method = longer(&row.method)),
    ("target", |row| row.target = flip(row.target.take())),
    ("arguments", |row| row.arguments = flip_digest(row.arguments)),
    ("workspace", |row| {
        let changed = flip_id(row.workspace.map(WorkspaceId::uuid));
        row.workspace = changed.map(WorkspaceId::from_uuid);
    }),
    ("outcome", |row| row.outcome = longer(&row.outcome)),
    ("code", |row| row.code = longer(&row.code)),
    ("latency_micros", |row| row.latency_micros += 1),
    ("tokens", |row| row.tokens = Some(row.tokens.map_or(0, |tokens| tokens + 1))),
    ("micro_credits", |row| row.micro_credits = Some(row.micro_credits.map_or(0, |credits| credits - 1))),
    ("hold", |row| row.hold = flip_id(row.hold)),
    ("provider", |row| row.provider = flip(row.provider.take())),
    ("model", |row| row.model = flip(row.model.take())),
    ("removed_characters", |row| row.removed_characters += 1),
    ("limit_verdict", |row| row.limit_verdict = longer(&row.limit_verdict)),
    ("personal", |row| row.personal.0[31] ^= 1),
];

fn longer(text: &AuditText) -> AuditText {
    format!("{text}x").into()
}

fn flip(text: Option<AuditText>) -> Option<AuditText> {
    // Absent becomes empty: the two must not have the same encoding.
    text.map_or_else(|| Some("".into()), |_| None)
}

fn flip_id(id: Option<uuid::Uuid>) -> Option<uuid::Uuid> {
    id.map_or_else(|| Some(uuid::Uuid::nil()), |_| None)
}

fn flip_digest(digest: Option<Digest>) -> Option<Digest> {
    digest.map_or_else(|| Some(Digest::default()), |_| None)
}

#[test]
fn an_untouched_log_and_an_empty_one_verify() {
    for count in [0, 1, 2, 50] {
        assert_eq!(breaks(&log(count)), []);
    }
}

#[test]
fn every_field_of_every_row_is_covered() {
    let fields = format!("{:?}", log(1).rows[0].row);
    for (field, change) in CHANGES {
        assert!(fields.contains(&format!("{field}: ")), "{field}");
        for at in 0..6 {
            let mut changed = log(6);
            change(&mut changed.rows[at].row);
            let found = kinds(&changed);
            assert!(found.contains(&(at as u64 + 1, BreakKind::Edited)), "{field} of row {at}: {found:?}");
        }
    }
    // `prepare` and this list know the same fields: each is named at the top level of the row's own account.
    assert_eq!(fields.matches(": ").count(), CHANGES.len());
}

#[test]
fn texts_do_not_run_into_each_other() {
    let mut moved = log(2);
    let row = &mut moved.rows[1].row;
    row.method = format!("{}{}", row.method, &row.outcome[1..]).into();
    row.outcome = row.outcome[..1].to_owned().into();
    assert_eq!(kinds(&moved), [(2, BreakKind::Edited)]);
    let mut moved = log(2);
    let row = &mut moved.rows[0].row;
    std::mem::swap(&mut row.provider, &mut row.model);
    assert_eq!(kinds(&moved), [(1, BreakKind::Edited)]);
}

#[test]
fn stored_numbers_and_hashes_are_covered() {
    for at in 0..5 {
        let mut changed = log(5);
        changed.rows[at].hash.0[0] ^= 1;
        assert!(kinds(&changed).contains(&(at as u64 + 1, BreakKind::Edited)));
        let mut changed = log(5);
        changed.rows[at].previous.0[0] ^= 1;
        // The hash covers the one before.
        assert_eq!(kinds(&changed), [(at as u64 + 1, BreakKind::Edited)]);
        for seq in [0, at as u64 + 2, u64::MAX] {
            let mut changed = log(5);
            changed.rows[at].seq = seq;
            assert_eq!(kinds(&changed), [(seq, BreakKind::Edited)], "{at} {seq}");
        }
    }
}

#[test]
fn one_break_does_not_hide_the_next() {
    let mut changed = log(9);
    for at in [2, 4, 7] {
        let row = &mut changed.rows[at].row;
        row.code = longer(&row.code);
    }
    assert_eq!(kinds(&changed), [3, 5, 8].map(|seq| (seq, BreakKind::Edited)));
}

#[test]
fn deleted_rows_are_missed_wherever_they_were() {
    for (from, to) in [(0, 1), (0, 4), (3, 4), (3, 7), (9, 10), (6, 10), (0, 10)] {
        let mut cut = log(10);
        cut.rows.drain(from..to);
        let kind = match (from, to) {
            (_, 10) => BreakKind::MissingLast,
            (0, _) => BreakKind::MissingFirst,
            _ => BreakKind::MissingMiddle,
        };
        assert_eq!(breaks(&cut), [Break { seq: from as u64 + 1, last: to as u64, kind }]);
    }
}

#[test]
fn a_deleted_or_older_head_is_missed() {
    let mut headless = log(3);
    headless.head = None;
    assert_eq!(kinds(&headless), [(3, BreakKind::HeadLost)]);
    let mut older = log(3);
    older.head = log(2).head;
    assert_eq!(kinds(&older), [(3, BreakKind::Inserted)]);
}

#[test]
fn swapped_doubled_and_inserted_rows_are_noticed() {
    let mut swapped = log(6);
    swapped.rows.swap(2, 3);
    assert_eq!(kinds(&swapped), [(3, BreakKind::Swapped)]);
    // With their numbers put right.
    (swapped.rows[2].seq, swapped.rows[3].seq) = (3, 4);
    assert_eq!(kinds(&swapped), [(3, BreakKind::Swapped), (4, BreakKind::Swapped)]);
    // With the hashes put right as far as somebody without thought would.
    let (two, three) = (swapped.rows[3].row.clone(), swapped.rows[2].row.clone());
    let mut swapped = log(6);
    (swapped.rows[2].row, swapped.rows[3].row) = (three, two);
    assert!([3, 4].iter().all(|seq| kinds(&swapped).contains(&(*seq, BreakKind::Edited))));
    let mut far = log(60);
    far.rows.swap(2, 50);
    assert_eq!(kinds(&far).iter().filter(|(_, kind)| *kind != BreakKind::Swapped).count(), 0);
    let mut doubled = log(6);
    doubled.rows.insert(3, doubled.rows[2].clone());
    assert_eq!(kinds(&doubled), [(3, BreakKind::Inserted)]);
    let mut appended = log(6);
    let last = appended.head.unwrap().0;
    let row = appended.rows[0].row.clone();
    let next = last.next(&row);
    appended.rows.push(ChainedRow {
        seq: next.seq,
        previous: last.hash,
        hash: next.hash,
        row,
        personal: None,
    });
    assert_eq!(kinds(&appended), [(7, BreakKind::Inserted)]);
}

#[test]
fn a_row_that_was_replaced_with_a_fitting_hash_is_noticed_at_the_next() {
    let mut replaced = log(6);
    let row = &mut replaced.rows[2];
    row.row.code = longer(&row.row.code);
    let base = ChainHead { tenant: tenant(), seq: 2, hash: row.previous };
    row.hash = base.next(&row.row).hash;
    assert_eq!(kinds(&replaced), [(4, BreakKind::Unlinked)]);
    // The last one's hash is the head's.
    let mut replaced = log(6);
    let row = &mut replaced.rows[5];
    row.row.code = longer(&row.row.code);
    let base = ChainHead { tenant: tenant(), seq: 5, hash: row.previous };
    row.hash = base.next(&row.row).hash;
    assert_eq!(kinds(&replaced), [(6, BreakKind::Rechained)]);
}

#[test]
fn a_chain_that_was_made_anew_without_the_key_has_no_signature() {
    let mut rows: Vec<_> = log(6).rows.into_iter().map(|stored| (stored.row, stored.personal)).collect();
    rows.remove(3);
    rows[0].0.code = "forged".into();
    let forged = chain(rows, &keys(2));
    assert_eq!(kinds(&forged), [(5, BreakKind::Rechained)]);
    // Nor does the true head's signature fit.
    let mut signed = forged;
    signed.head = signed.head.map(|(head, _)| (head, log(6).head.unwrap().1));
    assert_eq!(kinds(&signed), [(5, BreakKind::Rechained)]);
}

#[test]
fn another_tenants_log_is_not_this_ones() {
    let other = TenantId::from_uuid(uuid::Uuid::from_u128(2));
    let log = log(2);
    let found = breaks_of(other, &log);
    assert!(found.iter().filter(|found| found.kind == BreakKind::Edited).count() == 2);
    assert!(found.iter().any(|found| found.kind == BreakKind::Rechained));
}

#[test]
fn an_erased_person_breaks_nothing_and_a_changed_one_does() {
    let mut erased = log(6);
    for at in [0, 2, 5] {
        erased.rows[at].personal = None;
    }
    assert_eq!(breaks(&erased), []);
    let changes: [fn(&mut PersonalRow); 5] = [
        |personal| personal.salt[0] ^= 1,
        |personal| personal.user = None,
        |personal| personal.ip = None,
        |personal| personal.ip_prefix = Some("198.51.100.0/24".into()),
        |personal| personal.agent = Some("".into()),
    ];
    for change in changes {
        let mut changed = log(6);
        change(changed.rows[2].personal.as_mut().unwrap());
        assert_eq!(kinds(&changed), [(3, BreakKind::Personal)]);
    }
    let mut exchanged = log(6);
    exchanged.rows[2].personal = exchanged.rows[4].personal.clone();
    assert_eq!(kinds(&exchanged), [(3, BreakKind::Personal)]);
}

proptest! {
    #[test]
    fn any_changes_are_found_and_nothing_else_is_accused(
        count in 2_u32..20, touched in proptest::collection::btree_set((0_usize..20, 0_usize..CHANGES.len()), 0..5),
    ) {
        let mut changed = log(count);
        let mut rows = std::collections::BTreeSet::new();
        for (at, change) in touched {
            let at = at % count as usize;
            // One change a row: two could undo each other.
            if rows.insert(at as u64 + 1) {
                CHANGES[change].1(&mut changed.rows[at].row);
            }
        }
        let accused: std::collections::BTreeSet<u64> = breaks(&changed).into_iter().map(|found| found.seq).collect();
        prop_assert_eq!(accused, rows);
    }
}
