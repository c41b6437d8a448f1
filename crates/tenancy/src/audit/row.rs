//! An event turned into what is stored: a hashed row without personal data and a side row with it.

use std::net::IpAddr;

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{AuditEvent, AuditKeys, AuditText};
use crate::{Digest, KeyId, TenantId, Timestamp, UserId, WorkspaceId};

/// The version of the row's canonical form.
pub(super) const SCHEMA_VERSION: i32 = 1;

/// The part of a record that the chain covers. Personal fields appear only as salted commitments (governance A3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRow {
    /// Form of the row.
    pub schema_version: i32,
    /// When the act began.
    pub at: Timestamp,
    /// The call.
    pub correlation: uuid::Uuid,
    /// W3C trace context.
    pub traceparent: Option<AuditText>,
    /// Whose log.
    pub tenant: TenantId,
    /// What sort of actor.
    pub actor_kind: AuditText,
    /// Keyed pseudonym of the user.
    pub actor: Option<Digest>,
    /// The key.
    pub key: Option<KeyId>,
    /// Scopes needed.
    pub scopes: AuditText,
    /// Method.
    pub method: AuditText,
    /// Tool, resource or prompt.
    pub target: Option<AuditText>,
    /// Keyed digest of the arguments.
    pub arguments: Option<Digest>,
    /// Workspace.
    pub workspace: Option<WorkspaceId>,
    /// How it ended.
    pub outcome: AuditText,
    /// Reason word.
    pub code: AuditText,
    /// Microseconds.
    pub latency_micros: i64,
    /// Billed tokens.
    pub tokens: Option<i64>,
    /// Micro-credits.
    pub micro_credits: Option<i64>,
    /// The hold.
    pub hold: Option<uuid::Uuid>,
    /// Provider.
    pub provider: Option<AuditText>,
    /// Model.
    pub model: Option<AuditText>,
    /// Characters removed at the boundary.
    pub removed_characters: i32,
    /// Limiter's verdict.
    pub limit_verdict: AuditText,
    /// Salted commitment of the personal side row.
    pub personal: Digest,
}

/// The personal part of a record: erasable without breaking the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PersonalRow {
    /// Random salt of the commitment.
    #[serde(with = "crate::hex")]
    pub salt: [u8; 16],
    /// The user.
    pub user: Option<UserId>,
    /// Keyed pseudonym of the address.
    pub ip: Option<Digest>,
    /// The address's /24 or /48.
    pub ip_prefix: Option<AuditText>,
    /// Agent.
    pub agent: Option<AuditText>,
}

/// Splits an event into its hashed and its personal row.
pub fn prepare(event: AuditEvent, keys: &AuditKeys, salt: [u8; 16]) -> (AuditRow, PersonalRow) {
    let (ip, ip_prefix) = event.client.ip.map(|ip| keys.place(ip, event.at)).unzip();
    let personal = PersonalRow {
        salt,
        user: event.actor.user,
        ip,
        ip_prefix,
        agent: event.client.agent.map(AuditText::from),
    };
    let usage = event.usage.as_ref();
    let row = AuditRow {
        schema_version: SCHEMA_VERSION,
        at: event.at,
        correlation: event.correlation.uuid(),
        traceparent: event.traceparent.map(AuditText::from),
        tenant: event.tenant,
        actor_kind: event.actor.kind.as_str().into(),
        actor: event.actor.user.map(|user| keys.actor(user)),
        key: event.key,
        scopes: event.scopes,
        method: event.method,
        target: event.target,
        arguments: event.arguments,
        workspace: event.workspace,
        outcome: event.outcome.as_str().into(),
        code: event.code,
        latency_micros: i64::try_from(event.latency.as_micros()).unwrap_or(i64::MAX),
        tokens: usage.map(|usage| i64::try_from(usage.tokens).unwrap_or(i64::MAX)),
        micro_credits: usage.map(|usage| i64::try_from(usage.micro_credits).unwrap_or(i64::MAX)),
        hold: usage.and_then(|usage| usage.hold),
        provider: usage.map(|usage| usage.provider.clone().into()),
        model: usage.map(|usage| usage.model.clone().into()),
        removed_characters: i32::try_from(event.removed_characters).unwrap_or(i32::MAX),
        limit_verdict: event.limit.as_str().into(),
        personal: commitment(&personal),
    };
    (row, personal)
}

/// Salted commitment of a personal row, as the hashed row carries it.
pub(super) fn commitment(personal: &PersonalRow) -> Digest {
    let mut hash = Sha256::new();
    hash.update(personal.salt);
    let mut field = |bytes: Option<&[u8]>| put(&mut |part: &[u8]| hash.update(part), bytes);
    field(personal.user.as_ref().map(|user| user.uuid().into_bytes()).as_ref().map(<[u8; 16]>::as_slice));
    field(personal.ip.as_ref().map(|ip| ip.0.as_slice()));
    field(personal.ip_prefix.as_deref().map(str::as_bytes));
    field(personal.agent.as_deref().map(str::as_bytes));
    Digest(hash.finalize().into())
}

/// Feeds one field: a presence byte, then length and bytes, so that no two rows share an encoding.
pub(super) fn put(sink: &mut impl FnMut(&[u8]), bytes: Option<&[u8]>) {
    match bytes {
        None => sink(&[0]),
        Some(bytes) => {
            sink(&[1]);
            sink(&(bytes.len() as u64).to_be_bytes());
            sink(bytes);
        }
    }
}

/// Keyed digest under a label, so that one key serves several purposes without mixing them.
pub(super) fn keyed(key: &Hmac<Sha256>, label: &[u8], bytes: &[u8]) -> Digest {
    let mut mac = key.clone();
    mac.update(&(label.len() as u64).to_be_bytes());
    mac.update(label);
    mac.update(bytes);
    Digest(mac.finalize().into_bytes().into())
}

/// Room for an IPv4 address, and for its network.
const IPV4: usize = "255.255.255.255/24".len();

/// An address as its `Display` writes it. Digits are put one by one: that is for every row, and the formatter takes longer.
pub(super) fn text(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => octets(&v4.octets()),
        IpAddr::V6(v6) => v6.to_string(),
    }
}

pub(super) fn prefix(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(v4) => octets(&v4.octets()[..3]) + ".0/24",
        IpAddr::V6(v6) => {
            let [a, b, c, ..] = v6.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

/// Octets in decimal, with dots between.
fn octets(octets: &[u8]) -> String {
    let mut text = String::with_capacity(IPV4);
    for (place, octet) in octets.iter().enumerate() {
        if place > 0 {
            text.push('.');
        }
        if *octet >= 100 {
            text.push(digit(octet / 100));
        }
        if *octet >= 10 {
            text.push(digit(octet / 10 % 10));
        }
        text.push(digit(octet % 10));
    }
    text
}

fn digit(digit: u8) -> char {
    char::from(b'0' + digit)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn an_address_is_written_as_it_is_displayed(ip in any::<IpAddr>()) {
            prop_assert_eq!(text(ip), ip.to_string());
            if let IpAddr::V4(v4) = ip {
                let network = std::net::Ipv4Addr::from_bits(v4.to_bits() & 0xffff_ff00);
                prop_assert_eq!(prefix(ip), format!("{network}/24"));
            }
        }
    }
}
