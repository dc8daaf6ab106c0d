//! As much of a browser as looking at pages takes: one connection, and a cookie.

use anyhow::{Context as _, ensure};
use http_body_util::{BodyExt as _, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{CONTENT_TYPE, COOKIE, HOST, SET_COOKIE};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// A browser of one console.
pub(crate) struct Browser {
    authority: String,
    /// The path and query of the link that sets the console up.
    link: String,
    cookie: Option<String>,
    sender: SendRequest<Full<Bytes>>,
    /// Carries the connection for as long as the browser is there.
    _driver: JoinSet<Result<(), hyper::Error>>,
}

/// What came back.
pub(crate) struct Page {
    pub(crate) status: StatusCode,
    pub(crate) is_html: bool,
    pub(crate) text: String,
}

impl Browser {
    /// Connects to where a link leads.
    pub(crate) async fn open(link: &str) -> anyhow::Result<Self> {
        let place = link.strip_prefix("http://").context("the link is not of the form http://…")?;
        let (authority, path) = place.split_once('/').context("the link has no path")?;
        let stream = TcpStream::connect(authority).await.context("failed to connect")?;
        stream.set_nodelay(true)?;
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let link = format!("/{path}");
        Ok(Self { authority: authority.to_owned(), link, cookie: None, sender, _driver: driver })
    }

    /// Becomes the first super admin.
    pub(crate) async fn set_up(&mut self) -> anyhow::Result<()> {
        let secret = self.link.rsplit('=').next().unwrap_or_default();
        let password = "a password for a benchmark";
        let form = format!(
            "link={secret}&email=ada%40example.com&password={0}&again={0}",
            password.replace(' ', "+")
        );
        let answer = self.send(Method::POST, "/set-up", form).await?;
        ensure!(self.cookie.is_some(), "the console was not set up: {} {}", answer.status, answer.text);
        Ok(())
    }

    /// Asks for a page.
    pub(crate) async fn get(&mut self, address: &str) -> anyhow::Result<Page> {
        self.send(Method::GET, address, String::new()).await
    }

    async fn send(&mut self, method: Method, address: &str, form: String) -> anyhow::Result<Page> {
        let mut request = Request::builder().method(method).uri(address).header(HOST, &self.authority);
        if let Some(cookie) = &self.cookie {
            request = request.header(COOKIE, cookie);
        }
        if !form.is_empty() {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        }
        self.sender.ready().await?;
        let answer = self.sender.send_request(request.body(Full::from(form))?).await?;
        let (status, headers) = (answer.status(), answer.headers());
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let is_html = text(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("text/html"));
        if let Some(set) = text(SET_COOKIE) {
            self.cookie = set.split(';').next().map(str::to_owned);
        }
        let body = answer.into_body().collect().await.with_context(|| format!("{address} was cut off"))?;
        Ok(Page { status, is_html, text: String::from_utf8_lossy(&body.to_bytes()).into_owned() })
    }
}
