//! Rounds through zones (巡查) from outside: taken once, from whoever has the zone, and covering what they cover.

use xiaohao_server::service::directory;
use xiaohao_shared::api::{Indicators, PatrolTaken, Patrols, ProblemKind, SaveZone};
use xiaohao_shared::id::{IssueId, PatrolId, ZoneId};
use xiaohao_shared::model::indicator::Indicator;
use xiaohao_shared::model::patrol::{BANDS, Doubt, LONGEST, MOST_FOUND, Patrol};
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::sync::handover::{Heard, Maker, Records};
use xiaohao_shared::time::{DAY, Date, HOUR, MINUTE, Timestamp};
use xiaohao_tests::handover::{bring, file};
use xiaohao_tests::{TestDevice, TestServer, suite};

fn round(number: u8, zone: u32, from: Timestamp, length: i64) -> Patrol {
    let id = PatrolId(IssueId::new(from.0.unsigned_abs(), [number; 10]));
    Patrol { id, zone: ZoneId(zone), begun_at: from, ended_at: from + length, found: 2, skew: 0 }
}

async fn told(device: &TestDevice, patrol: &Patrol) -> PatrolTaken {
    let answer = device.post_json("/api/patrols", patrol).await;
    assert_eq!(answer.status, 200, "{:?}", String::from_utf8_lossy(&answer.body));
    answer.json()
}

async fn refused(device: &TestDevice, patrol: &Patrol) -> ProblemKind {
    device.post_json("/api/patrols", patrol).await.problem().kind
}

async fn of_days(device: &TestDevice, from: Date, to: Date, more: &str) -> Patrols {
    device.get(&format!("/api/patrols?from={from}&to={to}{more}")).await.json()
}

struct Office {
    server: TestServer,
    cadre: Person,
    phone: TestDevice,
    desk: TestDevice,
}

async fn office() -> Office {
    let server = TestServer::start().await;
    let cadre = server.person("王建国", Role::Cadre, &[1]).await;
    let desk = server.person("赵主任", Role::Supervisor, &[]).await;
    let (phone, desk) = (server.enrol(&cadre).await, server.enrol(&desk).await);
    Office { server, cadre, phone, desk }
}

