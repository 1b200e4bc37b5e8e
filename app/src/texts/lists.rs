//! Lists of issues: what marks one, what narrows and orders them, and the lists of one person.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            mark_here: "已存本机", "Saved here";
            mark_sending: "发送中", "Sending";
            mark_office: "办事处已收到", "The office has it";
            mark_refused: "被退回", "Refused";
            mark_held: "待审", "Held for review";
            mark_photos_here: "照片待发送", "Photos not sent yet";
            no_photo: "没有照片", "No photo";
            no_photo_yet: "尚未整改", "Not yet rectified";
            photo_missing: "照片尚未取回", "Photo not here yet";
            photo_removed: "原图已按保存期限删除", "Removed by the retention rule";
            undecided: "待裁决", "Undecided";
            supervised: "督办", "Under supervision";
            supervised_flag: "督办", "Supervised";
            priority: "重点", "Priority";
            asked: "有申请", "Asked";
            no_number: "编号待办事处给出", "The office gives the number";
            tab_assigned: "我负责", "Mine";
            tab_zones: "我的片区", "My zones";
            tab_reports: "我上报", "My reports";
            rows_n: "共 {} 个问题", "Issues: {}";
            search: "搜索描述、地址、编号", "Search text, address, number";
            search_short: "搜索", "Search";
            filter: "筛选", "Filter";
            clear_filter: "清除条件", "Clear filters";
            on_the_map: "在地图上看", "On the map";
            sort: "排序", "Sort";
            by_deadline: "按期限", "Deadline";
            by_newest: "按最新", "Newest";
            by_distance: "按距离", "Distance";
            state_label: "状态", "State";
            state_open: "未销号", "Open";
            state_all: "全部", "All";
            only_overdue: "仅看超期", "Overdue only";
            press_level: "督办级别", "Supervision level";
            press_number: "督办单号", "Supervision number";
            press_due: "督办期限", "Supervision deadline";
            press_reply: "督办回复", "Reply to supervision";
            reply_by: "{}（{} {}）", "{} ({} {})";
            press_open: "待回复", "Not yet answered";
            press_late: "逾期未回复", "Overdue for an answer";
            press_answered: "已回复", "Answered";
            press_answered_late: "逾期后回复", "Answered late";
            only_supervised: "仅看督办", "Under supervision only";
            only_asked: "仅看有申请", "Waiting for an answer";
            linked_to: "并入或反弹自这一件", "Merged into or back from this one";
            only_undecided: "仅看待裁决", "Undecided only";
            nothing_matches: "没有符合条件的问题", "Nothing matches";
            nothing_to_do: "这里没有待办", "Nothing to do here";
            nothing_to_do_text: "发现问题，点下方“上报”。", "Found something? Tap “Report”.";
            first_pull: "正在取回片区的问题", "Fetching the issues of your zones";
            first_pull_text: "网络弱时需要几分钟，可以先上报。", "On a weak link this takes minutes; you can report meanwhile.";
            first_pull_offline: "没有网络，联网后自动取回。现在就可以上报。", "No network: they come when it is back. You can report now.";
            pressing: "督办范围（超期、三日内到期、督办）", "For the weekly list: overdue, due in 3 days, under supervision";
            reported_by: "{} 上报", "reported by {}";
            due_before: "{} 前到期", "due before {}";
            reported_span: "上报于 {} 至 {}", "reported {} to {}";
            closed_span: "办结于 {} 至 {}", "ended {} to {}";
            nobody_in_charge: "无责任人", "Nobody in charge";
            reported_from: "上报不早于", "Reported from";
            days_reversed: "“不早于”的日期在“不晚于”之后，找不到任何问题。", "The first day lies after the last one: nothing can be found.";
            reported_until: "上报不晚于", "Reported until";
            closed_from: "办结不早于", "Ended from";
            closed_until: "办结不晚于", "Ended until";
        }
    };
}
pub(super) use words;
