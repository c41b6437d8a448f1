//! Tampering with the stored audit log: every column of every table of it, rows removed, moved, added, a chain made anew, an
//! old copy put back: all of it is told for what it is, and nothing is accused that is no tampering.

use std::{fmt::Write, time::Duration};

use pm33_store::Store;
use pm33_tenancy::{
    AuditKeys, AuditLog, AuditRetention, Break, BreakKind, ChainHead, ChainedRow, Digest, PurgeRule,
    StoredRow,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use secrecy::SecretBox;

use crate::{
    audit_chain::write,
    bench::{Bench, Home, on_both, unguard},
};

/// What was done, and the breaks that it gives: first and last row, and kind.
type Case = (String, Vec<(u64, u64, BreakKind)>);

on_both!(
    every_column_is_covered,
    removed_moved_and_added_rows_are_told,
    a_chain_made_anew_without_the_key_is_told_and_never_signed,
    an_old_copy_is_told_by_a_head_that_had_left,
    nothing_is_accused_that_is_no_tampering,
);

const TABLES: [&str; 4] = ["audit_row", "audit_personal", "audit_head", "audit_anchor"];

/// A tenant whose log has twelve rows, of which the first four were removed.
struct Bed {
    home: Home,
    beside: DatabaseConnection,
    is_sqlite: bool,
}

async fn bed(bench: &Bench) -> Bed {
    let home = bench.settled().await;
    write(&home, 10).await;
    assert_eq!(purge(&home, 4).await, Some((1, 4)));
    assert_eq!(breaks(&home).await, []);
    let beside = bench.beside().await;
    unguard(&beside).await;
    let is_sqlite = beside.get_database_backend() == DbBackend::Sqlite;
    if is_sqlite {
        for guard in ["audit_head_begins", "audit_head_follows"] {
            beside.execute_unprepared(&format!("DROP TRIGGER {guard}")).await.unwrap();
        }
    }
    for table in TABLES {
        beside
            .execute_unprepared(&format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}"))
            .await
            .unwrap();
    }
    Bed { home, beside, is_sqlite }
}

/// Removes up to so many of the rows; the first and last number.
async fn purge(home: &Home, most: u64) -> Option<(u64, u64)> {
    let session = home.session();
    let rule = PurgeRule {
        before: home.now.plus(Duration::from_hours(1)),
        policy: "audit_days=30".to_owned(),
        actor: "system",
        at: home.now,
        most,
    };
    let anchor = session.purge(home.tenant, &rule).await.unwrap();
    session.commit(home.event()).await.unwrap();
    anchor.map(|anchor| (anchor.from, anchor.to))
}

async fn breaks(home: &Home) -> Vec<Break> {
    home.session().verify(home.tenant).await.unwrap().1
}

impl Bed {
    async fn run(&self, sql: &str) {
        self.beside.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }

    async fn restore(&self) {
        for table in TABLES {
            self.run(&format!("DELETE FROM {table}")).await;
            self.run(&format!("INSERT INTO {table} SELECT * FROM kept_{table}")).await;
        }
    }

    /// What a statement is told as.
    async fn told(&self, sql: &str) -> Vec<(u64, u64, BreakKind)> {
        for one in sql.split("; ") {
            self.run(one).await;
        }
        let found = breaks(&self.home).await;
        self.restore().await;
        found.into_iter().map(|one| (one.seq, one.last, one.kind)).collect()
    }

    /// Names and types of a table's columns.
    async fn columns(&self, table: &str) -> Vec<(String, String)> {
        let (backend, sql) = if self.is_sqlite {
            (DbBackend::Sqlite, format!("SELECT name, type FROM pragma_table_info('{table}')"))
        } else {
            let sql = format!(
                "SELECT column_name::text, upper(data_type::text) FROM information_schema.columns WHERE table_name = '{table}'"
            );
            (DbBackend::Postgres, sql)
        };
        let rows = self.beside.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| (row.try_get_by_index(0).unwrap(), row.try_get_by_index(1).unwrap())).collect()
    }

    /// Changes of one value: its first byte, its last, one more, one less, none where there was one and one where there was
    /// none.
    fn changes(&self, column: &str, kind: &str) -> Vec<String> {
        let number = kind.contains("INT");
        match (kind, self.is_sqlite) {
            _ if number => vec![format!("coalesce({column} + 1, 0)"), format!("coalesce({column} - 1, 1)")],
            ("BLOB", true) => vec![
                format!(
                    "coalesce(CAST(CASE hex(substr({column}, 1, 1)) WHEN '5A' THEN x'5B' ELSE x'5A' END || substr({column}, 2) AS BLOB), zeroblob(32))"
                ),
                format!(
                    "coalesce(CAST(substr({column}, 1, length({column}) - 1) || CASE hex(substr({column}, -1)) WHEN '5A' THEN x'5B' ELSE x'5A' END AS BLOB), zeroblob(16))"
                ),
                format!("coalesce(substr({column}, 2), x'00')"),
                "'text where bytes were'".to_owned(),
            ],
            ("BYTEA", false) => vec![
                format!(
                    "coalesce(set_byte({column}, 0, get_byte({column}, 0) # 1), decode(repeat('00', 32), 'hex'))"
                ),
                format!(
                    "coalesce(set_byte({column}, length({column}) - 1, get_byte({column}, length({column}) - 1) # 128), '\\x00')"
                ),
                format!("coalesce(substr({column}, 2), '\\x00')"),
            ],
            ("UUID", false) => vec!["gen_random_uuid()".to_owned()],
            ("TEXT", _) => vec![
                format!("coalesce({column} || ' ', 'x')"),
                format!("coalesce('x' || {column}, '')"),
                format!(
                    "coalesce(CASE WHEN {column} = '' THEN 'y' ELSE substr({column}, 2) END, 'AAAAAAAAAAAA')"
                ),
            ],
            other => panic!("{column}: {other:?}"),
        }
    }
}

