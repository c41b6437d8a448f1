//! Who listens to changes, and telling them.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use pm33_auth::{Caller, ScopeSet};
use pm33_protocol::{RequestId, SUBSCRIPTION_ID, encode_notification, encode_result, methods, wire::Filter};
use pm33_tenancy::{KeyId, TenantId, Timestamp, WorkspaceId};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use crate::{Event, request::Place, streams::Log};

/// Resources that a legacy session may watch.
const WATCHED: usize = 100;

/// A change.
#[derive(Clone, Debug)]
pub(crate) enum Notice {
    /// The list of tools.
    Tools,
    /// The list of prompts.
    Prompts,
    /// The list of resources.
    Resources,
    /// A resource of a tenant.
    Updated { tenant: TenantId, uri: String },
}

/// What hearing of a resource needs, as found when it was asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interest {
    pub(crate) needed: ScopeSet,
    /// Where it lies.
    pub(crate) workspace: Option<WorkspaceId>,
}

impl Interest {
    /// Whether a caller may know of it.
    pub(crate) fn is_open_to(&self, caller: &Caller) -> bool {
        let reaches =
            |place| caller.workspaces.covers(place) && caller.beyond_role(place, self.needed).is_empty();
        caller.scopes.contains(self.needed) && self.workspace.is_none_or(reaches)
    }
}

/// Resources that somebody wants to hear of, by URI.
pub(crate) type Interests = HashMap<String, Interest>;

/// A modern listen stream.
struct Listener {
    id: RequestId,
    caller: Caller,
    filter: Filter,
    interests: Interests,
    place: Place,
    sender: mpsc::Sender<Event>,
}

/// A legacy session's interest.
struct Watcher {
    caller: Caller,
    log: Arc<Log>,
    interests: Interests,
}

/// Everybody who listens.
#[derive(Default)]
pub(crate) struct Hub {
    listeners: Mutex<HashMap<u64, Listener>>,
    watchers: Mutex<HashMap<String, Watcher>>,
    last: AtomicU64,
}

impl Hub {
    fn listeners(&self) -> std::sync::MutexGuard<'_, HashMap<u64, Listener>> {
        self.listeners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn watchers(&self) -> std::sync::MutexGuard<'_, HashMap<String, Watcher>> {
        self.watchers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a listener, unless there are too many; its number and the way its events come.
    pub(crate) fn listen(
        &self,
        id: RequestId,
        caller: Caller,
        (filter, interests): (Filter, Interests),
        place: Place,
        bounds: (usize, usize, usize),
    ) -> Option<(u64, mpsc::Receiver<Event>)> {
        let (all, per_principal, queue) = bounds;
        let mut listeners = self.listeners();
        if !has_room(&listeners, &self.watchers(), &caller, None, (all, per_principal)) {
            return None;
        }
        let (sender, events) = mpsc::channel(queue);
        let acknowledged = json!({ "notifications": filter, "_meta": { SUBSCRIPTION_ID: id } });
        let first = encode_notification(methods::ACKNOWLEDGED, &acknowledged);
        let _ = sender.try_send(Event { data: first.into(), ..Event::default() });
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        listeners.insert(number, Listener { id, caller, filter, interests, place, sender });
        Some((number, events))
    }

    /// Whether the caller may open one more listen stream.
    pub(crate) fn has_room(&self, caller: &Caller, bounds: (usize, usize)) -> bool {
        has_room(&self.listeners(), &self.watchers(), caller, None, bounds)
    }

    /// Removes a listener.
    pub(crate) fn leave(&self, number: u64) {
        self.listeners().remove(&number);
    }

    /// Ends the listener with this request id; whether there was one.
    pub(crate) fn cancel(&self, caller: &Caller, id: &RequestId) {
        self.listeners().retain(|_, one| {
            !(one.id == *id
                && one.caller.tenant == caller.tenant
                && one.caller.principal() == caller.principal())
        });
    }

    /// Connects a legacy session's stream, unless there are too many; one of the same session it replaces.
    pub(crate) fn attach(
        &self,
        session: &str,
        caller: Caller,
        log: Arc<Log>,
        bounds: (usize, usize),
    ) -> bool {
        let listeners = self.listeners();
        let mut watchers = self.watchers();
        if !has_room(&listeners, &watchers, &caller, Some(session), bounds) {
            return false;
        }
        match watchers.get_mut(session) {
            Some(watcher) => watcher.log = log,
            None => {
                watchers.insert(session.to_owned(), Watcher { caller, log, interests: Interests::new() });
            }
        }
        true
    }

    /// Watches a resource for a legacy session; `false` at the bound.
    pub(crate) fn watch(
        &self,
        session: &str,
        caller: Caller,
        log: Arc<Log>,
        (uri, interest): (String, Interest),
    ) -> bool {
        let mut watchers = self.watchers();
        let watcher = watchers.entry(session.to_owned()).or_insert_with(|| Watcher {
            caller,
            log,
            interests: Interests::new(),
        });
        if watcher.interests.len() >= WATCHED && !watcher.interests.contains_key(&uri) {
            return false;
        }
        watcher.interests.insert(uri, interest);
        true
    }

    /// Stops watching.
    pub(crate) fn unwatch(&self, session: &str, uri: &str) {
        if let Some(watcher) = self.watchers().get_mut(session) {
            watcher.interests.remove(uri);
        }
    }

