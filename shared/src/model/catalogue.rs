//! The issue catalogue and the place types as data (domain.md section 3): what can be wrong, where, and how long it may take.
//! Codes are data, never constants of the program: an unknown code from a newer catalogue is carried and shown as it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Severity;

/// A class of issue: the edition of the standard and the code in it, written `2026/06010`.
/// A class code, not an instance (domain.md section 1.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Kind {
    pub edition: u16,
    pub code: u32,
}

/// GB/T 47678.5-2026, in force since 2026-07-01.
pub const EDITION: u16 = 2026;

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{:05}", self.edition, self.code)
    }
}

impl FromStr for Kind {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parse = || {
            let (edition, code) = text.split_once('/')?;
            Some(Self { edition: edition.parse().ok()?, code: code.parse().ok()? })
        };
        parse().filter(|kind| kind.to_string() == text).ok_or_else(|| "not a kind like 2026/06010".into())
    }
}

impl Serialize for Kind {
    fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
    }
}

/// How a limit is counted (domain.md section 2.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LimitUnit {
    /// 紧急工作时: runs day and night.
    EmergencyHour,
    /// 工作时: runs in office hours only.
    WorkingHour,
    /// 工作日
    WorkingDay,
    /// 自然日
    CalendarDay,
}

impl LimitUnit {
    pub const ALL: [Self; 4] = [Self::EmergencyHour, Self::WorkingHour, Self::WorkingDay, Self::CalendarDay];
}

/// The time that an issue of a kind may take, once it is dispatched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Limit {
    pub amount: u32,
    pub unit: LimitUnit,
}

/// One line of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KindInfo {
    pub kind: Kind,
    pub zh: &'static str,
    pub en: &'static str,
    /// What people call it in daily speech; searched together with the names.
    pub aliases: &'static str,
    /// Our own extension, without a national code.
    pub local: bool,
    pub limit: Limit,
    /// When it counts as done (结案条件).
    pub close_when_zh: &'static str,
    pub close_when_en: &'static str,
    /// Metres within which another one is probably the same.
    pub near_m: u16,
    /// Its place among the big tiles of the report page, if it has one.
    pub tile: Option<u8>,
}

use LimitUnit::{CalendarDay, WorkingDay, WorkingHour};

#[expect(clippy::too_many_arguments, reason = "one row of a table, read by column")]
const fn row(
    code: u32,
    zh: &'static str,
    en: &'static str,
    aliases: &'static str,
    amount: u32,
    unit: LimitUnit,
    close_when_zh: &'static str,
    close_when_en: &'static str,
    tile: u8,
) -> KindInfo {
    KindInfo {
        kind: Kind { edition: EDITION, code },
        zh,
        en,
        aliases,
        local: code % 1000 >= 900,
        limit: Limit { amount, unit },
        close_when_zh,
        close_when_en,
        near_m: near_m(code),
        tile: if tile > 0 { Some(tile) } else { None },
    }
}

/// A stall is here or there; a street, a market or a river is dirty over some length.
const fn near_m(code: u32) -> u16 {
    match code {
        9006 | 9001 | 9005 | 7001 | 7003 | 7006 | 7007 => 20,
        6012 | 6013 | 6017 => 50,
        9020 => 100,
        6025 | 6026 => 200,
        _ => USUAL_NEAR_M,
    }
}

/// Of a kind that the catalogue does not know, too.
const USUAL_NEAR_M: u16 = 30;

/// See [`KindInfo::near_m`].
pub fn nearness(kind: Kind) -> f64 {
    kind_info(kind).map_or(USUAL_NEAR_M, |info| info.near_m).into()
}

