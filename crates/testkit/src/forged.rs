//! Keys that nobody minted and that are in form: what tells them from good ones is their secret alone.

const CHECK: usize = 6;
const DIGITS: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The public half of a good key with the secret half of another, and the check digits of both together.
pub fn wrong_secret(good: &str, other: &str) -> String {
    let secret = |key: &str| key.len() - 43 - CHECK;
    let covered = format!("{}{}", &good[..secret(good)], &other[secret(other)..other.len() - CHECK]);
    let check = check_digits(&covered);
    covered + &check
}

/// The check digits of the rest of a key: CRC-32, in base 62.
pub fn check_digits(covered: &str) -> String {
    let mut crc = !0_u32;
    for byte in covered.bytes() {
        crc ^= u32::from(byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    let mut value = !crc;
    let mut digits = ['0'; CHECK];
    for slot in digits.iter_mut().rev() {
        *slot = char::from(DIGITS[(value % 62) as usize]);
        value /= 62;
    }
    digits.iter().collect()
}
