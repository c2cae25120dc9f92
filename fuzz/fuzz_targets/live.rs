#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| kustom_fuzz::live(data));
