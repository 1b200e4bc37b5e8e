//! What the office is measured by (domain.md section 4.1): each indicator with its definition as data, and the counts that it is
//! made of. One meaning, added up in memory here and by SQL at the office.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::catalogue::{EDITION, Kind};
use super::workflow::State;
use crate::time::{DAY, HOUR, Timestamp};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Indicator {
    Handled,
    InTime,
    Rework,
    Overdue,
    Extended,
    Recurrence,
    HandlingHours,
    DaysWithoutNew,
    Contacts,
    PatrolCoverage,
}

/// What a number is called and how it comes about.
#[derive(Debug, Clone, Copy)]
pub struct Definition {
    pub indicator: Indicator,
    pub zh: &'static str,
    pub en: &'static str,
    pub zh_text: &'static str,
    pub en_text: &'static str,
    /// Whether more of it is better.
    pub more_is_better: bool,
    /// A share of something, shown in per cent.
    pub is_rate: bool,
}

/// Illegal building, of which new cases are counted by the day (domain.md section 3).
pub const WATCHED: Kind = Kind { edition: EDITION, code: 6001 };

#[rustfmt::skip]
pub const DEFINITIONS: [Definition; 10] = [
    Definition { indicator: Indicator::Handled, zh: "处置率", en: "Handled", more_is_better: true, is_rate: true,
        zh_text: "处置数 ÷ 应处置数。应处置：期限在时段内、未作废；处置：其中待核查或已销号。",
        en_text: "Handled ÷ due. Due: the deadline lies in the period, not void; handled: of these, awaiting check or struck off." },
    Definition { indicator: Indicator::InTime, zh: "按期处置率", en: "In time", more_is_better: true, is_rate: true,
        zh_text: "期限前交回的处置数 ÷ 应处置数。申诉成立的视为按期，超期的事实仍保留。", en_text: "Handed in before the deadline ÷ due. A granted appeal counts as in time; the overtime itself stays on record." },
    Definition { indicator: Indicator::Rework, zh: "返工率", en: "Rework", more_is_better: false, is_rate: true,
        zh_text: "返工过的 ÷ 应结案数。应结案：应处置的当中交回核查过的，没有交回的无从返工。",
        en_text: "Sent back at least once ÷ due to be closed: of the due, those that were handed in for a check; what never was cannot be sent back." },
    Definition { indicator: Indicator::Overdue, zh: "超期率", en: "Overdue", more_is_better: false, is_rate: true,
        zh_text: "超期待处置数 ÷ 应处置数。", en_text: "Past the deadline and not handed in ÷ due." },
    Definition { indicator: Indicator::Extended, zh: "延期率", en: "Extended", more_is_better: false, is_rate: true,
        zh_text: "延期过的 ÷ 应处置数。", en_text: "Extended at least once ÷ due." },
    Definition { indicator: Indicator::Recurrence, zh: "反弹率", en: "Recurrence", more_is_better: false, is_rate: true,
        zh_text: "登记为反弹的 ÷ 时段内上报、未作废的。", en_text: "Linked as a recurrence ÷ reported in the period, not void." },
    Definition { indicator: Indicator::HandlingHours, zh: "平均处置时长（小时）", en: "Mean time (hours)", more_is_better: false, is_rate: false,
        zh_text: "时段内销号的，从上报到销号的平均小时数。", en_text: "From report to struck off, of those struck off in the period." },
    Definition { indicator: Indicator::DaysWithoutNew, zh: "违建零新增天数", en: "Days without new illegal building", more_is_better: true, is_rate: false,
        zh_text: "从最近一次上报私搭乱建（未作废）到时段末或现在的整天数。从未发生的，从办事处的第一条上报（任何问题，未作废）算起，并注明“从未”。",
        en_text: "Whole days from the last report of unauthorised building (not void) to the end of the period, or to now. Where there never was one they are counted from the office's first report of anything (not void), and marked “never”." },
    Definition { indicator: Indicator::Contacts, zh: "宣传劝导次数", en: "Contacts with residents", more_is_better: true, is_rate: false,
        zh_text: "时段内对居民宣传劝导的记录数，问题未作废。", en_text: "Notes of contacts with residents within the period, issue not void." },
    Definition { indicator: Indicator::PatrolCoverage, zh: "巡查覆盖率", en: "Patrol coverage", more_is_better: true, is_rate: true,
        zh_text: "有巡查的时段 ÷ 应巡查时段。每天分6个时段，每段4小时（0–4、4–8……20–24点），只计已过去的时段；一个片区在一个时段内巡查累计满10分钟即为覆盖，零发现也算。",
        en_text: "Bands patrolled ÷ bands due. Each day has 6 bands of 4 hours (0–4, 4–8 … 20–24), of which those that are over count; a band of a zone is patrolled from 10 minutes in all, with or without findings." },
];

