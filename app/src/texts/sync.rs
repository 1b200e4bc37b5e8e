//! The page of the sync: what is only here, what was refused, how much this phone holds.

use super::Texts;
use crate::store::photos::PhotoRefusal;

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            verdict_done: "全部已送达办事处", "The office has everything";
            verdict_unsent: "有内容只在本机，有网后自动发送", "Some work is only on this device; it is sent by itself";
            verdict_refused: "有记录被退回，请处理", "Something was refused; please deal with it";
            verdict_never: "还没有联系上办事处", "No contact with the office yet";
            unsent_changes: "件未送达（记录、照片、巡查）", "not delivered (changes, photos, patrols)";
            bytes_to_go: "待发送", "To send";
            photos_waiting: "待发送照片", "Photos to send";
            photos_refused: "没有送达的照片", "Photos that were not taken";
            photo_damaged: "照片在本机上已损坏", "The photo is damaged on this device";
            photo_not_taken: "办事处没有接受这张照片", "The office did not take this photo";
            send_again: "重新发送", "Send again";
            give_up_photo: "放弃照片", "Give the photo up";
            discard_text: "放弃后不能恢复。", "This cannot be taken back.";
            unsent_title: "只在本机的内容", "Only on this device";
            oldest_unsent: "最早一条", "Oldest unsent";
            last_contact: "上次联系", "Last contact";
            next_attempt: "下次自动重试", "Next attempt";
            on_this_phone: "本机存有", "On this device";
            issues_n: "{} 个问题", "Issues: {}";
            pull_state: "取回", "Fetching";
            pull_running: "片区数据还没有取全", "The zones are not complete yet";
            repairs: "自动修复", "Repairs";
            set_aside: "搁置的问题档案", "Documents set aside";
            sync_now: "立即同步", "Sync now";
            syncing: "正在同步…", "Syncing…";
            other_tab: "另一个标签页正在负责保存和发送，本页照常使用。", "Another tab saves and sends; this one works as usual.";
            refused_title: "被退回的记录", "Refused";
            refused_text: "办事处没有合并下面的内容，它们保留在本机，等您处理。", "The office did not merge these. They stay on this device until you deal with them.";
            held_text: "已转指挥审阅，可能会被采纳。", "A supervisor looks at it and may adopt it.";
            desk_reason: "指挥看过，没有采纳：{}", "A supervisor looked at it and did not adopt it: {}";
            apply_again: "重新提交", "Apply again";
            copy_text: "复制文字", "Copy text";
            discard: "放弃", "Discard";
            copied: "已复制", "Copied";
            not_copied: "没有复制成功", "It was not copied";
            storage: "本机存储", "Storage";
            storage_used: "已用 {}，上限 {}", "{} used of {}";
            storage_untold: "浏览器没有提供存储用量。", "This browser does not tell how much is used.";
            persisted: "浏览器承诺不会自动清除", "The browser promised not to clear it by itself";
            not_persisted: "空间紧张时，浏览器可能自动清除本机数据。", "Under pressure the browser may clear this device's data.";
            ask_persist: "请求长期保存", "Keep data on this device";
            persist_denied: "浏览器没有同意。把本应用添加到主屏幕后再试。", "The browser did not agree. Add the app to the home screen and try again.";
            no_service_worker: "此浏览器不支持离线打开：没有网络时请不要关闭本页。已保存的记录不会丢失。",
                "This browser cannot open the app offline: without network, keep the page open. What is saved is not lost.";
            weak_title: "网络不好时", "On weak links";
            weak_text: "先存本机，再发送。文字先走，缩略图其次，原图最后；断了从断点继续，不会重复。长时间没有网络也可以照常记录，到有网的地方打开本页即可。",
                "Everything is saved here first and sent later: words, then thumbnails, then full photos. A cut upload goes on where it stopped, and nothing is sent twice. You can record for weeks without network; open this page where there is some.";
        }
    };
}
pub(super) use words;

impl Texts {
    pub fn photo_refusal(&self, why: PhotoRefusal) -> &'static str {
        match why {
            PhotoRefusal::Damaged => self.photo_damaged,
            PhotoRefusal::Office(_) => self.photo_not_taken,
        }
    }
}
