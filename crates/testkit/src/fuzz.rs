//! What the fuzz targets check: for each a function of bytes that panics where a rule is broken.
//!
//! `fuzz/` at the top of the repository gives each of them to libFuzzer, which looks for inputs that break it. The
//! inputs that taught it something are kept in `fuzz/corpus`, and the test `fuzz` replays them. So a target has to be
//! quick, and to say the same of the same bytes: no clock, no chance, nothing left behind for the next call.
//!
//! Bytes that are no input at all (no UTF-8 where a text is meant, no JSON where a body is) are nothing to check.
//!
//! Not here: tests of single rules, which stand beside the code.

pub mod cel_mapping;
pub mod csv_import;
pub mod directory_json;
mod import;
pub mod patch_body;
pub mod patch_path;
mod sample;
pub mod scim_filter;

/// A target: its name, which is also its corpus', and what it checks.
pub type Target = (&'static str, fn(&[u8]));

/// Every target.
pub const TARGETS: [Target; 6] = [
    ("cel_mapping", cel_mapping::check),
    ("csv_import", csv_import::check),
    ("directory_json", directory_json::check),
    ("patch_body", patch_body::check),
    ("patch_path", patch_path::check),
    ("scim_filter", scim_filter::check),
];
