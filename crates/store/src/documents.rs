//! Documents, their versions and templates as rows.

use async_trait::async_trait;
use pm33_product::{
    Document, DocumentHead, DocumentId, DocumentKind, DocumentStatus, DocumentTemplate, DocumentVersion,
    Documents, ItemId, ProductError, TEMPLATES_MAX,
};
use pm33_tenancy::{Timestamp, UserId, WorkspaceRef};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, EntityTrait, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, OnConflict},
};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::{
    StoreError,
    entity::{document, document_template, document_version},
    error::is_dangling,
    items::text,
    scope,
    session::Session,
};

const CORRUPT: StoreError = StoreError::Corrupt { what: "document" };

fn json<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(|_| CORRUPT)
}

fn number(version: u32) -> Result<i32, StoreError> {
    i32::try_from(version).map_err(|_| CORRUPT)
}

fn folded(title: &str) -> String {
    title.trim().to_lowercase()
}

/// What the database refused, in words.
fn refused(error: sea_orm::DbErr, document: &Document) -> ProductError {
    match document.about {
        Some(item) if is_dangling(&error) => ProductError::missing("item", item.to_string()),
        _ => StoreError::Database(error).into(),
    }
}

impl Session {
    /// Adds the row of a version.
    async fn add_version(&self, at: WorkspaceRef, one: &Document) -> Result<(), ProductError> {
        let unit = self.write(at.tenant()).await?;
        let row = document_version::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            document_id: Set(one.id.uuid()),
            version: Set(number(one.version)?),
            kind: Set(one.kind.as_str().to_owned()),
            template: Set(one.template.clone()),
            title: Set(one.title.trim().to_owned()),
            status: Set(one.status.as_str().to_owned()),
            about_id: Set(one.about.map(ItemId::uuid)),
            sections: Set(text(&one.sections)?),
            sources: Set(text(&one.sources)?),
            provenance: Set(text(&one.provenance)?),
            author: Set(one.author.map(UserId::uuid)),
            at: Set(one.updated.micros()),
        };
        let added = document_version::Entity::insert(row).exec_without_returning(unit.db()?).await;
        added.map(|_| ()).map_err(|error| StoreError::Database(error).into())
    }

    async fn find(&self, at: WorkspaceRef, asked: &str) -> Result<Option<document::Model>, ProductError> {
        let query = scope::of_workspace::<document::Entity>(at);
        let query = match Uuid::parse_str(asked) {
            Ok(id) => query.filter(document::Column::DocumentId.eq(id)),
            Err(_) => query.filter(document::Column::Folded.eq(folded(asked))),
        };
        let query = query.order_by_desc(document::Column::Updated).limit(10);
        let mut found = self.read(at.tenant(), async |db| query.all(db).await).await?;
        if found.len() > 1 {
            let ids: Vec<_> = found.iter().map(|one| one.document_id.to_string()).collect();
            let rule =
                format!("several documents have this title; send one of their ids: {}", ids.join(", "));
            return Err(ProductError::invalid("document", rule));
        }
        Ok(found.pop())
    }
}

