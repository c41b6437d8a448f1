//! Audit rows: written in batches at the end of a group, read and verified by tenant.

use std::collections::HashMap;

use async_trait::async_trait;
use pm33_tenancy::{
    AuditFilter, AuditKeys, AuditLog, AuditPage, AuditRow, AuditText, Break, ChainHead, Digest, KeyId,
    PersonalRow, TenancyError, TenantId, Timestamp, UserId, WorkspaceId, verify,
};
use sea_orm::{ColumnTrait, DatabaseTransaction, DbErr, QueryFilter, QueryOrder, QuerySelect, Value};

use crate::{
    StoreError,
    entity::{audit_head, audit_personal, audit_row},
    grant::Prepared,
    scope,
    session::Session,
    statements::{self, AUDIT_PERSONAL, AUDIT_ROW},
};

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
    let mut heads: HashMap<TenantId, ChainHead> = statements::lock_heads(transaction, &tenants)
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
        let query = scope::of_tenant::<audit_row::Entity>(tenant)
            .order_by_desc(audit_row::Column::Seq)
            .limit(count.clamp(1, 1_000));
        let mut found = self.read(tenant, async |db| query.all(db).await).await?;
        found.reverse();
        let more = found.first().is_some_and(|row| row.seq > 1);
        Ok(AuditPage { rows: numbered(found)?, more })
    }

    async fn verify(&self, tenant: TenantId) -> Result<(u64, Vec<Break>), TenancyError> {
        if !self.may_touch(tenant) {
            return Err(StoreError::Foreign.into());
        }
        let main = scope::of_tenant::<audit_row::Entity>(tenant).order_by_asc(audit_row::Column::Seq);
        let side = scope::of_tenant::<audit_personal::Entity>(tenant);
        let head = scope::of_tenant::<audit_head::Entity>(tenant);
        // Of one moment, so that the head is the newest row's.
        let (main, side, head) = self
            .inner
            .read_together(tenant, async |db| {
                Ok((main.all(db).await?, side.all(db).await?, head.one(db).await?))
            })
            .await?;
        let personal: HashMap<i64, PersonalRow> = side
            .into_iter()
            .map(|row| Ok((row.seq, to_personal(row)?)))
            .collect::<Result<_, StoreError>>()?;
        let mut rows = Vec::with_capacity(main.len());
        for model in main {
            let (seq, previous, hash) = (model.seq, digest(&model.prev_hash)?, digest(&model.hash)?);
            rows.push((seq, previous, hash, to_row(model)?));
        }
        let head = match head {
            None => None,
            Some(head) => {
                let at = ChainHead {
                    tenant,
                    seq: u64::try_from(head.seq).unwrap_or(0),
                    hash: digest(&head.hash)?,
                };
                Some((at, digest(&head.signature)?))
            }
        };
        let walk = rows.iter().map(|(seq, previous, hash, row)| {
            (u64::try_from(*seq).unwrap_or(0), *previous, *hash, row, personal.get(seq))
        });
        let breaks = verify(tenant, walk, head, self.audit_keys());
        Ok((rows.len() as u64, breaks))
    }
}

fn numbered(models: Vec<audit_row::Model>) -> Result<Vec<(u64, AuditRow)>, StoreError> {
    models.into_iter().map(|model| Ok((u64::try_from(model.seq).unwrap_or(0), to_row(model)?))).collect()
}
