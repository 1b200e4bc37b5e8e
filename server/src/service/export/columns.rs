//! The columns of a list in the order in which cadres speak of a problem: 问题—地点—责任单位—整改要求—期限, then the rest.
//! One table for workbook and CSV; knows lines and names, not how a file is written.

use xiaohao_shared::model::SupervisionLevel;
use xiaohao_shared::time::{HOUR, Timestamp};

use super::Names;
use crate::store::export::Line;

/// A value with the type that it shall have in a workbook.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Empty,
    Text(String),
    Number(f64),
    Time(Timestamp),
}

pub struct Column {
    /// (Chinese, English).
    pub names: (&'static str, &'static str),
    /// In characters of the workbook's font.
    pub width: f64,
    pub cell: fn(&Line, &Names) -> Cell,
}

const fn column(zh: &'static str, en: &'static str, width: f64, cell: fn(&Line, &Names) -> Cell) -> Column {
    Column { names: (zh, en), width, cell }
}

pub const COLUMNS: &[Column] = &[
    column("问题", "Problem", 40.0, |line, names| Cell::Text(problem(line, names))),
    column("地点", "Place", 30.0, |line, _| Cell::Text(place(line))),
    column("责任单位", "Responsible", 18.0, |line, names| Cell::Text(responsible(line, names))),
    column("整改要求", "What is demanded", 26.0, |line, names| Cell::Text(demand(line, names))),
    column("期限", "Deadline", 17.0, |line, _| time(line.due)),
    column("编号", "Number", 15.0, |line, _| Cell::Text(line.number.clone())),
    column("状态", "State", 10.0, |line, names| words(names.tongue.of(line.state.names()))),
    column("片区", "Zone", 16.0, |line, names| Cell::Text(names.zone(line.zone))),
    column("问题类型", "Kind", 18.0, |line, names| Cell::Text(kind(line, names))),
    column("类型代码", "Kind code", 12.0, |line, _| Cell::Text(line.kind.to_string())),
    column("场所类型", "Place type", 14.0, |line, names| words(names.tongue.of(line.place_type.names()))),
    column("紧急程度", "Severity", 10.0, |line, names| words(names.tongue.of(line.severity.names()))),
    column("上报人", "Reporter", 12.0, |line, names| Cell::Text(names.person(line.reporter))),
    column("上报时间", "Reported at", 17.0, |line, _| Cell::Time(line.reported_at)),
    column("收到时间", "Received at", 17.0, |line, _| Cell::Time(line.received_at)),
    column("办结时间", "Ended at", 17.0, |line, _| time(line.closed_at)),
    column("延期次数", "Extensions", 10.0, |line, _| Cell::Number(line.extensions.into())),
    column("重点", "Priority", 8.0, |line, names| yes(line.priority, names)),
    column("督办", "Supervision", 10.0, level),
    column("督办单号", "Supervision number", 14.0, |line, _| Cell::Text(line.supervision_number.clone())),
    column("即查即改", "Fixed on the spot", 10.0, |line, names| yes(line.self_handled, names)),
    column("待裁决", "Undecided", 10.0, |line, names| yes(line.undecided, names)),
    column("照片数", "Photos", 8.0, |line, _| Cell::Number(line.photos.into())),
    column("超期(小时)", "Overtime (hours)", 10.0, overtime),
    column("申诉", "Appeal", 10.0, appeal),
    column("宣传劝导", "Contacts", 10.0, |line, _| Cell::Number(line.contacts.into())),
    column("纬度(WGS-84)", "Latitude (WGS-84)", 13.0, |line, _| degrees(line.position.map(|(lat, _)| lat))),
    column("经度(WGS-84)", "Longitude (WGS-84)", 13.0, |line, _| degrees(line.position.map(|(_, lon)| lon))),
    column("标识", "Id", 38.0, |line, _| Cell::Text(line.id.to_string())),
];

pub fn kind(line: &Line, names: &Names) -> String {
    let unknown = || if line.kind_name.is_empty() { line.kind.to_string() } else { line.kind_name.clone() };
    names.kind(line.kind).unwrap_or_else(unknown)
}

/// What is wrong: the kind, and what the reporter said of it.
pub fn problem(line: &Line, names: &Names) -> String {
    let kind = kind(line, names);
    if line.description.is_empty() {
        kind
    } else {
        format!("{kind}{}{}", names.tongue.of(("：", ": ")), line.description)
    }
}

pub fn place(line: &Line) -> String {
    [line.address.as_str(), &line.landmark].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Who is in charge, and who shares it.
pub fn responsible(line: &Line, names: &Names) -> String {
    let all = line.assignee.iter().chain(line.responsible.iter().filter(|person| line.assignee != Some(**person)));
    all.map(|person| names.person(*person)).collect::<Vec<_>>().join(names.tongue.of(("、", ", ")))
}

/// What the dispatch demanded; without words of its own, what counts as done here.
pub fn demand(line: &Line, names: &Names) -> String {
    if line.demand.is_empty() { names.close_when(line.kind, line.place_type) } else { line.demand.clone() }
}

fn level(line: &Line, names: &Names) -> Cell {
    line.supervision.map_or(Cell::Empty, |level| {
        words(names.tongue.of(match level {
            SupervisionLevel::Office => ("街道", "Office"),
            SupervisionLevel::City => ("市", "City"),
        }))
    })
}

fn overtime(line: &Line, _: &Names) -> Cell {
    line.overtime.map_or(Cell::Empty, |late| Cell::Number((late as f64 / HOUR as f64 * 10.0).round() / 10.0))
}

fn appeal(line: &Line, names: &Names) -> Cell {
    line.appeal.as_deref().map_or(Cell::Empty, |stands| {
        words(names.tongue.of(match stands {
            "granted" => ("成立", "Granted"),
            "refused" => ("不成立", "Refused"),
            _ => ("已申诉", "Asked"),
        }))
    })
}

fn yes(flag: bool, names: &Names) -> Cell {
    if flag { words(names.tongue.of(("是", "Yes"))) } else { Cell::Empty }
}

fn words(words: &str) -> Cell {
    Cell::Text(words.into())
}

fn time(at: Option<Timestamp>) -> Cell {
    at.map_or(Cell::Empty, Cell::Time)
}

fn degrees(degrees: Option<f64>) -> Cell {
    degrees.map_or(Cell::Empty, Cell::Number)
}
