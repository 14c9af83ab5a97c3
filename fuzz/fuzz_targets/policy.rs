//! libFuzzer's door to `targets::policy`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::policy(data));
