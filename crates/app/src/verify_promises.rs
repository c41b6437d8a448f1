//! The promises of the policy held against a live deployment: each that can be looked at is looked at, in the settings,
//! the data and the program itself.

mod data;

use std::{collections::BTreeSet, path::Path};

use pm33_auth::{KeyStore, Scope};
use pm33_tenancy::{
    Administration, AuditLog, AuditRetention, Directory, MetricRules, PrivacyRequests, Tenant, Timestamp,
    data_map,
};
use serde::Serialize;
use serde_json::Value;

use crate::{
    Foundation, PlainHttp, Policy, Settings, catalogue, kept_since, metrics_release::preview_metrics,
    unfinished, unplayed,
};

type Fault = Box<dyn std::error::Error + Send + Sync>;

/// Rows of a log that are looked at.
const ROWS: u64 = 500;

/// How a look ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// It holds here.
    Pass,
    /// It does not.
    Fail,
}

/// A look at a promise.
#[derive(Clone, Debug, Serialize)]
pub struct Look {
    /// `P1` to `P19`.
    pub promise: &'static str,
    /// What was looked at.
    pub what: &'static str,
    /// How it ended.
    pub verdict: Verdict,
    /// What was found.
    pub found: String,
}

/// Everything that a look needs.
struct Scene<'a> {
    settings: &'a Settings,
    foundation: &'a Foundation,
    tenants: Vec<Tenant>,
    now: Timestamp,
}

/// Holds every promise against a deployment.
///
/// # Errors
/// When the store does not answer.
pub async fn verify_promises(settings: &Settings, foundation: &Foundation) -> Result<Vec<Look>, Fault> {
    let scene = Scene {
        settings,
        foundation,
        tenants: foundation.store.operator().tenants().await?,
        now: foundation.clock.now(),
    };
    let mut looks = Vec::new();
    let mut tell = |promise, what, (verdict, found): (Verdict, String)| {
        looks.push(Look { promise, what, verdict, found });
    };
    tell("P1", "every tool's schema refuses unknown fields", inputs()?);
    tell("P2", "every tool needs a scope of its own", scopes()?);
    tell("P3", "calls in the audit logs name their key", scene.actors().await?);
    tell("P4", "every row has its call, and keys keep a network and no address", scene.networks().await?);
    tell("P5", "the books of every organisation agree", scene.books().await?);
    tell("P6", "every audit chain holds", scene.chains().await?);
    tell(
        "P7",
        "what would be published of yesterday is of ten organisations or more",
        scene.metrics().await?,
    );
    tell("P8", "sessions end when they are idle", scene.sessions().await?);
    tell("P9", "audit logs are no older than their retention", scene.retention().await?);
    tell("P10", "documents are no older than their organisation or its plan says", scene.documents().await?);
    tell("P11", "data left for the named providers only", scene.providers().await?);
    let (produced, hidden) = scene.produced().await?;
    tell("P12", "an organisation's data can be produced", produced);
    tell("P13", "MCP is served by HTTPS, or where nobody can listen", scene.transport());
    tell("P14", "keys are kept as digests with scopes and an end", scene.keys().await?);
    tell("P15", "the database keeps organisations apart", scene.walls().await?);
    tell("P16", "nothing that is kept hides text", hidden);
    tell("P17", "no request is overdue, and no erasure is undone", scene.requests().await?);
    tell("P18", "the record of processing names every column that is there", scene.record().await?);
    tell("P19", "the policy has a contact, a day and its published text", scene.policy());
    Ok(looks)
}

fn pass(found: impl Into<String>) -> (Verdict, String) {
    (Verdict::Pass, found.into())
}

fn fail(found: impl Into<String>) -> (Verdict, String) {
    (Verdict::Fail, found.into())
}

/// A verdict over complaints; `good` says what there is when there are none.
fn judged(complaints: &[String], good: String) -> (Verdict, String) {
    match complaints.first() {
        None => pass(good),
        Some(first) => fail(format!("{} in all: {first}", complaints.len())),
    }
}

fn inputs() -> Result<(Verdict, String), Fault> {
    let all = catalogue()?;
    let mut complaints = Vec::new();
    for tool in all.tools() {
        let schema: Value = serde_json::from_str(tool.input_schema.get())?;
        let accepts_unknown = tool.validator().is_valid(&serde_json::json!({ "no such field": 1 }));
        if schema["additionalProperties"] != false || accepts_unknown {
            complaints.push(format!("{} takes unknown fields", tool.spec.name));
        }
    }
    Ok(judged(&complaints, format!("{} tools", all.tools().len())))
}

