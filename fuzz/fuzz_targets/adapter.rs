//! libFuzzer's door to `targets::adapter`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::adapter(data));
