//! What the office keeps about people and for how long, and who told it of a problem.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            tipster: "举报人", "Informant";
            tipster_about: "只在需要回访时登记。加密存放在办事处，不进手机、导出和文书；平时隐去部分，查看全部会写进审计日志。", "Only where somebody wants to be called back. Kept encrypted at the office, never on phones, in exports or documents; shown masked, and each whole look stands in the audit.";
            tipster_none: "没有登记举报人。", "Nobody is noted.";
            tipster_name: "姓名", "Name";
            tipster_phone: "电话", "Phone";
            tipster_by: "登记人", "Noted by";
            tipster_whole: "查看全部（记入审计）", "Show all (stands in the audit)";
            tipster_forget: "删除举报人", "Forget him";
            tipster_forget_ask: "删除后无法恢复。", "What is deleted does not come back.";
            tipster_wrong: "电话只能是数字、空格、+ 和 -。", "A phone has digits, spaces, + and - only.";
            privacy: "留存说明", "What is kept about me";
            privacy_about: "本系统记录您的工作，用来督办和考核。下面是留存的内容、期限和谁能看。", "The office records your work to steer and to account for it. Here is what it keeps, for how long, and who may see it.";
            privacy_never: "不记录的", "Never recorded";
            privacy_never_text: "不记录行走轨迹，只在上报时记一个位置；不读通讯录；不做人脸识别；照片里的拍摄参数在手机上就已去掉。", "No track of where you walk: one position with each report, and none without. No contacts, no face recognition; what a camera writes into a photo is taken out on the phone.";
            privacy_issues: "上报、处理步骤和备注", "Reports, steps and remarks";
            privacy_issues_n: "上报 {} 条，步骤 {} 条", "Reports: {}, steps: {}";
            privacy_photos: "您拍的照片", "Photos that you took";
            privacy_rounds: "巡查：片区、起止时间、发现条数", "Patrols: zone, begin and end, how many were found";
            privacy_devices: "登记的设备：名称、最近联系、待发送数", "Your devices: name, last contact, what waits to be sent";
            privacy_proofs: "通行密钥和统一身份账号名", "Your passkeys, and your name at the office's sign-on";
            privacy_views: "收藏的视图", "Your saved views";
            privacy_audit: "审计日志：登录、拒绝、管理操作和来源地址", "The audit: enrolments, refusals, acts of administration, with the address they came from";
            privacy_refused: "被拒或待审的记录，裁决以后", "What was refused or held of your work, once it was decided";
            privacy_count: "与您有关", "About you";
            privacy_long: "保存多久", "Kept";
            privacy_who: "谁能看", "Seen by";
            privacy_zone_sees: "本片区干部、督查和指挥", "Cadres of the zone, inspectors and the desk";
            privacy_desk_sees: "督查和指挥", "Inspectors and the desk";
            privacy_office_sees: "指挥和管理员", "The desk and administrators";
            privacy_security_sees: "您本人和安全管理员", "You and the security officer";
            privacy_only_you: "只有您本人", "Only you";
            privacy_audit_sees: "审计员", "The audit officer";
            records_n: "{} 条", "{}";
            keep_always: "一直保存", "for ever";
            keep_record: "一直保存，记录本身不可删改", "for ever: the record cannot be changed or deleted";
            keep_months: "{} 个月", "{} month(s)";
            keep_days: "{} 天", "{} day(s)";
            keep_photos: "销号 {} 个月后只留缩略图", "{} month(s) after an issue ends only its small picture stays";
            retention: "保存期限", "How long things are kept";
            retention_about: "留空就是一直保存。每天执行一次，删了多少写进审计日志。问题、步骤和备注不会删除；删除后无法恢复。", "Empty means for ever. Applied once a day; the audit says what was removed. Issues, steps and remarks are never removed; what was removed does not come back.";
            retention_photos: "已销号、已作废问题的原图（月，缩略图保留）", "Photos of issues that ended, in months (the small ones stay)";
            retention_evidence: "被拒或待审的记录，裁决以后（月）", "What was refused or held, once decided, in months";
            retention_patrols: "巡查记录（月）", "Patrols, in months";
            retention_tipsters: "举报人姓名、电话，问题了结以后（月）", "Who told of an issue, once it ended, in months";
            retention_hint: "一直保存；至少 {} 个月", "For ever; at least {} month(s)";
            retention_wrong: "有一项不是数字，或者太短。", "One of them is no number, or too short a time.";
        }
    };
}
pub(super) use words;
