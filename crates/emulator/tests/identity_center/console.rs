//! The console's pages over HTTP, as a browser without scripts uses them: links are followed, forms are filled in, and
//! what comes of it is looked for at the SCIM endpoint.

mod browser;
mod fetched;
mod people;
mod set_up;
mod trouble;
