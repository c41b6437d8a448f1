//! Section `tls`: certificate and key.

use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Broken;

/// TLS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct TlsSettings {
    /// PEM file with the certificate chain; read again when it changes.
    pub certificate: Option<PathBuf>,
    /// PEM file with the private key.
    pub key: Option<PathBuf>,
}

impl TlsSettings {
    pub(super) fn validate(&self) -> Result<(), Broken> {
        match (&self.certificate, &self.key) {
            (Some(_), None) => Err(Broken::new("key", "(absent)", "is needed beside tls.certificate")),
            (None, Some(_)) => Err(Broken::new("certificate", "(absent)", "is needed beside tls.key")),
            _ => Ok(()),
        }
    }
}
