#![no_main]
xiaohao_fuzz::fuzz!(xiaohao_fuzz::proof::proof);
