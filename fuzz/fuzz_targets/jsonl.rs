//! libFuzzer's door to `targets::jsonl`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::jsonl(data));
