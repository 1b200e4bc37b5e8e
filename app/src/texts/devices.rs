//! Devices in service, those that need attention, and those that are put out of service.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            revoke: "停用设备", "Revoke";
            revoke_own: "这就是您正在用的这台设备！", "This is the device that you are using! ";
            revoke_text: "停用设备“{}”（#{}）？它从下一次联系起不能再收发任何内容。", "Revoke “{}” (#{})? From its next contact on nothing goes in or out.";
            revoke_unsent: "上次联系时它还有 {} 条未送达。", "At its last contact it still held {} unsent change(s).";
            revoked_n: "已停用的设备（{}）", "Revoked devices ({})";
            revoked_at: "{} 停用", "revoked {}";
            cloned_at: "{} 因密钥被复制而停用", "stopped {}: its key was copied";
            revoked_done: "已停用", "Revoked";
            devices: "设备同步情况", "Devices and their sync";
            devices_about: "所有在用设备，最久没有联系的排在最前。待发内容是设备最近一次联系时自己报告的。",
                "Every device in service, the one not heard of for longest first. What waits is what the device itself said at its last contact.";
            devices_marked: "只看需要关注的", "Only those that need attention";
            devices_n: "在用设备 {} 台，需要关注 {} 台", "{} device(s) in service; in need of attention: {}";
            devices_none: "没有需要关注的设备。", "No device needs attention.";
            devices_waiting: "待发", "Waiting";
            devices_waiting_n: "{} 条记录、{} 张照片", "{} change(s), {} photo(s)";
            devices_nothing: "无", "Nothing";
            devices_oldest: "最早一条", "Oldest";
            devices_storage: "存储占用", "Storage";
            devices_storage_untold: "未知", "Unknown";
            devices_act: "操作", "Action";
            devices_marks: "关注", "Attention";
            unproven_since: "{} 起须重新证明身份", "must prove himself since {}";
            device_silent: "三天未联系", "Silent for three days";
            device_stuck: "超过一天未送达", "Unsent for over a day";
            device_full: "存储将满", "Storage nearly full";
        }
    };
}
pub(super) use words;