#[async_trait]
impl Documents for Session {
    async fn add_document(&self, at: WorkspaceRef, one: &Document) -> Result<(), ProductError> {
        one.check()?;
        if one.version != 1 {
            return Err(ProductError::invalid("version", "a new document has version 1"));
        }
        let row = document::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            document_id: Set(one.id.uuid()),
            version: Set(1),
            kind: Set(one.kind.as_str().to_owned()),
            template: Set(one.template.clone()),
            title: Set(one.title.trim().to_owned()),
            folded: Set(folded(&one.title)),
            status: Set(one.status.as_str().to_owned()),
            about_id: Set(one.about.map(ItemId::uuid)),
            created: Set(one.created.micros()),
            updated: Set(one.updated.micros()),
        };
        {
            let unit = self.write(at.tenant()).await?;
            let added = document::Entity::insert(row).exec_without_returning(unit.db()?).await;
            added.map_err(|error| refused(error, one))?;
        }
        self.add_version(at, one).await
    }

    async fn revise_document(&self, at: WorkspaceRef, one: &Document) -> Result<(), ProductError> {
        one.check()?;
        let expected = one.version.saturating_sub(1);
        let id = document::Column::DocumentId.eq(one.id.uuid());
        let moved = {
            let unit = self.write(at.tenant()).await?;
            let change = scope::change_of_workspace::<document::Entity>(at)
                .filter(id)
                .filter(document::Column::Version.eq(number(expected)?))
                .col_expr(document::Column::Version, Expr::value(number(one.version)?))
                .col_expr(document::Column::Kind, Expr::value(one.kind.as_str()))
                .col_expr(document::Column::Template, Expr::value(one.template.clone()))
                .col_expr(document::Column::Title, Expr::value(one.title.trim()))
                .col_expr(document::Column::Folded, Expr::value(folded(&one.title)))
                .col_expr(document::Column::Status, Expr::value(one.status.as_str()))
                .col_expr(document::Column::AboutId, Expr::value(one.about.map(ItemId::uuid)))
                .col_expr(document::Column::Updated, Expr::value(one.updated.micros()));
            let changed = change.exec(unit.db()?).await.map_err(|error| refused(error, one))?;
            changed.rows_affected == 1
        };
        if moved {
            return self.add_version(at, one).await;
        }
        let asked = one.id.to_string();
        match self.find(at, &asked).await? {
            None => Err(ProductError::missing("document", asked)),
            Some(now) => Err(ProductError::Changed {
                key: format!("{:?}", now.title),
                current: u32::try_from(now.version).map_err(|_| CORRUPT)?,
                expected,
            }),
        }
    }

    async fn documents(
        &self,
        at: WorkspaceRef,
        about: Option<ItemId>,
        skip: u64,
        most: u64,
    ) -> Result<Vec<DocumentHead>, ProductError> {
        let query = scope::of_workspace::<document::Entity>(at);
        let query = match about {
            Some(item) => query.filter(document::Column::AboutId.eq(item.uuid())),
            None => query,
        };
        let query = query
            .order_by_desc(document::Column::Updated)
            .order_by_desc(document::Column::DocumentId)
            // A database counts in signed numbers.
            .offset(skip.min(i64::MAX.unsigned_abs()))
            .limit(most);
        let rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        Ok(rows.into_iter().map(to_head).collect::<Result<_, StoreError>>()?)
    }

    async fn document(
        &self,
        at: WorkspaceRef,
        asked: &str,
        version: Option<u32>,
    ) -> Result<Option<Document>, ProductError> {
        let Some(head) = self.find(at, asked).await? else { return Ok(None) };
        let wanted = match version.map(i32::try_from) {
            None => head.version,
            Some(Ok(version)) => version,
            // No document has had that many versions.
            Some(Err(_)) => return Ok(None),
        };
        let query = scope::of_workspace::<document_version::Entity>(at)
            .filter(document_version::Column::DocumentId.eq(head.document_id))
            .filter(document_version::Column::Version.eq(wanted));
        let row = self.read(at.tenant(), async |db| query.one(db).await).await?;
        Ok(row.map(|row| to_document(row, head.created)).transpose()?)
    }

    async fn document_versions(
        &self,
        at: WorkspaceRef,
        id: DocumentId,
    ) -> Result<Vec<DocumentVersion>, ProductError> {
        use document_version::Column::{At, Author, DocumentId, Provenance, Version};
        let query = scope::of_workspace::<document_version::Entity>(at)
            .filter(DocumentId.eq(id.uuid()))
            .order_by_asc(Version)
            .select_only()
            .columns([Version, Provenance, Author, At])
            .into_tuple::<(i32, String, Option<Uuid>, i64)>();
        let rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        let to_version = |(version, provenance, author, at): (i32, String, Option<Uuid>, i64)| {
            Ok(DocumentVersion {
                version: u32::try_from(version).map_err(|_| CORRUPT)?,
                provenance: json(&provenance)?,
                author: author.map(UserId::from_uuid),
                at: Timestamp::from_micros(at),
            })
        };
        Ok(rows.into_iter().map(to_version).collect::<Result<_, StoreError>>()?)
    }

    async fn templates(&self, at: WorkspaceRef) -> Result<Vec<DocumentTemplate>, ProductError> {
        let query = scope::of_workspace::<document_template::Entity>(at)
            .order_by_asc(document_template::Column::Name);
        let rows = self.read(at.tenant(), async |db| query.all(db).await).await?;
        Ok(rows.iter().map(|row| json(&row.body)).collect::<Result<_, StoreError>>()?)
    }

    async fn put_template(&self, at: WorkspaceRef, template: &DocumentTemplate) -> Result<(), ProductError> {
        template.check()?;
        let unit = self.write(at.tenant()).await?;
        let db = unit.db()?;
        let row = document_template::ActiveModel {
            tenant_id: Set(at.tenant().uuid()),
            workspace_id: Set(at.workspace().uuid()),
            name: Set(template.name.clone()),
            body: Set(text(template)?),
        };
        let replace = {
            use document_template::Column::{Body, Name, TenantId, WorkspaceId};
            OnConflict::columns([TenantId, WorkspaceId, Name]).update_columns([Body]).to_owned()
        };
        document_template::Entity::insert(row)
            .on_conflict(replace)
            .exec_without_returning(db)
            .await
            .map_err(StoreError::Database)?;
        let all = scope::of_workspace::<document_template::Entity>(at);
        let count = all.count(db).await.map_err(StoreError::Database)?;
        if count > TEMPLATES_MAX as u64 {
            let rule =
                format!("a workspace has at most {TEMPLATES_MAX} templates of its own; remove one first");
            return Err(ProductError::invalid("template", rule));
        }
        Ok(())
    }

    async fn remove_template(&self, at: WorkspaceRef, name: &str) -> Result<bool, ProductError> {
        let unit = self.write(at.tenant()).await?;
        let removal = scope::removal_of_workspace::<document_template::Entity>(at)
            .filter(document_template::Column::Name.eq(name));
        let removed = removal.exec(unit.db()?).await.map_err(StoreError::Database)?;
        Ok(removed.rows_affected > 0)
    }
}

