//! Maps by what this house makes itself.

use std::collections::HashMap;

/// A map by identifiers that no client chooses. Its hash takes a few instructions; the standard library's holds out against
/// keys that are chosen to collide, and takes a hundred.
pub type IdMap<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
