use std::io::{Cursor, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use encoding_rs::GB18030;
use proptest::prelude::*;
use rust_xlsxwriter::{Formula, Workbook};
use xiaohao_shared::id::{OfficeId, PersonId, ZoneId};
use xiaohao_shared::import::{Columns, Draft, Ended, Field, FileFault, MAX_FILE, Sheet, Why};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::rules::{OwnKind, Rules};
use xiaohao_shared::model::{Duty, Person, Role, Zone};
use xiaohao_shared::time::{Date, HOUR, MINUTE, Timestamp};
use zip::write::{SimpleFileOptions, ZipWriter};

use super::cell::{moment, when};
use super::file::{self, Cell, Row};
use super::rows::Judge;
use super::{Waiting, aside};

fn table(file: &[u8]) -> Result<Vec<Row>, FileFault> {
    file::table(file, &AtomicBool::new(false))
}

fn judge() -> Judge {
    let person = |id, name: &str, zone| {
        let zones = [ZoneId(zone)].into();
        Person { id: PersonId(id), name: name.into(), role: Role::Cadre, zones, active: true, duties: Duty::all() }
    };
    let zone = |id, name: &str| Zone { id: ZoneId(id), name: name.into(), code: format!("32010{id}"), bearers: vec![] };
    Judge {
        office: OfficeId([1; 8]),
        known: vec![person(1, "李梅", 1), person(2, "王强", 2), person(3, "张伟", 1), person(4, "张伟", 2)],
        zones: vec![zone(1, "解放路片区"), zone(2, "站前片区")],
        calendar: Calendar::default(),
        rules: Rules::default(),
        name: "三月.csv".into(),
        now: Date::new(2026, 11, 25).unwrap().start() + 10 * HOUR,
    }
}

fn sheet(csv: &str) -> Sheet {
    judge().sheet(&table(csv.as_bytes()).unwrap(), None).unwrap()
}

/// (row, column, why) of each fault.
fn faults(sheet: &Sheet) -> Vec<(u32, Option<u32>, Why)> {
    sheet.faults.iter().map(|fault| (fault.row, fault.column, fault.why)).collect()
}

#[test]
fn a_list_in_the_cadres_order_below_a_title_becomes_issues() {
    let sheet = sheet(
        "创卫问题清单\n序号,问题,地点,片区,责任单位,整改要求,期限\n\
         1,暴露垃圾：门口一堆,解放路12号,解放路片区,李梅,限期清净,2026年12月1日\n\
         2,有人乱贴乱画,站前广场,320102,铁路局,,\n",
    );
    assert_eq!((sheet.heading_row, faults(&sheet)), (2, vec![]));
    let [first, second] = &sheet.drafts[..] else { panic!("{sheet:?}") };
    assert_eq!((first.row, first.report.kind.code, first.report.description.as_str()), (3, 6010, "门口一堆"));
    let dispatch = first.dispatch.clone().unwrap();
    let evening = Date::new(2026, 12, 1).unwrap().start() + 18 * HOUR;
    assert_eq!((dispatch.assignee, dispatch.until, dispatch.demand.as_str()), (PersonId(1), evening, "限期清净"));
    assert_eq!((second.report.zone, second.report.kind.code), (ZoneId(2), 7904));
    assert_eq!(second.dispatch, None, "a unit without an account is nobody on whose phone it would arrive");
    assert_eq!(second.source, "导入自 三月.csv 第 4 行。原表写明：铁路局", "but its name is kept");
}

#[test]
fn every_fault_is_told_by_row_and_column() {
    let sheet = sheet(
        "编号,问题类型,问题,片区,责任人,期限,发现日期,紧急程度\n\
         1,旱厕,,解放路片区,王强,明天,2026-11-30,急\n\
         2,飞碟,落地,火星,张伟,03/04/2026,,\n\
         1,,门口,,,,,\n\
         4,,,解放路片区,,,,\n",
    );
    let expected = vec![
        (2, Some(7), Why::UnknownSeverity),
        (2, Some(6), Why::InFuture),
        (2, Some(5), Why::NotADate),
        (2, Some(4), Why::PersonElsewhere),
        (3, Some(1), Why::UnknownKind),
        (3, Some(3), Why::UnknownZone),
        (3, Some(5), Why::AmbiguousDate),
        (3, Some(4), Why::Ambiguous),
        (4, Some(3), Why::Missing),
        (5, Some(2), Why::Missing),
    ];
    assert_eq!(faults(&sheet), expected);
    assert_eq!((sheet.drafts.len(), sheet.fault_count), (0, 10));
}

#[test]
fn the_same_row_is_the_same_issue_in_another_file_and_twice_in_one_is_a_fault() {
    let row = "7,门口有垃圾,解放路,解放路片区\n";
    let first = sheet(&format!("编号,问题,地点,片区\n{row}"));
    let later = sheet(&format!("编号,问题,地点,片区\n6,别的,别处,解放路片区\n{row}"));
    assert_eq!(first.drafts[0].issue, later.drafts[1].issue);
    let twice = sheet(&format!("编号,问题,地点,片区\n{row}{row}"));
    assert_eq!(faults(&twice), [(3, Some(0), Why::Twice)]);
    let elsewhere = Judge { office: OfficeId([2; 8]), ..judge() };
    let other = elsewhere.sheet(&table(format!("编号,问题,地点,片区\n{row}").as_bytes()).unwrap(), None).unwrap();
    assert_ne!(first.drafts[0].issue, other.drafts[0].issue);
    // Without numbers it is what the row says.
    let plain = |words: &str| sheet(&format!("问题,地点,片区\n{words},解放路,解放路片区\n")).drafts[0].issue;
    assert_eq!(plain("门口有垃圾"), plain("门口有垃圾"));
    assert_ne!(plain("门口有垃圾"), plain("后门有垃圾"));
}

#[test]
fn what_the_list_calls_struck_off_stays_there_and_what_it_calls_done_waits_for_a_check() {
    let sheet = sheet(
        "问题,片区,状态\n门口有垃圾,解放路片区,未销号\n后门有垃圾,解放路片区,已整改\n\
         路口有垃圾,火星,已销号\n桥下有垃圾,解放路片区,差不多了\n院里有垃圾,解放路片区,\n",
    );
    assert_eq!(faults(&sheet), [(5, Some(2), Why::UnknownState)]);
    assert_eq!(sheet.ended, [Ended { row: 4, said: "已销号".into() }], "whatever else is wrong with that row");
    let rows: Vec<_> = sheet.drafts.iter().map(|draft| (draft.row, draft.handled)).collect();
    assert_eq!(rows, [(2, false), (3, true), (6, false)]);
    assert!(sheet.drafts[1].source.ends_with("原表写明：已整改"), "{}", sheet.drafts[1].source);
}

#[test]
fn what_is_only_finished_comes_in_open_and_is_checked_here() {
    let sheet = sheet("问题,片区,是否完成\n门口有垃圾,解放路片区,是\n后门有垃圾,解放路片区,否\n");
    assert_eq!((faults(&sheet), sheet.ended.len()), (vec![], 0));
    assert_eq!(sheet.drafts.iter().map(|draft| draft.handled).collect::<Vec<_>>(), [true, false]);
}

#[test]
fn what_the_list_calls_done_is_not_late_because_it_comes_in_late() {
    let sheet = sheet(
        "问题,片区,责任人,期限,状态\n门口有垃圾,解放路片区,李梅,2026-11-01,已整改\n\
         后门有垃圾,解放路片区,李梅,2026-11-01,整改中\n路口有垃圾,解放路片区,李梅,2026-12-24,已整改\n",
    );
    let (now, day) = (judge().now, |month, day| Date::new(2026, month, day).unwrap().start() + 18 * HOUR);
    let until = |at: usize| sheet.drafts[at].dispatch.as_ref().unwrap().until;
    assert!(until(0) > now, "its pictures and its check are asked for from now on");
    assert!(sheet.drafts[0].source.contains("2026-11-01"), "the list's own date stays in words");
    assert_eq!([until(1), until(2)], [day(11, 1), day(12, 24)], "what was late is late, and what is to come is kept");
}

#[test]
fn a_kind_of_the_offices_own_is_known_by_its_name_and_its_code_also_within_a_description() {
    let kind = Rules::default().free_kind().unwrap();
    let own = OwnKind { kind, name: "共享单车乱放".into() };
    let judge = Judge { rules: Rules { own: vec![own], ..Rules::default() }, ..judge() };
    let list = "问题类型,问题,片区\n06950,路口,解放路片区\n6950,路口二,解放路片区\n共享单车乱放,路口三,解放路片区\n\
                ,门口共享单车乱放一排,解放路片区\n,共享单车乱放：桥下,解放路片区\n03001,厕所,解放路片区\n3001,厕所二,解放路片区\n";
    let sheet = judge.sheet(&table(list.as_bytes()).unwrap(), None).unwrap();
    assert_eq!(faults(&sheet), []);
    let codes: Vec<u32> = sheet.drafts.iter().map(|draft| draft.report.kind.code).collect();
    assert_eq!(codes, [6950, 6950, 6950, 6950, 6950, 3001, 3001]);
    assert_eq!(sheet.drafts[4].report.description, "桥下");
}

#[test]
fn a_row_without_a_number_stays_its_issue_when_the_office_names_a_kind_of_its_own() {
    let kind = Rules::default().free_kind().unwrap();
    let own = OwnKind { kind, name: "共享单车乱放".into() };
    let later = Judge { rules: Rules { own: vec![own], ..Rules::default() }, ..judge() };
    let list = "问题,片区\n门口共享单车乱放一排,解放路片区\n共享单车乱放：桥下,解放路片区\n暴露垃圾：门口,解放路片区\n";
    let table = table(list.as_bytes()).unwrap();
    let [before, after] = [judge(), later].map(|judge| judge.sheet(&table, None).unwrap().drafts);
    let issues = |drafts: &[Draft]| drafts.iter().map(|draft| draft.issue).collect::<Vec<_>>();
    assert_eq!(issues(&before), issues(&after));
    assert_eq!(after[1].plain, Some((before[1].report.kind, before[1].report.description.clone())));
    assert_eq!((after[1].report.kind, after[2].plain.is_none()), (kind, true));
}

#[test]
fn days_below_done_are_no_states() {
    let sheet = sheet("Problem,Zone,Done\n门口有垃圾,解放路片区,2026-01-01\n后门有垃圾,解放路片区,\n");
    assert_eq!((faults(&sheet), sheet.drafts.len(), sheet.columns.at(Field::State)), (vec![], 2, None));
}

#[test]
fn rows_are_counted_as_the_spreadsheet_counts_them() {
    let sheet = sheet("问题,片区\n\n\"两\n行\",解放路片区\n门口,火星\n");
    assert_eq!((sheet.drafts[0].row, faults(&sheet)), (3, vec![(4, Some(1), Why::UnknownZone)]));
}

#[test]
fn columns_are_what_the_person_says_they_are() {
    let table = self::table("a,b\n门口有垃圾,解放路片区\n".as_bytes()).unwrap();
    let chosen = Columns::parse("problem,zone");
    assert_eq!(judge().sheet(&table, Some(chosen)).unwrap().drafts.len(), 1);
}

#[test]
fn dates_of_three_kinds_mean_the_same_day() {
    let day = Date::new(2026, 11, 25).unwrap();
    for text in [
        "2026-11-25",
        "2026/11/25",
        "2026.11.25",
        "2026年11月25日",
        "20261125",
        "25.11.2026",
        "25/11/2026",
        "11/25/2026",
    ] {
        assert_eq!(when(&Cell::Text(text.into())), Ok((day, None)), "{text}");
    }
    for text in ["2026-11-25 18:30", "2026年11月25日18时30分", "25.11.2026 18:30", "2026-11-25T18:30"] {
        assert_eq!(when(&Cell::Text(text.into())), Ok((day, Some(18 * 60 + 30))), "{text}");
    }
    assert_eq!(when(&Cell::Number(46_351.0)), Ok((day, None)));
    assert_eq!(when(&Cell::Number(46_351.75)), Ok((day, Some(18 * 60))));
    assert_eq!(when(&Cell::Number(20_261_125.0)), Ok((day, None)));
    assert_eq!(moment((day, Some(90)), 0), day.start() + 90 * MINUTE);
    for text in ["明天", "2026-02-29", "2026-13-01", "1", "第2026号1室5", "2026-11", "2026-11-25 25:00", "25.11.26"]
    {
        assert_eq!(when(&Cell::Text(text.into())), Err(Why::NotADate), "{text}");
    }
    assert_eq!(when(&Cell::Text("03/04/2026".into())), Err(Why::AmbiguousDate));
}

#[test]
fn what_chinese_excel_writes_is_read_and_what_is_nothing_is_refused() {
    let list = "问题,片区\n门口有垃圾,解放路片区\n";
    let (gb, ..) = GB18030.encode(list);
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(list.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let marked = format!("\u{feff}{list}");
    let tabs = format!("sep=\t\n{}", list.replace(',', "\t"));
    for file in [list.as_bytes(), &gb, &utf16, marked.as_bytes(), list.replace(',', ";").as_bytes(), tabs.as_bytes()] {
        assert_eq!(judge().sheet(&table(file).unwrap(), None).unwrap().drafts.len(), 1);
    }
    let cases: [(&[u8], FileFault); 6] = [
        (b"", FileFault::Empty),
        (b"%PDF-1.7 with words", FileFault::NotATable),
        (b"<html><table>", FileFault::NotATable),
        (b"\x89PNG\r\n\x1a\n\0\0", FileFault::NotATable),
        (&[0xd0, 0xcf, 0x11, 0xe0, 0xa1], FileFault::OldExcel),
        (b"PK\x03\x04 and nothing", FileFault::Damaged),
    ];
    for (file, fault) in cases {
        assert_eq!(table(file), Err(fault), "{file:?}");
    }
    let foreign = table(&[b'a', 0xff, 0xff, b',', b'\n', b'1', b',', 0xff]).unwrap();
    assert_eq!(judge().sheet(&foreign, None), Err(FileFault::Encoding));
}

#[test]
fn whoever_is_named_and_not_put_in_charge_stays_in_the_words_of_the_issue() {
    let file = "问题,片区,责任人\n暴露垃圾,解放路片区,李梅、王强\n暴露垃圾,站前片区,李司\n旱厕,解放路片区,李梅\n";
    let sheet = sheet(file);
    let told = |draft: &Draft| (draft.dispatch.is_some(), draft.not_in_charge.clone(), draft.source.clone());
    let [both, nobody, one] = [0, 1, 2].map(|at| told(&sheet.drafts[at]));
    assert_eq!((both.0, both.1.as_str(), both.2.ends_with("原表写明：王强")), (true, "王强", true), "{both:?}");
    assert_eq!(
        (nobody.0, nobody.1.as_str(), nobody.2.ends_with("原表写明：李司")),
        (false, "李司", true),
        "{nobody:?}"
    );
    assert_eq!((one.0, one.1.as_str(), one.2.contains("原表")), (true, "", false), "{one:?}");
}

/// A program that cuts a text at so many bytes cuts a character in two.
#[test]
fn letters_that_cannot_be_decoded_are_told_by_row_and_column_and_the_others_are_read() {
    let list = "问题,地点,片区,备注\n暴露垃圾,解放路12号,解放路片区,甲\n暴露垃圾,站前#广场,站前片区,乙\n暴露垃圾,门口,站#前,丙#\n";
    let (gb, ..) = GB18030.encode(list);
    for encoded in [list.as_bytes(), &gb] {
        let file: Vec<u8> = encoded.iter().map(|byte| if *byte == b'#' { 0xff } else { *byte }).collect();
        let sheet = judge().sheet(&table(&file).unwrap(), None).unwrap();
        assert_eq!(faults(&sheet), [(3, Some(1), Why::Undecodable), (4, Some(2), Why::Undecodable)]);
        assert!(sheet.faults[0].said.starts_with("站前\u{fffd}"), "{:?}", sheet.faults[0]);
        assert_eq!(sheet.drafts.iter().map(|draft| draft.row).collect::<Vec<_>>(), [2]);
    }
}

/// A workbook as somebody's Excel writes it.
fn workbook(fill: impl FnOnce(&mut rust_xlsxwriter::Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

#[test]
fn a_workbook_gives_dates_values_of_formulas_and_their_failures() {
    let file = workbook(|sheet| {
        for (column, heading) in ["问题", "片区", "期限", "责任人"].into_iter().enumerate() {
            sheet.write_string(0, column as u16, heading).unwrap();
        }
        sheet.write_formula(1, 0, Formula::new("=\"门口\"&\"垃圾\"").set_result("门口垃圾")).unwrap();
        sheet.write_string(1, 1, "解放路片区").unwrap();
        let day = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_number_with_format(1, 2, 46_351.0, &day).unwrap();
        sheet.write_formula(1, 3, Formula::new("=#REF!").set_result("#REF!")).unwrap();
    });
    let sheet = judge().sheet(&table(&file).unwrap(), None).unwrap();
    assert_eq!(faults(&sheet), [(2, Some(3), Why::FormulaFailed)]);
    assert_eq!(sheet.sample[0][..3], ["门口垃圾", "解放路片区", "2026-11-25"]);
}

/// A workbook of so many rows, each with this cell, as a program writes it that shares no words.
fn tall(rows: usize, cell: &str) -> Vec<u8> {
    with_part(&sound_workbook(), "xl/worksheets/sheet1.xml", |text| {
        let (head, tail) = (text.find("<sheetData>").unwrap() + 11, text.find("</sheetData>").unwrap());
        let cells: String = (1..=rows).map(|row| format!("<row r=\"{row}\"><c r=\"A{row}\"{cell}</c></row>")).collect();
        text.replace_range(head..tail, &cells);
    })
}

#[test]
fn a_million_rows_and_a_cell_at_the_end_of_the_world_take_no_memory_and_little_time() {
    const MILLION: usize = 1_000_000;
    let short = tall(MILLION, "><v>1</v>");
    let wide = tall(MILLION, &format!(" t=\"inlineStr\"><is><t>{}</t></is>", "门口有垃圾".repeat(8)));
    // The lines of a whole town, and as many as a file may have bytes for.
    let lines = "门口有暴露垃圾,解放路片区\n".repeat(MILLION);
    assert!(lines.len() > MAX_FILE, "which nobody looks into");
    let files: [(&[u8], FileFault); 4] = [
        (lines.as_bytes(), FileFault::TooManyRows),
        (&b"a,b\n".repeat(MILLION), FileFault::TooManyRows),
        (&short, FileFault::TooManyRows),
        (&wide, FileFault::Inflates),
    ];
    for (file, fault) in files {
        let begun = std::time::Instant::now();
        assert_eq!(table(file), Err(fault));
        // Unpacking to the bound is what takes time; all rows of it would take a minute.
        assert!(begun.elapsed() < std::time::Duration::from_secs(10), "{fault:?} after {:?}", begun.elapsed());
    }
    let far = workbook(|sheet| {
        sheet.write_string(1_048_575, 16_383, "x").unwrap();
    });
    assert_eq!(table(&far), Err(FileFault::TooManyColumns));
}

#[test]
fn a_workbook_that_unpacks_to_gigabytes_is_refused_before_it_is_read() {
    let mut bomb = ZipWriter::new(Cursor::new(Vec::new()));
    bomb.start_file("xl/sharedStrings.xml", SimpleFileOptions::default()).unwrap();
    let zeros = vec![b' '; 1024 * 1024];
    for _ in 0..120 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap().into_inner();
    assert!(bomb.len() < 1024 * 1024, "{}", bomb.len());
    assert_eq!(table(&bomb), Err(FileFault::Inflates));
}

#[test]
fn a_workbook_that_nobody_waits_for_any_more_is_read_no_further() {
    let workbook = sound_workbook();
    assert!(table(&workbook).is_ok());
    assert!(file::table(&workbook, &AtomicBool::new(true)).is_err());
}

#[tokio::test]
async fn whoever_goes_away_tells_the_thread_that_reads_for_him() {
    let (gone, waiting) = Waiting::new();
    let request = async move {
        let _waiting = waiting;
        std::future::pending::<()>().await;
    };
    assert!(futures_util::FutureExt::now_or_never(request).is_none(), "it waits, and is dropped");
    assert!(gone.load(Ordering::Relaxed));
}

#[tokio::test]
async fn the_place_of_whoever_goes_away_is_free_when_the_thread_has_ended() {
    let (place, go) = (Arc::new(()), Arc::new(AtomicBool::new(false)));
    let (held, wait) = (Arc::downgrade(&place), go.clone());
    let work = aside(place, move || {
        while !wait.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
    });
    let mut work = Box::pin(work);
    assert!(futures_util::poll!(&mut work).is_pending(), "a thread works");
    drop(work);
    assert!(held.upgrade().is_some(), "and goes on, whoever hangs up");
    go.store(true, Ordering::Relaxed);
    for _ in 0..1_000 {
        if held.upgrade().is_none() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
    panic!("the place comes back");
}

#[tokio::test]
async fn a_parser_that_panics_has_met_a_damaged_file_and_whoever_works_on_keeps_his_place() {
    assert_eq!(aside((), || panic!("strange bytes")).await.map(|((), ())| ()), Err(FileFault::Damaged));
    assert_eq!(aside(7, || 8).await, Ok((7, 8)));
}

fn sound_workbook() -> Vec<u8> {
    workbook(|sheet| {
        for (row, cells) in [["问题", "片区"], ["门口有垃圾", "解放路片区"]].into_iter().enumerate() {
            for (column, text) in cells.into_iter().enumerate() {
                sheet.write_string(row as u32, column as u16, text).unwrap();
            }
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_text_is_too_strange_to_be_judged(text in ".{0,300}", cells in "[=,\"\n;\t0-9年月日./-]{0,200}") {
        for file in [text.clone(), cells.clone(), format!("问题,片区,期限,编号\n{cells}\n{text}")] {
            if let Ok(table) = self::table(file.as_bytes()) {
                let _ = judge().sheet(&table, None);
                let _ = judge().sheet(&table, Some(Columns(Field::ALL.map(Some).to_vec())));
            }
        }
    }

    #[test]
    fn no_bytes_are_too_strange_to_be_refused(mut bytes in proptest::collection::vec(any::<u8>(), 0..400), head in 0usize..4) {
        let heads: [&[u8]; 4] = [b"", b"PK\x03\x04", b"\xff\xfe", b"\xef\xbb\xbf"];
        bytes.splice(0..0, heads[head].iter().copied());
        let _ = table(&bytes);
    }

    /// What is damaged within is found by the checksums of its parts; what passes them is read or refused.
    #[test]
    fn no_flipped_bytes_of_a_workbook_do_any_harm(flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut file = sound_workbook();
        for (at, value) in flips {
            let at = at.index(file.len());
            file[at] = value;
        }
        let _ = table(&file);
    }

    /// Parts that are sound as a zip and strange as XML.
    #[test]
    fn no_strange_part_of_a_workbook_does_any_harm(
        part in prop::sample::select(vec!["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]),
        at in any::<prop::sample::Index>(),
        words in "[<>/=\"&;a-zA-Z0-9 !#-]{0,60}",
    ) {
        let _ = table(&with_part(&sound_workbook(), part, |text| {
            let mut at = at.index(text.len() + 1);
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            text.insert_str(at, &words);
        }));
    }
}

/// The same workbook with one part changed.
fn with_part(file: &[u8], name: &str, change: impl FnOnce(&mut String)) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(file)).unwrap();
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    let mut change = Some(change);
    for at in 0..archive.len() {
        let mut part = archive.by_index(at).unwrap();
        let mut text = Vec::new();
        std::io::Read::read_to_end(&mut part, &mut text).unwrap();
        let own = part.name().unwrap().into_owned();
        if own == name
            && let Some(change) = change.take()
        {
            let mut words = String::from_utf8(text).unwrap();
            change(&mut words);
            text = words.into_bytes();
        }
        out.start_file(own, SimpleFileOptions::default()).unwrap();
        out.write_all(&text).unwrap();
    }
    out.finish().unwrap().into_inner()
}

/// One part may be called a sheet as often as somebody writes: each time it would be read.
#[test]
fn a_workbook_that_calls_one_part_a_thousand_sheets_is_not_read() {
    let file = with_part(&sound_workbook(), "xl/workbook.xml", |text| {
        let (start, rest) = text.split_once("<sheets>").unwrap();
        let (sheet, end) = rest.split_once("</sheets>").unwrap();
        *text = format!("{start}<sheets>{}</sheets>{end}", sheet.repeat(1_000));
    });
    assert_eq!(table(&file), Err(FileFault::Inflates));
}

/// Seen by the property above: the library took one corner from the other. Where sums are not checked it goes on and reads the cells.
#[test]
fn a_sheet_that_ends_before_it_begins_is_damaged_or_read_but_stops_nobody() {
    let sound = sound_workbook();
    let rows = table(&sound).unwrap();
    let backwards = with_part(&sound, "xl/worksheets/sheet1.xml", |text| {
        let (start, rest) = text.split_once("<dimension ref=\"").unwrap();
        let (_, end) = rest.split_once('"').unwrap();
        *text = format!("{start}<dimension ref=\"B3:A1\"{end}");
    });
    assert!(matches!(table(&backwards), Err(FileFault::Damaged)) || table(&backwards).unwrap() == rows);
}

#[test]
fn time_is_an_argument() {
    let late = Judge { now: Timestamp(0), ..judge() };
    let table = self::table("问题,片区,发现日期\n门口,解放路片区,2026-11-25\n".as_bytes()).unwrap();
    assert_eq!(faults(&late.sheet(&table, None).unwrap()), [(2, Some(2), Why::InFuture)]);
}
