//! What the provider answers.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, LOCATION};
use hyper::{Response, StatusCode};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::key::{SigningKey, signed_with_secret, unsigned};
use super::{CLIENT_ID, CLIENT_SECRET, Grant, Lie, State};
use crate::listen::Reply;

/// How long a token is valid, in seconds.
const VALID_FOR: i64 = 3_600;

type Pairs = Vec<(String, String)>;

impl State {
    fn lies(&self, lie: Lie) -> bool {
        self.lies.contains(&lie)
    }

    /// What it says of itself (OpenID Connect Discovery 1.0 §4.2).
    pub(super) fn discovery(&self) -> Response<Reply> {
        if self.lies(Lie::Broken) {
            return status(500);
        }
        let base = &self.issuer;
        let issuer = if self.lies(Lie::DiscoversIssuer) { "https://another.example" } else { &self.issuer };
        let plain = self.lies(Lie::PlainTokenEndpoint);
        let token = if plain { "http://token.example/token".to_owned() } else { format!("{base}/token") };
        let methods = if self.lies(Lie::SecretInBody) { "client_secret_post" } else { "client_secret_basic" };
        json(
            StatusCode::OK,
            &json!({
                "issuer": issuer,
                "authorization_endpoint": format!("{base}/authorize"),
                "token_endpoint": token,
                "jwks_uri": format!("{base}/keys"),
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "token_endpoint_auth_methods_supported": [methods],
                "authorization_response_iss_parameter_supported": true,
            }),
        )
    }

    /// Its keys.
    pub(super) fn keys(&self) -> Response<Reply> {
        if self.lies(Lie::Broken) {
            return status(500);
        }
        let keys: Vec<Value> = self.keys.iter().map(SigningKey::public).collect();
        json(StatusCode::OK, &json!({"keys": keys}))
    }

    /// Sends whoever is signed in back with a code (OpenID Connect Core 1.0 §3.1.2).
    pub(super) fn authorize(&mut self, query: &str) -> Response<Reply> {
        let asked: Pairs = serde_urlencoded::from_str(query).unwrap_or_default();
        let has = |name, value: &str| get(&asked, name) == Some(value);
        let scopes = get(&asked, "scope").unwrap_or_default();
        let is_right = has("client_id", CLIENT_ID)
            && has("response_type", "code")
            && has("code_challenge_method", "S256")
            && ["openid", "email"].iter().all(|scope| scopes.split(' ').any(|asked| asked == *scope));
        let (Some(redirect_uri), Some(state), Some(challenge)) =
            (get(&asked, "redirect_uri"), get(&asked, "state"), get(&asked, "code_challenge"))
        else {
            return status(400);
        };
        if !is_right {
            return status(400);
        }
        let issuer = if self.lies(Lie::AnswersIssuer) { "https://another.example" } else { &self.issuer };
        let mut back = vec![("state", state.to_owned())];
        if !self.lies(Lie::NoAnswersIssuer) {
            back.push(("iss", issuer.to_owned()));
        }
        if self.lies(Lie::Denied) {
            back.push(("error", "access_denied".to_owned()));
        } else {
            let code = format!("code-{}", self.codes.len());
            let grant = Grant {
                redirect_uri: redirect_uri.to_owned(),
                nonce: get(&asked, "nonce").map(str::to_owned),
                challenge: challenge.to_owned(),
                person: self.person.clone(),
            };
            self.codes.insert(code.clone(), Some(grant));
            back.push(("code", code));
        }
        let back = serde_urlencoded::to_string(back).expect("invariant: pairs of text");
        let mut answer = status(302);
        let location = format!("{redirect_uri}?{back}").parse().expect("an address");
        answer.headers_mut().insert(LOCATION, location);
        answer
    }

