//! Names: does the name of a value say that the value is a secret?

/// What kind of secret a name speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyClass {
    /// Chosen by people: short and without much entropy.
    Password,
    /// Drawn by machines.
    Opaque,
    /// Also the word for harmless things (`token`): needs more evidence.
    Weak,
}

/// Words behind the secret word that make it a name *about* a secret.
const ABOUT: &[&str] = &[
    "alg",
    "algorithm",
    "arn",
    "at",
    "audience",
    "budget",
    "checksum",
    "class",
    "cost",
    "count",
    "counts",
    "date",
    "digest",
    "enabled",
    "end",
    "endpoint",
    "error",
    "estimate",
    "exp",
    "expires",
    "expiration",
    "expiry",
    "field",
    "file",
    "files",
    "filename",
    "format",
    "hash",
    "header",
    "hint",
    "id",
    "ids",
    "idx",
    "index",
    "issuer",
    "kind",
    "label",
    "len",
    "length",
    "limit",
    "manager",
    "message",
    "method",
    "mode",
    "msg",
    "name",
    "names",
    "offset",
    "parser",
    "path",
    "pattern",
    "placeholder",
    "policy",
    "pos",
    "position",
    "prefix",
    "price",
    "provider",
    "range",
    "rate",
    "re",
    "ref",
    "regex",
    "remaining",
    "required",
    "rotation",
    "scope",
    "scopes",
    "sha",
    "size",
    "span",
    "start",
    "state",
    "status",
    "store",
    "stream",
    "suffix",
    "time",
    "timestamp",
    "title",
    "total",
    "tree",
    "ttl",
    "type",
    "types",
    "uri",
    "url",
    "usage",
    "used",
    "version",
];

/// Words before the secret word that make it something public.
const PUBLIC: &[&str] = &[
    "public",
    "next",
    "page",
    "max",
    "min",
    "num",
    "total",
    "input",
    "output",
    "cancel",
    "cancellation",
    "eos",
    "bos",
    "pad",
    "mask",
    "unk",
    "sep",
    "stop",
    "continuation",
    "css",
];

/// Compounds with "key" that name a secret, without separators.
const KEYS: &[&str] = &[
    "apikey",
    "privatekey",
    "accesskey",
    "storagekey",
    "accountkey",
    "encryptionkey",
    "signingkey",
    "secretkey",
];

/// Judges the name `key`; `word` is where the rule's literal lies in it.
pub(super) fn classify(key: &[u8], word: std::ops::Range<usize>) -> Option<KeyClass> {
    let squashed: String = key
        .iter()
        .filter(|byte| byte.is_ascii_alphanumeric())
        .map(|byte| byte.to_ascii_lowercase() as char)
        .collect();
    let literal = key.get(word.clone())?.to_ascii_lowercase();
    let is_key = literal.ends_with(b"key");
    if is_key && !KEYS.iter().any(|name| squashed.contains(name)) {
        return None;
    }
    if words(&key[word.end..]).any(|word| listed(ABOUT, word))
        || words(&key[..word.start]).any(|word| listed(PUBLIC, word))
    {
        return None;
    }
    Some(match literal.as_slice() {
        b"token" | b"redential" if !squashed.contains("secret") => KeyClass::Weak,
        [b'a', b's', b's', ..] | b"pwd" => KeyClass::Password,
        _ => KeyClass::Opaque,
    })
}

/// Whether the bytes after the literal continue the same word into another one
/// (`tokens`, `tokenizer`, `secretary`), judged from the first few bytes.
pub(super) fn runs_on(literal: &[u8], tail: &[u8]) -> bool {
    let Some(first) = tail.first() else {
        return false;
    };
    let lower = literal.last().is_some_and(u8::is_ascii_lowercase);
    let same_case = if lower {
        first.is_ascii_lowercase()
    } else {
        first.is_ascii_uppercase()
    };
    if !same_case {
        return false;
    }
    let head = &tail[..tail.len().min(6)];
    let known = [&b"key"[..], b"token", b"value", b"base", b"hex"]
        .iter()
        .any(|word| head.len() >= word.len() && head[..word.len()].eq_ignore_ascii_case(word));
    let plural = first.eq_ignore_ascii_case(&b's')
        && !literal.eq_ignore_ascii_case(b"token")
        && tail.get(1).is_none_or(|next| !next.is_ascii_alphabetic());
    !known && !plural
}

/// The words of a name: split at separators, digits and camel-case humps.
fn words(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = name;
    std::iter::from_fn(move || {
        let skip = rest
            .iter()
            .take_while(|byte| !byte.is_ascii_alphabetic())
            .count();
        rest = &rest[skip..];
        let upper = rest
            .iter()
            .take_while(|byte| byte.is_ascii_uppercase())
            .count();
        let lower = rest[upper..]
            .iter()
            .take_while(|byte| byte.is_ascii_lowercase())
            .count();
        let (word, left) = rest.split_at(upper + lower);
        rest = left;
        (!word.is_empty()).then_some(word)
    })
}

fn listed(list: &[&str], word: &[u8]) -> bool {
    list.iter()
        .any(|known| known.as_bytes().eq_ignore_ascii_case(word))
}
