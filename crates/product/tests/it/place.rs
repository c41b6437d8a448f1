//! A workspace to be in, and arbitrary items for it.

use std::sync::Arc;

use jiff::civil::Date;
use pm33_product::{
    External, ItemId, ItemType, ObjectiveId, ObjectiveLink, Priority, Status, TeamId, WorkItem,
};
use pm33_tenancy::{
    Directory, EffectiveSettings, TenancyError, TenantId, Timestamp, Workspace, WorkspaceAccess, WorkspaceId,
    WorkspaceRef, open_workspace,
};
use proptest::prelude::*;
use uuid::Uuid;

struct One(Arc<Workspace>);

#[async_trait::async_trait]
impl Directory for One {
    async fn workspaces(&self, _: TenantId) -> Result<Arc<[Arc<Workspace>]>, TenancyError> {
        Ok([Arc::clone(&self.0)].into())
    }

    async fn settings(&self, _: TenantId) -> Result<Arc<EffectiveSettings>, TenancyError> {
        unreachable!("opening a workspace asks for no settings")
    }
}

/// The workspace.
pub(crate) fn here() -> WorkspaceRef {
    let tenant = TenantId::from_uuid(Uuid::from_u128(1));
    let workspace = Workspace {
        tenant,
        id: WorkspaceId::from_uuid(Uuid::from_u128(2)),
        slug: "here".to_owned(),
        prefix: "HERE".to_owned(),
        name: "Here".to_owned(),
        created: Timestamp::from_micros(0),
    };
    let directory = One(Arc::new(workspace));
    let opened = open_workspace(&directory, tenant, &WorkspaceAccess::All, None);
    futures_util::FutureExt::now_or_never(opened).unwrap().unwrap().0
}

/// The identifier of the item with this number.
pub(crate) fn id(number: u32) -> ItemId {
    ItemId::from_uuid(Uuid::from_u128(u128::from(number)))
}

const WORDS: &[&str] = &["pay", "bank", "retry", "slow", "the", "a", "ledger", "refund", "sepa", "card"];

/// An item with one of few values in every field that a filter asks for, so that filters hit.
pub(crate) fn item(number: u32) -> impl Strategy<Value = WorkItem> {
    let kind = (
        proptest::sample::select(ItemType::ALL),
        proptest::sample::select(Status::ALL),
        proptest::sample::select(Priority::ALL),
        proptest::option::of(0_u128..3),
        proptest::option::of(1..=number.max(2)),
        prop::collection::vec(proptest::sample::select(&["Web", "web", "api", "ios"][..]), 0..3),
    );
    let rest = (
        prop::collection::vec(proptest::sample::select(WORDS), 1..6),
        proptest::option::of(0_u128..2),
        proptest::option::of(0_i64..5),
        0_i64..20,
        proptest::option::of(0_i8..6),
        (
            prop::bool::weighted(0.1),
            proptest::option::of(proptest::sample::select(&["Änn", "änn", "Bea", "Ann"][..])),
        ),
    );
    (kind, rest).prop_map(move |(kind, rest)| {
        let (item_type, status, priority, team, parent, labels) = kind;
        let (words, objective, created, updated, due, (is_archived, assignee)) = rest;
        let link = |id| ObjectiveLink { objective: ObjectiveId::from_uuid(Uuid::from_u128(id)), weight: 1.0 };
        WorkItem {
            id: id(number),
            number,
            item_type,
            title: words.join(" ").into(),
            status,
            priority,
            points: None,
            estimate_days: None,
            parent: parent.filter(|parent| *parent < number).map(id),
            team: team.map(|id| TeamId::from_uuid(Uuid::from_u128(id))),
            sprint: None,
            assignee: assignee.map(Into::into),
            labels: labels.into_iter().map(Arc::from).collect(),
            skills: Arc::default(),
            objectives: objective.map(link).into_iter().collect(),
            dependencies: Arc::default(),
            related: Arc::default(),
            release: None,
            due: due.and_then(|day| Date::new(2026, 1, day + 1).ok()),
            scoring: None,
            external: Some(Arc::new(External { source: "t".to_owned(), id: (number % 40).to_string() }))
                .filter(|_| number < 40),
            custom: None,
            description_chars: 0,
            version: 1,
            created: created.map(Timestamp::from_micros),
            started: None,
            finished: None,
            updated: Timestamp::from_micros(updated),
            archived: is_archived.then_some(Timestamp::from_micros(1)),
            author: None,
        }
    })
}

/// A backlog and then changes of some of its items.
pub(crate) fn backlog(most: u32) -> impl Strategy<Value = Vec<WorkItem>> {
    (1..most).prop_flat_map(|count| {
        let first = (1..=count).map(item).collect::<Vec<_>>();
        let changed = prop::collection::vec((1..=count).prop_flat_map(item), 0..20);
        (first, changed).prop_map(|(mut first, changed)| {
            first.extend(changed);
            first
        })
    })
}
