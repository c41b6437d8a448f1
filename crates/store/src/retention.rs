//! Retention of the audit log: legal holds, and the removal of a prefix under a signed anchor.

use async_trait::async_trait;
use pm33_tenancy::{
    Anchor, AuditDays, AuditRetention, BreakKind, CorrelationId, Digest, Directory, LegalHold, Overdue, Plan,
    PurgeRule, Subject, TenancyError, TenantId, Timestamp, UserId, Walk,
};
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::Expr,
};

use crate::{
    StoreError, audit, engine,
    entity::{audit_anchor, audit_head, audit_hold, audit_personal, audit_row, tenant as tenant_row},
    scope,
    session::Session,
};

fn number(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

fn counted(seq: i64) -> u64 {
    u64::try_from(seq).unwrap_or(0)
}

fn to_hold(row: audit_hold::Model) -> Result<LegalHold, StoreError> {
    let subject = match (row.subject.as_str(), row.subject_id) {
        ("tenant", None) => Subject::Tenant,
        ("user", Some(id)) => Subject::User(UserId::from_uuid(id)),
        ("request", Some(id)) => Subject::Request(CorrelationId::from_uuid(id)),
        _ => return Err(StoreError::Corrupt { what: "legal hold" }),
    };
    Ok(LegalHold {
        id: row.hold_id,
        subject,
        reason: row.reason,
        placed: Timestamp::from_micros(row.placed),
        released: row.released.map(Timestamp::from_micros),
    })
}

/// What may be removed of a log at one moment.
struct Prefix {
    /// The first row's number and time.
    first: Option<(i64, i64)>,
    /// Past the last row that is over its time.
    end: i64,
    /// The hold that begins first among these, and where.
    hold: Option<(uuid::Uuid, i64)>,
}

impl Prefix {
    /// Past the last row that may be removed now.
    fn removable_end(&self) -> i64 {
        self.hold.map_or(self.end, |(_, seq)| seq.min(self.end))
    }
}

impl Session {
    /// Looks for rows from before a time, and for what holds them.
    async fn prefix(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        before: Timestamp,
    ) -> Result<Prefix, StoreError> {
        let rows = || scope::of_tenant::<audit_row::Entity>(tenant).order_by_asc(audit_row::Column::Seq);
        let first = rows().one(db).await?.map(|row| (row.seq, row.at));
        let Some((first_seq, _)) = first else { return Ok(Prefix { first, end: 0, hold: None }) };
        let seq_of = async |query: sea_orm::Select<audit_row::Entity>| -> Result<Option<i64>, DbErr> {
            query.select_only().column(audit_row::Column::Seq).limit(1).into_tuple().one(db).await
        };
        let young = seq_of(rows().filter(audit_row::Column::At.gte(before.micros()))).await?;
        // The newest row stays: the chain goes on from it.
        let newest =
            scope::of_tenant::<audit_head::Entity>(tenant).one(db).await?.map_or(first_seq, |head| head.seq);
        let end = young.unwrap_or(i64::MAX).min(newest).max(first_seq);
        let mut hold: Option<(uuid::Uuid, i64)> = None;
        for one in self.holds_in(db, tenant).await? {
            if one.released.is_some() {
                continue;
            }
            let old = rows().filter(audit_row::Column::Seq.lt(end));
            let from = match one.subject {
                Subject::Tenant => Some(first_seq),
                Subject::User(user) => {
                    // The pseudonym stays in the row after the personal side was erased.
                    let pseudonym = self.audit_keys().actor(user);
                    seq_of(old.filter(audit_row::Column::Actor.eq(pseudonym.0.to_vec()))).await?
                }
                Subject::Request(call) => {
                    seq_of(old.filter(audit_row::Column::Correlation.eq(call.uuid()))).await?
                }
            };
            if let Some(from) = from
                && hold.is_none_or(|(_, earliest)| from < earliest)
            {
                hold = Some((one.id, from));
            }
        }
        Ok(Prefix { first, end, hold })
    }

    async fn holds_in(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
    ) -> Result<Vec<LegalHold>, StoreError> {
        let query = scope::of_tenant::<audit_hold::Entity>(tenant)
            .order_by_asc(audit_hold::Column::Placed)
            .order_by_asc(audit_hold::Column::HoldId);
        query.all(db).await?.into_iter().map(to_hold).collect()
    }

    /// Checks the rows that are to go and the one after them; the hash of the last that goes.
    async fn checked(
        &self,
        db: &impl ConnectionTrait,
        tenant: TenantId,
        to: u64,
    ) -> Result<Digest, TenancyError> {
        let chain = audit::chain_end(db, tenant).await.map_err(StoreError::Database)?;
        let keys = self.audit_keys();
        let mut walk = Walk::new(tenant, Some(keys), []);
        // The last anchor signs all before it.
        if let Some((anchor, signature)) = chain.anchors.last() {
            walk.resume(anchor.from.saturating_sub(1), Digest::default());
            walk.anchor(anchor, signature);
        }
        let (mut after, mut last) = (None, Digest::default());
        'pages: loop {
            let (rows, next) = audit::stored_page(db, tenant, after).await.map_err(StoreError::Database)?;
            for row in &rows {
                walk.row(row);
                if let pm33_tenancy::StoredRow::Read(row) = row
                    && row.seq == to
                {
                    last = row.hash;
                }
                if row.seq() > to {
                    break 'pages;
                }
            }
            if next.is_none() {
                break;
            }
            after = next;
        }
        let head_is_ours = chain.head.is_some_and(|(head, signature)| keys.is_signed(&head, &signature));
        // The walk ended before the head on purpose; what it says of that is no defect.
        let breaks = walk.end(chain.head);
        let defect = breaks.iter().find(|one| one.kind != BreakKind::MissingLast);
        match defect {
            Some(defect) => Err(TenancyError::Evidence { first: defect.to_string() }),
            None if !head_is_ours => {
                Err(TenancyError::Evidence { first: "the head is not signed with this key".to_owned() })
            }
            None => Ok(last),
        }
    }
}

