//! The books of the months, and their freezing.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            settlement: "月结账", "Monthly settlement";
            settlement_about: "期初＋新增－销号－作废＝期末，按片区和类型。冻结后不再变动；迟到的记录计入下一月并注明。",
                "Opening + new − struck off − void = closing, by zone and kind. A frozen month never changes; what comes late is booked in the next, with a mark.";
            no_settlement: "还没有冻结过的月份。冻结后列在这里，每个数字都能点开看是哪些问题。", "No month has been frozen yet. Frozen ones stand here, and each of their figures opens its issues.";
            month: "月份", "Month";
            frozen_at: "冻结时间", "Frozen";
            frozen_by: "签署人", "Signed by";
            freeze_n: "冻结 {}", "Freeze {}";
            freeze_waiting: "正在等前面的写入完成…", "Waiting for others to finish writing…";
            freeze_running: "正在逐个记账：{} / {} 个", "Booking issue by issue: {} of {}";
            freeze_ending: "正在封账…", "Closing the month…";
            freeze_cancel_hint: "封账之前可以取消，什么都不会冻结；离开本页也是取消。", "You can cancel until the month is closed; nothing is frozen then. Leaving this page cancels, too.";
            freeze_stopped: "已取消，{} 没有冻结。", "Cancelled; {} is not frozen.";
            freeze_too_late: "取消晚了一步：{} 已经冻结。", "Too late to cancel: {} is frozen.";
            freeze_unknown: "没有收到回答。稍后打开本页，看 {} 是否已经冻结。", "No answer came. Open this page later to see whether {} is frozen.";
            freeze_text: "冻结后这个月的数字永远不变，以您的名义签署，不能撤销。", "Its figures never change after that. It is signed in your name and cannot be undone.";
            settlement_of: "{}结账", "Settlement of {}";
            settlement_signed: "编号 {}，{} 由 {} 冻结签署。", "No. {}, frozen and signed {} by {}.";
            settlement_idle: "以下片区本月无事项：{}。", "Nothing in this month in: {}.";
            live_compare: "与目前数据对比", "Compare with today's data";
            live_compare_hint: "冻结的数字不变；打开才向办事处查询差异。", "What is frozen never changes; the office is asked for the differences when this is opened.";
            live_compared: "对比时间：{}", "Compared: {}";
            live_again: "重新对比", "Compare again";
            live_agrees: "与目前数据一致。", "It agrees with what is known today.";
            live_differs: "与目前数据不一致（迟到或更改的记录）。期末：账上有、按目前数据没有的 {} 个，目前有、账上没有的 {} 个；本月上报、结账后才送达的 {} 个；本月销号或作废与账上不同的 {} 个。",
                "It differs from what is known today (late or changed records). Closing stock: {} in the settlement are not open by today's data, {} are open and not in the settlement. Reported in the month and received after it was frozen: {}. Struck off or void otherwise than the settlement says: {}.";
            drift: "与目前数据的差异", "What differs from today's data";
            drift_gone: "期末账上有，目前没有", "Open in the settlement only";
            drift_come: "期末目前有，账上没有", "Open in today's data only";
            drift_missed: "本月上报，结账后送达", "Reported, received after freezing";
            drift_otherwise: "销号或作废不同", "Ended otherwise";
            zone_and_kind: "片区 / 类型", "Zone / kind";
            opening: "期初", "Opening";
            entered: "新增", "New";
            entered_late: "新增迟报", "New, late";
            struck: "销号", "Struck off";
            struck_late: "销号迟报", "Struck off, late";
            voided: "作废", "Void";
            voided_late: "作废迟报", "Void, late";
            closing: "期末", "Closing";
            live_now: "按目前数据", "By today's data";
            whole_office: "全街道", "Whole office";
        }
    };
}
pub(super) use words;
