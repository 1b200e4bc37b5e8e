//! People and their codes, working time and the audit, as an administrator keeps them.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            add_person: "添加人员", "Add person";
            change_person: "更改人员", "Change person";
            on_this_page: "本页内容", "On this page";
            search_people: "按姓名查找", "Find by name";
            name: "姓名", "Name";
            role_label: "角色", "Role";
            people: "人数", "People";
            calendar: "工作时间", "Working time";
            work_hours: "每天工作时段", "Hours of a day";
            holidays: "放假（含调休放假）", "Days off";
            makeup_days: "调休上班", "Make-up working days";
            dates_hint: "每行一天或一段，如 2026-10-01 ~ 2026-10-07", "One day or run a line, like 2026-10-01 ~ 2026-10-07";
            no_dates: "无", "none";
            calendar_not_understood: "看不懂：{}", "Not understood: {}";
            calendar_not_sensible: "时段要从早到晚、互不重叠；同一天不能既放假又上班。", "Hours must follow each other within the day, and no day can be off and made up at once.";
            audit: "审计日志", "Audit";
            audit_about: "谁、何时、从哪里、做了什么、结果如何。只增不改，每一次查看也会记录。", "Who did what, when, from where, and with what result. Nothing in it is changed, and each look is noted.";
            audit_read: "查看（更早的）", "Older entries";
            audit_export: "导出全部", "Export all of it";
            audit_head: "最新一条的编号和校验值，请抄存在别处，日后可核对末尾是否被删：{}", "Number and hash of the newest row. Keep them elsewhere: they show later whether the end was cut off: {}";
            may_log_in: "可以使用", "May use the app";
            inactive: "已停用", "Not active";
            invite: "登记码", "Enrolment code";
            invite_for: "{} 的登记码", "Enrolment code for {}";
            invite_text: "用手机扫描，或在手机上输入这十位字母或数字。只能用一次，{} 前有效。关闭后不再显示。",
                "Scan it with the phone or type the ten letters or digits. It works once, until {}, and is not shown again.";
            qr_alt: "登记二维码", "QR code for enrolment";
            saved_office: "办事处已保存", "The office saved it";
            sign_on_name: "统一身份账号", "Account of the sign-on";
            sign_on_name_hint: "与统一身份系统里的一字不差；留空则不能用它登记", "Letter by letter as the sign-on has it; blank: no enrolment by it";
            sign_on_name_taken: "这个统一身份账号已记在别人名下。", "This account is somebody else's already.";
            withdraw_passkey: "停用密钥", "Withdraw";
            withdraw_passkey_text: "停用通行密钥“{}”？它不能再证明是本人，也不能再登记新设备。已登记的设备不受影响。", "Withdraw the passkey “{}”? It proves nothing any more and enrols no device. Devices that are enrolled stay.";
            passkey_withdrawn: "通行密钥已停用", "The passkey was withdrawn";
        }
    };
}
pub(super) use words;
