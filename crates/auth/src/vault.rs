//! Secrets of tenants that the program must use again, sealed for the store: AES-256-GCM under keys that are never in the
//! database, each bound to its place, so that a sealed secret opens nowhere else.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use pm33_tenancy::{ProviderChoice, ProviderKey, TenantId};
use ring::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use secrecy::{ExposeSecret, SecretBox, SecretString};
use sha2::Sha256;

const VERSION: u8 = 1;

/// A secret that cannot be sealed or opened here: foreign, changed, or of a deployment whose secrets are others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sealed secret does not open with this deployment's secrets; set it again")]
pub struct Unsealable;

/// Seals and opens secrets. The first key seals; every key opens.
pub struct Vault {
    keys: Vec<LessSafeKey>,
}

impl Vault {
    /// Prepares the keys, each made from a secret of the deployment for this purpose alone; `None` when there is none.
    pub fn new(secrets: &[SecretBox<[u8; 32]>]) -> Option<Self> {
        let keys: Vec<_> = secrets.iter().filter_map(|secret| derived(secret.expose_secret())).collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Seals a tenant's own key of a provider.
    ///
    /// # Errors
    /// [`Unsealable`] when the cipher refuses.
    pub fn seal_provider_key(
        &self,
        tenant: TenantId,
        provider: ProviderChoice,
        key: &SecretString,
    ) -> Result<Vec<u8>, Unsealable> {
        self.seal(&[b"provider_key", tenant.uuid().as_bytes(), provider.as_str().as_bytes()], key)
    }

    /// Opens a tenant's own key of a provider.
    ///
    /// # Errors
    /// [`Unsealable`] when it was sealed for another tenant or provider, with other secrets, or was changed.
    pub fn open_provider_key(&self, tenant: TenantId, key: &ProviderKey) -> Result<SecretString, Unsealable> {
        let provider = key.provider.as_str().as_bytes();
        self.open(&[b"provider_key", tenant.uuid().as_bytes(), provider], &key.sealed)
    }

    fn seal(&self, place: &[&[u8]], secret: &SecretString) -> Result<Vec<u8>, Unsealable> {
        let key = self.keys.first().ok_or(Unsealable)?;
        let nonce: [u8; NONCE_LEN] = rand::random();
        let mut text = secret.expose_secret().as_bytes().to_vec();
        key.seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(bound(place)), &mut text)
            .map_err(|_| Unsealable)?;
        Ok([&[VERSION], &nonce[..], &text].concat())
    }

    fn open(&self, place: &[&[u8]], sealed: &[u8]) -> Result<SecretString, Unsealable> {
        let rest = sealed.strip_prefix(&[VERSION]).ok_or(Unsealable)?;
        let (nonce, text) = rest.split_first_chunk::<NONCE_LEN>().ok_or(Unsealable)?;
        for key in &self.keys {
            let mut text = text.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            if let Ok(opened) = key.open_in_place(nonce, Aad::from(bound(place)), &mut text) {
                let opened = str::from_utf8(opened).map_err(|_| Unsealable)?;
                return Ok(SecretString::from(opened));
            }
        }
        Err(Unsealable)
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Vault(..)")
    }
}

fn derived(secret: &[u8; 32]) -> Option<LessSafeKey> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
    mac.update(b"vault/1");
    let key: [u8; 32] = mac.finalize().into_bytes().into();
    Some(LessSafeKey::new(UnboundKey::new(&AES_256_GCM, &key).ok()?))
}

/// Every part with its length, so that parts cannot run into each other.
fn bound(place: &[&[u8]]) -> Vec<u8> {
    place.iter().flat_map(|part| [&(part.len() as u64).to_be_bytes(), *part].concat()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vault(bytes: &[u8]) -> Vault {
        let secrets: Vec<_> = bytes.iter().map(|byte| SecretBox::new(Box::new([*byte; 32]))).collect();
        Vault::new(&secrets).unwrap()
    }

    #[test]
    fn a_secret_opens_in_its_place_only_and_unchanged_only() {
        let (vault, secret) = (vault(&[1]), SecretString::from("sk-own-key"));
        let sealed = vault.seal(&[b"tenant", b"anthropic"], &secret).unwrap();
        assert!(!sealed.windows(6).any(|part| part == b"sk-own"), "it is hidden");
        let opened = vault.open(&[b"tenant", b"anthropic"], &sealed).unwrap();
        assert_eq!(opened.expose_secret(), "sk-own-key");
        assert_ne!(sealed, vault.seal(&[b"tenant", b"anthropic"], &secret).unwrap(), "never twice the same");
        for place in [[&b"other"[..], b"anthropic"], [b"tenant", b"openai"], [b"tenanta", b"nthropic"]] {
            assert!(vault.open(&place, &sealed).is_err());
        }
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(vault.open(&[b"tenant", b"anthropic"], &changed).is_err(), "byte {at}");
        }
        for cut in 0..sealed.len() {
            assert!(vault.open(&[b"tenant", b"anthropic"], &sealed[..cut]).is_err());
        }
    }

    #[test]
    fn an_older_key_still_opens_and_a_foreign_one_does_not() {
        let sealed = vault(&[1]).seal(&[b"t"], &SecretString::from("s")).unwrap();
        assert!(vault(&[2, 1]).open(&[b"t"], &sealed).is_ok());
        assert!(vault(&[2]).open(&[b"t"], &sealed).is_err());
        assert!(Vault::new(&[]).is_none());
    }
}
