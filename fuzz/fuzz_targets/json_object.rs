//! libFuzzer's door to `targets::json_object`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::json_object(data));
