//! A browser that keeps its cookie, reads a form's token, and sends forms; and the clock and the store behind it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU8, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, REFERER, SET_COOKIE};
use axum::http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt as _;
use scraper::{Html, Selector};
use secrecy::ExposeSecret as _;
use tower::ServiceExt as _;
use usher_model::time::Timestamp;
use usher_store::{Key, KeySource, Location, Migrations, Opening, Store};
use usher_web::openid::RelyingParty;
use usher_web::{Clock, Console, Options, link_for_set_up, router};

use crate::hands::Scripted;

pub(crate) const ADDRESS: &str = "http://127.0.0.1:8080";
pub(crate) const PASSWORD: &str = "correct horse battery";

/// A clock that tests move, with chance that never repeats.
#[derive(Debug)]
pub(crate) struct Ticking {
    micros: AtomicI64,
    chance: AtomicU8,
}

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.micros.load(Ordering::Relaxed))
    }

    fn entropy(&self, into: &mut [u8]) {
        into.fill(self.chance.fetch_add(1, Ordering::Relaxed));
    }
}

/// A console that nobody has set up.
pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) clock: Arc<Ticking>,
    pub(crate) hands: Arc<Scripted>,
    router: Router,
}

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// One browser.
pub(crate) struct Browser {
    router: Router,
    pub(crate) cookie: Option<String>,
    /// The cookie of a browser that was sent to an OpenID provider.
    pub(crate) sent_away: Option<String>,
}

impl House {
    pub(crate) async fn new() -> Self {
        Self::with(None).await
    }

    /// One whose admins may sign in at a provider as well.
    pub(crate) async fn with(openid: Option<Arc<RelyingParty>>) -> Self {
        let entropy = |into: &mut [u8]| into.fill(7);
        let opening = Opening {
            location: Location::Memory,
            keys: KeySource::Given(vec![Key::new([7; 32])]),
            entropy: Arc::new(entropy),
            migrations: Migrations::Apply,
        };
        let store = Store::open(opening).await.unwrap();
        let clock =
            Arc::new(Ticking { micros: AtomicI64::new(1_700_000_000_000_000), chance: AtomicU8::new(1) });
        let options = Options { address: ADDRESS.to_owned(), openid };
        let shared: Arc<dyn Clock> = clock.clone();
        let hands = Arc::new(Scripted::new(store.clone()));
        let router = router(Console::new(store.clone(), shared, hands.clone(), options));
        Self { store, clock, hands, router }
    }

    pub(crate) fn browser(&self) -> Browser {
        Browser { router: self.router.clone(), cookie: None, sent_away: None }
    }

    pub(crate) fn wait(&self, span: Duration) {
        let micros = i64::try_from(span.as_micros()).unwrap();
        self.clock.micros.fetch_add(micros, Ordering::Relaxed);
    }

    /// The path and query of a link to set the console up; none: it is set up.
    pub(crate) async fn link(&self) -> Option<String> {
        let link = link_for_set_up(&self.store, self.clock.as_ref(), ADDRESS).await.unwrap()?;
        Some(link.expose_secret().strip_prefix(ADDRESS).unwrap().to_owned())
    }

    /// Ada's browser, in which she has set the console up.
    pub(crate) async fn set_up(&self) -> Browser {
        let mut browser = self.browser();
        let page = browser.get(&self.link().await.unwrap()).await;
        let link = page.value("input[name=link]");
        let form = [
            ("link", link.as_str()),
            ("email", "ada@example.com"),
            ("password", PASSWORD),
            ("again", PASSWORD),
        ];
        let answer = browser.post("/set-up", &form).await;
        assert_eq!((answer.status, answer.location()), (StatusCode::SEE_OTHER, "/"), "{}", answer.text);
        browser
    }
}

