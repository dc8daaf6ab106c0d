//! Who is let in of those whom the provider knows: the admins on record, and those who were invited.
//!
//! An admin's address is the one that their provider has verified. Who it was that came first with it is written down, and
//! nobody else comes with it from then on: addresses are given to others, accounts are not.

use serde_json::json;
use usher_model::id::Email;
use usher_store::admin::{self, Admin, link};
use usher_store::{StoreError, Tx};

use crate::console::Console;
use crate::notebook::{By, Deed, note};
use crate::openid::{Person, Refusal, name_of};
use crate::page::set_up;
use crate::session::From;

/// The admin who this is, or why it is none. `link` is the digest of a link to set up the console, if it was begun with one.
pub(super) async fn admit(
    tx: &mut Tx,
    console: &Console,
    from: &From,
    person: &Person,
    link: Option<&str>,
) -> Result<Result<Admin, Refusal>, StoreError> {
    let email = match set_up::address(&person.email) {
        Ok(email) => email,
        Err(why) => return Ok(Err(Refusal::NoAdminsAddress { email: person.email.clone(), why })),
    };
    let known = match link {
        Some(link) => match set_up::first_admin(tx, console, from, &email, link).await? {
            Some(id) => admin::by_id(tx, &id).await?,
            None => return Ok(Err(Refusal::NoLink)),
        },
        None => admin::by_email(tx, &email).await?,
    };
    let Some(admin) = known else {
        return Ok(Err(Refusal::NotInvited { email: email.to_string() }));
    };
    match &admin.openid {
        Some(identity) if *identity == person.identity => Ok(Ok(admin)),
        Some(identity) => {
            let provider = name_of(&identity.issuer);
            Ok(Err(Refusal::AnotherAccount { provider, email: email.to_string() }))
        }
        None if link.is_some() => bind(tx, admin, person).await,
        None => join(tx, console, from, admin, person).await,
    }
}

/// Lets in somebody who comes from the provider for the first time: they have a password, or were invited.
async fn join(
    tx: &mut Tx,
    console: &Console,
    from: &From,
    admin: Admin,
    person: &Person,
) -> Result<Result<Admin, Refusal>, StoreError> {
    let provider = name_of(&person.identity.issuer);
    if let Some(other) = admin::by_identity(tx, &person.identity).await? {
        let (email, known) = (admin.email.to_string(), other.email.to_string());
        return Ok(Err(Refusal::AnotherAddress { provider, email, known }));
    }
    if !admin.has_joined() && !link::use_up_of(tx, &admin.id, console.now()).await? {
        return Ok(Err(Refusal::InvitationOver { email: admin.email.to_string() }));
    }
    let kind = if admin.has_joined() { "sign_in_linked" } else { "join" };
    let subject: &Email = &admin.email;
    let by = By { who: subject.as_str(), address: &from.address };
    let deed = Deed { kind, subject: subject.as_str(), before: None, after: Some(json!({"with": provider})) };
    note(tx, console, by, deed).await?;
    bind(tx, admin, person).await
}

async fn bind(tx: &mut Tx, admin: Admin, person: &Person) -> Result<Result<Admin, Refusal>, StoreError> {
    admin::bind(tx, &admin.id, &person.identity).await?;
    Ok(Ok(admin))
}
