//! libFuzzer's door to `targets::command`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::command(data));
