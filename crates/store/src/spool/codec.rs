//! An audit row as bytes: fields one after the other, texts and what may be absent with their length before them.

use pm33_tenancy::{
    AuditRow, AuditText, Digest, KeyId, PersonalRow, TenantId, Timestamp, UserId, WorkspaceId,
};
use uuid::Uuid;

use crate::grant::Prepared;

/// What stands for a value that is absent where a length would stand.
const ABSENT: u32 = u32::MAX;
/// Room for a row; most take less.
const ROOM: usize = 512;

/// Writes a row.
pub(super) fn encode((row, side): &Prepared) -> Vec<u8> {
    let mut to = Vec::with_capacity(ROOM);
    to.extend_from_slice(&row.schema_version.to_le_bytes());
    to.extend_from_slice(&row.at.micros().to_le_bytes());
    to.extend_from_slice(row.correlation.as_bytes());
    to.extend_from_slice(row.tenant.uuid().as_bytes());
    to.extend_from_slice(&row.latency_micros.to_le_bytes());
    to.extend_from_slice(&row.removed_characters.to_le_bytes());
    to.extend_from_slice(&row.personal.0);
    for text in [&row.actor_kind, &row.scopes, &row.method, &row.outcome, &row.code, &row.limit_verdict] {
        put(&mut to, Some(text.as_bytes()));
    }
    for text in [&row.traceparent, &row.target, &row.provider, &row.model] {
        put(&mut to, text.as_deref().map(str::as_bytes));
    }
    put(&mut to, row.actor.as_ref().map(|digest| &digest.0[..]));
    put(&mut to, row.arguments.as_ref().map(|digest| &digest.0[..]));
    put(&mut to, row.key.as_ref().map(|key| key.as_str().as_bytes()));
    put(&mut to, row.workspace.map(|id| id.uuid().into_bytes()).as_ref().map(|id| &id[..]));
    put(&mut to, row.hold.map(Uuid::into_bytes).as_ref().map(|id| &id[..]));
    put(&mut to, row.tokens.map(i64::to_le_bytes).as_ref().map(|number| &number[..]));
    put(&mut to, row.micro_credits.map(i64::to_le_bytes).as_ref().map(|number| &number[..]));
    to.extend_from_slice(&side.salt);
    put(&mut to, side.user.map(|id| id.uuid().into_bytes()).as_ref().map(|id| &id[..]));
    put(&mut to, side.ip.as_ref().map(|digest| &digest.0[..]));
    put(&mut to, side.ip_prefix.as_deref().map(str::as_bytes));
    put(&mut to, side.agent.as_deref().map(str::as_bytes));
    to
}

fn put(to: &mut Vec<u8>, value: Option<&[u8]>) {
    // No field comes near that length: a request has less room.
    let length = value.map_or(ABSENT, |bytes| u32::try_from(bytes.len()).unwrap_or(ABSENT - 1));
    to.extend_from_slice(&length.to_le_bytes());
    to.extend_from_slice(value.unwrap_or_default());
}

/// Reads a row that [`encode`] wrote; `None` for anything else.
pub(super) fn decode(bytes: &[u8]) -> Option<Prepared> {
    row(bytes).ok()
}

/// The bytes are no row.
struct NoRow;

fn row(bytes: &[u8]) -> Result<Prepared, NoRow> {
    let mut from = Reader(bytes);
    let schema_version = i32::from_le_bytes(from.array()?);
    let at = Timestamp::from_micros(from.number()?);
    let correlation = Uuid::from_bytes(from.array()?);
    let tenant = TenantId::from_uuid(Uuid::from_bytes(from.array()?));
    let latency_micros = from.number()?;
    let removed_characters = i32::from_le_bytes(from.array()?);
    let personal = Digest(from.array()?);
    let [actor_kind, scopes, method, outcome, code, limit_verdict] =
        [from.word()?, from.word()?, from.word()?, from.word()?, from.word()?, from.word()?];
    let [traceparent, target, provider, model] = [from.text()?, from.text()?, from.text()?, from.text()?];
    let row = AuditRow {
        schema_version,
        at,
        correlation,
        traceparent,
        tenant,
        actor_kind,
        actor: from.some()?.map(Digest),
        arguments: from.some()?.map(Digest),
        key: from.key()?,
        workspace: from.some()?.map(|id| WorkspaceId::from_uuid(Uuid::from_bytes(id))),
        hold: from.some()?.map(Uuid::from_bytes),
        tokens: from.some()?.map(i64::from_le_bytes),
        micro_credits: from.some()?.map(i64::from_le_bytes),
        scopes,
        method,
        target,
        outcome,
        code,
        latency_micros,
        provider,
        model,
        removed_characters,
        limit_verdict,
        personal,
    };
    let side = PersonalRow {
        salt: from.array()?,
        user: from.some()?.map(|id| UserId::from_uuid(Uuid::from_bytes(id))),
        ip: from.some()?.map(Digest),
        ip_prefix: from.text()?,
        agent: from.text()?,
    };
    if from.0.is_empty() { Ok((row, side)) } else { Err(NoRow) }
}

