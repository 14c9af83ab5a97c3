//! libFuzzer's door to `targets::notes`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::notes(data));
