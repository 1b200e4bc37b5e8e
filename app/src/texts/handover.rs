//! Unsent work as a file, and what is carried for others.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
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
            handover_not_sent: "导出不等于送达：办事处收到之前，内容仍留在本机。", "This is not delivery: all of it stays on this device until the office has it.";
            handover_save: "保存文件", "Save the file";
            handover_share: "发给同事", "Share";
            handover_failed: "没有导出成功，内容都还在本机", "The export failed; all of it is still on this device";
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
            carried_n: "替他人带的 {} 份", "Carried for others: {}";
        }
    };
}
pub(super) use words;
