//! The weekly lists from outside, the notices that are printed of them, and the numbers of 督办单: each is given once, and every figure leads to its issues.

use std::collections::{BTreeMap, BTreeSet};

use xiaohao_server::service::{audit, system_clock};
use xiaohao_shared::api::{
    Board, Doubled, IssuePage, NextNumbers, Notice, Press, Previous, ProblemKind, Sheets, TakenNumber, Tally, Weekly,
    WeeklyHead,
};
use xiaohao_shared::doc::Edit;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::{IssueId, PersonId, PhotoId, ZoneId};
use xiaohao_shared::model::behind::Became;
use xiaohao_shared::model::filter::address::escaped;
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Entry, Issue, Photo, Role, Stage, Step, Supervision, SupervisionLevel};
use xiaohao_shared::time::DAY;
use xiaohao_tests::desk::{behind, posted, supervisor};
use xiaohao_tests::edits::{new_issue, report, step};
use xiaohao_tests::invented::{generated, generated_as};
use xiaohao_tests::phone::Phone;
use xiaohao_tests::{TestDevice, TestServer};

#[tokio::test(flavor = "multi_thread")]
async fn the_weekly_list_is_what_is_pressing_and_the_next_one_shows_what_became_of_it() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let rows = generated(&server, 7, now).await;
    let head: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let pressing = rows.iter().filter(|row| row.is_pressing(now)).count() as u64;
    assert!(pressing > 10);
    assert_eq!((head.entries, head.ended, head.number.ends_with("-001")), (pressing, 0, true));
    let list: Weekly = desk.get(&format!("/api/weekly/{}", head.number)).await.json();
    assert_eq!(list.units.iter().map(|unit| unit.entries).sum::<u64>(), pressing);
    for unit in &list.units {
        let person = unit.person.map_or(0, |person| person.0);
        let notice: Notice = desk.get(&format!("/api/weekly/{}/{person}", head.number)).await.json();
        assert_eq!(notice.entries.len() as u64, unit.entries);
        assert!(notice.entries.iter().all(|entry| entry.now.assignee == unit.person && entry.state == entry.now.state));
    }
    // Everything is struck off; the kept list still says how it was.
    generated_as(&server, 7, now, |issue| issue.state = State::Closed).await;
    let next: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    assert_eq!((next.entries, next.number.ends_with("-002")), (0, true));
    let lists: Vec<WeeklyHead> = desk.get("/api/weekly").await.json();
    assert_eq!(lists.iter().map(|list| (list.entries, list.ended)).collect::<Vec<_>>(), [(0, 0), (pressing, pressing)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_list_says_what_became_of_the_last_one_and_how_often_each_issue_was_on_one() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let rows = generated(&server, 7, now).await;
    let listed: BTreeSet<IssueId> = rows.iter().filter(|row| row.is_pressing(now)).map(|row| row.id).collect();
    let first: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let list: Weekly = desk.get(&format!("/api/weekly/{}", first.number)).await.json();
    assert_eq!(list.previous, None);
    let became = |issue: &mut Issue| {
        issue.state = [State::Closed, State::ToCheck, State::Void, issue.state][usize::from(issue.id.0[0] % 4)];
    };
    let rows = generated_as(&server, 7, now, became).await;
    let second: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let list: Weekly = desk.get(&format!("/api/weekly/{}", second.number)).await.json();
    let count =
        |is: fn(State) -> bool| rows.iter().filter(|row| listed.contains(&row.id) && is(row.state)).count() as u64;
    let expected = Previous {
        number: first.number,
        struck: count(|state| state == State::Closed),
        handed_in: count(|state| state == State::ToCheck),
        void: count(|state| state == State::Void),
        open: count(|state| !matches!(state, State::Closed | State::ToCheck | State::Void)),
    };
    assert!(expected.struck.min(expected.handed_in).min(expected.void).min(expected.open) > 0, "{expected:?}");
    let (mut sum, mut again) =
        (Previous { number: expected.number.clone(), struck: 0, handed_in: 0, open: 0, void: 0 }, 0);
    for person in 0..=4 {
        let notice: Notice = desk.get(&format!("/api/weekly/{}/{person}", second.number)).await.json();
        let part = notice.previous.expect("there was a list before");
        sum.struck += part.struck;
        sum.handed_in += part.handed_in;
        sum.open += part.open;
        sum.void += part.void;
        for entry in notice.entries {
            assert_eq!(entry.times, 1 + u64::from(listed.contains(&entry.now.id)));
            again += u64::from(entry.times == 2);
        }
    }
    assert_eq!((&sum, list.previous), (&expected, Some(expected.clone())));
    assert!(again > 0);
    every_figure_of_the_list_leads_to_its_issues(&desk, &expected).await;
    // What is asked of the older list later is still what it was then.
    let notice: Notice = desk.get(&format!("/api/weekly/{}/1", sum.number)).await.json();
    assert!(!notice.entries.is_empty() && notice.entries.iter().all(|entry| entry.times == 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_became_of_a_list_is_what_it_was_when_the_next_one_was_made_however_much_later_it_is_printed() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let rows = generated(&server, 7, now).await;
    let mut listed =
        rows.iter().filter(|row| row.is_pressing(now) && row.state != State::ToCheck && row.assignee.is_some());
    let (before, after) = (listed.next().expect("an issue"), listed.next().expect("another"));
    let first: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let strike = |which: Vec<IssueId>| {
        move |issue: &mut Issue| {
            if which.contains(&issue.id) {
                issue.state = State::Closed;
            }
        }
    };
    generated_as(&server, 7, now, strike(vec![before.id])).await;
    let second: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    generated_as(&server, 7, now, strike(vec![before.id, after.id])).await;
    let list: Weekly = desk.get(&format!("/api/weekly/{}", second.number)).await.json();
    let previous = list.previous.expect("the first list");
    assert_eq!((previous.struck, previous.entries()), (1, first.entries));
    assert_eq!((list.told, list.head.ended), (false, 1), "of the latest list, today's state is told");
    let list: Weekly = desk.get(&format!("/api/weekly/{}", first.number)).await.json();
    assert_eq!((list.told, list.head.ended), (true, 1));
    let heads: Vec<WeeklyHead> = desk.get("/api/weekly").await.json();
    assert_eq!(heads.iter().map(|head| head.ended).collect::<Vec<_>>(), [1, 1]);
    let path = format!("/api/weekly/{}/issues?became=struck", first.number);
    let struck: IssuePage = desk.get(&path).await.json();
    assert_eq!(struck.rows.iter().map(|row| row.id).collect::<Vec<_>>(), [before.id]);
    every_figure_of_the_list_leads_to_its_issues(&desk, &previous).await;
    for (row, ended) in [(before, true), (after, false)] {
        let person = row.assignee.expect("somebody in charge");
        let notice: Notice = desk.get(&format!("/api/weekly/{}/{person}", first.number)).await.json();
        assert_eq!(notice.became.get(&row.id).map(|state| *state == State::Closed), Some(ended));
    }
}

/// Of the whole list, and of each unit's part of it.
async fn every_figure_of_the_list_leads_to_its_issues(desk: &TestDevice, whole: &Previous) {
    let number = &whole.number;
    let list: Weekly = desk.get(&format!("/api/weekly/{number}")).await.json();
    let count = async |person: Option<u32>, became: Became| {
        let person = person.map(|person| format!("&person={person}")).unwrap_or_default();
        behind(desk, &format!("/api/weekly/{number}/issues?became={}{person}", became.code())).await
    };
    let Previous { struck, handed_in, open, void, .. } = *whole;
    for (became, expected) in [
        (Became::Struck, struck),
        (Became::HandedIn, handed_in),
        (Became::Unsettled, open),
        (Became::Void, void),
        (Became::Ended, list.head.ended),
        (Became::Left, list.head.entries - list.head.ended),
    ] {
        assert_eq!(count(None, became).await, expected, "{became:?}");
    }
    for unit in list.units {
        let person = Some(unit.person.map_or(0, |person| person.0));
        let found = (count(person, Became::Ended).await, count(person, Became::Left).await);
        assert_eq!(found, (unit.ended, unit.entries - unit.ended), "{person:?}");
    }
    for wrong in [format!("{number}/issues?became=weather"), "1999-001/issues?became=left".into()] {
        assert!([400, 404].contains(&desk.get(&format!("/api/weekly/{wrong}")).await.status), "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn older_weekly_lists_are_found_behind_the_latest_ones() {
    let server = TestServer::start().await;
    let desk = supervisor(&server).await;
    for number in 1..=60 {
        let sql = sqlx::query("INSERT INTO weekly_lists (number, made_at, made_by) VALUES ($1, $2, 1)");
        let list = sql.bind(format!("2026-{number:03}")).bind(number).execute(&server.service.store).await;
        assert!(list.is_ok(), "{list:?}");
    }
    let latest: Vec<WeeklyHead> = desk.get("/api/weekly").await.json();
    let last = &latest.last().expect("a list").number;
    assert_eq!((latest.len(), latest[0].number.as_str(), last.as_str()), (53, "2026-060", "2026-008"));
    let earlier: Vec<WeeklyHead> = desk.get(&format!("/api/weekly?before={last}")).await.json();
    assert_eq!(earlier.iter().map(|head| &head.number[5..]).collect::<String>(), "007006005004003002001");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_carries_what_the_dispatch_asked_the_press_and_the_photos_and_says_where_it_is_cut() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let [before, after] = [PhotoId([1; 32]), PhotoId([2; 32])];
    let pressed = |issue: &mut Issue| {
        (issue.state, issue.assignee, issue.due) = (State::Handling, Some(PersonId(1)), Some(now + -DAY));
        for (at, reason) in ["周五前清净", "周三前清净"].into_iter().enumerate() {
            let step = Step { reason: reason.into(), ..Step::new(PersonId(2), now, Action::Dispatch) };
            issue.steps.push(Entry { id: format!("sent{at:03}"), record: step });
        }
        let (level, by, due) = (SupervisionLevel::City, PersonId(2), Some(now + DAY));
        issue.supervision = Some(Supervision { level, number: "市督7".into(), by, at: now, due });
        for (thumb, stage) in [(before, Stage::Before), (after, Stage::After)] {
            let (by, mime, thumb) = (PersonId(1), "image/jpeg".into(), Some(thumb));
            let shot = Photo { stage, by, taken_at: now, w: 64, h: 48, size: 900, mime, thumb };
            issue.photos.insert(PhotoId([stage as u8 + 10; 32]), shot);
        }
    };
    generated_as(&server, 7, now, pressed).await;
    let head: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let path = format!("/api/weekly/{}/1", head.number);
    let notice: Notice = desk.get(&path).await.json();
    assert_eq!((notice.total, notice.entries.len()), (200, 200));
    let press = Some(Press { number: "市督7".into(), due: Some(now + DAY), shared: true });
    for entry in &notice.entries {
        assert_eq!((entry.demand.as_str(), &entry.press), ("周三前清净", &press));
        assert_eq!((entry.before, entry.after), (Some(before), Some(after)));
    }
    let more = "INSERT INTO weekly_entries (list, position, issue_id, assignee_id, state, due_at, supervision_level) SELECT list, position + $1, issue_id, assignee_id, state, due_at, \
                supervision_level FROM weekly_entries WHERE position <= 200";
    for further in [1000, 2000] {
        sqlx::query(more).bind(further).execute(&server.service.store).await.expect("more");
    }
    let notice: Notice = desk.get(&path).await.json();
    assert_eq!((notice.total, notice.entries.len()), (600, 500));

    // A list is printed with the same.
    let cadre = server.person("王建国", Role::Cadre, &[2]).await;
    let cadre = server.enrol(&cadre).await;
    for (device, zone) in [(&desk, None), (&cadre, Some(ZoneId(2)))] {
        let printed: Sheets = device.get("/api/sheets?state=handling").await.json();
        let page: IssuePage = device.get("/api/issues?state=handling").await.json();
        let tally: Tally = device.get("/api/tally?state=handling").await.json();
        assert_eq!((printed.total, printed.sheets.len() as u64), (tally.total, tally.total));
        assert!(page.rows.iter().zip(&printed.sheets).all(|(row, sheet)| *row == sheet.row) && !page.rows.is_empty());
        for sheet in &printed.sheets {
            assert!(zone.is_none_or(|zone| zone == sheet.row.zone));
            assert_eq!((sheet.demand.as_str(), sheet.before, sheet.after), ("周三前清净", Some(before), Some(after)));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notice_shows_what_was_answered_to_the_last_pressing() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let pressed = |issue: &mut Issue, acts: &[(Action, &str)]| {
        (issue.state, issue.assignee, issue.due) = (State::Handling, Some(PersonId(1)), Some(now + -DAY));
        issue.description = "沿墙堆放".repeat(100);
        for (at, (action, reason)) in acts.iter().enumerate() {
            let step = Step { reason: (*reason).into(), ..Step::new(PersonId(2), now, *action) };
            issue.steps.push(Entry { id: format!("press{at:03}"), record: step });
        }
    };
    let once = [(Action::Supervise, "快办"), (Action::Reply, "明天清运")];
    let twice = [once[0], once[1], (Action::Supervise, "还没办")];
    generated_as(&server, 7, now, |issue| pressed(issue, if issue.id.0[0] == 1 { &twice } else { &once })).await;
    let head: WeeklyHead = posted(&desk, "/api/weekly", &()).await;
    let notice: Notice = desk.get(&format!("/api/weekly/{}/1", head.number)).await.json();
    let reply = |number: u8| {
        let entry = notice.entries.iter().find(|entry| entry.now.id.0[0] == number).expect("on the notice");
        entry.reply.as_ref().map(|reply| (reply.by, reply.text.as_str()))
    };
    assert_eq!(reply(2), Some((PersonId(2), "明天清运")));
    assert_eq!(reply(1), None, "pressed again, and not yet answered");
    let asked_for = |number: u8| {
        let entry = notice.entries.iter().find(|entry| entry.now.id.0[0] == number).expect("on the notice");
        entry.pressed_for.as_str()
    };
    let whole = "沿墙堆放".repeat(100);
    assert!(notice.entries.iter().all(|entry| entry.description == whole), "on paper nothing is cut");
    let printed: Sheets = desk.get("/api/sheets?state=handling").await.json();
    assert!(!printed.sheets.is_empty() && printed.sheets.iter().all(|sheet| sheet.description == whole));
    assert_eq!([asked_for(1), asked_for(2)], ["还没办", "快办"], "what the last pressing asked for");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_next_number_of_a_year_and_level_is_the_first_after_the_last_and_asking_takes_none() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let year = Month::of(now).year;
    let next = async || desk.get("/api/supervision/next").await.json::<NextNumbers>();
    let expected = |office: &str, city: &str| NextNumbers {
        office: format!("街督{year}-{office}"),
        city: format!("市督{year}-{city}"),
    };
    assert_eq!((next().await, next().await), (expected("001", "001"), expected("001", "001")));
    let pressed = |issue: &mut Issue| {
        let (level, number) = match issue.id.0[0] {
            1 => (SupervisionLevel::Office, format!("街督{year}-009")),
            2 => (SupervisionLevel::Office, format!("街督{year}-004")),
            3 => (SupervisionLevel::Office, format!("街督{}-099", year - 1)),
            4 => (SupervisionLevel::City, format!("市督{year}-1200")),
            _ => (SupervisionLevel::City, "市创卫办 12 号".into()),
        };
        issue.supervision = Some(Supervision { level, number, by: PersonId(2), at: now, due: None });
    };
    generated_as(&server, 7, now, pressed).await;
    assert_eq!(next().await, expected("010", "1201"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_an_issue_once_had_is_proposed_to_no_other_when_the_issue_goes_to_the_city() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let year = Month::of(now).year;
    let pressed = |level, number: &str| {
        let supervision = Supervision { level, number: number.into(), by: PersonId(2), at: now, due: None };
        move |issue: &mut Issue| issue.supervision = (issue.id.0[0] == 1).then(|| supervision.clone())
    };
    let [office, city] = [format!("街督{year}-009"), format!("市督{year}-001")];
    generated_as(&server, 7, now, pressed(SupervisionLevel::Office, &office)).await;
    generated_as(&server, 7, now, pressed(SupervisionLevel::City, &city)).await;
    let next: NextNumbers = desk.get("/api/supervision/next").await.json();
    assert_eq!([next.office, next.city], [format!("街督{year}-010"), format!("市督{year}-002")]);
    let taken = async |number: &str, issue: u8| {
        let issue = IssueId([issue; 16]);
        let path = format!("/api/supervision/taken?number={}&issue={issue}", escaped(number));
        desk.get(&path).await.json::<TakenNumber>().by
    };
    for number in [&office, &city] {
        assert_eq!(taken(number, 2).await.as_deref(), Some("2026-0001"), "{number} is the first issue's");
        assert_eq!(taken(number, 1).await, None, "and may be written there again");
    }
    assert_eq!(taken("市创卫办 12 号", 2).await, None);
    let figures = |text: &str| text.replace('-', "－").replace("009", " ９");
    assert!(taken(&figures(&office), 2).await.is_some(), "however it is written");
}

/// Presses an open issue under this number.
fn press(by: PersonId, number: &str) -> Edit {
    let (level, at) = (SupervisionLevel::Office, system_clock());
    let supervision = Supervision { level, number: number.into(), by, at, due: None };
    step(by, Action::Supervise, State::Reported, None).with(Value::Supervision(Some(supervision)))
}

async fn taken(device: &TestDevice, number: &str, issue: IssueId) -> Option<String> {
    let path = format!("/api/supervision/taken?number={}&issue={issue}", escaped(number));
    device.get(&path).await.json::<TakenNumber>().by
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_app_asks_for_a_number_where_numbers_are_proposed_and_is_answered_as_ever() {
    let server = TestServer::start().await;
    let (desk, now) = (supervisor(&server).await, server.service.now());
    let pressed = |issue: &mut Issue| {
        if issue.id.0[0] == 1 {
            let (level, number) = (SupervisionLevel::Office, "街督2026-007".into());
            issue.supervision = Some(Supervision { level, number, by: PersonId(1), at: now, due: None });
        }
    };
    generated_as(&server, 7, now, pressed).await;
    let former = async |issue: u8| {
        let issue = IssueId([issue; 16]);
        let path = format!("/api/supervision/next?number={}&issue={issue}", escaped("街督2026-007"));
        desk.get(&path).await.json::<serde_json::Value>()
    };
    assert_eq!(former(2).await, serde_json::json!({"office": "", "city": "", "taken": "2026-0001"}));
    assert_eq!(former(1).await, serde_json::json!({"office": "", "city": "", "taken": null}));
    for nothing in ["", "?number=1", "?number=%20&issue=01010101-0101-0101-0101-010101010101"] {
        let answer = desk.get(&format!("/api/supervision/taken{nothing}")).await;
        assert_eq!(answer.problem().kind, ProblemKind::BadRequest, "{nothing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_was_replaced_before_it_was_sent_is_noted_all_the_same() {
    let server = TestServer::start().await;
    let person = server.person("指挥", Role::Supervisor, &[1]).await;
    let mut desk = Phone::new(server.enrol(&person).await, &person);
    let (issue, year) = (new_issue(), Month::of(server.service.now()).year);
    let [first, second] = [1, 2].map(|serial| format!("街督{year}-{serial:03}"));
    for edit in [report(person.id, 1, "门口"), press(person.id, &first), press(person.id, &second)] {
        desk.save(issue, edit).expect("saved");
    }
    assert_eq!((desk.sync().await, desk.refused().len()), (None, 0));
    assert!(taken(&desk.device, &first, new_issue()).await.is_some(), "it stands on paper");
    assert_eq!(desk.device.get("/api/supervision/next").await.json::<NextNumbers>().office, format!("街督{year}-003"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_two_desks_gave_while_neither_could_ask_is_told_to_them_until_one_issue_gets_another() {
    let server = TestServer::start().await;
    let (mut one, mut other) = {
        let people = [
            server.person("指挥", Role::Supervisor, &[1]).await,
            server.person("副指挥", Role::Supervisor, &[1]).await,
        ];
        let [one, other] = &people;
        (Phone::new(server.enrol(one).await, one), Phone::new(server.enrol(other).await, other))
    };
    let [first, second, third] = [new_issue(), new_issue(), new_issue()];
    for (issue, words) in [(second, "后巷"), (first, "门口"), (third, "桥下")] {
        one.save(issue, report(one.person.id, 1, words)).expect("saved");
    }
    assert_eq!((one.sync().await, other.sync().await), (None, None));
    one.save(first, press(one.person.id, "街督2026-007")).expect("saved");
    other.save(second, press(other.person.id, "街督２０２６－７")).expect("saved");
    one.save(third, press(one.person.id, "街督2026-8")).expect("saved");
    assert_eq!((one.sync().await, other.sync().await), (None, None));
    assert_eq!((one.refused().len(), other.refused().len()), (0, 0));
    let doubles = async |device: &TestDevice| {
        let board: Board = device.get("/api/board").await.json();
        assert_eq!(board.held, []);
        let ids = |one: Doubled| (one.number, one.issues.into_iter().map(|row| row.id).collect::<Vec<_>>());
        board.doubles.into_iter().map(ids).collect::<Vec<_>>()
    };
    let both = vec![("街督2026-007".to_owned(), vec![first, second])];
    assert_eq!(doubles(&one.device).await, both, "who had it first stands first");
    audit::rebuild(&server.service).await.expect("rebuilt");
    assert_eq!(doubles(&one.device).await, both);
    sqlx::query("DELETE FROM supervision_numbers").execute(&server.service.store).await.expect("lost");
    audit::rebuild(&server.service).await.expect("rebuilt");
    assert_eq!(doubles(&other.device).await, both);
    for (name, role, sees) in [("李梅", Role::Cadre, false), ("督查", Role::Inspector, true)] {
        let device = server.enrol(&server.person(name, role, &[1]).await).await;
        assert_eq!(doubles(&device).await == both, sees, "{name}");
        assert_eq!(doubles(&device).await.is_empty(), !sees, "{name}");
    }
    let head: WeeklyHead = posted(&one.device, "/api/weekly", &()).await;
    let notice: Notice = one.device.get(&format!("/api/weekly/{}/0", head.number)).await.json();
    let shared: BTreeMap<IssueId, bool> =
        notice.entries.into_iter().filter_map(|entry| Some((entry.now.id, entry.press?.shared))).collect();
    assert_eq!(shared, [(first, true), (second, true), (third, false)].into());
    // Without the other's pressing before its eyes the desk would write at once with it, and chance would decide whose number shows.
    assert_eq!(one.sync().await, None);
    one.save(second, press(one.person.id, "街督2026-9")).expect("saved");
    assert_eq!((one.sync().await, one.refused().len()), (None, 0));
    assert_eq!(doubles(&one.device).await, []);
    assert!(taken(&one.device, "街督2026-7", third).await.is_some(), "and nobody else gets it");
    assert!(taken(&one.device, "街督2026-7", first).await.is_some(), "the second issue had it");
    assert_eq!(doubles(&other.device).await, []);
}
