//! The invented past of each issue: who reported, filed, dispatched, rectified and checked it, over the last month.

use base64ct::{Base64UrlUnpadded, Encoding};
use std::collections::BTreeMap;

use xiaohao_shared::doc::{Document, Edit, Report, value::Value};
use xiaohao_shared::id::{Actor, IssueId, PhotoId, ZoneId};
use xiaohao_shared::model::calendar::Calendar;
use xiaohao_shared::model::catalogue::{CATALOGUE, KindInfo, PlaceType, limit};
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{
    Fix, FixSource, Photo, Place, Remark, Role, Severity, Step, Supervision, SupervisionLevel,
};
use xiaohao_shared::sync::wire::Push;
use xiaohao_shared::time::{DAY, HOUR, MINUTE, Timestamp};

use super::chance;
use super::pictures::Pair;
use crate::service::directory::Caller;

const ROADS: [&str; 10] =
    ["解放路", "人民路", "建设街", "和平巷", "胜利路", "朝阳街", "福寿里", "柳荫街", "滨河路", "学府路"];
const SPOTS: [&str; 8] =
    ["东门口", "菜市场后巷", "公交站台旁", "二号楼楼下", "配电房外墙", "河道护栏边", "学校门前", "垃圾房北侧"];

pub struct Story<'a> {
    now: Timestamp,
    days: u32,
    staff: &'a [(Role, Caller)],
    pictures: &'a [Pair],
    number: u64,
    draws: u64,
}

/// An issue while its past is told.
struct Told<'a> {
    id: IssueId,
    document: Document,
    at: Timestamp,
    pushes: Vec<(&'a Caller, Vec<Push>)>,
}

impl<'a> Story<'a> {
    pub fn new(now: Timestamp, days: u32, staff: &'a [(Role, Caller)], pictures: &'a [Pair]) -> Self {
        Self { now, days, staff, pictures, number: 0, draws: 0 }
    }

    /// The pages that bring the issue's past, in order.
    pub fn issue(&mut self, number: usize) -> Vec<(&'a Caller, Vec<Push>)> {
        (self.number, self.draws) = (number as u64, 0);
        let age = HOUR + (self.draw() % (u64::from(self.days) * 24)) as i64 * HOUR + (self.draw() % 60) as i64 * MINUTE;
        let at = self.now + -age;
        let mut random = [0; 10];
        random[..8].copy_from_slice(&self.draw().to_be_bytes());
        let id = IssueId::new(at.0.unsigned_abs(), random);
        let mut told = Told { id, document: Document::default(), at, pushes: Vec::new() };
        self.tell(&mut told);
        told.pushes
    }

    fn tell(&mut self, told: &mut Told<'a>) {
        let info = self.kind();
        let reporter = self.somebody(Role::Cadre);
        let pair = &self.pictures[self.draw() as usize % self.pictures.len()];
        self.report(told, reporter, info, pair);
        let goal = self.draw() % 100;
        if goal < 8 {
            return self.fix_on_spot(told, reporter, pair);
        }
        let desk = self.somebody(Role::Supervisor);
        if goal < 18 {
            return;
        }
        if goal < 21 {
            return self.step(told, desk, Action::Void, State::Reported, State::Void, |step| {
                "重复上报，已有同一问题".clone_into(&mut step.reason);
            });
        }
        self.step(told, desk, Action::File, State::Reported, State::Filed, |_| {});
        if goal < 28 {
            return;
        }
        let worker = self.dispatch(told, desk, info);
        if goal < 38 {
            return;
        }
        self.rectify(told, desk, worker, reporter, pair, goal);
    }

    fn rectify(
        &mut self,
        told: &mut Told<'a>,
        desk: &'a Caller,
        worker: &'a Caller,
        reporter: &'a Caller,
        pair: &Pair,
        goal: u64,
    ) {
        self.step(told, worker, Action::Start, State::Dispatched, State::Handling, |_| {});
        if goal.is_multiple_of(5) {
            self.remark(told, worker, "已电话通知物业负责人，材料明天到位。");
        }
        match goal {
            0..50 => return self.ask_or_press(told, worker, goal),
            50..53 => {
                return self.suspend(told, desk);
            }
            _ => {}
        }
        self.hand_in(told, worker, pair, State::Handling);
        let checker = if goal.is_multiple_of(2) { self.somebody(Role::Inspector) } else { reporter };
        let checker = if checker.person.id == worker.person.id { desk } else { checker };
        match goal {
            53..63 => {}
            63..67 => self.send_back(told, checker),
            67..72 => {
                self.send_back(told, checker);
                self.hand_in(told, worker, pair, State::Rework);
                self.step(told, checker, Action::Close, State::ToCheck, State::Closed, |_| {});
            }
            _ => self.step(told, checker, Action::Close, State::ToCheck, State::Closed, |_| {}),
        }
    }

