#![no_main]
xiaohao_fuzz::fuzz!(xiaohao_fuzz::parcel::handover);