#[async_trait]
impl AuditRetention for Session {
    async fn audit_days(&self, tenant: TenantId) -> Result<AuditDays, TenancyError> {
        let query = scope::of_tenant::<tenant_row::Entity>(tenant);
        let row = self.read(tenant, async |db| query.one(db).await).await?;
        let row = row.ok_or(TenancyError::Missing { what: "tenant" })?;
        let plan = Plan::parse(&row.plan).ok_or(StoreError::Corrupt { what: "plan" })?;
        let asked = Directory::settings(self, tenant).await?.audit_days;
        let (floor, cap) = plan.audit_days();
        Ok(AuditDays { days: asked.clamp(floor, cap), asked, floor, cap })
    }

    async fn legal_holds(&self, tenant: TenantId) -> Result<Vec<LegalHold>, TenancyError> {
        let query = scope::of_tenant::<audit_hold::Entity>(tenant)
            .order_by_asc(audit_hold::Column::Placed)
            .order_by_asc(audit_hold::Column::HoldId);
        let rows = self.read(tenant, async |db| query.all(db).await).await?;
        Ok(rows.into_iter().map(to_hold).collect::<Result<_, _>>()?)
    }

    async fn place_hold(&self, tenant: TenantId, hold: &LegalHold) -> Result<(), TenancyError> {
        hold.validate()?;
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        // A removal that has begun is waited for, and the next one sees the hold.
        engine::take_turn(db, engine::Turn::Retention(tenant.uuid())).await.map_err(StoreError::Database)?;
        let subject_id = match hold.subject {
            Subject::Tenant => None,
            Subject::User(user) => Some(user.uuid()),
            Subject::Request(call) => Some(call.uuid()),
        };
        let row = audit_hold::ActiveModel {
            tenant_id: Set(tenant.uuid()),
            hold_id: Set(hold.id),
            subject: Set(hold.subject.as_str().to_owned()),
            subject_id: Set(subject_id),
            reason: Set(hold.reason.trim().to_owned()),
            placed: Set(hold.placed.micros()),
            released: Set(None),
        };
        audit_hold::Entity::insert(row).exec_without_returning(db).await.map_err(StoreError::Database)?;
        Ok(())
    }

