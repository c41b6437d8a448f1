//! What the parts count of themselves, read when metrics are collected: it costs a request nothing.

use std::sync::Arc;

use opentelemetry::{KeyValue, metrics::Meter};
use pm33_mcp::Server;
use pm33_store::{Store, WriterLoad};
use pm33_transport::HttpCounts;

/// The parts that count.
#[derive(Clone)]
pub(crate) struct Sources {
    /// The engine.
    pub(crate) server: Server,
    /// The store.
    pub(crate) store: Store,
    /// The listener.
    pub(crate) http: Arc<HttpCounts>,
}

/// Registers an instrument for each count.
pub(super) fn observe(meter: &Meter, sources: &Sources) {
    let gauge = |name: &'static str, words: &'static str, read: fn(&Sources) -> Option<u64>| {
        let sources = sources.clone();
        meter
            .u64_observable_gauge(name)
            .with_description(words)
            .with_callback(move |told| {
                if let Some(value) = read(&sources) {
                    told.observe(value, &[]);
                }
            })
            .build();
    };
    let counter = |name: &'static str, words: &'static str, read: fn(WriterLoad) -> u64| {
        let store = sources.store.clone();
        meter
            .u64_observable_counter(name)
            .with_description(words)
            .with_callback(move |told| {
                if let Some(load) = store.writer_load() {
                    told.observe(read(load), &[]);
                }
            })
            .build();
    };
    gauge("pm33.connections", "Open connections.", |all| Some(all.http.connections()));
    gauge("pm33.streams", "Open event streams.", |all| Some(all.http.streams()));
    gauge("pm33.calls.running", "Calls that are running.", |all| Some(all.server.running_calls() as u64));
    gauge("pm33.listens", "Open change subscriptions.", |all| Some(all.server.open_subscriptions() as u64));
    gauge("pm33.sessions", "Legacy sessions that this process remembers.", |all| {
        Some(all.server.remembered_sessions() as u64)
    });
    gauge("pm33.snapshots", "Workspaces whose snapshot is in memory.", |all| {
        Some(all.store.snapshots() as u64)
    });
    gauge("pm33.writer.queued", "Units and audit rows that wait for the writer.", |all| {
        all.store.writer_load().map(|load| load.queued)
    });
    counter("pm33.writer.groups", "Groups that were committed, each with one sync.", |load| load.groups);
    counter("pm33.writer.units", "Units and audit rows in committed groups.", |load| load.units);
    counter("pm33.writer.lost", "Groups that could not be committed.", |load| load.lost);
    let http = Arc::clone(&sources.http);
    meter
        .u64_observable_counter("pm33.auth.refusals")
        .with_description("Requests refused before the engine saw them, by reason.")
        .with_callback(move |told| {
            for (reason, count) in http.refusals() {
                told.observe(count, &[KeyValue::new("reason", reason)]);
            }
        })
        .build();
    meter
        .u64_observable_gauge("pm33.build.info")
        .with_description("The program's version; always 1.")
        .with_callback(|told| told.observe(1, &[KeyValue::new("version", env!("CARGO_PKG_VERSION"))]))
        .build();
}