    /// Forgets a legacy session.
    pub(crate) fn forget(&self, session: &str) {
        self.watchers().remove(session);
    }

    /// Tells everybody whom a change concerns and who may still know.
    pub(crate) fn publish(&self, notice: &Notice, now: Timestamp) {
        let (method, params) = match notice {
            Notice::Tools => (methods::TOOLS_CHANGED, json!({})),
            Notice::Prompts => (methods::PROMPTS_CHANGED, json!({})),
            Notice::Resources => (methods::RESOURCES_CHANGED, json!({})),
            Notice::Updated { uri, .. } => (methods::RESOURCE_UPDATED, json!({ "uri": uri })),
        };
        let alive = |caller: &Caller| caller.expires.is_none_or(|expires| now < expires);
        self.listeners().retain(|_, one| {
            if !alive(&one.caller) {
                return false;
            }
            if wants(one, notice) {
                let mut tagged = params.clone();
                tagged["_meta"] = json!({ SUBSCRIPTION_ID: one.id });
                let data = encode_notification(method, &tagged).into();
                // A slow reader misses notices; it is not waited for.
                let _ = one.sender.try_send(Event { data, ..Event::default() });
            }
            !one.sender.is_closed()
        });
        let mut watchers = self.watchers();
        watchers.retain(|_, one| alive(&one.caller));
        for one in watchers.values() {
            let concerned = match notice {
                Notice::Updated { tenant, uri } => concerns(&one.interests, &one.caller, *tenant, uri),
                _ => true,
            };
            if concerned && one.log.is_read() {
                one.log.push(encode_notification(method, &params).into());
            }
        }
    }

    /// What a key listens to is told from now on as far as it reaches now.
    pub(crate) fn renew(&self, now: &Caller) {
        let is_one = |caller: &Caller| caller.key.is_some() && caller.key == now.key;
        for one in self.listeners().values_mut().filter(|one| is_one(&one.caller)) {
            one.caller = now.clone();
        }
        for one in self.watchers().values_mut().filter(|one| is_one(&one.caller)) {
            one.caller = now.clone();
        }
    }

    /// Ends what a key listens to: it was revoked.
    pub(crate) fn end_key(&self, key: KeyId) {
        self.listeners().retain(|_, one| one.caller.key != Some(key));
        self.watchers().retain(|_, one| {
            if one.caller.key == Some(key) {
                one.log.end();
                return false;
            }
            true
        });
    }

    /// Keys that listen.
    pub(crate) fn keys(&self) -> Vec<(TenantId, KeyId)> {
        let listeners = self.listeners();
        let watchers = self.watchers();
        let callers =
            listeners.values().map(|one| &one.caller).chain(watchers.values().map(|one| &one.caller));
        let mut keys: Vec<_> = callers.filter_map(|caller| Some((caller.tenant, caller.key?))).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// How many listen streams are open.
    pub(crate) fn len(&self) -> usize {
        self.listeners().len()
    }

    /// Ends every listen stream with its answer.
    pub(crate) fn end_all(&self, server_info: &Value) {
        for one in std::mem::take(&mut *self.listeners()).into_values() {
            if one.place == Place::Stdio {
                let params = json!({ "requestId": one.id, "reason": "the server is shutting down" });
                let data = encode_notification(methods::CANCELLED, &params).into();
                let _ = one.sender.try_send(Event { data, ..Event::default() });
            }
            let mut meta = server_info.clone();
            meta[SUBSCRIPTION_ID] = json!(one.id);
            let data = encode_result(&one.id, &json!({ "resultType": "complete", "_meta": meta })).into();
            let _ = one.sender.try_send(Event { data, ..Event::default() });
        }
    }
}

/// Whether a caller may open one more stream: there is a bound on all, and one on each principal's. The stream that is to
/// be replaced does not count.
fn has_room(
    listeners: &HashMap<u64, Listener>,
    watchers: &HashMap<String, Watcher>,
    caller: &Caller,
    replaced: Option<&str>,
    (all, per_principal): (usize, usize),
) -> bool {
    let watching = watchers
        .iter()
        .filter(|(session, one)| replaced != Some(session.as_str()) && one.log.is_read())
        .map(|(_, one)| &one.caller);
    let is_own = |other: &Caller| {
        other.tenant == caller.tenant
            && other.key == caller.key
            && (caller.key.is_some() || other.user == caller.user)
    };
    let (mut open, mut own) = (0, 0);
    for other in listeners.values().map(|one| &one.caller).chain(watching) {
        open += 1;
        own += usize::from(is_own(other));
    }
    open < all && own < per_principal
}

fn wants(one: &Listener, notice: &Notice) -> bool {
    match notice {
        Notice::Tools => one.filter.tools_list_changed,
        Notice::Prompts => one.filter.prompts_list_changed,
        Notice::Resources => one.filter.resources_list_changed,
        Notice::Updated { tenant, uri } => concerns(&one.interests, &one.caller, *tenant, uri),
    }
}

/// Whether a change of a resource is one that somebody asked for, and may still know of.
fn concerns(interests: &Interests, caller: &Caller, tenant: TenantId, uri: &str) -> bool {
    tenant == caller.tenant && interests.get(uri).is_some_and(|one| one.is_open_to(caller))
}
