#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| usher_testkit::fuzz::patch_body::check(input));
