//! What the limiter's decisions are taken under. `interleaved` puts in their place what it orders the steps of.

pub(crate) use std::sync::{Arc, Mutex, PoisonError};
