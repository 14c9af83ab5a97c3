//! Values: does a value look like a secret, or like code, prose, a placeholder?

use super::MASK_OPEN;
use super::key::KeyClass;

/// How the value was written, which decides how much it must prove.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Between quotes, or the rest of a configuration line.
    Literal,
    /// Bare in what may be code.
    Bare,
}

/// Counts over a value.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Shape {
    pub(super) lower: usize,
    pub(super) upper: usize,
    pub(super) digits: usize,
    pub(super) symbols: usize,
    pub(super) distinct: usize,
    /// Shannon entropy in bits per byte.
    pub(super) entropy: f32,
}

impl Shape {
    /// Counts `value`.
    pub(super) fn of(value: &[u8]) -> Self {
        let mut shape = Self::default();
        let mut counts = [0_u16; 256];
        for &byte in value {
            counts[usize::from(byte)] = counts[usize::from(byte)].saturating_add(1);
            match byte {
                b'a'..=b'z' => shape.lower += 1,
                b'A'..=b'Z' => shape.upper += 1,
                b'0'..=b'9' => shape.digits += 1,
                _ => shape.symbols += 1,
            }
        }
        let total = value.len() as f32;
        for count in counts.into_iter().filter(|count| *count > 0) {
            let part = f32::from(count) / total;
            shape.entropy -= part * part.log2();
            shape.distinct += 1;
        }
        shape
    }

    /// Upper and lower case.
    pub(super) fn letters(&self) -> usize {
        self.lower + self.upper
    }
}

/// Whether `value`, under a name of this class, is a secret.
pub(super) fn is_secret(value: &[u8], class: KeyClass, style: Style) -> bool {
    let shortest = if class == KeyClass::Password { 6 } else { 8 };
    if value.len() < shortest {
        return false;
    }
    let shape = Shape::of(value);
    let monotonous = shape.distinct < 4 || value.len() >= 128 && shape.entropy < 3.0;
    if monotonous || is_placeholder(value) || is_reference(value) || is_public(value) {
        return false;
    }
    match (class, style) {
        (KeyClass::Password, Style::Literal) => is_password(value, &shape),
        (KeyClass::Password, Style::Bare) => {
            is_password(value, &shape) && value.len() >= 8 && !is_identifier(value, &shape)
        }
        (_, Style::Literal) => is_drawn(value, &shape),
        (_, Style::Bare) => {
            value.len() >= 16
                && shape.digits >= 2
                && !value.contains(&b'.')
                && is_drawn(value, &shape)
        }
    }
}

/// Looks like something a person chose as a password, not like a word of code.
fn is_password(value: &[u8], shape: &Shape) -> bool {
    let letters = shape.letters() > 0;
    let mixed = letters && shape.digits > 0;
    let symbolic = letters && shape.symbols > 0 && !is_wordy(value);
    let number = shape.digits >= 8 && shape.digits == value.len();
    let long = value.len() >= 16 && shape.entropy >= 3.5 && shape.upper > 0 && shape.lower > 0;
    mixed || symbolic || number || (long && !is_wordy(value))
}

/// Looks drawn at random.
fn is_drawn(value: &[u8], shape: &Shape) -> bool {
    if is_wordy(value) || shape.letters() == 0 || !value.is_ascii() {
        return false;
    }
    let least = if value.len() >= 20 { 3.0 } else { 2.5 };
    let mixed_case = value.len() >= 20 && shape.upper > 2 && shape.lower > 2;
    shape.entropy >= least && (shape.digits > 0 || mixed_case && shape.entropy >= 3.5)
}

/// A bare name such as a variable: word characters and dots, few digits.
fn is_identifier(value: &[u8], shape: &Shape) -> bool {
    let name = value
        .iter()
        .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-'));
    name && (shape.digits < 2 || is_wordy(value))
}

/// Words strung together (`my-secret-key`, `userPassword2`) rather than random
/// characters: long runs of letters with vowels, no five consonants in one run,
/// few digits.
pub(super) fn is_wordy(value: &[u8]) -> bool {
    let (mut runs, mut letters, mut vowels, mut digits, mut digit_runs) = (0, 0, 0, 0, 0);
    let (mut streak, mut longest_streak) = (0, 0);
    let (mut previous, mut earlier) = (b' ', b' ');
    for &byte in value {
        if byte.is_ascii_alphabetic() {
            let hump = byte.is_ascii_uppercase() && previous.is_ascii_lowercase()
                || byte.is_ascii_lowercase()
                    && previous.is_ascii_uppercase()
                    && earlier.is_ascii_uppercase();
            let starts = hump || !previous.is_ascii_alphabetic();
            let vowel = b"aeiouyAEIOUY".contains(&byte);
            runs += usize::from(starts);
            letters += 1;
            vowels += usize::from(vowel);
            streak = if starts { 0 } else { streak };
            streak = if vowel { 0 } else { streak + 1 };
            longest_streak = longest_streak.max(streak);
        } else if byte.is_ascii_digit() {
            digits += 1;
            digit_runs += usize::from(!previous.is_ascii_digit());
        }
        (earlier, previous) = (previous, byte);
    }
    let readable = letters >= runs * 3 && vowels * 6 >= letters && longest_streak < 5;
    readable && digits * 4 <= value.len() && digit_runs <= 2
}

