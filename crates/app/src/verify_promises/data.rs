//! Looks over all that is kept of every organisation.

use pm33_auth::KeyStore;
use pm33_billing::Ledger;
use pm33_tenancy::{Administration, DataSubject, Plan, TenantId};

use super::{Fault, Scene, Verdict, judged};
use crate::{AiSettings, environment};

/// Records that are read at once.
const PAGE: u64 = 1_000;

impl Scene<'_> {
    /// Every record of what was sent names a provider that the settings, and so the policy, name; of a local installation
    /// also one whose key stands in the environment, as its own programs take it.
    pub(super) async fn providers(&self) -> Result<(Verdict, String), Fault> {
        let names = |ai: &AiSettings| ai.providers.iter().map(|one| one.as_str()).collect::<Vec<_>>();
        let by_settings = names(&self.settings.ai);
        let mut own_machine = self.settings.ai.clone();
        own_machine.on_own_machine(&environment());
        let by_environment = names(&own_machine);
        let mut all = by_settings.clone();
        let (mut complaints, mut sent) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let (named, where_named) = if tenant.plan == Plan::Local {
                (&by_environment, "neither ai.providers nor a key in this environment names")
            } else {
                (&by_settings, "ai.providers does not name")
            };
            all.extend(named.iter().filter(|name| !by_settings.contains(name)));
            let session = self.foundation.store.session(tenant.id);
            let mut after = None;
            loop {
                let page = session.disclosures(tenant.id, after, PAGE).await?;
                sent += page.disclosures.len();
                for call in page.disclosures.iter().filter(|call| !named.contains(&call.provider.as_str())) {
                    complaints.push(format!(
                        "a call of {} went to {}, which {where_named}",
                        tenant.slug, call.provider
                    ));
                }
                match page.disclosures.last() {
                    Some(last) if page.more => after = Some((last.hold, last.call)),
                    _ => break,
                }
            }
        }
        let telemetry = self.settings.telemetry.otlp_endpoint.as_deref().unwrap_or("none");
        all.sort_unstable();
        all.dedup();
        let names = if all.is_empty() { "none".to_owned() } else { all.join(", ") };
        Ok(judged(&complaints, format!("providers: {names}; {sent} calls to them; telemetry: {telemetry}")))
    }

    /// Everything can be produced; and in what was, nothing hides.
    pub(super) async fn produced(&self) -> Result<((Verdict, String), (Verdict, String)), Fault> {
        let (mut complaints, mut hidden, mut rows) = (Vec::new(), Vec::new(), 0);
        for tenant in &self.tenants {
            let session = self.foundation.store.session(tenant.id);
            let all = match session.gather(tenant.id, DataSubject::Organisation).await {
                Ok(all) => all,
                Err(error) => {
                    complaints.push(format!("{}: {error}", tenant.slug));
                    continue;
                }
            };
            for mut table in all {
                rows += table.rows.len();
                for row in &mut table.rows {
                    for (cell, column) in row.iter_mut().zip(&table.columns) {
                        let count = pm33_text::clean_json(cell).total();
                        if count > 0 {
                            let place = format!("{}.{} of {}", table.table, column.column, tenant.slug);
                            hidden.push(format!("{place} holds {count} hidden characters"));
                        }
                    }
                }
            }
        }
        let produced = judged(&complaints, format!("{rows} rows can be exported"));
        Ok((produced, judged(&hidden, format!("no hidden character in {rows} rows"))))
    }

    /// Each organisation's session sees nothing of another, nor of one that is not there; on PostgreSQL the serving role sees
    /// no row at all before it names an organisation. Opening the store has refused a role that could step around that.
    pub(super) async fn walls(&self) -> Result<(Verdict, String), Fault> {
        let unknown = TenantId::new(self.now);
        let (mut complaints, mut looks) = (Vec::new(), 0);
        for tenant in &self.tenants {
            let session = self.foundation.store.session(tenant.id);
            let others = self.tenants.iter().map(|other| other.id).filter(|other| *other != tenant.id);
            for other in others.chain([unknown]) {
                looks += 1;
                // A refusal is as good as nothing.
                let keys = session.list(other).await.map_or(0, |keys| keys.len());
                let users = session.users(other).await.map_or(0, |users| users.len());
                if keys + users > 0 {
                    complaints.push(format!("a session of {} sees keys or users of {other}", tenant.slug));
                }
            }
        }
        if let Some(seen) = self.foundation.store.rows_of_nobody().await?
            && seen > 0
        {
            complaints
                .push(format!("the serving role sees rows of {seen} tables without naming an organisation"));
        }
        let engine = if self.settings.database.url_file.is_some() {
            "row-level security stands behind scoped queries"
        } else {
            "scoped queries, and keys that begin with the organisation"
        };
        Ok(judged(&complaints, format!("{engine}; {looks} looks at others")))
    }
}
