//! Stored privacy requests.

use async_trait::async_trait;
use pm33_tenancy::{
    Closing, Extension, IdentityCheck, Law, PrivacyRequest, PrivacyRequests, RequestId, RequestKind,
    RequestState, RequestSubject, TenancyError, TenantId, Timestamp, UserId,
};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter};

use crate::{
    StoreError,
    entity::privacy_request::{self, Column},
    scope,
    session::Session,
};

const CORRUPT: StoreError = StoreError::Corrupt { what: "privacy request" };

fn to_request(row: privacy_request::Model) -> Result<PrivacyRequest, StoreError> {
    let tenant = TenantId::from_uuid(row.tenant_id);
    let time = Timestamp::from_micros;
    let identity = match (row.identity, row.verified) {
        (Some(word), Some(at)) => Some((IdentityCheck::parse(&word).ok_or(CORRUPT)?, time(at))),
        _ => None,
    };
    Ok(PrivacyRequest {
        tenant,
        id: RequestId::from_uuid(row.request_id),
        kind: RequestKind::parse(&row.kind).ok_or(CORRUPT)?,
        subject: match row.subject {
            None => RequestSubject::Erased,
            Some(id) if id == tenant.uuid() => RequestSubject::Organisation,
            Some(id) => RequestSubject::Member(UserId::from_uuid(id)),
        },
        law: Law::parse(&row.law).ok_or(CORRUPT)?,
        state: RequestState::parse(&row.state).ok_or(CORRUPT)?,
        received: time(row.received),
        filed_by: row.filed_by.map(UserId::from_uuid),
        details: row.details,
        identity,
        extension: row.extended.map(|at| Extension { at: time(at), reason: row.extension }),
        closed: row.closed.map(|at| Closing { at: time(at), note: row.closing }),
    })
}

fn to_row(request: &PrivacyRequest) -> privacy_request::ActiveModel {
    let (identity, verified) = request.identity.unzip();
    let (extended, extension) = request.extension.clone().map(|one| (one.at, one.reason)).unzip();
    let (closed, closing) = request.closed.clone().map(|one| (one.at, one.note)).unzip();
    privacy_request::ActiveModel {
        tenant_id: Set(request.tenant.uuid()),
        request_id: Set(request.id.uuid()),
        kind: Set(request.kind.as_str().to_owned()),
        subject: Set(match request.subject {
            RequestSubject::Member(user) => Some(user.uuid()),
            RequestSubject::Organisation => Some(request.tenant.uuid()),
            RequestSubject::Erased => None,
        }),
        law: Set(request.law.as_str().to_owned()),
        state: Set(request.state.as_str().to_owned()),
        received: Set(request.received.micros()),
        filed_by: Set(request.filed_by.map(UserId::uuid)),
        details: Set(request.details.clone()),
        identity: Set(identity.map(|how| how.as_str().to_owned())),
        verified: Set(verified.map(Timestamp::micros)),
        extended: Set(extended.map(Timestamp::micros)),
        extension: Set(extension.flatten()),
        closed: Set(closed.map(Timestamp::micros)),
        closing: Set(closing.flatten()),
    }
}

#[async_trait]
impl PrivacyRequests for Session {
    async fn file_request(&self, request: &PrivacyRequest) -> Result<(), TenancyError> {
        let unit = self.write(request.tenant).await?;
        privacy_request::Entity::insert(to_row(request))
            .exec_without_returning(unit.db()?)
            .await
            .map_err(StoreError::Database)?;
        Ok(())
    }

    async fn put_request(&self, request: &PrivacyRequest) -> Result<(), TenancyError> {
        let unit = self.write(request.tenant).await?;
        let db = unit.db()?;
        let known = scope::of_tenant::<privacy_request::Entity>(request.tenant)
            .filter(Column::RequestId.eq(request.id.uuid()));
        if known.one(db).await.map_err(StoreError::Database)?.is_none() {
            return Err(TenancyError::Missing { what: "privacy request" });
        }
        privacy_request::Entity::update(to_row(request)).exec(db).await.map_err(StoreError::Database)?;
        Ok(())
    }

    async fn privacy_request(
        &self,
        tenant: TenantId,
        id: RequestId,
    ) -> Result<Option<PrivacyRequest>, TenancyError> {
        let query =
            scope::of_tenant::<privacy_request::Entity>(tenant).filter(Column::RequestId.eq(id.uuid()));
        let row = self.read(tenant, async |db| query.one(db).await).await?;
        Ok(row.map(to_request).transpose()?)
    }

    async fn privacy_requests(&self, tenant: TenantId) -> Result<Vec<PrivacyRequest>, TenancyError> {
        let query = scope::of_tenant::<privacy_request::Entity>(tenant);
        let rows = self.read(tenant, async |db| query.all(db).await).await?;
        let mut all = rows.into_iter().map(to_request).collect::<Result<Vec<_>, _>>()?;
        all.sort_by_key(|one| std::cmp::Reverse((one.received, one.id)));
        Ok(all)
    }
}
