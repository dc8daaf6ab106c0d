#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| usher_testkit::fuzz::directory_json::check(input));
