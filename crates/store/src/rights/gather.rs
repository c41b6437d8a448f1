//! Everything that is kept of a member or an organisation, by the data map: each column that access copies, each row that
//! a way leads to, and of rows that only mention the member nothing but the mention.

use pm33_tenancy::{
    DataSubject, TenantId,
    data_map::{self, Access, Column, Engine, Extent},
};
use sea_orm::{ConnectionTrait, DatabaseExecutor, DbBackend, DbErr, Statement};
use serde_json::Value as Json;

use super::person::{Condition, Person, engine_of, links_of};
use crate::{StoreError, session::Session};

/// What a table holds of a subject.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The table.
    pub table: &'static str,
    /// Its columns that are told, in the order of the cells.
    pub columns: Vec<Column>,
    /// Rows of cells; a column that is only mentioned has `true` where something is kept.
    pub rows: Vec<Vec<Json>>,
}

/// The tables of the data map on an engine, in its order, with their columns that a right of access tells.
fn tables(engine: Engine) -> Vec<(&'static str, Vec<Column>)> {
    let mut tables: Vec<(&'static str, Vec<Column>)> = Vec::new();
    let here = data_map::columns().filter(|one| one.engine == Engine::Both || one.engine == engine);
    for one in here.filter(|one| matches!(one.rule.rights.access, Access::Copy | Access::Mention)) {
        match tables.iter_mut().find(|(table, _)| *table == one.table) {
            Some((_, columns)) => columns.push(one),
            None => tables.push((one.table, vec![one])),
        }
    }
    tables
}

/// Whether a column says which row it is, also where the rest is not the member's.
fn names_its_row(column: &str) -> bool {
    column.ends_with("_id") || column == "number"
}

impl Session {
    /// Gathers what is kept of a subject; tables that hold nothing of it are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn gather(&self, tenant: TenantId, whose: DataSubject) -> Result<Vec<Gathered>, StoreError> {
        self.inner.settle().await?;
        let person = match whose {
            DataSubject::Organisation => None,
            DataSubject::Member(user) => Some(self.person(tenant, user).await?),
        };
        self.read(tenant, async |db| {
            let mut all = Vec::new();
            for (table, columns) in tables(engine_of(db.get_database_backend())) {
                let rows = match &person {
                    None => of_organisation(db, tenant, table, &columns).await?,
                    Some(person) => of_member(db, person, table, &columns).await?,
                };
                if !rows.is_empty() {
                    all.push(Gathered { table, columns, rows });
                }
            }
            Ok(all)
        })
        .await
    }
}

async fn of_organisation(
    db: &DatabaseExecutor<'_>,
    tenant: TenantId,
    table: &str,
    columns: &[Column],
) -> Result<Vec<Vec<Json>>, DbErr> {
    rows(db, table, columns, &Condition::whole(tenant)).await
}

async fn of_member(
    db: &DatabaseExecutor<'_>,
    person: &Person,
    table: &str,
    columns: &[Column],
) -> Result<Vec<Vec<Json>>, DbErr> {
    let mut whole: Vec<Condition> = Vec::new();
    let mut mentions = Vec::new();
    for link in links_of(table) {
        let Some(condition) = person.condition(db, link).await? else { continue };
        match link.extent {
            Extent::Row => whole.push(condition),
            Extent::Reference => mentions.push((link.column, condition)),
        }
    }
    let mut found = Vec::new();
    for condition in &whole {
        let mut theirs = rows(db, table, columns, condition).await?;
        // Who else is in the row is not told.
        for link in links_of(table).filter(|link| link.extent == Extent::Reference) {
            let Some(at) = columns.iter().position(|one| one.column == link.column) else { continue };
            let own = mentions.iter().find(|(column, _)| *column == link.column);
            for row in &mut theirs {
                let is_own = own.is_some_and(|(_, condition)| {
                    condition.values[1..].iter().any(|value| is_value(value, &row[at]))
                });
                if !is_own {
                    row[at] = Json::Null;
                }
            }
        }
        found.append(&mut theirs);
    }
    for (mentioned, condition) in mentions {
        for mut row in rows(db, table, columns, &condition).await? {
            for (cell, one) in row.iter_mut().zip(columns) {
                if one.column != mentioned && !names_its_row(one.column) {
                    *cell = Json::Null;
                }
            }
            // A row that is theirs anyhow is there in full.
            let same = |full: &Vec<Json>| {
                let names = columns.iter().zip(full.iter().zip(&row));
                names.filter(|(one, _)| names_its_row(one.column)).all(|(_, (full, this))| full == this)
            };
            if !found.iter().any(same) {
                found.push(row);
            }
        }
    }
    Ok(found)
}

