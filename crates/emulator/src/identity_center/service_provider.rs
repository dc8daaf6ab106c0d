//! What IAM Identity Center is to an identity provider: the addresses and the metadata of a SAML service provider.
//!
//! Provisioning needs none of it, and nobody can sign in here; an identity provider is set up with it all the same.

use crate::identity_center::IdentityCenter;
use crate::identity_center::admin::AdminError;

/// The service provider of one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceProvider {
    /// Where assertions are sent: the Assertion Consumer Service.
    pub acs_url: String,
    /// The entity id, which the console calls the issuer URL.
    pub issuer_url: String,
    /// Where people would begin.
    pub portal_url: String,
}

impl ServiceProvider {
    /// Its SAML 2.0 metadata: the `NameID` is an e-mail address, as AWS's page for Google Workspace asks for.
    pub fn metadata(&self) -> String {
        // The addresses have nothing in them that XML would have to escape: our own base URL and a tenant's id.
        let Self { acs_url, issuer_url, portal_url: _ } = self;
        format!(
            r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="{issuer_url}">
  <md:SPSSODescriptor AuthnRequestsSigned="false" WantAssertionsSigned="true" protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:NameIDFormat>urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress</md:NameIDFormat>
    <md:AssertionConsumerService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="{acs_url}" index="0" isDefault="true"/>
  </md:SPSSODescriptor>
</md:EntityDescriptor>
"#
        )
    }
}

impl IdentityCenter {
    /// The service provider of a tenant.
    pub fn service_provider(&self, tenant: &str) -> Result<ServiceProvider, AdminError> {
        let base = &self.inner.options.base_url;
        self.look(tenant, |tenant| {
            let id = &tenant.record.id;
            Ok(ServiceProvider {
                acs_url: format!("{base}/platform/saml/acs/{id}"),
                issuer_url: format!("{base}/platform/saml/d-{}", tenant.record.store_prefix),
                portal_url: format!("{base}/portal/d-{}", tenant.record.store_prefix),
            })
        })
    }
}
