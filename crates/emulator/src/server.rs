//! An emulator on a port of the loopback interface: HTTP/1.1, connections kept alive, nothing else of a web server.
//!
//! A request whose `Host` is not this address is refused: a web page that somebody reads must not reach an emulator
//! through a name of its own that leads to 127.0.0.1.

use std::future::Future;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::HOST;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::exchange::{Outcome, Request, Response};

/// The longest body unless another is set: what AWS says of its payloads.
const MAX_BODY_BYTES: usize = 1_048_576;

/// How much more than that is read past, so that whoever sends a body that is too long gets to hear why it is refused.
const MAX_READ_PAST_BYTES: usize = 16 * 1_048_576;

/// The most connections at a time; the next one waits until one ends. Fewer than the files that a process may have open.
const MAX_CONNECTIONS: usize = 512;

/// Said instead of an answer: the connection is closed.
#[derive(Debug, thiserror::Error)]
#[error("the connection was dropped on purpose")]
struct Dropped;

/// What is answered to a request for a path that nobody looks at: with a status, and why.
pub type Refuse = fn(path: &str, status: u16, sentence: &str) -> Response;

/// What is let in, and what is said to the rest.
#[derive(Clone, Copy, Debug)]
struct Door {
    port: u16,
    max_body_bytes: usize,
    refuse: Refuse,
}

/// A port that is listened on, not yet served.
#[derive(Debug)]
pub struct Listening {
    listener: TcpListener,
    address: SocketAddr,
    max_body_bytes: usize,
    refuse: Refuse,
}

impl Listening {
    /// Takes a port of 127.0.0.1; 0: any that is free.
    pub async fn on(port: u16) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let address = listener.local_addr()?;
        Ok(Self {
            listener,
            address,
            max_body_bytes: MAX_BODY_BYTES,
            refuse: |_, status, why| plain(status, why),
        })
    }

    /// The same with bodies of at most so many bytes.
    #[must_use]
    pub fn taking(self, max_body_bytes: usize) -> Self {
        Self { max_body_bytes, ..self }
    }

    /// The same with other words for what is refused before anybody looks at it. JSON with the sentence as its `error`
    /// unless they are given.
    #[must_use]
    pub fn refusing(self, refuse: Refuse) -> Self {
        Self { refuse, ..self }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What URLs of it begin with.
    pub fn base_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Serves until told to stop; then what is under way is answered.
    pub async fn serve<A, F>(self, answer: A, stop: CancellationToken) -> io::Result<()>
    where
        A: Fn(Request) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Outcome> + Send + 'static,
    {
        let tasks = TaskTracker::new();
        let places = Arc::new(Semaphore::new(MAX_CONNECTIONS));
        let Self { max_body_bytes, refuse, .. } = self;
        let door = Door { port: self.address.port(), max_body_bytes, refuse };
        loop {
            let accepted = tokio::select! {
                accepted = accept(&self.listener, &places) => accepted,
                () = stop.cancelled() => break,
            };
            match accepted {
                Ok((stream, peer, place)) => {
                    let conversation = converse(stream, peer.ip(), door, answer.clone(), stop.clone());
                    tasks.spawn(async move {
                        conversation.await;
                        drop(place);
                    });
                }
                // A connection that ended before it was accepted is nobody's failure.
                Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
                Err(error) => return Err(error),
            }
        }
        tasks.close();
        tasks.wait().await;
        Ok(())
    }
}

/// The next connection, once there is a place for it.
async fn accept(
    listener: &TcpListener,
    places: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.expect("invariant: places are never closed");
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, place))
}

async fn converse<A, F>(stream: TcpStream, peer: IpAddr, door: Door, answer: A, stop: CancellationToken)
where
    A: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Outcome> + Send + 'static,
{
    // Small answers are not kept back for a full packet.
    stream.set_nodelay(true).ok();
    let service = service_fn(move |request| {
        let answer = answer.clone();
        async move {
            let request = match read(request, peer, door).await {
                Ok(request) => request,
                Err(response) => return Ok(sent(response)),
            };
            match answer(request).await {
                Outcome::Answered(response) => Ok(sent(response)),
                Outcome::Dropped => Err(Dropped),
            }
        }
    });
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // How a connection ends is the client's concern; some are dropped on purpose.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stop.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await.ok();
}

/// The request as a value, or why it is refused before anybody looks at it.
async fn read(request: hyper::Request<Incoming>, peer: IpAddr, door: Door) -> Result<Request, Response> {
    let (head, body) = request.into_parts();
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    let refuse = |status, sentence: &str| (door.refuse)(head.uri.path(), status, sentence);
    if !host.is_some_and(|host| is_ours(host, door.port)) {
        return Err(refuse(421, "this server answers for 127.0.0.1 and localhost alone"));
    }
    let Some(body) = whole(body, door.max_body_bytes).await else {
        let sentence = format!("the body is longer than {} bytes, or ended early", door.max_body_bytes);
        return Err(refuse(413, &sentence));
    };
    let text = |value: &hyper::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    Ok(Request {
        method: head.method.as_str().to_owned(),
        target: head.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
        headers: head.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect(),
        body,
        source: Some(peer),
    })
}

/// A body of at most so many bytes; none: it is longer, or ended early.
async fn whole(mut body: Incoming, max_bytes: usize) -> Option<Vec<u8>> {
    let (mut whole, mut n_bytes) = (Vec::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(data) = frame.ok()?.into_data() else { continue };
        n_bytes += data.len();
        if n_bytes <= max_bytes {
            whole.extend_from_slice(&data);
        } else if n_bytes > max_bytes + MAX_READ_PAST_BYTES {
            return None;
        }
    }
    (n_bytes <= max_bytes).then_some(whole)
}

/// Whether a `Host` is this server.
fn is_ours(host: &str, port: u16) -> bool {
    let suffix = format!(":{port}");
    let name = host.strip_suffix(&suffix).unwrap_or(if port == 80 { host } else { "" });
    name == "127.0.0.1" || name.eq_ignore_ascii_case("localhost")
}

/// A refusal to a program.
pub(crate) fn plain(status: u16, sentence: &str) -> Response {
    let body = serde_json::json!({ "error": sentence }).to_string().into_bytes();
    Response { status, headers: vec![("Content-Type", "application/json".to_owned())], body }
}

fn sent(response: Response) -> hyper::Response<Full<Bytes>> {
    let mut builder = hyper::Response::builder().status(response.status);
    for (name, value) in response.headers {
        builder = builder.header(name, value);
    }
    builder.body(Full::from(response.body)).expect("invariant: statuses and headers are well-formed")
}
