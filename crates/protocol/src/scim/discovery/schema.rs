//! Schemas: the attributes of a resource and their characteristics (RFC 7643 §7).

use serde_json::{Map, Value, json};

use crate::json;
use crate::scim::discovery::NotThis;

/// The schema of [`Schema`].
pub const SCHEMA_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// How deep sub-attributes are read. The RFC allows one level.
const MAX_DEPTH: usize = 4;

/// A schema.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Schema {
    /// Its URN.
    pub id: String,
    /// Its name for people.
    pub name: Option<String>,
    /// What it is for.
    pub description: Option<String>,
    /// Its attributes.
    pub attributes: Vec<Attribute>,
}

/// An attribute of a schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: AttributeKind,
    /// Whether it has many values.
    pub multi_valued: bool,
    /// What it is for.
    pub description: Option<String>,
    /// Whether a resource has to have it.
    pub required: bool,
    /// Whether the case of its strings counts.
    pub case_exact: bool,
    /// Values that are suggested, such as `work`.
    pub canonical_values: Vec<String>,
    /// Who may write it, and when.
    pub mutability: Mutability,
    /// When it is returned.
    pub returned: Returned,
    /// Among which resources its value is the only one.
    pub uniqueness: Uniqueness,
    /// What a reference may lead to.
    pub reference_types: Vec<String>,
    /// The parts of a complex attribute.
    pub sub_attributes: Vec<Attribute>,
}

/// Declares an enumeration of keywords, the first one being the RFC's default.
macro_rules! keywords {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $keyword:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
        pub enum $name {
            $($(#[$variant_doc])* $variant,)+
        }

        impl $name {
            const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The keyword as it is written.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $keyword,)+ }
            }

            /// Reads a keyword, in any case; an unknown one is the default.
            fn read(attribute: &Map<String, Value>, name: &str) -> Self {
                let keyword = json::text(attribute, name);
                let known = Self::ALL.iter().copied();
                keyword
                    .and_then(|text| known.into_iter().find(|known| known.as_str().eq_ignore_ascii_case(text)))
                    .unwrap_or_default()
            }
        }
    };
}

keywords! {
    /// What the values of an attribute are (RFC 7643 §2.3).
    AttributeKind {
        /// A string.
        #[default]
        String = "string",
        /// A boolean.
        Boolean = "boolean",
        /// A number with a fraction.
        Decimal = "decimal",
        /// A whole number.
        Integer = "integer",
        /// An instant.
        DateTime = "dateTime",
        /// Bytes in base64.
        Binary = "binary",
        /// A URI.
        Reference = "reference",
        /// An object of sub-attributes.
        Complex = "complex",
    }
}

keywords! {
    /// Who may write an attribute, and when.
    Mutability {
        /// Anybody, at any time.
        #[default]
        ReadWrite = "readWrite",
        /// The server alone.
        ReadOnly = "readOnly",
        /// The client, once.
        Immutable = "immutable",
        /// The client; nobody reads it.
        WriteOnly = "writeOnly",
    }
}

keywords! {
    /// When an attribute is returned.
    Returned {
        /// Unless the request asks for others.
        #[default]
        Default = "default",
        /// In every answer.
        Always = "always",
        /// In none.
        Never = "never",
        /// Where it is asked for.
        Request = "request",
    }
}

keywords! {
    /// Among which resources a value is the only one.
    Uniqueness {
        /// It need not be.
        #[default]
        None = "none",
        /// Those of the server.
        Server = "server",
        /// Those of the world.
        Global = "global",
    }
}

impl Schema {
    /// Reads one schema. Attributes without a name are passed over.
    pub fn read(body: &Value) -> Result<Self, NotThis> {
        let expected = "Schema";
        let body = body.as_object().ok_or(NotThis { expected })?;
        Ok(Self {
            id: json::text(body, "id").map(str::to_owned).ok_or(NotThis { expected })?,
            name: json::text(body, "name").map(str::to_owned),
            description: json::text(body, "description").map(str::to_owned),
            attributes: attributes(body, "attributes", MAX_DEPTH),
        })
    }

    /// The body, as a server writes it.
    pub fn to_json(&self) -> Value {
        let attributes: Vec<Value> = self.attributes.iter().map(Attribute::to_json).collect();
        let mut body = json!({"schemas": [SCHEMA_SCHEMA], "id": self.id, "attributes": attributes});
        for (name, text) in [("name", &self.name), ("description", &self.description)] {
            if let Some(text) = text {
                body[name] = text.as_str().into();
            }
        }
        body
    }

    /// An attribute, in any case: `userName`, or `name.familyName`.
    pub fn attribute(&self, path: &str) -> Option<&Attribute> {
        let (name, sub) = path.split_once('.').map_or((path, None), |(name, sub)| (name, Some(sub)));
        let find = |attributes: &'_ [Attribute], name: &str| {
            attributes.iter().position(|attribute| attribute.name.eq_ignore_ascii_case(name))
        };
        let attribute = &self.attributes[find(&self.attributes, name)?];
        match sub {
            None => Some(attribute),
            Some(sub) => Some(&attribute.sub_attributes[find(&attribute.sub_attributes, sub)?]),
        }
    }
}

impl Attribute {
    fn read(attribute: &Map<String, Value>, depth: usize) -> Option<Self> {
        let texts = |name| json::texts(attribute, name).map(str::to_owned).collect();
        Some(Self {
            name: json::text(attribute, "name")?.to_owned(),
            kind: AttributeKind::read(attribute, "type"),
            multi_valued: json::flag(attribute, "multiValued").unwrap_or(false),
            description: json::text(attribute, "description").map(str::to_owned),
            required: json::flag(attribute, "required").unwrap_or(false),
            case_exact: json::flag(attribute, "caseExact").unwrap_or(false),
            canonical_values: texts("canonicalValues"),
            mutability: Mutability::read(attribute, "mutability"),
            returned: Returned::read(attribute, "returned"),
            uniqueness: Uniqueness::read(attribute, "uniqueness"),
            reference_types: texts("referenceTypes"),
            sub_attributes: attributes(attribute, "subAttributes", depth),
        })
    }

    fn to_json(&self) -> Value {
        let mut attribute = json!({
            "name": self.name,
            "type": self.kind.as_str(),
            "multiValued": self.multi_valued,
            "required": self.required,
            "caseExact": self.case_exact,
            "mutability": self.mutability.as_str(),
            "returned": self.returned.as_str(),
            "uniqueness": self.uniqueness.as_str(),
        });
        if let Some(description) = &self.description {
            attribute["description"] = description.as_str().into();
        }
        let texts = [("canonicalValues", &self.canonical_values), ("referenceTypes", &self.reference_types)];
        for (name, texts) in texts {
            if !texts.is_empty() {
                attribute[name] = texts.as_slice().into();
            }
        }
        if !self.sub_attributes.is_empty() {
            let parts: Vec<Value> = self.sub_attributes.iter().map(Self::to_json).collect();
            attribute["subAttributes"] = parts.into();
        }
        attribute
    }
}

fn attributes(object: &Map<String, Value>, name: &str, depth: usize) -> Vec<Attribute> {
    let Some(depth) = depth.checked_sub(1) else { return Vec::new() };
    json::objects(object, name).filter_map(|attribute| Attribute::read(attribute, depth)).collect()
}
