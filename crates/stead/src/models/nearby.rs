//! Servers of models on this machine: whether something listens where one would. Nothing
//! is sent.

use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use stead_llm::Endpoint;

/// A port of this machine answers at once or never.
const PATIENCE: Duration = Duration::from_millis(100);

/// Whether something listens at an endpoint on this machine. Others are not tried.
pub(crate) fn listens(endpoint: &Endpoint) -> bool {
    if !endpoint.is_loopback() {
        return false;
    }
    let host = endpoint.host();
    let place = match host.rsplit_once(':') {
        Some((_, port)) if port.parse::<u16>().is_ok() => host,
        _ => format!("{host}:80"),
    };
    let Ok(mut addresses) = place.to_socket_addrs() else {
        return false;
    };
    addresses.any(|address| {
        address.ip().is_loopback() && TcpStream::connect_timeout(&address, PATIENCE).is_ok()
    })
}
