//! A service account's signed assertion, checked: whose it is, for whom, for how long.

use std::time::Duration;

use usher_model::time::Timestamp;

use crate::workspace::accounts::{Accounts, ServiceAccount};
use crate::workspace::jwt::{Claims, Jwt};

/// The longest time that an assertion may be good for.
const LONGEST: Duration = Duration::from_hours(1);

/// Why an assertion is not good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// It is no JSON Web Token.
    NotOne,
    /// There is no such service account.
    NoAccount,
    /// No key of the account has signed it.
    Signature,
    /// It is too old, too long, or from the future.
    Time,
}

/// Checks everything but the audience and what is asked for.
pub(crate) fn check<'a>(
    token: &str,
    accounts: &'a Accounts,
    skew_seconds: u32,
    now: Timestamp,
) -> Result<(&'a ServiceAccount, Claims), Flaw> {
    let jwt = Jwt::read(token).ok_or(Flaw::NotOne)?;
    let issuer = jwt.claims.iss.clone().ok_or(Flaw::NoAccount)?;
    let account = accounts.find(&issuer).ok_or(Flaw::NoAccount)?;
    let keys = account.keys.iter().map(|(id, public)| (id.as_str(), public.as_str()));
    if !jwt.is_signed_by(keys) {
        return Err(Flaw::Signature);
    }
    if !is_timely(&jwt.claims, skew_seconds, now) {
        return Err(Flaw::Time);
    }
    Ok((account, jwt.claims))
}

fn is_timely(claims: &Claims, skew_seconds: u32, now: Timestamp) -> bool {
    let (Some(iat), Some(exp)) = (claims.iat.and_then(instant), claims.exp.and_then(instant)) else {
        return false;
    };
    let skew = Duration::from_secs(u64::from(skew_seconds));
    iat <= now + skew && exp > now && exp > iat && exp.since(iat) <= LONGEST
}

/// Seconds since 1970, which may have a fraction.
fn instant(seconds: f64) -> Option<Timestamp> {
    let duration = Duration::try_from_secs_f64(seconds).ok()?;
    Some(Timestamp::default() + duration)
}
