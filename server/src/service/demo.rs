//! An invented office to try things in: zones, people and issues with photos, brought in by the same pages as real ones.
//! The same numbers give the same office; nothing here is used by a real one.

mod ground;
mod pictures;
mod story;

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use xiaohao_shared::api::SavePerson;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::id::{DeviceId, PersonId, ZoneId};
use xiaohao_shared::model::{Bearer, Person, Role, Zone};
use xiaohao_shared::sync::wire::{Push, Request, Verdict};

use super::directory::{self, Caller};
use super::{Service, ServiceError, enrolment, outlines, sync};
use crate::store::{devices, people};

pub struct Options {
    /// The address that goes before the printed codes.
    pub origin: String,
    pub issues: usize,
    /// Days of the past in which they were reported, at least one.
    pub days: u32,
}

const ZONES: [&str; 12] = [
    "解放路片区",
    "建设街片区",
    "福寿里片区",
    "柳荫街片区",
    "北门街片区",
    "滨河片区",
    "农贸市场片区",
    "站前片区",
    "学府片区",
    "南大街片区",
    "城东村片区",
    "水岸片区",
];

const CADRES: [&str; 22] = [
    "王建国",
    "李秀英",
    "张伟",
    "刘芳",
    "陈静",
    "杨洋",
    "赵磊",
    "黄敏",
    "周涛",
    "吴桂兰",
    "徐勇",
    "孙丽",
    "马超",
    "朱红梅",
    "胡军",
    "郭海燕",
    "何志强",
    "高文",
    "林晨",
    "罗兰",
    "梁平",
    "宋佳",
];
const INSPECTORS: [&str; 3] = ["督查甲", "督查乙", "督查丙"];
const SUPERVISORS: [&str; 4] = ["指挥长老郑", "调度小许", "调度小韩", "调度小冯"];

/// Fills an empty office; refuses one that has zones already. Gives the text that the operator reads.
pub async fn seed(service: &Service, options: Options) -> Result<String, ServiceError> {
    if !people::zones(&service.store).await?.is_empty() {
        return Err(ServiceError::Conflict(Reason::OfficeNotEmpty));
    }
    directory::set_name(service, "示范街道创卫办").await?;
    let zones: Vec<Zone> = ZONES.iter().zip(1..).map(|(name, id)| zone(name, id)).collect();
    directory::save_zones(service, &zones).await?;
    let outlines = zones.iter().map(|zone| ground::outline(zone.id.0)).collect::<Result<Vec<_>, _>>();
    outlines::put(service, &outlines.map_err(ServiceError::unwritable)?).await?;
    let staff = staff(service).await?;
    directory::save_zones(service, &zones.into_iter().map(|zone| borne(zone, &staff)).collect::<Vec<_>>()).await?;
    let pictures = pictures::store(service, staff[0].1.device).await?;
    let mut story = story::Story::new(service.now(), options.days, &staff, &pictures);
    for number in 0..options.issues {
        for (caller, push) in story.issue(number) {
            bring(service, caller, push).await?;
        }
    }
    welcome(service, &staff, &options.origin).await
}

fn zone(name: &str, id: u32) -> Zone {
    Zone { id: ZoneId(id), name: name.into(), code: format!("4201020010{id:02}"), bearers: Vec::new() }
}

/// 联合包保: a leader for the whole of it, and those who work there.
fn borne(zone: Zone, staff: &[(Role, Caller)]) -> Zone {
    let of = |role: Role| staff.iter().filter(move |(other, _)| *other == role).map(|(_, caller)| &caller.person);
    let at = zone.id.0 as usize;
    let leader = of(Role::Supervisor).cycle().nth(at).map(|person| (person, "领导包片"));
    let department = of(Role::Inspector).cycle().nth(at).map(|person| (person, "部门包点"));
    let cadres = of(Role::Cadre).filter(|person| person.zones.contains(&zone.id)).map(|person| (person, "干部包户"));
    let bearers = leader.into_iter().chain(department).chain(cadres);
    let bearers = bearers.map(|(person, part)| Bearer { person: person.id, part: part.into() }).collect();
    Zone { bearers, ..zone }
}

