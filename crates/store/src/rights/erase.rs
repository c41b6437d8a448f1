//! Erasure of a member or an organisation, driven by the data map's rule for each column, in short units, so that others
//! get their turn. Every step can be done again: what is gone already is not found.

use pm33_auth::KeyStore;
use pm33_tenancy::{
    Administration, DataSubject, ErasedMark, TenancyError, TenantId, TenantState, Timestamp,
    data_map::{self, Column, Engine, Erasure, Extent},
    erased_member, erased_name, erased_organisation,
};
use sea_orm::{ActiveValue::Set, DbBackend, Value};
use serde::Serialize;

use super::{
    person::{Condition, Person, engine_of, links_of},
    rows::run,
};
use crate::{Store, StoreError, entity::erased, error::is_dangling, scope, session::Session};

/// Rounds over tables that still refer to each other.
const ROUNDS: usize = 16;
/// What goes last, in this order: by these rows everything else is found.
const LAST: [&str; 4] = ["membership", "key_route", "api_key", "app_user"];

/// What was done to a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Erased {
    /// The table.
    pub table: &'static str,
    /// `deleted`, `unlinked`, `emptied` or `kept`.
    pub act: &'static str,
    /// Columns that were unlinked, emptied or kept; none for whole rows.
    pub columns: Vec<&'static str>,
    /// Rows.
    pub rows: u64,
    /// Why they are kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub because: Option<&'static str>,
}

/// A table's columns under one act.
struct Plan {
    table: &'static str,
    deletes: bool,
    unlinks: Vec<&'static str>,
    blanks: Vec<&'static str>,
    keeps: Vec<(&'static str, &'static str)>,
}

fn plans(engine: Engine, whose: DataSubject) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::new();
    let here = data_map::columns().filter(|one| one.engine == Engine::Both || one.engine == engine);
    // The index of words has no rows of its own: it goes with its texts.
    for one in here.filter(|one| !one.table.starts_with("item_fts")) {
        let at = plans.iter().position(|plan| plan.table == one.table).unwrap_or_else(|| {
            plans.push(Plan {
                table: one.table,
                deletes: false,
                unlinks: Vec::new(),
                blanks: Vec::new(),
                keeps: Vec::new(),
            });
            plans.len() - 1
        });
        plans[at].add(&one, whose);
    }
    plans
}

impl Plan {
    fn add(&mut self, one: &Column, whose: DataSubject) {
        let rights = &one.rule.rights;
        let erasure = match whose {
            DataSubject::Member(_) => rights.member_erasure,
            DataSubject::Organisation => rights.organisation_erasure,
        };
        match erasure {
            Erasure::Delete => self.deletes = true,
            Erasure::Unlink => self.unlinks.push(one.column),
            Erasure::Blank => self.blanks.push(one.column),
            Erasure::Keep { because } => self.keeps.push((one.column, because)),
            Erasure::Expire | Erasure::Nothing => {}
        }
    }
}

impl Session {
    /// Marks a subject as erased and ends its keys; joins the unit. From then on nothing is written in its name.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn mark_erased(
        &self,
        tenant: TenantId,
        whose: DataSubject,
        at: Timestamp,
    ) -> Result<Vec<ErasedMark>, TenancyError> {
        let marks = self.marks_of(tenant, whose).await?;
        let is_subjects = |user| whose == DataSubject::Organisation || whose == DataSubject::Member(user);
        let keys = self.list(tenant).await.map_err(unavailable)?;
        for key in keys.into_iter().filter(|key| is_subjects(key.user)) {
            self.revoke(tenant, key.id, at).await.map_err(unavailable)?;
        }
        if whose == DataSubject::Organisation
            && let Some(one) = self.tenants().await?.into_iter().find(|one| one.id == tenant)
        {
            self.update_tenant(tenant, one.plan, TenantState::Suspended).await?;
        }
        self.put_marks(tenant, &marks, at).await?;
        Ok(marks)
    }

    /// The marks of a subject: of a member their id, their handle, and their name where no other member has it.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn marks_of(
        &self,
        tenant: TenantId,
        whose: DataSubject,
    ) -> Result<Vec<ErasedMark>, StoreError> {
        let keys = self.audit_keys();
        let DataSubject::Member(user) = whose else { return Ok(vec![erased_organisation(keys, tenant)]) };
        let person = self.person(tenant, user).await?;
        let mut marks = vec![erased_member(keys, tenant, user)];
        marks.extend(person.names.iter().map(|name| erased_name(keys, tenant, name)));
        marks.sort_unstable();
        marks.dedup();
        Ok(marks)
    }

    /// Keeps marks; joins the unit.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn put_marks(
        &self,
        tenant: TenantId,
        marks: &[ErasedMark],
        at: Timestamp,
    ) -> Result<(), TenancyError> {
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        for mark in marks {
            let row = erased::ActiveModel {
                tenant_id: Set(tenant.uuid()),
                mark: Set(mark.as_bytes().to_vec()),
                at: Set(at.micros()),
            };
            scope::add_if_free(row, db).await.map_err(StoreError::Database)?;
        }
        Ok(self.raise_access(tenant, db).await?)
    }
}

