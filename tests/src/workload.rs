//! The workload of the figures: a zone of 100 issues with their history, a hundred cadres with twenty edits each. Made from
//! phrase lists by a fixed generator, the same that other sync servers were measured with, so that the bytes compare.

use std::fmt::Write as _;

/// Issues of one zone.
pub const ZONE_SIZE: usize = 100;
pub const CADRES: usize = 100;

/// Mulberry32: small, fixed, and the same in every language.
pub struct Chance(u32);

impl Chance {
    pub fn new(seed: u32) -> Self {
        Self(seed)
    }

    /// From 0 up to but not including 1.
    pub fn draw(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x6d2b_79f5);
        let a = self.0;
        let mut t = (a ^ (a >> 15)).wrapping_mul(a | 1);
        t ^= t.wrapping_add((t ^ (t >> 7)).wrapping_mul(t | 61));
        f64::from(t ^ (t >> 14)) / 4_294_967_296.0
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.draw() * n as f64) as usize
    }

    fn pick<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    fn letter(&mut self, letters: &str) -> char {
        let letters: Vec<char> = letters.chars().collect();
        letters[self.below(letters.len())]
    }

    fn name(&mut self) -> String {
        let mut name: String = [self.letter(SURNAMES), self.letter(GIVEN)].iter().collect();
        if self.draw() < 0.7 {
            name.push(self.letter(GIVEN));
        }
        name
    }

    fn description(&mut self) -> String {
        let mut text = format!("{}，{}{}{}", self.pick(SUBJECT), self.pick(ESTATES), self.pick(WHERE), self.pick(WHAT));
        if self.draw() < 0.5 {
            let name = self.name();
            let _ = write!(text, "，{name}称{}", self.pick(WHAT));
        }
        text.push_str(self.pick(TAIL));
        text.chars().take(60).collect()
    }
}

/// One issue as somebody would have written it.
#[derive(Debug, Clone)]
pub struct Issue {
    pub zone: usize,
    pub kind: usize,
    pub severity: usize,
    pub address: String,
    pub description: String,
    pub position: (f64, f64),
    /// Seconds after the first of September.
    pub reported_at: i64,
    /// Notes of the timeline; the first is the report's.
    pub timeline: Vec<String>,
    pub comments: Vec<String>,
}

pub enum Edit {
    New(Box<Issue>),
    /// Index of an issue within the zone, and the note.
    Update(usize, String),
    Comment(usize, String),
}

impl Chance {
    fn issue(&mut self, zone: usize, day: i64, entries: usize) -> Issue {
        let at = 28_800 + self.below(36_000) as i64;
        let timeline = (0..entries).map(|_| self.pick(NOTES).to_owned()).collect();
        let (kind, severity) = (self.below(16), self.below(4));
        let road = self.pick(ROADS);
        let (house, estate) = (1 + self.below(300), self.pick(ESTATES));
        let (block, entrance) = (1 + self.below(30), 1 + self.below(6));
        let address = format!("{road}{house}号{estate}{block}栋{entrance}单元");
        let description = self.description();
        let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
        let position = (round(30.5 + self.draw() * 0.2), round(114.2 + self.draw() * 0.2));
        let reported_at = day * 86_400 + at;
        Issue { zone, kind, severity, address, description, position, reported_at, timeline, comments: Vec::new() }
    }
}

/// `n` issues, one zone after the other in turn.
pub fn issues(n: usize, zones: usize) -> Vec<Issue> {
    let mut chance = Chance::new(20_261_123);
    let one = |at: usize, chance: &mut Chance| {
        let (day, entries) = (chance.below(60) as i64, 2 + chance.below(5));
        let mut issue = chance.issue(at % zones, day, entries);
        let comments = chance.below(4);
        issue.comments = (0..comments).map(|_| chance.pick(COMMENTS).to_owned()).collect();
        issue
    };
    (0..n).map(|at| one(at, &mut chance)).collect()
}

