//! Sealed handles: what a client carries for us between calls (cursors, request state), signed and bound to its caller.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use pm33_tenancy::{Digest, Timestamp};
use secrecy::{ExposeSecret, SecretBox};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::AuthError;

const VERSION: u8 = 1;
const TAG: usize = 16;
/// Longest handle that is looked at, in characters.
const LONGEST: usize = 16 * 1_024;

/// Seals and opens handles. The first key seals; every key opens.
pub struct Sealer {
    keys: Vec<Hmac<Sha256>>,
}

impl Sealer {
    /// Prepares the keys; `None` when there is not even one.
    pub fn new(keys: &[SecretBox<[u8; 32]>]) -> Option<Self> {
        let keys: Vec<_> =
            keys.iter().filter_map(|key| Hmac::<Sha256>::new_from_slice(key.expose_secret()).ok()).collect();
        (!keys.is_empty()).then_some(Self { keys })
    }

    /// Seals a payload for a purpose and a binding (tenant, principal, digest of a filter, …). The payload is signed,
    /// not hidden.
    pub fn seal(&self, purpose: &str, binding: &[&[u8]], payload: &[u8], expires: Timestamp) -> String {
        let mut bytes = Vec::with_capacity(1 + 8 + payload.len() + TAG);
        bytes.push(VERSION);
        bytes.extend_from_slice(&expires.micros().to_be_bytes());
        bytes.extend_from_slice(payload);
        if let Some(key) = self.keys.first() {
            let tag = tag(key, purpose, binding, &bytes);
            bytes.extend_from_slice(&tag);
        }
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Keyed digest of bytes under a label, for logs that must not hold the bytes.
    pub fn digest(&self, label: &str, bytes: &[u8]) -> Digest {
        let Some(key) = self.keys.first() else { return Digest::default() };
        let mut mac = key.clone();
        mac.update(&(label.len() as u64).to_be_bytes());
        mac.update(label.as_bytes());
        mac.update(bytes);
        Digest(mac.finalize().into_bytes().into())
    }

    /// Opens a handle that was sealed with the same purpose and binding.
    ///
    /// # Errors
    /// [`AuthError::BadHandle`] for everything that was not; [`AuthError::ExpiredHandle`] past its life.
    pub fn open(
        &self,
        purpose: &str,
        binding: &[&[u8]],
        handle: &str,
        now: Timestamp,
    ) -> Result<Vec<u8>, AuthError> {
        if handle.len() > LONGEST {
            return Err(AuthError::BadHandle);
        }
        let mut bytes = URL_SAFE_NO_PAD.decode(handle).map_err(|_| AuthError::BadHandle)?;
        let signed =
            bytes.len().checked_sub(TAG).filter(|length| *length >= 9).ok_or(AuthError::BadHandle)?;
        let (body, given) = bytes.split_at(signed);
        let matches = |key: &Hmac<Sha256>| bool::from(tag(key, purpose, binding, body).ct_eq(given));
        if body[0] != VERSION || !self.keys.iter().any(matches) {
            return Err(AuthError::BadHandle);
        }
        let mut expires = [0; 8];
        expires.copy_from_slice(&body[1..9]);
        if now >= Timestamp::from_micros(i64::from_be_bytes(expires)) {
            return Err(AuthError::ExpiredHandle);
        }
        bytes.truncate(signed);
        bytes.drain(..9);
        Ok(bytes)
    }
}

impl fmt::Debug for Sealer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sealer(..)")
    }
}

