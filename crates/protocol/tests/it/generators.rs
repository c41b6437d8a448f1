//! Arbitrary identifiers, values and messages.

use pm33_protocol::RequestId;
use proptest::{collection, prelude::*};
use serde_json::{Map, Value, json};

/// Any identifier.
pub(crate) fn identifier() -> impl Strategy<Value = RequestId> {
    prop_oneof![any::<i64>().prop_map(RequestId::Number), text().prop_map(RequestId::Text)]
}

/// Any text, rich in what upsets scanners.
pub(crate) fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), r#"[\[\]{}"\\u\n\u{1f600}a]{0,12}"#]
}

/// Any JSON value; nested up to six levels.
pub(crate) fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 48, 6, |inner| {
        prop_oneof![
            collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            object_of(inner).prop_map(Value::from)
        ]
    })
}

/// Any JSON object.
pub(crate) fn object() -> impl Strategy<Value = Map<String, Value>> {
    object_of(value())
}

fn object_of(inner: impl Strategy<Value = Value>) -> impl Strategy<Value = Map<String, Value>> {
    collection::vec((text(), inner), 0..6).prop_map(Map::from_iter)
}

/// An object that may be a message, or nearly: its keys and values are those of messages, right and wrong.
pub(crate) fn near_message() -> impl Strategy<Value = Value> {
    let version = prop_oneof![4 => Just(json!("2.0")), 1 => value()];
    let id = prop_oneof![3 => identifier().prop_map(|id| json!(id)), 1 => value()];
    let method = prop_oneof![3 => text().prop_map(Value::from), 1 => value()];
    let field = |name: &'static str, value: BoxedStrategy<Value>| {
        proptest::option::weighted(0.7, value)
            .prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    (
        field("jsonrpc", version.boxed()),
        field("id", id.boxed()),
        field("method", method.boxed()),
        field("params", value().boxed()),
        field("result", value().boxed()),
        field("error", value().boxed()),
        object(),
    )
        .prop_map(|(jsonrpc, id, method, params, result, error, rest)| {
            let fields = [jsonrpc, id, method, params, result, error].into_iter().flatten();
            Value::Object(fields.chain(rest).collect())
        })
}

/// Levels of arrays and objects, counted on the tree.
pub(crate) fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
