//! libFuzzer's door to `targets::ledger`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| stead_fuzz::targets::ledger(data));
