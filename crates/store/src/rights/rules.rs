//! What holds for the processing of an organisation's data, remembered for half a second: a limit that another process set
//! is seen within a second whether or not anybody looks for changes.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use pm33_tenancy::{
    Actor, AuditEvent, ClientFacts, ErasedMark, IdMap, ProcessingLimit, ProcessingRules, TenantId, UserId,
    erased_member, erased_name, erased_organisation,
};

use crate::{
    StoreError,
    entity::{erased, processing_limit},
    scope,
    session::Session,
};

/// How long an answer is good.
const GOOD: Duration = Duration::from_millis(500);
/// Organisations remembered at most.
const TENANTS: usize = 65_536;

/// The rules of one process, by organisation, with the monotonic time at which they were asked for.
#[derive(Default)]
pub(crate) struct RulesCache {
    tenants: Mutex<IdMap<TenantId, (Duration, Arc<ProcessingRules>)>>,
    /// Raised by every change of this process: what was read before it is not remembered after it.
    generation: AtomicU64,
}

impl RulesCache {
    fn tenants(&self) -> std::sync::MutexGuard<'_, IdMap<TenantId, (Duration, Arc<ProcessingRules>)>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets an organisation's.
    pub(crate) fn forget(&self, tenant: TenantId) {
        let mut tenants = self.tenants();
        self.generation.fetch_add(1, Ordering::AcqRel);
        tenants.remove(&tenant);
    }

    fn known(&self, tenant: TenantId, now: Duration) -> Option<Arc<ProcessingRules>> {
        let tenants = self.tenants();
        let (asked, rules) = tenants.get(&tenant)?;
        (now.saturating_sub(*asked) < GOOD).then(|| Arc::clone(rules))
    }
}

impl Session {
    /// What holds now, half a second old at most; with changes of the session's own if it has any.
    pub(crate) async fn rules(&self, tenant: TenantId) -> Result<Arc<ProcessingRules>, StoreError> {
        if !self.may_touch(tenant) {
            return Err(StoreError::Foreign);
        }
        if self.has_begun().await {
            return Ok(Arc::new(Box::pin(self.read_rules(tenant)).await?));
        }
        self.rules_of_others(tenant).await
    }

    /// What is committed, half a second old at most.
    pub(crate) async fn rules_of_others(&self, tenant: TenantId) -> Result<Arc<ProcessingRules>, StoreError> {
        let cache = &self.inner.caches.rules;
        let now = self.inner.options.clock.monotonic();
        if let Some(known) = cache.known(tenant, now) {
            return Ok(known);
        }
        let generation = cache.generation.load(Ordering::Acquire);
        // Boxed: this is seldom, and every write and commit goes by here.
        let own = self.apart();
        let fresh = Arc::new(Box::pin(own.read_rules(tenant)).await?);
        let mut tenants = cache.tenants();
        if cache.generation.load(Ordering::Acquire) == generation {
            if tenants.len() >= TENANTS {
                tenants.clear();
            }
            tenants.insert(tenant, (now, Arc::clone(&fresh)));
        }
        Ok(fresh)
    }

    async fn read_rules(&self, tenant: TenantId) -> Result<ProcessingRules, StoreError> {
        let limits = scope::of_tenant::<processing_limit::Entity>(tenant);
        let marks = scope::of_tenant::<erased::Entity>(tenant);
        let (limits, marks) =
            self.read(tenant, async |db| Ok((limits.all(db).await?, marks.all(db).await?))).await?;
        let mut rules = ProcessingRules::default();
        for row in limits {
            let limit =
                ProcessingLimit::parse(&row.kind).ok_or(StoreError::Corrupt { what: "processing limit" })?;
            if row.subject == tenant.uuid() {
                rules.whole.insert(limit);
            } else {
                rules.members.insert((UserId::from_uuid(row.subject), limit));
            }
        }
        for row in marks {
            let mark = ErasedMark::from_slice(&row.mark).ok_or(StoreError::Corrupt { what: "mark" })?;
            rules.erased.insert(mark);
        }
        Ok(rules)
    }

    /// Whether a member was erased, by themselves or with their organisation.
    pub(crate) fn has_mark(&self, rules: &ProcessingRules, tenant: TenantId, user: UserId) -> bool {
        // Most organisations have nobody who was erased, and every write and commit asks.
        if rules.erased.is_empty() {
            return false;
        }
        let keys = self.audit_keys();
        [erased_member(keys, tenant, user), erased_organisation(keys, tenant)]
            .iter()
            .any(|mark| rules.erased.contains(mark))
    }

    /// Keeps a member who was erased, by themselves or with their organisation, out of what is committed: a unit in their
    /// name is refused, and the audit row of a call that only read loses its personal side.
    pub(crate) async fn keep_out_erased(&self, event: &mut AuditEvent) -> Result<(), StoreError> {
        let Some(user) = event.actor.user else { return Ok(()) };
        let rules = self.rules_of_others(event.tenant).await?;
        if !self.has_mark(&rules, event.tenant, user) {
            return Ok(());
        }
        if self.has_begun().await {
            return Err(StoreError::Erased);
        }
        event.actor = Actor { user: None, ..event.actor };
        event.client = ClientFacts::default();
        Ok(())
    }

    /// Whether a name is that of a member who was erased.
    pub(crate) async fn is_erased(&self, tenant: TenantId, name: Option<&str>) -> Result<bool, StoreError> {
        let Some(name) = name else { return Ok(false) };
        let rules = self.rules_of_others(tenant).await?;
        Ok(!rules.erased.is_empty() && rules.erased.contains(&erased_name(self.audit_keys(), tenant, name)))
    }
}
