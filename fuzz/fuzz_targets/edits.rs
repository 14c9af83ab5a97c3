//! libFuzzer's door to `targets::edits`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::edits(data));
