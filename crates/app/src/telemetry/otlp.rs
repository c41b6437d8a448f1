//! OTLP over HTTP with protobuf bodies: the exporters, and the header fields that may hold a secret.

use std::{collections::HashMap, path::Path};

use opentelemetry_otlp::{MetricExporter, Protocol, SpanExporter, WithExportConfig, WithHttpConfig};
use secrecy::{ExposeSecret, SecretString};

use super::{TelemetryError, http_client};
use crate::TelemetrySettings;

/// One exporter a signal, over one client.
pub(super) struct Exporters {
    pub(super) spans: SpanExporter,
    pub(super) metrics: MetricExporter,
}

/// Makes the exporters for a collector's base URL.
pub(super) fn exporters(endpoint: &str, settings: &TelemetrySettings) -> Result<Exporters, TelemetryError> {
    let headers = match &settings.otlp_headers_file {
        Some(path) => read_headers(path)?,
        None => Vec::new(),
    };
    let fields: HashMap<String, String> =
        headers.iter().map(|(name, value)| (name.clone(), value.expose_secret().to_owned())).collect();
    let client = http_client::client()?;
    let base = endpoint.trim_end_matches('/');
    let broken = |error: opentelemetry_otlp::ExporterBuildError| TelemetryError::Exporter(error.into());
    let spans = SpanExporter::builder()
        .with_http()
        .with_http_client(client.clone())
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{base}/v1/traces"))
        .with_headers(fields.clone())
        .build()
        .map_err(broken)?;
    let metrics = MetricExporter::builder()
        .with_http()
        .with_http_client(client)
        .with_protocol(Protocol::HttpBinary)
        .with_endpoint(format!("{base}/v1/metrics"))
        .with_headers(fields)
        .build()
        .map_err(broken)?;
    Ok(Exporters { spans, metrics })
}

/// Header fields of a file: `Name: value`, one a line; `#` begins a comment.
fn read_headers(path: &Path) -> Result<Vec<(String, SecretString)>, TelemetryError> {
    let broken = |why: String| TelemetryError::Headers { path: path.display().to_string(), why };
    let text = std::fs::read_to_string(path).map_err(|error| broken(error.to_string()))?;
    let lines =
        text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
    lines
        .map(|(number, line)| {
            parse(line).ok_or_else(|| broken(format!("line {} is not `Name: value`", number + 1)))
        })
        .collect()
}

fn parse(line: &str) -> Option<(String, SecretString)> {
    let (name, value) = line.split_once(':')?;
    let (name, value) = (name.trim(), value.trim());
    http::HeaderName::try_from(name).ok()?;
    http::HeaderValue::try_from(value).ok()?;
    (!value.is_empty()).then(|| (name.to_owned(), SecretString::from(value)))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::read_headers;

    #[test]
    fn header_fields_are_read_and_bad_ones_are_named_without_their_value() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("headers");
        std::fs::write(&path, "# of the collector\nAuthorization: Bearer s3cret\n\nx-team: a:b\n")
            .expect("written");
        let read = read_headers(&path).expect("header fields");
        let shown: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.expose_secret())).collect();
        assert_eq!(shown, [("Authorization", "Bearer s3cret"), ("x-team", "a:b")]);
        std::fs::write(&path, "Authorization Bearer s3cret\n").expect("written");
        let error = read_headers(&path).expect_err("no header field").to_string();
        assert!(error.contains("line 1") && !error.contains("s3cret"), "{error}");
        assert!(read_headers(&folder.path().join("absent")).is_err());
    }
}
