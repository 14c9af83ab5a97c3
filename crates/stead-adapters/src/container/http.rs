//! Asking a server that keeps sessions. Only servers that the user has named are
//! asked, nothing is sent but the question and the key, no answer is waited for
//! forever, and a server that lets us wait in vain is not asked on and on.

use std::time::{Duration, Instant};

use ureq::http::StatusCode;

use crate::{DiscoverError, ReadError, Server};

/// A server that is not there is given up after this time.
const CONNECT: Duration = Duration::from_secs(2);
/// One answer may take so long, and be so many bytes long.
const ANSWER: Duration = Duration::from_secs(if cfg!(test) { 1 } else { 15 });
const LARGEST: u64 = 256 << 20;
/// All answers of one discovery may take so long.
pub const DISCOVERY: Duration = Duration::from_secs(if cfg!(test) { 3 } else { 30 });
/// All answers that one session is made of may take so long.
pub const READING: Duration = Duration::from_mins(5);

/// Asks one server.
pub struct Client<'s> {
    server: &'s Server,
    agent: ureq::Agent,
    header: &'static str,
    most: Duration,
    since: Instant,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The server is not there, or did not answer in time.
    #[error("{}", away(.0))]
    Away(ureq::Error),
    /// It lets us wait for more and more.
    #[error("it had not said all after {} s", .0.as_secs())]
    Endless(Duration),
    /// It did not answer before.
    #[error("{0}")]
    GivenUp(String),
    /// It answered that it will not.
    #[error("the server answered {0}")]
    Refused(StatusCode),
    /// There is no key to show it.
    #[error("its key could not be had: {0}")]
    Keyless(String),
    /// It answered something else than what it was asked for.
    #[error("the server's answer makes no sense: {0}")]
    Odd(String),
}

fn away(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Timeout(_) => format!("it did not answer in time ({error})"),
        _ => error.to_string(),
    }
}

impl HttpError {
    /// Whether it was waited for in vain, which is not to be done often.
    const fn took_time(&self) -> bool {
        matches!(self, Self::Away(_) | Self::Endless(_))
    }

    /// Whether nobody is there to answer.
    fn is_nobody(&self) -> bool {
        use std::io::ErrorKind;
        match self {
            Self::Away(ureq::Error::Io(error)) => matches!(
                error.kind(),
                ErrorKind::ConnectionRefused
                    | ErrorKind::HostUnreachable
                    | ErrorKind::NetworkUnreachable
            ),
            Self::Away(error) => matches!(
                error,
                ureq::Error::Timeout(ureq::Timeout::Connect | ureq::Timeout::Resolve)
                    | ureq::Error::HostNotFound
                    | ureq::Error::ConnectionFailed
            ),
            _ => false,
        }
    }
}

impl<'s> Client<'s> {
    /// A client that sends the server's key, if it has one, in `header`. After
    /// `most` it asks no more.
    pub fn new(server: &'s Server, header: &'static str, most: Duration) -> Self {
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
            most,
            since: Instant::now(),
        }
    }

    /// What the server says to a `GET` of `path`, which begins with a slash.
    pub fn get(&self, path: &str) -> Result<Vec<u8>, HttpError> {
        if let Some(why) = self.server.given_up() {
            return Err(HttpError::GivenUp(why.to_owned()));
        }
        let answer = self.ask(path);
        if let Err(error) = &answer {
            if error.is_nobody() {
                self.server.give_up(&error.to_string());
            } else if error.took_time() {
                self.server.waited_in_vain(&error.to_string());
            }
        }
        answer
    }

    fn ask(&self, path: &str) -> Result<Vec<u8>, HttpError> {
        if self.since.elapsed() > self.most {
            return Err(HttpError::Endless(self.most));
        }
        let mut request = self.agent.get(self.server.address(path));
        if let Some(key) = &self.server.key {
            let secret = key.secret().map_err(HttpError::Keyless)?;
            request = request.header(self.header, secret);
        }
        let answer = request.call().map_err(HttpError::Away)?;
        if !answer.status().is_success() {
            return Err(HttpError::Refused(answer.status()));
        }
        let body = answer.into_body().into_with_config().limit(LARGEST);
        body.read_to_vec().map_err(HttpError::Away)
    }

    /// The failure of a question, as discovery tells it. A server whose sessions
    /// cannot be listed in time is not asked for one of them either.
    pub fn not_discovered(&self, source: HttpError) -> DiscoverError {
        if source.took_time() {
            self.server.give_up(&source.to_string());
        }
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
