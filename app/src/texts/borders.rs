//! Files of zone borders: what is said while one is taken in, and what is wrong with it in the words of whoever drew it.

use xiaohao_shared::geo::geojson::{Fault, FileFault, MAX_FEATURES};
use xiaohao_shared::geo::outline::{Flaw, MAX_POINTS};

use super::{Texts, fill};

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            borders_stopped: "已取消，什么都没有写入。", "Cancelled; nothing was taken in.";
            borders_unsure: "已取消，不能确定是否已经写入；再写入一次就能确定。", "Cancelled; it may have been taken in before that. Taking it in again makes sure.";
            outlines_title: "片区边界", "Borders of the zones";
            outlines_text:
                "选一个 GeoJSON 文件，每个区域的 name（名称）或 code（编码）与片区一致。先核对，再写入；有一处不对就都不写入。已有的边界会被替换。",
                "Choose a GeoJSON file in which each area has a zone's name or code. It is checked first and then taken in; while anything is wrong, nothing is. Borders that are known are replaced.";
            outlines_choose: "选择边界文件", "Choose a file of borders";
            outlines_gcj: "文件里是 GCJ-02 坐标（高德、腾讯、DataV 等）", "The file is in GCJ-02 (Amap, Tencent, DataV and others)";
            outlines_good: "{} 个片区的边界都能用。", "The borders of {} zones are sound.";
            outlines_bad: "{} 处不对，改好文件再选一次；现在什么都没有写入。", "Areas with a mistake: {}. Correct the file and choose it again; nothing has been taken in.";
            outlines_save: "写入边界", "Take them in";
            outlines_saved: "边界已写入，手机同步后就有", "The borders are taken in; phones get them when they sync";
            outline_area: "第 {} 个区域", "Area {}";
            outline_points: "{} 个点", "{} points";
            outline_known: "有边界", "borders known";
        }
    };
}
pub(super) use words;

impl Texts {
    pub fn borders_file_fault(&self, fault: &FileFault) -> String {
        match fault {
            FileFault::TooLarge => {
                self.of(("文件超过 4 MB，请先简化边界", "Larger than 4 MB: simplify the borders first")).into()
            }
            FileFault::TooManyPoints => {
                self.of(("文件里的点太多，请先简化边界", "Far too many points: simplify the borders first")).into()
            }
            FileFault::TooManyFeatures => fill(self.of(("超过 {} 个区域", "More than {} areas")), &[&MAX_FEATURES]),
            FileFault::NotJson { line, column } => {
                let words = (
                    "这不是 JSON 文件：第 {} 行第 {} 个字符读不懂",
                    "This is no JSON: line {}, character {} cannot be read",
                );
                fill(self.of(words), &[line, column])
            }
            FileFault::NotGeoJson => self
                .of(("这不是 GeoJSON（需要 FeatureCollection）", "This is no GeoJSON: a FeatureCollection is needed"))
                .into(),
            FileFault::Empty => self.of(("文件里没有区域", "There are no areas in the file")).into(),
            FileFault::OtherSystem(name) => {
                let words = (
                    "文件的坐标系是 {}，请转换为经纬度（WGS-84 或 CGCS2000）再选",
                    "Its coordinates are {}: convert them to longitude and latitude (WGS-84 or CGCS2000)",
                );
                fill(self.of(words), &[name])
            }
            FileFault::Other => self.file_fault(xiaohao_shared::import::FileFault::Other).into(),
        }
    }

    pub fn border_fault(&self, fault: &Fault) -> String {
        match fault {
            Fault::Nameless => self.of(("没有名称，也没有编码", "it has neither name nor code")).into(),
            Fault::UnknownZone => {
                self.of(("没有这个片区，请先添加或改名", "there is no such zone: add it, or correct the name")).into()
            }
            Fault::TwoZones => {
                self.of(("名称和编码不是同一个片区", "its name is one zone's and its code another's")).into()
            }
            Fault::Twice(other) => fill(self.of(("与第 {} 个区域是同一个片区", "the same zone as area {}")), &[other]),
            Fault::Malformed => self.of(("格式不对，读不出坐标", "its coordinates cannot be read")).into(),
            Fault::NotAPolygon(kind) => {
                fill(self.of(("是 {}，不是面（Polygon）", "it is a {}, not a Polygon")), &[kind])
            }
            Fault::Open => self
                .of(("边界没有闭合：最后一点要与第一点相同", "it is not closed: its last point must be its first"))
                .into(),
            Fault::OutOfRange { lon, lat } => fill(
                self.of(("没有这样的位置：经度 {}，纬度 {}", "no such place: longitude {}, latitude {}")),
                &[lon, lat],
            ),
            Fault::Swapped => self.of(("经度和纬度写反了", "latitude stands before longitude")).into(),
            Fault::Outline(flaw) => self.flaw(*flaw),
        }
    }

    fn flaw(&self, flaw: Flaw) -> String {
        let at = |degrees: f64| format!("{degrees:.5}");
        match flaw {
            Flaw::FewPoints => self.of(("不同的点少于三个", "fewer than three different points")).into(),
            Flaw::TooManyPoints => {
                fill(self.of(("超过 {} 个点，请先简化", "more than {} points: simplify it")), &[&MAX_POINTS])
            }
            Flaw::NoArea => self.of(("没有面积", "it has no area")).into(),
            Flaw::Crossing(lat, lon) => fill(
                self.of(("边界自己相交，在经度 {}，纬度 {}", "it crosses itself at longitude {}, latitude {}")),
                &[&at(lon), &at(lat)],
            ),
        }
    }
}
