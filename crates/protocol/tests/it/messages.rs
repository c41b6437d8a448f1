//! What is encoded is decoded again, identifiers, methods and values unchanged.

use pm33_protocol::{
    DecodeError, ErrorObject, Incoming, Unreadable, decode, encode_error, encode_notification,
    encode_request, encode_result,
};
use proptest::prelude::*;
use serde_json::{Value, json, value::RawValue};

use crate::{
    any_bytes,
    generators::{depth, identifier, near_message, object, text, value},
    mutation::mutated,
};

fn tree(raw: &RawValue) -> Value {
    serde_json::from_str(raw.get()).unwrap()
}

proptest! {
    #[test]
    fn requests_come_back(id in identifier(), method in text(), params in object()) {
        let bytes = encode_request(&id, &method, &params);
        let Ok(Incoming::Request { id: read, method: named, params: Some(raw) }) = decode(&bytes, 64) else {
            panic!("not a request");
        };
        prop_assert_eq!((read, &*named, tree(raw)), (id, &*method, Value::Object(params)));
    }

    #[test]
    fn notifications_come_back(method in text(), params in object()) {
        let bytes = encode_notification(&method, &params);
        let Ok(Incoming::Notification { method: named, params: Some(raw) }) = decode(&bytes, 64) else {
            panic!("not a notification");
        };
        prop_assert_eq!((&*named, tree(raw)), (&*method, Value::Object(params)));
    }

    #[test]
    fn results_come_back(id in identifier(), result in value()) {
        let bytes = encode_result(&id, &result);
        let Ok(Incoming::Response { id: read, outcome: Ok(raw) }) = decode(&bytes, 64) else {
            panic!("not a result");
        };
        prop_assert_eq!((read, tree(raw)), (id, result));
    }

    #[test]
    fn errors_come_back(id in identifier(), code in any::<i32>(), message in text(), data in object()) {
        let error = ErrorObject::new(code, message).with(Value::Object(data));
        let bytes = encode_error(Some(&id), &error);
        let Ok(Incoming::Response { id: read, outcome: Err(found) }) = decode(&bytes, 64) else {
            panic!("not an error");
        };
        prop_assert_eq!((read, found), (id, error));
    }

    #[test]
    fn arbitrary_bytes_hold(bytes in proptest::collection::vec(any::<u8>(), 0..512)) {
        any_bytes::hold(&bytes);
    }

    #[test]
    fn near_messages_hold(message in near_message()) {
        any_bytes::hold(&serde_json::to_vec(&message).unwrap());
    }

    #[test]
    fn spoilt_messages_hold(bytes in mutated(any_bytes::seeds())) {
        any_bytes::hold(&bytes);
    }

    #[test]
    fn cut_messages_are_refused(message in near_message(), part in 0.0..1.0_f64) {
        let bytes = serde_json::to_vec(&message).unwrap();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a place in it")]
        let cut = (bytes.len() as f64 * part) as usize;
        prop_assert!(matches!(decode(bytes.get(..cut).unwrap(), 64), Err(DecodeError::NotJson(_))));
    }

    #[test]
    fn near_messages_are_read_by_the_rules(message in near_message()) {
        let bytes = serde_json::to_vec(&message).unwrap();
        let id = message.get("id").filter(|id| id.is_string() || id.is_i64());
        match decode(&bytes, 64) {
            Ok(Incoming::Request { id: read, .. }) => prop_assert_eq!(&json!(read), id.unwrap()),
            Ok(Incoming::Notification { .. }) => prop_assert_eq!(message.get("id"), None),
            Ok(Incoming::Response { id: read, .. }) => {
                prop_assert_eq!(&json!(read), id.unwrap());
                prop_assert_eq!(message.get("method"), None);
            }
            Err(error) => prop_assert_eq!(error.id().map(|read| json!(read)), id.cloned()),
        }
    }

    #[test]
    fn depth_is_judged_as_the_tree_has_it(message in value(), limit in 0_usize..8) {
        let bytes = serde_json::to_vec(&message).unwrap();
        let too_deep = Unreadable::TooDeep { limit };
        let refused = match decode(&bytes, limit) {
            Err(DecodeError::NotJson(why) | DecodeError::NotRead { why, .. }) => why == too_deep,
            _ => false,
        };
        prop_assert_eq!(refused, depth(&message) > limit);
    }

    #[test]
    fn what_is_too_deep_is_answered_by_its_identifier(message in near_message()) {
        let bytes = serde_json::to_vec(&message).unwrap();
        let id = message.get("id").filter(|id| id.is_string() || id.is_i64());
        let error = decode(&bytes, 0).unwrap_err();
        prop_assert_eq!(error.id().map(|read| json!(read)), id.cloned());
    }

    #[test]
    fn pretty_messages_are_the_same_messages(message in near_message()) {
        let plain = serde_json::to_vec(&message).unwrap();
        let pretty = serde_json::to_vec_pretty(&message).unwrap();
        match (decode(&plain, 64), decode(&pretty, 64)) {
            (Ok(Incoming::Request { params: one, .. }), Ok(Incoming::Request { params: other, .. })) => {
                prop_assert_eq!(one.map(tree), other.map(tree));
            }
            (Ok(_), Ok(_)) => {}
            (Err(one), Err(other)) => prop_assert_eq!(one, other),
            (one, other) => panic!("{one:?} and {other:?}"),
        }
    }
}
