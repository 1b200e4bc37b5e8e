//! The page of a new report: kind, photos and what is covered in them, place, and why it was not saved.

use super::Texts;
use crate::client::{PhotoError, PlaceError};

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            choose_kind: "是什么问题？", "What is the problem?";
            search_kind: "搜索其他类型，如“飞线”", "More kinds, e.g. cables";
            photos_before: "现场照片", "Photos of the scene";
            take_photo: "拍照", "Take photo";
            take_after: "拍整改后", "Photo of after";
            photos_most: "最多 {} 张照片，其余没有加入", "At most {} photos; the others were not added";
            of_file: "{}：{}", "{}: {}";
            gallery: "相册", "Gallery";
            shrinking: "正在压缩照片…", "Shrinking the photo…";
            remove_photo: "删除照片", "Remove photo";
            photos_mine: "照片", "Photos";
            cover_first: "保存前先遮挡人脸、车牌", "Cover faces and plates before saving";
            cover_title: "遮挡人脸和车牌", "Cover faces and plates";
            cover_hint: "用手指涂抹要遮挡的地方。保存后谁也还原不了。", "Draw over what is to be hidden. Once saved, nobody can bring it back.";
            cover_undo: "撤销一笔", "Undo";
            cover_done: "完成", "Done";
            cover_dropped: "这张照片没有保存。", "This photo was not kept.";
            cover_missing: "遮挡工具要联网一次才能用，照片没有保存。也可以取消勾选后再拍。", "The tool needs the network once; the photo was not kept. Or take it again without the tick.";
            watermark: "照片上写明时间、地点、片区和上报人", "Write time, place, zone and reporter onto photos";
            watermark_hint: "水印写进照片本身，去不掉；定位关闭时不写坐标。", "It becomes a part of the photo and cannot be taken off; without a position no coordinates are written.";
            from_gallery: "相册照片，加入于", "from the gallery, added";
            fixed_on_spot: "即查即改：已当场整改", "Fixed on the spot";
            fixed_hint: "需要整改前、整改后照片各至少一张，保存后直接销号。", "Needs a photo of before and of after; it is struck off at once.";
            place: "位置", "Place";
            position: "定位", "Position";
            position_known: "已定位，误差约 {} 米", "Position known, ±{} m";
            position_running: "正在定位…不用等，可以直接保存", "Finding the position… no need to wait";
            position_by_hand: "可用片区、地址说明位置。", "Zone and address will do.";
            locate: "定位", "Locate";
            place_denied: "没有定位权限。", "No permission for the position.";
            place_unavailable: "现在定不了位。", "The position is not to be had now.";
            place_slow: "定位太慢。", "The position takes too long.";
            zone: "片区", "Zone";
            address: "地址", "Address";
            address_hint: "如：人民路 12 号后巷", "e.g. lane behind 12 Renmin Road";
            landmark: "标志物", "Landmark";
            landmark_hint: "如：菜市场北门", "e.g. north gate of the market";
            description: "描述", "Description";
            description_hint: "可不填", "Optional";
            kind_label: "问题类型", "Kind";
            place_type_label: "场所类型", "Place type";
            severity_label: "紧急程度", "Severity";
            save_report: "保存上报", "Save report";
            saving: "正在保存…", "Saving…";
            saved: "已保存", "Saved";
            lack_zone: "请选择片区", "Choose the zone";
            lack_before: "即查即改需要整改前照片", "A photo of before is needed";
            lack_after: "即查即改需要整改后照片", "A photo of after is needed";
            draft_restored: "这是上次没有保存的上报。", "This is the report you had not saved.";
            start_anew: "重新填写", "Start anew";
            draft_not_kept: "草稿没有存下：本机空间不足，请尽快保存上报", "The draft is not kept: this device is full; save the report soon";
            photo_not_picture: "这个文件不是照片", "This file is not a photo";
            photo_no_room: "照片没有存下：本机空间不足", "The photo was not kept: this device is full";
            not_saved: "没有保存：{}。内容还在，请重试。", "Not saved: {}. It is still here; try again.";
            not_saved_storage: "本机存储拒绝写入（空间可能已满）", "the storage of this device refused (it may be full)";
            not_saved_missing: "问题不在本机", "the issue is not on this device";
            not_saved_unreadable: "问题档案无法读取", "the document cannot be read";
            zone_by_position: "按定位选的片区；不对可以改。", "Chosen by your position; change it if it is wrong.";
            position_in_zone: "定位在：{}", "Your position is in: {}";
        }
    };
}
pub(super) use words;

impl Texts {
    pub fn photo_error(&self, error: &PhotoError) -> &'static str {
        match error {
            PhotoError::NotAPicture => self.photo_not_picture,
            PhotoError::StorageFailed => self.photo_no_room,
        }
    }

    pub fn place_error(&self, error: PlaceError) -> &'static str {
        match error {
            PlaceError::Denied => self.place_denied,
            PlaceError::Unavailable => self.place_unavailable,
            PlaceError::TooSlow => self.place_slow,
        }
    }
}
