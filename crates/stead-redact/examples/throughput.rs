//! Prints how fast texts are searched: `cargo run --release -p stead-redact
//! --example throughput [FILE…]`. Without files it makes up source code, logs
//! and JSON with about as many telling words as real ones have.

#![expect(clippy::print_stdout, reason = "printing is what this example is for")]

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::{Duration, Instant};

use stead_redact::{Redactor, terminal};

/// Bytes of each made-up text.
const SIZE: usize = 8 << 20;

fn main() -> std::io::Result<()> {
    let started = Instant::now();
    let redactor = Redactor::default_rules();
    black_box(redactor.find("short"));
    println!("first use: {:?}", started.elapsed());
    let files: Vec<String> = std::env::args().skip(1).collect();
    if files.is_empty() {
        report("code", &code());
        report("logs", &logs());
        report("json", &json());
        report("base64", &base64());
        report("prose", &prose());
    }
    for file in files {
        let bytes = std::fs::read(&file)?;
        report(&file, &String::from_utf8_lossy(&bytes));
    }
    Ok(())
}

fn report(name: &str, text: &str) {
    let redactor = Redactor::default_rules();
    let found = redactor.find(text);
    let find = best(|| drop(black_box(redactor.find(black_box(text)))));
    let escape = best(|| drop(black_box(terminal::escape(black_box(text)))));
    println!(
        "{name:>10}: find {:>6.0} MB/s   terminal::escape {:>6.0} MB/s   findings {}",
        speed(text, find),
        speed(text, escape),
        found.len()
    );
    for finding in found.iter().take(8) {
        println!(
            "            {} {:?}",
            finding.rule,
            &text[finding.range.clone()]
        );
    }
}

fn best(mut work: impl FnMut()) -> Duration {
    let once = |work: &mut dyn FnMut()| {
        let started = Instant::now();
        work();
        started.elapsed()
    };
    (0..7).map(|_| once(&mut work)).min().unwrap_or_default()
}

fn speed(text: &str, time: Duration) -> f64 {
    text.len() as f64 / 1e6 / time.as_secs_f64().max(1e-9)
}

/// Repeats what `write` adds, with a counter, until there is enough.
fn fill(mut write: impl FnMut(&mut String, usize)) -> String {
    let mut text = String::with_capacity(SIZE + 4096);
    let mut round = 0;
    while text.len() < SIZE {
        write(&mut text, round);
        round += 1;
    }
    text
}

fn code() -> String {
    fill(|text, n| {
        let _ = write!(
            text,
            "/// Reads the next item from the source and checks what it says.\n\
             pub fn read_item_{n}(input: &mut Reader<'_>, state: &State) -> Result<Item> {{\n    \
             let mut parts = input.line()?.split_whitespace();\n    \
             let token = parser.next_token(); // token {n}\n    \
             if parts.next() != Some(\"item\") || state.depth > {n} {{\n        \
             return Err(Error::Unexpected {{ at: input.position(), wanted: \"item\" }});\n    }}\n    \
             let password = read_password(&state.config)?;\n    \
             for (index, part) in parts.enumerate() {{\n        \
             map.entry(key_{n}).or_insert_with(Vec::new).push((index, part.to_owned()));\n    }}\n    \
             // See https://docs.rs/crate/item/{n} for the format.\n    \
             Ok(Item {{ name: name.into(), size: {n}, api_key: None, children: Vec::new() }})\n}}\n\n"
        );
    })
}

fn logs() -> String {
    fill(|text, n| {
        let _ = writeln!(
            text,
            "2026-01-{:02}T10:{:02}:{:02}.{:03}Z INFO worker-{} request GET /v1/items/{n} status=200 \
             duration={}ms user=u{n} bytes={}",
            n % 28 + 1,
            n % 60,
            n % 59,
            n % 1000,
            n % 8,
            n % 400,
            n * 37 % 90_000
        );
        if n % 12 == 0 {
            let _ = writeln!(
                text,
                "WARN auth: token expired for session {n}, refreshing token"
            );
        }
        if n % 9 == 0 {
            let _ = writeln!(
                text,
                "npm http fetch GET 200 https://registry.npmjs.org/pkg-{n} 12ms"
            );
        }
    })
}

fn json() -> String {
    fill(|text, n| {
        let _ = writeln!(
            text,
            "{{\"type\":\"assistant\",\"uuid\":\"550e8400-e29b-41d4-a716-{n:012}\",\"message\":\
             {{\"role\":\"assistant\",\"content\":[{{\"type\":\"text\",\"text\":\"I'll read the file \
             src/item_{n}.rs and run the tests, then report what changed in the module.\\n\"}}],\
             \"usage\":{{\"input_tokens\":{n},\"cache_read_input_tokens\":{},\"output_tokens\":12}}}}}}",
            n * 7
        );
    })
}

fn base64() -> String {
    let mut state = 1_u64;
    fill(|text, _| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        for shift in [58, 52, 46, 40, 34] {
            let six = (state >> shift & 63) as usize;
            let table = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            text.push(char::from(table[six]));
        }
    })
}

fn prose() -> String {
    fill(|text, n| {
        let _ = writeln!(
            text,
            "The task-based design in section {n} keeps a secret out of the log: a token is read \
             once, the password never leaves the process, and an API key is passed by reference. \
             It is a risk-free change for most users, who need to do nothing at all about it."
        );
    })
}
