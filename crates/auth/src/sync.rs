//! What decisions that several threads take at once are made of. `interleaved` puts in their place what it orders the
//! steps of.

pub(crate) use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

pub(crate) use moka::sync::Cache;
