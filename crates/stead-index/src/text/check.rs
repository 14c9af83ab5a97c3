//! A quick sum over bytes that notices damage: a flipped bit, a page of zeros.
//! It is no protection against anybody who means harm.

/// An odd number without a pattern: the golden ratio in 64 bits.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// The check of some bytes. Every step can be undone, so that one changed word
/// always changes the state; the upper half of it is kept.
pub(crate) fn check(bytes: &[u8]) -> u32 {
    let mut state = bytes.len() as u64;
    let (words, rest) = bytes.as_chunks::<8>();
    for word in words {
        state = step(state, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    (step(state, u64::from_le_bytes(last)) >> 32) as u32
}

const fn step(state: u64, word: u64) -> u64 {
    let mixed = (state ^ word).wrapping_mul(FACTOR);
    mixed ^ mixed >> 29
}

/// Takes the check off the end of `bytes` and compares it; `None` is damage.
pub(crate) fn checked(bytes: &[u8]) -> Option<&[u8]> {
    let (bytes, sum) = bytes.split_last_chunk::<4>()?;
    (u32::from_le_bytes(*sum) == check(bytes)).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::{check, checked};

    #[test]
    fn every_flipped_bit_is_noticed() {
        let mut bytes: Vec<u8> = (0..100_u8).collect();
        bytes.extend_from_slice(&check(&bytes).to_le_bytes());
        assert!(checked(&bytes).is_some());
        for bit in 0..bytes.len() * 8 {
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(checked(&bytes).is_none(), "bit {bit}");
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
    }
}
