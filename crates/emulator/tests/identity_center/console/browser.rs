//! A browser without scripts: it knows the page that it is on.

use scraper::{ElementRef, Html, Selector};
use usher_emulator::exchange::{Outcome, Request, Response};

use crate::world::World;

const HOST: &str = "127.0.0.1:8081";

/// A browser on a page.
pub(super) struct Browser<'a> {
    world: &'a World,
    pub(super) status: u16,
    pub(super) text: String,
}

/// What is put into a form: fields, and a file.
#[derive(Default)]
pub(super) struct Filled<'a> {
    pub(super) fields: &'a [(&'a str, &'a str)],
    pub(super) file: Option<(&'a str, &'a [u8])>,
}

impl<'a> Browser<'a> {
    /// At Console Home.
    pub(super) async fn home(world: &'a World) -> Self {
        Self::at(world, "/").await
    }

    /// At this address.
    pub(super) async fn at(world: &'a World, address: &str) -> Self {
        let mut browser = Self { world, status: 0, text: String::new() };
        browser.visit(address).await;
        browser
    }

    /// Goes to an address.
    pub(super) async fn visit(&mut self, address: &str) {
        let request =
            Request::new("GET", address).with_header("Host", HOST).with_header("Sec-Fetch-Site", "none");
        self.follow(request).await;
    }

    /// Clicks the link that has this text.
    pub(super) async fn click(&mut self, text: &str) {
        let link = self.find("a[href]", text).unwrap_or_else(|| panic!("no link {text:?} on {}", self.text));
        self.visit(&link).await;
    }

    /// Presses the button that has this text, in a form that is filled in.
    pub(super) async fn press(&mut self, button: &str, filled: Filled<'_>) {
        let request = {
            let page = Html::parse_document(&self.text);
            let forms = select("form");
            let mut forms = page.select(&forms);
            let form = forms.find(|form| has_button(*form, button));
            let form = form.unwrap_or_else(|| panic!("no button {button:?} on {}", self.text));
            submitted(form, &filled)
        };
        self.follow(request).await;
    }

    async fn follow(&mut self, request: Request) {
        let response = answer(self.world, request).await;
        if response.status == 303 {
            let address = response.header("Location").unwrap().to_owned();
            let request = Request::new("GET", &address).with_header("Host", HOST);
            let response = answer(self.world, request).await;
            assert_ne!(response.status, 303, "{address} leads on and on");
            (self.status, self.text) = (response.status, String::from_utf8(response.body).unwrap());
            return;
        }
        (self.status, self.text) = (response.status, String::from_utf8(response.body).unwrap());
    }

    fn find(&self, selector: &str, text: &str) -> Option<String> {
        let page = Html::parse_document(&self.text);
        let links = select(selector);
        let mut links = page.select(&links).filter(|link| said(*link) == text);
        links.next().and_then(|link| link.attr("href").map(str::to_owned))
    }

    /// The page's heading.
    pub(super) fn heading(&self) -> String {
        self.texts("h1").concat()
    }

    /// What is said where something is wrong.
    pub(super) fn alert(&self) -> String {
        self.texts("[role=alert]").concat()
    }

    /// The texts of what is selected.
    pub(super) fn texts(&self, selector: &str) -> Vec<String> {
        Html::parse_document(&self.text).select(&select(selector)).map(said).collect()
    }

    /// The value of the field with this label.
    pub(super) fn value(&self, label: &str) -> String {
        let page = Html::parse_document(&self.text);
        let labels = select("label[for]");
        let mut labels = page.select(&labels);
        let found = labels.find(|it| said(*it) == label).unwrap_or_else(|| panic!("no field {label:?}"));
        let field = select(&format!("#{}", found.attr("for").unwrap()));
        let field = page.select(&field).next().unwrap();
        field.attr("value").unwrap_or_default().to_owned()
    }
}

/// The request that a browser makes of a form.
fn submitted(form: ElementRef<'_>, filled: &Filled<'_>) -> Request {
    let hidden = select("input[type=hidden], input[type=radio][checked]");
    let mut fields: Vec<(String, String)> = form
        .select(&hidden)
        .map(|field| (field.attr("name").unwrap().to_owned(), field.attr("value").unwrap().to_owned()))
        .filter(|(name, _)| filled.fields.iter().all(|(at, _)| at != name))
        .collect();
    for (name, value) in filled.fields {
        let named = select(&format!("[name='{name}']"));
        assert!(form.select(&named).next().is_some(), "the form has no field {name}");
        fields.push(((*name).to_owned(), (*value).to_owned()));
    }
    let action = form.attr("action").unwrap();
    if form.attr("method") != Some("post") {
        let query = encoded(&fields);
        return Request::new("GET", &format!("{action}?{query}")).with_header("Host", HOST);
    }
    let request = Request::new("POST", action)
        .with_header("Host", HOST)
        .with_header("Origin", &format!("http://{HOST}"))
        .with_header("Sec-Fetch-Site", "same-origin");
    if form.attr("enctype") == Some("multipart/form-data") {
        let (media_type, body) = parts(filled.file);
        return request.with_header("Content-Type", media_type).with_body(body);
    }
    request.with_header("Content-Type", "application/x-www-form-urlencoded").with_body(encoded(&fields))
}

/// A form with a file, as browsers send it; without one the part is empty.
fn parts(file: Option<(&str, &[u8])>) -> (&'static str, Vec<u8>) {
    let (name, content) = file.unwrap_or(("metadata", b""));
    let file_name = if file.is_some() { "GoogleIDPMetadata.xml" } else { "" };
    let mut body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{file_name}\"\r\n\
         Content-Type: text/xml\r\n\r\n"
    )
    .into_bytes();
    body.extend_from_slice(content);
    body.extend_from_slice(b"\r\n--edge--\r\n");
    ("multipart/form-data; boundary=edge", body)
}

fn encoded(fields: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn has_button(form: ElementRef<'_>, text: &str) -> bool {
    form.select(&select("button"))
        .any(|button| said(button) == text || button.attr("aria-label") == Some(text))
}

/// What an element says, without the white space of the source.
fn said(element: ElementRef<'_>) -> String {
    element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
}

fn select(selector: &str) -> Selector {
    Selector::parse(selector).unwrap()
}

/// What a request is answered with.
pub(super) async fn answer(world: &World, request: Request) -> Response {
    match world.center.answer(request).await {
        Outcome::Answered(response) => response,
        Outcome::Dropped => panic!("the connection was dropped"),
    }
}
