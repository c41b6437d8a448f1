//! `subscriptions/listen`: a stream of change notices that ends with its answer.

use std::{
    collections::BTreeSet,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use futures_util::Stream;
use pm33_auth::{Scope, ScopeSet};
use pm33_protocol::{
    encode_error,
    wire::{Filter, ListenParams},
};
use pm33_tenancy::Outcome;
use tokio::sync::mpsc;

use super::{Asking, context};
use crate::{
    Carrier, Event, Message, Reply,
    dispatch::refuse,
    failure::Failure,
    handles::CallerHandles,
    hub::{Interest, Interests},
    outbox::Outbox,
    request::Request,
    server::Core,
    watch::Watched,
};

/// Resources that one listen may name.
const MOST: usize = 100;

/// A listen stream; dropped, it leaves the hub.
struct Listening {
    core: Arc<Core>,
    number: u64,
    events: mpsc::Receiver<Event>,
}

impl Stream for Listening {
    type Item = Event;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Event>> {
        self.events.poll_recv(cx)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.core.hub.leave(self.number);
    }
}

/// Opens the stream; its first event says what is honoured.
pub(crate) async fn listen(core: &Arc<Core>, mut request: Box<Request>, started: Duration) -> Reply {
    let (all, per_principal) = (core.options.listens, core.options.listens_per_principal);
    let full = || {
        Failure::Unavailable(format!(
            "too many open subscriptions (at most {per_principal} for a key, {all} in all); close one first"
        ))
    };
    // Before anything is looked up for it.
    if !core.hub.has_room(&request.caller, (all, per_principal)) {
        return Reply::One(refuse(core, request, full(), started).await);
    }
    let honoured = match honoured(core, &request).await {
        Ok(honoured) => honoured,
        Err(failure) => return Reply::One(refuse(core, request, failure, started).await),
    };
    let bounds = (all, per_principal, core.options.queued_messages);
    let opened = core.hub.listen(request.id.clone(), request.caller.clone(), honoured, request.place, bounds);
    let Some((number, events)) = opened else {
        return Reply::One(refuse(core, request, full(), started).await);
    };
    let stream = Listening { core: Arc::clone(core), number, events };
    let latency = core.clock.monotonic().saturating_sub(started);
    let (watched, correlation) = (Watched::new(core, &mut request, started), request.record.correlation);
    let event = request.record.event(&request.caller, Outcome::Done, "ok", latency);
    if let Err(error) = core.stores.open(&request.caller).commit(event).await {
        tracing::error!(error = &error as &dyn std::error::Error, %correlation, "a subscription was not audited");
        let failure = Failure::Unavailable(error.to_string());
        if let Some(watched) = watched {
            watched.tell(core, Outcome::Error, "unavailable");
        }
        return Reply::One(Message {
            body: encode_error(Some(&request.id), &failure.object()).into(),
            class: failure.class(),
            session: None,
            rate_limit: request.rate_limit,
        });
    }
    if let Some(watched) = watched {
        watched.tell(core, Outcome::Done, "ok");
    }
    Reply::Stream(Box::pin(stream))
}

/// What is asked for, less what this caller cannot read; each resource once.
async fn honoured(core: &Arc<Core>, request: &Request) -> Result<(Filter, Interests), Failure> {
    let params: ListenParams = request.read()?;
    let mut filter = params.notifications;
    if filter.resource_subscriptions.len() > MOST {
        return Err(Failure::params(format!("at most {MOST} resourceSubscriptions in one listen")));
    }
    let asked: BTreeSet<_> = std::mem::take(&mut filter.resource_subscriptions).into_iter().collect();
    let mut interests = Interests::new();
    for uri in asked {
        if let Some(interest) = interest(core, request, &uri).await? {
            interests.insert(uri.clone(), interest);
            filter.resource_subscriptions.push(uri);
        }
    }
    Ok((filter, interests))
}

/// What hearing of a resource needs, if it exists for this caller.
pub(crate) async fn interest(
    core: &Arc<Core>,
    request: &Request,
    uri: &str,
) -> Result<Option<Interest>, Failure> {
    let catalogue = core.catalogue.load_full();
    let Some((resource, variables)) = catalogue.resource(uri) else { return Ok(None) };
    let needed = resource.spec().scopes.iter().copied().collect::<ScopeSet>().with(Scope::Enabled);
    if !request.caller.scopes.contains(needed) {
        return Ok(None);
    }
    let outbox = Outbox(None);
    let carrier = Carrier::Stdio { session: None };
    let asking = Asking {
        outbox: &outbox,
        conversation: "",
        cancelled: core.draining.clone(),
        carrier: &carrier,
        line: None,
    };
    let link = asking.link(core, request, "resources/read", uri, None, None)?;
    let store = core.stores.open(&request.caller);
    let handles =
        CallerHandles::new(Arc::clone(&core.sealer), &request.caller, request.now, core.options.cursor_life);
    let ctx = context(core, request, &*store, &link, &handles, &asking).needing(needed);
    let exists = matches!(resource.exists(&ctx, uri, &variables).await, Ok(true));
    Ok(exists.then(|| Interest { needed, workspace: ctx.opened_workspace() }))
}
