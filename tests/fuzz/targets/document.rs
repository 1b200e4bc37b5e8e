#![no_main]
xiaohao_fuzz::fuzz!(xiaohao_fuzz::document::document);
libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    xiaohao_fuzz::chunk::mutate(xiaohao_fuzz::document::PARTS, data, size, max_size, seed)
});
