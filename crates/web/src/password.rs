//! Passwords: which are taken, and how they are kept (Argon2id, RFC 9106, with the crate's parameters of OWASP).

use argon2::password_hash::phc::PasswordHash;
use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};
use secrecy::{ExposeSecret as _, SecretString};

use crate::clock::Clock;
use crate::failure::Failure;

/// The shortest that is taken, in characters (NIST SP 800-63B §5.1.1.1 asks for eight; a console that cuts people off asks
/// for more).
const LEAST_CHARS: usize = 12;
/// The longest, in bytes: hashing what a stranger sends costs what they send.
const MOST_BYTES: usize = 1_000;
const SALT_BYTES: usize = 16;

/// Why a password is not taken; none: it is.
pub(crate) fn refused(password: &SecretString, again: &SecretString, address: &str) -> Option<String> {
    let (password, again) = (password.expose_secret(), again.expose_secret());
    if password.chars().count() < LEAST_CHARS {
        return Some(format!("The password is too short: it needs at least {LEAST_CHARS} characters."));
    }
    if password.len() > MOST_BYTES {
        return Some(format!("The password is too long: at most {MOST_BYTES} bytes are taken."));
    }
    if password != again {
        return Some("The two passwords differ: type the same one twice.".to_owned());
    }
    let first = address.split('@').next().unwrap_or_default();
    let is_address = password.eq_ignore_ascii_case(address);
    let repeats = password.chars().all(|char| password.starts_with(char));
    if is_address || repeats || password.eq_ignore_ascii_case(&first.repeat(2)) {
        return Some("The password is too easy to guess: choose another.".to_owned());
    }
    None
}

/// Hashes a password, away from the threads that answer.
pub(crate) async fn hash(password: SecretString, clock: &dyn Clock) -> Result<String, Failure> {
    let mut salt = [0; SALT_BYTES];
    clock.entropy(&mut salt);
    let hashed = tokio::task::spawn_blocking(move || {
        Argon2::default().hash_password_with_salt(password.expose_secret().as_bytes(), &salt)
    });
    let hashed = hashed.await.map_err(Failure::internal)?;
    hashed.map(|hash: PasswordHash| hash.to_string()).map_err(Failure::internal)
}

/// What is checked where there is no password, so that both take the same time: of no password that is taken.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$\
                       AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Whether a password is the one of this hash; none: nobody's, and it takes as long to say so.
pub(crate) async fn is(password: SecretString, hash: Option<String>) -> Result<bool, Failure> {
    if password.expose_secret().len() > MOST_BYTES {
        return Ok(false);
    }
    let is_somebodys = hash.is_some();
    let checked = tokio::task::spawn_blocking(move || {
        let hash = hash.unwrap_or_else(|| NOBODYS.to_owned());
        let hash = PasswordHash::new(&hash)?;
        Ok::<bool, argon2::password_hash::phc::Error>(
            Argon2::default().verify_password(password.expose_secret().as_bytes(), &hash).is_ok(),
        )
    });
    let is_same = checked.await.map_err(Failure::internal)?.map_err(Failure::internal)?;
    Ok(is_same && is_somebodys)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(password: &str, again: &str) -> Option<String> {
        refused(&password.into(), &again.into(), "ada@example.com")
    }

    #[test]
    fn a_password_is_long_enough_typed_twice_and_not_the_address() {
        assert_eq!(why("correct horse", "correct horse"), None);
        assert!(why("too short", "too short").unwrap().contains("at least 12"));
        assert!(why("correct horse", "correct house").unwrap().contains("differ"));
        assert!(why("ada@example.com", "ada@example.com").unwrap().contains("easy to guess"));
        assert!(why("aaaaaaaaaaaaa", "aaaaaaaaaaaaa").unwrap().contains("easy to guess"));
        let long = "x y".repeat(400);
        assert!(why(&long, &long).unwrap().contains("too long"));
    }

    #[derive(Debug)]
    struct Still;

    impl Clock for Still {
        fn now(&self) -> usher_model::time::Timestamp {
            usher_model::time::Timestamp::from_micros(0)
        }

        fn entropy(&self, into: &mut [u8]) {
            into.fill(7);
        }
    }

    #[tokio::test]
    async fn a_hash_knows_its_password_and_no_other_and_nobodys_knows_none() {
        let hash = hash("correct horse".into(), &Still).await.unwrap();
        assert!(hash.starts_with("$argon2id$") && !hash.contains("correct"), "{hash}");
        assert!(is("correct horse".into(), Some(hash.clone())).await.unwrap());
        assert!(!is("correct house".into(), Some(hash)).await.unwrap());
        assert!(!is("correct horse".into(), None).await.unwrap());
    }
}
