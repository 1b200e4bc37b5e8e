//! The summary report.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            halfyear: "工作总结", "Summary report";
            halfyear_title: "{} 至 {} 环境卫生工作总结", "Sanitation report, {} to {}";
            halfyear_sum: "本期共发现问题 {} 个，销号 {} 个，期末在办 {} 个。", "Found {}, struck off {}, open at the end {}.";
            halfyear_none: "这段时间没有问题记录，可以换一段时间。", "No issue falls into this period. Choose other months.";
            from_month: "从", "From";
            to_month: "到", "To";
            make_document: "生成 Word 文档", "Make a Word document";
            by_month: "各月情况", "By month";
            found: "发现", "Found";
            chart_alt: "各月发现与销号的柱状图，数字见下表", "Bars of found and struck off by month; the numbers stand in the table below";
            solved: "解决的长期问题（历时九十天以上）", "Long-standing problems solved (ninety days and more)";
            part_shown: "列出 {} 个，共 {} 个。", "{} of {} are shown.";
            solved_none: "没有历时九十天以上销号的问题。", "Nothing that had waited for ninety days was struck off.";
            days_taken: "历时（天）", "Days";
            before_after_title: "整改前后对照", "Before and after";
            pairs_none: "没有整改前后照片齐全的问题。", "No issue has photos of both before and after.";
        }
    };
}
pub(super) use words;
