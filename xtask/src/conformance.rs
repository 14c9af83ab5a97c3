//! `cargo xtask conformance`: the public conformance suite of MCP against `stead mcp --http`.
//! It needs Node 22 and the suite from npm, so CI does not run it.
//!
//! Most of its scenarios need a server made for them, with tools of set names; those are left
//! out. What applies to any server is in [`SCENARIOS`], under each revision of the protocol.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// What applies to a server that offers tools and nothing else.
const SCENARIOS: &[(&str, &[&str])] = &[
    (
        "2025-11-25",
        &[
            "server-initialize",
            "ping",
            "tools-list",
            "dns-rebinding-protection",
        ],
    ),
    (
        "2026-07-28",
        &[
            "server-stateless",
            "tools-list",
            "caching",
            "dns-rebinding-protection",
            "http-header-validation",
            "input-required-result-unsupported-methods",
        ],
    ),
];

/// Checks within these scenarios that need tools which only a server made for them has, or
/// prompts and resources, which stead does not declare. The suite reads them from a file.
const NOT_TESTABLE: &str = "server:
  - server-stateless:sep-2575-server-rejects-undeclared-capability
  - server-stateless:sep-2575-missing-capability-http-400
  - server-stateless:sep-2575-http-server-no-independent-requests-on-stream
  - server-stateless:sep-2575-server-no-log-without-loglevel
  - caching:sep-2549-prompts-list-caching-hints
  - caching:sep-2549-resources-list-caching-hints
  - caching:sep-2549-resources-templates-list-caching-hints
";

/// The token of the server under test.
const TOKEN: &str = "conformance-suite-token";

/// Runs MCP's conformance suite against `stead mcp --http`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// A program that is built already
    #[arg(long, value_name = "PROGRAM")]
    stead: Option<PathBuf>,
    /// What starts the suite; arguments for it are added
    #[arg(
        trailing_var_arg = true,
        default_values = ["npx", "--yes", "@modelcontextprotocol/conformance@0.2.0-alpha.12"]
    )]
    suite: Vec<String>,
}

pub(crate) fn conformance(args: &Args) -> Result<()> {
    let program = match &args.stead {
        Some(program) => fs_err::canonicalize(program)?,
        None => build()?,
    };
    let folder = std::env::temp_dir().join(format!("stead-conformance-{}", std::process::id()));
    fs_err::create_dir_all(&folder)?;
    let expected = folder.join("not-testable.yaml");
    fs_err::write(&expected, NOT_TESTABLE)?;
    let (mut server, address) = serve(&program, &folder)?;
    let url = format!("http://{}/mcp", let_in(address)?);
    let mut failed = 0;
    for (revision, scenarios) in SCENARIOS {
        for scenario in *scenarios {
            let passed = run(&args.suite, &url, revision, scenario, &expected)?;
            failed += usize::from(!passed);
            writeln!(
                std::io::stdout(),
                "{} {revision} {scenario}",
                if passed { "passed" } else { "FAILED" }
            )?;
        }
    }
    server.kill()?;
    server.wait()?;
    fs_err::remove_dir_all(&folder)?;
    if failed > 0 {
        bail!("{failed} scenarios failed");
    }
    Ok(())
}

fn build() -> Result<PathBuf> {
    let target = crate::root().join("target");
    let built = Command::new("cargo")
        .args(["build", "--quiet", "--package", "stead", "--target-dir"])
        .arg(&target)
        .current_dir(crate::root())
        .status()?;
    ensure!(built.success(), "stead does not build");
    Ok(target.join(format!("debug/stead{}", std::env::consts::EXE_SUFFIX)))
}

/// Starts the server on an empty machine; its address.
fn serve(program: &Path, folder: &Path) -> Result<(Child, String)> {
    let mut child = Command::new(program)
        .args(["mcp", "--http", "0"])
        .env("HOME", folder)
        .env("STEAD_DATA_DIR", folder.join("data"))
        .env("STEAD_MCP_TOKEN", TOKEN)
        .stderr(Stdio::piped())
        .spawn()?;
    let mut line = String::new();
    let told = child.stderr.take().context("no standard error")?;
    BufReader::new(told).read_line(&mut line)?;
    let address = line
        .split("http://")
        .nth(1)
        .and_then(|rest| rest.split("/mcp").next());
    let address = address.with_context(|| format!("the server says `{line}`"))?;
    Ok((child, address.to_owned()))
}

/// Runs one scenario; whether it passed.
fn run(
    suite: &[String],
    url: &str,
    revision: &str,
    scenario: &str,
    expected: &Path,
) -> Result<bool> {
    let (program, first) = suite.split_first().context("no suite")?;
    let output = Command::new(program)
        .args(first)
        .args(["server", "--url", url, "--scenario", scenario])
        .args(["--spec-version", revision, "--expected-failures"])
        .arg(expected)
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
    if !output.status.success() {
        std::io::stdout().write_all(&output.stdout)?;
        std::io::stdout().write_all(&output.stderr)?;
    }
    Ok(output.status.success())
}

/// A door to the server that shows the token, which the suite cannot send: one request a
/// connection.
fn let_in(address: String) -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let door = listener.local_addr()?.to_string();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let address = address.clone();
            // A connection that breaks is a failure that the suite reports.
            std::thread::spawn(move || pass_on(client, &address));
        }
    });
    Ok(door)
}

fn pass_on(mut client: TcpStream, address: &str) -> Result<()> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        if client.read(&mut byte)? == 0 {
            return Ok(());
        }
        head.push(byte[0]);
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let (first, rest) = head.split_once("\r\n").context("no request")?;
    let rest: String = rest
        .split_inclusive("\r\n")
        .filter(|line| !line.to_lowercase().starts_with("connection:"))
        .collect();
    let mut server = TcpStream::connect(address)?;
    write!(
        server,
        "{first}\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n{rest}"
    )?;
    let (mut from, mut to) = (client.try_clone()?, server.try_clone()?);
    std::thread::spawn(move || std::io::copy(&mut from, &mut to));
    std::io::copy(&mut server, &mut client)?;
    client.shutdown(Shutdown::Both)?;
    Ok(())
}
