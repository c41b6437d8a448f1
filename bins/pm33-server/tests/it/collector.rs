//! A collector as the server's telemetry meets it: HTTP on loopback, OTLP bodies decoded as they come.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    time::Duration,
};

use opentelemetry_proto::tonic::{
    collector::{metrics::v1::ExportMetricsServiceRequest, trace::v1::ExportTraceServiceRequest},
    metrics::v1::Metric,
    trace::v1::Span,
};
use prost::Message;

/// What came in one export.
#[derive(Debug)]
pub(crate) struct Export {
    /// Request line and header lines.
    pub head: String,
    /// Spans.
    pub spans: Vec<Span>,
    /// Metrics.
    pub metrics: Vec<Metric>,
    /// `service.name` and the like, as text.
    pub resource: String,
    /// The body's bytes.
    pub body: Vec<u8>,
}

/// A listening collector.
pub(crate) struct Collector {
    /// Its base URL.
    pub url: String,
    exports: mpsc::Receiver<Export>,
}

impl Collector {
    /// Listens on a free port.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let (sender, exports) = mpsc::channel();
        std::thread::spawn(move || {
            for socket in listener.incoming().map_while(Result::ok) {
                let sender = sender.clone();
                std::thread::spawn(move || serve(socket, &sender));
            }
        });
        Self { url, exports }
    }

    /// Everything that has come until now.
    pub(crate) fn received(&self) -> Vec<Export> {
        self.exports.try_iter().collect()
    }

    /// The next export.
    pub(crate) fn next(&self) -> Export {
        self.exports.recv_timeout(Duration::from_secs(30)).expect("an export")
    }
}

/// Answers requests on a connection until it ends.
fn serve(socket: TcpStream, exports: &mpsc::Sender<Export>) -> Option<()> {
    let mut reader = BufReader::new(socket.try_clone().ok()?);
    let mut writer = socket;
    loop {
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            if reader.read_line(&mut head).ok()? == 0 {
                return None;
            }
        }
        let lower = head.to_lowercase();
        let length = lower.split("content-length: ").nth(1)?.lines().next()?.trim().parse().ok()?;
        let mut body = vec![0; length];
        reader.read_exact(&mut body).ok()?;
        exports.send(read(head, body)).ok()?;
        let answer = "HTTP/1.1 200 OK\r\nContent-Type: application/x-protobuf\r\nContent-Length: 0\r\n\r\n";
        writer.write_all(answer.as_bytes()).ok()?;
    }
}

fn read(head: String, body: Vec<u8>) -> Export {
    let mut export = Export { head, spans: Vec::new(), metrics: Vec::new(), resource: String::new(), body };
    if export.head.starts_with("POST /v1/traces ") {
        let request = ExportTraceServiceRequest::decode(&*export.body).expect("spans");
        for of_resource in request.resource_spans {
            export.resource = format!("{:?}", of_resource.resource);
            export.spans.extend(of_resource.scope_spans.into_iter().flat_map(|scope| scope.spans));
        }
    } else if export.head.starts_with("POST /v1/metrics ") {
        let request = ExportMetricsServiceRequest::decode(&*export.body).expect("metrics");
        for of_resource in request.resource_metrics {
            export.resource = format!("{:?}", of_resource.resource);
            export.metrics.extend(of_resource.scope_metrics.into_iter().flat_map(|scope| scope.metrics));
        }
    }
    export
}
