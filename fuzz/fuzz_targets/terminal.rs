//! libFuzzer's door to `targets::terminal`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::terminal(data));