fn scopes() -> Result<(Verdict, String), Fault> {
    let all = catalogue()?;
    let open = all.tools().iter().filter(|tool| {
        let needed = tool.spec.scope_set();
        !Scope::ALL.iter().any(|scope| *scope != Scope::Enabled && needed.has(*scope))
    });
    let complaints: Vec<_> = open.map(|tool| format!("{} needs none", tool.spec.name)).collect();
    Ok(judged(&complaints, format!("{} tools", all.tools().len())))
}

impl Scene<'_> {
    async fn actors(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut calls) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let page = self.foundation.store.session(tenant.id).tail(tenant.id, ROWS).await?;
            for (seq, row) in page.rows.iter().filter(|(_, row)| row.actor_kind == "key") {
                calls += 1;
                // Without a member the row is of somebody who was erased while it was written.
                if row.key.is_none() {
                    complaints.push(format!("row {seq} of {} names no key", tenant.slug));
                }
            }
        }
        Ok(judged(&complaints, format!("{calls} calls with a key were looked at")))
    }

    async fn networks(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut rows) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let session = self.foundation.store.session(tenant.id);
            for (seq, row) in session.tail(tenant.id, ROWS).await?.rows {
                rows += 1;
                if row.correlation.is_nil() {
                    complaints.push(format!("row {seq} of {} has no correlation id", tenant.slug));
                }
            }
            for key in session.list(tenant.id).await? {
                if key
                    .last_network
                    .is_some_and(|network| !network.ends_with("/24") && !network.ends_with("/48"))
                {
                    complaints.push(format!("the key {} keeps an address", key.id));
                }
            }
        }
        Ok(judged(&complaints, format!("{rows} rows were looked at")))
    }

    async fn books(&self) -> Result<(Verdict, String), Fault> {
        let mut complaints = Vec::new();
        for tenant in &self.tenants {
            for mismatch in self.foundation.store.session(tenant.id).reconcile_credits(tenant.id).await? {
                complaints.push(format!("{}: {}", tenant.slug, mismatch.rule));
            }
        }
        Ok(judged(&complaints, format!("{} organisations", self.tenants.len())))
    }

    async fn chains(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut rows) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let (count, breaks) = self.foundation.store.session(tenant.id).verify(tenant.id).await?;
            rows += count;
            complaints.extend(breaks.iter().map(|one| format!("{}: {one}", tenant.slug)));
        }
        Ok(judged(&complaints, format!("{rows} rows verify")))
    }

    async fn metrics(&self) -> Result<(Verdict, String), Fault> {
        let today = jiff::tz::TimeZone::UTC.to_datetime(self.now.instant()).date();
        let folder = &self.settings.data.dir;
        let kept = preview_metrics(self.foundation, folder, today.yesterday()?).await?;
        let least = MetricRules::PUBLISHED.least;
        let few = kept
            .release
            .sums
            .keys()
            .filter(|cell| kept.contributors.get(*cell).is_none_or(|from| from.len() < least));
        let complaints: Vec<_> = few.map(|cell| format!("{cell} is of fewer than {least}")).collect();
        Ok(judged(
            &complaints,
            format!("{} sums, at least {least} organisations each", kept.release.sums.len()),
        ))
    }

    async fn sessions(&self) -> Result<(Verdict, String), Fault> {
        let mut complaints = Vec::new();
        for tenant in &self.tenants {
            let idle = self.foundation.store.session(tenant.id).settings(tenant.id).await?.session_idle;
            // A sweep runs every half minute while a server does.
            let before = self.now.minus(idle).minus(std::time::Duration::from_mins(1));
            let left = self.foundation.store.sessions_before(tenant.id, before).await?;
            if left > 0 {
                complaints.push(format!(
                    "{left} sessions of {} are past their end; does a server run?",
                    tenant.slug
                ));
            }
        }
        Ok(judged(
            &complaints,
            format!("{} idle minutes by default", self.settings.limits.session_idle_minutes),
        ))
    }

    async fn retention(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut held) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let session = self.foundation.store.session(tenant.id);
            let days = session.audit_days(tenant.id).await?.days;
            // The sweep runs once a day.
            let due = session.overdue(tenant.id, kept_since(self.now, days.saturating_add(2))).await?;
            held += usize::from(due.kept_by.is_some());
            if due.removable > 0 {
                let slug = &tenant.slug;
                complaints.push(format!("{slug} has rows older than {days} days; does a server run?"));
            }
        }
        let number = self.tenants.len();
        Ok(judged(&complaints, format!("{number} organisations, legal holds keep rows of {held}")))
    }

    async fn documents(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut bounded) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let session = self.foundation.store.session(tenant.id);
            let Some(days) = session.document_days(tenant.id).await? else { continue };
            bounded += 1;
            // The sweep runs every hour while a server does.
            let hours = u64::from(days) * 24 + 2;
            let before = self.now.minus(std::time::Duration::from_hours(hours));
            if session.has_documents_before(tenant.id, before).await? {
                let slug = &tenant.slug;
                complaints.push(format!("{slug} has documents older than {days} days; does a server run?"));
            }
        }
        Ok(judged(
            &complaints,
            format!("{bounded} of {} organisations have an end for them", self.tenants.len()),
        ))
    }

    fn transport(&self) -> (Verdict, String) {
        let server = &self.settings.server;
        if self.settings.tls.certificate.is_some() {
            return pass("TLS is served");
        }
        if server.plain_http == PlainHttp::BehindProxy {
            let found = "a declared proxy ends TLS";
            return if server.trusted_proxies.is_empty() { fail(found) } else { pass(found) };
        }
        let is_local =
            server.listen.parse::<std::net::SocketAddr>().is_ok_and(|address| address.ip().is_loopback());
        let found = format!("plain HTTP at {}", server.listen);
        if is_local { pass(found) } else { fail(found) }
    }

    async fn keys(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut keys) = (Vec::new(), 0);
        for tenant in &self.tenants {
            for key in self.foundation.store.session(tenant.id).list(tenant.id).await? {
                keys += 1;
                if !key.hash.starts_with("$argon2id$") {
                    complaints.push(format!("the key {} is not hashed with argon2id", key.id));
                }
                if key.expires <= key.created || key.scopes.is_empty() {
                    complaints.push(format!("the key {} has no end or no scope", key.id));
                }
            }
        }
        Ok(judged(&complaints, format!("{keys} keys")))
    }

    async fn requests(&self) -> Result<(Verdict, String), Fault> {
        let (mut complaints, mut open) = (Vec::new(), 0);
        for tenant in &self.tenants {
            for request in self.foundation.store.session(tenant.id).privacy_requests(tenant.id).await? {
                open += usize::from(!request.is_closed());
                if request.is_overdue(self.now) {
                    let due = request.deadlines().answer;
                    complaints.push(format!("{} of {} was due on {due}", request.id, tenant.slug));
                }
            }
        }
        let back = unplayed(self.foundation, &self.settings.data.dir).await?;
        if back > 0 {
            complaints.push(format!("{back} erasures are undone; run `pm33-admin privacy replay`"));
        }
        let begun = unfinished(self.foundation, &self.settings.data.dir, None)?;
        if begun > 0 {
            complaints.push(format!(
                "{begun} erasures were begun and are not done; if none is under way, run `pm33-admin privacy replay`"
            ));
        }
        Ok(judged(&complaints, format!("{open} requests are open, none is overdue")))
    }

    async fn record(&self) -> Result<(Verdict, String), Fault> {
        let real = self.foundation.store.columns().await?;
        let mapped: BTreeSet<_> =
            data_map::columns().map(|one| (one.table.to_owned(), one.column.to_owned())).collect();
        let complaints: Vec<_> = real
            .difference(&mapped)
            .map(|(table, column)| format!("{table}.{column} is not mapped"))
            .collect();
        Ok(judged(&complaints, format!("{} columns", real.len())))
    }

    fn policy(&self) -> (Verdict, String) {
        let own = &self.settings.privacy;
        let mut complaints = Vec::new();
        if own.contact.is_none() {
            complaints.push("privacy.contact is not set".to_owned());
        }
        if own.effective.is_none() {
            complaints.push("privacy.effective is not set".to_owned());
        }
        match is_published(self.settings, &self.settings.data.dir) {
            Ok(true) => {}
            Ok(false) => complaints.push(format!(
                "version {} is not published as it is served; run `pm33-admin privacy publish`",
                own.version
            )),
            Err(error) => complaints.push(format!("published policies cannot be read: {error}")),
        }
        judged(&complaints, format!("version {} at /privacy", own.version))
    }
}

fn is_published(settings: &Settings, folder: &Path) -> std::io::Result<bool> {
    let policy = Policy::of(settings)?;
    let path = folder.join("policies").join(format!("{}.md", settings.privacy.version));
    Ok(path.exists() && std::fs::read_to_string(path)? == policy.markdown())
}
