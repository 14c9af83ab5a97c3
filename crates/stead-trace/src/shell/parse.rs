//! Tokens as commands: lists, pipes, groups, loops. What they do is in `run`.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lex::{DEEPEST, Lexer, Odd, Op, Redirect, Token};
use super::word::{Piece, Word};

/// A command, or several.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// A program with its arguments.
    Simple {
        words: Vec<Word>,
        redirects: Vec<Redirect>,
    },
    /// Each prints into the next.
    Pipe(Vec<Self>),
    /// One after the other.
    List(Vec<Linked>),
    /// `{ …; }` or `(…)`.
    Group {
        body: Box<Self>,
        subshell: bool,
        redirects: Vec<Redirect>,
    },
    /// A loop over words.
    For {
        name: String,
        words: Vec<Word>,
        body: Box<Self>,
    },
    /// `if`, `while`, `case`: the first part runs, the others may.
    Maybe(Vec<Self>),
    /// A function is made; nothing runs yet.
    Function(String),
}

/// A command in a list.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Linked {
    /// It runs only if the one before it fails.
    pub(super) otherwise: bool,
    pub(super) node: Node,
}

/// What a whole text says.
pub(super) fn text(text: &str) -> Result<Node, Odd> {
    let tokens = Lexer::new(text, 0).tokens(false)?;
    program(tokens, 0)
}

/// What all these tokens say.
pub(super) fn program(tokens: Vec<Token>, depth: usize) -> Result<Node, Odd> {
    let tokens = tokens.into_iter().peekable();
    let mut parser = Parser { tokens, depth };
    let node = parser.list(&[])?;
    match parser.tokens.next() {
        None => Ok(node),
        Some(_) => Err(Odd),
    }
}

struct Parser {
    tokens: Peekable<IntoIter<Token>>,
    depth: usize,
}

impl Parser {
    fn op(&mut self, op: Op) -> bool {
        self.tokens
            .next_if(|token| *token == Token::Op(op))
            .is_some()
    }

    fn ends(&mut self) {
        while self.op(Op::End) {}
    }

    /// The next word, if it has no quotes.
    fn bare(&mut self) -> Option<&str> {
        match self.tokens.peek() {
            Some(Token::Word(word)) => word.bare(),
            _ => None,
        }
    }

    fn keyword(&mut self, word: &str) -> bool {
        let is_next = self.bare() == Some(word);
        if is_next {
            self.tokens.next();
        }
        is_next
    }

    fn need(&mut self, word: &str) -> Result<(), Odd> {
        if self.keyword(word) { Ok(()) } else { Err(Odd) }
    }

