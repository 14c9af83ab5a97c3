//! Words, identifiers and numbers, drawn as often as in real text.

use super::rng::{Rng, Zipf, push_hex};

/// How identifiers of more than one word are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Snake,
    Camel,
}

/// A place in a grammar that is filled with a word or a number.
#[derive(Clone, Copy, Debug)]
pub(super) enum Slot {
    Word,
    Capital,
    Ident,
    Type,
    Const,
    Number,
    Small,
    Hex,
    Sha,
    File,
    Phrase,
    Cjk,
    Emoji,
    Millis,
}

/// The vocabulary.
#[derive(Debug)]
pub(super) struct Words {
    words: Vec<&'static str>,
    zipf: Zipf,
}

impl Words {
    pub(super) fn new() -> Self {
        let words: Vec<&str> = include_str!("words.txt").split_whitespace().collect();
        let zipf = Zipf::new(words.len(), 12.0);
        Self { words, zipf }
    }

    /// What a name between tildes stands for.
    pub(super) fn slot(name: &str) -> Option<Slot> {
        Some(match name {
            "w" => Slot::Word,
            "W" => Slot::Capital,
            "id" => Slot::Ident,
            "Ty" => Slot::Type,
            "CONST" => Slot::Const,
            "n" => Slot::Number,
            "d" => Slot::Small,
            "hex" => Slot::Hex,
            "sha" => Slot::Sha,
            "path" => Slot::File,
            "phrase" => Slot::Phrase,
            "cjk" => Slot::Cjk,
            "emoji" => Slot::Emoji,
            "ms" => Slot::Millis,
            _ => return None,
        })
    }

    pub(super) fn word(&self, rng: &mut Rng) -> &'static str {
        self.words[self.zipf.draw(rng)]
    }

    /// One to three words.
    fn parts(&self, rng: &mut Rng) -> [Option<&'static str>; 3] {
        let n = [1, 2, 2, 2, 2, 3, 3, 1][rng.below(8)];
        let mut out = [None; 3];
        for part in out.iter_mut().take(n) {
            *part = Some(self.word(rng));
        }
        out
    }

    fn push_ident(&self, rng: &mut Rng, case: Case, out: &mut String) {
        for (i, part) in self.parts(rng).into_iter().flatten().enumerate() {
            match case {
                Case::Camel if i > 0 => push_capital(part, out),
                Case::Snake if i > 0 => {
                    out.push('_');
                    out.push_str(part);
                }
                _ => out.push_str(part),
            }
        }
    }

    fn push_type(&self, rng: &mut Rng, out: &mut String) {
        self.parts(rng)
            .into_iter()
            .flatten()
            .for_each(|part| push_capital(part, out));
    }
}

fn push_capital(word: &str, out: &mut String) {
    let (head, tail) = word.split_at(1);
    out.extend(head.chars().map(|c| c.to_ascii_uppercase()));
    out.push_str(tail);
}

const CJK: &[&str] = &[
    "请帮我",
    "修复",
    "这个错误",
    "添加测试",
    "为什么",
    "不能运行",
    "数据库",
    "连接超时",
    "登录页面",
    "重构",
    "用户列表",
    "性能问题",
    "配置文件",
    "在生产环境",
    "谢谢",
    "然后提交",
    "检查日志",
    "并发",
    "缓存失效",
    "接口返回",
    "この関数",
    "テストを追加して",
    "エラーが出る",
    "ください",
    "設定を確認",
    "動かない",
    "原因を調べて",
    "一覧画面",
    "日付の形式",
    "文字化け",
    "お願いします",
    "削除する",
    "최적화",
    "테스트 추가",
    "오류 수정",
    "왜 느린가요",
    "설정 파일",
    "데이터베이스",
    "해 주세요",
    "로그 확인",
];
const EMOJI: &[&str] = &[
    "✅", "🎉", "🚀", "⚠️", "❌", "🔧", "📦", "👍", "🐛", "✨", "🤔", "📝",
];

/// What is local to one file or one session: its own names, which come again
/// and again as in real code.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    pub(super) rng: &'a mut Rng,
    pub(super) words: &'a Words,
    pub(super) names: &'a Names,
}

/// The names of a [`Scope`].
#[derive(Debug)]
pub(super) struct Names {
    case: Case,
    idents: Vec<String>,
    types: Vec<String>,
    /// Paths that the text may speak of.
    pub(super) paths: Vec<String>,
    zipf: Zipf,
}

impl Names {
    pub(super) fn new(words: &Words, rng: &mut Rng, case: Case, n: usize) -> Self {
        let mut make = |f: &dyn Fn(&mut Rng, &mut String)| {
            let mut out = String::new();
            f(rng, &mut out);
            out
        };
        let idents = (0..n)
            .map(|_| make(&|r, o| words.push_ident(r, case, o)))
            .collect();
        let types = (0..n)
            .map(|_| make(&|r, o| words.push_type(r, o)))
            .collect();
        Self {
            case,
            idents,
            types,
            paths: Vec::new(),
            zipf: Zipf::new(n, 4.0),
        }
    }
}

impl Scope<'_> {
    pub(super) fn slot(&mut self, slot: Slot, out: &mut String) {
        match slot {
            Slot::Word => out.push_str(self.words.word(self.rng)),
            Slot::Capital => push_capital(self.words.word(self.rng), out),
            Slot::Ident if self.rng.below(8) > 0 => {
                out.push_str(&self.names.idents[self.names.zipf.draw(self.rng)]);
            }
            Slot::Ident => self.words.push_ident(self.rng, self.names.case, out),
            Slot::Type if self.rng.below(8) > 0 => {
                out.push_str(&self.names.types[self.names.zipf.draw(self.rng)]);
            }
            Slot::Type => self.words.push_type(self.rng, out),
            Slot::Const => {
                let start = out.len();
                self.words.push_ident(self.rng, Case::Snake, out);
                out[start..].make_ascii_uppercase();
            }
            Slot::Number => {
                let digits = [1, 1, 1, 2, 2, 2, 3, 3, 4, 5][self.rng.below(10)];
                let n = self.rng.below(10_usize.pow(digits));
                push_number(n as u64, out);
            }
            Slot::Small => push_number(self.rng.range(0, 99), out),
            Slot::Millis => {
                push_number(self.rng.range(0, 40), out);
                out.push('.');
                push_number(self.rng.range(100, 999), out);
            }
            Slot::Hex => push_hex(out, self.rng.u64(), 8),
            Slot::Sha => {
                push_hex(out, self.rng.u64(), 16);
                push_hex(out, self.rng.u64(), 16);
                push_hex(out, self.rng.u64(), 8);
            }
            Slot::File if !self.names.paths.is_empty() => {
                out.push_str(&self.names.paths[self.rng.below(self.names.paths.len())]);
            }
            Slot::File => out.push_str("src/main.rs"),
            Slot::Phrase => {
                for i in 0..2 + self.rng.below(4) {
                    if i > 0 {
                        out.push(' ');
                    }
                    out.push_str(self.words.word(self.rng));
                }
            }
            Slot::Cjk => (0..2 + self.rng.below(4)).for_each(|_| out.push_str(self.rng.pick(CJK))),
            Slot::Emoji => out.push_str(self.rng.pick(EMOJI)),
        }
    }
}

/// Appends a decimal number.
pub(super) fn push_number(mut n: u64, out: &mut String) {
    let mut digits = [0_u8; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (n % 10) as u8;
        n /= 10;
        if n == 0 {
            break;
        }
    }
    out.extend(digits[at..].iter().map(|d| char::from(*d)));
}
