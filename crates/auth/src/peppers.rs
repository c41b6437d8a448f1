//! Keyed digests of API keys. The pepper is outside the database, so a stolen table verifies nothing.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use pm33_tenancy::Digest;
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;

/// One pepper with its name.
pub struct Pepper {
    /// Name, stored beside each digest.
    pub id: String,
    /// 32 random bytes.
    pub key: SecretBox<[u8; 32]>,
}

/// The peppers of a deployment: new keys use the first; keys made under the others stay valid.
pub struct Peppers {
    prepared: Vec<(String, Hmac<Sha256>)>,
}

impl Peppers {
    /// Prepares the peppers; `None` when there is not even one.
    pub fn new(peppers: &[Pepper]) -> Option<Self> {
        let prepared: Vec<_> = peppers
            .iter()
            .filter_map(|pepper| {
                Some((pepper.id.clone(), Hmac::<Sha256>::new_from_slice(pepper.key.expose_secret()).ok()?))
            })
            .collect();
        (!prepared.is_empty()).then_some(Self { prepared })
    }

    /// Name of the pepper for new keys.
    pub fn current(&self) -> &str {
        self.prepared.first().map_or("", |(id, _)| id)
    }

    /// Digest under the first pepper.
    pub fn digest(&self, text: &str) -> Digest {
        self.prepared.first().map(|(_, mac)| finish(mac, text)).unwrap_or_default()
    }

    /// Digest under a named pepper; `None` when there is no such pepper any more.
    pub fn digest_under(&self, id: &str, text: &str) -> Option<Digest> {
        self.prepared.iter().find(|(name, _)| name == id).map(|(_, mac)| finish(mac, text))
    }
}

fn finish(mac: &Hmac<Sha256>, text: &str) -> Digest {
    let mut mac = mac.clone();
    mac.update(text.as_bytes());
    Digest(mac.finalize().into_bytes().into())
}

impl fmt::Debug for Peppers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Peppers({} of them)", self.prepared.len())
    }
}