/// Every kind of the edition that this office starts with.
#[rustfmt::skip]
pub const CATALOGUE: &[KindInfo] = &[
    row(6901, "旱厕", "Dry latrine", "通槽厕 旱厕未改", 30, CalendarDay, "拆除或改造完成", "demolished or rebuilt", 1),
    row(9006, "占道经营", "Stall occupying the road", "摆摊 占道", 2, WorkingHour, "道路畅通", "road clear", 2),
    row(6902, "小地块种菜", "Vegetable plot on vacant land", "小片荒 种菜", 5, WorkingDay, "清除并覆盖", "cleared and covered", 3),
    row(7001, "非法小广告(牛皮癣)", "Illegal stickers", "牛皮癣 乱贴乱画 乱涂写 小广告", 4, WorkingHour, "清除并恢复原貌", "removed, surface restored", 4),
    row(6001, "私搭乱建", "Unauthorised building", "乱搭乱建 违建", 20, WorkingDay, "拆除", "demolished", 5),
    row(7904, "乱贴乱画", "Scrawls and posters", "乱涂乱画 涂鸦 乱张贴", 2, WorkingDay, "清除并恢复原貌", "removed, surface restored", 6),
    row(6010, "暴露垃圾", "Exposed rubbish", "垃圾乱扔 卫生死角", 1, WorkingDay, "清除", "removed", 7),
    row(6011, "积存垃圾渣土", "Heaped rubbish or spoil", "建筑垃圾 陈年垃圾 渣土", 4, WorkingDay, "清除", "removed", 8),
    row(6036, "乱堆杂物", "Piled-up items", "乱堆乱放 乱堆物堆料", 1, WorkingDay, "清除", "removed", 9),
    row(9005, "店外经营", "Shop spilling outside", "出店经营 跨门经营", 2, WorkingHour, "物品入店", "goods back inside", 10),
    row(6042, "垃圾箱满溢", "Bin overflow", "垃圾桶满溢 垃圾站", 4, WorkingHour, "清运，周边干净", "emptied, surroundings clean", 11),
    row(9020, "农贸市场秩序问题", "Farm-market disorder", "农贸市场脏乱差 菜市场", 1, WorkingDay, "按市场检查表达标", "per market checklist", 12),
    row(3001, "公共厕所异常", "Public toilet fault", "公厕脏乱", 4, WorkingHour, "干净、可用", "clean, working", 0),
    row(9001, "无照经营游商", "Unlicensed hawker", "流动摊贩", 2, WorkingHour, "劝离", "gone", 0),
    row(6045, "非法占绿毁绿", "Green land damaged", "绿地种菜 毁绿种菜", 5, WorkingDay, "恢复绿地", "restored", 0),
    row(7003, "违规户外广告", "Illegal billboard", "乱悬挂广告", 5, WorkingDay, "拆除或补办手续", "removed or permitted", 0),
    row(7006, "违规牌匾标识", "Illegal sign", "店招 牌匾", 5, WorkingDay, "拆除或补办手续", "removed or permitted", 0),
    row(7007, "违规标语宣传品", "Illegal banner", "标语 条幅", 5, WorkingDay, "拆除或补办手续", "removed or permitted", 0),
    row(6012, "道路不洁", "Dirty road", "背街小巷路面脏", 5, WorkingHour, "清扫干净", "swept", 0),
    row(6013, "道路破损", "Damaged road", "路面坑洼", 10, WorkingDay, "修复", "repaired", 0),
    row(6017, "绿地脏乱", "Littered green", "绿化带垃圾", 4, WorkingHour, "清理干净", "clean", 0),
    row(6034, "废弃车辆", "Dead vehicle", "僵尸车", 5, WorkingDay, "移走", "removed", 0),
    row(6035, "废弃家具设备", "Abandoned furniture", "旧家具", 1, WorkingDay, "移走", "removed", 0),
    row(6007, "沿街晾挂", "Hanging laundry", "乱拉乱挂", 4, WorkingHour, "清除", "removed", 0),
    row(6008, "擅自架设管线", "Loose cables", "飞线 乱拉电线", 5, WorkingDay, "清除或整理", "removed", 0),
    row(6030, "乱倒乱排污水", "Dumped waste water", "乱泼乱倒", 4, WorkingHour, "停止并清洗", "stopped, cleaned", 0),
    row(6025, "水域不洁", "Dirty water", "河渠漂浮物", 1, WorkingDay, "打捞干净", "clean", 0),
    row(6026, "河道污染", "Polluted river", "河道", 15, WorkingDay, "治理完成", "clean", 0),
    row(6038, "擅自饲养家禽家畜", "Poultry or livestock kept", "散养家禽", 3, WorkingDay, "清除", "removed", 0),
    row(6020, "焚烧垃圾树叶", "Burning rubbish or leaves", "焚烧", 2, WorkingHour, "扑灭并清理", "stopped", 0),
    row(6027, "油烟污染", "Cooking fumes", "油烟", 5, WorkingDay, "达标", "stopped", 0),
    row(6029, "露天烧烤", "Open-air barbecue", "烧烤", 2, WorkingHour, "取缔", "stopped", 0),
    row(8004, "工地扬尘", "Site dust", "扬尘", 1, WorkingDay, "整改到位", "corrected", 0),
    row(8007, "施工围挡问题", "Site hoarding", "围挡", 3, WorkingDay, "整改到位", "corrected", 0),
    row(8010, "未场光地净", "Site not cleared", "拆迁待建地", 3, WorkingDay, "整改到位", "corrected", 0),
    row(9009, "机动车乱停放", "Mis-parked car", "乱停车", 2, WorkingHour, "驶离", "moved", 0),
    row(9010, "非机动车乱停放", "Mis-parked bicycle", "电动车 共享单车", 2, WorkingHour, "摆放整齐", "moved", 0),
    row(6903, "病媒孳生地", "Vector breeding place", "四害 蚊蝇 老鼠", 3, WorkingDay, "清除", "removed", 0),
    row(6999, "其他卫生问题", "Other", "其他", 3, WorkingDay, "按描述解决", "as described", 0),
];

