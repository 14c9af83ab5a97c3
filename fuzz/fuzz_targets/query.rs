//! libFuzzer's door to `targets::query`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::query(data));