fn unavailable(error: pm33_auth::AuthError) -> TenancyError {
    TenancyError::Unavailable(Box::new(error))
}

impl Store {
    /// Removes, unlinks and empties what the data map says of a subject that was marked before; what was done.
    ///
    /// # Errors
    /// When the database refuses; it can be done again.
    pub async fn erase(&self, tenant: TenantId, whose: DataSubject) -> Result<Vec<Erased>, StoreError> {
        // Rows of before the mark have a personal side, and are to be found.
        self.inner.settle().await?;
        let session = self.operator();
        let backend = self.backend();
        let plans = plans(engine_of(backend), whose);
        let erased = match whose {
            DataSubject::Member(user) => {
                let person = session.person(tenant, user).await?;
                self.erase_member(&person, plans).await
            }
            DataSubject::Organisation => self.erase_organisation(tenant, plans).await,
        };
        self.forget_pseudonyms();
        erased
    }

    async fn erase_member(&self, person: &Person, plans: Vec<Plan>) -> Result<Vec<Erased>, StoreError> {
        let mut done = Vec::new();
        let (last, first): (Vec<_>, Vec<_>) = plans.into_iter().partition(|plan| LAST.contains(&plan.table));
        for plan in &first {
            self.plan_of_member(person, plan, &mut done).await?;
        }
        self.forget_answers(person, &mut done).await?;
        // A child of an ended key may be another member's.
        let keys: Vec<Value> = person.keys.iter().map(|key| key.clone().into()).collect();
        if !keys.is_empty() {
            let places = (2..keys.len() + 2).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ");
            let sql =
                format!("UPDATE api_key SET parent = NULL WHERE tenant_id = $1 AND parent IN ({places})");
            let mut values = vec![person.tenant.uuid().into()];
            values.extend(keys);
            self.unit(person.tenant, async |db| run(db, &sql, values).await).await?;
        }
        for name in LAST {
            for plan in last.iter().filter(|plan| plan.table == name) {
                self.plan_of_member(person, plan, &mut done).await?;
            }
        }
        Ok(done)
    }

    async fn plan_of_member(
        &self,
        person: &Person,
        plan: &Plan,
        done: &mut Vec<Erased>,
    ) -> Result<(), StoreError> {
        let (mut whole, mut own) = (Vec::new(), Vec::new());
        for link in links_of(plan.table) {
            let session = self.operator();
            let found = session.read(person.tenant, async |db| person.condition(db, link).await).await?;
            let Some(condition) = found else { continue };
            if link.extent == Extent::Row {
                whole.push(condition.clone());
            }
            if plan.unlinks.contains(&link.column) {
                own.push((link.column, condition));
            }
        }
        for condition in &whole {
            if plan.deletes {
                let rows = self.remove(person.tenant, plan.table, condition).await?;
                note(done, plan.table, "deleted", Vec::new(), rows, None);
                continue;
            }
            if !plan.blanks.is_empty() {
                let rows = self.blank(person.tenant, plan, condition).await?;
                note(done, plan.table, "emptied", plan.blanks.clone(), rows, None);
            }
            self.keep(person.tenant, plan, condition, done).await?;
        }
        // Last: by these references the rows were found.
        for (column, condition) in own {
            let rows =
                self.change(person.tenant, plan.table, &format!("{column} = NULL"), &condition).await?;
            note(done, plan.table, "unlinked", vec![column], rows, None);
        }
        Ok(())
    }

    /// Answers to others' calls that name the member are not given again, nor judgements whose quotes do.
    async fn forget_answers(&self, person: &Person, done: &mut Vec<Erased>) -> Result<(), StoreError> {
        let place = if self.backend() == DbBackend::Postgres { "strpos" } else { "instr" };
        let (mut answers, mut judgements) = (0, 0);
        for name in person.names.iter().cloned().chain([person.user.to_string()]) {
            let Ok(quoted) = serde_json::to_string(&name) else { continue };
            let within = quoted.trim_matches('"').to_owned();
            let naming = |column: &str, words: String| Condition {
                sql: format!("tenant_id = $1 AND {place}({column}, $2) > 0"),
                values: vec![person.tenant.uuid().into(), words.into()],
            };
            answers += self.remove(person.tenant, "idempotency", &naming("answer", quoted)).await?;
            judgements += self.remove(person.tenant, "judgement", &naming("body", within)).await?;
        }
        note(done, "idempotency", "deleted", Vec::new(), answers, None);
        note(done, "judgement", "deleted", Vec::new(), judgements, None);
        Ok(())
    }