/// A span of time: from the first moment on, before the second.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    pub from: Timestamp,
    pub before: Timestamp,
}

impl Span {
    pub fn holds(&self, at: Timestamp) -> bool {
        self.from <= at && at < self.before
    }
}

/// What an indicator asks of an issue.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Facts {
    pub kind: Kind,
    pub state: State,
    pub reported_at: Timestamp,
    pub due: Option<Timestamp>,
    pub handed_in: Option<Timestamp>,
    pub closed_at: Option<Timestamp>,
    pub reworked: bool,
    pub extended: bool,
    pub recurs: bool,
    /// An appeal against its overtime was granted.
    pub exempt: bool,
}

/// Counts of a zone, or of the whole office.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub due: u64,
    pub handled: u64,
    pub in_time: u64,
    /// Due to be closed (应结案): of the due, what was handed in for a check at least once. Absent in what an older office answers.
    #[serde(default)]
    pub handed_in: u64,
    pub reworked: u64,
    pub overdue: u64,
    pub extended: u64,
    pub reported: u64,
    pub recurred: u64,
    pub struck: u64,
    /// Milliseconds from report to struck off, of all of these.
    pub handling: i64,
    /// The last report of [`WATCHED`] before the end of the period.
    pub last_new: Option<Timestamp>,
    /// When the records of the whole office begin, see [`first_report`]: from there the days are counted where there never was one of
    /// [`WATCHED`]. Absent in what an older office answers.
    #[serde(default)]
    pub since: Option<Timestamp>,
    /// Notes of contacts with residents. Absent in what an older office answers.
    #[serde(default)]
    pub contacts: u64,
    /// Bands of [`super::patrol`] that are over, and how many of them were patrolled. None are due before the first round.
    #[serde(default)]
    pub bands_due: u64,
    #[serde(default)]
    pub bands_covered: u64,
}

impl Figures {
    pub fn add(&mut self, issue: &Facts, span: Span, now: Timestamp) {
        if issue.state == State::Void {
            return;
        }
        if let Some(due) = issue.due.filter(|due| span.holds(*due)) {
            self.add_due(issue, due, now);
        }
        if span.holds(issue.reported_at) {
            self.reported += 1;
            self.recurred += u64::from(issue.recurs);
        }
        if let Some(closed) = issue.closed_at.filter(|at| issue.state == State::Closed && span.holds(*at)) {
            self.struck += 1;
            self.handling += closed - issue.reported_at;
        }
        if issue.kind == WATCHED && issue.reported_at < span.before {
            self.last_new = self.last_new.max(Some(issue.reported_at));
        }
    }

    pub fn add_contact(&mut self, state: State, at: Timestamp, span: Span) {
        self.contacts += u64::from(state != State::Void && span.holds(at));
    }

    fn add_due(&mut self, issue: &Facts, due: Timestamp, now: Timestamp) {
        let handled = matches!(issue.state, State::ToCheck | State::Closed);
        let back = issue.handed_in.or(issue.closed_at);
        self.due += 1;
        self.handled += u64::from(handled);
        self.in_time += u64::from(handled && (issue.exempt || back.is_some_and(|back| back <= due)));
        self.handed_in += u64::from(handled || issue.reworked);
        self.reworked += u64::from(issue.reworked);
        self.overdue += u64::from(issue.state.clock_runs() && due < now);
        self.extended += u64::from(issue.extended);
    }

    pub fn plus(self, other: &Self) -> Self {
        Self {
            due: self.due + other.due,
            handled: self.handled + other.handled,
            in_time: self.in_time + other.in_time,
            handed_in: self.handed_in + other.handed_in,
            reworked: self.reworked + other.reworked,
            overdue: self.overdue + other.overdue,
            extended: self.extended + other.extended,
            reported: self.reported + other.reported,
            recurred: self.recurred + other.recurred,
            struck: self.struck + other.struck,
            handling: self.handling + other.handling,
            last_new: self.last_new.max(other.last_new),
            since: [self.since, other.since].into_iter().flatten().min(),
            contacts: self.contacts + other.contacts,
            bands_due: self.bands_due + other.bands_due,
            bands_covered: self.bands_covered + other.bands_covered,
        }
    }