/// Noon of the day before yesterday: every band of it is over.
fn noon(server: &TestServer) -> (Date, Timestamp) {
    let day = (server.service.now() + -2 * DAY).date();
    (day, day.start() + 12 * HOUR)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_is_told_twice_stands_once_as_it_was_told_first() {
    let Office { server, cadre, phone, desk } = office().await;
    let (day, noon) = noon(&server);
    let first = round(1, 1, noon, HOUR);
    let taken = told(&phone, &first).await;
    assert_eq!(told(&phone, &Patrol { found: 7, ..first }).await, taken);
    let found = of_days(&desk, day, day, "").await;
    assert_eq!((found.total, found.rounds.len()), (1, 1));
    let one = found.rounds[0];
    assert_eq!((one.patrol, one.person, one.received_at, one.doubt), (first, cadre.id, taken.received_at, None));
    // After a restart it still is one.
    let server = server.restart().await;
    let phone = phone.at(&server);
    assert_eq!(told(&phone, &first).await, taken);
    assert_eq!(of_days(&desk.at(&server), day, day, "").await.total, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn rounds_that_a_colleague_carries_stand_under_their_walkers_name_and_once() {
    let Office { server, cadre, phone, desk } = office().await;
    let (day, noon) = noon(&server);
    let courier = server.enrol(&server.person("李梅", Role::Cadre, &[2]).await).await;
    let [own, other] = [round(1, 1, noon, HOUR), round(2, 2, noon, HOUR)];
    let day_of = |device: &TestDevice, patrols: Vec<Patrol>| {
        let office = Some(directory::id(&server.service));
        let maker = Maker { office, device: device.device(), person: cadre.id, at: server.service.now() };
        file(&device.key, maker, &Records { pushes: vec![], patrols }, &[])
    };
    let carried = day_of(&phone, vec![own, other]);
    assert_eq!(
        bring(&courier, &carried).await.expect("taken in").patrols,
        [Heard::New, Heard::Refused],
        "not his zone"
    );
    assert_eq!(bring(&courier, &carried).await.expect("taken in").patrols, [Heard::Known, Heard::Refused]);
    told(&phone, &own).await;
    let found = of_days(&desk, day, day, "").await;
    assert_eq!((found.total, found.rounds[0].patrol, found.rounds[0].person), (1, own, cadre.id));
    // Of a phone that is out of service by then it is on the books and counts for nothing.
    directory::revoke(&server.service, phone.device()).await.expect("revoked");
    let late = round(3, 1, noon + 2 * HOUR, HOUR);
    assert_eq!(bring(&courier, &day_of(&phone, vec![late])).await.expect("taken in").patrols, [Heard::New]);
    let doubts: Vec<_> = of_days(&desk, day, day, "").await.rounds.iter().map(|round| round.doubt).collect();
    assert_eq!(doubts, [Some(Doubt::Stopped), None]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_is_walked_in_ones_own_zones_and_under_ones_own_name() {
    let Office { server, cadre, phone, desk } = office().await;
    let (_, noon) = noon(&server);
    assert_eq!(refused(&phone, &round(1, 2, noon, HOUR)).await, ProblemKind::Forbidden);
    assert_eq!(refused(&phone, &round(1, 77, noon, HOUR)).await, ProblemKind::BadRequest);
    let admin = server.person("管理员", Role::Administrator, &[]).await;
    assert_eq!(refused(&server.enrol(&admin).await, &round(1, 1, noon, HOUR)).await, ProblemKind::Forbidden);
    // An inspector walks anywhere, but not under the name of somebody else's round.
    told(&phone, &round(1, 1, noon, HOUR)).await;
    let inspector = server.enrol(&server.person("督查", Role::Inspector, &[]).await).await;
    told(&inspector, &round(2, 2, noon, HOUR)).await;
    assert_eq!(refused(&inspector, &round(1, 1, noon, HOUR)).await, ProblemKind::Conflict);
    // Who lost the zone while he was offline did walk it.
    let zones = vec![ZoneId(3)];
    let moved = xiaohao_shared::api::SavePerson {
        id: Some(cadre.id),
        name: cadre.name.clone(),
        role: cadre.role,
        zones,
        active: true,
    };
    xiaohao_server::service::directory::put_person(&server.service, moved).await.expect("moved");
    told(&phone, &round(3, 1, noon + 2 * HOUR, HOUR)).await;
    told(&phone, &round(4, 3, noon + 4 * HOUR, HOUR)).await;
    let day = noon.date();
    assert_eq!(of_days(&desk, day, day, "").await.total, 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_that_cannot_have_been_is_refused_and_bytes_that_are_none_are_not_read() {
    let Office { server, phone, .. } = office().await;
    let (_, noon) = noon(&server);
    let good = round(1, 1, noon, HOUR);
    let bad = [
        Patrol { ended_at: noon, ..good },
        Patrol { ended_at: noon + -1, ..good },
        Patrol { ended_at: noon + LONGEST + 1, ..good },
        Patrol { begun_at: Timestamp(i64::MIN), ended_at: Timestamp(i64::MAX), ..good },
        Patrol { found: MOST_FOUND + 1, ..good },
    ];
    for bad in bad {
        assert_eq!(refused(&phone, &bad).await, ProblemKind::BadRequest, "{bad:?}");
    }
    assert_eq!(phone.post("/api/patrols", *b"{}").await.problem().kind, ProblemKind::BadRequest);
    assert_eq!(phone.post("/api/patrols", vec![b' '; 70_000]).await.problem().kind, ProblemKind::TooLarge);
    assert_eq!(server.stranger().post_json("/api/patrols", &good).await.status, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_shown_and_covers_nothing_unless_the_phone_has_learned_how_wrong_it_was() {
    let Office { server, phone, desk, .. } = office().await;
    let (day, noon) = noon(&server);
    let year = 365 * DAY;
    let future = round(1, 1, server.service.now(), HOUR);
    let absurd = Patrol {
        begun_at: Timestamp(i64::MAX - 1),
        ended_at: Timestamp(i64::MAX),
        skew: i64::MAX,
        ..round(2, 1, noon, HOUR)
    };
    let mended = Patrol { skew: year, ..round(3, 1, noon + -year, HOUR) };
    for patrol in [future, absurd, mended] {
        told(&phone, &patrol).await;
    }
    let found = of_days(&desk, day, server.service.now().date().next(), "").await;
    let doubts: Vec<_> = found.rounds.iter().map(|round| (round.patrol.id, round.doubt)).collect();
    assert_eq!(doubts, [(future.id, Some(Doubt::Clock)), (mended.id, None)]);
    assert_eq!(found.rounds[1].patrol.span().from, noon);
    let zone = found.zones.iter().find(|zone| zone.zone == ZoneId(1)).unwrap();
    assert_eq!((zone.rounds, zone.found, zone.covered), (1, 2, [0, 0, 0, 1, 0, 0]));
    assert_eq!((zone.doubtful, found.total), (1, 2), "the list has it, and the count says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_of_a_device_out_of_service_is_kept_and_counts_for_nothing() {
    let Office { server, phone, desk, .. } = office().await;
    let (day, noon) = noon(&server);
    let admin = server.person("管理员", Role::Administrator, &[]).await;
    let admin = server.enrol(&admin).await;
    admin.post(&format!("/api/admin/devices/{}/revoke", phone.device()), vec![]).await;
    told(&phone, &round(1, 1, noon, HOUR)).await;
    let found = of_days(&desk, day, day, "").await;
    assert_eq!(found.rounds[0].doubt, Some(Doubt::Stopped));
    assert!(found.zones.iter().all(|zone| zone.rounds == 0 && zone.covered == [0; BANDS]));
    assert_eq!(found.zones.iter().map(|zone| zone.doubtful).sum::<u64>(), 1);
    assert_eq!(
        phone.get(&format!("/api/patrols?from={day}&to={day}")).await.problem().kind,
        ProblemKind::DeviceRevoked
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn coverage_is_by_zone_and_band_and_rounds_of_one_cell_are_found_again() {
    let Office { server, phone, desk, .. } = office().await;
    let (day, noon) = noon(&server);
    // Two short ones add up, one across the end of the band does too, and midnight is no border.
    told(&phone, &round(1, 1, noon, 6 * MINUTE)).await;
    told(&phone, &Patrol { found: 0, ..round(2, 1, noon + HOUR, 6 * MINUTE) }).await;
    told(&phone, &round(3, 1, noon + 4 * HOUR + -5 * MINUTE, 10 * MINUTE)).await;
    told(&phone, &round(4, 1, noon + 11 * HOUR, 2 * HOUR)).await;
    let found = of_days(&desk, day, day, "").await;
    let zone = found.zones.iter().find(|zone| zone.zone == ZoneId(1)).unwrap();
    assert_eq!((zone.due, zone.covered), ([0, 0, 0, 1, 1, 1], [0, 0, 0, 1, 0, 1]));
    assert_eq!((zone.rounds, zone.found, zone.walked), (4, 6, 22 * MINUTE + 2 * HOUR));
    assert!(found.zones.len() > 1 && found.zones.iter().all(|other| other.zone == zone.zone || other.rounds == 0));
    let numbers = |found: &Patrols| found.rounds.iter().map(|round| round.patrol.id.0.0[15]).collect::<Vec<_>>();
    assert_eq!(numbers(&found), [4, 3, 2, 1]);
    assert_eq!(numbers(&of_days(&desk, day, day, "&zone=1&band=4").await), [3]);
    assert_eq!(numbers(&of_days(&desk, day, day, "&band=0").await), Vec::<u8>::new(), "that is the next day's");
    assert_eq!(numbers(&of_days(&desk, day.next(), day.next(), "&band=0").await), [4]);
    assert_eq!(numbers(&of_days(&desk, day, day, "&zone=2").await), Vec::<u8>::new());
    let book = desk.get(&format!("/api/patrols/book?from={day}&to={day}")).await;
    assert!(book.status == 200 && book.body.starts_with(b"PK"), "{}", book.status);
    let flat = suite::read("rounds.xlsx", &book.body, "fods");
    assert_eq!(flat.matches(">王建国<").count(), found.rounds.len());
    assert!(flat.contains(r#"table:display-filter-buttons="true""#), "its columns can be filtered by");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_round_over_midnight_is_counted_once_where_it_was_opened_and_covers_both_days() {
    let Office { server, phone, desk, .. } = office().await;
    let (day, noon) = noon(&server);
    told(&phone, &Patrol { found: 3, ..round(1, 1, noon + 11 * HOUR, 2 * HOUR) }).await;
    let tally = async |from, to| {
        let found = of_days(&desk, from, to, "").await;
        let zone = *found.zones.iter().find(|zone| zone.zone == ZoneId(1)).expect("the zone");
        assert_eq!(found.total, zone.rounds, "the list agrees with the count");
        (zone.rounds, zone.found, zone.walked, zone.covered[0] + zone.covered[5])
    };
    assert_eq!(tally(day, day).await, (1, 3, 2 * HOUR, 1));
    assert_eq!(tally(day.next(), day.next()).await, (0, 0, 0, 1));
    assert_eq!(tally(day, day.next()).await, (1, 3, 2 * HOUR, 2));
    assert_eq!(of_days(&desk, day.next(), day.next(), "&band=0").await.total, 1, "who covered it is found");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coverage_of_a_month_is_an_indicator_and_no_number_before_the_first_round() {
    let Office { server, phone, desk, .. } = office().await;
    let last = Month::of(Month::of(server.service.now()).start() + -1);
    let indicators = async || desk.get(&format!("/api/indicators?month={last}")).await.json::<Indicators>();
    assert_eq!(indicators().await.whole.value(Indicator::PatrolCoverage, last.end()), None);
    told(&phone, &round(1, 1, last.start() + 8 * HOUR, 8 * HOUR)).await;
    let found = indicators().await;
    let days = (last.end() - last.start()) / DAY;
    let zones = found.zones.len() as i64;
    // The first two bands of the month were over before anybody patrolled.
    let due = days * BANDS as i64 - 2;
    assert_eq!((found.whole.bands_covered, found.whole.bands_due), (2, (zones * due) as u64));
    let own = found.zones.iter().find(|zone| zone.zone == ZoneId(1)).unwrap();
    assert_eq!(own.figures.value(Indicator::PatrolCoverage, last.end()), Some(2.0 / due as f64));
    let admin = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let wish = SaveZone { id: None, name: "新片区".into(), code: "099".into(), bearers: None };
    assert_eq!(admin.post_json("/api/admin/zones", &wish).await.status, 200);
    let whole = indicators().await.whole;
    assert_eq!(
        (whole.bands_covered, whole.bands_due),
        (2, (zones * due) as u64),
        "nobody patrols what is not there yet"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_rounds_of_the_office_are_read_by_the_desk_and_a_question_that_makes_no_sense_is_refused() {
    let Office { server, phone, desk, .. } = office().await;
    let (day, _) = noon(&server);
    for path in ["/api/patrols", "/api/patrols/book"] {
        let asked = |from: Date, to: Date, more: &str| format!("{path}?from={from}&to={to}{more}");
        assert_eq!(phone.get(&asked(day, day, "")).await.problem().kind, ProblemKind::Forbidden);
        let nonsense =
            [asked(day.next(), day, ""), asked(Date(day.0 - 93), day, ""), asked(day, day, "&band=6"), path.into()];
        for question in nonsense {
            assert_eq!(desk.get(&question).await.problem().kind, ProblemKind::BadRequest, "{question}");
        }
        let inspector = server.enrol(&server.person("督查", Role::Inspector, &[]).await).await;
        assert_eq!(inspector.get(&asked(day, day, "")).await.status, 200);
    }
}