/// Of each cadre's edits a quarter are new issues, a half updates and a quarter comments; of those on issues that are there, 60 per
/// cent are on the ten hottest of the zone.
pub fn edits(zones: usize, zone_size: usize, cadres: usize, each: usize) -> Vec<Vec<Edit>> {
    let mut chance = Chance::new(20_261_124);
    let (new, updates) = (each / 4, each / 2);
    let of_cadre = |cadre: usize| {
        let hot = zone_size.min(10);
        let target =
            |chance: &mut Chance| if chance.draw() < 0.6 { chance.below(hot) } else { chance.below(zone_size) };
        let mut edits = Vec::new();
        for _ in 0..new {
            edits.push(Edit::New(Box::new(chance.issue(cadre % zones, 75, 1))));
        }
        for _ in 0..updates {
            edits.push(Edit::Update(target(&mut chance), chance.pick(NOTES).to_owned()));
        }
        for _ in new + updates..each {
            let text = format!("{}{}", chance.pick(COMMENTS), chance.pick(TAIL));
            edits.push(Edit::Comment(target(&mut chance), text));
        }
        edits
    };
    (0..cadres).map(of_cadre).collect()
}

const SURNAMES: &str = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘蒋蔡余";
const GIVEN: &str =
    "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂文辉玲建国华红梅海燕志云龙春雪晨宇浩佳欣怡博子轩雨涵思琪俊";
#[rustfmt::skip]
const ROADS: &[&str] = &["解放路", "人民路", "建设街", "和平巷", "胜利路", "朝阳街", "东风路", "长青巷", "文化路", "新华街", "中山路", "福寿里", "柳荫街", "团结路", "光明巷", "站前路", "滨河路", "育才街", "红旗路", "永安里", "太平巷", "南大街", "北门街", "工农路", "学府路"];
#[rustfmt::skip]
const ESTATES: &[&str] = &["幸福里社区", "阳光花园", "翠湖小区", "金桂苑", "锦绣江南", "机床厂宿舍", "纺织新村", "铁路三院", "紫薇苑", "百合家园", "老粮站家属院", "东方名城", "水岸华庭", "供销社大院", "月亮湾", "安居苑", "桃源里", "城中村三组"];
#[rustfmt::skip]
const SUBJECT: &[&str] = &["有居民反映", "巡查发现", "网格员上报", "热线转办", "商户投诉", "多名老人反映", "物业电话告知", "微信群里有人说", "夜间巡逻时看到", "接群众来电称"];
#[rustfmt::skip]
const WHERE: &[&str] = &["小区东门口", "地下车库入口", "菜市场后巷", "学校门前", "公交站台旁", "二号楼楼下", "垃圾房北侧", "人行道上", "十字路口西南角", "配电房外墙", "幼儿园对面", "河道护栏边", "广场舞台侧面", "老年活动室门口", "单元楼道三层到五层", "快递柜旁边"];
#[rustfmt::skip]
const WHAT: &[&str] = &["井盖缺失一角，车辆经过有明显异响", "堆放大量建筑垃圾，已有三四天无人清理", "路灯连续多日不亮，晚上行人看不清路", "雨后积水约二十公分，老人出行不便", "烧烤摊占用盲道，油烟扰民严重", "电动车从楼上飞线充电，存在火灾隐患", "外墙瓷砖松动脱落，砸坏一辆轿车", "消防通道被私家车长期堵死", "下水道返水，气味很大，蚊虫多", "有人私自搭建彩钢棚，占用公共绿地", "大树枝被风刮断，压在电线上", "楼道里堆满纸箱和旧家具，通行困难", "施工到凌晨一点，影响孩子休息", "健身器材螺丝松动，有小孩被夹手", "墙面贴满小广告，刚清理又出现", "护栏倾斜，存在坠落风险"];
#[rustfmt::skip]
const TAIL: &[&str] = &["，请尽快派人处理", "，已拍照留存", "，现场已临时摆放警示锥", "，需要协调城管和物业", "，居民情绪较激动", "，此前上报过一次未解决", "，建议列入本周重点", "，已联系产权单位", "，待进一步核实", "，希望给个答复"];
#[rustfmt::skip]
const NOTES: &[&str] = &["已电话通知物业负责人", "现场核实情况属实", "已转交市政维修班组", "施工材料明天到位", "需要二次处置", "与当事人沟通后同意整改", "已清运两车垃圾", "复查合格，拍照归档", "当事人不在家，改日再访", "协调交警部门拖移车辆", "已更换新井盖并加固", "联系供电公司排查线路", "天气原因顺延一天", "群众表示满意", "责任主体不明，报街道研判", "已下达限期整改通知书"];
#[rustfmt::skip]
const COMMENTS: &[&str] = &["辛苦了，抓紧办", "这个点位上个月也出过问题", "我下午三点过去看", "照片里看不清，补拍一张", "群众又打电话来催了", "已和社区书记说过", "明早例会上讨论", "请同步给网格长", "费用由维修基金出", "下次巡查重点看这里"];
