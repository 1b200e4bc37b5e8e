//! How times, sizes and distances are written for people. All times are China's; the device's own zone plays no part.
//! Knows no signals: the time that it is comes in as an argument.

use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::time::{DAY, Date, HOUR, MINUTE, Timestamp};

use crate::texts::{Lang, Texts, fill};

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `14:05`
pub fn clock(at: Timestamp) -> String {
    let minute = at.minute_of_day();
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// `今天 14:05`, `11月23日 14:05`, or with the year where it is another one.
pub fn date_time(t: &Texts, at: Timestamp, now: Timestamp) -> String {
    format!("{} {}", day(t, at.date(), now.date()), clock(at))
}

/// With its whole date: who reads a sheet does not know when it was printed.
pub fn on_paper(t: &Texts, at: Timestamp) -> String {
    format!("{} {}", calendar(t, at.date(), true), clock(at))
}

fn day(t: &Texts, date: Date, today: Date) -> String {
    match today.0 - date.0 {
        0 => t.today.into(),
        1 => t.yesterday.into(),
        -1 => t.tomorrow.into(),
        _ => calendar(t, date, today.civil().0 != date.civil().0),
    }
}

fn calendar(t: &Texts, date: Date, with_year: bool) -> String {
    let (year, month, day) = date.civil();
    let name = MONTHS[(month as usize).saturating_sub(1) % 12];
    match (t.lang, with_year) {
        (Lang::Zh, false) => format!("{month}月{day}日"),
        (Lang::Zh, true) => format!("{year}年{month}月{day}日"),
        (Lang::En, false) => format!("{day} {name}"),
        (Lang::En, true) => format!("{day} {name} {year}"),
    }
}

/// `2026年11月`, `Nov 2026`
pub fn month(t: &Texts, Month { year, month }: Month) -> String {
    match t.lang {
        Lang::Zh => format!("{year}年{month}月"),
        Lang::En => format!("{} {year}", MONTHS[(month as usize).saturating_sub(1) % 12]),
    }
}

/// A length of time in its largest fitting unit: `3 小时`.
pub fn duration(t: &Texts, ms: i64) -> String {
    let ms = ms.max(0);
    let (amount, one, many) = match ms {
        ms if ms >= 2 * DAY => (ms / DAY, t.day, t.days),
        ms if ms >= HOUR => (ms / HOUR, t.hour, t.hours),
        ms => (ms / MINUTE, t.minute, t.minutes),
    };
    fill(if amount == 1 { one } else { many }, &[&amount])
}

/// How long somebody was at it: `1 小时 20 分钟`.
pub fn hours_and_minutes(t: &Texts, ms: i64) -> String {
    let (hours, minutes) = (ms.max(0) / HOUR, ms.max(0) % HOUR / MINUTE);
    let of = |amount: i64, unit: i64| (amount > 0).then(|| duration(t, amount * unit));
    let parts: Vec<String> = [of(hours.min(47), HOUR), of(minutes, MINUTE)].into_iter().flatten().collect();
    if parts.is_empty() { duration(t, 0) } else { parts.join(" ") }
}

/// `5 分钟前`; what is less than a minute old is just now.
pub fn ago(t: &Texts, at: Timestamp, now: Timestamp) -> String {
    let ms = now - at;
    if ms < MINUTE { t.just_now.into() } else { fill(t.ago, &[&duration(t, ms)]) }
}

/// How pressing a deadline is; the list, the card and the head of an issue colour by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressure {
    Calm,
    Soon,
    Overdue,
}

impl Pressure {
    pub fn of(due: Timestamp, now: Timestamp) -> Self {
        match due - now {
            left if left < 0 => Self::Overdue,
            left if left < DAY => Self::Soon,
            _ => Self::Calm,
        }
    }

    pub fn class(self) -> &'static str {
        match self {
            Self::Calm => "due calm",
            Self::Soon => "due soon",
            Self::Overdue => "due overdue",
        }
    }
}

/// `还剩 3 小时`, `超期 2 天`, `11月30日 18:00 到期`.
pub fn deadline(t: &Texts, due: Timestamp, now: Timestamp) -> String {
    match Pressure::of(due, now) {
        Pressure::Overdue => fill(t.overdue_by, &[&duration(t, now - due)]),
        Pressure::Soon => fill(t.time_left, &[&duration(t, due - now)]),
        Pressure::Calm => fill(t.due_at, &[&date_time(t, due, now)]),
    }
}

