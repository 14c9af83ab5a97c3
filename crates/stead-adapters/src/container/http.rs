//! Asking a server that keeps sessions. Only servers that the user has named are
//! asked, nothing is sent but the question and the key, and no answer is waited
//! for forever.

use std::time::Duration;

use ureq::http::StatusCode;

use crate::{DiscoverError, ReadError, Server};

/// A server that is not there is given up after this time.
const CONNECT: Duration = Duration::from_secs(2);
/// One answer may take so long, and be so many bytes long.
const ANSWER: Duration = Duration::from_secs(30);
const LARGEST: u64 = 256 << 20;

/// Asks one server.
pub struct Client<'s> {
    server: &'s Server,
    agent: ureq::Agent,
    header: &'static str,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The server is not there, or did not answer in time.
    #[error("{0}")]
    Away(ureq::Error),
    /// It answered that it will not.
    #[error("the server answered {0}")]
    Refused(StatusCode),
}

impl<'s> Client<'s> {
    /// A client that sends the server's key, if it has one, in `header`.
    pub fn new(server: &'s Server, header: &'static str) -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .http_status_as_error(false)
            // Elsewhere the key would go to somebody else.
            .max_redirects(0)
            .user_agent("stead");
        let config = if server.is_local() {
            config.proxy(None)
        } else {
            config
        };
        Self {
            server,
            agent: config.build().into(),
            header,
        }
    }

    /// What the server says to a `GET` of `path`, which begins with a slash.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, HttpError> {
        let mut request = self.agent.get(self.server.address(path));
        if let Some(key) = &self.server.key {
            request = request.header(self.header, key.secret());
        }
        let answer = request.call().map_err(HttpError::Away)?;
        if !answer.status().is_success() {
            return Err(HttpError::Refused(answer.status()));
        }
        let body = answer.into_body().into_with_config().limit(LARGEST);
        body.read_to_vec().map_err(HttpError::Away)
    }

    /// The failure of a question, as discovery tells it.
    pub fn not_discovered(&self, source: HttpError) -> DiscoverError {
        DiscoverError::Server {
            url: self.server.url.clone(),
            source,
        }
    }

    /// The failure of a question, as reading tells it.
    pub fn not_read(&self, path: &str, source: HttpError) -> ReadError {
        ReadError::Server {
            url: self.server.address(path),
            source,
        }
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