    /// Commands up to one of these words, a `)` or the end.
    fn list(&mut self, ends: &[&str]) -> Result<Node, Odd> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Odd);
        }
        let mut list = Vec::new();
        let mut otherwise = false;
        loop {
            self.ends();
            let stop = match self.tokens.peek() {
                None | Some(Token::Op(Op::Close | Op::Arm)) => true,
                Some(Token::Word(word)) => word.bare().is_some_and(|word| ends.contains(&word)),
                Some(_) => false,
            };
            if stop {
                break;
            }
            let node = self.pipe()?;
            list.push(Linked { otherwise, node });
            otherwise = self.op(Op::Or);
            if !otherwise {
                self.op(Op::And);
            }
        }
        self.depth -= 1;
        Ok(Node::List(list))
    }

    fn pipe(&mut self) -> Result<Node, Odd> {
        while self.keyword("!") || self.keyword("time") {}
        let mut stages = vec![self.command()?];
        while self.op(Op::Pipe) {
            self.ends();
            stages.push(self.command()?);
        }
        Ok(match stages.len() {
            1 => stages.swap_remove(0),
            _ => Node::Pipe(stages),
        })
    }

    fn command(&mut self) -> Result<Node, Odd> {
        if self.op(Op::Open) {
            let body = self.list(&[])?;
            if !self.op(Op::Close) {
                return Err(Odd);
            }
            return Ok(self.group(body, true));
        }
        let body = match self.bare() {
            Some("{") => {
                self.tokens.next();
                let body = self.list(&["}"])?;
                self.need("}")?;
                body
            }
            Some("if") => self.branches()?,
            Some("while" | "until") => {
                self.tokens.next();
                let test = self.list(&["do"])?;
                Node::Maybe(vec![test, self.body()?])
            }
            Some("for" | "select") => self.each()?,
            Some("case") => self.case()?,
            Some("[[") => return self.test(),
            Some("function") => {
                self.tokens.next();
                return self.function();
            }
            Some("then" | "else" | "elif" | "fi" | "do" | "done" | "esac" | "}") => {
                return Err(Odd);
            }
            _ => return self.simple(),
        };
        Ok(self.group(body, false))
    }

    /// Puts the redirects that follow around a group.
    fn group(&mut self, body: Node, subshell: bool) -> Node {
        let redirects = self.redirects();
        if redirects.is_empty() && !subshell {
            return body;
        }
        Node::Group {
            body: Box::new(body),
            subshell,
            redirects,
        }
    }

    fn redirects(&mut self) -> Vec<Redirect> {
        let mut redirects = Vec::new();
        while let Some(Token::Redirect(redirect)) = self
            .tokens
            .next_if(|token| matches!(token, Token::Redirect(_)))
        {
            redirects.push(redirect);
        }
        redirects
    }

    fn body(&mut self) -> Result<Node, Odd> {
        self.ends();
        self.need("do")?;
        let body = self.list(&["done"])?;
        self.need("done")?;
        Ok(body)
    }

    fn branches(&mut self) -> Result<Node, Odd> {
        let mut parts = Vec::new();
        while self.keyword("if") || self.keyword("elif") {
            parts.push(self.list(&["then"])?);
            self.need("then")?;
            parts.push(self.list(&["elif", "else", "fi"])?);
        }
        if self.keyword("else") {
            parts.push(self.list(&["fi"])?);
        }
        self.need("fi")?;
        Ok(Node::Maybe(parts))
    }

    fn each(&mut self) -> Result<Node, Odd> {
        self.tokens.next();
        let name = self.bare().ok_or(Odd)?.to_owned();
        self.tokens.next();
        self.ends();
        let mut words = Vec::new();
        if self.keyword("in") {
            while let Some(Token::Word(word)) =
                self.tokens.next_if(|token| matches!(token, Token::Word(_)))
            {
                words.push(word);
            }
        } else {
            words.push(Word(vec![Piece::Unknown]));
        }
        let body = Box::new(self.body()?);
        Ok(Node::For { name, words, body })
    }

    fn case(&mut self) -> Result<Node, Odd> {
        self.tokens.nth(1).ok_or(Odd)?;
        self.ends();
        self.need("in")?;
        // Nothing is run to choose an arm.
        let mut parts = vec![Node::List(Vec::new())];
        loop {
            self.ends();
            if self.keyword("esac") {
                return Ok(Node::Maybe(parts));
            }
            self.op(Op::Open);
            while !self.op(Op::Close) {
                match self.tokens.next() {
                    Some(Token::Word(_) | Token::Op(Op::Pipe)) => {}
                    _ => return Err(Odd),
                }
            }
            parts.push(self.list(&["esac"])?);
            self.op(Op::Arm);
        }
    }

    /// `[[ … ]]` changes nothing, whatever is in it.
    fn test(&mut self) -> Result<Node, Odd> {
        let mut first = None;
        for token in self.tokens.by_ref() {
            if let Token::Word(word) = token {
                let is_end = word.bare() == Some("]]");
                first.get_or_insert(word);
                if is_end {
                    let redirects = self.redirects();
                    let words = first.into_iter().collect();
                    return Ok(Node::Simple { words, redirects });
                }
            }
        }
        Err(Odd)
    }

    fn function(&mut self) -> Result<Node, Odd> {
        let name = self.bare().ok_or(Odd)?.to_owned();
        self.tokens.next();
        if self.op(Op::Open) && !self.op(Op::Close) {
            return Err(Odd);
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Odd);
        }
        self.ends();
        self.command()?;
        self.depth -= 1;
        Ok(Node::Function(name))
    }

    fn simple(&mut self) -> Result<Node, Odd> {
        let mut words: Vec<Word> = Vec::new();
        let mut redirects = Vec::new();
        loop {
            let is_function = words.len() == 1
                && redirects.is_empty()
                && self.tokens.peek() == Some(&Token::Op(Op::Open));
            if is_function {
                return self.made(&words);
            }
            match self.tokens.next_if(|token| !matches!(token, Token::Op(_))) {
                Some(Token::Word(word)) => words.push(word),
                Some(Token::Redirect(redirect)) => redirects.push(redirect),
                _ if words.is_empty() && redirects.is_empty() => return Err(Odd),
                _ => return Ok(Node::Simple { words, redirects }),
            }
        }
    }

    /// `name() { … }`
    fn made(&mut self, words: &[Word]) -> Result<Node, Odd> {
        let name = words.first().and_then(Word::bare).ok_or(Odd)?.to_owned();
        self.op(Op::Open);
        if !self.op(Op::Close) {
            return Err(Odd);
        }
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(Odd);
        }
        self.ends();
        self.command()?;
        self.depth -= 1;
        Ok(Node::Function(name))
    }
}
