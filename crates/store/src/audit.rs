//! Audit rows: written in batches at the end of a group, read and verified by tenant.

use std::collections::HashMap;

use async_trait::async_trait;
use pm33_tenancy::{
    Anchor, AuditFilter, AuditKeys, AuditLog, AuditPage, AuditRow, AuditText, Break, ChainHead, ChainState,
    ChainedRow, Digest, KeyId, PersonalRow, StoredRow, TenancyError, TenantId, Timestamp, UserId, Walk,
    WorkspaceId,
};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, QueryFilter,
    QueryOrder, QueryResult, QuerySelect, QueryTrait, Select, Value,
};

use crate::{
    StoreError,
    entity::{audit_anchor, audit_head, audit_personal, audit_row},
    grant::Prepared,
    scope,
    session::Session,
    statements::{self, AUDIT_PERSONAL, AUDIT_ROW},
    store::{Inner, Writer},
};

/// Rows of a page.
const PAGE: u64 = 1_000;

/// Appends prepared rows to their tenants' chains inside a transaction; their numbers, in order.
pub(crate) async fn append(
    transaction: &DatabaseTransaction,
    rows: Vec<Prepared>,
    keys: &AuditKeys,
) -> Result<Vec<u64>, DbErr> {
    let mut tenants: Vec<TenantId> = rows.iter().map(|(row, _)| row.tenant).collect();
    tenants.sort_unstable();
    tenants.dedup();
    if tenants.is_empty() {
        return Ok(Vec::new());
    }
    let mut heads: HashMap<TenantId, ChainHead> = statements::lock_heads(transaction, &tenants, keys)
        .await?
        .into_iter()
        .map(|head| (head.tenant, head))
        .collect();
    let mut numbers = Vec::with_capacity(rows.len());
    let mut main = Vec::with_capacity(rows.len() * AUDIT_ROW.width);
    let mut personal = Vec::with_capacity(rows.len() * AUDIT_PERSONAL.width);
    for (row, side) in rows {
        let head = heads.entry(row.tenant).or_insert_with(|| ChainHead::empty(row.tenant));
        let next = head.next(&row);
        numbers.push(next.seq);
        push_personal(&mut personal, &row, next.seq, side);
        push_row(&mut main, row, head, &next);
        *head = next;
    }
    let signed: Vec<_> = heads.into_values().map(|head| (head, keys.sign(&head))).collect();
    statements::write_audit(transaction, main, personal, &signed).await?;
    Ok(numbers)
}

fn push_row(values: &mut Vec<Value>, row: AuditRow, previous: &ChainHead, head: &ChainHead) {
    let bytes = |digest: Digest| digest.0.to_vec();
    values.extend([
        row.tenant.uuid().into(),
        i64::try_from(head.seq).unwrap_or(i64::MAX).into(),
        bytes(previous.hash).into(),
        bytes(head.hash).into(),
        row.schema_version.into(),
        row.at.micros().into(),
        row.correlation.into(),
        row.traceparent.map(String::from).into(),
        String::from(row.actor_kind).into(),
        row.actor.map(bytes).into(),
        row.key.map(|key| key.to_string()).into(),
        String::from(row.scopes).into(),
        String::from(row.method).into(),
        row.target.map(String::from).into(),
        row.arguments.map(bytes).into(),
        row.workspace.map(WorkspaceId::uuid).into(),
        String::from(row.outcome).into(),
        String::from(row.code).into(),
        row.latency_micros.into(),
        row.tokens.into(),
        row.micro_credits.into(),
        row.hold.into(),
        row.provider.map(String::from).into(),
        row.model.map(String::from).into(),
        row.removed_characters.into(),
        String::from(row.limit_verdict).into(),
        bytes(row.personal).into(),
    ]);
}

fn push_personal(values: &mut Vec<Value>, row: &AuditRow, seq: u64, side: PersonalRow) {
    values.extend([
        row.tenant.uuid().into(),
        i64::try_from(seq).unwrap_or(i64::MAX).into(),
        side.salt.to_vec().into(),
        side.user.map(UserId::uuid).into(),
        side.ip.map(|digest| digest.0.to_vec()).into(),
        side.ip_prefix.map(String::from).into(),
        side.agent.map(String::from).into(),
    ]);
}

