//! An old list that is brought in.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            import_link: "导入", "Import";
            import_title: "导入旧清单", "Import an old list";
            import_text: "把办事处原有的清单（Excel .xlsx 或 CSV）导入系统，一次最多 {} 行。先检查，全部没有问题才能导入；同一行再次导入不会重复。",
                "Brings the office's old list (Excel .xlsx or CSV) in, at most {} rows at a time. It is checked first and imported only when all of it is sound; the same row imported again changes nothing.";
            import_choose: "选择文件", "Choose a file";
            sent_of: "正在送出：{} / {}", "Sending: {} of {}";
            sent_checking: "已送出 {}，办事处正在检查…", "{} sent, the office is checking…";
            import_stopped: "已取消，什么都没有导入。", "Cancelled; nothing was imported.";
            import_landing: "正在一次存入本机…", "Storing all of it on this device…";
            import_unfit: "{} 行不能导入，所以什么都没有导入。", "Rows that cannot be imported: {}. So nothing was.";
            import_not_yours: "只有指挥可以导入清单。", "Only a supervisor imports lists.";
            import_columns: "每列是什么", "What each column is";
            import_headings_in: "表头在第 {} 行。不对的请改选，改后自动重新检查。", "The headings are in row {}. Correct what is wrong; it is checked again at once.";
            import_no_heading: "（无表头）", "(no heading)";
            import_ignore: "不导入", "Leave out";
            import_sound: "可以导入 {} 条，其中 {} 条直接派给责任人", "{} issue(s) can be imported; dispatched at once: {}";
            import_all_known: "{} 条全部已在系统中，没有要导入的。", "All {} are in the system already; there is nothing to import.";
            import_known: "另有 {} 条已在系统中，不会重复。", "{} more are in the system already and are left alone.";
            import_ended: "{} 行在原表中已销号或作废，不导入，留在原表（第 {} 行）。", "{} rows are struck off or void in the list and stay there (rows {}).";
            import_handled: "{} 条在原表中已整改，导入后仍算未销号，核查后销号。", "{} are handled by the list, not struck off: they come in open, to be checked.";
            import_notes: "请留意", "Worth a look";
            import_more_notes: "还有 {} 行", "and {} more rows";
            import_other_note: "本版本不认识的提示，请更新后再看", "a note that this version does not know; update to read it";
            import_corrected: "与导入时不同：系统里的问题不变，要改请在那个问题里改", "differs from what came in: the issue here stays as it is; correct it there";
            import_not_in_charge: "责任人一栏里的下列名字不会派到人，只写在来源里（没有这个账号，或不是第一个）", "named as responsible and not put in charge, only kept in words: nobody here is called so, or another stands first";
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
            import_writing: "正在准备：{} / {} 条", "Preparing: {} of {}";
            import_writing_hint: "准备好后一次存入，要么全部，要么没有。现在可以取消，关闭本页也是取消。", "They are stored together at the end: all of them or none. You can cancel now; leaving this page cancels, too.";
            import_done: "{} 条已存入本机，正在送往办事处", "{} stored on this device and on their way to the office";
            import_left: "第 {} 行没有写入：这些编号的问题已在本机。全部送出后，请再检查一次这个文件。",
                "Rows {} were not written: issues with these numbers are on this device already. Check the file again when everything is sent.";
        }
    };
}
pub(super) use words;
