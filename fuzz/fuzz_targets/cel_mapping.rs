#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| usher_testkit::fuzz::cel_mapping::check(input));
