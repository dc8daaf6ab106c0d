//! A bare HTTP load generator: sends the bodies that a first sync sends, and does nothing with the answers but count
//! them. How fast it is done is how fast the server is.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context as _, bail, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use usher_engine::clock::Clock as _;

use crate::world::MachineClock;

/// What all connections share.
struct Load {
    authority: String,
    path: String,
    authorization: String,
    bodies: Vec<Bytes>,
    n_taken: AtomicUsize,
}

/// Sends all bodies over so many connections; says how long it took.
pub(crate) async fn measure(
    bodies: &Path,
    endpoint: &str,
    token_file: &Path,
    n_connections: u16,
) -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(bodies).context("failed to read the bodies")?;
    let token = std::fs::read_to_string(token_file).context("failed to read the token")?;
    let place = endpoint.strip_prefix("http://").context("the endpoint is not of the form http://…")?;
    let (authority, path) = place.split_once('/').context("the endpoint has no path")?;
    let load = Arc::new(Load {
        authority: authority.to_owned(),
        path: format!("/{}/Users", path.trim_end_matches('/')),
        authorization: format!("Bearer {}", token.trim()),
        bodies: text.lines().map(|line| Bytes::copy_from_slice(line.as_bytes())).collect(),
        n_taken: AtomicUsize::new(0),
    });
    let begun_at = MachineClock.now();
    let mut connections = JoinSet::new();
    for _ in 0..n_connections {
        connections.spawn(send(Arc::clone(&load)));
    }
    let mut n_sent = 0;
    while let Some(ended) = connections.join_next().await {
        n_sent += ended??;
    }
    let seconds = MachineClock.now().since(begun_at).as_secs_f64();
    ensure!(n_sent == load.bodies.len(), "{n_sent} of {} bodies were sent", load.bodies.len());
    Ok(json!({ "writes": n_sent, "seconds": seconds }))
}

/// Sends one body after the other over one connection, until none is left; says how many.
async fn send(load: Arc<Load>) -> anyhow::Result<usize> {
    let stream = TcpStream::connect(&load.authority).await.context("failed to connect")?;
    stream.set_nodelay(true)?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let mut driver = JoinSet::new();
    driver.spawn(connection);
    let mut n_sent = 0;
    while let Some(body) = load.bodies.get(load.n_taken.fetch_add(1, Ordering::Relaxed)) {
        one(&load, &mut sender, body.clone()).await?;
        n_sent += 1;
    }
    Ok(n_sent)
}

async fn one(load: &Load, sender: &mut SendRequest<Full<Bytes>>, body: Bytes) -> anyhow::Result<()> {
    let request = Request::post(&load.path)
        .header(HOST, &load.authority)
        .header(AUTHORIZATION, &load.authorization)
        .header(ACCEPT, "application/scim+json, application/json")
        .header(CONTENT_TYPE, "application/scim+json")
        .body(Full::new(body))?;
    sender.ready().await?;
    let answer = sender.send_request(request).await?;
    let status = answer.status();
    let body = answer.into_body().collect().await?.to_bytes();
    if status != StatusCode::CREATED {
        bail!("the server answered {status}: {}", String::from_utf8_lossy(&body));
    }
    Ok(())
}
