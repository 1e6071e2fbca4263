//! Whether a process serves.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::net::TcpStream;

use super::Identity;
use super::ports;
use crate::unit::local::ReadyWhen;

const CONNECT_WITHIN: Duration = Duration::from_secs(1);
const ANSWER_WITHIN: Duration = Duration::from_secs(3);

/// An HTTP client for servers on loopback: no proxy, no redirects.
pub(super) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_WITHIN)
        .timeout(ANSWER_WITHIN)
        // A kept connection would stand in the way of a server that wants to end.
        .pool_max_idle_per_host(0)
        .build()
        .unwrap_or_default()
}

/// None if the sign is there, or what is missing.
pub(super) async fn missing(client: &reqwest::Client, ready_when: &ReadyWhen, port: u16) -> Option<String> {
    match ready_when {
        ReadyWhen::PortOpen => port_missing(port).await,
        ReadyWhen::HttpOk { path } => http_missing(client, path, port).await,
    }
}

async fn port_missing(port: u16) -> Option<String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    match tokio::time::timeout(CONNECT_WITHIN, TcpStream::connect(address)).await {
        Ok(Ok(_)) => None,
        Ok(Err(error)) if error.kind() == std::io::ErrorKind::ConnectionRefused => {
            Some(format!("port {port} is not open yet"))
        }
        Ok(Err(error)) => Some(format!("port {port}: {error}")),
        Err(_) => Some(format!("port {port} does not accept connections")),
    }
}

async fn http_missing(client: &reqwest::Client, path: &str, port: u16) -> Option<String> {
    match client.get(format!("http://127.0.0.1:{port}{path}")).send().await {
        Ok(response) if response.status() == reqwest::StatusCode::OK => None,
        Ok(response) => Some(format!("{path} answers {}", response.status())),
        Err(error) if error.is_timeout() => Some(format!("{path} does not answer")),
        Err(error) if error.is_connect() => Some(format!("port {port} is not open yet")),
        Err(error) => Some(format!("{path}: {}", first_cause(&error))),
    }
}

/// What the system said, below what the client made of it.
fn first_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}

/// Somebody else who answers at the port, if that can be told. A program that took the port between our look and
/// the process's start must not pass for the process.
pub(super) fn impostor(port: u16, members: &[Identity]) -> Option<ports::Holder> {
    let holders = ports::holders(port);
    let ours = |holder: &ports::Holder| members.iter().any(|member| member.pid == holder.pid);
    if holders.iter().any(ours) { None } else { holders.into_iter().next() }
}
