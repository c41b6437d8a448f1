//! Full-text search: FTS5 on the embedded database, tsvector on PostgreSQL. The user's words are quoted one by one, so
//! that no query syntax of the engine can be reached.

use std::sync::OnceLock;

use pm33_product::{ItemId, TextHit};
use pm33_tenancy::WorkspaceRef;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, Statement, Value};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::{
    batch::Batch,
    statements::{Bulk, ROWS},
};

/// Words of one query at most.
const WORDS: usize = 16;

/// The token that keeps one workspace's texts apart from all others'.
fn scope_token(tenant: Uuid, workspace: Uuid) -> String {
    format!("w{}{}", tenant.simple(), workspace.simple())
}

/// Row number of an item in the index. It depends on where the item lies: one that came from an archive has the id that it
/// has in the workspace that was archived. A digest, so that nobody can choose an id that meets another's number.
fn row_number(tenant: Uuid, workspace: Uuid, item: Uuid) -> i64 {
    let mut hash = Sha256::new();
    for id in [tenant, workspace, item] {
        hash.update(id.as_bytes());
    }
    let number = u64::from_be_bytes(*hash.finalize().first_chunk().unwrap_or(&[0; 8]));
    i64::try_from(number >> 2).unwrap_or(0)
}

fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    words.dedup();
    words.truncate(WORDS);
    words
}

/// Puts an item's text into the index, over what was there. On PostgreSQL the column is generated.
pub(crate) async fn index(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    item: ItemId,
    title: &str,
    description: &str,
) -> Result<(), DbErr> {
    if db.get_database_backend() == DbBackend::Postgres {
        return Ok(());
    }
    add(db, at, &[(item, title, description)]).await
}

static ITEM_FTS: Bulk = Bulk {
    table: "item_fts",
    columns: "rowid, scope, title, description, item_id",
    width: 5,
    sqlite: [const { OnceLock::new() }; ROWS],
    postgres: [const { OnceLock::new() }; ROWS],
};

/// Puts the texts of items into the index, title and description, over what was there.
pub(crate) async fn add(
    db: &DatabaseTransaction,
    at: WorkspaceRef,
    texts: &[(ItemId, &str, &str)],
) -> Result<(), DbErr> {
    let mut batch = Batch::new(db);
    add_to(&mut batch, at, texts);
    batch.run(db).await
}

/// The same as part of a batch.
pub(crate) fn add_to(batch: &mut Batch, at: WorkspaceRef, texts: &[(ItemId, &str, &str)]) {
    if batch.backend() == DbBackend::Postgres {
        return;
    }
    let (tenant, workspace) = (at.tenant().uuid(), at.workspace().uuid());
    for texts in texts.chunks(ROWS) {
        let places = vec!["?"; texts.len()].join(", ");
        let sql = format!("DELETE FROM item_fts WHERE rowid IN ({places})");
        let numbers = texts.iter().map(|(item, ..)| Value::from(row_number(tenant, workspace, item.uuid())));
        batch.any(sql, numbers.collect());
    }
    let texts = texts.iter().map(|(item, title, description)| (item.uuid(), *title, *description));
    for (statement, _) in ITEM_FTS.statements(batch.backend(), values(tenant, workspace, texts)) {
        batch.any(statement.sql, statement.values.map(|values| values.0).unwrap_or_default());
    }
}

/// Puts texts into the index where nothing was.
pub(crate) async fn put<'a>(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    workspace: Uuid,
    texts: impl Iterator<Item = (Uuid, &'a str, &'a str)>,
) -> Result<(), DbErr> {
    ITEM_FTS.insert(db, values(tenant, workspace, texts)).await
}

fn values<'a>(
    tenant: Uuid,
    workspace: Uuid,
    texts: impl Iterator<Item = (Uuid, &'a str, &'a str)>,
) -> Vec<Value> {
    let scope = scope_token(tenant, workspace);
    let row = |(item, title, description): (Uuid, &str, &str)| -> [Value; 5] {
        [
            row_number(tenant, workspace, item).into(),
            scope.as_str().into(),
            title.into(),
            description.into(),
            item.as_bytes().to_vec().into(),
        ]
    };
    texts.flat_map(row).collect()
}

/// Takes an item's text out of the index; on PostgreSQL it goes with its row.
pub(crate) async fn forget(
    db: &impl ConnectionTrait,
    tenant: Uuid,
    workspace: Uuid,
    item: Uuid,
) -> Result<(), DbErr> {
    let sql = "DELETE FROM item_fts WHERE rowid = $1";
    let row = row_number(tenant, workspace, item);
    db.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [row.into()])).await?;
    Ok(())
}

/// Items whose text has all the words (as prefixes), best first.
pub(crate) async fn search(
    db: &impl ConnectionTrait,
    at: WorkspaceRef,
    text: &str,
    most: u32,
) -> Result<Vec<TextHit>, DbErr> {
    let words = words(text);
    if words.is_empty() {
        return Ok(Vec::new());
    }
    let rows = if db.get_database_backend() == DbBackend::Postgres {
        let query = words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ");
        let sql = "SELECT item_id, ts_rank(search, to_tsquery('simple', $1))::float8 AS score FROM item_text \
                   WHERE tenant_id = $2 AND workspace_id = $3 AND search @@ to_tsquery('simple', $1) \
                   ORDER BY score DESC, item_id LIMIT $4";
        let values: [Value; 4] =
            [query.into(), at.tenant().uuid().into(), at.workspace().uuid().into(), i64::from(most).into()];
        db.query_all_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?
    } else {
        let terms = words.iter().map(|word| format!("\"{word}\"*")).collect::<Vec<_>>().join(" AND ");
        let query = format!(
            "scope : \"{}\" AND {{title description}} : ({terms})",
            scope_token(at.tenant().uuid(), at.workspace().uuid())
        );
        let sql = "SELECT item_id, -bm25(item_fts, 0.0, 4.0, 1.0) AS score FROM item_fts WHERE item_fts MATCH $1 \
                   ORDER BY score DESC, rowid LIMIT $2";
        let values: [Value; 2] = [query.into(), i64::from(most).into()];
        db.query_all_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, values)).await?
    };
    rows.into_iter()
        .map(|row| {
            let item: uuid::Uuid = row.try_get_by_index(0)?;
            Ok(TextHit { item: ItemId::from_uuid(item), score: row.try_get_by_index(1)? })
        })
        .collect()
}