/// What is still to be read.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Result<&'a [u8], NoRow> {
        let (taken, rest) = self.0.split_at_checked(length).ok_or(NoRow)?;
        self.0 = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], NoRow> {
        self.take(N)?.try_into().map_err(|_| NoRow)
    }

    fn number(&mut self) -> Result<i64, NoRow> {
        self.array().map(i64::from_le_bytes)
    }

    /// The next value, which may be absent.
    fn value(&mut self) -> Result<Option<&'a [u8]>, NoRow> {
        match u32::from_le_bytes(self.array()?) {
            ABSENT => Ok(None),
            length => self.take(usize::try_from(length).map_err(|_| NoRow)?).map(Some),
        }
    }

    fn some<const N: usize>(&mut self) -> Result<Option<[u8; N]>, NoRow> {
        self.value()?.map(|bytes| bytes.try_into().map_err(|_| NoRow)).transpose()
    }

    fn text(&mut self) -> Result<Option<AuditText>, NoRow> {
        let text = self.value()?.map(std::str::from_utf8).transpose().map_err(|_| NoRow)?;
        Ok(text.map(|text| AuditText::from(text.to_owned())))
    }

    /// A text that is never absent.
    fn word(&mut self) -> Result<AuditText, NoRow> {
        self.text()?.ok_or(NoRow)
    }

    fn key(&mut self) -> Result<Option<KeyId>, NoRow> {
        self.text()?.map(|text| text.parse().map_err(|_| NoRow)).transpose()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use pm33_tenancy::{Actor, ActorKind, AuditEvent, AuditKeys, ClientFacts, prepare};
    use proptest::prelude::*;
    use secrecy::SecretBox;

    use super::*;

    fn rows() -> impl Strategy<Value = Prepared> {
        let texts = (".{0,40}", proptest::option::of(".{0,300}"), proptest::option::of("[ -~]{0,60}"));
        let ids = (any::<u128>(), any::<u128>(), proptest::option::of(any::<u128>()), any::<[u8; 16]>());
        let rest = (0..4_102_444_800_000_000_i64, any::<u32>(), proptest::option::of(any::<[u8; 32]>()));
        let usage = proptest::option::of((any::<i64>(), any::<i64>(), any::<u128>()));
        (texts, ids, rest, usage, any::<bool>()).prop_map(
            |((scopes, agent, trace), (tenant, call, user, salt), (at, removed, digest), usage, is_known)| {
                let tenant = TenantId::from_uuid(Uuid::from_u128(tenant));
                let user = user.map(|id| UserId::from_uuid(Uuid::from_u128(id)));
                let event = AuditEvent {
                    actor: Actor { kind: ActorKind::Operator, user },
                    key: is_known.then(|| "AAAAAAAAAAAA".parse().ok()).flatten(),
                    scopes: scopes.into(),
                    target: trace.clone().map(Into::into),
                    arguments: digest.map(Digest),
                    workspace: is_known.then(|| WorkspaceId::from_uuid(Uuid::from_u128(call))),
                    latency: Duration::from_micros(u64::from(removed)),
                    client: ClientFacts {
                        ip: is_known.then(|| "203.0.113.9".parse().ok()).flatten(),
                        agent: agent.map(Into::into),
                    },
                    ..AuditEvent::done(tenant, ActorKind::Operator, "tools/call", Timestamp::from_micros(at))
                };
                let keys = AuditKeys::new(&SecretBox::new(Box::new([7; 32])));
                let (mut row, side) = prepare(event, &keys, salt);
                row.traceparent = trace.map(AuditText::from);
                if let Some((tokens, credits, hold)) = usage {
                    row.tokens = Some(tokens);
                    row.micro_credits = Some(credits);
                    row.hold = Some(Uuid::from_u128(hold));
                    row.provider = Some("anthropic".into());
                    row.model = Some("a-model".into());
                }
                (row, side)
            },
        )
    }

    proptest! {
        #[test]
        fn what_was_written_is_read(row in rows()) {
            prop_assert_eq!(decode(&encode(&row)), Some(row));
        }

        #[test]
        fn what_is_cut_or_goes_on_is_no_row(row in rows(), cut in any::<proptest::sample::Index>(), more in any::<u8>()) {
            let bytes = encode(&row);
            prop_assert_eq!(decode(&bytes[..cut.index(bytes.len())]), None);
            prop_assert_eq!(decode(&[&bytes[..], &[more]].concat()), None);
        }

        #[test]
        fn any_bytes_are_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
            if let Some(row) = decode(&bytes) {
                prop_assert_eq!(encode(&row), bytes);
            }
        }
    }
}