fn digest(bytes: &[u8]) -> Result<Digest, StoreError> {
    Digest::from_slice(bytes).ok_or(StoreError::Corrupt { what: "audit digest" })
}

fn to_row(model: audit_row::Model) -> Result<AuditRow, StoreError> {
    Ok(AuditRow {
        schema_version: model.schema_version,
        at: Timestamp::from_micros(model.at),
        correlation: model.correlation,
        traceparent: model.traceparent.map(AuditText::from),
        tenant: TenantId::from_uuid(model.tenant_id),
        actor_kind: model.actor_kind.into(),
        actor: model.actor.as_deref().map(digest).transpose()?,
        key: model.key_id.and_then(|key| key.parse::<KeyId>().ok()),
        scopes: model.scopes.into(),
        method: model.method.into(),
        target: model.target.map(AuditText::from),
        arguments: model.arguments.as_deref().map(digest).transpose()?,
        workspace: model.workspace_id.map(WorkspaceId::from_uuid),
        outcome: model.outcome.into(),
        code: model.code.into(),
        latency_micros: model.latency_micros,
        tokens: model.tokens,
        micro_credits: model.micro_credits,
        hold: model.hold,
        provider: model.provider.map(AuditText::from),
        model: model.model.map(AuditText::from),
        removed_characters: model.removed_characters,
        limit_verdict: model.limit_verdict.into(),
        personal: digest(&model.personal)?,
    })
}

fn to_personal(model: audit_personal::Model) -> Result<PersonalRow, StoreError> {
    Ok(PersonalRow {
        salt: model.salt.try_into().map_err(|_| StoreError::Corrupt { what: "audit salt" })?,
        user: model.user_id.map(UserId::from_uuid),
        ip: model.ip.as_deref().map(digest).transpose()?,
        ip_prefix: model.ip_prefix.map(AuditText::from),
        agent: model.agent.map(AuditText::from),
    })
}

#[async_trait]
impl AuditLog for Session {
    async fn rows(&self, tenant: TenantId, filter: &AuditFilter) -> Result<AuditPage, TenancyError> {
        self.settle().await?;
        let limit = filter.limit.clamp(1, 1_000);
        let mut query = scope::of_tenant::<audit_row::Entity>(tenant)
            .filter(audit_row::Column::Seq.gt(i64::try_from(filter.after).unwrap_or(i64::MAX)));
        if let Some(correlation) = filter.correlation {
            query = query.filter(audit_row::Column::Correlation.eq(correlation.uuid()));
        }
        if let Some(target) = &filter.target {
            query = query.filter(audit_row::Column::Target.eq(target));
        }
        if let Some(since) = filter.since {
            query = query.filter(audit_row::Column::At.gte(since.micros()));
        }
        if let Some(until) = filter.until {
            query = query.filter(audit_row::Column::At.lt(until.micros()));
        }
        if let Some(outcome) = filter.outcome {
            query = query.filter(audit_row::Column::Outcome.eq(outcome.as_str()));
        }
        if let Some(key) = &filter.key {
            query = query.filter(audit_row::Column::KeyId.eq(key.as_str()));
        }
        if let Some(reach) = &filter.reach {
            let places = reach.workspaces.iter().map(|workspace| workspace.uuid());
            let own = reach.key.as_ref().map(|key| audit_row::Column::KeyId.eq(key.as_str()));
            let seen = Condition::any().add(audit_row::Column::WorkspaceId.is_in(places)).add_option(own);
            query = query.filter(seen);
        }
        let query = match filter.newest_below {
            None => query.order_by_asc(audit_row::Column::Seq),
            Some(below) => query
                .filter(audit_row::Column::Seq.lt(i64::try_from(below).unwrap_or(i64::MAX)))
                .order_by_desc(audit_row::Column::Seq),
        };
        let query = query.limit(limit + 1);
        let mut found = self.read(tenant, async |db| query.all(db).await).await?;
        let more = found.len() as u64 > limit;
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(AuditPage { rows: numbered(found)?, more })
    }

