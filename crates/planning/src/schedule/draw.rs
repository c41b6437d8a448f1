//! Drawing whole numbers below a limit.

use rand_core::Rng;

/// A number below `limit`, which must be above 0; evenly spread but for one part in 2⁶⁴ / `limit`.
pub(super) fn below(rng: &mut impl Rng, limit: usize) -> usize {
    // The high half of a product with a 64-bit draw; a limit is far below 2⁶⁴.
    let wide = u128::from(rng.next_u64()) * limit as u128;
    usize::try_from(wide >> 64).unwrap_or(0)
}
