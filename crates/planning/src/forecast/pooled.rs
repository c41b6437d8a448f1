//! The pooled map of recalibration: how much further than they said outcomes fell, over public histories. Computed once;
//! no tenant's data is in it.

/// Absolute normal scores of outcomes at nominal absolute scores 0, 0.5, 1, 1.5, 2, 2.5 and 3.
pub(super) const POOLED: [f64; 7] = [0.0, 0.65, 1.3, 1.95, 2.6, 3.25, 3.9];
