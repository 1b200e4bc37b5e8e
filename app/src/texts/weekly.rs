//! The weekly 督办 lists and what is printed.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            photos_come: "照片加载中，加载完就打印…", "Fetching the photos, then it prints…";
            weekly: "周督办", "Weekly list";
            weekly_about: "列入：在办且超期、三日内到期或已督办的问题。生成后编号留存；下一期生成时，本期的办理结果随之定格。",
                "Listed: open issues that are overdue, due within three days, or under supervision. A list is numbered and kept; what became of it is told as it stood when the next one was made.";
            make_weekly_again: "{} 号清单是 {} 生成的。还要再生成一期吗？每一期都编号留存，不能撤销。", "List {} was made on {}. Make another one? Each is numbered and kept, and cannot be taken back.";
            make_weekly: "生成本期清单", "Make this week's list";
            pressing_now: "先看范围", "Preview";
            no_weekly: "还没有生成过督办清单。每一期生成后列在这里，点开可打印督办单。", "No list has been made yet. Each one stands here once it is made, with its notices to print.";
            no_earlier_lists: "没有更早的清单。", "There are no earlier lists.";
            weekly_number: "编号", "Number";
            made_at: "生成时间", "Made";
            made_by: "生成人", "By";
            entries: "列入", "Listed";
            ended_since: "已办结", "Done since";
            ended_by_next: "已办结", "Done then";
            still_open_then: "未办结", "Open then";
            still_open: "未办结", "Still open";
            earlier_lists: "更早的清单", "Earlier lists";
            weekly_n: "督办清单 {}", "List {}";
            weekly_made: "{} 由 {} 生成；列入 {} 个，至今办结 {} 个。点责任人可打印督办单。",
                "Made {} by {}. Issues: {}; ended since: {}. Choose a person for the notice to print.";
            weekly_made_told: "{} 由 {} 生成；列入 {} 个，到下一期生成时办结 {} 个。点责任人可打印督办单。",
                "Made {} by {}. Issues: {}; ended by the time of the next list: {}. Choose a person for the notice to print.";
            nobody_yet: "未派遣", "Nobody yet";
            nothing_pressing: "本期没有需要督办的问题。", "Nothing needed supervision.";
            print: "打印", "Print";
            notice: "督办单", "Notice";
            notice_of: "督办单 · {}", "Notice · {}";
            notices: "打印全部督办单", "Print all notices";
            notices_of: "全部督办单 · {}", "All notices · {}";
            notices_come: "正在取督办单：{} / {}", "Notices: {} of {}";
            notice_text: "{}：下列 {} 个问题请按期整改，并按要求回复。", "{}: please settle the following {} issue(s) in time, and reply.";
            notice_cut: "本单只印最急的 {} 个，共列入 {} 个。", "Only the most urgent are on this notice: {} of {}.";
            times_listed: "列入次数", "Times listed";
            nth_time: "第 {} 次", "{}";
            previous_list: "上期清单 {} 列入 {} 个：已销号 {}，待核查 {}，仍未整改 {}，作废 {}。",
                "Last list {}. Issues: {}; struck off {}, handed in {}, still open {}, void {}.";
            notice_made: "编号 {} · {}", "No. {} · {}";
            notice_signing: "签收人：＿＿＿＿＿＿　日期：＿＿＿＿＿＿", "Received by: ____________  Date: ____________";
            asked_for: "整改要求", "Asked for";
            spot: "地点", "Place";
            unit: "责任单位", "In charge";
            printed_at: "打印于 {}", "printed {}";
            was_then: "列入时", "When listed";
        }
    };
}
pub(super) use words;
