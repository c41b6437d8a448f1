//! A row in the words of the Open Cybersecurity Schema Framework: class API Activity (6003), version 1.6.0.

use serde::Serialize;

use super::ChainedRow;
use crate::{Digest, TenantId, UserId, WorkspaceId};

const CLASS: u32 = 6_003;

/// An API Activity.
#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "the schema's names")]
pub(super) struct Activity<'a, U> {
    activity_id: u32,
    activity_name: &'a str,
    category_uid: u32,
    category_name: &'static str,
    class_uid: u32,
    class_name: &'static str,
    type_uid: u32,
    severity_id: u32,
    /// Milliseconds since the epoch.
    time: i64,
    /// Milliseconds.
    duration: i64,
    status_id: u32,
    status: &'static str,
    status_code: &'a str,
    status_detail: &'a str,
    metadata: Metadata,
    actor: Actor<'a>,
    api: Api<'a>,
    src_endpoint: Endpoint<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    http_request: Option<HttpRequest<'a>>,
    resources: Vec<Resource<'a>>,
    unmapped: U,
}

#[derive(Serialize)]
struct Metadata {
    version: &'static str,
    product: Product,
    log_name: &'static str,
    uid: String,
    sequence: u64,
    correlation_uid: uuid::Uuid,
    tenant_uid: TenantId,
}

#[derive(Serialize)]
struct Product {
    name: &'static str,
    vendor_name: &'static str,
}

#[derive(Serialize)]
struct Actor<'a> {
    user: User<'a>,
}

#[derive(Serialize)]
struct User<'a> {
    r#type: &'a str,
    /// The member while the personal side is there.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<UserId>,
    /// The member's keyed pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid_alt: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    credential_uid: Option<&'a str>,
}

#[derive(Serialize)]
struct Api<'a> {
    operation: &'a str,
    service: Service,
    request: Request,
    #[serde(skip_serializing_if = "Option::is_none")]
    response: Option<Response<'a>>,
}

#[derive(Serialize)]
struct Service {
    name: &'static str,
}

#[derive(Serialize)]
struct Request {
    uid: uuid::Uuid,
}

#[derive(Serialize)]
struct Response<'a> {
    error: &'a str,
}

#[derive(Serialize)]
struct Endpoint<'a> {
    name: &'static str,
    /// The address's keyed pseudonym.
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<Digest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    subnet_uid: Option<&'a str>,
}

#[derive(Serialize)]
struct HttpRequest<'a> {
    user_agent: &'a str,
}

#[derive(Serialize)]
struct Resource<'a> {
    r#type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<WorkspaceId>,
}

/// Create 1, read 2, update 3, delete 4, other 99.
fn activity(method: &str) -> u32 {
    let act = method.rsplit(['.', '/']).next().unwrap_or_default();
    match act {
        "create" | "add" => 1,
        "read" | "list" | "get" | "complete" | "export" | "discover" => 2,
        "update" | "rotate" | "settings" | "set" | "suspend" | "activate" | "release" => 3,
        "revoke" | "remove" | "purge" | "erase" | "expire" => 4,
        _ => 99,
    }
}

impl<'a, U> Activity<'a, U> {
    /// A row's activity.
    pub(super) fn of(stored: &'a ChainedRow, unmapped: U) -> Self {
        let (row, side) = (&stored.row, stored.personal.as_ref());
        let activity_id = activity(&row.method);
        let is_done = matches!(row.outcome.as_str(), "done" | "replayed");
        let resource = |name| Resource { r#type: "target", name: Some(name), uid: None };
        let workspace = |id| Resource { r#type: "workspace", name: None, uid: Some(id) };
        let target = row.target.as_deref().map(resource);
        Self {
            activity_id,
            activity_name: &row.method,
            category_uid: 6,
            category_name: "Application Activity",
            class_uid: CLASS,
            class_name: "API Activity",
            type_uid: CLASS * 100 + activity_id,
            severity_id: match row.outcome.as_str() {
                "done" | "replayed" => 1,
                "error" => 3,
                _ => 2,
            },
            time: row.at.micros().div_euclid(1_000),
            duration: row.latency_micros / 1_000,
            status_id: if is_done { 1 } else { 2 },
            status: if is_done { "Success" } else { "Failure" },
            status_code: &row.code,
            status_detail: &row.outcome,
            metadata: Metadata {
                version: "1.6.0",
                product: Product { name: "PM33 MCP server", vendor_name: "PM33" },
                log_name: "audit",
                uid: format!("{}:{}", row.tenant, stored.seq),
                sequence: stored.seq,
                correlation_uid: row.correlation,
                tenant_uid: row.tenant,
            },
            actor: Actor {
                user: User {
                    r#type: &row.actor_kind,
                    uid: side.and_then(|side| side.user),
                    uid_alt: row.actor,
                    credential_uid: row.key.as_ref().map(crate::KeyId::as_str),
                },
            },
            api: Api {
                operation: &row.method,
                service: Service { name: "pm33" },
                request: Request { uid: row.correlation },
                response: (!is_done).then_some(Response { error: &row.code }),
            },
            src_endpoint: Endpoint {
                name: if side.is_some_and(|side| side.ip.is_some()) { "client" } else { "unknown" },
                uid: side.and_then(|side| side.ip),
                subnet_uid: side.and_then(|side| side.ip_prefix.as_deref()),
            },
            http_request: side
                .and_then(|side| side.agent.as_deref())
                .map(|user_agent| HttpRequest { user_agent }),
            resources: target.into_iter().chain(row.workspace.map(workspace)).collect(),
            unmapped,
        }
    }
}
