//! Pages of the web over the network, for the tool `fetch`. Which hosts may be spoken to is
//! judged before, by the policy; here it is made sure that a name does not lead to this
//! machine or a private network.
//!
//! A name is *resolved* once, all its addresses are looked at, and the connection goes to
//! these and no other: what the name means a moment later does not matter. Behind a proxy,
//! the proxy resolves; then names that resolve here to an address nearby are refused all
//! the same. No redirect is followed, no cookie is kept, nothing but GET is sent.

#[cfg(test)]
mod tests;

use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

use stead_llm::{CancellationToken, Http, Incoming, Outgoing, Transport, TransportError};
use url::{Host, Url};

use crate::tools::{Page, Web, is_public};

/// So long a page may take, from its name to its last byte.
const TIME: Duration = Duration::from_secs(30);
/// So long connecting may take.
const CONNECT: Duration = Duration::from_secs(10);
/// How often it is looked whether the session was ended.
const LOOK: Duration = Duration::from_millis(50);

/// Gets pages over the network.
#[derive(Debug, Clone)]
pub struct Pages {
    http: Arc<Http>,
    /// How the agent calls itself.
    name: String,
    cancel: CancellationToken,
    time: Duration,
}

impl Pages {
    /// The web over this network, for an agent of this name. A page that is waited for is
    /// given up once `cancel` is cancelled.
    pub fn new(http: Arc<Http>, name: &str, cancel: CancellationToken) -> Self {
        Self {
            http,
            name: name.to_owned(),
            cancel,
            time: TIME,
        }
    }

    fn wanted(&self, url: Url) -> Outgoing {
        let headers = [
            ("user-agent", self.name.as_str()),
            ("accept", "text/html, text/*;q=0.9, */*;q=0.5"),
            ("accept-encoding", "identity"),
        ];
        Outgoing {
            method: "GET",
            url,
            headers: headers
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            body: Vec::new().into(),
            connect: CONNECT,
            hash: String::new(),
        }
    }
}

impl Web for Pages {
    fn get(&self, url: &str, most: usize, near: bool) -> Result<Page, String> {
        let url = Url::parse(url).map_err(|error| format!("`{url}` is no address: {error}"))?;
        let (sender, answer) = mpsc::channel();
        let pages = self.clone();
        // Looking up a name cannot be given up, and requests need a runtime of their own:
        // whoever calls may be in one.
        std::thread::spawn(move || {
            let _ = sender.send(pages.page(url, most, near));
        });
        let mut left = self.time;
        loop {
            match answer.recv_timeout(LOOK) {
                Ok(page) => return page,
                Err(RecvTimeoutError::Disconnected) => return Err("the page was lost".to_owned()),
                Err(_) if self.cancel.is_cancelled() => {
                    return Err("stopped by the user".to_owned());
                }
                Err(RecvTimeoutError::Timeout) if left.is_zero() => {
                    return Err(format!(
                        "there was no page within {} s",
                        self.time.as_secs()
                    ));
                }
                Err(RecvTimeoutError::Timeout) => left = left.saturating_sub(LOOK),
            }
        }
    }
}

impl Pages {
    fn page(&self, url: Url, most: usize, near: bool) -> Result<Page, String> {
        let http = self.way(&url, near)?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let got = async {
            let wanted = self.wanted(url);
            let incoming = http.send(&wanted).await.map_err(|error| words(&error))?;
            read(incoming, most).await
        };
        runtime.block_on(async {
            tokio::select! {
                got = tokio::time::timeout(self.time, got) => {
                    got.unwrap_or_else(|_| Err("the page took too long".to_owned()))
                }
                () = self.cancel.cancelled() => Err("stopped by the user".to_owned()),
            }
        })
    }

    /// The network, where a host's name leads to addresses that were looked at.
    fn way(&self, url: &Url, near: bool) -> Result<Arc<Http>, String> {
        let Some(Host::Domain(name)) = url.host() else {
            return match (numbered(url), near) {
                (Some(address), false) if !is_public(address) => Err(is_near(&address.to_string())),
                _ => Ok(self.http.clone()),
            };
        };
        let port = url.port_or_known_default().unwrap_or(80);
        let found = (name, port).to_socket_addrs();
        let found: Vec<SocketAddr> = match found {
            Ok(found) => found.collect(),
            // The proxy may know more names; pinned to nothing, no other way is taken.
            Err(_) if self.http.has_proxy(url) => Vec::new(),
            Err(error) => return Err(format!("`{name}` cannot be resolved: {error}")),
        };
        let found = looked_at(name, found, near)?;
        Ok(Arc::new(self.http.pinned(name, found)))
    }
}

/// The address that stands in a URL as numbers.
fn numbered(url: &Url) -> Option<std::net::IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

/// What a name resolves to, if all of it may be connected to: a name with one address
/// nearby among others is made to deceive.
fn looked_at(name: &str, found: Vec<SocketAddr>, near: bool) -> Result<Vec<SocketAddr>, String> {
    let nearby = found.iter().find(|address| !is_public(address.ip()));
    match nearby {
        Some(address) if !near => Err(is_near(&format!("{name} ({})", address.ip()))),
        _ => Ok(found),
    }
}

fn is_near(what: &str) -> String {
    format!("{what} is on this machine or in a private network, which is not fetched from")
}

fn words(error: &TransportError) -> String {
    match error {
        TransportError::Unreachable { what, .. } => format!("the server cannot be reached: {what}"),
        TransportError::Timeout { after_ms, .. } => {
            format!("the server cannot be reached within {} s", after_ms / 1000)
        }
        TransportError::Cut { what } => format!("the page broke off: {what}"),
        TransportError::Setup { what } => format!("the page cannot be asked for: {what}"),
        TransportError::NotRecorded { .. } => "the page is not on record".to_owned(),
    }
}

/// The page that comes in, as far as it is wanted.
async fn read(mut incoming: Incoming, most: usize) -> Result<Page, String> {
    let header = |name: &str| {
        let mut headers = incoming.headers.iter();
        let found = headers.find(|(own, _)| own == name);
        found.map(|(_, value)| value.clone())
    };
    let encoding = header("content-encoding").filter(|encoding| encoding != "identity");
    if let Some(encoding) = encoding {
        return Err(format!(
            "the page comes packed as `{encoding}`, which was not asked for"
        ));
    }
    let (content_type, location) = (header("content-type"), header("location"));
    let mut page = Page {
        status: incoming.status,
        content_type: content_type.unwrap_or_default(),
        location,
        ..Page::default()
    };
    while let Some(chunk) = incoming.body.chunk().await.map_err(|error| words(&error))? {
        let room = most - page.body.len();
        page.body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            page.is_cut = true;
            break;
        }
    }
    Ok(page)
}