async fn every_column_is_covered(bench: Bench) {
    let bed = bed(&bench).await;
    let mut tried = 0;
    for (table, numbers) in [
        ("audit_row", &["seq = 5", "seq = 8", "seq = 12"][..]),
        ("audit_personal", &["seq = 5", "seq = 8", "seq = 12"]),
        ("audit_head", &["seq > 0"]),
        ("audit_anchor", &["to_seq = 4"]),
    ] {
        for (column, kind) in bed.columns(table).await {
            for place in numbers {
                for change in bed.changes(&column, &kind) {
                    // A side row under another number is one that was erased; so is one of another tenant.
                    if table == "audit_personal" && ["tenant_id", "seq"].contains(&column.as_str()) {
                        continue;
                    }
                    let sql = format!("UPDATE {table} SET {column} = {change} WHERE {place}");
                    if bed.beside.execute_unprepared(&sql).await.is_err() {
                        // The key or a check of the table itself refuses it.
                        continue;
                    }
                    tried += 1;
                    assert_ne!(breaks(&bed.home).await, [], "{sql}");
                    bed.restore().await;
                }
                let nothing =
                    format!("UPDATE {table} SET {column} = NULL WHERE {place} AND {column} IS NOT NULL");
                if table != "audit_personal"
                    && let Ok(done) = bed.beside.execute_unprepared(&nothing).await
                    && done.rows_affected() > 0
                {
                    tried += 1;
                    assert_ne!(breaks(&bed.home).await, [], "{nothing}");
                    bed.restore().await;
                }
            }
        }
    }
    assert!(tried > 200, "{tried}");
    assert_eq!(breaks(&bed.home).await, []);
}

/// Exchanges the numbers of two rows of a table.
fn exchange(table: &str, one: u32, other: u32) -> String {
    format!(
        "UPDATE {table} SET seq = 99 WHERE seq = {one}; UPDATE {table} SET seq = {one} WHERE seq = {other}; \
         UPDATE {table} SET seq = {other} WHERE seq = 99"
    )
}