    /// `None` where there is nothing to measure. `until`: the end of the period, or now.
    pub fn value(&self, indicator: Indicator, until: Timestamp) -> Option<f64> {
        let share = |part: u64, of: u64| (of > 0).then(|| part as f64 / of as f64);
        match indicator {
            Indicator::Handled => share(self.handled, self.due),
            Indicator::InTime => share(self.in_time, self.due),
            Indicator::Rework => share(self.reworked, self.handed_in),
            Indicator::Overdue => share(self.overdue, self.due),
            Indicator::Extended => share(self.extended, self.due),
            Indicator::Recurrence => share(self.recurred, self.reported),
            Indicator::HandlingHours => share(1, self.struck).map(|each| self.handling as f64 * each / HOUR as f64),
            Indicator::Contacts => (self.contacts > 0).then_some(self.contacts as f64),
            Indicator::PatrolCoverage => share(self.bands_covered, self.bands_due),
            Indicator::DaysWithoutNew => {
                self.last_new.or(self.since).map(|last| (until - last).div_euclid(DAY).max(0) as f64)
            }
        }
    }

    /// Whether there are records, and none of [`WATCHED`] in them.
    pub fn is_never_new(&self) -> bool {
        self.last_new.is_none() && self.since.is_some()
    }

    /// 0 to 100, by which zones are ranked; an example of a city (domain.md section 4.1).
    pub fn score(&self) -> Option<f64> {
        let value = |indicator| self.value(indicator, Timestamp(0));
        let good = value(Indicator::Handled)? * 30.0 + value(Indicator::InTime)? * 20.0;
        // Of what was never handed in, nothing was sent back.
        let rework = value(Indicator::Rework).unwrap_or(0.0);
        let bad = (1.0 - rework) * 20.0 + (1.0 - value(Indicator::Overdue)?) * 20.0;
        Some(good + bad + (1.0 - value(Indicator::Extended)?) * 10.0)
    }
}

/// When the records of an office begin, as a period knows it: its first report of whatever kind and zone, not void.
pub fn first_report(issues: impl IntoIterator<Item = Facts>, span: Span) -> Option<Timestamp> {
    let known = issues.into_iter().filter(|issue| issue.state != State::Void && issue.reported_at < span.before);
    known.map(|issue| issue.reported_at).min()
}

/// The rank of each score: equal ones share theirs, and what was not measured has none.
pub fn ranks(scores: &[Option<f64>]) -> Vec<Option<usize>> {
    let higher = |score: f64| scores.iter().flatten().filter(|other| **other > score).count();
    scores.iter().map(|score| score.map(|score| 1 + higher(score))).collect()
}

/// From where on a value is yellow, and from where red.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Threshold {
    pub yellow: f64,
    pub red: f64,
}

pub type Thresholds = BTreeMap<Indicator, Threshold>;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    None,
    Yellow,
    Red,
}

impl Definition {
    pub fn of(indicator: Indicator) -> &'static Self {
        DEFINITIONS.iter().find(|it| it.indicator == indicator).unwrap_or(&DEFINITIONS[0])
    }

    pub fn mark(&self, value: f64, threshold: Threshold) -> Mark {
        let reached = |limit: f64| if self.more_is_better { value < limit } else { value > limit };
        match () {
            () if reached(threshold.red) => Mark::Red,
            () if reached(threshold.yellow) => Mark::Yellow,
            () => Mark::None,
        }
    }
}

/// What an office starts with.
pub fn usual_thresholds() -> Thresholds {
    let threshold = |yellow, red| Threshold { yellow, red };
    [
        (Indicator::Handled, threshold(0.95, 0.85)),
        (Indicator::InTime, threshold(0.9, 0.8)),
        (Indicator::Rework, threshold(0.05, 0.1)),
        (Indicator::Overdue, threshold(0.05, 0.1)),
        (Indicator::Extended, threshold(0.1, 0.2)),
        (Indicator::Recurrence, threshold(0.03, 0.08)),
        (Indicator::PatrolCoverage, threshold(0.5, 0.3)),
    ]
    .into()
}

