//! The indicators, how they went through the months, and what stands behind a figure.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            indicators: "考核指标", "Indicators";
            definitions: "指标含义", "What the numbers mean";
            score: "得分", "Score";
            score_text: "得分＝处置率×30＋按期处置率×20＋(1−返工率)×20＋(1−超期率)×20＋(1−延期率)×10；按得分排名。",
                "Score = handled×30 + in time×20 + (1−rework)×20 + (1−overdue)×20 + (1−extended)×10; zones are ranked by it.";
            due_count: "应处置", "Due";
            mark_yellow: "黄", "yellow";
            mark_red: "红", "red";
            thresholds: "设置红黄线", "Set yellow and red";
            thresholds_text: "每项填“黄 / 红”的百分数，如 5 / 10；不填则不标。", "Yellow / red in per cent for each, as 5 / 10; empty for no mark.";
            thresholds_wrong: "有一项不是“黄 / 红”，或者红线不比黄线更严重。", "One of them is not “yellow / red”, or its red does not lie beyond its yellow.";
            never_new: "从未", "never";
            trends: "趋势", "Trends";
            indicators_none: "这个月没有可计算的问题。有问题上报、到期或销号后，各片区的指标列在这里。", "Nothing to measure in this month. The zones stand here as soon as issues are reported, fall due or are struck off.";
            trends_none: "最近十二个月没有可计算的问题。", "Nothing to measure in the last twelve months.";
            trends_about: "最近十二个月的指标；最后一个月到现在为止。断开处是当月没有可计算的问题。", "The indicators of twelve months, the last one up to now. A line breaks where a month had nothing to measure.";
            trend_alt: "{}十二个月的折线，最近一个月 {}；数字见下表", "{}: a line over twelve months, the last at {}; all numbers stand in the table below";
            behind_settled: "{}结账：{}", "Settlement of {}: {}";
            behind_measured: "{}指标：{}", "Indicators of {}: {}";
            behind_reported: "{} 至 {}：{}", "{} to {}: {}";
        }
    };
}
pub(super) use words;