    async fn erase_organisation(
        &self,
        tenant: TenantId,
        plans: Vec<Plan>,
    ) -> Result<Vec<Erased>, StoreError> {
        let mut done = Vec::new();
        let all = Condition::whole(tenant);
        for (table, column) in [("work_item", "parent_id"), ("api_key", "parent")] {
            let some = Condition { sql: format!("{} AND {column} IS NOT NULL", all.sql), ..all.clone() };
            self.chunked(tenant, table, &some, async |db, some| {
                let sql = format!("UPDATE {table} SET {column} = NULL WHERE {}", some.sql);
                Ok(run(db, &sql, some.values.clone()).await?.rows_affected())
            })
            .await?;
        }
        let (mut open, rest): (Vec<_>, Vec<_>) = plans.into_iter().partition(|plan| plan.deletes);
        // Tables that others refer to wait for a later round.
        for _ in 0..ROUNDS {
            let mut later = Vec::new();
            for plan in open.into_iter().rev() {
                match self.remove(tenant, plan.table, &all).await {
                    Ok(rows) => note(&mut done, plan.table, "deleted", Vec::new(), rows, None),
                    Err(StoreError::Database(error)) if is_dangling(&error) => later.push(plan),
                    Err(error) => return Err(error),
                }
            }
            later.reverse();
            open = later;
        }
        if let Some(plan) = open.first() {
            return Err(StoreError::Unusable {
                why: format!("rows of {} are still referred to; nothing of them was removed", plan.table),
            });
        }
        for plan in &rest {
            if !plan.blanks.is_empty() {
                let rows = self.blank(tenant, plan, &all).await?;
                note(&mut done, plan.table, "emptied", plan.blanks.clone(), rows, None);
            }
            self.keep(tenant, plan, &all, &mut done).await?;
        }
        Ok(done)
    }

    /// Rows that hold what an erasure removes, by table; none is what an erasure ends with.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn remaining(
        &self,
        tenant: TenantId,
        whose: DataSubject,
    ) -> Result<Vec<(&'static str, u64)>, StoreError> {
        let session = self.operator();
        let person = match whose {
            DataSubject::Organisation => None,
            DataSubject::Member(user) => Some(session.person(tenant, user).await?),
        };
        let mut left = Vec::new();
        for plan in plans(engine_of(self.backend()), whose) {
            let mut rows = 0;
            match &person {
                None if plan.deletes => {
                    rows += self.count(tenant, plan.table, &Condition::whole(tenant)).await?;
                }
                None => {}
                Some(person) => {
                    for link in links_of(plan.table) {
                        let touches = plan.unlinks.contains(&link.column)
                            || (plan.deletes && link.extent == Extent::Row);
                        let found = session.read(tenant, async |db| person.condition(db, link).await).await?;
                        if let Some(condition) = found.filter(|_| touches) {
                            rows += self.count(tenant, plan.table, &condition).await?;
                        }
                    }
                }
            }
            if rows > 0 {
                left.push((plan.table, rows));
            }
        }
        Ok(left)
    }

    async fn keep(
        &self,
        tenant: TenantId,
        plan: &Plan,
        condition: &Condition,
        done: &mut Vec<Erased>,
    ) -> Result<(), StoreError> {
        let Some((_, because)) = plan.keeps.first() else { return Ok(()) };
        let rows = self.count(tenant, plan.table, condition).await?;
        let columns = plan.keeps.iter().map(|(column, _)| *column).collect();
        note(done, plan.table, "kept", columns, rows, Some(because));
        Ok(())
    }

    async fn blank(&self, tenant: TenantId, plan: &Plan, condition: &Condition) -> Result<u64, StoreError> {
        let nothing = if plan.table == "tenant" {
            // Every organisation keeps a name that no other has, and nobody reads anything in it.
            format!("'erased-{}'", tenant.uuid().simple())
        } else if plan.table == "privacy_request" {
            "NULL".to_owned()
        } else {
            "''".to_owned()
        };
        let set: Vec<_> = plan.blanks.iter().map(|column| format!("{column} = {nothing}")).collect();
        let set = set.join(", ");
        let is_full: Vec<_> =
            plan.blanks.iter().map(|column| format!("{column} IS DISTINCT FROM {nothing}")).collect();
        let full = Condition {
            sql: format!("{} AND ({})", condition.sql, is_full.join(" OR ")),
            values: condition.values.clone(),
        };
        self.chunked(tenant, plan.table, &full, async |db, some| {
            let sql = format!("UPDATE {} SET {set} WHERE {}", plan.table, some.sql);
            Ok(run(db, &sql, some.values.clone()).await?.rows_affected())
        })
        .await
    }
}

fn note(
    done: &mut Vec<Erased>,
    table: &'static str,
    act: &'static str,
    columns: Vec<&'static str>,
    rows: u64,
    because: Option<&'static str>,
) {
    if rows == 0 {
        return;
    }
    match done.iter_mut().find(|one| one.table == table && one.act == act && one.columns == columns) {
        Some(known) => known.rows += rows,
        None => done.push(Erased { table, act, columns, rows, because }),
    }
}
