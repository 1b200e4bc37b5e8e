//! Every sentence of the app in Chinese and English. One table, so that a missing translation does not compile; the words of
//! the domain (states, actions, reasons) stand in [`names`]. Knows nothing of signals: a page gets the table of its language.

mod borders;
mod names;
mod reasons;
mod rights;

use std::fmt::Display;

use leptos::prelude::{document, window};

use xiaohao_shared::model::patrol::Fault;

use crate::client::{PhotoError, PlaceError};
use crate::store::photos::PhotoRefusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lang {
    Zh,
    En,
}

/// Where the choice is kept; small and needed before the data layer is open.
const KEY: &str = "xiaohao-lang";

impl Lang {
    pub const ALL: [Self; 2] = [Self::Zh, Self::En];

    pub fn code(self) -> &'static str {
        match self {
            Self::Zh => "zh-CN",
            Self::En => "en",
        }
    }

    pub fn from_code(code: &str) -> Self {
        if code == "en" { Self::En } else { Self::Zh }
    }

    /// Its own name, in itself.
    pub fn name(self) -> &'static str {
        match self {
            Self::Zh => "中文",
            Self::En => "English",
        }
    }

    pub fn texts(self) -> &'static Texts {
        match self {
            Self::Zh => &ZH,
            Self::En => &EN,
        }
    }

    /// Chinese unless the person chose otherwise: the browser's language says little on an office's phone.
    pub fn kept() -> Self {
        let storage = window().local_storage().ok().flatten();
        storage.and_then(|storage| storage.get_item(KEY).ok().flatten()).map_or(Self::Zh, |code| Self::from_code(&code))
    }

    /// Also tells the browser, which chooses fonts and hyphens by it and screen readers their voice.
    pub fn keep(self) {
        if let Ok(Some(storage)) = window().local_storage() {
            let _ = storage.set_item(KEY, self.code());
        }
        if let Some(root) = document().document_element() {
            let _ = root.set_attribute("lang", self.code());
        }
    }
}

/// Puts values into the places marked `{}`, in order.
pub fn fill(template: &str, values: &[&dyn Display]) -> String {
    let mut parts = template.split("{}");
    let mut text = parts.next().unwrap_or_default().to_string();
    for (at, part) in parts.enumerate() {
        text.extend(values.get(at).map(ToString::to_string));
        text.push_str(part);
    }
    text
}

macro_rules! texts {
    ($($key:ident: $zh:literal, $en:literal;)*) => {
        pub struct Texts {
            pub lang: Lang,
            $(pub $key: &'static str,)*
        }

        pub static ZH: Texts = Texts { lang: Lang::Zh, $($key: $zh,)* };
        pub static EN: Texts = Texts { lang: Lang::En, $($key: $en,)* };

        #[cfg(test)]
        const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($key), $zh, $en),)*];
    };
}

