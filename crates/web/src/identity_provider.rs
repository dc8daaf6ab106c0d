//! The directory as a SAML identity provider, as far as its metadata: a certificate with a key of its own, and the file that
//! service providers ask for (OASIS SAML 2.0 metadata §2.4.3).
//!
//! The key is made once, kept sealed, and never leaves. Nobody is signed in with it: Usher keeps accounts, and sign-in is the
//! identity provider's that the company has; without one, this file lets a service provider be set up and provisioned to.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rcgen::{
    CertificateParams, DistinguishedName, DnType, KeyPair, PKCS_RSA_SHA256, RsaKeySize, SerialNumber,
    date_time_ymd,
};
use secrecy::SecretString;
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;
use usher_store::directory::{self, IdentityProvider};

use crate::clock::Clock;
use crate::console::Console;
use crate::failure::Failure;

/// How long a certificate is good, as those of Google's SAML apps are.
const GOOD_FOR: Duration = Duration::from_hours(5 * 365 * 24);
/// Bytes of a serial number (RFC 5280 §4.1.2.2: 20 at most, and positive).
const SERIAL_BYTES: usize = 16;

/// The directory's certificate, made where it has none yet.
pub(crate) async fn of(console: &Console, directory: &DirectoryId) -> Result<IdentityProvider, Failure> {
    let mut tx = console.store().read("web::identity_provider").await?;
    if let Some(known) = directory::identity_provider(&mut tx, directory).await? {
        return Ok(known);
    }
    drop(tx);
    let (made, key) = make(console.clock(), console.address()).await?;
    let mut tx = console.store().begin("web::identity_provider").await?;
    directory::insert_identity_provider(&mut tx, console.store().keyring(), directory, &made, &key).await?;
    // Of two who ask at once, one finds the other's.
    let kept = directory::identity_provider(&mut tx, directory).await?;
    tx.commit().await?;
    kept.ok_or_else(|| Failure::internal("the certificate that was just stored is not there"))
}

/// Makes a certificate. Its key takes a moment to find, so it is looked for beside the requests.
async fn make(clock: &dyn Clock, address: &str) -> Result<(IdentityProvider, SecretString), Failure> {
    let created_at = clock.now();
    let expires_at = created_at + GOOD_FOR;
    let mut serial = [0; SERIAL_BYTES];
    clock.entropy(&mut serial);
    serial[0] &= 0x7f;
    let name = format!("Usher at {}", address.split_once("://").map_or(address, |(_, host)| host));
    let made = tokio::task::spawn_blocking(move || {
        let key = KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048)?;
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.distinguished_name.push(DnType::OrganizationName, "Usher");
        params.serial_number = Some(SerialNumber::from_slice(&serial));
        let day = |at: Timestamp| {
            let date = at.date();
            let mut parts = date.split('-').map(|part| part.parse::<i32>().unwrap_or(1));
            let mut next = || parts.next().unwrap_or(1);
            let (year, month, day) = (next(), next(), next());
            date_time_ymd(year, u8::try_from(month).unwrap_or(1), u8::try_from(day).unwrap_or(1))
        };
        (params.not_before, params.not_after) = (day(created_at), day(expires_at));
        let certificate = params.self_signed(&key)?;
        Ok::<_, rcgen::Error>((certificate.pem(), key.serialize_pem()))
    });
    let (certificate, key) = made.await.map_err(Failure::internal)?.map_err(Failure::internal)?;
    Ok((IdentityProvider { certificate, created_at, expires_at }, key.into()))
}

/// The entity id of the directory.
pub(crate) fn entity_id(address: &str, directory: &DirectoryId) -> String {
    format!("{address}/saml/{directory}")
}

/// The file that service providers ask for.
pub(crate) fn metadata(address: &str, directory: &DirectoryId, provider: &IdentityProvider) -> String {
    let der: String = provider.certificate.lines().filter(|line| !line.starts_with("-----")).collect();
    debug_assert!(STANDARD.decode(&der).is_ok(), "PEM is base64 between its lines");
    let entity_id = escaped(&entity_id(address, directory));
    let until = provider.expires_at;
    format!(
        r#"<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{entity_id}" validUntil="{until}">
  <md:IDPSSODescriptor WantAuthnRequestsSigned="false" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:KeyDescriptor use="signing">
      <ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">
        <ds:X509Data>
          <ds:X509Certificate>{der}</ds:X509Certificate>
        </ds:X509Data>
      </ds:KeyInfo>
    </md:KeyDescriptor>
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="{entity_id}/sso"/>
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{entity_id}/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"#
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;")
}
