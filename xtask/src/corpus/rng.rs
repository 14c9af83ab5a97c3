//! The random numbers of the corpus: small, fast, and fixed by the seed.

/// xoshiro256++ seeded by splitmix64.
#[derive(Clone, Debug)]
pub(crate) struct Rng {
    s: [u64; 4],
}

impl Rng {
    pub(crate) fn new(seed: u64) -> Self {
        let mut x = seed;
        let mut next = || {
            x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut z = x;
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Self {
            s: [next(), next(), next(), next()],
        }
    }

    pub(crate) fn u64(&mut self) -> u64 {
        let s = &mut self.s;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let t = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= t;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// A number below `n`, which is not 0.
    pub(crate) fn below(&mut self, n: usize) -> usize {
        ((u128::from(self.u64()) * n as u128) >> 64) as usize
    }

    /// A number from `lo` to `hi`, both included.
    pub(super) fn range(&mut self, lo: u64, hi: u64) -> u64 {
        lo + self.below((hi - lo + 1) as usize) as u64
    }

    /// True once in `n` times.
    pub(super) fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    /// True `p` times in a thousand.
    pub(super) fn per_mille(&mut self, p: usize) -> bool {
        self.below(1000) < p
    }

    /// A number from 0 (included) to 1 (excluded).
    pub(super) fn unit(&mut self) -> f64 {
        (self.u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Nearly normal (the sum of twelve uniform numbers): the tail ends at 6 sigma.
    pub(super) fn normal(&mut self) -> f64 {
        let sum: f64 = (0..12).map(|_| self.unit()).sum();
        sum - 6.0
    }

    pub(super) fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())]
    }

    /// `len` characters of `alphabet`.
    pub(super) fn chars(&mut self, alphabet: &str, len: usize) -> String {
        let bytes = alphabet.as_bytes();
        (0..len)
            .map(|_| char::from(bytes[self.below(bytes.len())]))
            .collect()
    }

    pub(super) fn hex(&mut self, len: usize) -> String {
        let mut out = String::with_capacity(len + 16);
        while out.len() < len {
            push_hex(&mut out, self.u64(), 16);
        }
        out.truncate(len);
        out
    }

    pub(super) fn base62(&mut self, len: usize) -> String {
        self.chars(
            "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
            len,
        )
    }

    /// A random UUID (version 4).
    pub(crate) fn uuid4(&mut self) -> String {
        let hi = (self.u64() & !0xf000) | 0x4000;
        uuid(hi, self.u64())
    }

    /// A UUID with the time in it (version 7).
    pub(super) fn uuid7(&mut self, ms: i64) -> String {
        let hi = ((ms as u64) << 16) | 0x7000 | (self.u64() & 0xfff);
        uuid(hi, self.u64())
    }
}

fn uuid(hi: u64, lo: u64) -> String {
    let lo = (lo & (u64::MAX >> 2)) | (1 << 63);
    let mut out = String::with_capacity(36);
    push_hex(&mut out, hi >> 32, 8);
    out.push('-');
    push_hex(&mut out, (hi >> 16) & 0xffff, 4);
    out.push('-');
    push_hex(&mut out, hi & 0xffff, 4);
    out.push('-');
    push_hex(&mut out, lo >> 48, 4);
    out.push('-');
    push_hex(&mut out, lo & 0xffff_ffff_ffff, 12);
    out
}

/// The lowest `digits` hexadecimal digits of `n`.
pub(super) fn push_hex(out: &mut String, n: u64, digits: u32) {
    for i in (0..digits).rev() {
        out.push(char::from(
            b"0123456789abcdef"[((n >> (i * 4)) & 0xf) as usize],
        ));
    }
}

/// Ranks with the frequencies of Zipf's law, by one table look-up.
#[derive(Debug)]
pub(super) struct Zipf {
    table: Vec<u16>,
}

impl Zipf {
    /// Ranks below `n`. `flat` is added to each rank: natural text has a head
    /// that is less steep than 1/rank.
    pub(super) fn new(n: usize, flat: f64) -> Self {
        const SLOTS: usize = 1 << 15;
        let total: f64 = (0..n).map(|r| 1.0 / (r as f64 + flat)).sum();
        let mut table = Vec::with_capacity(SLOTS);
        let (mut rank, mut sum) = (0, 1.0 / flat);
        for slot in 0..SLOTS {
            let at = (slot as f64 + 0.5) / SLOTS as f64 * total;
            while sum < at && rank + 1 < n {
                rank += 1;
                sum += 1.0 / (rank as f64 + flat);
            }
            table.push(rank as u16);
        }
        Self { table }
    }

    pub(super) fn draw(&self, rng: &mut Rng) -> usize {
        usize::from(self.table[rng.below(self.table.len())])
    }
}
