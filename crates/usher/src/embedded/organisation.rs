//! The organisation itself: its customer resource, and the root unit, which the store has no row of its own for.

use serde_json::{Map, Value as Json};
use usher_emulator::workspace::directory::{Customer, OrgUnit, text};
use usher_model::id::DirectoryId;
use usher_model::time::Timestamp;
use usher_store::directory::{self, Organisation};
use usher_store::{StoreError, Tx};

/// What is said of an organisation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Founded {
    pub(super) customer: Customer,
    pub(super) root: OrgUnit,
}

/// Reads it. What was never said is empty: [`super::Embedded::open`] sees to it that it was.
pub(super) async fn read(tx: &mut Tx, id: &DirectoryId) -> Result<Founded, StoreError> {
    let Organisation { customer, root_unit } = directory::organisation(tx, id).await?.unwrap_or_default();
    let optional =
        |name: &str| Some(text(&customer, name)).filter(|value| !value.is_empty()).map(str::to_owned);
    let address = customer.get("postalAddress").and_then(Json::as_object);
    Ok(Founded {
        customer: Customer {
            id: text(&customer, "id").to_owned(),
            alternate_email: optional("alternateEmail"),
            created_at: Timestamp::parse(text(&customer, "customerCreationTime")).unwrap_or_default(),
            language: text(&customer, "language").to_owned(),
            phone_number: optional("phoneNumber"),
            postal_address: address.cloned().unwrap_or_default(),
        },
        root: OrgUnit {
            id: text(&root_unit, "orgUnitId").to_owned(),
            name: String::new(),
            parent: None,
            description: text(&root_unit, "description").to_owned(),
        },
    })
}

impl Founded {
    /// As the store keeps it.
    pub(super) fn written(&self) -> Organisation {
        let Customer { id, alternate_email, created_at, language, phone_number, postal_address } =
            &self.customer;
        let mut customer = Map::new();
        customer.insert("id".to_owned(), id.as_str().into());
        customer.insert("customerCreationTime".to_owned(), created_at.to_string().into());
        customer.insert("language".to_owned(), language.as_str().into());
        for (name, value) in [("alternateEmail", alternate_email), ("phoneNumber", phone_number)] {
            if let Some(value) = value {
                customer.insert(name.to_owned(), value.as_str().into());
            }
        }
        if !postal_address.is_empty() {
            customer.insert("postalAddress".to_owned(), Json::Object(postal_address.clone()));
        }
        let mut root_unit = Map::new();
        root_unit.insert("orgUnitId".to_owned(), self.root.id.as_str().into());
        root_unit.insert("orgUnitPath".to_owned(), "/".into());
        root_unit.insert("description".to_owned(), self.root.description.as_str().into());
        Organisation { customer, root_unit }
    }
}
