//! The page of one issue: what stands in it, what was done, what can be done, and what has to be decided.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            issue: "问题", "Issue";
            open_issue: "查看问题", "Open the issue";
            issue_absent: "这个问题不在本机", "This issue is not on this device";
            issue_fetching: "正在从办事处取回…", "Fetching it from the office…";
            issue_unknown: "办事处没有送来：编号不对，或不在您的片区。", "The office did not send it: the address is wrong, or it is not in your zones.";
            issue_offline: "没有网络，联网后自动取回。", "No network: it comes when it is back.";
            photos_n: "{} 张照片", "Photos: {}";
            enlarge: "放大", "Enlarge";
            timeline: "办理过程", "Timeline";
            adopted_by: "{} 采纳", "adopted by {}";
            reporter: "上报人", "Reporter";
            assignee: "责任人", "Assignee";
            verifier: "核实人（可不选）", "Who verifies (optional)";
            fill_in: "请填写“{}”", "Still missing: {}";
            support: "共同负责（包保）", "Jointly responsible";
            bearers: "片区包保", "Zone team";
            bearer: "{}（{}）", "{} ({})";
            part_of: "{}：{}", "{}: {}";
            other_people: "其他人员", "Other people";
            until: "期限", "Deadline";
            until_suspended: "挂账至（最长一年，期满恢复计时）", "Suspended until (a year at most; then the clock runs again)";
            why_again: "返工：{}：{}", "Sent back by {}: {}";
            suspension_over: "挂账已到期，继续整改", "The suspension is over; go on";
            until_asked: "申请延至", "Until when";
            until_of_last: "按所选中最晚的计算，可修改", "Computed for the last of them; change it if needed";
            until_of_first: "按所选第一条计算，可修改", "Computed for the first; change it if needed";
            limit_as_asked: "按申请的时间，可修改", "As asked for; change it if needed";
            usual_limit: "按目录时限 {} 计算，可修改", "By the usual limit of {}; change it if needed";
            extensions: "延期次数", "Extensions";
            close_when: "结案条件", "Struck off when";
            duplicate_of: "重复于", "Duplicate of";
            merge_into: "并入", "Merge into";
            merge_hint: "本件在此结束，照片和留言并到保留的那一件下面。", "This one ends here; its photos and remarks are shown with the one that stays.";
            merged_into: "已并入", "Merged into";
            merged_here: "并入本件的重复问题", "Duplicate merged into this one";
            came_back: "又反弹", "Has come back";
            overtime: "超期", "Overtime";
            same_title: "是不是同一件？", "The same one?";
            same_text: "附近已有同类问题。是同一件就把照片和说明加到那里，不必另报。", "There is one like it near here. If it is the same, add your photos and words there.";
            same_add: "是同一件，加到那里", "The same: add it there";
            same_added: "已加到原有问题", "Added to the issue that was there";
            still_there: "现场仍存在", "It is still there";
            recurs_tick: "这里 {} 销号的同类问题反弹", "What was struck off here on {} has come back";
            recurs_days: "反弹期限（天）", "Days of a recurrence";
            recurs_days_text: "同一地点、同类问题销号后多少天内再报，算反弹。", "Reported again within so many days after it was struck off, it counts as come back.";
            recurrence_of: "反弹自", "Recurrence of";
            nobody: "无人", "Nobody";
            no_deadline: "无期限", "No deadline";
            actions: "我可以", "What I can do";
            more_actions: "其他操作", "Other actions";
            no_actions: "现在没有您可以做的操作。", "There is nothing that you can do now.";
            supervision_level: "督办级别", "Supervision level";
            supervision_number: "督办单号", "Number of the notice";
            supervision_taken: "这个督办单号已用于另一问题 {}，请换一个。", "Another issue ({}) has or had this number. Choose another one.";
            supervision_number_hint: "可不填", "Optional";
            supervision_here: "本机上的问题 {} 也用这个督办单号；可以保存，联网后指挥要给其中一个换号。",
                "On this device issue {} has this number, too. You can save it; the desk will have to give one of them another.";
            number_shared: "（此单号还用于另一问题，付印前请换号）", "(another issue has this number, too: change it before this is printed)";
            doubles_title: "重复的督办单号", "Numbers of notices used twice";
            double_number: "督办单号 {} 用于 {} 个问题，按先后：", "Number {} of a notice stands on {} issues, in this order:";
            double_renumber: "请给 {} 换号：打开它，再督办一次，写另一个单号。", "Give {} another one: open it and put it under supervision again with another number.";
            make_priority: "设为重点", "Make it a priority";
            why_corrected: "更正说明", "Why it is corrected";
            save_correction: "保存更正", "Save correction";
            remark: "留言", "Remark";
            add_remark: "发表留言", "Add remark";
            contact: "宣传劝导", "Contact with residents";
            contact_when: "时间", "When";
            contact_manner: "方式", "How";
            contact_result: "结果", "Result";
            contact_text: "简要情况", "In short";
            contact_privacy: "不要写居民的姓名、电话、门牌号、证件号等个人信息。", "No personal data: no resident's name, telephone, door or identity number.";
            add_contact: "保存宣传劝导", "Save contact";
            conflicts_title: "多人同时修改，需要裁决", "Changed by several at once: decide";
            conflicts_text: "都保留着。点一个作为结果，其余留在记录里。", "All are kept. Tap the one that shall hold; the others stay in the record.";
            conflict_of: "{}：{} 个版本", "{}: {} versions";
            shown_now: "暂时显示", "Shown for now";
            choose_this: "以此为准", "Choose this";
            unknown_author: "作者不详", "Author unknown";
            decided: "已裁决", "Decided";
        }
    };
}
pub(super) use words;