impl Browser {
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        self.get_from("same-origin", path).await
    }

    pub(crate) async fn get_from(&mut self, site: &str, path: &str) -> Answer {
        let request = Request::builder().uri(path).header("sec-fetch-site", site);
        self.send(request.body(Body::empty()).unwrap()).await
    }

    /// Sends a form as a page of ours would.
    pub(crate) async fn post(&mut self, path: &str, form: &[(&str, &str)]) -> Answer {
        self.post_from("same-origin", path, form).await
    }

    pub(crate) async fn post_from(&mut self, site: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("sec-fetch-site", site)
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = serde_urlencoded::to_string(form).unwrap();
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form as this page of ours would, without its token.
    pub(crate) async fn post_on(&mut self, page: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(HOST, ADDRESS.trim_start_matches("http://"))
            .header(REFERER, format!("{ADDRESS}{page}"))
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = serde_urlencoded::to_string(form).unwrap();
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// Sends a form with the token that this page carries.
    pub(crate) async fn post_with_token(&mut self, page: &str, path: &str, form: &[(&str, &str)]) -> Answer {
        let token = self.get(page).await.value("input[name=token]");
        let form: Vec<_> = form.iter().copied().chain([("token", token.as_str())]).collect();
        self.post(path, &form).await
    }

    /// Sends a form with a file in it, with the token that this page carries; none: without it.
    pub(crate) async fn post_file(
        &mut self,
        page: Option<&str>,
        path: &str,
        parts: &[(&str, &str, &str)],
    ) -> Answer {
        let mut body = String::new();
        if let Some(page) = page {
            let token = self.get(page).await.value("input[name=token]");
            body += "--edge\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n";
            body += &token;
            body += "\r\n";
        }
        for (name, file, text) in parts {
            let file = if file.is_empty() { String::new() } else { format!("; filename=\"{file}\"") };
            let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{file}");
            body += &[&*head, "\r\n\r\n", text, "\r\n"].concat();
        }
        body.push_str("--edge--\r\n");
        let request = Request::builder()
            .method("POST")
            .uri(path)
            .header("sec-fetch-site", "same-origin")
            .header(CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        let cookies: Vec<&str> =
            [&self.cookie, &self.sent_away].into_iter().flatten().map(String::as_str).collect();
        if !cookies.is_empty() {
            request.headers_mut().insert(COOKIE, cookies.join("; ").parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        for set in headers.get_all(SET_COOKIE) {
            let pair = set.to_str().unwrap().split(';').next().unwrap().to_owned();
            let kept = if pair.contains("usher_openid") { &mut self.sent_away } else { &mut self.cookie };
            *kept = Some(pair).filter(|pair| !pair.ends_with('='));
        }
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        Answer { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
    }

    pub(crate) async fn sign_in(&mut self, email: &str, password: &str) -> Answer {
        self.post("/sign-in", &[("email", email), ("password", password)]).await
    }
}

impl Answer {
    pub(crate) fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |location| location.to_str().unwrap())
    }

    /// The value of a field of the page.
    pub(crate) fn value(&self, selector: &str) -> String {
        self.attribute(selector, "value")
    }

    /// An attribute of what is selected.
    pub(crate) fn attribute(&self, selector: &str, name: &str) -> String {
        let page = Html::parse_document(&self.text);
        let element = page.select(&Selector::parse(selector).unwrap()).next();
        element.unwrap_or_else(|| panic!("no {selector} in {}", self.text)).attr(name).unwrap().to_owned()
    }

    /// What the page says is wrong.
    pub(crate) fn wrong(&self) -> String {
        let page = Html::parse_document(&self.text);
        let wrong = page.select(&Selector::parse("[role=alert]").unwrap()).next();
        wrong.unwrap_or_else(|| panic!("nothing is wrong in {}", self.text)).text().collect()
    }

    /// The heading of the page.
    pub(crate) fn heading(&self) -> String {
        let page = Html::parse_document(&self.text);
        page.select(&Selector::parse("h1").unwrap()).next().unwrap().text().collect()
    }
}
