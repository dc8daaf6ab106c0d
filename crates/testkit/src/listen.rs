//! A listening socket of a test: HTTP/1.1 on a free port of 127.0.0.1, with an owner.
//!
//! This sits on hyper and not on axum because an axum handler always answers: a service here may also break the
//! connection off, before the answer ([`NoAnswer`]) or in the middle of it ([`Reply::cut`]).

use std::collections::VecDeque;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Said by a service instead of an answer: the connection is closed.
#[derive(Debug, thiserror::Error)]
#[error("the connection was broken off on purpose")]
pub(crate) struct NoAnswer;

/// A body to send: whole, or broken off after its chunks.
pub(crate) struct Reply {
    chunks: VecDeque<Bytes>,
    ending: Ending,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    Whole,
    /// Broken off once what was given has left: one poll is let pass, during which it is flushed.
    Cut,
    CutNow,
}

impl Reply {
    pub(crate) fn whole(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let chunks = if body.is_empty() { VecDeque::new() } else { VecDeque::from([body]) };
        Self { chunks, ending: Ending::Whole }
    }

    /// Sends what is given as one chunk and then breaks the connection off.
    pub(crate) fn cut(body: impl Into<Bytes>) -> Self {
        Self { chunks: VecDeque::from([body.into()]), ending: Ending::Cut }
    }
}

impl Body for Reply {
    type Data = Bytes;
    type Error = NoAnswer;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, NoAnswer>>> {
        if let Some(chunk) = self.chunks.pop_front() {
            return Poll::Ready(Some(Ok(Frame::data(chunk))));
        }
        match self.ending {
            Ending::Whole => Poll::Ready(None),
            Ending::Cut => {
                self.ending = Ending::CutNow;
                context.waker().wake_by_ref();
                Poll::Pending
            }
            Ending::CutNow => Poll::Ready(Some(Err(NoAnswer))),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.chunks.is_empty() && self.ending == Ending::Whole
    }

    fn size_hint(&self) -> SizeHint {
        if self.ending != Ending::Whole {
            return SizeHint::default();
        }
        SizeHint::with_exact(self.chunks.iter().map(|chunk| chunk.len() as u64).sum())
    }
}

/// A server that runs until it is stopped or dropped.
#[derive(Debug)]
pub(crate) struct Listening {
    address: SocketAddr,
    stopping: CancellationToken,
    tasks: TaskTracker,
}

impl Listening {
    /// Listens on a free port. `converse` makes the service of one connection.
    pub(crate) async fn start<S>(converse: impl Fn() -> S + Send + 'static) -> Self
    where
        S: Service<Request<Incoming>, Response = Response<Reply>, Error = NoAnswer> + Send + 'static,
        S::Future: Send,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a free port of 127.0.0.1");
        let address = listener.local_addr().expect("invariant: a bound socket has an address");
        let (stopping, tasks) = (CancellationToken::new(), TaskTracker::new());
        tasks.spawn(accept(listener, converse, stopping.clone(), tasks.clone()));
        Self { address, stopping, tasks }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Takes no more requests and returns when those under way are answered.
    pub(crate) async fn stop(self) {
        self.stopping.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        self.stopping.cancel();
    }
}

async fn accept<S>(
    listener: TcpListener,
    converse: impl Fn() -> S,
    stopping: CancellationToken,
    tasks: TaskTracker,
) where
    S: Service<Request<Incoming>, Response = Response<Reply>, Error = NoAnswer> + Send + 'static,
    S::Future: Send,
{
    loop {
        let stream = tokio::select! {
            accepted = listener.accept() => accepted.expect("a listening socket accepts").0,
            () = stopping.cancelled() => return,
        };
        tasks.spawn(serve(stream, converse(), stopping.clone()));
    }
}

async fn serve<S>(stream: TcpStream, service: S, stopping: CancellationToken)
where
    S: Service<Request<Incoming>, Response = Response<Reply>, Error = NoAnswer> + Send,
    S::Future: Send,
{
    // Small answers are not kept back for a full packet. A connection that is gone already ends below.
    let _ = stream.set_nodelay(true);
    let connection =
        hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // How a connection ends is the client's concern: breaking off is a part of these servers' work.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = stopping.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
