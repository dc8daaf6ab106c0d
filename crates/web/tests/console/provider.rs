//! A console whose admins may sign in at an OpenID provider, which is a real one on a loopback port; and a browser that goes
//! there and back.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use axum::http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use axum::http::{Method, Request, Response};
use secrecy::SecretString;
use usher_engine::carrier::{Carrier as _, Http, Message};
use usher_engine::endpoint::Reachable;
use usher_testkit::http::Client;
use usher_testkit::openid::{CLIENT_ID, CLIENT_SECRET, OpenIdProvider, Person};
use usher_web::openid::{GOOGLE, NotCarried, Registration, RelyingParty, ToProvider};

use crate::browser::{ADDRESS, Answer, Browser, House};

/// What time it is when a house begins, in seconds since 1970.
pub(crate) const NOW: i64 = 1_700_000_000;

/// Ada's account at the provider.
pub(crate) fn ada() -> Person {
    Person::new("ada-17", "ada@example.com")
}

/// Bob's account at the provider.
pub(crate) fn bob() -> Person {
    Person::new("bob-18", "bob@example.com")
}

/// The way to the provider over HTTP, as the binary has it. What is Google's is the provider's that plays Google.
#[derive(Debug)]
struct Way {
    http: Http,
    base: String,
}

#[async_trait]
impl ToProvider for Way {
    async fn carry(&self, request: Request<Vec<u8>>) -> Result<Response<Vec<u8>>, NotCarried> {
        let url = request.uri().to_string().replace(GOOGLE, &self.base);
        let header = |name| request.headers().get(name).map(|value| value.to_str().unwrap());
        let method = match *request.method() {
            Method::POST => usher_protocol::http::Method::Post,
            _ => usher_protocol::http::Method::Get,
        };
        let body = SecretString::from(String::from_utf8(request.body().clone()).unwrap());
        let headers: Vec<_> =
            header(AUTHORIZATION).into_iter().map(|value| ("authorization", value)).collect();
        let message = Message {
            accept: header(ACCEPT).unwrap(),
            headers: &headers,
            body: header(CONTENT_TYPE).map(|content_type| (content_type, &body)),
            ..Message::new(method, &url)
        };
        let answer = self.http.carry(&message, Duration::from_secs(10)).await;
        let answer = answer.map_err(|error| NotCarried(error.to_string()))?;
        let builder = Response::builder().status(answer.status);
        let builder =
            answer.content_type.iter().fold(builder, |builder, it| builder.header(CONTENT_TYPE, it));
        Ok(builder.body(answer.body).unwrap())
    }
}

/// A provider, and a console that it knows.
pub(crate) async fn house_with_provider(person: Person) -> (OpenIdProvider, House) {
    let provider = OpenIdProvider::start(NOW, person).await;
    let house = house_of(&provider, &provider.base_url()).await;
    (provider, house)
}

/// A console that knows a provider by this name.
pub(crate) async fn house_of(provider: &OpenIdProvider, issuer: &str) -> House {
    let registration = Registration {
        issuer: issuer.to_owned(),
        client_id: CLIENT_ID.to_owned(),
        client_secret: CLIENT_SECRET.into(),
    };
    let way = Way { http: Http::new(Reachable::default()).unwrap(), base: provider.base_url() };
    House::with(Some(Arc::new(RelyingParty::new(registration, Box::new(way)).unwrap()))).await
}

impl Browser {
    /// Follows the button, and returns the address at the provider that it leads to.
    pub(crate) async fn leave(&mut self, button: &str) -> String {
        let answer = self.get(button).await;
        assert_eq!(answer.status, 303, "{}", answer.text);
        answer.location().to_owned()
    }

    /// Goes to the provider, and returns the path and query by which it sends the browser back.
    pub(crate) async fn at_provider(&mut self, provider: &OpenIdProvider, button: &str) -> String {
        let asked = self.leave(button).await.replace(GOOGLE, &provider.base_url());
        let base = provider.base_url();
        let answer = Client::new(&base, None).get(asked.strip_prefix(&base).unwrap()).await.unwrap();
        assert_eq!(answer.status, 302, "{asked}");
        answer.header("location").unwrap().strip_prefix(ADDRESS).unwrap().to_owned()
    }

    /// Goes to the provider and comes back.
    pub(crate) async fn sign_in_at(&mut self, provider: &OpenIdProvider) -> Answer {
        let back = self.at_provider(provider, "/sign-in/openid?next=%2Fapps").await;
        self.come_back(&back).await
    }

    /// Comes back by a link of the provider's.
    pub(crate) async fn come_back(&mut self, back: &str) -> Answer {
        self.get_from("cross-site", back).await
    }
}