    async fn release_hold(
        &self,
        tenant: TenantId,
        hold: uuid::Uuid,
        at: Timestamp,
    ) -> Result<bool, TenancyError> {
        let unit = self.write(tenant).await?;
        let done = scope::change_of_tenant::<audit_hold::Entity>(tenant)
            .col_expr(audit_hold::Column::Released, Expr::value(at.micros()))
            .filter(audit_hold::Column::HoldId.eq(hold))
            .filter(audit_hold::Column::Released.is_null())
            .exec(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(done.rows_affected > 0)
    }

    async fn overdue(&self, tenant: TenantId, before: Timestamp) -> Result<Overdue, TenancyError> {
        if !self.may_touch(tenant) {
            return Err(StoreError::Foreign.into());
        }
        self.settle().await?;
        let found =
            self.inner.read_together(tenant, async |db| Ok(self.prefix(db, tenant, before).await)).await??;
        let Some((first, oldest)) = found.first else { return Ok(Overdue::default()) };
        Ok(Overdue {
            rows: counted(found.end - first),
            removable: counted(found.removable_end() - first),
            oldest: Some(Timestamp::from_micros(oldest)),
            kept_by: found.hold.filter(|(_, seq)| *seq < found.end).map(|(id, seq)| (id, counted(seq))),
        })
    }

    async fn purge(&self, tenant: TenantId, rule: &PurgeRule) -> Result<Option<Anchor>, TenancyError> {
        self.settle().await?;
        let unit = self.write(tenant).await?;
        let db = unit.db()?;
        engine::take_turn(db, engine::Turn::Retention(tenant.uuid())).await.map_err(StoreError::Database)?;
        let found = self.prefix(db, tenant, rule.before).await?;
        let Some((first, _)) = found.first else { return Ok(None) };
        let end = found.removable_end().min(first.saturating_add(number(rule.most)));
        if end <= first {
            return Ok(None);
        }
        let to = end - 1;
        let hash = self.checked(db, tenant, counted(to)).await?;
        let anchor = Anchor {
            tenant,
            from: counted(first),
            to: counted(to),
            rows: counted(end - first),
            hash,
            policy: rule.policy.clone().into(),
            actor: rule.actor.into(),
            at: rule.at,
        };
        let row = audit_anchor::ActiveModel {
            tenant_id: Set(tenant.uuid()),
            from_seq: Set(first),
            to_seq: Set(to),
            removed: Set(end - first),
            hash: Set(hash.0.to_vec()),
            policy: Set(rule.policy.clone()),
            actor: Set(rule.actor.to_owned()),
            at: Set(rule.at.micros()),
            signature: Set(self.audit_keys().sign_anchor(&anchor).0.to_vec()),
        };
        let removed = async {
            audit_anchor::Entity::insert(row).exec_without_returning(db).await?;
            scope::removal_of_tenant::<audit_personal::Entity>(tenant)
                .filter(audit_personal::Column::Seq.lte(to))
                .exec(db)
                .await?;
            scope::removal_of_tenant::<audit_row::Entity>(tenant)
                .filter(audit_row::Column::Seq.lte(to))
                .exec(db)
                .await
        };
        let removed = removed.await.map_err(StoreError::Database)?;
        if removed.rows_affected != anchor.rows {
            return Err(StoreError::Corrupt { what: "count of removed audit rows" }.into());
        }
        Ok(Some(anchor))
    }
}
