//! Takes the names of models apart: who serves them, and the words of the name
//! itself, without what only says how a copy is packed.

/// A model's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Name {
    /// Whoever stands before the name (`openrouter`, `qwen`, `us`, `anthropic`), in
    /// small letters.
    pub(crate) before: Vec<String>,
    /// The words of the name, in small letters: letters and numbers apart, sizes
    /// and versions whole (`qwen`, `2.5`, `coder`, `7b`).
    pub(crate) words: Vec<String>,
}

/// Words that say how a copy is packed, served or asked, and nothing of its licence.
const PACKING: [&str; 30] = [
    "gguf", "ggml", "awq", "gptq", "exl2", "exl3", "mlx", "onnx", "bnb", "imatrix", "ud", "fp4",
    "fp8", "fp16", "bf16", "f16", "f32", "int4", "int8", "w4a16", "w8a8", "mxfp4", "nvfp4", "4bit",
    "8bit", "latest", "free", "cloud", "maas", "hf",
];

/// Words between the vendor and the family in ids of clouds, with a dot behind
/// each: regions and vendors.
const DOTTED: [&str; 24] = [
    "us",
    "eu",
    "apac",
    "jp",
    "au",
    "ca",
    "global",
    "us-gov",
    "anthropic",
    "meta",
    "amazon",
    "mistral",
    "cohere",
    "deepseek",
    "openai",
    "qwen",
    "google",
    "minimax",
    "moonshot",
    "moonshotai",
    "nvidia",
    "ai21",
    "zai",
    "xai",
];

impl Name {
    /// Takes a name apart.
    pub(crate) fn of(model: &str) -> Self {
        let small = model.trim().to_lowercase();
        let mut before: Vec<String> = small.split('/').map(str::to_owned).collect();
        let mut rest = before.pop().unwrap_or_default();
        while let Some((word, tail)) = rest.split_once('.') {
            if !DOTTED.contains(&word) {
                break;
            }
            before.push(word.to_owned());
            rest = tail.to_owned();
        }
        let rest = rest.split(['[', '(', ' ']).next().unwrap_or_default();
        let rest = rest.strip_suffix(".gguf").unwrap_or(rest);
        let rest = without_revision(rest);
        let words = pieces(rest)
            .filter(|piece| !is_packing(piece))
            .flat_map(words);
        Self {
            before,
            words: words.filter(|word| !is_day(word)).collect(),
        }
    }

    /// The words of a name as the catalogue writes it.
    pub(crate) fn words_of(name: &str) -> Vec<String> {
        Self::of(name).words
    }
}

/// Without the revision that clouds append (`-v1:0`, `-1:0`), and the context after
/// it (`:200k`).
fn without_revision(name: &str) -> &str {
    let Some((model, tail)) = name.rsplit_once('-') else {
        return name;
    };
    let mut numbers = tail.strip_prefix('v').unwrap_or(tail).split(':');
    let counts = |number: Option<&str>| number.is_some_and(is_digits);
    let revision = counts(numbers.next()) && counts(numbers.next());
    let context = numbers.all(|rest| rest.strip_suffix('k').is_some_and(is_digits));
    if revision && context { model } else { name }
}