/// The catalogue's line for a kind; `None` for a code that this version does not know.
pub fn kind_info(kind: Kind) -> Option<&'static KindInfo> {
    CATALOGUE.iter().find(|info| info.kind == kind)
}

/// The kinds in whose names, or in what people call them, a word in small letters occurs.
pub fn kinds_called(word: &str) -> impl Iterator<Item = Kind> {
    let is_called = move |info: &&KindInfo| {
        [info.zh, info.en, info.aliases].iter().any(|names| names.to_lowercase().contains(word))
    };
    CATALOGUE.iter().filter(is_called).map(|info| info.kind)
}

/// The limit of a kind, halved for 紧急 and quartered for 非常紧急, at least one unit (domain.md section 2.2).
pub fn limit(kind: Kind, severity: Severity) -> Limit {
    let base = kind_info(kind).map_or(Limit { amount: 3, unit: WorkingDay }, |info| info.limit);
    let divisor = match severity {
        Severity::Ordinary => 1,
        Severity::Urgent => 2,
        Severity::VeryUrgent => 4,
    };
    Limit { amount: (base.amount / divisor).max(1), unit: base.unit }
}

/// What sort of place it is: another question than what is wrong there (domain.md section 3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlaceType {
    BackStreet,
    UrbanFringe,
    CityGate,
    MainRoad,
    FarmMarket,
    PublicToilet,
    ConstructionSite,
    OldCompound,
    UrbanVillage,
    Water,
    Green,
    Station,
    #[default]
    Other,
}

impl PlaceType {
    pub const ALL: [Self; 13] = [
        Self::BackStreet,
        Self::UrbanFringe,
        Self::CityGate,
        Self::MainRoad,
        Self::FarmMarket,
        Self::PublicToilet,
        Self::ConstructionSite,
        Self::OldCompound,
        Self::UrbanVillage,
        Self::Water,
        Self::Green,
        Self::Station,
        Self::Other,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::BackStreet => "back_street",
            Self::UrbanFringe => "urban_fringe",
            Self::CityGate => "city_gate",
            Self::MainRoad => "main_road",
            Self::FarmMarket => "farm_market",
            Self::PublicToilet => "public_toilet",
            Self::ConstructionSite => "construction_site",
            Self::OldCompound => "old_compound",
            Self::UrbanVillage => "urban_village",
            Self::Water => "water",
            Self::Green => "green",
            Self::Station => "station",
            Self::Other => "other",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place_type| place_type.code() == code)
    }

    /// (Chinese, English).
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::BackStreet => ("背街小巷", "Back street"),
            Self::UrbanFringe => ("城乡结合部", "Urban fringe"),
            Self::CityGate => ("城市出入口", "City gate"),
            Self::MainRoad => ("主次干道", "Main road"),
            Self::FarmMarket => ("农贸市场", "Farm market"),
            Self::PublicToilet => ("公厕/垃圾站", "Toilet or waste station"),
            Self::ConstructionSite => ("建筑工地", "Construction site"),
            Self::OldCompound => ("老旧小区", "Old compound"),
            Self::UrbanVillage => ("城中村", "Urban village"),
            Self::Water => ("河渠水体", "River or canal"),
            Self::Green => ("绿地公园", "Green or park"),
            Self::Station => ("车站", "Station"),
            Self::Other => ("其他", "Other"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_stands_once_and_the_tiles_are_numbered_without_gaps() {
        let mut kinds: Vec<_> = CATALOGUE.iter().map(|info| info.kind).collect();
        kinds.sort();
        kinds.dedup();
        assert_eq!(kinds.len(), CATALOGUE.len());
        let mut tiles: Vec<_> = CATALOGUE.iter().filter_map(|info| info.tile).collect();
        tiles.sort_unstable();
        assert_eq!(tiles, (1..=12).collect::<Vec<_>>());
    }

    #[test]
    fn a_kind_reads_back_and_other_spellings_are_refused() {
        for info in CATALOGUE {
            assert_eq!(info.kind.to_string().parse(), Ok(info.kind));
        }
        assert!("2026/6010".parse::<Kind>().is_err());
    }

    #[test]
    fn our_own_extensions_are_marked_local() {
        assert!(kind_info("2026/06901".parse().unwrap()).unwrap().local);
        assert!(!kind_info("2026/06010".parse().unwrap()).unwrap().local);
    }
}
