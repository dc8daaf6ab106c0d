//! What is drawn: ids, names of tenants, the values of tokens.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::clock::Clock;
use crate::identity_center::settings::IdFormat;

/// Bytes of a token: 560 characters of AWS's alphabet.
const TOKEN_BYTES: usize = 420;
/// A tenant's first block looks like that of a UUID and is longer, with letters of either case.
const TENANT_FIRST_BLOCK: usize = 11;
const LETTERS: &[u8; 62] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// A random UUID (version 4).
pub(crate) fn uuid(clock: &dyn Clock) -> String {
    let mut bytes = [0; 16];
    clock.entropy(&mut bytes);
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// A user's or group's id.
pub(crate) fn resource_id(clock: &dyn Clock, format: IdFormat, store_prefix: &str) -> String {
    match format {
        IdFormat::Bare => uuid(clock),
        IdFormat::Prefixed => format!("{store_prefix}-{}", uuid(clock)),
    }
}

/// The name of a tenant in the endpoint's path: nearly a UUID.
pub(crate) fn tenant(clock: &dyn Clock) -> String {
    let mut bytes = [0; TENANT_FIRST_BLOCK];
    clock.entropy(&mut bytes);
    let first: String = bytes.iter().map(|byte| char::from(LETTERS[usize::from(*byte) % 62])).collect();
    let uuid = uuid(clock);
    let rest = uuid.split_once('-').map_or("", |(_, rest)| rest);
    format!("{first}-{rest}")
}

/// What ids of the older format begin with: ten hexadecimal digits of the identity store.
pub(crate) fn store_prefix(clock: &dyn Clock) -> String {
    uuid(clock).chars().filter(|c| *c != '-').take(10).collect()
}

/// The value of a token.
pub(crate) fn token(clock: &dyn Clock) -> String {
    let mut bytes = [0; TOKEN_BYTES];
    clock.entropy(&mut bytes);
    STANDARD.encode(bytes)
}