/// What hyphens, colons, `@`, and dots beside letters keep apart.
fn pieces(name: &str) -> impl Iterator<Item = &str> {
    let bytes = name.as_bytes();
    let is_digit = |at: Option<usize>| {
        at.and_then(|at| bytes.get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let mut start = 0;
    let mut cuts = Vec::new();
    for (at, sign) in name.char_indices() {
        let in_number = sign == '.' && is_digit(at.checked_sub(1)) && is_digit(Some(at + 1));
        if matches!(sign, '-' | ':' | '@' | '+' | '.') && !in_number {
            cuts.push(&name[start..at]);
            start = at + sign.len_utf8();
        }
    }
    cuts.push(&name[start..]);
    cuts.into_iter().filter(|piece| !piece.is_empty())
}

/// Whether a piece says how weights are packed (`q4_k_m`, `iq3_xxs`, `fp8`), or how
/// much text they take at once (`128k`).
fn is_packing(piece: &str) -> bool {
    let bits = piece.strip_prefix('i').unwrap_or(piece);
    let mut signs = bits.chars();
    let quantised = signs.next() == Some('q')
        && signs.next().is_some_and(|sign| sign.is_ascii_digit())
        && signs
            .next()
            .is_none_or(|sign| sign == '_' || sign.is_ascii_digit());
    let context = piece
        .strip_suffix('k')
        .is_some_and(|number| is_digits(number) && number.len() <= 4);
    quantised || context || PACKING.contains(&piece)
}

/// Cuts a piece at underscores, and between a word and its number: `qwen2.5` is
/// `qwen` and `2.5`, `v3` is `3`; `a3b`, `r1` and `4o` stay.
fn words(piece: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in piece.split('_').filter(|part| !part.is_empty()) {
        let letters = part
            .find(|sign: char| !sign.is_alphabetic())
            .unwrap_or(part.len());
        let (word, number) = part.split_at(letters);
        let numbered = number.starts_with(|sign: char| sign.is_ascii_digit());
        let number = with_point(number);
        if word == "v" && numbered {
            found.push(number);
        } else if letters >= 2 && numbered {
            found.extend([word.to_owned(), number]);
        } else {
            found.push(format!("{word}{number}"));
        }
    }
    found
}

/// `3p1` is `3.1`, as some hosts write it.
fn with_point(number: &str) -> String {
    match number.split_once('p') {
        Some((whole, part)) if is_digits(whole) && is_digits(part) => format!("{whole}.{part}"),
        _ => number.to_owned(),
    }
}

/// A day in eight digits: the same model, as of then.
fn is_day(word: &str) -> bool {
    word.len() == 8 && word.starts_with("20") && is_digits(word)
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a word is a number of parameters: `7b`, `0.5b`, `350m`, `8x7b`, `a3b`, `16e`.
pub(crate) fn is_size(word: &str) -> bool {
    let number = |text: &str| {
        text.starts_with(|sign: char| sign.is_ascii_digit())
            && text
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'x'))
    };
    let word = word.strip_prefix(['a', 'e']).unwrap_or(word);
    word.strip_suffix(['b', 'm', 'e']).is_some_and(number)
}

#[cfg(test)]
mod tests {
    use super::{Name, is_size};

    fn check(name: &str, before: &[&str], words: &[&str]) {
        let found = Name::of(name);
        assert_eq!(found.before, before, "{name}");
        assert_eq!(found.words, words, "{name}");
    }

    #[test]
    fn names_are_taken_apart() {
        check(
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
            &["us", "anthropic"],
            &["claude", "sonnet", "4", "5"],
        );
        check(
            "qwen2.5-coder:7b-instruct-q4_K_M",
            &[],
            &["qwen", "2.5", "coder", "7b", "instruct"],
        );
        check(
            "openrouter/meta-llama/Llama-3.3-70B-Instruct:free",
            &["openrouter", "meta-llama"],
            &["llama", "3.3", "70b", "instruct"],
        );
        check(
            "accounts/fireworks/models/llama-v3p1-8b-instruct",
            &["accounts", "fireworks", "models"],
            &["llama", "3.1", "8b", "instruct"],
        );
        check(
            "Qwen3-30B-A3B.IQ4_XS.gguf",
            &[],
            &["qwen", "3", "30b", "a3b"],
        );
        check("claude-opus-4-5[1m]", &[], &["claude", "opus", "4", "5"]);
        check("claude-sonnet-4@20250514", &[], &["claude", "sonnet", "4"]);
        check("gpt-4o", &[], &["gpt", "4o"]);
        check("deepseek-r1:671b", &[], &["deepseek", "r1", "671b"]);
    }

    #[test]
    fn sizes_are_known() {
        for size in ["7b", "0.5b", "8x7b", "a3b", "e2b", "350m", "16e"] {
            assert!(is_size(size), "{size}");
        }
        for word in ["r1", "4o", "b", "mini", "2.5", "k2"] {
            assert!(!is_size(word), "{word}");
        }
    }
}
