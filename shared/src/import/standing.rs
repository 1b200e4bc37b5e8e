//! How far an old list says that an issue is, in the words that people write below a heading. Knows no row.

use crate::model::workflow::State;

/// How far an old list says that an issue is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    Open,
    /// Somebody calls it done. Nobody has compared pictures yet, so it is open here, and a check strikes it off.
    Handled,
    /// Struck off or void. It came to its end without the pictures and the check that an end needs here, so it stays in the old list:
    /// as open it would be pressed for, and as closed it would count among what this office struck off.
    Ended,
}

impl Standing {
    /// As people write it below a heading. What is ticked there is what the heading says: under 是否完成 it is done, and nobody has
    /// checked it.
    pub fn below(heading: &str, words: &str) -> Option<Self> {
        const DONE: &[&str] = &["完成", "整改", "处置", "处理", "解决", "done", "completed", "rectified", "handled"];
        match Self::read(words) {
            Some(Self::Ended) if is_yes(words) && says(heading, DONE) && !says(heading, ENDS) => Some(Self::Handled),
            standing => standing,
        }
    }

    /// As people write it, or as an export of ours does. `None` where it is neither.
    pub fn read(words: &str) -> Option<Self> {
        const OPEN: &[&str] = &[
            "否",
            "×",
            "未",
            "无",
            "未销号",
            "未销",
            "未整改",
            "未处置",
            "未处理",
            "未完成",
            "未办结",
            "未结案",
            "未解决",
            "待整改",
            "待处置",
            "待办",
            "整改中",
            "处理中",
            "办理中",
            "在办",
            "进行中",
            "推进中",
            "长期坚持",
            "no",
            "open",
            "pending",
            "inprogress",
        ];
        const HANDLED: &[&str] = &[
            "已整改",
            "整改完成",
            "已整改到位",
            "已处置",
            "已处理",
            "已完成",
            "完成",
            "已解决",
            "待销号",
            "待验收",
            "handled",
            "rectified",
            "done",
        ];
        const ENDED: &[&str] =
            &["销号", "已销", "已结案", "结案", "已办结", "办结", "已关闭", "已作废", "不予立案", "closed"];
        let plain = plain(words);
        let is_in = |list: &[&str]| list.contains(&plain.as_str());
        match () {
            () if is_in(OPEN) => Some(Self::Open),
            () if is_in(HANDLED) => Some(Self::Handled),
            () if is_in(ENDED) || is_yes(words) => Some(Self::Ended),
            () => State::ALL.into_iter().find(|state| is_called(*state, &plain)).map(Self::of),
        }
    }

    fn of(state: State) -> Self {
        match state {
            State::Closed | State::Void => Self::Ended,
            State::ToCheck => Self::Handled,
            _ => Self::Open,
        }
    }
}

/// Words of a heading below which it is said whether an issue came to its end.
pub(super) const ENDS: &[&str] = &["销", "结案", "办结", "了结", "关闭", "作废", "closed", "struck"];

pub(super) fn says(heading: &str, words: &[&str]) -> bool {
    let heading = heading.to_lowercase();
    words.iter().any(|word| heading.contains(word))
}

/// Small letters and ticks.
fn plain(words: &str) -> String {
    words.to_lowercase().chars().filter(|c| c.is_alphanumeric() || "√✓✔×".contains(*c)).collect()
}

/// Whether a cell only agrees with its heading.
fn is_yes(words: &str) -> bool {
    ["是", "√", "✓", "✔", "yes"].contains(&plain(words).as_str())
}

fn is_called(state: State, plain: &str) -> bool {
    let (zh, en) = state.names();
    [state.code(), zh, en].iter().any(|name| name.to_lowercase().replace([' ', '_'], "") == plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_called_done_is_checked_here_and_only_what_is_struck_off_stays_where_it_is() {
        let reads =
            |words: &[&str], standing| words.iter().for_each(|it| assert_eq!(Standing::read(it), standing, "{it}"));
        reads(&["未销号", "整改中", "否", " 处置中 ", "Rectifying", "挂账", "×"], Some(Standing::Open));
        reads(&["已整改", "已完成", "待核查", "To check", "Done"], Some(Standing::Handled));
        reads(&["已销号", "是", "√", "Closed", "作废", "struck off", "已结案"], Some(Standing::Ended));
        reads(&["差不多了", "张伟", "2026-01-01", ""], None);
        for (heading, standing) in [
            ("是否完成", Standing::Handled),
            ("完成", Standing::Handled),
            ("Rectified?", Standing::Handled),
            ("是否完成销号", Standing::Ended),
            ("是否结案", Standing::Ended),
            ("整改结果", Standing::Handled),
            ("状态", Standing::Ended),
        ] {
            for yes in ["是", "√", "Yes"] {
                assert_eq!(Standing::below(heading, yes), Some(standing), "{heading} {yes}");
            }
            assert_eq!(Standing::below(heading, "否"), Some(Standing::Open), "{heading}");
            assert_eq!(Standing::below(heading, "已销号"), Some(Standing::Ended), "{heading}");
        }
        for state in State::ALL {
            let ends = !state.is_open();
            assert!(
                [state.code(), state.names().0, state.names().1]
                    .iter()
                    .all(|name| { (Standing::read(name) == Some(Standing::Ended)) == ends })
            );
        }
    }
}
