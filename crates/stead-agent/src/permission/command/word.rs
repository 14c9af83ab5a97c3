//! Words of a command line: what they are once the shell has taken quotes away, as far
//! as that is known without running anything.

use tree_sitter::Node;

/// A word of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::permission) struct Word {
    /// Without quotes if it needs none; as it is written if it is not known.
    pub(super) text: String,
    /// What the program gets; none if only the shell will know.
    pub(super) value: Option<String>,
    /// How it begins, up to what only the shell will know.
    pub(super) known: String,
    /// Whether nothing in it is quoted.
    pub(super) is_bare: bool,
}

/// Variables that change how much a program says and in which language, and not what
/// it does.
const HARMLESS: [&str; 19] = [
    "CARGO_TERM_COLOR",
    "CI",
    "CLICOLOR",
    "CLICOLOR_FORCE",
    "COLUMNS",
    "FORCE_COLOR",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_COLLATE",
    "LC_CTYPE",
    "LINES",
    "NO_COLOR",
    "PYTHONDONTWRITEBYTECODE",
    "PYTHONHASHSEED",
    "PYTHONUNBUFFERED",
    "RUST_BACKTRACE",
    "RUST_LOG",
    "TZ",
];

impl Word {
    fn known(value: String, is_bare: bool) -> Self {
        let needs = value.is_empty() || value.contains(|c: char| c.is_whitespace() || c == '\'');
        let text = if needs {
            format!("'{}'", value.replace('\'', "'\\''"))
        } else {
            value.clone()
        };
        Self {
            text,
            known: value.clone(),
            value: Some(value),
            is_bare,
        }
    }

    fn open(raw: &str, known: &str) -> Self {
        Self {
            text: raw.to_owned(),
            value: None,
            known: known.to_owned(),
            is_bare: false,
        }
    }

    /// A word that stands for any that a program will read.
    pub(super) fn anything() -> Self {
        Self::open("…", "")
    }

    /// A word that is taken as it is written.
    pub(super) fn anonymous(text: &str) -> Self {
        Self::known(text.to_owned(), true)
    }

    /// The word with `NAME=` before it.
    pub(super) fn after(mut self, name: &str) -> Self {
        self.text.insert_str(0, name);
        self.known.insert_str(0, name);
        self.value = self.value.map(|value| format!("{name}{value}"));
        self
    }

    /// The word of a node of the tree.
    pub(super) fn read(node: Node<'_>, source: &str) -> Self {
        let raw = source
            .get(node.byte_range())
            .unwrap_or_default()
            .trim_start();
        match node.kind() {
            "command_name" if node.child_count() == 1 => node
                .child(0)
                .map_or(Self::open(raw, ""), |inner| Self::read(inner, source)),
            "word" | "number" | "variable_name" | "file_descriptor" => bare(raw),
            "raw_string" => match inner(raw, "'") {
                Some(text) => Self::known(text.to_owned(), false),
                None => Self::open(raw, ""),
            },
            "ansi_c_string" => match raw.strip_prefix('$').and_then(|raw| inner(raw, "'")) {
                Some(text) if !text.contains('\\') => Self::known(text.to_owned(), false),
                _ => Self::open(raw, ""),
            },
            "string" => {
                let mut cursor = node.walk();
                let mut inside = node.named_children(&mut cursor);
                match inner(raw, "\"") {
                    Some(text) if inside.all(|child| child.kind() == "string_content") => {
                        Self::known(unescape(text, true), false)
                    }
                    _ => Self::open(raw, ""),
                }
            }
            "concatenation" => concatenation(node, source, raw),
            _ => Self::open(raw, ""),
        }
    }

    /// What the program gets, or what is written.
    pub(super) fn plain(&self) -> &str {
        self.value.as_deref().unwrap_or(&self.text)
    }

    /// The name of the variable, if the word sets one.
    pub(super) fn name(&self) -> &str {
        let name = self.plain().split('=').next().unwrap_or_default();
        name.trim_end_matches('+')
    }

    /// Whether the word sets a variable that makes no program do something else.
    pub(super) fn is_harmless(&self) -> bool {
        HARMLESS.contains(&self.name())
    }
}

/// What stands between two quotes.
fn inner<'a>(raw: &'a str, quote: &str) -> Option<&'a str> {
    raw.strip_prefix(quote)?.strip_suffix(quote)
}

/// A word without quotes: the shell may make other words of it (`*`, `{a,b}`, `~`).
fn bare(raw: &str) -> Word {
    let mut escaped = false;
    let special = raw.char_indices().find(|(at, c)| {
        let was = escaped;
        escaped = !was && *c == '\\';
        !was && ("*?[{$`".contains(*c) || *c == '~' && (*at == 0 || !raw[..*at].ends_with('/')))
    });
    match special {
        // What `find` and `xargs` put names in place of.
        _ if raw == "{}" || raw == "[" => Word::known(raw.to_owned(), true),
        Some((at, _)) => Word::open(raw, &unescape(&raw[..at], false)),
        None => Word::known(unescape(raw, false), !raw.contains('\\')),
    }
}

/// Words and quoted texts without a space in between.
fn concatenation(node: Node<'_>, source: &str, raw: &str) -> Word {
    let mut known = String::new();
    let mut cursor = node.walk();
    for child in node.children(&mut cursor) {
        let word = Word::read(child, source);
        known.push_str(&word.known);
        if word.value.is_none() {
            return Word::open(raw, &known);
        }
    }
    Word::known(known, false)
}

/// Takes backslashes away as the shell does, within double quotes or outside.
fn unescape(text: &str, quoted: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('\n') => {}
            Some(next) => {
                if quoted && !"$`\"\\".contains(next) {
                    out.push('\\');
                }
                out.push(next);
            }
            None => out.push('\\'),
        }
    }
    out
}

/// Whether a text has what starts a command in it, without a backslash before.
pub(super) fn is_live(text: &str) -> bool {
    let mut escaped = false;
    let mut dollar = false;
    text.chars().any(|c| {
        let was = escaped;
        escaped = !was && c == '\\';
        let after = dollar;
        dollar = !was && c == '$';
        !was && c == '`' || after && c == '('
    })
}

/// Whether a bare word has signs in it that would end it.
pub(super) fn has_signs(text: &str) -> bool {
    let mut escaped = false;
    text.chars().any(|c| {
        let was = escaped;
        escaped = !was && c == '\\';
        !was && (" \t\n;&|()<>'\"".contains(c) || c.is_control())
    })
}