/// Whether an office can rank by them: numbers, with red beyond yellow.
pub fn are_sensible(thresholds: &Thresholds) -> bool {
    let sensible = |(indicator, it): (&Indicator, &Threshold)| {
        let finite = it.yellow.is_finite() && it.red.is_finite() && it.yellow >= 0.0 && it.red >= 0.0;
        let more = Definition::of(*indicator).more_is_better;
        finite && if more { it.red <= it.yellow } else { it.red >= it.yellow }
    };
    thresholds.iter().all(sensible)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: Span = Span { from: Timestamp(100), before: Timestamp(200) };

    fn facts() -> Facts {
        Facts {
            kind: WATCHED,
            state: State::Closed,
            reported_at: Timestamp(120),
            due: Some(Timestamp(150)),
            handed_in: Some(Timestamp(140)),
            closed_at: Some(Timestamp(160)),
            reworked: true,
            extended: false,
            recurs: false,
            exempt: false,
        }
    }

    fn figures(issues: &[Facts]) -> Figures {
        let mut figures = Figures::default();
        issues.iter().for_each(|issue| figures.add(issue, SPAN, Timestamp(180)));
        figures
    }

    #[test]
    fn an_issue_counts_where_its_deadline_its_report_and_its_end_fall() {
        let late = Facts { handed_in: Some(Timestamp(151)), ..facts() };
        let waiting = Facts { state: State::Handling, handed_in: None, closed_at: None, ..facts() };
        let void = Facts { state: State::Void, ..facts() };
        let found = figures(&[facts(), late, waiting, void]);
        assert_eq!((found.due, found.handled, found.in_time, found.overdue), (3, 2, 1, 1));
        assert_eq!((found.reported, found.struck, found.handling), (3, 2, 80));
        assert_eq!(figures(&[Facts { exempt: true, ..late }]).in_time, 1);
        let outside =
            Facts { due: Some(Timestamp(200)), reported_at: Timestamp(99), closed_at: Some(Timestamp(200)), ..facts() };
        assert_eq!(figures(&[outside]), Figures { last_new: Some(Timestamp(99)), ..Figures::default() });
    }

    #[test]
    fn what_was_sent_back_is_a_share_of_what_was_handed_in_and_not_of_all_that_was_due() {
        let good = Facts { reworked: false, ..facts() };
        let again = Facts { state: State::Rework, ..facts() };
        let never = Facts { state: State::Handling, reworked: false, handed_in: None, closed_at: None, ..facts() };
        let found = figures(&[good, again, never, never]);
        assert_eq!((found.due, found.handed_in, found.reworked), (4, 2, 1));
        assert_eq!(found.value(Indicator::Rework, SPAN.before), Some(0.5));
        let nothing = figures(&[never]);
        assert_eq!((nothing.value(Indicator::Rework, SPAN.before), nothing.score()), (None, Some(30.0 - 20.0 + 20.0)));
    }

    #[test]
    fn nothing_to_measure_is_no_number_and_marks_follow_the_better_side() {
        assert!(DEFINITIONS.iter().all(|it| Figures::default().value(it.indicator, SPAN.before).is_none()));
        let threshold = Threshold { yellow: 0.9, red: 0.8 };
        let marks = [0.95, 0.85, 0.7].map(|value| Definition::of(Indicator::Handled).mark(value, threshold));
        assert_eq!(marks, [Mark::None, Mark::Yellow, Mark::Red]);
        let threshold = Threshold { yellow: 0.05, red: 0.1 };
        let marks = [0.01, 0.07, 0.2].map(|value| Definition::of(Indicator::Rework).mark(value, threshold));
        assert_eq!(marks, [Mark::None, Mark::Yellow, Mark::Red]);
        assert!(are_sensible(&usual_thresholds()));
        assert!(!are_sensible(&[(Indicator::Rework, Threshold { yellow: 0.2, red: 0.1 })].into()));
    }

    #[test]
    fn equal_scores_share_a_rank_and_without_a_score_there_is_none() {
        let scores = [Some(90.0), None, Some(95.5), Some(90.0), Some(12.0), None];
        assert_eq!(ranks(&scores), [Some(2), None, Some(1), Some(2), Some(4), None]);
    }

    #[test]
    fn where_there_never_was_a_case_the_days_are_counted_from_the_first_report_of_the_office() {
        let days = |found: &Figures| found.value(Indicator::DaysWithoutNew, Timestamp(9 * DAY));
        let never = Figures { since: Some(Timestamp(2 * DAY)), ..Figures::default() };
        let once = Figures { last_new: Some(Timestamp(5 * DAY)), ..never };
        assert_eq!([days(&never), days(&once), days(&never.plus(&once))], [Some(7.0), Some(4.0), Some(4.0)]);
        assert_eq!([never, once, Figures::default()].map(|it| it.is_never_new()), [true, false, false]);
        let void = Facts { state: State::Void, reported_at: Timestamp(1), ..facts() };
        let later = Facts { reported_at: SPAN.before, ..facts() };
        assert_eq!(first_report([later, facts(), void], SPAN), Some(facts().reported_at));
        assert_eq!(first_report([later, void], SPAN), None);
    }

    #[test]
    fn a_report_of_a_phone_whose_clock_is_ahead_makes_no_days_below_nought() {
        let found = Figures { last_new: Some(Timestamp(DAY)), ..Figures::default() };
        let days = [0, 1, DAY, 3 * DAY + 5].map(|until| found.value(Indicator::DaysWithoutNew, Timestamp(until)));
        assert_eq!(days, [0.0, 0.0, 0.0, 2.0].map(Some));
    }

    #[test]
    fn the_score_of_a_zone_that_did_everything_in_time_is_a_hundred() {
        let good = Facts { reworked: false, ..facts() };
        assert_eq!(figures(&[good, good]).score(), Some(100.0));
        assert!(figures(&[facts(), good]).score() < Some(100.0));
    }
}