    async fn tail(&self, tenant: TenantId, count: u64) -> Result<AuditPage, TenancyError> {
        self.settle().await?;
        let query = scope::of_tenant::<audit_row::Entity>(tenant)
            .order_by_desc(audit_row::Column::Seq)
            .limit(count.clamp(1, 1_000));
        let mut found = self.read(tenant, async |db| query.all(db).await).await?;
        found.reverse();
        let more = found.first().is_some_and(|row| row.seq > 1);
        Ok(AuditPage { rows: numbered(found)?, more })
    }

    async fn verify_against(
        &self,
        tenant: TenantId,
        known: &[ChainHead],
    ) -> Result<(u64, Vec<Break>), TenancyError> {
        if !self.may_touch(tenant) {
            return Err(StoreError::Foreign.into());
        }
        self.settle().await?;
        // Of one moment, so that the head is the newest row's.
        let found = self
            .inner
            .read_together(tenant, async |db| {
                let chain = chain_state(db, tenant).await?;
                let mut walk = Walk::new(tenant, Some(self.audit_keys()), known.iter().copied());
                for (anchor, signature) in &chain.anchors {
                    walk.anchor(anchor, signature);
                }
                let mut after = None;
                loop {
                    let (rows, next) = stored_page(db, tenant, after).await?;
                    for row in &rows {
                        walk.row(row);
                    }
                    if next.is_none() {
                        break;
                    }
                    after = next;
                }
                let rows = walk.rows();
                Ok((rows, walk.end(chain.head)))
            })
            .await?;
        Ok(found)
    }

    async fn chain(&self, tenant: TenantId) -> Result<ChainState, TenancyError> {
        self.settle().await?;
        Ok(self.read(tenant, async |db| chain_state(db, tenant).await).await?)
    }

    async fn stored(
        &self,
        tenant: TenantId,
        after: Option<i64>,
    ) -> Result<(Vec<StoredRow>, Option<i64>), TenancyError> {
        if after.is_none() {
            self.settle().await?;
        }
        Ok(self.read(tenant, async |db| stored_page(db, tenant, after).await).await?)
    }
}

impl Session {
    /// Waits until the rows that were acknowledged by now are in the log.
    pub(crate) async fn settle(&self) -> Result<(), StoreError> {
        // A unit holds the right to write that they wait for.
        if self.has_begun().await { Ok(()) } else { self.inner.settle().await }
    }
}

impl Inner {
    /// Waits until the audit rows that were acknowledged by now are in the database, so that a look into the log finds them.
    pub(crate) async fn settle(&self) -> Result<(), StoreError> {
        let Writer::Lane(lane) = &self.writer else { return Ok(()) };
        Box::pin(lane.spool.settled(&self.readers)).await
    }
}

/// Both ends of a chain. What cannot be read of them is not there, or is not ours: a check tells it.
pub(crate) async fn chain_state(db: &impl ConnectionTrait, tenant: TenantId) -> Result<ChainState, DbErr> {
    let anchors = scope::of_tenant::<audit_anchor::Entity>(tenant).order_by_asc(audit_anchor::Column::ToSeq);
    chain_with(db, tenant, anchors).await
}

/// Both ends of a chain, of its anchors only the last.
pub(crate) async fn chain_end(db: &impl ConnectionTrait, tenant: TenantId) -> Result<ChainState, DbErr> {
    let last =
        scope::of_tenant::<audit_anchor::Entity>(tenant).order_by_desc(audit_anchor::Column::ToSeq).limit(1);
    chain_with(db, tenant, last).await
}

async fn chain_with(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    anchors: Select<audit_anchor::Entity>,
) -> Result<ChainState, DbErr> {
    let head = scope::of_tenant::<audit_head::Entity>(tenant);
    let found = db.query_all_raw(anchors.build(db.get_database_backend())).await?;
    let anchors = found.iter().map(|row| to_anchor(tenant, row)).collect();
    let head = db.query_one_raw(head.build(db.get_database_backend())).await?;
    let head = head.and_then(|row| {
        let row = audit_head::Model::from_query_result(&row, "").ok()?;
        let at =
            ChainHead { tenant, seq: u64::try_from(row.seq).ok()?, hash: Digest::from_slice(&row.hash)? };
        // Before the first row there is a head without a signature on one of the engines.
        (at.seq > 0).then_some((at, Digest::from_slice(&row.signature)?))
    });
    Ok(ChainState { anchors, head })
}

