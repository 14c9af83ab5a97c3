//! libFuzzer's door to `targets::redact`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::redact(data));
