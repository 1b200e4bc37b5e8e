//! 巡查: rounds on the phone, and how they cover the days at the desk.

use xiaohao_shared::model::patrol::Fault;

use super::Texts;

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            patrol: "巡查", "Patrols";
            patrol_begin: "开始巡查", "Begin a patrol";
            patrol_end: "结束巡查", "End the patrol";
            patrol_in: "正在巡查 · {}", "On patrol · {}";
            patrol_since: "{} 开始，已 {}，上报 {} 个问题", "since {}, {} so far, {} reported";
            patrol_forgotten: "{} 开始，可能忘了结束，请补填结束时间。", "Began {}. It may have been forgotten: say when it ended.";
            patrol_began: "{} · {} 开始", "{} · began {}";
            patrol_ended_at: "结束时间", "When it ended";
            patrol_found: "发现问题（个）", "Issues found";
            patrol_zero: "没有发现问题也要记，填 0。", "A patrol without findings counts, too: write 0.";
            patrol_save: "保存巡查", "Save the patrol";
            patrol_saved: "已保存：巡查 {}，发现 {} 个问题", "Saved: a patrol of {}, {} found";
            patrol_drop: "误开，作废", "Begun by mistake: discard";
            patrol_not_yours: "办事处没有接受：您没有这个片区", "Not accepted: this zone is not yours";
            patrol_not_taken: "办事处没有接受", "Not accepted";
            patrol_again: "再报一次", "Tell it again";
            patrol_in_future: "结束时间不能晚于现在。", "It cannot end later than now.";
            patrol_give_up: "作废", "Discard";
            patrol_bad_time: "请填写结束时间。", "Say when it ended.";
            patrol_bad_count: "请填写数字，没有就填 0。", "Write a number, 0 for none.";
            patrol_backwards: "结束时间要晚于开始时间。", "It must end after it began.";
            patrol_too_long: "一次巡查不超过 24 小时。", "A patrol lasts at most 24 hours.";
            patrol_too_many: "发现数太大，请核对。", "That many were hardly found on one patrol.";
            patrols_unsent: "只在本机的巡查", "Patrols only on this device";
            patrol_line: "巡查 · {} · {} · 发现 {} 个", "Patrol · {} · {} · {} found";
            patrols_days: "时段", "Days";
            from_day: "从", "From";
            to_day: "到", "To";
            last_7_days: "近7天", "7 days";
            this_day: "今天", "Today";
            this_month: "本月", "This month";
            last_month: "上月", "Last month";
            patrols_bad_days: "开始日期不能晚于结束日期，最多 {} 天。", "From a day to a later one, at most {} day(s).";
            patrols_none: "这段时间没有巡查记录。干部在手机“待办”页点“开始巡查”即可记录，没有网络也行。",
                "No patrol falls into these days. Cadres begin one on My work on their phones, also without a network.";
            patrols_caption: "各时段有巡查的天数 / 已过去的天数。点数字看是哪几次。跨零点的巡查计在开始那天。", "Days with a patrol / days that are over, by hours. Choose a number to see its patrols. A patrol over midnight counts on the day it began.";
            patrols_band: "{}点", "{} h";
            patrols_cell: "{}，{}点：{} 天有巡查，共 {} 天", "{}, {} h: {} of {} days";
            patrols_sum: "{}，{}：{}", "{}, {}: {}";
            patrols_found_sums: "“发现”的合计点开是这些天在该片区上报的全部问题，巡查之外的也在内。", "A sum of findings opens all that was reported there in these days, also outside patrols.";
            patrols_found_one: "“发现”是手机报的数；点开是此人巡查时在该片区上报、办事处已收到的问题，未送达或改了片区的不在内。", "Findings are as the phone told them. They open what its cadre reported there meanwhile, without what has not arrived or is under another zone by now.";
            patrol_coverage: "覆盖率", "Coverage";
            patrols_rounds: "次数", "Patrols";
            patrols_doubtful: "另 {} 次不计", "+{} not counted";
            patrols_time: "时长", "Time";
            patrols_n: "{} 次", "{} patrol(s)";
            patrols_all: "看全部", "Show all";
            patrols_none_here: "这一格没有巡查。", "Nobody patrolled here then.";
            patrols_more: "只列最近 {} 次；全部在表格文件里。", "Only the newest {} are listed; the file has them all.";
            patrols_book: "生成 Excel 表格", "Make a workbook";
            patrols_private: "只记片区、起止时间和发现数，不记录行走轨迹。", "Zone, beginning, end and findings; nobody's way is recorded.";
            patrol_nothing: "无发现", "nothing found";
            patrol_found_n: "发现 {} 个", "{} found";
            patrol_received: "{} 收到", "received {}";
            patrol_doubt_clock: "手机时钟不可信，不计入", "clock in doubt, not counted";
            patrol_doubt_stopped: "设备已停用，不计入", "device out of service, not counted";
        }
    };
}
pub(super) use words;

impl Texts {
    pub fn patrol_fault(&self, fault: Fault) -> &'static str {
        match fault {
            Fault::Backwards => self.patrol_backwards,
            Fault::TooLong => self.patrol_too_long,
            Fault::TooMany => self.patrol_too_many,
        }
    }
}
