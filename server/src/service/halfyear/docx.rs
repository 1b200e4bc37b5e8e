//! The report as a document, in the order in which offices write theirs: the sum, months, zones, kinds, what had waited for long,
//! and pictures side by side. Knows the report and the names in it, not where they come from.

use std::collections::BTreeMap;
use std::io::{self, Cursor};

use bytes::Bytes;
use docx_rs::{AlignmentType, Docx, Paragraph, Pic, Run, RunFonts, Table, TableCell, TableRow};
use image::ImageFormat;
use xiaohao_shared::api::{BeforeAfter, HalfYear};
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::indicator::{DEFINITIONS, Definition, Figures, Indicator};
use xiaohao_shared::model::summary::Summary;
use xiaohao_shared::time::DAY;

use crate::service::chart;
use crate::service::export::Names;

/// Half points.
const TEXT: usize = 24;
const SMALL_TEXT: usize = 18;
const HEADING: usize = 32;
const TITLE: usize = 40;
/// Longest edges of a picture on paper, in pixels.
const PICTURE: (u32, u32) = (280, 210);
/// EMU in a pixel of 96 to the inch.
const EMU: u32 = 9_525;
/// Twentieths of a point in such a pixel.
const TWIPS: u32 = 15;
/// The printed chart has so many of its own in one, so that it is sharp on paper.
const PRINTED_SCALE: u32 = 3;

type Pictures = BTreeMap<PhotoId, Bytes>;

pub fn write(office: &str, report: &HalfYear, names: &Names, pictures: &Pictures) -> io::Result<Vec<u8>> {
    let mut file = Cursor::new(Vec::new());
    let of = |zh, en| names.tongue.of((zh, en));
    let title = format!("{office} {} — {} {}", report.from, report.to, of("环境卫生工作总结", "Sanitation report"));
    let fonts = RunFonts::new().ascii("Times New Roman").east_asia("宋体");
    let mut docx = Docx::new().default_fonts(fonts).default_size(TEXT);
    docx = docx.add_paragraph(line(&title, TITLE, true).align(AlignmentType::Center));
    docx = docx.add_paragraph(line(&sum(report, names), TEXT, false));
    for it in &DEFINITIONS {
        let meaning = names.tongue.of((it.zh_text, it.en_text));
        docx = docx.add_paragraph(line(&format!("{}{}{meaning}", name(it, names), of("：", ": ")), SMALL_TEXT, false));
    }
    for (at, (heading, table)) in sections(report, names).into_iter().enumerate() {
        docx = docx.add_paragraph(line(heading, HEADING, true));
        if at == 0 {
            docx = chart(docx, report, names);
        }
        docx = docx.add_table(table);
    }
    docx = docx.add_paragraph(part(report.solved.len(), report.solved_count, names));
    docx = docx.add_paragraph(line(of("五、整改前后对照", "5. Before and after"), HEADING, true));
    docx = docx.add_paragraph(part(report.pairs.len(), report.pairs_count, names));
    for pair in &report.pairs {
        docx = docx.add_paragraph(line(&caption(&pair.issue, names), TEXT, false));
        docx = docx.add_table(Table::new(vec![side_by_side(pair, names, pictures)]));
    }
    docx.build().pack(&mut file).map_err(io::Error::other)?;
    Ok(file.into_inner())
}

fn line(text: &str, size: usize, bold: bool) -> Paragraph {
    let run = Run::new().add_text(text).size(size);
    Paragraph::new().add_run(if bold { run.bold() } else { run })
}

/// How many of how many are shown.
fn part(shown: usize, all: u64, names: &Names) -> Paragraph {
    let words = match names.tongue.of((true, false)) {
        true => format!("共 {all} 件，列出 {shown} 件。"),
        false => format!("{shown} of {all} are shown."),
    };
    line(&words, SMALL_TEXT, false)
}

/// The whole office in one paragraph.
fn sum(report: &HalfYear, names: &Names) -> String {
    let found: u64 = report.months.iter().map(|(_, flow)| flow.found).sum();
    let struck: u64 = report.months.iter().map(|(_, flow)| flow.struck).sum();
    let rates = DEFINITIONS.iter().map(|it| format!("{} {}", name(it, names), said(it, &report.whole, report, names)));
    let rates = rates.collect::<Vec<_>>().join(names.tongue.of(("，", ", ")));
    let open = report.open;
    match names.tongue.of((true, false)) {
        true => format!("本期共发现问题 {found} 件，销号 {struck} 件，期末在办 {open} 件。{rates}。"),
        false => format!("Found {found}, struck off {struck}, open at the end {open}. {rates}."),
    }
}

fn name(it: &Definition, names: &Names) -> &'static str {
    names.tongue.of((it.zh, it.en))
}

fn said(it: &Definition, of: &Figures, report: &HalfYear, names: &Names) -> String {
    let until = report.to.end().min(report.server_time);
    match of.value(it.indicator, until) {
        // Nobody talked to is none, and not nothing to measure.
        None if it.indicator == Indicator::Contacts => "0".into(),
        None => "–".into(),
        Some(value) if it.indicator == Indicator::DaysWithoutNew && of.is_never_new() => {
            format!("{value:.0}{}", names.tongue.of(("（从未）", " (never)")))
        }
        Some(value) if it.is_rate => format!("{:.1}%", value * 100.0),
        Some(value) => format!("{value:.0}"),
    }
}

