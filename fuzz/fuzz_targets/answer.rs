//! libFuzzer's door to `targets::answer`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::answer(data));