/// Whether a bound value is what a cell shows.
fn is_value(value: &sea_orm::Value, cell: &Json) -> bool {
    match value {
        sea_orm::Value::String(Some(text)) => cell.as_str() == Some(text.as_str()),
        sea_orm::Value::Uuid(Some(id)) => cell.as_str() == Some(id.to_string().as_str()),
        _ => false,
    }
}

/// Rows as JSON cells. Bytes are hexadecimal, sixteen of them a UUID; PostgreSQL says which columns hold bytes.
async fn rows(
    db: &DatabaseExecutor<'_>,
    table: &str,
    columns: &[Column],
    condition: &Condition,
) -> Result<Vec<Vec<Json>>, DbErr> {
    let backend = db.get_database_backend();
    let bytes = if backend == DbBackend::Postgres { bytes_of(db, table).await? } else { Vec::new() };
    let cell = |one: &Column| {
        let name = format!("\"{}\"", one.column);
        if one.rule.rights.access == Access::Mention {
            return if backend == DbBackend::Postgres {
                format!("{name} IS NOT NULL")
            } else {
                format!("json(CASE WHEN {name} IS NULL THEN 'false' ELSE 'true' END)")
            };
        }
        if backend != DbBackend::Postgres {
            return format!("CASE typeof({name}) WHEN 'blob' THEN lower(hex({name})) ELSE {name} END");
        }
        if bytes.iter().any(|held| held == one.column) { format!("encode({name}, 'hex')") } else { name }
    };
    let cells = columns.iter().map(cell).collect::<Vec<_>>().join(", ");
    let array = if backend == DbBackend::Postgres {
        format!("json_build_array({cells})::text")
    } else {
        format!("json_array({cells})")
    };
    let sql = format!("SELECT {array} FROM {table} WHERE {}", condition.sql);
    let statement = Statement::from_sql_and_values(backend, sql, condition.values.clone());
    let mut all = Vec::new();
    for row in db.query_all_raw(statement).await? {
        let text: String = row.try_get_by_index(0)?;
        let mut cells: Vec<Json> = serde_json::from_str(&text)
            .map_err(|error| DbErr::Custom(format!("a row of {table}: {error}")))?;
        if backend != DbBackend::Postgres {
            for cell in &mut cells {
                let dashed = cell.as_str().filter(|text| text.len() == 32).and_then(as_uuid);
                if let Some(id) = dashed {
                    *cell = id.into();
                }
            }
        }
        all.push(cells);
    }
    Ok(all)
}

/// Sixteen bytes as the id that they are.
fn as_uuid(hex: &str) -> Option<String> {
    let is_hex = hex.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    is_hex.then(|| uuid::Uuid::parse_str(hex).ok()).flatten().map(|id| id.to_string())
}

async fn bytes_of(db: &DatabaseExecutor<'_>, table: &str) -> Result<Vec<String>, DbErr> {
    let sql = format!(
        "SELECT attname::text FROM pg_attribute WHERE attrelid = '{table}'::regclass AND atttypid = 'bytea'::regtype"
    );
    let found = db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await?;
    found.iter().map(|row| row.try_get_by_index(0)).collect()
}