fn tag(key: &Hmac<Sha256>, purpose: &str, binding: &[&[u8]], body: &[u8]) -> [u8; TAG] {
    let mut mac = key.clone();
    // Apart from `Sealer::digest`, whose input begins with the length of a label.
    mac.update(b"seal/1\xff\xff");
    // Every part with its length, so that parts cannot run into each other.
    for part in [purpose.as_bytes()].into_iter().chain(binding.iter().copied()) {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.update(&u64::MAX.to_be_bytes());
    mac.update(body);
    let whole: [u8; 32] = mac.finalize().into_bytes().into();
    let mut tag = [0; TAG];
    tag.copy_from_slice(&whole[..TAG]);
    tag
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(1_000);
    const LATER: Timestamp = Timestamp::from_micros(2_000);

    fn sealer(byte: u8) -> Sealer {
        Sealer { keys: Hmac::new_from_slice(&[byte; 32]).into_iter().collect() }
    }

    #[test]
    fn foreign_purpose_binding_key_and_time_are_refused() {
        let sealer = sealer(1);
        let handle = sealer.seal("cursor", &[b"tenant", b"key"], b"payload", LATER);
        assert_eq!(
            sealer.open("cursor", &[b"tenant", b"key"], &handle, NOW).ok().as_deref(),
            Some(&b"payload"[..])
        );
        for (purpose, binding) in [
            ("state", [&b"tenant"[..], b"key"]),
            ("cursor", [b"tenant", b"kez"]),
            ("cursor", [b"tenantk", b"ey"]),
        ] {
            assert!(matches!(sealer.open(purpose, &binding, &handle, NOW), Err(AuthError::BadHandle)));
        }
        assert!(matches!(
            self::sealer(2).open("cursor", &[b"tenant", b"key"], &handle, NOW),
            Err(AuthError::BadHandle)
        ));
        assert!(matches!(
            sealer.open("cursor", &[b"tenant", b"key"], &handle, LATER),
            Err(AuthError::ExpiredHandle)
        ));
    }

    #[test]
    fn a_digest_is_no_tag() {
        let sealer = sealer(1);
        let mut input = u64::MAX.to_be_bytes().to_vec();
        input.extend_from_slice(b"\x01body");
        let digest = sealer.digest("p", &input);
        let tag = tag(&sealer.keys[0], "p", &[], b"\x01body");
        assert_ne!(digest.0[..TAG], tag);
    }

    #[test]
    fn too_long_a_handle_is_not_even_decoded() {
        let sealer = sealer(1);
        let handle = sealer.seal("p", &[], &vec![0; LONGEST], LATER);
        assert!(matches!(sealer.open("p", &[], &handle, NOW), Err(AuthError::BadHandle)));
    }

    #[test]
    fn an_older_key_still_opens() {
        let old = sealer(1).seal("p", &[], b"x", LATER);
        let both = Sealer::new(&[SecretBox::new(Box::new([2; 32])), SecretBox::new(Box::new([1; 32]))]);
        assert!(both.is_some_and(|both| both.open("p", &[], &old, NOW).is_ok()));
    }

    proptest! {
        #[test]
        fn any_changed_bit_is_refused(payload in proptest::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), bit in 0_u8..8) {
            let sealer = sealer(1);
            let handle = sealer.seal("p", &[b"b"], &payload, LATER);
            let mut bytes = URL_SAFE_NO_PAD.decode(&handle).unwrap_or_default();
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            prop_assert!(sealer.open("p", &[b"b"], &URL_SAFE_NO_PAD.encode(bytes), NOW).is_err());
        }

        #[test]
        fn what_was_sealed_opens_for_the_same_purpose_and_binding_only(
            payload in proptest::collection::vec(any::<u8>(), 0..200),
            purpose in "[a-z]{1,8}", other_purpose in "[a-z]{1,8}",
            binding in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..5), 0..4),
            other in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..5), 0..4),
        ) {
            let sealer = sealer(1);
            let parts: Vec<&[u8]> = binding.iter().map(Vec::as_slice).collect();
            let others: Vec<&[u8]> = other.iter().map(Vec::as_slice).collect();
            let handle = sealer.seal(&purpose, &parts, &payload, LATER);
            prop_assert_eq!(sealer.open(&purpose, &parts, &handle, NOW).ok(), Some(payload));
            prop_assert_eq!(sealer.open(&purpose, &others, &handle, NOW).is_ok(), binding == other);
            prop_assert_eq!(sealer.open(&other_purpose, &parts, &handle, NOW).is_ok(), purpose == other_purpose);
        }

        #[test]
        fn any_changed_character_is_refused(payload in proptest::collection::vec(any::<u8>(), 0..40), at in any::<prop::sample::Index>(), to in "[0-9A-Za-z_-]") {
            let sealer = sealer(1);
            let handle = sealer.seal("p", &[b"b"], &payload, LATER);
            let mut changed = handle.clone();
            let at = at.index(handle.len());
            changed.replace_range(at..=at, &to);
            prop_assert_eq!(sealer.open("p", &[b"b"], &changed, NOW).is_ok(), changed == handle);
        }

        #[test]
        fn opening_bytes_never_panics(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            prop_assert!(sealer(1).open("p", &[], &URL_SAFE_NO_PAD.encode(bytes), NOW).is_err());
        }

        #[test]
        fn opening_never_panics(handle in any::<String>()) {
            prop_assert!(sealer(1).open("p", &[], &handle, NOW).is_err());
        }
    }
}