fn head(first: &'static str, names: &Names) -> Vec<&'static str> {
    let counts = [("发现", "Found"), ("销号", "Struck off"), ("应处置", "Due")].map(|words| names.tongue.of(words));
    let rates = DEFINITIONS[..2].iter().map(|it| name(it, names));
    std::iter::once(first).chain(counts).chain(rates).collect()
}

/// Found, struck off, due, and the first two indicators, which are shares of what was due.
fn measured(name: String, figures: &Figures, report: &HalfYear, names: &Names) -> Vec<String> {
    let counts = [figures.reported, figures.struck, figures.due].map(|count| count.to_string());
    let rates = DEFINITIONS[..2].iter().map(|it| said(it, figures, report, names));
    std::iter::once(name).chain(counts).chain(rates).collect()
}

fn sections(report: &HalfYear, names: &Names) -> [(&'static str, Table); 4] {
    let of = |zh, en| names.tongue.of((zh, en));
    let line = |name: String, figures: &Figures| measured(name, figures, report, names);
    let months = report.months.iter().map(|(month, flow)| line(month.to_string(), &flow.figures()));
    let zones = report.zones.iter().map(|zone| line(names.zone(zone.zone), &zone.figures));
    let kinds = report.kinds.iter().map(|(kind, flow)| {
        let name = names.kind(*kind).unwrap_or_else(|| kind.to_string());
        line(name, &flow.figures())
    });
    let solved = report.solved.iter().map(|issue| {
        let days = issue.closed_at.map_or(0, |at| (at - issue.reported_at) / DAY);
        vec![issue.number.clone().unwrap_or_default(), caption(issue, names), days.to_string()]
    });
    [
        (of("一、各月情况", "1. By month"), table(head(of("月份", "Month"), names), months)),
        (of("二、各片区情况", "2. By zone"), table(head(of("片区", "Zone"), names), zones)),
        (of("三、各类问题", "3. By kind"), table(head(of("问题类型", "Kind"), names), kinds)),
        (
            of("四、解决的长期问题", "4. Long-standing problems solved"),
            table(vec![of("编号", "Number"), of("问题", "Problem"), of("历时（天）", "Days")], solved),
        ),
    ]
}

/// The months as a picture of bars, above their names and counts as text; the legend has the colours of the bars.
fn chart(docx: Docx, report: &HalfYear, names: &Names) -> Docx {
    let Some(png) = chart::printed(&report.months) else { return docx };
    let (w, h) = chart::PRINTED;
    let picture = Pic::new_with_dimensions(png, w, h).size(w / PRINTED_SCALE * EMU, h / PRINTED_SCALE * EMU);
    let cell = |text: String| {
        let words = line(&text, SMALL_TEXT, false).align(AlignmentType::Center);
        TableCell::new().add_paragraph(words)
    };
    let said = report.months.iter().map(|(month, flow)| format!("{month}\n{} / {}", flow.found, flow.struck));
    let cells: Vec<TableCell> =
        said.flat_map(|said| said.split_once('\n').map(|(a, b)| cell(format!("{a}  {b}")))).collect();
    let width = w / PRINTED_SCALE * TWIPS / u32::try_from(cells.len().max(1)).unwrap_or(1);
    let grid = vec![width as usize; cells.len()];
    let below = Table::without_borders(vec![TableRow::new(cells)]).set_grid(grid);
    let mark = |colour: &str, words| Run::new().add_text(format!("■ {words}  ")).color(colour).size(SMALL_TEXT);
    let legend = Paragraph::new()
        .add_run(mark("A81C1C", names.tongue.of(("发现", "Found"))))
        .add_run(mark("0F5C4A", names.tongue.of(("销号", "Struck off"))));
    let picture = Paragraph::new().add_run(Run::new().add_image(picture));
    docx.add_paragraph(legend).add_paragraph(picture).add_table(below).add_paragraph(Paragraph::new())
}

fn table(head: Vec<&str>, rows: impl Iterator<Item = Vec<String>>) -> Table {
    let cell = |text: &str, bold| TableCell::new().add_paragraph(line(text, TEXT, bold));
    let head = TableRow::new(head.into_iter().map(|text| cell(text, true)).collect());
    let rows = rows.map(|row| TableRow::new(row.iter().map(|text| cell(text, false)).collect()));
    Table::new(std::iter::once(head).chain(rows).collect())
}

/// Problem and place.
fn caption(issue: &Summary, names: &Names) -> String {
    let kind = names.kind(issue.kind).unwrap_or_else(|| issue.kind.to_string());
    [kind, names.zone(issue.zone), issue.address.clone()].join(" · ")
}

fn side_by_side(pair: &BeforeAfter, names: &Names, pictures: &Pictures) -> TableRow {
    let sides = [(pair.before, ("整改前", "Before")), (pair.after, ("整改后", "After"))];
    let cell = |(photo, words): (PhotoId, (&'static str, &'static str))| {
        let mut cell = TableCell::new();
        if let Some(picture) = pictures.get(&photo).and_then(|bytes| picture(bytes)) {
            cell = cell.add_paragraph(Paragraph::new().add_run(Run::new().add_image(picture)));
        }
        cell.add_paragraph(line(names.tongue.of(words), TEXT, false).align(AlignmentType::Center))
    };
    TableRow::new(sides.into_iter().map(cell).collect())
}

/// Documents hold PNG only. One that is damaged leaves its cell empty.
fn picture(bytes: &[u8]) -> Option<Pic> {
    let small = image::load_from_memory(bytes).ok()?.thumbnail(PICTURE.0, PICTURE.1);
    let mut png = Cursor::new(Vec::new());
    small.to_rgb8().write_to(&mut png, ImageFormat::Png).ok()?;
    let (w, h) = (small.width(), small.height());
    Some(Pic::new_with_dimensions(png.into_inner(), w, h).size(w * EMU, h * EMU))
}