async fn removed_moved_and_added_rows_are_told(bench: Bench) {
    use BreakKind::{Anchor, HeadLost, Inserted, MissingFirst, MissingLast, MissingMiddle, Swapped};
    let bed = bed(&bench).await;
    let all = bed.columns("audit_row").await.into_iter().map(|(name, _)| name).filter(|name| name != "seq");
    let all = all.collect::<Vec<_>>().join(", ");
    let copy = |seq: u32, of: u32| {
        format!("INSERT INTO audit_row (seq, {all}) SELECT {seq}, {all} FROM audit_row WHERE seq = {of}")
    };
    let cases: Vec<Case> = vec![
        ("DELETE FROM audit_row WHERE seq = 5".into(), vec![(5, 5, MissingFirst)]),
        ("DELETE FROM audit_row WHERE seq <= 7".into(), vec![(5, 7, MissingFirst)]),
        ("DELETE FROM audit_row WHERE seq = 8".into(), vec![(8, 8, MissingMiddle)]),
        (
            "DELETE FROM audit_row WHERE seq IN (6, 7, 10)".into(),
            vec![(6, 7, MissingMiddle), (10, 10, MissingMiddle)],
        ),
        ("DELETE FROM audit_row WHERE seq = 12".into(), vec![(12, 12, MissingLast)]),
        ("DELETE FROM audit_row WHERE seq >= 9".into(), vec![(9, 12, MissingLast)]),
        ("DELETE FROM audit_row".into(), vec![(5, 12, MissingLast)]),
        ("DELETE FROM audit_head".into(), vec![(12, 12, HeadLost)]),
        ("DELETE FROM audit_anchor".into(), vec![(1, 4, MissingFirst)]),
        ("DELETE FROM audit_anchor; DELETE FROM audit_row WHERE seq = 5".into(), vec![(1, 5, MissingFirst)]),
        (
            "UPDATE audit_anchor SET to_seq = 6, removed = 6; DELETE FROM audit_row WHERE seq <= 6".into(),
            vec![(1, 6, Anchor), (1, 6, MissingFirst)],
        ),
        (
            [exchange("audit_row", 7, 8), exchange("audit_personal", 7, 8)].join("; "),
            vec![(7, 7, Swapped), (8, 8, Swapped)],
        ),
        (copy(13, 12), vec![(13, 13, Swapped), (13, 13, Inserted)]),
        (copy(2, 9), vec![(2, 2, Swapped), (2, 2, Inserted)]),
    ];
    for (sql, expected) in cases {
        // Adding under PostgreSQL's unique key of predecessors needs the key gone first.
        if sql.starts_with("INSERT") && !bed.is_sqlite {
            bed.run("ALTER TABLE audit_row DROP CONSTRAINT IF EXISTS audit_row_tenant_id_prev_hash_key")
                .await;
        }
        assert_eq!(bed.told(&sql).await, expected, "{sql}");
    }
}

async fn stored(home: &Home) -> Vec<ChainedRow> {
    let (rows, _) = home.session().stored(home.tenant, None).await.unwrap();
    rows.into_iter()
        .map(|row| match row {
            StoredRow::Read(row) => *row,
            StoredRow::Unreadable { seq } => panic!("row {seq}"),
        })
        .collect()
}

/// Statements that make the chain anew from a row on: what somebody can do who has the database and not the key.
async fn made_anew(bed: &Bed, from: u64, code: &str) -> (String, ChainHead) {
    let hex = |bytes: &[u8]| {
        bytes.iter().fold(String::new(), |mut text, byte| {
            write!(text, "{byte:02x}").unwrap();
            text
        })
    };
    let bytes = |digest: &Digest| {
        if bed.is_sqlite { format!("x'{}'", hex(&digest.0)) } else { format!("'\\x{}'", hex(&digest.0)) }
    };
    let mut sql = Vec::new();
    let mut head: Option<ChainHead> = None;
    for row in stored(&bed.home).await {
        let base =
            head.unwrap_or(ChainHead { tenant: bed.home.tenant, seq: row.seq - 1, hash: row.previous });
        let mut content = row.row.clone();
        if row.seq == from {
            content.code = code.to_owned().into();
        }
        let next = base.next(&content);
        sql.push(format!(
            "UPDATE audit_row SET code = '{}', prev_hash = {}, hash = {} WHERE seq = {}",
            content.code,
            bytes(&base.hash),
            bytes(&next.hash),
            row.seq
        ));
        head = Some(next);
    }
    let head = head.unwrap();
    let forger = AuditKeys::new(&SecretBox::new(Box::new([9; 32])));
    sql.push(format!(
        "UPDATE audit_head SET hash = {}, signature = {}",
        bytes(&head.hash),
        bytes(&forger.sign(&head))
    ));
    (sql.join("; "), head)
}