/// Everybody with a device, so that the invented past has authors.
async fn staff(service: &Service) -> Result<Vec<(Role, Caller)>, ServiceError> {
    let all: Vec<ZoneId> = (1..=ZONES.len() as u32).map(ZoneId).collect();
    let cadres = CADRES.iter().enumerate().map(|(at, name)| {
        let own = [at % ZONES.len(), (at + 5) % ZONES.len()].map(|zone| ZoneId(zone as u32 + 1));
        (*name, Role::Cadre, own.to_vec())
    });
    let inspectors = INSPECTORS.iter().map(|name| (*name, Role::Inspector, all.clone()));
    let supervisors = SUPERVISORS.iter().map(|name| (*name, Role::Supervisor, all.clone()));
    let mut staff = Vec::new();
    for (name, role, zones) in cadres.chain(inspectors).chain(supervisors).collect::<Vec<_>>() {
        let wish = SavePerson { id: None, name: name.into(), role, zones, active: true };
        let id = directory::put_person(service, wish).await?;
        staff.push((role, device(service, id).await?));
    }
    let wish =
        SavePerson { id: None, name: "系统管理员".into(), role: Role::Administrator, zones: vec![], active: true };
    directory::put_person(service, wish).await?;
    Ok(staff)
}

/// A device whose key nobody has: it wrote the past and can write nothing any more.
async fn device(service: &Service, id: PersonId) -> Result<Caller, ServiceError> {
    let mut tx = service.write().await?;
    let now = service.now();
    let device: DeviceId = enrolment::new_device(&mut tx, id, &[], "演示数据", now).await?;
    devices::revoke(&mut tx, device, now).await?;
    let person: Person = people::find(&mut tx, id).await?.ok_or(ServiceError::NotFound)?;
    tx.commit().await?;
    Ok(Caller { device, person })
}

/// Pushes one page the way a phone does. An invented change that is refused is a mistake in the story.
async fn bring(service: &Service, caller: &Caller, pushes: Vec<Push>) -> Result<(), ServiceError> {
    let request = Request {
        log: None,
        process: 0,
        unsent: 0,
        page_bytes: 0,
        scopes: Vec::new(),
        pushes,
        want: Vec::new(),
        heal: Vec::new(),
        repair: None,
        held: None,
        turn: None,
        condition: None,
    };
    let verdicts = sync::push_only(service, caller, &request).await?;
    match verdicts.into_iter().find(|verdict| !matches!(verdict, Verdict::Accepted { .. })) {
        None => Ok(()),
        Some(verdict) => {
            tracing::error!(?verdict, "the demo wrote something forbidden");
            Err(ServiceError::invalid("the demo wrote something forbidden"))
        }
    }
}

async fn welcome(service: &Service, staff: &[(Role, Caller)], origin: &str) -> Result<String, ServiceError> {
    let mut text = format!("{} zones, {} people; codes for 24 hours:\n", ZONES.len(), staff.len() + 1);
    let admin = directory::find_person(service, "系统管理员").await?;
    let find = |name: &str| staff.iter().map(|(_, caller)| &caller.person).find(|person| person.name == name);
    let shown = [CADRES[0], CADRES[12], INSPECTORS[0], SUPERVISORS[0]].into_iter().filter_map(find);
    for person in shown.chain([&admin]) {
        let invite = enrolment::issue_code(service, person.id, origin).await?;
        let role = format!("{:?}", person.role).to_lowercase();
        let _ = writeln!(text, "  {role:<14} {}  {}  {}", invite.code, invite.link, person.name);
    }
    Ok(text)
}

/// Repeatable chance: bytes of SHA-256 over a label and a number.
fn chance(label: &str, number: u64) -> u64 {
    let digest = Sha256::new_with_prefix(label).chain_update(number.to_be_bytes()).finalize();
    u64::from_be_bytes([digest[0], digest[1], digest[2], digest[3], digest[4], digest[5], digest[6], digest[7]])
}
