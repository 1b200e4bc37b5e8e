//! Times, distances and sizes, and the marks between words.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            today: "今天", "today";
            yesterday: "昨天", "yesterday";
            tomorrow: "明天", "tomorrow";
            just_now: "刚刚", "just now";
            ago: "{}前", "{} ago";
            never: "从未", "never";
            day: "{} 天", "{} day";
            days: "{} 天", "{} days";
            hour: "{} 小时", "{} hour";
            hours: "{} 小时", "{} hours";
            minute: "{} 分钟", "{} minute";
            minutes: "{} 分钟", "{} minutes";
            overdue_by: "超期 {}", "{} overdue";
            late_brief: "超期 {}", "{} late";
            time_left: "还剩 {}", "{} left";
            due_at: "{} 到期", "due {}";
            metres: "{} 米", "{} m";
            kilometres: "{} 公里", "{} km";
            n_bytes: "{} 张，{}", "{} ({})";
            comma: "，", ", ";
            colon: "：", ": ";
            list_comma: "、", ", ";
            metres_short: "米", "m";
            kilometres_short: "公里", "km";
            quoted: "“{}”", "“{}”";
        }
    };
}
pub(super) use words;
