//! Requests over the network, by reqwest: HTTP/1.1, TLS by rustls with ring. It follows no
//! redirect, reads no variable, adds no header and unpacks nothing: what is recorded is
//! what goes over the wire.

use std::collections::HashMap;
use std::error::Error as _;
use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};

use crate::error::{Stage, Unreachable};
use crate::transport::{Body, Incoming, Outgoing, Pending, Transport, TransportError};

/// Proxies, as the variables of the same names hold them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// `http_proxy`: for addresses that begin with `http://`.
    pub http: Option<String>,
    /// `https_proxy`: for addresses that begin with `https://`.
    pub https: Option<String>,
    /// `all_proxy`: for both, where they have none of their own. `http://`, `socks5://`
    /// and `socks5h://` can be used.
    pub all: Option<String>,
    /// `no_proxy`: hosts that are reached without one.
    pub none: Option<String>,
}

/// A proxy's address may hold a password.
impl std::fmt::Debug for Proxies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let is_set = |one: &Option<String>| one.as_ref().map(|_| "…");
        f.debug_struct("Proxies")
            .field("http", &is_set(&self.http))
            .field("https", &is_set(&self.https))
            .field("all", &is_set(&self.all))
            .field("none", &self.none)
            .finish()
    }
}

/// Connections differ in how long making them may take, and whether they need TLS: reading
/// the system's certificates takes milliseconds that a local model need not wait for.
type Kind = (Duration, bool);

/// The network.
#[derive(Default)]
pub struct Http {
    proxies: Proxies,
    /// A host that is reached at these addresses alone.
    pinned: Option<(String, Vec<SocketAddr>)>,
    clients: Mutex<HashMap<Kind, reqwest::Client>>,
}

impl std::fmt::Debug for Http {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Http")
            .field("proxies", &self.proxies)
            .finish_non_exhaustive()
    }
}

impl Http {
    /// The network, by way of these proxies.
    pub fn new(proxies: Proxies) -> Self {
        Self {
            proxies,
            pinned: None,
            clients: Mutex::default(),
        }
    }

    /// The same network, where a host is reached at these addresses alone, for whoever
    /// looked at what its name resolves to. A proxy resolves for itself.
    #[must_use]
    pub fn pinned(&self, host: &str, addresses: Vec<SocketAddr>) -> Self {
        Self {
            pinned: Some((host.to_owned(), addresses)),
            ..Self::new(self.proxies.clone())
        }
    }

    /// Whether what goes to this address goes by way of a proxy, hosts left aside that are
    /// reached without one.
    pub fn has_proxy(&self, url: &url::Url) -> bool {
        self.proxy(url.scheme() == "https").is_some()
    }

    /// A client for another protocol that speaks to this address, by the same proxies and
    /// with the same caution: no redirect is followed, no variable read.
    pub fn client_for(&self, url: &url::Url) -> Result<reqwest::Client, String> {
        self.build((Duration::from_secs(10), url.scheme() == "https"))
    }

    fn client(&self, request: &Outgoing) -> Result<reqwest::Client, TransportError> {
        let kind = (request.connect, request.url.scheme() == "https");
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&kind) {
            return Ok(client.clone());
        }
        let client = self
            .build(kind)
            .map_err(|what| TransportError::Setup { what })?;
        clients.insert(kind, client.clone());
        Ok(client)
    }

    /// The proxy for addresses with TLS, or without.
    fn proxy(&self, secure: bool) -> Option<&str> {
        let own = if secure {
            &self.proxies.https
        } else {
            &self.proxies.http
        };
        let chosen = own.as_ref().or(self.proxies.all.as_ref());
        let chosen = chosen.map(|address| address.trim());
        chosen.filter(|address| !address.is_empty())
    }

    fn build(&self, (connect, secure): Kind) -> Result<reqwest::Client, String> {
        // If another part of the program was first, its choice is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = reqwest::Client::builder()
            .connect_timeout(connect)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .no_proxy();
        let words = |error: reqwest::Error| causes(&error.without_url());
        let none = self
            .proxies
            .none
            .as_deref()
            .and_then(reqwest::NoProxy::from_string);
        if let Some((host, addresses)) = &self.pinned {
            builder = builder.resolve_to_addrs(host, addresses);
        }
        let chosen = self.proxy(secure);
        if let Some(address) = chosen {
            let proxy = reqwest::Proxy::all(address)
                .map_err(|error| format!("the proxy's address is none: {}", words(error)))?;
            builder = builder.proxy(proxy.no_proxy(none));
        }
        // A proxy may be reached by TLS even where the server is not.
        if !secure && chosen.is_none_or(|address| !address.starts_with("https")) {
            builder = builder.tls_certs_only([]);
        }
        builder.build().map_err(words)
    }
}