    fn suspend(&mut self, told: &mut Told<'a>, desk: &'a Caller) {
        told.at = told.at + 2 * HOUR;
        let until = Some(told.at.min(self.now) + 180 * DAY);
        let step = Step {
            reason: "待整体拆迁，列入挂账".into(), until, ..self.new_step(told, desk, Action::Suspend)
        };
        let step = Step { from: Some(State::Handling), to: Some(State::Suspended), ..step };
        let edit = Edit::step(self.record_id(), step).with(Value::Due(until));
        self.push(told, desk, edit);
    }

    fn send_back(&mut self, told: &mut Told<'a>, checker: &'a Caller) {
        self.step(told, checker, Action::Rework, State::ToCheck, State::Rework, |step| {
            "清理不彻底，墙根仍有残留".clone_into(&mut step.reason);
        });
    }

    fn ask_or_press(&mut self, told: &mut Told<'a>, worker: &'a Caller, goal: u64) {
        if goal.is_multiple_of(2) {
            let inspector = self.somebody(Role::Inspector);
            let (at, number) = (told.at, self.number);
            let step = Step {
                reason: "群众多次反映，限期整改".into(),
                ..self.new_step(told, inspector, Action::Supervise)
            };
            let supervision = Supervision {
                level: SupervisionLevel::Office,
                number: format!("督{:04}", number + 1),
                by: inspector.person.id,
                at,
                due: Some(at + 3 * DAY),
            };
            let step = Step { from: Some(State::Handling), to: None, ..step };
            let edit = Edit::step(self.record_id(), step).with(Value::Supervision(Some(supervision)));
            self.push(told, inspector, edit);
        } else {
            let due = told.document.read(told.id).ok().and_then(|issue| issue.due);
            let until = Some(due.unwrap_or(told.at) + 5 * DAY);
            let step = Step { from: Some(State::Handling), until, ..self.new_step(told, worker, Action::AskExtension) };
            let step = Step { reason: "连续降雨，申请顺延".into(), ..step };
            let edit = Edit::step(self.record_id(), step);
            self.push(told, worker, edit);
        }
    }

    fn report(&mut self, told: &mut Told<'a>, by: &'a Caller, info: &KindInfo, pair: &Pair) {
        let zones: Vec<_> = by.person.zones.iter().copied().collect();
        let zone = zones[self.draw() as usize % zones.len()];
        let (road, spot) = (pick(&ROADS, self.draw()), pick(&SPOTS, self.draw()));
        let house = 1 + self.draw() % 200;
        let place =
            Place { address: format!("{road}{house}号"), landmark: spot.into(), fix: Some(self.fix(zone.0, told.at)) };
        let place_type = PlaceType::ALL[self.draw() as usize % PlaceType::ALL.len()];
        let severity = if self.draw().is_multiple_of(7) { Severity::Urgent } else { Severity::Ordinary };
        let description = format!("{road}{spot}发现{}，{}。", info.zh, pick(&DETAILS, self.draw()));
        let photos = self.photo(&pair.before, by, told.at);
        let report = Report { zone, kind: info.kind, place_type, description, place, severity, photos };
        let edit = Edit::report(self.record_id(), by.person.id, told.at, report);
        self.push(told, by, edit);
    }

    fn fix_on_spot(&mut self, told: &mut Told<'a>, by: &'a Caller, pair: &Pair) {
        told.at = told.at + 6 * MINUTE;
        let photos = self.photo(&pair.after, by, told.at);
        let step = self.new_step(told, by, Action::FixOnSpot);
        let step = Step { from: Some(State::Reported), to: Some(State::Closed), ..step };
        let edit = Edit::step(self.record_id(), step).with_photos(photos);
        self.push(told, by, edit);
    }