/// The same where there is little room: `3 h left`, `2 d late`, `30 Nov`.
pub fn deadline_brief(t: &Texts, due: Timestamp, now: Timestamp) -> String {
    match Pressure::of(due, now) {
        Pressure::Overdue => fill(t.late_brief, &[&duration_brief(t, now - due)]),
        Pressure::Soon => fill(t.time_left, &[&duration_brief(t, due - now)]),
        Pressure::Calm => fill(t.due_at, &[&day(t, due.date(), now.date())]),
    }
}

fn duration_brief(t: &Texts, ms: i64) -> String {
    match (t.lang, ms) {
        (Lang::Zh, _) => duration(t, ms),
        (Lang::En, ms) if ms >= 2 * DAY => format!("{} d", ms / DAY),
        (Lang::En, ms) if ms >= HOUR => format!("{} h", ms / HOUR),
        (Lang::En, ms) => format!("{} min", ms / MINUTE),
    }
}

/// `640 B`, `12 KB`, `3.4 MB`.
pub fn bytes(n: u64) -> String {
    match n {
        n if n < 1024 => format!("{n} B"),
        n if n < 1024 * 1024 => format!("{} KB", n.div_ceil(1024)),
        n if n < 1024 * 1024 * 1024 => format!("{:.1} MB", n as f64 / 1_048_576.0),
        n => format!("{:.1} GB", n as f64 / 1_073_741_824.0),
    }
}

/// `350 米`, `2.1 公里`.
pub fn distance(t: &Texts, metres: f64) -> String {
    if metres < 1000.0 {
        fill(t.metres, &[&((metres / 10.0).round() * 10.0)])
    } else {
        fill(t.kilometres, &[&format!("{:.1}", metres / 1000.0)])
    }
}

/// The value of an `<input type="datetime-local">`, in China's time.
pub fn to_input(at: Timestamp) -> String {
    format!("{}T{}", at.date(), clock(at))
}

/// Reads what [`to_input`] wrote or a person chose.
pub fn from_input(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once('T')?;
    let date: Date = date.parse().ok()?;
    let mut parts = time.split(':').map(str::parse::<i64>);
    let (hour, minute) = (parts.next()?.ok()?, parts.next()?.ok()?);
    let valid = (0..24).contains(&hour) && (0..60).contains(&minute);
    valid.then(|| date.start() + hour * HOUR + minute * MINUTE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{EN, ZH};

    fn noon() -> Timestamp {
        Date::new(2026, 11, 23).unwrap().start() + 12 * HOUR
    }

    #[test]
    fn days_near_today_have_names_and_other_years_their_number() {
        assert_eq!(date_time(&ZH, noon() + -HOUR, noon()), "今天 11:00");
        assert_eq!(date_time(&ZH, noon() + DAY, noon()), "明天 12:00");
        assert_eq!(date_time(&ZH, noon() + 7 * DAY, noon()), "11月30日 12:00");
        assert_eq!(date_time(&EN, noon() + -365 * DAY, noon()), "23 Nov 2025 12:00");
    }

    #[test]
    fn a_deadline_says_what_is_left_and_then_what_is_past() {
        assert_eq!(deadline(&ZH, noon() + 3 * HOUR, noon()), "还剩 3 小时");
        assert_eq!(deadline(&ZH, noon() + -49 * HOUR, noon()), "超期 2 天");
        assert_eq!(deadline(&EN, noon() + -HOUR, noon()), "1 hour overdue");
    }

    #[test]
    fn a_card_says_a_deadline_in_few_signs() {
        let brief = |t, ms| deadline_brief(t, noon() + ms, noon());
        assert_eq!((brief(&ZH, -49 * HOUR), brief(&ZH, 7 * DAY)), ("超期 2 天".into(), "11月30日 到期".into()));
        assert_eq!((brief(&EN, -49 * HOUR), brief(&EN, 3 * HOUR)), ("2 d late".into(), "3 h left".into()));
    }

    #[test]
    fn a_month_is_read_as_people_say_it() {
        let of = |t| month(t, Month { year: 2026, month: 11 });
        assert_eq!((of(&ZH), of(&EN)), ("2026年11月".into(), "Nov 2026".into()));
    }

    #[test]
    fn a_chosen_time_reads_back() {
        assert_eq!(from_input(&to_input(noon())), Some(noon()));
        assert_eq!(from_input("2026-11-23T25:00"), None);
        assert_eq!(from_input(""), None);
    }

    #[test]
    fn sizes_are_never_rounded_down_to_nothing() {
        assert_eq!((bytes(640), bytes(1025), bytes(3_565_158)), ("640 B".into(), "2 KB".into(), "3.4 MB".into()));
    }
}
