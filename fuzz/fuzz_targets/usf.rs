//! libFuzzer's door to `targets::usf`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::usf(data));
