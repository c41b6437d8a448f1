//! What a row holds of an event: nothing personal in the hashed part.

use pm33_tenancy::{AuditEvent, AuditKeys, Timestamp, prepare};
use secrecy::SecretBox;

use crate::audit_chain::event;

fn keys(byte: u8) -> AuditKeys {
    AuditKeys::new(&SecretBox::new(Box::new([byte; 32])))
}

#[test]
fn the_hashed_part_holds_pseudonyms_and_commitments_only() {
    let event = event(2);
    let (row, personal) = prepare(event.clone(), &keys(1), [5; 16]);
    let text = format!("{row:?}");
    for secret in ["192.0.2", "agent/1", &event.actor.user.unwrap().to_string()] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!((personal.user, personal.agent.as_deref()), (event.actor.user, Some("agent/1")));
    assert_eq!(personal.ip_prefix.as_deref(), Some("192.0.2.0/24"));
    // The same person is recognised under one key and not under another; the same facts under another salt are not.
    let (again, _) = prepare(event.clone(), &keys(1), [6; 16]);
    assert_eq!(row.actor, again.actor);
    assert_ne!(row.personal, again.personal);
    assert_ne!(row.actor, prepare(event, &keys(2), [5; 16]).0.actor);
}

#[test]
fn an_address_is_one_address_in_each_of_its_forms() {
    let personal = |ip: &str| {
        let mut event = event(2);
        event.client.ip = Some(ip.parse().unwrap());
        prepare(event, &keys(1), [5; 16]).1
    };
    assert_eq!(personal("::ffff:192.0.2.1"), personal("192.0.2.1"));
    assert_ne!(personal("192.0.2.1").ip, personal("192.0.2.2").ip);
    assert_eq!(personal("2001:db8:7:1::9").ip_prefix.as_deref(), Some("2001:db8:7::/48"));
}

#[test]
fn an_address_has_another_pseudonym_every_thirty_days() {
    let day = std::time::Duration::from_hours(24);
    let began = Timestamp::from_micros(0).plus(day * 30 * 600);
    let pseudonym = |at: Timestamp| {
        let event = AuditEvent { at, ..event(2) };
        prepare(event, &keys(1), [5; 16]).1.ip.unwrap()
    };
    assert_eq!(pseudonym(began), pseudonym(began.plus(day * 29)));
    assert_ne!(pseudonym(began), pseudonym(began.plus(day * 30)));
}

#[test]
fn figures_beyond_the_stores_are_its_largest() {
    let mut event = event(2);
    event.latency = std::time::Duration::MAX;
    event.removed_characters = u32::MAX;
    event.usage.as_mut().unwrap().tokens = u64::MAX;
    let (row, _) = prepare(event, &keys(1), [5; 16]);
    assert_eq!(
        (row.latency_micros, row.removed_characters, row.tokens),
        (i64::MAX, i32::MAX, Some(i64::MAX))
    );
}
