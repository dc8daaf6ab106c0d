//! What an administrator does in the console: tenants, identity source, provisioning, tokens. What a tester does beside
//! it is in `tester`, the same over HTTP in `http`.

use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use usher_model::time::Timestamp;

use crate::identity_center::IdentityCenter;
use crate::identity_center::chance;
use crate::identity_center::metadata::{BadMetadata, Provider};
use crate::identity_center::record::{IdentitySource, Record};
use crate::identity_center::settings::Settings;
use crate::identity_center::tenant::Tenant;
use crate::identity_center::token::{MAX_TOKENS, Token};
use crate::state_file::error::StateError;

pub(crate) mod http;
mod tester;

pub use tester::Wanted;

/// Why an administrator is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AdminError {
    /// No such tenant.
    #[error("there is no tenant `{0}`")]
    NoTenant(String),
    /// No such thing.
    #[error("there is no {kind} `{id}`")]
    NotFound {
        /// What it would be.
        kind: &'static str,
        /// How it was asked for.
        id: String,
    },
    /// The word was not typed.
    #[error("type {0} to confirm")]
    NotConfirmed(&'static str),
    /// The metadata is none.
    #[error(transparent)]
    Metadata(#[from] BadMetadata),
    /// What was asked for makes no sense now.
    #[error("{0}")]
    Refused(String),
    /// What was asked for makes no sense at all.
    #[error("{0}")]
    BadRequest(String),
    /// The change cannot be kept.
    #[error(transparent)]
    State(#[from] StateError),
}

impl AdminError {
    /// There is nothing of that kind that is called so.
    pub(crate) fn missing(kind: &'static str, id: impl Into<String>) -> Self {
        Self::NotFound { kind, id: id.into() }
    }
}

/// A tenant, as an administrator sees it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct TenantInfo {
    /// Its name in the endpoint's path.
    pub id: String,
    /// What AWS calls its identity store.
    pub identity_store_id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Where its people come from.
    pub source: IdentitySource,
    /// Whether automatic provisioning is on.
    pub is_provisioning: bool,
    /// The SCIM endpoint, while provisioning is on.
    pub endpoint: Option<String>,
    /// How many users there are.
    pub users: usize,
    /// How many groups there are.
    pub groups: usize,
}

/// A token, without its value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenInfo {
    /// By which it is deleted.
    pub id: String,
    /// When it was generated.
    pub created_at: Timestamp,
    /// When it ceases to work.
    pub expires_at: Timestamp,
    /// Whether it has.
    pub is_expired: bool,
}

/// A token that was just generated: the only time that its value is shown.
#[derive(Clone, Debug)]
pub struct NewToken {
    /// What stays visible.
    pub info: TokenInfo,
    /// The value.
    pub value: SecretString,
}

/// Provisioning that was just enabled.
#[derive(Clone, Debug)]
pub struct Enabled {
    /// The tenant.
    pub tenant: String,
    /// The SCIM endpoint.
    pub endpoint: String,
    /// Its first token.
    pub token: NewToken,
}

/// Metadata of a provider that exists nowhere, for those who want to begin at once.
pub const SAMPLE_METADATA: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example.com/saml">
  <md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">
    <md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example.com/sso"/>
  </md:IDPSSODescriptor>
</md:EntityDescriptor>
"#;

impl IdentityCenter {
    /// Makes a tenant that behaves as `settings` say. Its people are kept by itself until its identity source changes.
    pub fn create_tenant(&self, settings: Settings) -> Result<String, AdminError> {
        let id = chance::tenant(self.clock());
        let record = Record {
            id: id.clone(),
            created_at: self.clock().now(),
            store_prefix: chance::store_prefix(self.clock()),
            source: IdentitySource::IdentityCenterDirectory,
            is_provisioning: false,
            tokens: Vec::new(),
            settings,
        };
        self.put_tenant(record)?;
        Ok(id)
    }

    /// Every tenant, in the order of their ids.
    pub fn tenants(&self) -> Vec<TenantInfo> {
        self.state().tenants.values().map(|tenant| self.tenant_info(tenant)).collect()
    }

    /// One tenant.
    pub fn tenant(&self, tenant: &str) -> Result<TenantInfo, AdminError> {
        self.look(tenant, |tenant| Ok(self.tenant_info(tenant)))
    }

    fn tenant_info(&self, tenant: &Tenant) -> TenantInfo {
        let record = &tenant.record;
        TenantInfo {
            id: record.id.clone(),
            identity_store_id: format!("d-{}", record.store_prefix),
            created_at: record.created_at,
            source: record.source.clone(),
            is_provisioning: record.is_provisioning,
            endpoint: record.is_provisioning.then(|| self.endpoint(&record.id)),
            users: tenant.store.n_users(),
            groups: tenant.store.n_groups(),
        }
    }

