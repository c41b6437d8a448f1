//! The one way to a workspace: by slug or id, inside the caller's tenant and access.

use std::sync::Arc;

use async_trait::async_trait;
use pm33_tenancy::{
    Directory, EffectiveSettings, TenancyError, TenantId, Timestamp, Workspace, WorkspaceAccess, WorkspaceId,
    open_workspace,
};
use proptest::prelude::*;

/// Gives every tenant's workspaces to whoever asks: the rule must hold also over a careless directory.
struct All(Arc<[Arc<Workspace>]>);

#[async_trait]
impl Directory for All {
    async fn workspaces(&self, _: TenantId) -> Result<Arc<[Arc<Workspace>]>, TenancyError> {
        Ok(Arc::clone(&self.0))
    }
    async fn settings(&self, _: TenantId) -> Result<Arc<EffectiveSettings>, TenancyError> {
        Ok(Arc::default())
    }
}

fn tenant(number: u128) -> TenantId {
    TenantId::from_uuid(uuid::Uuid::from_u128(number))
}

fn workspace(number: u128) -> WorkspaceId {
    WorkspaceId::from_uuid(uuid::Uuid::from_u128(number))
}

/// Tenant 1 has `pay` (11) and `web` (12), tenant 2 has `pay` (21) and `ops` (22).
fn directory() -> All {
    let make = |of, id, slug: &str| {
        Arc::new(Workspace {
            tenant: tenant(of),
            id: workspace(id),
            slug: slug.to_owned(),
            prefix: slug.to_uppercase(),
            name: slug.to_owned(),
            created: Timestamp::from_micros(0),
        })
    };
    All([make(2, 22, "ops"), make(2, 21, "pay"), make(1, 11, "pay"), make(1, 12, "web")].into())
}

async fn open(access: &WorkspaceAccess, asked: Option<&str>) -> Result<WorkspaceId, TenancyError> {
    let (proof, found) = open_workspace(&directory(), tenant(1), access, asked).await?;
    assert_eq!((proof.tenant(), proof.workspace()), (tenant(1), found.id));
    assert_eq!(found.tenant, tenant(1));
    Ok(found.id)
}

fn only(ids: &[u128]) -> WorkspaceAccess {
    WorkspaceAccess::Only(ids.iter().copied().map(workspace).collect())
}

#[tokio::test]
async fn by_slug_by_id_and_by_being_the_only_one() {
    assert_eq!(open(&WorkspaceAccess::All, Some("pay")).await.unwrap(), workspace(11));
    assert_eq!(open(&WorkspaceAccess::All, Some(&workspace(12).to_string())).await.unwrap(), workspace(12));
    assert_eq!(open(&only(&[12]), None).await.unwrap(), workspace(12));
    let needed = open(&WorkspaceAccess::All, None).await.unwrap_err();
    assert!(matches!(&needed, TenancyError::WorkspaceNeeded { allowed } if allowed == &["pay", "web"]));
}

#[tokio::test]
async fn foreign_invisible_and_unknown_read_the_same() {
    let message = async |access: &WorkspaceAccess, asked: &str| {
        let refused = open(access, Some(asked)).await.unwrap_err();
        assert!(matches!(&refused, TenancyError::UnknownWorkspace { .. }));
        refused.to_string().replace(asked, "…")
    };
    let narrow = only(&[12, 21, 22]);
    let unknown = message(&narrow, "nowhere").await;
    // Another tenant's slug and id, also when the key names it; one of the tenant that the key does not reach.
    for asked in
        ["ops", &workspace(22).to_string(), &workspace(21).to_string(), "pay", &workspace(11).to_string(), ""]
    {
        if !asked.is_empty() {
            assert_eq!(message(&narrow, asked).await, unknown);
        }
    }
    assert!(unknown.contains("web") && !unknown.contains("pay") && !unknown.contains("ops"));
}

#[tokio::test]
async fn a_key_that_sees_nothing_is_told_so() {
    for access in [only(&[]), only(&[21, 99])] {
        for asked in [None, Some("pay")] {
            let refused = open(&access, asked).await.unwrap_err();
            assert!(refused.to_string().contains("sees no workspace"), "{refused}");
        }
    }
}

fn access() -> impl Strategy<Value = WorkspaceAccess> {
    prop_oneof![
        1 => Just(WorkspaceAccess::All),
        4 => proptest::collection::vec(0_u128..6, 0..5).prop_map(|ids| only(&ids)),
    ]
}

proptest! {
    #[test]
    fn containing_is_covering_all_that_the_other_covers(one in access(), other in access()) {
        let covers_each = (0..8).all(|id| !other.covers(workspace(id)) || one.covers(workspace(id)));
        let is_unbounded = matches!(other, WorkspaceAccess::All) && !matches!(one, WorkspaceAccess::All);
        prop_assert_eq!(one.contains(&other), covers_each && !is_unbounded);
        prop_assert!(one.contains(&one) && WorkspaceAccess::All.contains(&one) && one.contains(&only(&[])));
    }
}
