//! libFuzzer's door to `targets::exchange`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::exchange(data));
