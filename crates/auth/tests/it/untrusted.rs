//! Keys and handles that are nearly right.

use proptest::prelude::*;

use crate::{any_handle, any_key, mutation::mutated};

#[test]
fn what_was_made_is_read() {
    for seed in any_key::seeds() {
        assert!(pm33_auth::ParsedKey::parse(str::from_utf8(&seed).unwrap()).is_ok());
        any_key::hold(&seed);
    }
    for seed in any_handle::seeds() {
        any_handle::hold(&seed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn keys_that_are_nearly_right_hold(bytes in mutated(any_key::seeds())) {
        any_key::hold(&bytes);
    }

    #[test]
    fn handles_that_are_nearly_right_hold(bytes in mutated(any_handle::seeds())) {
        any_handle::hold(&bytes);
    }
}