async fn a_chain_made_anew_without_the_key_is_told_and_never_signed(bench: Bench) {
    let bed = bed(&bench).await;
    let (sql, _) = made_anew(&bed, 7, "forged").await;
    assert_eq!(bed.told(&sql).await, [(12, 12, BreakKind::Rechained)]);
    // The next row would make the forgery ours with its signature: it is refused, and so is every answer.
    for one in sql.split("; ") {
        bed.run(one).await;
    }
    let again = Store::open(bench.options()).await.unwrap();
    for _ in 0..2 {
        let refused = again.session(bed.home.tenant).commit(bed.home.event()).await;
        assert!(refused.is_err(), "{refused:?}");
    }
    // What does not verify is evidence, and stays.
    let session = again.session(bed.home.tenant);
    let rule = PurgeRule {
        before: bed.home.now.plus(Duration::from_hours(1)),
        policy: "audit_days=1".to_owned(),
        actor: "system",
        at: bed.home.now,
        most: 3,
    };
    let kept = session.purge(bed.home.tenant, &rule).await;
    assert!(kept.as_ref().is_err_and(|error| error.to_string().contains("evidence")), "{kept:?}");
    drop(session);
    bed.restore().await;
    again.session(bed.home.tenant).commit(bed.home.event()).await.unwrap();
    assert_eq!(breaks(&bed.home).await, []);
    again.close().await;
}

async fn an_old_copy_is_told_by_a_head_that_had_left(bench: Bench) {
    let bed = bed(&bench).await;
    write(&bed.home, 5).await;
    let (left, signature) = bed.home.session().chain(bed.home.tenant).await.unwrap().head.unwrap();
    assert_eq!(left.seq, 17);
    assert!(AuditKeys::new(&SecretBox::new(Box::new([7; 32]))).is_signed(&left, &signature));
    let against = async |known: &[ChainHead]| {
        bed.home.session().verify_against(bed.home.tenant, known).await.unwrap().1
    };
    assert_eq!(against(&[left]).await, []);
    // The copy of before.
    bed.restore().await;
    assert_eq!(against(&[]).await, [], "an old copy is whole in itself");
    let cut = [Break { seq: 13, last: 17, kind: BreakKind::Truncated }];
    assert_eq!(against(&[left]).await, cut);
    // And what was written on top of it since.
    let again = Store::open(bench.options()).await.unwrap();
    for _ in 0..8 {
        again.session(bed.home.tenant).commit(bed.home.event()).await.unwrap();
    }
    assert_eq!(against(&[left]).await, [Break { seq: 17, last: 17, kind: BreakKind::Rechained }]);
    again.close().await;
}

async fn nothing_is_accused_that_is_no_tampering(bench: Bench) {
    let home = bench.settled().await;
    write(&home, 30).await;
    let known = home.session().chain(home.tenant).await.unwrap().head.unwrap().0;
    assert_eq!(purge(&home, 5).await, Some((1, 5)));
    assert_eq!(purge(&home, 7).await, Some((6, 12)));
    // Erasure of people, also of all.
    bench.beside().await.execute_unprepared("DELETE FROM audit_personal WHERE seq % 3 = 0").await.unwrap();
    let again = Store::open(bench.options()).await.unwrap();
    let (rows, found) = again.session(home.tenant).verify_against(home.tenant, &[known]).await.unwrap();
    assert_eq!((rows, found), (21, Vec::new()));
    bench.beside().await.execute_unprepared("DELETE FROM audit_personal").await.unwrap();
    again.session(home.tenant).commit(home.event()).await.unwrap();
    assert_eq!(breaks(&home).await, []);
    again.close().await;
}
