//! A key store in memory that counts what it is asked and can hold an answer back, and a clock that tests move.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use pm33_auth::{
    ApiKeyVerifier, AuthError, Caller, Credential, KeyEnvironment, KeyRecord, KeyRequest, KeyStore, KeyUse,
    Minted, NewKey, Origin, Pepper, Peppers, Scope, Verifier, VerifierOptions, issue_key,
};
use pm33_tenancy::{Clock, KeyId, TenantId, TenantState, Timestamp, UserId, WorkspaceAccess};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use tokio::sync::Semaphore;

pub(crate) const DAY: Duration = Duration::from_hours(24);

#[derive(Default)]
pub(crate) struct Hands {
    wall: AtomicI64,
    monotonic: AtomicU64,
}

impl Hands {
    pub(crate) fn pass(&self, span: Duration) {
        self.wall.fetch_add(i64::try_from(span.as_micros()).unwrap(), Ordering::SeqCst);
        self.monotonic.fetch_add(u64::try_from(span.as_micros()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for Hands {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_800_000_000_000_000 + self.wall.load(Ordering::SeqCst))
    }
    fn monotonic(&self) -> Duration {
        Duration::from_micros(self.monotonic.load(Ordering::SeqCst))
    }
}

/// Keys in memory. `gate` lets one `find` pass for each permit while `is_gated`; a find reads before it waits.
pub(crate) struct Keys {
    pub(crate) records: Mutex<HashMap<KeyId, KeyRecord>>,
    pub(crate) epoch: AtomicI64,
    pub(crate) is_epoch_lost: AtomicBool,
    pub(crate) finds: AtomicU64,
    pub(crate) proofs: AtomicU64,
    pub(crate) is_gated: AtomicBool,
    pub(crate) gate: Semaphore,
    pub(crate) reached: Semaphore,
}

impl Keys {
    /// Changes a record as another process would: the epoch rises, this process is not told.
    pub(crate) fn change(&self, id: KeyId, change: impl FnOnce(&mut KeyRecord)) {
        change(self.records.lock().unwrap().get_mut(&id).unwrap());
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }
}

#[async_trait]
impl KeyStore for Keys {
    async fn find(&self, id: KeyId) -> Result<Option<KeyRecord>, AuthError> {
        self.finds.fetch_add(1, Ordering::SeqCst);
        let found = self.records.lock().unwrap().get(&id).cloned();
        if self.is_gated.load(Ordering::SeqCst) {
            self.reached.add_permits(1);
            self.gate.acquire().await.unwrap().forget();
        }
        Ok(found)
    }
    async fn proof(&self, id: KeyId) -> Result<Option<pm33_auth::KeyProof>, AuthError> {
        self.proofs.fetch_add(1, Ordering::SeqCst);
        let found = self.records.lock().unwrap().get(&id).cloned();
        Ok(found.map(|record| pm33_auth::KeyProof { digest: record.digest, pepper: record.pepper }))
    }
    async fn list(&self, tenant: TenantId) -> Result<Vec<KeyRecord>, AuthError> {
        Ok(self.records.lock().unwrap().values().filter(|record| record.tenant == tenant).cloned().collect())
    }
    async fn insert(&self, key: &NewKey) -> Result<(), AuthError> {
        self.records.lock().unwrap().insert(key.id, stored(key));
        self.epoch.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
    async fn revoke(&self, _: TenantId, id: KeyId, at: Timestamp) -> Result<u64, AuthError> {
        self.change(id, |record| record.revoked = Some(at));
        Ok(1)
    }
    async fn set_rotated(&self, _: TenantId, id: KeyId, until: Timestamp) -> Result<(), AuthError> {
        self.change(id, |record| record.rotated_until = Some(until));
        Ok(())
    }
    async fn set_suspended(
        &self,
        _: TenantId,
        id: KeyId,
        until: Option<Timestamp>,
    ) -> Result<bool, AuthError> {
        let mut was = None;
        self.change(id, |record| was = Some(std::mem::replace(&mut record.suspended_until, until) != until));
        Ok(was.unwrap())
    }
    async fn note_exposed(&self, _: TenantId, id: KeyId, at: Timestamp) -> Result<bool, AuthError> {
        let mut is_new = None;
        self.change(id, |record| is_new = Some(record.exposed.replace(at).is_none()));
        Ok(is_new.unwrap())
    }
    async fn touch(&self, _: TenantId, id: KeyId, used: &KeyUse) -> Result<(), AuthError> {
        self.records.lock().unwrap().get_mut(&id).unwrap().last_used = Some(used.at);
        Ok(())
    }
    async fn note_expiry(&self, _: TenantId, id: KeyId, days: u32) -> Result<bool, AuthError> {
        let mut records = self.records.lock().unwrap();
        let noticed = &mut records.get_mut(&id).unwrap().noticed;
        let is_new = noticed.is_none_or(|told| told > days);
        *noticed = Some(noticed.map_or(days, |told| told.min(days)));
        Ok(is_new)
    }
    async fn epoch(&self) -> Result<i64, AuthError> {
        if self.is_epoch_lost.load(Ordering::SeqCst) {
            return Err(AuthError::Unavailable("no epoch".into()));
        }
        Ok(self.epoch.load(Ordering::SeqCst))
    }
}

/// A stored key as the store would give it back.
pub(crate) fn stored(key: &NewKey) -> KeyRecord {
    KeyRecord {
        id: key.id,
        tenant: key.tenant,
        tenant_state: TenantState::Active,
        user: key.user,
        name: key.name.clone(),
        digest: key.digest,
        pepper: key.pepper.clone(),
        hash: key.hash.clone(),
        scopes: key.scopes,
        workspaces: key.workspaces.clone(),
        narrowed: key.workspaces.clone(),
        roles: Arc::new([]),
        networks: key.networks.clone(),
        parent: key.parent,
        created: key.created,
        expires: key.expires,
        rotated_until: None,
        revoked: None,
        suspended_until: None,
        exposed: None,
        last_used: None,
        last_network: None,
        last_agent: None,
        noticed: None,
        settings: Arc::default(),
    }
}

pub(crate) fn peppers(ids: &[u8]) -> Peppers {
    let pepper = |id: &u8| Pepper { id: format!("p{id}"), key: SecretBox::new(Box::new([*id; 32])) };
    Peppers::new(&ids.iter().map(pepper).collect::<Vec<_>>()).unwrap()
}

pub(crate) fn request(now: Timestamp) -> KeyRequest {
    KeyRequest {
        tenant: TenantId::new(now),
        user: UserId::new(now),
        name: "laptop".to_owned(),
        environment: KeyEnvironment::Test,
        scopes: [Scope::BacklogWrite, Scope::PlanningRead].into_iter().collect(),
        workspaces: WorkspaceAccess::All,
        life: None,
        longest: DAY * 365,
        networks: Vec::new(),
        roles: Vec::new(),
    }
}

pub(crate) struct House {
    pub(crate) keys: Arc<Keys>,
    pub(crate) clock: Arc<Hands>,
    pub(crate) verifier: Arc<ApiKeyVerifier>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::over(VerifierOptions::default())
    }

    pub(crate) fn over(options: VerifierOptions) -> Self {
        let keys = Arc::new(Keys {
            records: Mutex::default(),
            epoch: AtomicI64::new(7),
            is_epoch_lost: AtomicBool::default(),
            finds: AtomicU64::default(),
            proofs: AtomicU64::default(),
            is_gated: AtomicBool::default(),
            gate: Semaphore::new(0),
            reached: Semaphore::new(0),
        });
        let clock = Arc::new(Hands::default());
        let verifier =
            ApiKeyVerifier::new(Arc::clone(&keys) as _, peppers(&[1]), Arc::clone(&clock) as _, options);
        Self { keys, clock, verifier: Arc::new(verifier) }
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Issues and stores a key.
    pub(crate) async fn issue(&self) -> Minted {
        let minted = issue_key(request(self.now()), None, self.verifier.peppers(), self.now()).unwrap();
        self.keys.insert(&minted.stored).await.unwrap();
        minted
    }

    pub(crate) async fn verify(&self, key: &SecretString) -> Result<Caller, AuthError> {
        self.verifier.verify(&token(key), Origin::default()).await
    }

    /// The reason of a refusal, or `"ok"`.
    pub(crate) async fn reason(&self, key: &SecretString) -> &'static str {
        self.verify(key).await.map_or_else(|error| error.reason(), |_| "ok")
    }

    pub(crate) fn asked(&self) -> u64 {
        self.keys.finds.load(Ordering::SeqCst) + self.keys.proofs.load(Ordering::SeqCst)
    }
}

pub(crate) fn token(key: &SecretString) -> Credential {
    Credential::Token(key.expose_secret().into())
}