    /// Gives a token for a code, once, to the client that shows its secret and what the challenge was made of (RFC 7636).
    pub(super) fn token(&mut self, headers: &HeaderMap, body: &[u8]) -> Response<Reply> {
        if self.lies(Lie::Broken) {
            return status(500);
        }
        let sent: Pairs = serde_urlencoded::from_bytes(body).unwrap_or_default();
        if !self.is_the_client(headers, &sent) {
            return json(StatusCode::UNAUTHORIZED, &json!({"error": "invalid_client"}));
        }
        let code = get(&sent, "code").unwrap_or_default();
        let grant = self.codes.get_mut(code).and_then(Option::take);
        let grant = grant.filter(|grant| {
            let verifier = get(&sent, "code_verifier").unwrap_or_default();
            get(&sent, "grant_type") == Some("authorization_code")
                && get(&sent, "redirect_uri") == Some(&grant.redirect_uri)
                && (43..=128).contains(&verifier.len())
                && URL_SAFE_NO_PAD.encode(Sha256::digest(verifier)) == grant.challenge
        });
        let Some(grant) = grant else {
            return json(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
        };
        let answer = json!({
            "access_token": "an access token", "token_type": "Bearer", "expires_in": VALID_FOR,
            "id_token": self.id_token(&grant),
        });
        json(StatusCode::OK, &answer)
    }

    fn is_the_client(&self, headers: &HeaderMap, sent: &Pairs) -> bool {
        if self.lies(Lie::SecretInBody) {
            return get(sent, "client_id") == Some(CLIENT_ID)
                && get(sent, "client_secret") == Some(CLIENT_SECRET);
        }
        let basic = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
        let basic = basic.and_then(|text| String::from_utf8(STANDARD.decode(text).ok()?).ok());
        let Some((id, secret)) = basic.as_deref().and_then(|text| text.split_once(':')) else { return false };
        // Each is encoded as a form's value is (RFC 6749 §2.3.1).
        let read = |text: &str| serde_urlencoded::from_str::<Pairs>(&format!("v={text}")).unwrap_or_default();
        get(&read(id), "v") == Some(CLIENT_ID) && get(&read(secret), "v") == Some(CLIENT_SECRET)
    }

    fn id_token(&self, grant: &Grant) -> String {
        let issuer = if self.lies(Lie::Issuer) { "https://another.example" } else { &self.issuer };
        let audience = match () {
            () if self.lies(Lie::Audience) => json!("another"),
            () if self.lies(Lie::FurtherAudience) => json!([CLIENT_ID, "another"]),
            () => json!(CLIENT_ID),
        };
        let expires_at = if self.lies(Lie::Expired) { self.now - 1 } else { self.now + VALID_FOR };
        let mut claims = json!({
            "iss": issuer, "aud": audience, "sub": grant.person.subject, "iat": self.now - 60, "exp": expires_at,
        });
        let mut add = |name: &str, value: Value| claims[name] = value;
        if let Some(email) = &grant.person.email {
            add("email", json!(email));
            add("email_verified", json!(grant.person.is_verified));
        }
        if let Some(domain) = &grant.person.hosted_domain {
            add("hd", json!(domain));
        }
        if self.lies(Lie::AuthorizedParty) {
            add("azp", json!("another"));
        }
        match &grant.nonce {
            _ if self.lies(Lie::NoNonce) => {}
            _ if self.lies(Lie::Nonce) => add("nonce", json!("another")),
            Some(nonce) => add("nonce", json!(nonce)),
            None => {}
        }
        self.sign(&claims)
    }

    fn sign(&self, claims: &Value) -> String {
        let key = self.keys.last().expect("invariant: there is always a key");
        match () {
            () if self.lies(Lie::NoSignature) => unsigned(claims),
            () if self.lies(Lie::SharedSecret) => signed_with_secret(claims, CLIENT_SECRET),
            () if self.lies(Lie::Signature) => {
                let (signed, _) = key.sign(claims).rsplit_once('.').map(owned).expect("a token has parts");
                let other = SigningKey::generate("another").sign(claims);
                let (_, signature) = other.rsplit_once('.').expect("a token has parts");
                format!("{signed}.{signature}")
            }
            () => key.sign(claims),
        }
    }
}

fn owned((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}

fn get<'a>(pairs: &'a Pairs, name: &str) -> Option<&'a str> {
    pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

fn json(status: StatusCode, value: &Value) -> Response<Reply> {
    let answer = Response::builder().status(status).header(CONTENT_TYPE, "application/json");
    answer.body(Reply::whole(Bytes::from(value.to_string()))).expect("invariant: a well-formed answer")
}

pub(super) fn status(status: u16) -> Response<Reply> {
    Response::builder()
        .status(status)
        .body(Reply::whole(Bytes::new()))
        .expect("invariant: a well-formed answer")
}
