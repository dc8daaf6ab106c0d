//! The connection to the server behind the proxy that belongs to one connection of a client.

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio_util::task::TaskTracker;

use crate::listen::NoAnswer;

type Sender = SendRequest<Full<Bytes>>;

/// Connects when it has to: at the first request, and when the server closed the connection after an answer.
#[derive(Debug)]
pub(super) struct Upstream {
    authority: String,
    open: Mutex<Option<Sender>>,
    /// Drives the connection; it ends when the sender is dropped.
    driving: TaskTracker,
}

impl Upstream {
    pub(super) fn new(authority: String) -> Self {
        Self { authority, open: Mutex::default(), driving: TaskTracker::new() }
    }

    /// The server's answer with its whole body. Where there is none, the client gets none.
    pub(super) async fn forward(&self, request: Request<Bytes>) -> Result<Response<Bytes>, NoAnswer> {
        let mut open = self.open.lock().await;
        let mut sender = match open.take() {
            Some(sender) => self.still_open(sender).await?,
            None => self.connect().await?,
        };
        let answer = sender.send_request(request.map(Full::from)).await.map_err(|_| NoAnswer)?;
        let (head, body) = answer.into_parts();
        let body = body.collect().await.map_err(|_| NoAnswer)?.to_bytes();
        *open = Some(sender);
        Ok(Response::from_parts(head, body))
    }

    /// The same connection, or a new one if the server closed it after its last answer.
    async fn still_open(&self, mut sender: Sender) -> Result<Sender, NoAnswer> {
        if sender.ready().await.is_ok() { Ok(sender) } else { self.connect().await }
    }

    async fn connect(&self) -> Result<Sender, NoAnswer> {
        let stream = TcpStream::connect(&self.authority).await.map_err(|_| NoAnswer)?;
        stream.set_nodelay(true).map_err(|_| NoAnswer)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| NoAnswer)?;
        // What goes wrong on the connection, the sender says.
        self.driving.spawn(connection);
        Ok(sender)
    }
}