    /// Changes where people come from to an external identity provider: its metadata, and the word ACCEPT. Users,
    /// groups and memberships stay.
    pub fn change_identity_source(
        &self,
        tenant: &str,
        metadata: &str,
        confirmation: &str,
    ) -> Result<(), AdminError> {
        let Provider { entity_id, .. } = Provider::read(metadata)?;
        confirmed(confirmation, "ACCEPT")?;
        self.change_record(tenant, |record| {
            record.source = IdentitySource::ExternalProvider { entity_id };
            Ok(())
        })
    }

    /// Turns automatic provisioning on and generates the first token.
    pub fn enable_provisioning(&self, tenant: &str) -> Result<Enabled, AdminError> {
        let token = self.change_record(tenant, |record| {
            match record.source {
                IdentitySource::ExternalProvider { .. } => {}
                IdentitySource::IdentityCenterDirectory => {
                    let why = "automatic provisioning needs an external identity provider: change the identity source";
                    return Err(AdminError::Refused(why.to_owned()));
                }
            }
            if record.is_provisioning {
                return Err(AdminError::Refused("automatic provisioning is enabled already".to_owned()));
            }
            record.is_provisioning = true;
            self.put_token(record)
        })?;
        Ok(Enabled { tenant: tenant.to_owned(), endpoint: self.endpoint(tenant), token })
    }

    /// Turns automatic provisioning off: no token may be left, and the word is DISABLE. Users and groups stay.
    pub fn disable_provisioning(&self, tenant: &str, confirmation: &str) -> Result<(), AdminError> {
        confirmed(confirmation, "DISABLE")?;
        self.change_record(tenant, |record| {
            if !record.is_provisioning {
                return Err(AdminError::Refused("automatic provisioning is not enabled".to_owned()));
            }
            if !record.tokens.is_empty() {
                return Err(AdminError::Refused("delete every access token first".to_owned()));
            }
            record.is_provisioning = false;
            Ok(())
        })
    }

    /// Generates a token, the second at most.
    pub fn generate_token(&self, tenant: &str) -> Result<NewToken, AdminError> {
        self.change_record(tenant, |record| {
            if !record.is_provisioning {
                return Err(AdminError::Refused("automatic provisioning is not enabled".to_owned()));
            }
            self.put_token(record)
        })
    }

    fn put_token(&self, record: &mut Record) -> Result<NewToken, AdminError> {
        if record.tokens.len() >= MAX_TOKENS {
            return Err(AdminError::Refused(
                "there are two access tokens already: delete one first".to_owned(),
            ));
        }
        let value = chance::token(self.clock());
        let now = self.clock().now();
        let token = Token::new(chance::uuid(self.clock()), &value, now);
        let info = token_info(&token, now);
        record.tokens.push(token);
        Ok(NewToken { info, value: SecretString::from(value) })
    }

    /// The tokens, without their values.
    pub fn tokens(&self, tenant: &str) -> Result<Vec<TokenInfo>, AdminError> {
        let now = self.clock().now();
        self.look(tenant, |tenant| {
            Ok(tenant.record.tokens.iter().map(|token| token_info(token, now)).collect())
        })
    }

    /// Whether a token opens the SCIM endpoint of a tenant now.
    pub fn opens(&self, tenant: &str, token: &SecretString) -> Result<bool, AdminError> {
        let now = self.clock().now();
        self.look(tenant, |tenant| Ok(tenant.knows(token.expose_secret(), now)))
    }

    /// Deletes a token; the word is DELETE.
    pub fn delete_token(&self, tenant: &str, token: &str, confirmation: &str) -> Result<(), AdminError> {
        confirmed(confirmation, "DELETE")?;
        self.change_record(tenant, |record| {
            let before = record.tokens.len();
            record.tokens.retain(|known| known.id != token);
            let missing = AdminError::missing("access token", token);
            if record.tokens.len() < before { Ok(()) } else { Err(missing) }
        })
    }

    /// All of the above with a provider that exists nowhere: a tenant that is ready to be provisioned into.
    pub fn ready_tenant(&self, settings: Settings) -> Result<Enabled, AdminError> {
        let tenant = self.create_tenant(settings)?;
        self.change_identity_source(&tenant, SAMPLE_METADATA, "ACCEPT")?;
        self.enable_provisioning(&tenant)
    }
}

fn confirmed(typed: &str, word: &'static str) -> Result<(), AdminError> {
    if typed == word { Ok(()) } else { Err(AdminError::NotConfirmed(word)) }
}

fn token_info(token: &Token, now: Timestamp) -> TokenInfo {
    TokenInfo {
        id: token.id.clone(),
        created_at: token.created_at,
        expires_at: token.expires_at,
        is_expired: token.expires_at <= now,
    }
}
