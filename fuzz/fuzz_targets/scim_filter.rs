#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| usher_testkit::fuzz::scim_filter::check(input));
