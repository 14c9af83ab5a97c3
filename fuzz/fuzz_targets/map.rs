//! libFuzzer's door to `targets::map`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::map(data));
