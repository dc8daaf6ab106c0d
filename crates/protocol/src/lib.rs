//! SCIM 2.0 and the Directory API.