impl Transport for Http {
    fn send<'a>(&'a self, request: &'a Outgoing) -> Pending<'a, Result<Incoming, TransportError>> {
        Box::pin(async move {
            let client = self.client(request)?;
            let method = match request.method {
                "GET" => reqwest::Method::GET,
                _ => reqwest::Method::POST,
            };
            let built = client
                .request(method, request.url.clone())
                .headers(headers(&request.headers)?)
                .body(request.body.clone());
            let connect = request.connect;
            let response = built
                .send()
                .await
                .map_err(|error| failure(error, connect))?;
            let headers = response.headers().iter().map(|(name, value)| {
                let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
                (name.as_str().to_owned(), value)
            });
            Ok(Incoming {
                status: response.status().as_u16(),
                headers: headers.collect(),
                decoded: false,
                body: Box::new(NetworkBody(response)),
            })
        })
    }
}

struct NetworkBody(reqwest::Response);

impl Body for NetworkBody {
    fn chunk(&mut self) -> Pending<'_, Result<Option<Bytes>, TransportError>> {
        Box::pin(async move {
            let chunk = self.0.chunk().await;
            chunk.map_err(|error| TransportError::Cut {
                what: causes(&error.without_url()),
            })
        })
    }
}

fn headers(pairs: &[(String, String)]) -> Result<HeaderMap, TransportError> {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        let bad = |what: &str| TransportError::Setup {
            what: format!("{what} of the header `{name}` has characters that cannot be sent"),
        };
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| bad("the name"))?;
        // The value may be a key, so it is not shown.
        let mut value = HeaderValue::from_str(value).map_err(|_| bad("the value"))?;
        value.set_sensitive(crate::endpoint::is_secret(name));
        headers.append(key, value);
    }
    Ok(headers)
}

/// What kept a request from its answer.
fn failure(error: reqwest::Error, connect: Duration) -> TransportError {
    let error = error.without_url();
    if error.is_timeout() {
        return TransportError::Timeout {
            stage: Stage::Connect,
            after_ms: connect.as_millis() as u64,
        };
    }
    if error.is_builder() {
        return TransportError::Setup {
            what: causes(&error),
        };
    }
    let what = causes(&error);
    let cause = match io_kind(&error) {
        _ if error.is_dns() => Unreachable::Name,
        Some(ErrorKind::ConnectionRefused) => Unreachable::Refused,
        // What rustls says of certificates and handshakes comes wrapped in these.
        Some(ErrorKind::InvalidData) => Unreachable::Tls,
        _ if what.contains("certificate") || what.contains("TLS") => Unreachable::Tls,
        _ if !error.is_connect() => Unreachable::Reset,
        _ => Unreachable::Other,
    };
    TransportError::Unreachable { cause, what }
}

/// The kind of the innermost error of the system.
fn io_kind(error: &reqwest::Error) -> Option<ErrorKind> {
    let mut kind = None;
    let mut next = error.source();
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            kind = Some(io.kind());
        }
        next = error.source();
    }
    kind
}

/// An error in words, from the outermost to the innermost, each once.
fn causes(error: &reqwest::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(error) = next {
        let more = error.to_string();
        if !words.contains(&more) {
            words.push_str(": ");
            words.push_str(&more);
        }
        next = error.source();
    }
    words
}
