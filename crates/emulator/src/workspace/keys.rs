//! RSA keys of service accounts: made, written as Google's key file writes them, signed with and verified.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    KeyPair as _, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";
/// How many characters a line of PEM has.
const LINE: usize = 64;

/// A key cannot be made or read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The library refused to make one.
    #[error("the RSA key could not be made")]
    NotMade,
    /// It is no RSA key in PKCS #8.
    #[error("the key is not a PEM file that begins with {BEGIN} and holds an RSA key of at least 2,048 bits")]
    NotRead,
}

/// A key that can sign.
pub(crate) struct PrivateKey {
    pkcs8: Vec<u8>,
    pair: RsaKeyPair,
}

impl PrivateKey {
    /// Makes a key of 2,048 bits.
    pub(crate) fn generate() -> Result<Self, KeyError> {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).map_err(|_| KeyError::NotMade)?;
        let der: Pkcs8V1Der<'_> = pair.as_der().map_err(|_| KeyError::NotMade)?;
        Ok(Self { pkcs8: der.as_ref().to_vec(), pair })
    }

    /// Reads a key from PEM.
    pub(crate) fn from_pem(pem: &str) -> Result<Self, KeyError> {
        let body = pem.trim().strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END));
        let body: String = body.ok_or(KeyError::NotRead)?.split_whitespace().collect();
        Self::from_base64(&body)
    }

    /// Reads a key as it is kept.
    pub(crate) fn from_base64(body: &str) -> Result<Self, KeyError> {
        let pkcs8 = STANDARD.decode(body).map_err(|_| KeyError::NotRead)?;
        let pair = RsaKeyPair::from_pkcs8(&pkcs8).map_err(|_| KeyError::NotRead)?;
        Ok(Self { pkcs8, pair })
    }

    /// As it is kept.
    pub(crate) fn to_base64(&self) -> String {
        STANDARD.encode(&self.pkcs8)
    }

    /// As a key file has it.
    pub(crate) fn to_pem(&self) -> String {
        let body = self.to_base64();
        let mut pem = format!("{BEGIN}\n");
        for (n, letter) in body.chars().enumerate() {
            if n > 0 && n % LINE == 0 {
                pem.push('\n');
            }
            pem.push(letter);
        }
        pem + "\n" + END + "\n"
    }

    /// The public part.
    pub(crate) fn public(&self) -> String {
        STANDARD.encode(self.pair.public_key().as_ref())
    }

    /// Signs with RS256.
    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature)
            .expect("invariant: the signature is as long as the modulus");
        signature
    }
}

/// Whether a signature is that of a public key.
pub(crate) fn verifies(public: &str, message: &[u8], signature: &[u8]) -> bool {
    STANDARD.decode(public).is_ok_and(|key| {
        UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key).verify(message, signature).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_written_read_and_signs() {
        let key = PrivateKey::generate().unwrap();
        let pem = key.to_pem();
        assert!(pem.lines().all(|line| line.len() <= LINE));
        let again = PrivateKey::from_pem(&pem).unwrap();
        assert_eq!(again.public(), key.public());
        let signature = again.sign(b"header.claims");
        assert!(verifies(&key.public(), b"header.claims", &signature));
        assert!(!verifies(&key.public(), b"header.claimt", &signature));
        assert!(!verifies(&PrivateKey::generate().unwrap().public(), b"header.claims", &signature));
        for wrong in ["", "x", BEGIN, &pem[..200]] {
            assert_eq!(PrivateKey::from_pem(wrong).err(), Some(KeyError::NotRead));
        }
    }
}