/// Text that stands where a secret should be put.
fn is_placeholder(value: &[u8]) -> bool {
    const PARTS: &[&str] = &[
        "xxxx",
        "****",
        "....",
        "...",
        "\u{2026}",
        "changeme",
        "change_me",
        "change-me",
        "your_",
        "your-",
        "yourp",
        "yours",
        "yourt",
        "yourk",
        "youra",
        "example",
        "placeholder",
        "dummy",
        "redacted",
        "insert",
        "replace",
        "todo",
        "fixme",
        "fake",
        "not_real",
        "not-real",
        "notreal",
        "<",
        "${",
        "$(",
        "{{",
        "%s",
        "%(",
        "process.env",
        "getenv",
        "environ",
        "undefined",
        "import.meta",
        "secrets.",
        "vault:",
        "1password",
        "keychain",
        "0000000",
        "123456789",
    ];
    // Placeholders are short; what is long is no placeholder as a whole.
    let lower = value[..value.len().min(128)].to_ascii_lowercase();
    PARTS
        .iter()
        .any(|part| memchr::memmem::find(&lower, part.as_bytes()).is_some())
        || memchr::memmem::find(&lower, MASK_OPEN.as_bytes()).is_some()
        || [&b"password"[..], b"secret", b"token"].iter().any(|word| {
            let rest = lower.strip_prefix(*word).unwrap_or(b"!");
            rest.iter().all(u8::is_ascii_digit)
        })
}

/// Names, calls, paths and addresses of a secret instead of the secret.
fn is_reference(value: &[u8]) -> bool {
    let variable = value[0] == b'$' && value.get(1).is_some_and(|b| !b.is_ascii_digit());
    let blank = value.iter().any(|byte| *byte <= b' ' || *byte == 0x7f);
    let call = value.ends_with(b")") && value.contains(&b'(');
    let starts = [
        &b"./"[..],
        b"../",
        b"~/",
        b"@",
        b"%",
        b"{",
        b"[",
        b"(",
        b"&",
        b"--",
    ];
    variable
        || blank
        || call
        || starts.iter().any(|start| value.starts_with(start))
        || memchr::memmem::find(value, b"://").is_some()
        || memchr::memmem::find(value, b"::").is_some()
        || memchr::memmem::find(value, b"=>").is_some()
        || is_path(value)
}

/// `/run/secrets/db`, `C:\…`: segments of readable words.
fn is_path(value: &[u8]) -> bool {
    let rooted = value[0] == b'/' || value.get(1..3).is_some_and(|b| b == b":\\" || b == b":/");
    rooted && !value.contains(&b'+') && !value.contains(&b'=')
}

/// Hashes, type names and other things that are printed on purpose.
fn is_public(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"sha1-", b"sha256-", b"sha384-", b"sha512-", b"sha1:", b"sha256:", b"sha512:", b"md5:",
        b"data:", b"arn:", b"urn:", b"0x",
    ];
    const TYPES: &[&[u8]] = &[
        b"base64",
        b"sha256",
        b"sha512",
        b"argon2",
        b"argon2id",
        b"argon2i",
        b"uint16",
        b"uint32",
        b"uint64",
        b"float32",
        b"float64",
        b"string1",
        b"string2",
        b"pbkdf2",
        b"bcrypt2",
        b"varchar255",
        b"oauth2",
        b"nvarchar255",
    ];
    STARTS.iter().any(|start| value.starts_with(start))
        || TYPES.iter().any(|name| name.eq_ignore_ascii_case(value))
}

/// A UUID or a git hash: under a weak name more often an identifier.
pub(super) fn is_identifier_number(value: &[u8]) -> bool {
    let hex = |bytes: &[u8]| bytes.iter().all(u8::is_ascii_hexdigit);
    let uuid = value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| {
            if matches!(at, 8 | 13 | 18 | 23) {
                *byte == b'-'
            } else {
                byte.is_ascii_hexdigit()
            }
        });
    uuid || (value.len() == 40 && hex(value))
}
