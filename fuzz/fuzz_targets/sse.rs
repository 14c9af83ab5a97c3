//! libFuzzer's door to `targets::sse`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::sse(data));