fn to_anchor(tenant: TenantId, row: &QueryResult) -> (Anchor, Digest) {
    let read = || {
        let row = audit_anchor::Model::from_query_result(row, "").ok()?;
        let number = |value: i64| u64::try_from(value).ok();
        let anchor = Anchor {
            tenant,
            from: number(row.from_seq)?,
            to: number(row.to_seq)?,
            rows: number(row.removed)?,
            hash: Digest::from_slice(&row.hash)?,
            policy: row.policy.into(),
            actor: row.actor.into(),
            at: Timestamp::from_micros(row.at),
        };
        Some((anchor, Digest::from_slice(&row.signature)?))
    };
    // No key signs this one.
    let unreadable = Anchor {
        tenant,
        from: 0,
        to: 0,
        rows: 0,
        hash: Digest::default(),
        policy: "".into(),
        actor: "".into(),
        at: Timestamp::from_micros(0),
    };
    read().unwrap_or((unreadable, Digest::default()))
}

/// Stored rows of one page, and where the next goes on. Rows are read one by one, so that one which cannot be read hides
/// no other.
pub(crate) async fn stored_page(
    db: &impl ConnectionTrait,
    tenant: TenantId,
    after: Option<i64>,
) -> Result<(Vec<StoredRow>, Option<i64>), DbErr> {
    let backend = db.get_database_backend();
    let mut query =
        scope::of_tenant::<audit_row::Entity>(tenant).order_by_asc(audit_row::Column::Seq).limit(PAGE);
    if let Some(after) = after {
        query = query.filter(audit_row::Column::Seq.gt(after));
    }
    let main = db.query_all_raw(query.build(backend)).await?;
    // A number that cannot be read sorts behind all others.
    let number = |row: &QueryResult| row.try_get::<i64>("", "seq").unwrap_or(i64::MAX);
    let (Some(first), Some(last)) = (main.first().map(number), main.last().map(number)) else {
        return Ok((Vec::new(), None));
    };
    let side = scope::of_tenant::<audit_personal::Entity>(tenant)
        .filter(audit_personal::Column::Seq.between(first, last));
    let side = db.query_all_raw(side.build(backend)).await?;
    let mut personal: HashMap<i64, Option<PersonalRow>> = side
        .iter()
        .map(|row| {
            let read = audit_personal::Model::from_query_result(row, "").ok();
            (number(row), read.and_then(|model| to_personal(model).ok()))
        })
        .collect();
    let rows = main.iter().map(|row| {
        let seq = number(row);
        let read = audit_row::Model::from_query_result(row, "").ok().and_then(to_chained);
        match (read, personal.remove(&seq)) {
            (Some(row), None) => StoredRow::Read(Box::new(row)),
            (Some(row), Some(Some(side))) => {
                StoredRow::Read(Box::new(ChainedRow { personal: Some(side), ..row }))
            }
            (None, _) | (_, Some(None)) => StoredRow::Unreadable { seq: u64::try_from(seq).unwrap_or(0) },
        }
    });
    let rows: Vec<_> = rows.collect();
    let next = (rows.len() as u64 >= PAGE && last < i64::MAX).then_some(last);
    Ok((rows, next))
}

fn to_chained(model: audit_row::Model) -> Option<ChainedRow> {
    let (seq, previous, hash) =
        (model.seq, Digest::from_slice(&model.prev_hash)?, Digest::from_slice(&model.hash)?);
    // What is no key's id is no value that was recorded: it must not read like none.
    if model.key_id.as_ref().is_some_and(|key| key.parse::<KeyId>().is_err()) {
        return None;
    }
    let row = to_row(model).ok()?;
    Some(ChainedRow { seq: u64::try_from(seq).unwrap_or(0), previous, hash, row, personal: None })
}

fn numbered(models: Vec<audit_row::Model>) -> Result<Vec<(u64, AuditRow)>, StoreError> {
    models.into_iter().map(|model| Ok((u64::try_from(model.seq).unwrap_or(0), to_row(model)?))).collect()
}