fn to_head(row: document::Model) -> Result<DocumentHead, StoreError> {
    Ok(DocumentHead {
        id: DocumentId::from_uuid(row.document_id),
        version: u32::try_from(row.version).map_err(|_| CORRUPT)?,
        kind: DocumentKind::parse(&row.kind).ok_or(CORRUPT)?,
        template: row.template,
        title: row.title,
        status: DocumentStatus::parse(&row.status).ok_or(CORRUPT)?,
        about: row.about_id.map(ItemId::from_uuid),
        created: Timestamp::from_micros(row.created),
        updated: Timestamp::from_micros(row.updated),
    })
}

fn to_document(row: document_version::Model, created: i64) -> Result<Document, StoreError> {
    Ok(Document {
        id: DocumentId::from_uuid(row.document_id),
        version: u32::try_from(row.version).map_err(|_| CORRUPT)?,
        kind: DocumentKind::parse(&row.kind).ok_or(CORRUPT)?,
        template: row.template,
        title: row.title,
        status: DocumentStatus::parse(&row.status).ok_or(CORRUPT)?,
        about: row.about_id.map(ItemId::from_uuid),
        sections: json(&row.sections)?,
        sources: json(&row.sources)?,
        provenance: json(&row.provenance)?,
        author: row.author.map(UserId::from_uuid),
        created: Timestamp::from_micros(created),
        updated: Timestamp::from_micros(row.at),
    })
}
