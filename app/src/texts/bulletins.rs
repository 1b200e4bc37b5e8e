//! 今日提示: notices to phones.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
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
        }
    };
}
pub(super) use words;
