//! A short, stable number for a content: the same on every machine and in every release.

/// FNV-1a with 64 bits over the parts, each closed by a byte that no UTF-8 text contains.
pub(crate) fn fingerprint(parts: &[&str]) -> u64 {
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::fingerprint;

    #[test]
    fn it_never_changes_and_parts_do_not_run_together() {
        assert_eq!(fingerprint(&["title", "body"]), 0xf9ba_ae10_6aeb_b1db);
        assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
    }
}
