//! `/healthz`, `/readyz`, and Prometheus metrics on a listener of their own.

use std::{
    fmt::Write,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use http::{Method, StatusCode};
use pm33_mcp::Server;
use pm33_transport::{SideAnswer, SideRoutes};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_util::sync::CancellationToken;

/// The state of the process: whether it is ready for calls.
#[derive(Default)]
pub struct Health {
    ready: AtomicBool,
}

impl Health {
    /// Tells load balancers to send calls, or to stop.
    pub fn set_ready(&self, ready: bool) {
        self.ready.store(ready, Ordering::Release);
    }

    /// The metrics in Prometheus' text form.
    pub fn metrics(&self, server: &Server) -> String {
        let mut text = String::new();
        let mut line = |words: std::fmt::Arguments<'_>| {
            // Writing to a string does not fail.
            let _ = writeln!(text, "{words}");
        };
        line(format_args!("# TYPE pm33_running_calls gauge\npm33_running_calls {}", server.running_calls()));
        line(format_args!(
            "# TYPE pm33_subscriptions gauge\npm33_subscriptions {}",
            server.open_subscriptions()
        ));
        text
    }
}

impl SideRoutes for Health {
    fn route(&self, method: &Method, path: &str) -> Option<SideAnswer> {
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

/// Serves `/metrics` until `stop`: one short answer a connection.
pub(crate) async fn serve_metrics(
    listener: TcpListener,
    health: Arc<Health>,
    server: Server,
    stop: CancellationToken,
) {
    loop {
        let socket = tokio::select! {
            () = stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let Ok((mut socket, _)) = socket else { continue };
        let exchange = async {
            let mut head = [0; 1_024];
            let read = socket.read(&mut head).await?;
            let found = head[..read].starts_with(b"GET /metrics ");
            let (status, body) = if found {
                ("200 OK", health.metrics(&server))
            } else {
                ("404 Not Found", "nothing here".to_owned())
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
