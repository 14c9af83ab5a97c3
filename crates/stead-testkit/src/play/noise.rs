//! Numbers that look random and are the same for the same seed. They name
//! sessions and choose steps; nothing secret is made of them.

/// A stream of numbers (SplitMix64).
#[derive(Debug, Clone)]
pub struct Noise(u64);

impl Noise {
    /// The stream of a seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The stream of a name, so that scenarios do not share ids.
    pub fn named(name: &str) -> Self {
        // FNV-1a: short, and the same on every machine and in every version.
        let hash = name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self(hash)
    }

    /// The next number.
    pub fn number(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`; 0 if `end` is 0.
    pub fn below(&mut self, end: usize) -> usize {
        (self.number() % (end.max(1) as u64)) as usize
    }

    /// Hexadecimal digits, at most 64.
    pub fn hex(&mut self, digits: usize) -> String {
        let parts: Vec<String> = (0..4).map(|_| format!("{:016x}", self.number())).collect();
        let long = parts.concat();
        long[..digits.min(64)].to_owned()
    }

    /// Letters and digits, as many as asked for.
    pub fn word(&mut self, letters: usize) -> String {
        const LETTERS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let mut letter = || char::from(LETTERS[self.below(LETTERS.len())]);
        (0..letters).map(|_| letter()).collect()
    }

    /// A random UUID (version 4).
    pub fn uuid(&mut self) -> String {
        let hex = self.hex(32);
        format!(
            "{}-{}-4{}-a{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }

    /// A UUID that begins with a time in milliseconds (version 7).
    pub fn uuid_at(&mut self, milliseconds: i64) -> String {
        let hex = self.hex(32);
        let time = format!("{milliseconds:012x}");
        format!(
            "{}-{}-7{}-b{}-{}",
            &time[..8],
            &time[8..],
            &hex[13..16],
            &hex[17..20],
            &hex[20..]
        )
    }
}