    fn dispatch(&mut self, told: &mut Told<'a>, desk: &'a Caller, info: &KindInfo) -> &'a Caller {
        let zone = told.document.read(told.id).map_or(ZoneId(0), |issue| issue.zone);
        let near = |caller: &&Caller| caller.person.zones.contains(&zone);
        let cadres: Vec<&Caller> =
            self.staff.iter().filter(|(role, _)| *role == Role::Cadre).map(|(_, caller)| caller).filter(near).collect();
        let worker = cadres[self.draw() as usize % cadres.len()];
        told.at = told.at + HOUR;
        let due = Calendar::default().deadline(told.at, limit(info.kind, Severity::Ordinary));
        let step = self.new_step(told, desk, Action::Dispatch);
        let step = Step { from: Some(State::Filed), to: Some(State::Dispatched), until: Some(due), ..step };
        let edit = Edit::step(self.record_id(), step)
            .with(Value::Assignee(Some(worker.person.id)))
            .with(Value::Due(Some(due)));
        self.push(told, desk, edit);
        worker
    }

    fn hand_in(&mut self, told: &mut Told<'a>, by: &'a Caller, pair: &Pair, from: State) {
        told.at = told.at + 3 * HOUR;
        let photos = self.photo(&pair.after, by, told.at);
        let known =
            told.document.read(told.id).is_ok_and(|issue| photos.keys().all(|id| issue.photos.contains_key(id)));
        let step = Step { from: Some(from), to: Some(State::ToCheck), ..self.new_step(told, by, Action::HandIn) };
        let edit = Edit::step(self.record_id(), step);
        let edit = if known { edit } else { edit.with_photos(photos) };
        self.push(told, by, edit);
    }

    fn step(
        &mut self,
        told: &mut Told<'a>,
        by: &'a Caller,
        action: Action,
        from: State,
        to: State,
        more: impl FnOnce(&mut Step),
    ) {
        told.at = told.at + 2 * HOUR;
        let mut step = Step { from: Some(from), to: Some(to), ..self.new_step(told, by, action) };
        more(&mut step);
        let edit = Edit::step(self.record_id(), step);
        self.push(told, by, edit);
    }

    fn remark(&mut self, told: &mut Told<'a>, by: &'a Caller, text: &str) {
        let remark = Remark::new(by.person.id, told.at, text.into());
        let edit = Edit::remark(self.record_id(), remark);
        self.push(told, by, edit);
    }

    fn new_step(&self, told: &Told<'a>, by: &Caller, action: Action) -> Step {
        Step::new(by.person.id, told.at.min(self.now), action)
    }

    fn push(&mut self, told: &mut Told<'a>, by: &'a Caller, edit: Edit) {
        let actor = Actor { device: by.device, nonce: self.draw() };
        if let Ok(change) = told.document.edit(actor, &edit) {
            told.pushes.push((by, vec![Push { issue: told.id, change: change.bytes }]));
        }
    }

    fn photo(&self, picture: &(PhotoId, Photo), by: &Caller, at: Timestamp) -> BTreeMap<PhotoId, Photo> {
        let photo = Photo { by: by.person.id, taken_at: at, ..picture.1.clone() };
        BTreeMap::from([(picture.0, photo)])
    }

    fn fix(&mut self, zone: u32, at: Timestamp) -> Fix {
        // In degrees, within the cell that `ground` draws the zone around.
        let spread = |random: u64| 0.001 + (random % 8_000) as f64 / 1_000_000.0;
        let (north, east) = (spread(self.draw()), spread(self.draw()));
        Fix {
            lat: 30.55 + f64::from(zone / 4) * 0.01 + north,
            lon: 114.30 + f64::from(zone % 4) * 0.01 + east,
            accuracy_m: 5.0 + (self.draw() % 40) as f64,
            datum: "wgs84".into(),
            source: FixSource::Gps,
            fixed_at: at,
        }
    }

    /// Mostly what stands on the tiles.
    fn kind(&mut self) -> &'static KindInfo {
        let tiles = if self.draw().is_multiple_of(5) { CATALOGUE.len() } else { 12 };
        &CATALOGUE[self.draw() as usize % tiles]
    }

    fn somebody(&mut self, role: Role) -> &'a Caller {
        let of_role: Vec<&Caller> =
            self.staff.iter().filter(|(found, _)| *found == role).map(|(_, caller)| caller).collect();
        of_role[self.draw() as usize % of_role.len()]
    }

    fn record_id(&mut self) -> String {
        Base64UrlUnpadded::encode_string(&self.draw().to_be_bytes()[..6])
    }

    fn draw(&mut self) -> u64 {
        self.draws += 1;
        chance("story", self.number * 1_000 + self.draws)
    }
}

const DETAILS: [&str; 6] =
    ["影响通行", "气味较大，居民反映强烈", "面积约十平方米", "已持续三四天", "雨后更明显", "刚清理又出现"];

fn pick<'t>(texts: &[&'t str], random: u64) -> &'t str {
    texts[random as usize % texts.len()]
}