texts! {
    // The frame
    app_name: "销号", "Xiaohao";
    navigation: "主导航", "Main navigation";
    skip: "跳到正文", "Skip to content";
    nav_work: "待办", "My work";
    nav_board: "看板", "Board";
    nav_report: "上报", "Report";
    nav_sync: "同步", "Sync";
    nav_admin: "管理", "Admin";
    nav_me: "我的", "Me";
    back: "返回", "Back";
    close: "关闭", "Close";
    cancel: "取消", "Cancel";
    done: "完成", "Done";
    save: "保存", "Save";
    change: "更改", "Change";
    retry: "重试", "Try again";
    later: "稍后", "Later";
    previous: "上一张", "Previous";
    next: "下一张", "Next";
    yes: "是", "Yes";
    no: "否", "No";
    any: "不限", "Any";
    choose: "请选择", "Choose";
    required: "必填", "required";
    loading: "正在读取…", "Loading…";
    starting: "正在打开…", "Opening…";
    directory_missing: "正在取得办事处的人员和片区名单…", "Getting the office's list of people and zones…";
    not_found: "没有这个页面", "There is no such page";
    to_work: "回到待办", "To my work";
    offline_bar: "没有网络。照常记录，有网后自动发送。", "No network. Go on recording; everything is sent when it is back.";
    update_bar: "有新版本。已保存的内容不受影响。", "A new version is ready. What is saved stays.";
    storage_bar: "本机存储快满了：旧照片会自动让位，未送达的不会丢。请尽快联网送出，或清理手机空间。",
        "This device is nearly full. Old photos make room by themselves, and nothing unsent is lost: sync soon, or free some space.";
    update_now: "立即更新", "Update now";
    revoked_title: "本机已被停用", "This device was revoked";
    revoked_text: "管理员停用了本机，本机上的内容不再显示。未送达的记录没有丢失：一联网就送到办事处，由指挥审阅。",
        "The administrator took this device out of service, and what it holds is hidden. What was not sent is not lost: it goes to the desk as soon as there is a network, and waits there to be reviewed.";
    cloned_title: "本机需要重新登记", "This device has to be enrolled anew";
    cloned_text: "办事处发现有两台设备同时在用本机的密钥（例如整个浏览器资料被复制过），所以两台都已停用。未送达的记录会送到办事处，由指挥审阅，没有丢失。请向管理员要一个新的登记码。",
        "The office saw this device's key used from two places at once, as when a whole browser profile was copied, so both are out of service. What was not sent goes to the desk to be reviewed and is not lost. Ask the administrator for a new code.";
    unknown_title: "办事处不认识本机", "The office does not know this device";
    unknown_text: "办事处可能从较早的备份恢复过。请向管理员要一个新的登记码，在这里重新登记：本机上的内容都在，未送达的记录随后照常送出。",
        "The office may have been restored from an older backup. Ask the administrator for a new code and enrol here: everything on this device stays, and what was not sent goes out afterwards as usual.";
    stopped_work: "本机上的工作", "The work on this device";
    stopped_held: "已在办事处待审阅", "With the desk, to be reviewed";
    stopped_unsent: "还没有送出", "Not sent yet";
    stopped_refused: "办事处没有接受", "Refused by the office";
    stopped_done: "本机上没有未送达的内容。", "Nothing on this device is unsent.";
    enrol_anew: "清除本机并重新登记", "Wipe this device and enrol anew";
    broken_title: "无法在此浏览器中运行", "It cannot run in this browser";
    broken_text: "请换用系统浏览器（Chrome、Edge 99 或 Safari 15.4 以上），不要用无痕模式。",
        "Please use the system browser (Chrome or Edge 99, Safari 15.4, or newer), not a private window.";
    too_old_title: "请更新应用", "Please update the app";
    too_old_text: "更新的版本在本机用过。请关闭本应用的其他标签页，联网后重试；内容都在。", "A newer version has been used on this device. Close its other tabs, go online and try again; nothing is lost.";
    no_room_title: "本机空间不足", "This phone is full";
    no_room_text: "请删除一些照片或应用，再重试。已保存的内容都在。", "Delete some photos or apps and try again. What is saved is still there.";
    failing_title: "应用出了故障", "The app has a fault";
    failing_text: "已保存的内容都在。请重试；若仍然这样，请把下面的文字告诉管理员。", "What is saved is still there. Try again; if it stays so, tell the administrator these words.";
    needs_network: "需要网络，联网后再试", "This needs the network; try again when it is back";
    the_office: "办事处", "The office";

    // Times and sizes
    today: "今天", "today";
    yesterday: "昨天", "yesterday";
    tomorrow: "明天", "tomorrow";
    just_now: "刚刚", "just now";
    ago: "{}前", "{} ago";
    never: "从未", "never";
    day: "{} 天", "{} day";
    days: "{} 天", "{} days";
    hour: "{} 小时", "{} hour";
    hours: "{} 小时", "{} hours";
    minute: "{} 分钟", "{} minute";
    minutes: "{} 分钟", "{} minutes";
    overdue_by: "超期 {}", "{} overdue";
    time_left: "还剩 {}", "{} left";
    due_at: "{} 到期", "due {}";
    metres: "{} 米", "{} m";
    kilometres: "{} 公里", "{} km";
    n_bytes: "{} 张，{}", "{} ({})";

    // Marks
    mark_here: "已存本机", "Saved here";
    mark_sending: "发送中", "Sending";
    mark_office: "办事处已收到", "The office has it";
    mark_refused: "被退回", "Refused";
    mark_held: "待审", "Held for review";
    mark_photos_here: "照片待发送", "Photos not sent yet";
    undecided: "待裁决", "Undecided";
    supervised: "督办", "Under supervision";
    priority: "重点", "Priority";
    asked: "有申请", "Asked";
    no_number: "编号待办事处给出", "The office gives the number";

    // My work
    tab_assigned: "我负责", "Mine";
    tab_zones: "我的片区", "My zones";
    tab_reports: "我上报", "My reports";
    rows_n: "共 {} 条", "Issues: {}";
    search: "搜索描述、地址、编号", "Text, address, number";
    filter: "筛选", "Filter";
    clear_filter: "清除条件", "Clear filters";
    sort: "排序", "Sort";
    by_deadline: "按期限", "Deadline";
    by_newest: "按最新", "Newest";
    by_distance: "按距离", "Distance";
    state_label: "状态", "State";
    state_open: "未销号", "Open";
    state_all: "全部", "All";
    only_overdue: "仅看超期", "Overdue only";
    press_level: "督办级别", "Supervision level";
    press_number: "督办单号", "Supervision number";
    press_due: "督办期限", "Supervision deadline";
    press_reply: "督办回复", "Reply to supervision";
    reply_by: "{}（{} {}）", "{} ({} {})";
    press_open: "待回复", "Not yet answered";
    press_late: "逾期未回复", "Overdue for an answer";
    press_answered: "已回复", "Answered";
    press_answered_late: "逾期后回复", "Answered late";
    only_supervised: "仅看督办", "Under supervision only";
    only_asked: "仅看有申请", "Waiting for an answer";
    linked_to: "并入或反弹自这一件", "Merged into or back from this one";
    only_undecided: "仅看待裁决", "Undecided only";
    nothing_matches: "没有符合条件的问题", "Nothing matches";
    nothing_to_do: "这里没有待办", "Nothing to do here";
    nothing_to_do_text: "发现问题，点下方“上报”。", "Found something? Tap “Report”.";
    first_pull: "正在取回片区的问题", "Fetching the issues of your zones";
    first_pull_text: "网络弱时需要几分钟，可以先上报。", "On a weak link this takes minutes; you can report meanwhile.";
    first_pull_offline: "没有网络，联网后自动取回。现在就可以上报。", "No network: they come when it is back. You can report now.";

    // New report
    choose_kind: "是什么问题？", "What is the problem?";
    search_kind: "搜索其他类型，如“飞线”", "More kinds, e.g. cables";
    photos_before: "现场照片", "Photos of the scene";
    take_photo: "拍照", "Take photo";
    take_after: "拍整改后", "Photo of after";
    gallery: "相册", "Gallery";
    shrinking: "正在压缩照片…", "Shrinking the photo…";
    remove_photo: "删除照片", "Remove photo";
    photos_mine: "照片", "Photos";

    // Who told the office of a problem
    tipster: "举报人", "Who told of it";
    tipster_about: "只在需要回访时登记。加密存放在办事处，不进手机、导出和文书；平时隐去部分，查看全部会写进审计日志。", "Only where somebody wants to be called back. Kept encrypted at the office, never on phones, in exports or documents; shown masked, and each whole look stands in the audit.";
    tipster_none: "没有登记举报人。", "Nobody is noted.";
    tipster_name: "姓名", "Name";
    tipster_phone: "电话", "Phone";
    tipster_by: "登记人", "Noted by";
    tipster_whole: "查看全部（记入审计）", "Show all (stands in the audit)";
    tipster_forget: "删除举报人", "Forget him";
    tipster_forget_ask: "删除后无法恢复。", "What is deleted does not come back.";
    tipster_wrong: "电话只能是数字、空格、+ 和 -。", "A phone has digits, blanks, + and - only.";

    // What is kept, and for how long
    privacy: "留存说明", "What is kept about me";
    privacy_about: "本系统记录您的工作，用来督办和考核。下面是留存的内容、期限和谁能看。", "The office records your work to steer and to account for it. Here is what it keeps, for how long, and who may see it.";
    privacy_never: "不记录的", "Never recorded";
    privacy_never_text: "不记录行走轨迹，只在上报时记一个位置；不读通讯录；不做人脸识别；照片里的拍摄参数在手机上就已去掉。", "No track of where you walk: one position with each report, and none without. No contacts, no face recognition; what a camera writes into a photo is taken out on the phone.";
    privacy_issues: "上报、处理步骤和备注", "Reports, steps and remarks";
    privacy_issues_n: "上报 {} 条，步骤 {} 条", "Reports: {}, steps: {}";
    privacy_photos: "您拍的照片", "Photos that you took";
    privacy_rounds: "巡查：片区、起止时间、发现条数", "Patrols: zone, begin and end, how many were found";
    privacy_devices: "登记的设备：名称、最近联系、待发送数", "Your devices: name, last contact, what waits to be sent";
    privacy_proofs: "通行密钥和统一身份账号名", "Your passkeys, and your name at the office's sign-on";
    privacy_views: "收藏的视图", "Your saved views";
    privacy_audit: "审计日志：登录、拒绝、管理操作和来源地址", "The audit: enrolments, refusals, acts of administration, with the address they came from";
    privacy_refused: "被拒或待审的记录，裁决以后", "What was refused or held of your work, once it was decided";
    privacy_count: "与您有关", "About you";
    privacy_long: "保存多久", "Kept";
    privacy_who: "谁能看", "Seen by";
    privacy_zone_sees: "本片区干部、督查和指挥", "Cadres of the zone, inspectors and the desk";
    privacy_desk_sees: "督查和指挥", "Inspectors and the desk";
    privacy_office_sees: "指挥和管理员", "The desk and administrators";
    privacy_security_sees: "您本人和安全管理员", "You and the security officer";
    privacy_only_you: "只有您本人", "Only you";
    privacy_audit_sees: "审计员", "The audit officer";
    records_n: "{} 条", "{}";
    keep_always: "一直保存", "for ever";
    keep_record: "一直保存，记录本身不可删改", "for ever: the record cannot be changed or deleted";
    keep_months: "{} 个月", "{} months";
    keep_days: "{} 天", "{} days";
    keep_photos: "销号 {} 个月后只留缩略图", "{} months after an issue ends only its small picture stays";
    retention: "保存期限", "How long things are kept";
    retention_about: "留空就是一直保存。每天执行一次，删了多少写进审计日志。问题、步骤和备注不会删除；删除后无法恢复。", "Empty means for ever. Applied once a day; the audit says what was removed. Issues, steps and remarks are never removed; what was removed does not come back.";
    retention_photos: "已销号、已作废问题的原图（月，缩略图保留）", "Photos of issues that ended, in months (the small ones stay)";
    retention_evidence: "被拒或待审的记录，裁决以后（月）", "What was refused or held, once decided, in months";
    retention_patrols: "巡查记录（月）", "Patrols, in months";
    retention_tipsters: "举报人姓名、电话，问题了结以后（月）", "Who told of an issue, once it ended, in months";
    retention_hint: "一直保存；至少 {} 个月", "For ever; at least {} months";
    retention_wrong: "有一项不是数字，或者太短。", "One of them is no number, or too short a time.";
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
    draft_not_kept: "草稿没有存下：本机空间不足，请尽快保存上报", "The draft is not kept: this phone is full; save the report soon";
    photo_not_picture: "这个文件不是照片", "This file is not a photo";
    photo_no_room: "照片没有存下：本机空间不足", "The photo was not kept: this phone is full";
    not_saved: "没有保存：{}。内容还在，请重试。", "Not saved: {}. It is still here; try again.";
    not_saved_storage: "本机存储拒绝写入（空间可能已满）", "the storage of this phone refused (it may be full)";
    not_saved_missing: "问题不在本机", "the issue is not on this phone";
    not_saved_unreadable: "问题档案无法读取", "the document cannot be read";

    // Issue
    issue: "问题", "Issue";
    open_issue: "查看问题", "Open the issue";
    issue_absent: "这个问题不在本机", "This issue is not on this phone";
    issue_fetching: "正在从办事处取回…", "Fetching it from the office…";
    issue_unknown: "办事处没有送来：编号不对，或不在您的片区。", "The office did not send it: the address is wrong, or it is not in your zones.";
    issue_offline: "没有网络，联网后自动取回。", "No network: it comes when it is back.";
    no_photo: "没有照片", "No photo";
    no_photo_yet: "尚未整改", "Not yet rectified";
    photo_missing: "照片尚未取回", "Photo not here yet";
    photo_removed: "原图已按保存期限删除", "Removed by the retention rule";
    photos_n: "{} 张照片", "Photos: {}";
    enlarge: "放大", "Enlarge";
    timeline: "办理过程", "Timeline";
    adopted_by: "{} 采纳", "adopted by {}";
    reporter: "上报人", "Reporter";
    assignee: "责任人", "Assignee";
    support: "共同负责（包保）", "Jointly responsible";
    bearers: "片区包保", "Zone team";
    bearer: "{}（{}）", "{} ({})";
    part_of: "{}：{}", "{}: {}";
    other_people: "其他人员", "Other people";
    until: "期限", "Deadline";
    until_suspended: "挂账至（最长一年，期满恢复计时）", "Suspended until (a year at most; then the clock runs again)";
    suspension_over: "挂账已到期，继续整改", "The suspension is over; go on";
    until_asked: "申请延至", "Until when";
    until_of_first: "按所选第一条计算，可修改", "Computed for the first; change it if needed";
    usual_limit: "按目录时限 {} 计算，可修改", "By the usual limit of {}; change it if needed";
    extensions: "延期次数", "Extensions";
    close_when: "结案条件", "Struck off when";
    duplicate_of: "重复于", "Duplicate of";
    merge_into: "并入", "Merge into";
    merge_hint: "本件在此结束，照片和留言并到保留的那一件下面。", "This one ends here; its photos and remarks are shown with the one that stays.";
    merged_into: "已并入", "Merged into";
    merged_here: "并入本件的重复问题", "Duplicate merged into this one";
    came_back: "又反弹", "Has come back";
    overtime: "超期", "Overtime";
    same_title: "是不是同一件？", "The same one?";
    same_text: "附近已有同类问题。是同一件就把照片和说明加到那里，不必另报。", "There is one like it near here. If it is the same, add your photos and words there.";
    same_add: "是同一件，加到那里", "The same: add it there";
    same_added: "已加到原有问题", "Added to the issue that was there";
    still_there: "现场仍存在", "It is still there";
    recurs_tick: "这里 {} 销号的同类问题反弹", "What was struck off here on {} has come back";
    recurs_days: "反弹期限（天）", "Days of a recurrence";
    recurs_days_text: "同一地点、同类问题销号后多少天内再报，算反弹。", "Reported again within so many days after it was struck off, it counts as come back.";
    recurrence_of: "反弹自", "Recurrence of";
    nobody: "无人", "Nobody";
    no_deadline: "无期限", "No deadline";
    actions: "我可以", "What I can do";
    more_actions: "其他操作", "Other actions";
    no_actions: "现在没有您可以做的操作。", "There is nothing that you can do now.";
    supervision_level: "督办级别", "Supervision level";
    supervision_number: "督办单号", "Number of the notice";
    supervision_taken: "这个督办单号已用于另一问题 {}，请换一个。", "Another issue ({}) has or had this number. Choose another one.";
    supervision_number_hint: "可不填", "Optional";
    supervision_here: "本机上的问题 {} 也用这个督办单号；可以保存，联网后指挥要给其中一个换号。",
        "On this device issue {} has this number, too. You can save it; the desk will have to give one of them another.";
    number_shared: "（此单号还用于另一问题，付印前请换号）", "(another issue has this number, too: change it before this is printed)";
    doubles_title: "重复的督办单号", "Numbers of notices used twice";
    double_number: "督办单号 {} 用于 {} 个问题，按先后：", "Number {} of a notice stands on {} issues, in this order:";
    double_renumber: "请给 {} 换号：打开它，再督办一次，写另一个单号。", "Give {} another one: open it and put it under supervision again with another number.";
    make_priority: "设为重点", "Make it a priority";
    why_corrected: "更正说明", "Why it is corrected";
    save_correction: "保存更正", "Save correction";
    remark: "留言", "Remark";
    add_remark: "发表留言", "Add remark";
    contact: "宣传劝导", "Contact with residents";
    contact_when: "时间", "When";
    contact_manner: "方式", "How";
    contact_result: "结果", "Result";
    contact_text: "简要情况", "In short";
    contact_privacy: "不要写居民的姓名、电话、门牌号、证件号等个人信息。", "No personal data: no resident's name, telephone, door or identity number.";
    add_contact: "保存宣传劝导", "Save contact";
    conflicts_title: "多人同时修改，需要裁决", "Changed by several at once: decide";
    conflicts_text: "都保留着。点一个作为结果，其余留在记录里。", "All are kept. Tap the one that shall hold; the others stay in the record.";
    conflict_of: "{}：{} 个版本", "{}: {} versions";
    shown_now: "暂时显示", "Shown for now";
    choose_this: "以此为准", "Choose this";
    unknown_author: "作者不详", "Author unknown";
    decided: "已裁决", "Decided";

    // Sync
    verdict_done: "全部已送达办事处", "The office has everything";
    verdict_unsent: "有内容只在本机，有网后自动发送", "Some work is only on this phone; it is sent by itself";
    verdict_refused: "有记录被退回，请处理", "Something was refused; please deal with it";
    verdict_never: "还没有联系上办事处", "No contact with the office yet";
    unsent_changes: "件未送达（记录、照片、巡查）", "not delivered (changes, photos, patrols)";
    bytes_to_go: "待发送", "To send";
    photos_waiting: "待发送照片", "Photos to send";
    photos_refused: "没有送达的照片", "Photos that were not taken";
    photo_damaged: "照片在本机上已损坏", "The photo is damaged on this phone";
    photo_not_taken: "办事处没有接受这张照片", "The office did not take this photo";
    send_again: "重新发送", "Send again";
    give_up_photo: "放弃照片", "Give the photo up";
    discard_text: "放弃后不能恢复。", "This cannot be taken back.";
    unsent_title: "只在本机的内容", "Only on this phone";
    oldest_unsent: "最早一条", "Oldest unsent";
    last_contact: "上次联系", "Last contact";
    next_attempt: "下次自动重试", "Next attempt";
    on_this_phone: "本机存有", "On this phone";
    issues_n: "{} 个问题", "Issues: {}";
    pull_state: "取回", "Fetching";
    pull_running: "片区数据还没有取全", "The zones are not complete yet";
    repairs: "自动修复", "Repairs";
    set_aside: "搁置的问题档案", "Documents set aside";
    sync_now: "立即同步", "Sync now";
    syncing: "正在同步…", "Syncing…";
    other_tab: "另一个标签页正在负责保存和发送，本页照常使用。", "Another tab saves and sends; this one works as usual.";
    refused_title: "被退回的记录", "Refused";
    refused_text: "办事处没有合并下面的内容，它们保留在本机，等您处理。", "The office did not merge these. They stay on this phone until you deal with them.";
    held_text: "已转指挥审阅，可能会被采纳。", "A supervisor looks at it and may adopt it.";
    desk_reason: "指挥看过，没有采纳：{}", "A supervisor looked at it and did not adopt it: {}";
    apply_again: "重新提交", "Apply again";
    copy_text: "复制文字", "Copy text";
    discard: "放弃", "Discard";
    copied: "已复制", "Copied";
    not_copied: "没有复制成功", "It was not copied";
    handover_title: "没有网络，请同事带走", "No network? Let a colleague take it";
    handover_text: "把未送达的内容导出成一个文件，同事在手机或办事处电脑上导入，仍记在您名下。文件没有加密，只交给同事。",
        "Export what is not delivered as one file. A colleague imports it on a phone or at the office, and it still counts as yours. The file is not encrypted: give it to colleagues only.";
    handover_leaving: "未送达的内容可以导出成文件，交给同事带到办事处，由指挥审阅。",
        "What was not sent can be exported as a file for a colleague to take to the office, where a supervisor looks at it.";
    handover_export: "导出未发送的工作", "Export unsent work";
    handover_import: "导入他人的文件", "Import others' work";
    handover_nothing: "没有未发送的内容", "Nothing is unsent";
    handover_busy: "正在处理，请不要离开本页…", "Working; please stay on this page…";
    handover_made: "已导出：{} 条记录，{} 张照片，{}", "Exported. Records: {}, photos: {}, {}";
    handover_others: "另附他人的 {} 份", "With the work of others: {}";
    handover_not_sent: "导出不等于送达：办事处收到之前，内容仍留在本机。", "This is not delivery: all of it stays on this phone until the office has it.";
    handover_save: "保存文件", "Save the file";
    handover_share: "发给同事", "Share";
    handover_failed: "没有导出成功，内容都还在本机", "The export failed; all of it is still on this phone";
    handover_no_room: "本机空间不足，没有导入", "This device has no room; nothing was imported";
    handover_unreadable: "浏览器读不到这个文件，没有导入", "The browser cannot read this file; nothing was imported";
    carried_title: "替他人带的内容", "Carried for others";
    carried_holds: "{} 条记录，{} 张照片", "Records: {}, photos: {}";
    carried_waits: "已存到本机，有网络时自动送到办事处", "Stored here; it goes to the office when there is a network";
    carried_records: "正在送记录…", "Bringing the records…";
    carried_photos: "记录已送到，正在送照片：{}/{}", "The records are there; bringing the photos: {} of {}";
    carried_missing: "有记录要等前面的记录先到，稍后自动再送", "Some of it builds on what the office does not have yet; it is brought again later";
    carried_done: "已交到办事处", "The office has it";
    carried_seen: "知道了", "Done";
    carried_give_up: "不再替他带", "Do not carry it";
    tally_accepted: "新收 {} 条", "{} new";
    tally_known: "早已收到 {} 条", "{} known already";
    tally_held: "待指挥审阅 {} 条", "{} wait for a supervisor";
    tally_refused: "未接受 {} 条", "{} not accepted";
    tally_photos: "{} 张照片未接受", "{} photos not accepted";
    comma: "，", ", ";
    colon: "：", ": ";
    photos_come: "照片加载中，加载完就打印…", "Fetching the photos, then it prints…";
    carried_n: "替他人带的 {} 份", "Carried for others: {}";
    storage: "本机存储", "Storage";
    storage_used: "已用 {}，上限 {}", "{} used of {}";
    persisted: "浏览器承诺不会自动清除", "The browser promised not to clear it by itself";
    not_persisted: "空间紧张时，浏览器可能自动清除本机数据。", "Under pressure the browser may clear this phone's data.";
    ask_persist: "请求长期保存", "Ask to keep it";
    persist_denied: "浏览器没有同意。把本应用添加到主屏幕后再试。", "The browser did not agree. Add the app to the home screen and try again.";
    no_service_worker: "此浏览器不支持离线打开：没有网络时请不要关闭本页。已保存的记录不会丢失。",
        "This browser cannot open the app offline: without network, keep the page open. What is saved is not lost.";
    weak_title: "网络不好时", "On weak links";
    weak_text: "先存本机，再发送。文字先走，缩略图其次，原图最后；断了从断点继续，不会重复。长时间没有网络也可以照常记录，到有网的地方打开本页即可。",
        "Everything is saved here first and sent later: words, then thumbnails, then full photos. A cut upload goes on where it stopped, and nothing is sent twice. You can record for weeks without network; open this page where there is some.";

    // Board
    all_states: "按状态", "By state";
    by_zone: "按片区", "By zone";
    by_person: "按责任人", "By person";
    by_kind: "按类型", "By kind";
    by_place_type: "按场所", "By place";
    group_overdue: "超期", "Overdue";
    group_total: "合计", "All";
    person_counts: "多人负责的问题，每人各计一次。", "An issue of several people counts once for each.";
    list: "清单", "List";
    more: "再显示", "Show more";
    save_view: "保存此视图", "Save view";
    rename_view: "给此视图改名", "Rename this view";
    view_name: "视图名称", "Name of the view";
    views_full: "最多保存 {} 个视图。请选一个被替换。", "At most {} views are kept. Choose the one that this one replaces.";
    views_without_place: "办事处里没有这些视图的位置了，未保存：{}", "The office has no place left for these views; not saved: {}";
    view_to_replace: "被替换的视图", "The view that goes";
    saved_views: "已保存的视图", "Saved views";
    forget_view: "删除视图：{}", "Remove the view: {}";
    pressing: "督办范围（超期、三日内到期、督办）", "For the weekly list: overdue, due in 3 days, under supervision";
    reported_by: "{} 上报", "reported by {}";
    due_before: "{} 前到期", "due before {}";
    reported_span: "上报于 {} 至 {}", "reported {} to {}";
    closed_span: "办结于 {} 至 {}", "ended {} to {}";
    desk_links: "清单与账目", "Lists and settlements";
    weekly: "周督办", "Weekly list";
    weekly_about: "列入：在办且超期、三日内到期或已督办的问题。生成后编号留存，下次可看办理结果。",
        "On it: open issues that are overdue, due within three days, or under supervision. A list is numbered and kept, so that the next one shows what became of it.";
    make_weekly: "生成本期清单", "Make this week's list";
    pressing_now: "先看范围", "Look first";
    no_weekly: "还没有生成过督办清单。", "No list has been made yet.";
    weekly_number: "编号", "Number";
    made_at: "生成时间", "Made";
    made_by: "生成人", "By";
    entries: "列入", "On it";
    ended_since: "已办结", "Ended since";
    still_open: "未办结", "Still open";
    earlier_lists: "更早的清单", "Earlier lists";
    weekly_n: "督办清单 {}", "List {}";
    weekly_made: "{} 由 {} 生成；列入 {} 条，至今办结 {} 条。点责任人可打印督办单。",
        "Made {} by {}: {} issues, of which {} have ended. Choose a person for the notice to print.";
    nobody_yet: "未派遣", "Nobody yet";
    nothing_pressing: "本期没有需要督办的问题。", "Nothing needed supervision.";
    print: "打印", "Print";
    notice: "督办单", "Notice";
    notice_of: "督办单 · {}", "Notice · {}";
    notice_text: "{}：下列 {} 个问题请按期整改，并按要求回复。", "{}: please settle the following {} issues in time, and reply.";
    notice_cut: "本单只印最急的 {} 个，共列入 {} 个。", "Only the most urgent are on this notice: {} of {}.";
    times_listed: "列入次数", "Times listed";
    nth_time: "第 {} 次", "{}";
    previous_list: "上期清单 {} 列入 {} 条：已销号 {}，待核查 {}，仍未整改 {}，作废 {}。",
        "Last list {}, {} issues: struck off {}, handed in {}, still open {}, void {}.";
    notice_made: "编号 {} · {}", "No. {} · {}";
    notice_signing: "签收人：＿＿＿＿＿＿　日期：＿＿＿＿＿＿", "Received by: ____________  Date: ____________";
    asked_for: "整改要求", "Asked for";
    spot: "地点", "Place";
    unit: "责任单位", "In charge";
    printed_at: "打印于 {}", "printed {}";
    was_then: "列入时", "When listed";
    indicators: "考核指标", "Indicators";
    definitions: "指标含义", "What the numbers mean";
    score: "得分", "Score";
    score_text: "得分＝处置率×30＋按期处置率×20＋(1−返工率)×20＋(1−超期率)×20＋(1−延期率)×10；按得分排名。",
        "Score = handled×30 + in time×20 + (1−rework)×20 + (1−overdue)×20 + (1−extended)×10; zones are ranked by it.";
    due_count: "应处置", "Due";
    mark_yellow: "黄", "yellow";
    mark_red: "红", "red";
    thresholds: "设置红黄线", "Set yellow and red";
    thresholds_text: "每项填“黄 / 红”的百分数，如 5 / 10；不填则不标。", "Yellow / red in per cent for each, as 5 / 10; empty for no mark.";
    thresholds_wrong: "有一项不是“黄 / 红”，或者红线不比黄线更严重。", "One of them is not “yellow / red”, or its red does not lie beyond its yellow.";
    settlement: "月结账", "Monthly settlement";
    settlement_about: "期初＋新增－销号－作废＝期末，按片区和类型。冻结后不再变动；迟到的记录计入下一月并注明。",
        "Opening + new − struck off − void = closing, by zone and kind. A frozen month never changes; what comes late is booked in the next, with a mark.";
    no_settlement: "还没有冻结过的月份。", "No month has been frozen yet.";
    month: "月份", "Month";
    frozen_at: "冻结时间", "Frozen";
    frozen_by: "签署人", "Signed by";
    freeze_n: "冻结 {}", "Freeze {}";
    freeze_waiting: "正在等前面的写入完成…", "Waiting for others to finish writing…";
    freeze_running: "正在逐条记账：{} / {} 条", "Booking issue by issue: {} of {}";
    freeze_ending: "正在封账…", "Closing the month…";
    freeze_cancel_hint: "封账之前可以取消，什么都不会冻结；离开本页也是取消。", "You can cancel until the month is closed; nothing is frozen then. Leaving this page cancels, too.";
    freeze_stopped: "已取消，{} 没有冻结。", "Cancelled; {} is not frozen.";
    freeze_too_late: "取消晚了一步：{} 已经冻结。", "Too late to cancel: {} is frozen.";
    freeze_unknown: "没有收到回答。稍后打开本页，看 {} 是否已经冻结。", "No answer came. Open this page later to see whether {} is frozen.";
    freeze_text: "冻结后这个月的数字永远不变，以您的名义签署，不能撤销。", "Its figures never change after that. It is signed in your name and cannot be undone.";
    settlement_of: "{} 月结账", "Settlement of {}";
    settlement_signed: "编号 {}，{} 由 {} 冻结签署。", "No. {}, frozen and signed {} by {}.";
    live_agrees: "与目前数据一致。", "It agrees with what is known today.";
    live_differs: "与目前数据不一致（迟到或更改的记录）：账上有、按目前数据没有的 {} 条，目前有、账上没有的 {} 条。",
        "It differs from what is known today (late or changed records): {} in the settlement are not open by today's data, {} are open and not in the settlement.";
    drift: "与目前数据的差异", "What differs from today's data";
    drift_gone: "账上有，目前没有", "In the settlement only";
    drift_come: "目前有，账上没有", "Today's data only";
    zone_and_kind: "片区 / 类型", "Zone / kind";
    opening: "期初", "Opening";
    entered: "新增", "New";
    of_it_late: "其中迟到", "of it late";
    struck: "销号", "Struck off";
    voided: "作废", "Void";
    closing: "期末", "Closing";
    live_now: "按目前数据", "By today's data";
    whole_office: "全街道", "Whole office";
    undecided_list: "待裁决", "To decide";
    picture_live: "更新于 {}", "As of {}";
    picture_of: "这是 {} 的画面。", "This is the picture of {}.";
    no_picture: "还没有看板画面。", "There is no picture of the board yet.";
    column_empty: "无", "None";
    more_n: "再显示（还有 {} 条）", "Show more ({} left)";
    chosen: "已选问题", "Chosen issues";
    chosen_n: "已选 {} 条", "{} chosen";
    clear_choice: "取消选择", "Clear the choice";
    nothing_undecided: "没有需要裁决的内容", "There is nothing to decide";
    held_title: "待审的修改", "Held for review";
    held_list_text: "做的时候允许，送达时已不允许（角色或片区已变）的修改。采纳后以作者之名生效。",
        "Allowed where they were made, but not any more when they arrived. Adopted, they take effect in the author's name.";
    adopt: "采纳", "Adopt";

    // Lists as files
    export_link: "导出", "Export";
    // The map
    map: "地图", "Map";
    on_the_map: "在地图上看", "On the map";
    as_list: "看列表", "As a list";
    map_all: "共 {} 条，都在图上", "{} issues, all on the map";
    map_some: "共 {} 条，{} 条有定位，在图上", "{} issues; {} have a position and are on the map";
    map_first: "共 {} 条，图上是最前的 {} 条；请用筛选缩小范围", "{} issues; the first {} are on the map. Narrow the list by the filter";
    no_map_picture: "没有这个列表的地图存在本机。", "No map of this list is kept on this device.";
    map_not_here: "地图还没有下载到本机，需要联网打开一次。下面先看列表。", "The map has not been fetched to this device yet: open it once with a network. Here is the list meanwhile.";
    map_no_graphics: "这个浏览器不能显示地图（没有 WebGL 2）。下面是同样的问题列表。", "This browser cannot show a map (it gives no WebGL 2). Here are the same issues as a list.";
    legend: "图例", "Legend";
    list_comma: "、", ", ";
    map_cluster: "多条问题，点开放大；红圈表示其中有超期", "Several issues, tap to come closer; a red ring means that some are overdue";
    map_blank: "没有底图，只画片区边界。", "No base map; only the borders of zones are drawn.";
    map_moved: "底图为 GCJ-02 坐标，位置已换算，仅用于显示。", "The base map is in GCJ-02; positions are moved to it for display only.";
    map_here: "此处有 {} 条问题", "{} issues at this spot";
    zoom_in: "放大", "Zoom in";
    zoom_out: "缩小", "Zoom out";
    map_sources: "底图来源", "Sources of the base map";
    metres_short: "米", "m";
    kilometres_short: "公里", "km";
    zone_by_position: "按定位选的片区；不对可以改。", "Chosen by your position; change it if it is wrong.";
    position_in_zone: "定位在：{}", "Your position is in: {}";
    export_title: "导出清单", "Export the list";
    export_rows: "清单中有 {} 条问题", "Issues in the list: {}";
    export_none: "筛选条件下没有问题可导出。", "There is nothing to export under this filter.";
    export_format: "文件格式", "File format";
    format_xlsx: "Excel 表格", "Excel";
    format_csv: "CSV", "CSV";
    format_geojson: "地图 GeoJSON", "Map (GeoJSON)";
    format_xlsx_hint: "日期和数字可直接排序、筛选、打印。列序：问题—地点—责任单位—整改要求—期限。",
        "Dates and numbers sort, filter and print. The columns begin: problem, place, responsible, what is demanded, deadline.";
    format_csv_hint: "任何程序都能读的文字表格。像公式的内容前加了一个撇号，打开时不会被执行。",
        "A table of text that every program reads. What looks like a formula has an apostrophe before it, so that nothing executes it.";
    format_geojson_hint: "给地图软件用，坐标为 WGS-84；没有定位的问题也在其中。",
        "For map programs, in WGS-84; issues without a position are in it, too.";
    export_photos: "附整改前、后缩略图（最多 {} 条）", "With thumbnails of before and after (at most {} issues)";
    export_too_many: "Excel 表格最多 {} 条。请缩小范围，或选 CSV。", "A workbook holds at most {} issues. Narrow the list, or choose CSV.";
    export_start: "生成文件", "Make the file";
    export_writing: "办事处正在写 {} 条…", "The office is writing {} issues…";
    export_received: "已收到 {} / {} 条，{}", "{} of {} issues, {}";
    export_bytes: "共 {} 条，已收到 {}", "{} issues, {} so far";
    file_writing: "办事处正在写文件…", "The office is writing the file…";
    file_bytes: "已收到 {}", "{} so far";
    export_stopped: "已取消，没有留下文件。", "Cancelled; there is no file.";
    export_broken: "文件没有收全，已丢弃。请重试。", "The file broke off and was thrown away. Try again.";
    export_ready: "已生成：{} 条，{}", "Ready. Issues: {}, {}";
    export_save: "保存文件", "Save the file";
    export_private: "文件里有地址和工作人员姓名，请只在工作中使用。", "The file holds addresses and names of staff: use it for work only.";

    import_link: "导入", "Import";
    import_title: "导入旧清单", "Import an old list";
    import_text: "把办事处原有的清单（Excel .xlsx 或 CSV）导入系统，一次最多 {} 行。先检查，全部没有问题才能导入；同一行再次导入不会重复。",
        "Brings the office's old list (Excel .xlsx or CSV) in, at most {} rows at a time. It is checked first and imported only when all of it is sound; the same row imported again changes nothing.";
    import_choose: "选择文件", "Choose a file";
    sent_of: "正在送出：{} / {}", "Sending: {} of {}";
    borders_stopped: "已取消，什么都没有写入。", "Cancelled; nothing was taken in.";
    borders_unsure: "已取消，不能确定是否已经写入；再写入一次就能确定。", "Cancelled; it may have been taken in before that. Taking it in again makes sure.";
    sent_checking: "已送出 {}，办事处正在检查…", "{} sent, the office is checking…";
    import_stopped: "已取消，什么都没有导入。", "Cancelled; nothing was imported.";
    import_landing: "正在一次存入本机…", "Storing all of it on this device…";
    import_unfit: "{} 行不能导入，所以什么都没有导入。", "Rows that cannot be imported: {}. So nothing was.";
    import_not_yours: "只有指挥可以导入清单。", "Only a supervisor imports lists.";
    import_columns: "每列是什么", "What each column is";
    import_headings_in: "表头在第 {} 行。不对的请改选，改后自动重新检查。", "The headings are in row {}. Correct what is wrong; it is checked again at once.";
    import_no_heading: "（无表头）", "(no heading)";
    import_ignore: "不导入", "Leave out";
    import_sound: "可以导入 {} 条，其中 {} 条直接派给责任人", "{} issues can be imported, {} of them dispatched at once";
    import_all_known: "{} 条全部已在系统中，没有要导入的。", "All {} are in the system already; there is nothing to import.";
    import_known: "另有 {} 条已在系统中，不会重复。", "{} more are in the system already and are left alone.";
    import_ended: "{} 行在原表中已销号或作废，不导入，留在原表（第 {} 行）。", "{} rows are struck off or void in the list and stay there (rows {}).";
    import_handled: "{} 条在原表中已整改，导入后仍算未销号，核查后销号。", "{} are handled by the list, not struck off: they come in open, to be checked.";
    import_notes: "请留意", "Worth a look";
    import_more_notes: "还有 {} 行", "and {} more rows";
    import_other_note: "本版本不认识的提示，请更新后再看", "a note that this version does not know; update to read it";
    import_corrected: "与导入时不同：系统里的问题不变，要改请在那个问题里改", "differs from what came in: the issue here stays as it is; correct it there";
    import_still_open: "原表已销号或作废，本系统里还未销号", "is struck off or void in the list and still open here";
    import_all_ended: "各行在原表中都已销号或作废，没有要导入的。", "Every row is struck off or void in the list; there is nothing to import.";
    import_other: "看那个问题", "See that issue";
    import_faulty: "有 {} 处问题，改好文件或列后再导入；现在什么都没有写入。", "Things wrong: {}. Put the file or the columns right first; nothing has been written.";
    import_start: "导入 {} 条", "Import {}";
    import_own_work: "导入的问题以您的名义上报，来源写在办理过程里；没有网络时先存在本机，联网后自动送出。",
        "Imported issues are reported in your name, with their source in the timeline. Without a network they wait on this device.";
    import_faults: "要改的地方", "What is wrong";
    import_more_faults: "还有 {} 处，改好上面的再查。", "{} more; put these right first.";
    import_cell: "第 {} 行 {} 列（{}）", "Row {}, column {} ({}):";
    import_row: "第 {} 行 ", "Row {}: ";
    quoted: "“{}”", "“{}”";
    import_writing: "正在准备：{} / {} 条", "Preparing: {} of {}";
    import_writing_hint: "准备好后一次存入，要么全部，要么没有。现在可以取消，关闭本页也是取消。", "They are stored together at the end: all of them or none. You can cancel now; leaving this page cancels, too.";
    import_done: "{} 条已存入本机，正在送往办事处", "{} stored on this device and on their way to the office";
    import_left: "第 {} 行没有写入：这些编号的问题已在本机。全部送出后，请再检查一次这个文件。",
        "Rows {} were not written: issues with these numbers are on this device already. Check the file again when everything is sent.";

    // Administration
    add_person: "添加人员", "Add person";
    change_person: "更改人员", "Change person";
    search_people: "按姓名查找", "Find by name";
    name: "姓名", "Name";
    role_label: "角色", "Role";
    zones: "片区", "Zones";
    zone_code: "编码", "Code";
    people: "人数", "People";
    add_zone: "添加片区", "Add zone";
    change_zone: "更改片区", "Change zone";
    bearers_about:
        "谁和谁一起包这个片区，各自包什么。指派时先列出这些人；不因此多给任何权限。",
        "Who answers for this zone together, and for which part of it. They come first when work is given; it gives nobody a right.";
    bearers_none: "还没有写明谁包这个片区。", "Nobody is named for this zone yet.";
    bearers_first: "先添加片区、把人员分到片区，再写明谁包哪一部分。", "Add the zone and give it to people first; then say who bears which part.";
    bearer_person: "包保人", "Who";
    bearer_part: "包什么", "Which part";
    bearer_part_hint: "如：领导包片，或“解放路东段”", "e.g. leader, or the east end of the road";
    usual_parts: "领导包片、部门包点、干部包户", "Leader of the zone、Department、Cadre of the houses";
    bearer_add: "加入", "Add";
    bearer_remove: "移出：{}", "Take out: {}";
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
    no_zones: "还没有片区。先添加片区，再把人员分到片区。", "There are no zones yet. Add them first, then give them to people.";
    zone_name: "名称", "Name";
    zone_name_hint: "如：解放路片区", "e.g. Jiefang Road";
    zone_code_hint: "社区编码，可不填", "Community code, optional";
    lock: "自动锁屏", "Locking the screen";
    lock_about: "手机和电脑无人操作满这些分钟就收起全部内容，没有网络也一样；正在填写的内容不丢，未送达的照常发送。有通行密钥的须用它打开；没有的谁点一下都能打开，只防旁人看到。它不加密本机数据，手机自己的锁屏密码仍要设。", "A device that nobody touches for so many minutes hides everything, also without a network; what is being typed stays, and unsent work is still sent. Whoever has a passkey there needs it to go on; without one a tap opens it, so it only hides from a glance. It does not encrypt the device: its own screen lock is still needed.";
    lock_minutes: "几分钟无人操作后锁上", "Lock after so many minutes";
    lock_never: "不锁", "Never";
    lock_wrong: "请填 0 到 {} 之间的整数，0 或留空表示不锁。", "A whole number from 0 to {}; 0 or nothing is never.";
    lock_mine: "{} 分钟无人操作，本机就收起内容。添加通行密钥后，只有您能打开；没有的话，谁点一下都能打开。", "After {} minutes without a touch this device hides everything. With a passkey added here only you open it; without one anybody does with a tap.";
    lock_now: "现在锁上", "Lock now";
    locked_title: "已锁上", "Locked";
    locked_passkey: "一段时间无人操作，内容已收起。用您的通行密钥打开，没有网络也可以；正在填写的内容还在。", "Nobody has touched this device for a while, so it hides everything. Your passkey opens it, also without a network; what you were typing is still there.";
    locked_plain: "一段时间无人操作，内容已收起；正在填写的内容还在。本机没有通行密钥，谁点一下都能打开：这只防旁人看到。要真正防人，请设手机锁屏密码，并到“我的”里添加通行密钥。", "Nobody has touched this device for a while, so it hides everything; what you were typing is still there. There is no passkey here, so a tap opens it: this only hides from a glance. To keep others out, set the device's own screen lock, and add a passkey under “Me”.";
    locked_unsent: "还有 {} 项没有送达，锁着也会继续发送。", "{} not sent yet; sending goes on while it is locked.";
    unlock: "继续使用", "Go on";
    unlock_passkey: "用通行密钥打开", "Open with the passkey";
    passkey_lost: "通行密钥用不了？", "The passkey does not work?";
    passkey_lost_text: "先等未送达的送完，或导出成文件交给同事。然后请管理员发一个新的登记码，清空本机重新登记：办事处已有的内容会重新取回，没送达也没导出的会丢失。", "Wait until everything is sent, or hand it over as a file. Then ask the administrator for a new code, clear this device and enrol again: what the office has comes back, and what was neither sent nor handed over is lost.";
    vault: "本机数据加密", "What lies on this device";
    vault_switch: "手机数据须加密存放", "Phones keep their data under a key";
    vault_about: "每台手机上的问题、步骤、备注和办事处已有的照片，用一把只有本人通行密钥才取得出的钥匙加密；每次打开应用都要用它，没有网络也可以。各人到“我的”里自己启用。未送达的记录和照片、草稿、人员和片区名单不加密，通行密钥丢了也不会丢。有的手机或浏览器做不到，会照旧不加密地使用。", "Issues, steps, remarks and photos that the office has, too, lie on each phone under a key that only its person's passkey gives out; it is asked for at each start, also without a network. Everybody switches it on himself under “Me”. Unsent work and photos, drafts and the list of people and zones stay outside, so that a lost passkey loses none of them. Some phones and browsers cannot do it, and go on as before.";
    vault_bar: "办事处要求加密本机数据。", "The office asks for this device's data to be kept under a key.";
    vault_bar_go: "去启用", "See";
    vault_on: "已启用：本机的问题和照片已加密，每次打开应用都要用您的通行密钥。应用开着的时候，钥匙在内存里。", "On: the issues and photos here are under a key, and each start asks for your passkey. While the app is open the key is in its memory.";
    vault_wanted: "办事处要求加密本机数据。用您的通行密钥启用，以后每次打开应用都要用它，没有网络也可以。", "The office asks for the data here to be kept under a key. Your passkey switches it on, and is then asked for at each start, also without a network.";
    vault_needs_passkey: "办事处要求加密本机数据。请先在上面“通行密钥”里添加一个。", "The office asks for the data here to be kept under a key. Add a passkey above first.";
    vault_impossible: "办事处要求加密本机数据，但这个浏览器或网址不支持通行密钥，数据照旧不加密。", "The office asks for the data here to be kept under a key, but this browser or address has no passkeys; it stays as it is.";
    vault_make: "启用加密", "Switch it on";
    vault_inside: "加密：问题、步骤、备注，以及办事处已有的照片。", "Under the key: issues, steps, remarks, and photos that the office has, too.";
    vault_outside: "不加密：未送达的记录和照片、被退回的、草稿、人员和片区名单、问题编号。没有通行密钥也能导出交给同事。", "Outside: unsent work and photos, what was refused, drafts, the list of people and zones, numbers of issues. Without the passkey, too, unsent work can be handed over as a file.";
    vault_lost: "通行密钥丢了：加密的部分打不开，只能丢弃；联网并用管理员新发的登记码（或您的另一个通行密钥）确认本人后，从办事处重新取回，在那之前看不到。没送达的不会丢；办事处收到过、又因恢复旧备份而丢失的，若只在本机的加密部分里，会一并丢失。", "Should the passkey be lost, what is under the key cannot be opened: it is thrown away, and comes again from the office once a new code from the administrator (or another passkey of yours) has proven who you are; it is not seen before. Nothing is lost that was not sent; what the office had and lost by going back to a backup goes with it, where only this phone has it under the key.";
    vault_made: "加密已启用", "It is on";
    vault_failed: "没有成功，数据照旧。请重试。", "It did not work, and nothing changed. Try again.";
    vault_no_secret: "这个通行密钥或浏览器不能用来加密（不支持 PRF）。请换一个浏览器，或在手机系统里另建一个通行密钥。", "This passkey or this browser cannot do it (no PRF). Use another browser, or make a passkey in the phone's own system.";
    vault_leave: "不再加密", "Switch it off";
    vault_left: "正在解除加密", "It is being switched off";
    vault_throw: "丢弃加密的数据", "Throw it away";
    vault_throw_text: "加密的问题和照片将从本机删除。未送达的记录、照片和草稿保留，并照常送出；其余的要联网，用您的通行密钥或管理员新发的登记码确认本人以后，才重新取回。在那之前这里什么也看不到。", "The issues and photos under the key are removed from this device. Unsent work, photos and drafts stay, and work is sent as ever; all else comes again with a network, once you have proven who you are by a passkey or a new code from the administrator. Until then nothing is to be seen here.";
    unproven_title: "请确认您本人", "Prove who you are";
    unproven_text: "本机的加密数据被丢弃过，或者办事处要求确认。确认您本人以前，这里不显示也不取回办事处的任何内容。请联网，用管理员新发的登记码，或用您的通行密钥。", "What lay here under a key was thrown away, or the office asks. Until you have proven who you are, nothing of the office is shown or fetched here. It takes a network, and a new code from the administrator or a passkey of yours.";
    unproven_submit: "确认本人", "Prove it";
    unproven_work: "未送达的工作不会丢，联网后照常送出。", "Unsent work is not lost: with a network it is sent as ever.";
    unproven_unsent: "还有 {} 项没有送达，联网后照常送出。", "{} not sent yet; with a network they are sent as ever.";
    not_mine: "这不是我的手机", "This is not my phone";
    sealed_text: "本机的数据已加密。用您的通行密钥打开，没有网络也可以。", "What lies on this device is under a key. Your passkey opens it, also without a network.";
    sealed_unsent: "还有 {} 项没有送达，联网后照常送出。", "{} not sent yet; with a network they are sent as ever.";
    sealed_lost_text: "加密的部分是办事处收到过的内容：丢弃后，要联网确认您本人（管理员新发的登记码，或您的另一个通行密钥），才会重新取回（办事处因恢复旧备份而丢失的除外）。未送达的记录、照片和草稿不在其中，会保留；也可以现在就导出成文件交给同事。", "Under the key lies what the office has had, too: once thrown away, it comes again with a network when you have proven who you are (by a new code from the administrator, or another passkey of yours), but for what the office lost by going back to a backup. Unsent work, photos and drafts are not in it and stay; they can also be handed over as a file now.";
    calendar: "工作时间", "Working time";
    work_hours: "每天工作时段", "Hours of a day";
    holidays: "放假（含调休放假）", "Days off";
    makeup_days: "调休上班", "Make-up working days";
    dates_hint: "每行一天或一段，如 2026-10-01 ~ 2026-10-07", "One day or run a line, like 2026-10-01 ~ 2026-10-07";
    no_dates: "无", "none";
    calendar_not_understood: "看不懂：{}", "Not understood: {}";
    calendar_not_sensible: "时段要从早到晚、互不重叠；同一天不能既放假又上班。", "Hours must follow each other within the day, and no day can be off and made up at once.";
    duties_label: "职责（三员分立）", "Duties (three officers)";
    duties_none: "无职责", "No duty";
    duties_about: "系统、安全、审计三项职责应由不同的人担任，不勾选就没有；任何人都不能改自己的职责。", "Three different people should have these duties; an administrator without one may do nothing. Nobody changes his own.";
    rights_table: "权限表", "Table of rights";
    rights_about: "服务器和手机都只按这张表办事。干部只看得到自己的片区；管理员看不到问题。", "Office and phones ask this table and nothing else. A cadre sees his own zones, an administrator no issue.";
    right_name: "事项", "What";
    right_reach: "范围", "Within";
    right_sure: "须确认本人", "Takes a passkey";
    steps_table: "流转权限表", "Table of steps";
    steps_about: "每一步：在什么状态下、由谁、在哪些片区、需要什么。手机和服务器都只按这张表判断；管理员不能处理问题。", "Each step: in which state, by whom, in which zones, and what it needs. Phones and office ask this table and nothing else; administrators take no step.";
    step_action: "操作", "Step";
    step_from: "在什么状态", "In state";
    step_to: "变为", "Becomes";
    step_roles: "角色与片区", "Roles and zones";
    step_who: "限定", "Only";
    step_needs: "需要", "Needs";
    step_open: "所有未办结的状态", "every open state";
    step_every: "所有状态", "every state";
    step_stays: "不变", "stays";
    step_reason: "说明", "a reason";
    step_assignee: "负责人", "somebody in charge";
    step_until: "期限", "a deadline";
    unguarded: "您还没有通行密钥。添加之前，谁拿着这台设备，谁就可以不经确认做这些事：{}。", "You have no passkey. Until you make one, whoever holds this device can do all of this unasked: {}.";
    unguarded_refused: "您还没有通行密钥。添加之前，办事处不接受您做这些事：{}。", "You have no passkey. Until you make one, the office refuses you all of this: {}.";
    unguarded_number: "办事处用数字地址访问，无法使用通行密钥：谁拿着这台设备，谁就可以不经确认做这些事：{}。改用域名访问后即可添加。", "This office is reached by a number, so there are no passkeys: whoever holds this device can do all of this unasked: {}. Reached by a name it can have them.";
    unguarded_go: "添加通行密钥", "Make a passkey";
    audit: "审计日志", "Audit";
    audit_about: "谁、何时、从哪里、做了什么、结果如何。只增不改，每一次查看也会记录。", "Who did what, when, from where, and with what result. Nothing in it is changed, and each look is noted.";
    audit_read: "查看（更早的）", "Look (further back)";
    audit_export: "导出全部", "Export all of it";
    audit_head: "最新一条的编号和校验值，请抄存在别处，日后可核对末尾是否被删：{}", "Number and hash of the newest row. Keep them elsewhere: they show later whether the end was cut off: {}";
    may_log_in: "可以使用", "May use the app";
    inactive: "已停用", "Not active";
    unsent_n: "{} 条未送达", "{} unsent";
    invite: "登记码", "Code";
    invite_for: "{} 的登记码", "Code for {}";
    invite_text: "用手机扫描，或在手机上输入这十个字母。只能用一次，{} 前有效。关闭后不再显示。",
        "Scan it with the phone or type the ten letters. It works once, until {}, and is not shown again.";
    qr_alt: "登记二维码", "QR code for enrolment";
    revoke: "停用设备", "Revoke";
    revoke_text: "停用设备“{}”（#{}）？它从下一次联系起不能再收发任何内容。", "Revoke “{}” (#{})? From its next contact on nothing goes in or out.";
    revoke_unsent: "上次联系时它还有 {} 条未送达。", "At its last contact it still held {} unsent changes.";
    revoked_at: "{} 停用", "revoked {}";
    cloned_at: "{} 因密钥被复制而停用", "stopped {}: its key was copied";
    revoked_done: "已停用", "Revoked";
    saved_office: "办事处已保存", "The office saved it";

    trends: "趋势", "Trends";
    trends_about: "最近十二个月的指标；最后一个月到现在为止。断开处是当月没有可计算的问题。", "The indicators of twelve months, the last one up to now. A line breaks where a month had nothing to measure.";
    trend_alt: "{}十二个月的折线，最近一个月 {}；数字见下表", "{}: a line over twelve months, the last at {}; all numbers stand in the table below";
    nothing_undecided_text: "几个人同时改了同一处、或者收到时已不允许的操作，会在这里等指挥处理。", "What several people changed at once, and what was not allowed any more when it arrived, waits here for the desk.";
    decision_reason: "理由", "Reason";
    choose_all: "全选", "Choose all";
    choose_change: "选中这一条", "Choose this one";
    adopt_n: "采纳 {} 条", "Adopt {}";
    discard_n: "放弃 {} 条", "Discard {}";
    held_adopt_text: "以作者的名义写入 {} 条。可以写明理由，和处理人一起留存。", "Writes {} in their authors' names. A reason, if you give one, is kept with your name.";
    held_discard_text: "放弃 {} 条；内容仍留存作证据，作者的手机上也还在。", "Discards {}. They are kept as evidence, and stay on their authors' phones.";
    decided_n: "已处理 {} 条", "{} decided";
    decided_but: "已处理 {} 条，其余没有成功：{}", "{} decided, the rest failed: {}";
    held_whose: "{}（设备 #{}） · {}", "{} (device #{}) · {}";
    held_since: "{} 收到，{}", "received {}, {}";
    held_evidence: "仅作证据，不能采纳", "evidence only, cannot be adopted";
    behind_settled: "{} 月结账：{}", "Settlement of {}: {}";
    behind_measured: "{} 指标：{}", "Indicators of {}: {}";
    behind_reported: "{} 至 {}：{}", "{} to {}: {}";
    nobody_in_charge: "无责任人", "Nobody in charge";
    reported_from: "上报不早于", "Reported from";
    reported_until: "上报不晚于", "Reported until";
    closed_from: "办结不早于", "Ended from";
    closed_until: "办结不晚于", "Ended until";

    // The catalogue
    catalogue: "问题目录与时限", "Catalogue and limits";
    catalogue_about: "每类问题的处置时限、结案条件，以及本办事处的调整。时限从派遣时起算；手机下次同步时收到更改。",
        "How long each kind may take, when it counts as done, and what this office changed. Limits count from dispatch; phones get a change when they next sync.";
    catalogue_not_back: "更改只对以后派遣、延期或恢复的问题起作用，已经定下的期限不会变。", "A change concerns what is dispatched, extended or resumed from then on. A deadline that stands does not move.";
    catalogue_only_own: "只看本办调整过的", "Only what this office changed";
    catalogue_search: "搜类型或编码", "Search a kind or code";
    catalogue_own: "本办自定", "set here";
    catalogue_off: "不再上报", "not reported here";
    catalogue_condition: "立案条件", "Filing condition";
    catalogue_close_when: "结案条件", "Struck off when";
    catalogue_close_hint: "如：清理干净，地面无残留", "e.g. cleared, nothing left on the ground";
    catalogue_own_kind: "自定义类别", "Own kind";
    catalogue_add: "新增自定义类别", "Add a kind of our own";
    catalogue_rename: "改名", "Rename";
    catalogue_own_name: "类别名称", "Name of the kind";
    catalogue_own_hint: "如：共享单车乱停放", "e.g. shared bicycles in the way";
    catalogue_own_text: "国家目录里没有的类别。编码由系统给出；保存后可设时限和结案条件，可停用，不能删除。", "A kind that the national catalogue lacks. The system gives its code; then set its limits and when it is struck off. It can be switched off, not deleted.";
    catalogue_own_wrong: "名称已有，或超过 20 字。", "There is a kind of this name, or it has more than 20 letters.";
    catalogue_close_count: "{} / {} 字；换行保存为空格。", "{} of {} letters; line breaks become blanks.";
    catalogue_close_long: "结案条件最多 {} 字，现在 {} 字。", "At most {} letters say when an issue is struck off; these are {}.";
    catalogue_any_place: "各类场所", "Places of any type";
    catalogue_amount: "时限", "Limit";
    catalogue_unit: "单位", "Unit";
    catalogue_set: "改时限和结案条件", "Change";
    catalogue_reset: "恢复目录的时限和结案条件", "Back to the catalogue";
    catalogue_switch_off: "停用", "Switch off";
    catalogue_switch_on: "启用", "Switch on";
    catalogue_off_text: "停用“{}”？手机不再提供这一类，已有的问题照常办理；没同步的手机上报的仍然收下。", "Switch “{}” off? Phones offer it no more; what was reported goes on, and what a phone without a network still reports is taken.";
    catalogue_limits_wrong: "时限是 1 到 366 的整数。", "A limit is a whole number from 1 to 366.";
    catalogue_place_types: "场所类型", "Place types";
    catalogue_place_types_text: "场所类型是固定的；某类场所需要另外的时限时，在“改时限和结案条件”里选它。", "Place types are fixed; where one needs a limit of its own, choose it when you change the limit.";
    catalogue_changes: "更改记录", "What was changed";
    catalogue_no_changes: "还没有更改过，全部按目录执行。", "Nothing was changed yet: all limits are the catalogue's.";
    catalogue_unknown_change: "本版本不认识的更改，更新后可见", "A change that this version does not know; update to read it";
    catalogue_by_catalogue: "按目录", "by the catalogue";
    when_label: "时间", "When";
    who_label: "谁", "Who";
    what_label: "内容", "What";
    before_label: "原来", "Before";
    after_label: "现在", "Now";

    // Who is not syncing
    devices: "设备同步情况", "Devices and their sync";
    devices_about: "所有在用设备，最久没有联系的排在最前。待发内容是设备最近一次联系时自己报告的。",
        "Every device in service, the one not heard of for longest first. What waits is what the device itself said at its last contact.";
    devices_marked: "只看需要关注的", "Only those that need attention";
    devices_n: "在用设备 {} 台，需要关注 {} 台", "{} devices in service, {} need attention";
    devices_none: "没有需要关注的设备。", "No device needs attention.";
    devices_waiting: "待发", "Waiting";
    devices_waiting_n: "{} 条记录、{} 张照片", "{} changes, {} photos";
    devices_nothing: "无", "Nothing";
    devices_oldest: "最早一条", "Oldest";
    devices_storage: "存储占用", "Storage";
    devices_marks: "关注", "Attention";
    unproven_since: "{} 起须重新证明身份", "must prove himself since {}";
    device_silent: "三天未联系", "Silent for three days";
    device_stuck: "超过一天未送达", "Unsent for over a day";
    device_full: "存储将满", "Storage nearly full";

    // The half-year report
    halfyear: "工作总结", "Summary report";
    halfyear_title: "{} 至 {} 环境卫生工作总结", "Sanitation report, {} to {}";
    halfyear_sum: "本期共发现问题 {} 件，销号 {} 件，期末在办 {} 件。", "Found {}, struck off {}, open at the end {}.";
    halfyear_none: "这段时间没有问题记录。", "No issue falls into this period.";
    from_month: "从", "From";
    to_month: "到", "To";
    make_document: "生成 Word 文档", "Make a Word document";
    by_month: "各月情况", "By month";
    found: "发现", "Found";
    chart_alt: "各月发现与销号的柱状图，数字见下表", "Bars of found and struck off by month; the numbers stand in the table below";
    solved: "解决的长期问题（历时九十天以上）", "Long-standing problems solved (ninety days and more)";
    part_shown: "列出 {} 件，共 {} 件。", "{} of {} are shown.";
    held_cut: "列出 {} 条，共 {} 条；处理完这些，其余的才会列出。", "{} of {} are shown; the others follow as these are decided.";
    solved_none: "没有历时九十天以上销号的问题。", "Nothing that had waited for ninety days was struck off.";
    days_taken: "历时（天）", "Days";
    before_after_title: "整改前后对照", "Before and after";
    pairs_none: "没有整改前后照片齐全的问题。", "No issue has photos of both before and after.";

    // 今日提示
    bulletin: "今日提示", "Notice";
    bulletins: "今日提示", "Notices";
    bulletins_about: "发给全体或部分片区的提示，显示在手机“待办”页最上方，直到本人点“知道了”或到期。",
        "A notice for everybody or for some zones stands above My work on phones until it is read or its time is over.";
    no_bulletins: "还没有发过提示。", "No notice has been sent yet.";
    bulletin_text: "提示内容", "Notice";
    bulletin_zones: "发给哪些片区（不选为全体）", "For which zones (none chosen: everybody)";
    bulletin_all: "全体", "Everybody";
    bulletin_no_end: "请填写到什么时候为止。", "Say until when it stands.";
    bulletin_send: "发出提示", "Send the notice";
    bulletin_sent: "提示已发出", "The notice is on its way";
    bulletin_from: "{} · {} 发出 · 有效至 {}", "{} · sent {} · stands until {}";
    bulletin_read: "知道了", "Read";
    bulletin_read_by: "已读 {}/{}", "Read by {} of {}";
    bulletin_unread: "未读 {}：", "Not yet read by {}:";
    bulletin_withdraw: "撤回", "Withdraw";
    bulletin_withdrawn: "{} 撤回", "withdrawn {}";
    bulletin_over: "已到期", "Over";

    // 巡查
    patrol: "巡查", "Patrols";
    patrol_begin: "开始巡查", "Begin a patrol";
    patrol_end: "结束巡查", "End the patrol";
    patrol_in: "正在巡查 · {}", "On patrol · {}";
    patrol_since: "{} 开始，已 {}，上报 {} 个问题", "since {}, {} so far, {} reported";
    patrol_forgotten: "{} 开始，可能忘了结束，请补填结束时间。", "Began {}. It may have been forgotten: say when it ended.";
    patrol_began: "{} · {} 开始", "{} · began {}";
    patrol_ended_at: "结束时间", "When it ended";
    patrol_found: "发现问题（个）", "Issues found";
    patrol_zero: "没有发现问题也要记，填 0。", "A patrol without findings counts, too: write 0.";
    patrol_save: "保存巡查", "Save the patrol";
    patrol_saved: "已保存：巡查 {}，发现 {} 个问题", "Saved: a patrol of {}, {} found";
    patrol_drop: "误开，作废", "Begun by mistake: discard";
    patrol_not_yours: "办事处没有接受：您没有这个片区", "Not accepted: this zone is not yours";
    patrol_not_taken: "办事处没有接受", "Not accepted";
    patrol_again: "再报一次", "Tell it again";
    patrol_in_future: "结束时间不能晚于现在。", "It cannot end later than now.";
    patrol_give_up: "作废", "Discard";
    patrol_bad_time: "请填写结束时间。", "Say when it ended.";
    patrol_bad_count: "请填写数字，没有就填 0。", "Write a number, 0 for none.";
    patrol_backwards: "结束时间要晚于开始时间。", "It must end after it began.";
    patrol_too_long: "一次巡查不超过 24 小时。", "A patrol lasts at most 24 hours.";
    patrol_too_many: "发现数太大，请核对。", "That many were hardly found on one patrol.";
    patrols_unsent: "只在本机的巡查", "Patrols only on this phone";
    patrol_line: "巡查 · {} · {} · 发现 {} 个", "Patrol · {} · {} · {} found";
    patrols_days: "时段", "Days";
    from_day: "从", "From";
    to_day: "到", "To";
    last_7_days: "近7天", "7 days";
    this_day: "今天", "Today";
    this_month: "本月", "This month";
    last_month: "上月", "Last month";
    patrols_bad_days: "开始日期不能晚于结束日期，最多 {} 天。", "From a day to a later one, at most {} days.";
    patrols_none: "这段时间没有巡查记录。干部在手机“待办”页点“开始巡查”即可记录，没有网络也行。",
        "No patrol falls into these days. Cadres begin one on My work on their phones, also without a network.";
    patrols_caption: "各时段有巡查的天数 / 已过去的天数。点数字看是哪几次。跨零点的巡查计在开始那天。", "Days with a patrol / days that are over, by hours. Choose a number to see its patrols. A patrol over midnight counts on the day it began.";
    patrols_band: "{}点", "{} h";
    patrols_cell: "{}，{}点：{} 天有巡查，共 {} 天", "{}, {} h: {} of {} days";
    patrol_coverage: "覆盖率", "Coverage";
    patrols_rounds: "次数", "Patrols";
    patrols_time: "时长", "Time";
    patrols_n: "{} 次", "{} patrols";
    patrols_all: "看全部", "Show all";
    patrols_none_here: "这一格没有巡查。", "Nobody patrolled here then.";
    patrols_more: "只列最近 {} 次；全部在表格文件里。", "Only the newest {} are listed; the file has them all.";
    patrols_book: "生成 Excel 表格", "Make a workbook";
    patrols_private: "只记片区、起止时间和发现数，不记录行走轨迹。", "Zone, beginning, end and findings; nobody's way is recorded.";
    patrol_nothing: "无发现", "nothing found";
    patrol_found_n: "发现 {} 个", "{} found";
    patrol_received: "{} 收到", "received {}";
    patrol_doubt_clock: "手机时钟不可信，不计入", "clock in doubt, not counted";
    patrol_doubt_stopped: "设备已停用，不计入", "device out of service, not counted";

    // Enrolment and me
    enrol_lead: "用管理员给的登记码，把这台设备登记到您名下。", "Enrol this device with the code from your administrator.";
    enrol_code: "登记码", "Code";
    enrol_code_hint: "十个字母或数字，不分大小写", "Ten letters or digits; capitals do not matter";
    enrol_submit: "登记本机", "Enrol this device";
    enrolling: "正在登记…", "Enrolling…";
    enrol_help: "没有登记码？请向街道办事处的系统管理员索取，也可以直接扫描管理员屏幕上的二维码。",
        "No code? Ask the administrator of your office, or scan the QR on the administrator's screen.";
    enrol_passkey: "用通行密钥登记", "Enrol with a passkey";
    enrol_passkey_about: "已在别的设备上添加过通行密钥？不用登记码，用指纹、人脸或开机密码即可登记。", "Added a passkey on another device before? Then no code is needed: your finger, face or PIN enrols this one.";
    enrol_passkey_not_shown: "没有确认成功：可能已取消、没有识别出来，或这里没有您的通行密钥。可以再试一次，也可以用登记码。", "It was not confirmed: cancelled, not recognised, or no passkey of yours is here. Try again, or use a code.";
    enrol_passkey_refused: "办事处不认这个通行密钥：它或添加它的设备可能已停用。请向管理员要登记码。", "The office does not accept this passkey: it, or the device that made it, may be out of service. Ask the administrator for a code.";
    enrol_too_many: "您在用的设备已有十台，请管理员先停用不再用的。", "You have ten devices in service; ask the administrator to put those out that you no longer use.";
    sign_on: "用单位统一身份登录", "Sign in with the office's account";
    sign_on_about: "有单位统一身份账号的，登录后即可登记，不用登记码。登录在单位自己的网页上进行，本应用看不到您的密码。", "With an account of the office's own sign-on no code is needed. You sign in on the office's own page; this app never sees your password.";
    sign_on_not_done: "没有登录成功：可能已取消，或统一身份系统没有放行。可以再试一次，也可以用登记码。", "You were not signed in: cancelled, or the office's sign-on did not let you. Try again, or use a code.";
    sign_on_refused: "这次登录不能用来登记：可能隔得太久，或已经用过。请重新登录；还不行，就向管理员要登记码。", "This sign-in cannot enrol a device: too long ago, or used already. Sign in anew; should that not help, ask the administrator for a code.";
    sign_on_unknown: "您登录的账号是“{}”，办事处还没有把它记到您名下。请把这个账号告诉管理员，记好后再登录一次；急用可先要登记码。", "You signed in as “{}”, an account that the office has not written down for you. Tell it to the administrator, then sign in once more; if it is urgent, ask for a code.";
    sign_on_unreachable: "暂时连不上统一身份系统，请稍后再试，或用登记码。", "The office's sign-on cannot be reached now. Try again later, or use a code.";
    device_label: "这台设备叫什么", "What this device is called";
    device_hint: "如：值班手机", "e.g. duty phone";
    welcome: "{}，您好。本机已登记。", "Welcome, {}. This device is enrolled.";
    office: "办事处", "Office";
    device: "设备", "Device";
    all_zones: "全部片区", "All zones";
    language: "语言", "Language";
    version: "版本", "Version";
    passkeys: "通行密钥", "Passkeys";
    passkeys_about: "用指纹、人脸或开机密码证明是您本人。更改人员、片区、设备和导出清单时会用到。", "Your finger, face or PIN proves that it is you. It is asked for before people, zones or devices are changed and lists are taken away.";
    add_passkey: "添加通行密钥", "Add a passkey";
    add_passkey_text: "它保存在这台设备或您的密码管理器里，办事处得不到您的指纹和密码。丢了它不会丢任何记录：请管理员发一个新登记码，再添加一个即可。", "It stays on this device or in your password manager; the office gets neither finger nor PIN. Should it be lost, no work is lost: ask the administrator for a new code and add another one.";
    make_passkey: "创建", "Create";
    passkey_label: "名称", "Name";
    passkey_needs_code: "为防别人用您的设备添加，请先输入管理员新发的登记码。", "So that nobody else adds one on your device, enter a fresh code from the administrator first.";
    passkey_next: "下一步", "Continue";
    passkey_made: "{}添加", "added {}";
    passkey_used: "{}用过", "used {}";
    passkey_synced: "已同步到云端账户", "synced to a cloud account";
    passkey_added: "通行密钥已添加", "The passkey was added";
    passkey_removed: "通行密钥已删除", "The passkey was removed";
    newcomer: "{}，您名下新登记了一台设备：{}（{}）。", "Another device was enrolled as yours, {}: {} ({}).";
    newcomer_not_me: "不是您本人？请马上告诉管理员停用它，并检查通行密钥和统一身份账号。", "If that was not you, tell the administrator at once to revoke it, and look after your passkeys and your sign-on account.";
    newcomer_seen: "是我本人", "It was me";
    way_code: "用登记码登记", "enrolled by a code";
    way_passkey: "用通行密钥登记", "enrolled by a passkey";
    way_sign_on: "用统一身份登记", "enrolled by sign-on";
    sign_on_name: "统一身份账号", "Account of the sign-on";
    sign_on_name_hint: "与统一身份系统里的一字不差；留空则不能用它登记", "Letter by letter as the sign-on has it; blank: no enrolment by it";
    sign_on_name_taken: "这个统一身份账号已记在别人名下。", "This account is somebody else's already.";
    withdraw_passkey: "停用密钥", "Withdraw";
    withdraw_passkey_text: "停用通行密钥“{}”？它不能再证明是本人，也不能再登记新设备。已登记的设备不受影响。", "Withdraw the passkey “{}”? It proves nothing any more and enrols no device. Devices that are enrolled stay.";
    passkey_withdrawn: "通行密钥已停用", "The passkey was withdrawn";
    passkey_known: "这台设备上已有您的通行密钥。", "This device holds a passkey of yours already.";
    passkey_not_shown: "没有确认成功，可以再试一次。", "It was not confirmed. You may try again.";
    remove_passkey: "删除", "Remove";
    remove_passkey_vault: "本机的加密数据也靠它打开：设备系统里的那一份也删掉以后，加密的问题和照片就打不开了，只能丢弃，再凭管理员新发的登记码或另一个通行密钥从办事处取回。未送达的工作不受影响。", " It also opens what lies under a key on this device: once its copy in the device's settings is gone, too, the issues and photos there cannot be opened any more. They are thrown away then, and come again from the office by a new code from the administrator or another passkey. Unsent work is not touched.";
    remove_passkey_text: "“{}”将不能再证明是您本人。设备系统里保存的那一份，请到系统设置中删除。", "“{}” will prove nothing any more. The copy in the device's own settings is to be deleted there.";
    confirm_person: "请确认是您本人", "Please confirm that it is you";
    confirm_person_text: "这项操作需要您的通行密钥：指纹、人脸或开机密码。确认后五分钟内不再询问。", "This takes your passkey: finger, face or PIN. It is then not asked for again for five minutes.";
    confirm_passkey: "用通行密钥确认", "Use the passkey";
    no_passkeys_here: "这个浏览器不支持通行密钥，请换一台设备。", "This browser has no passkeys; use another device.";
    no_passkey_yet: "您还没有通行密钥，请先到“我的”里添加一个。", "You have no passkey yet; add one under “Me” first.";
    change_over: "换人", "Someone else uses this phone";
    person_now: "{}（正在使用）", "{} (in use)";
    person_without_name: "第 {} 位", "Person {}";
    change_unsent: "还有 {} 项没有送达或没写完，会留在本机，等您回来再送。", "{} still to be sent or finished. All of it waits here until you come back.";
    add_here: "添加一人", "Add a person";
    people_full: "本机最多 5 人使用，请先让一位退出登录。", "At most 5 people use one phone; one of them has to log out first.";
    change_about: "每人的问题、照片、草稿和密钥在本机分开存放，互相看不到；别人使用期间，您没送达的内容不会发送。本人在本机用过通行密钥的，换回来要用它打开；没有通行密钥的，谁拿着手机都能换进他的一份。", "Each person's issues, photos, drafts and key lie apart on this phone, and nobody sees another's; while somebody else is at work, nothing of yours is sent. Who has used a passkey here opens his part by it when it is changed back to; of who has none, whoever holds the phone can open the part.";
    change_failed: "没有换成，请再试一次。", "It was not changed. Please try again.";
    person_added: "给新来的人登记；也可以回到已在本机登记的人：", "Enrol whoever is new here, or go back to somebody who uses this phone:";
    back_to_person: "回到{}", "Back to {}";
    link_bar: "打开了一个登记码，但本机正由{}使用。", "An enrolment code was opened, but {} is using this phone.";
    link_dismiss: "不用了", "Dismiss";
    logout: "退出登录", "Log out";
    logout_text: "本机上的问题和照片将被清除，再次使用需要新的登记码。", "Issues and photos on this device are wiped; to come back you need a new code.";
    would_be_lost: "还有内容没有送达", "Some work is not delivered";
    would_be_lost_text: "退出将永远丢失本机上 {} 条未送达的内容（记录、照片、草稿）：", "Logging out loses {} undelivered changes, photos and drafts for good:";
    send_first: "先发送", "Send first";
    lose_and_logout: "放弃并退出", "Give up and log out";
}

impl Texts {
    pub fn photo_error(&self, error: &PhotoError) -> &'static str {
        match error {
            PhotoError::NotAPicture => self.photo_not_picture,
            PhotoError::StorageFailed => self.photo_no_room,
        }
    }

    pub fn patrol_fault(&self, fault: Fault) -> &'static str {
        match fault {
            Fault::Backwards => self.patrol_backwards,
            Fault::TooLong => self.patrol_too_long,
            Fault::TooMany => self.patrol_too_many,
        }
    }

    pub fn photo_refusal(&self, why: PhotoRefusal) -> &'static str {
        match why {
            PhotoRefusal::Damaged => self.photo_damaged,
            PhotoRefusal::Office(_) => self.photo_not_taken,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_leave_the_same_places_open() {
        for (key, zh, en) in PAIRS {
            assert_eq!(zh.matches("{}").count(), en.matches("{}").count(), "{key}");
            assert!(!zh.is_empty() && !en.is_empty(), "{key}");
        }
    }

    #[test]
    fn places_are_filled_in_order() {
        assert_eq!(fill("{} of {}", &[&1, &"two"]), "1 of two");
        assert_eq!(fill("no place", &[&1]), "no place");
    }
}
