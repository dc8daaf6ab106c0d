//! Push channels: opened for users and for activities, and stopped.

use std::time::Duration;

use serde_json::json;
use url::Url;

use crate::workspace::call::{Call, Handled, Reply};
use crate::workspace::channels::{Channel, LONGEST_LIFE, Topic, USUAL_LIFE, UserEvent};
use crate::workspace::courier::loopback;
use crate::workspace::directory::text;
use crate::workspace::refusal::Refusal;
use crate::workspace::wire;

/// `directory.users.watch`: one channel tells of one thing.
pub(super) async fn users(call: &mut Call<'_>) -> Handled {
    let domain = super::users::list::domain(call).await?;
    let event = call.param("event").ok_or_else(|| Refusal::required("event"))?;
    let event = UserEvent::ALL.into_iter().find(|known| known.name().eq_ignore_ascii_case(event));
    let event = event.ok_or_else(|| Refusal::invalid("event"))?;
    let of = domain.as_deref().map_or_else(
        || format!("customer={}", call.param("customer").unwrap_or_default()),
        |domain| format!("domain={domain}"),
    );
    let uri =
        format!("{}/admin/directory/v1/users?alt=json&{of}&event={}", call.inner.base_url, event.name());
    open(call, Topic::Users { event, domain }, uri)
}

/// `reports.activities.watch`, of one actor's activities or of everybody's.
pub(super) fn activities(call: &mut Call<'_>, actor: Option<String>) -> Handled {
    let event = call.param("eventName").map(str::to_owned);
    let uri = format!(
        "{}/admin/reports/v1/activity/users/{}/applications/admin?alt=json{}",
        call.inner.base_url,
        call.key("userKey"),
        event.as_deref().map(|event| format!("&eventName={event}")).unwrap_or_default()
    );
    open(call, Topic::Activities { event, actor }, uri)
}

fn open(call: &mut Call<'_>, topic: Topic, resource_uri: String) -> Handled {
    let field = |name: &str| text(&call.body, name).to_owned();
    let (id, address) = (field("id"), field("address"));
    if id.is_empty() || id.len() > 64 {
        return Err(Refusal::required("id"));
    }
    if !matches!(field("type").as_str(), "web_hook" | "webhook") {
        return Err(Refusal::new(400, "unsupportedWebhookType", "Unsupported channel type."));
    }
    let url = Url::parse(&address).map_err(|_| Refusal::invalid("address"))?;
    if url.scheme() != "https" && loopback(&url).is_none() {
        return Err(Refusal::new(400, "push.webhookUrlNotHttps", "WebHook callback must be HTTPS."));
    }
    if !call.inner.state().settings.takes_channels {
        let message = format!("Unauthorized WebHook callback channel: {address}");
        return Err(Refusal::new(401, "push.webhookUrlUnauthorized", message));
    }
    let life = life(call)?;
    let channel = Channel {
        id,
        resource_id: wire::hash(&resource_uri).chars().take(27).collect(),
        resource_uri,
        token: Some(field("token")).filter(|token| !token.is_empty()),
        address,
        expires_at: call.now + life,
        topic,
        next: 1,
    };
    let mut view = json!({
        "kind": "api#channel",
        "id": channel.id,
        "resourceId": channel.resource_id,
        "resourceUri": channel.resource_uri,
        "expiration": wire::millis(channel.expires_at),
    });
    if let (Some(token), Some(view)) = (&channel.token, view.as_object_mut()) {
        view.insert("token".to_owned(), json!(token));
    }
    if !call.inner.state().channels.open(channel, call.now) {
        return Err(Refusal::new(400, "channelIdNotUnique", "Channel id not unique"));
    }
    call.inner.messages.notify_one();
    Ok(Reply::Body(view))
}

/// How long the channel lives: as `params.ttl` says, or `expiration`.
fn life(call: &Call<'_>) -> Result<Duration, Refusal> {
    let ttl = call.body.get("params").and_then(|params| params.get("ttl"));
    if let Some(ttl) = ttl {
        let seconds = ttl.as_str().and_then(|text| text.parse().ok()).or_else(|| ttl.as_u64());
        let seconds = seconds.filter(|seconds| *seconds > 0).ok_or_else(|| Refusal::invalid("ttl"))?;
        return Ok(Duration::from_secs(seconds).min(LONGEST_LIFE));
    }
    let expiration = call.body.get("expiration");
    let expiration = expiration
        .and_then(|value| value.as_i64().or_else(|| value.as_str().and_then(|text| text.parse().ok())));
    match expiration {
        Some(millis) => {
            let left = millis.saturating_mul(1_000).saturating_sub(call.now.as_micros());
            let left = u64::try_from(left).ok().filter(|left| *left > 0);
            Ok(Duration::from_micros(left.ok_or_else(|| Refusal::invalid("expiration"))?).min(LONGEST_LIFE))
        }
        None => Ok(USUAL_LIFE),
    }
}

/// `channels.stop` of either API.
pub(super) fn stop(call: &mut Call<'_>) -> Handled {
    let (id, resource_id) = (text(&call.body, "id"), text(&call.body, "resourceId"));
    if id.is_empty() || resource_id.is_empty() {
        return Err(Refusal::required("channel"));
    }
    if call.inner.state().channels.stop(id, resource_id) {
        return Ok(Reply::Nothing);
    }
    Err(Refusal::new(404, "notFound", format!("Channel '{id}' not found for project")))
}
