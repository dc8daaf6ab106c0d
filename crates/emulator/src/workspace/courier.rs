//! Who carries notifications to where a channel wants them.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use async_trait::async_trait;
use bytes::Bytes;
use http_body_util::Full;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use url::{Host, Url};

/// A notification, as a request that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// Where to.
    pub address: String,
    /// Names and values.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty in the first message of a channel.
    pub body: Vec<u8>,
}

impl Notification {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(at, _)| at.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }
}

/// What becomes of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It was answered with this status.
    Answered(u16),
    /// Nobody is there.
    Unreachable,
}

/// Carries notifications.
#[async_trait]
pub trait Courier: Send + Sync + fmt::Debug {
    /// Sends one with POST and says what was answered.
    async fn deliver(&self, notification: &Notification) -> Delivery;
}

/// Carries notifications to `http://` addresses of this machine, and to nobody else.
#[derive(Clone, Copy, Debug)]
pub struct LoopbackCourier;

#[async_trait]
impl Courier for LoopbackCourier {
    async fn deliver(&self, notification: &Notification) -> Delivery {
        match sent(notification).await {
            Some(status) => Delivery::Answered(status),
            None => Delivery::Unreachable,
        }
    }
}

async fn sent(notification: &Notification) -> Option<u16> {
    let url = Url::parse(&notification.address).ok()?;
    let socket = loopback(&url)?;
    let stream = TcpStream::connect(socket).await.ok()?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.ok()?;
    let path = url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()));
    let mut request = hyper::Request::post(path).header("Host", socket.to_string());
    for (name, value) in &notification.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(notification.body.clone()))).ok()?;
    // The connection is driven for as long as the answer is waited for.
    tokio::select! {
        answer = sender.send_request(request) => Some(answer.ok()?.status().as_u16()),
        _ = connection => None,
    }
}

/// Where on this machine a URL leads.
pub(crate) fn loopback(url: &Url) -> Option<SocketAddr> {
    let ip = match url.host()? {
        Host::Domain(name) => {
            name.eq_ignore_ascii_case("localhost").then_some(IpAddr::from([127, 0, 0, 1]))?
        }
        Host::Ipv4(ip) => IpAddr::V4(ip),
        Host::Ipv6(ip) => IpAddr::V6(ip),
    };
    let port = url.port_or_known_default()?;
    (url.scheme() == "http" && ip.is_loopback()).then_some(SocketAddr::new(ip, port))
}
