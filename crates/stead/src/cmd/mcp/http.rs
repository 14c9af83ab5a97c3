//! The server over HTTP: on this machine only, for those who have the token.
//!
//! What the protocol itself asks of a request (its headers, `Host`, `Origin`) is `rmcp`'s to
//! check; this file decides who is let in at all.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode, header};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use rmcp::transport::StreamableHttpServerConfig;
use rmcp::transport::streamable_http_server::StreamableHttpService;
use rmcp::transport::streamable_http_server::session::never::NeverSessionManager;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::server::Memory;
use crate::command_error::CommandError;

/// Where the server answers.
pub(super) const PATH: &str = "/mcp";
/// The port, if nobody said another.
pub(super) const PORT: u16 = 7391;
/// A message has at most so many bytes; questions are short.
const MOST_BYTES: usize = 1 << 20;
/// So long may a client take to send a request's head.
const PATIENCE: Duration = Duration::from_secs(10);
/// So many connections are open at once.
const CONNECTIONS: usize = 64;

type Answer = Response<BoxBody<Bytes, Infallible>>;
type Service = StreamableHttpService<Memory, NeverSessionManager>;

/// The address that is meant: of this machine alone.
pub(super) fn address(given: &str) -> Result<SocketAddr, CommandError> {
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let named = given.strip_prefix("localhost:").unwrap_or(given);
    let address = match (named, named.parse::<u16>(), named.parse::<SocketAddr>()) {
        ("", ..) => Ok(SocketAddr::new(loopback, PORT)),
        (_, Ok(port), _) => Ok(SocketAddr::new(loopback, port)),
        (_, _, Ok(address)) => Ok(address),
        _ => Err(format!("`{given}` is no address")),
    };
    let address = address.and_then(|address| {
        if address.ip().is_loopback() {
            Ok(address)
        } else {
            Err(format!("`{given}` can be reached from other machines"))
        }
    });
    address.map_err(|message| {
        CommandError::usage(message).hint(format!(
            "write a port, 127.0.0.1:{PORT} or [::1]:{PORT}; for other machines, lead a tunnel here"
        ))
    })
}

/// Answers until the program is stopped.
pub(super) async fn serve(
    memory: Memory,
    listener: TcpListener,
    token: &str,
) -> Result<(), CommandError> {
    let loopback = ["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"];
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(false)
        .with_json_response(true)
        .with_max_request_body_bytes(MOST_BYTES)
        .with_allowed_origins(loopback);
    let sessions = Arc::new(NeverSessionManager::default());
    let service = Service::new(move || Ok(memory.clone()), sessions, config);
    let door = Arc::new(Door {
        service,
        token: Sha256::digest(token).into(),
    });
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        // The semaphore is never closed.
        let place = Arc::clone(&room).acquire_owned().await.ok();
        let Ok((stream, _)) = listener.accept().await else {
            // Too many open files, or a client that is gone already: others may come.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let door = Arc::clone(&door);
        tokio::spawn(async move {
            let answer = service_fn(move |request| {
                let door = Arc::clone(&door);
                async move { Ok::<_, Infallible>(door.answer(request).await) }
            });
            let mut connection = http1::Builder::new();
            connection
                .timer(TokioTimer::new())
                .header_read_timeout(PATIENCE);
            // A connection that breaks is the client's business.
            let _ = connection
                .serve_connection(TokioIo::new(stream), answer)
                .await;
            drop(place);
        });
    }
}

/// Lets in who has the token.
struct Door {
    service: Service,
    /// The token's SHA-256: comparing digests tells nothing about it by its time.
    token: [u8; 32],
}

impl Door {
    async fn answer(&self, request: Request<Incoming>) -> Answer {
        if !self.knows(&request) {
            let mut answer = refusal(
                StatusCode::UNAUTHORIZED,
                "stead: send `Authorization: Bearer TOKEN`; `stead mcp --http` says where it is",
            );
            let scheme = header::HeaderValue::from_static("Bearer realm=\"stead\"");
            answer
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
            return answer;
        }
        if request.uri().path() != PATH {
            return refusal(StatusCode::NOT_FOUND, "stead: the server is at /mcp");
        }
        self.service.handle(request).await
    }

    fn knows(&self, request: &Request<Incoming>) -> bool {
        let given = request.headers().get(header::AUTHORIZATION);
        let given = given.and_then(|value| value.to_str().ok());
        let token = given.and_then(|value| {
            let (scheme, token) = value.split_once(' ')?;
            scheme
                .eq_ignore_ascii_case("bearer")
                .then_some(token.trim())
        });
        token.is_some_and(|token| <[u8; 32]>::from(Sha256::digest(token)) == self.token)
    }
}

fn refusal(status: StatusCode, words: &'static str) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from_static(words.as_bytes())).boxed());
    *answer.status_mut() = status;
    answer
}
