//! `/healthz`, `/readyz`, and Prometheus metrics on a listener of their own.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Method, StatusCode};
use pm33_transport::{SideAnswer, SideRoutes};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

use crate::{Policy, Telemetry};

/// Wait after a failed accept, so as not to spin.
const BREATHER: Duration = Duration::from_millis(50);

/// The state of the process: whether it is ready for calls.
#[derive(Default)]
pub struct Health {
    ready: AtomicBool,
}

impl Health {
    /// Tells load balancers to send calls.
    pub fn ready(&self) {
        self.ready.store(true, Ordering::Release);
    }

    /// Tells load balancers to stop.
    pub fn withdraw(&self) {
        self.ready.store(false, Ordering::Release);
    }
}

impl SideRoutes for Health {
    fn route(&self, method: &Method, path: &str, _: &str) -> Option<SideAnswer> {
        let (status, body) = match path {
            "/healthz" | "/readyz" if *method != Method::GET && *method != Method::HEAD => {
                (StatusCode::METHOD_NOT_ALLOWED, "ask with GET")
            }
            "/healthz" => (StatusCode::OK, "ok"),
            "/readyz" if self.ready.load(Ordering::Acquire) => (StatusCode::OK, "ready"),
            "/readyz" => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
            _ => return None,
        };
        Some(SideAnswer { status, content_type: "text/plain; charset=utf-8", body: body.into() })
    }
}

/// Everything that is served beside the endpoint.
pub(crate) struct Sides {
    /// The state of the process.
    pub(crate) health: Arc<Health>,
    /// The privacy policy.
    pub(crate) policy: Policy,
}

impl SideRoutes for Sides {
    fn route(&self, method: &Method, path: &str, accept: &str) -> Option<SideAnswer> {
        self.health.route(method, path, accept).or_else(|| self.policy.route(method, path, accept))
    }
}

/// Serves `/metrics`, and the state of the process for whoever may not speak TLS, until `stop`: one short answer a
/// connection.
pub(crate) async fn serve_metrics(
    listener: TcpListener,
    telemetry: Arc<Telemetry>,
    health: Arc<Health>,
    stop: CancellationToken,
) {
    loop {
        let socket = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut socket, _)) = socket else {
            tokio::time::sleep(BREATHER).await;
            continue;
        };
        let exchange = async {
            let mut head = [0; 1_024];
            let read = socket.read(&mut head).await?;
            let asked = str::from_utf8(&head[..read]).ok().and_then(|head| head.strip_prefix("GET "));
            let path = asked.and_then(|rest| rest.split(' ').next()).unwrap_or_default();
            let (status, body) = if path == "/metrics" {
                (StatusCode::OK, telemetry.metrics())
            } else if let Some(state) = health.route(&Method::GET, path, "") {
                (state.status, String::from_utf8_lossy(&state.body).into_owned())
            } else {
                (StatusCode::NOT_FOUND, "nothing here".to_owned())
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: text/plain; version=0.0.4\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            socket.write_all(answer.as_bytes()).await
        };
        // A scraper that is slow or gone is not waited for.
        let _ = tokio::time::timeout(Duration::from_secs(5), exchange).await;
    }
}
