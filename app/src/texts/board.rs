//! The board and its groups, saved views, and what waits there for a decision.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
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
            more_pages: "更多页面", "More pages";
            desk_links: "清单与账目", "Lists and settlements";
            undecided_list: "待裁决", "To decide";
            picture_live: "更新于 {}", "As of {}";
            picture_of: "这是 {} 的画面。", "This is the picture of {}.";
            picture_part: "每栏只有最前面的在本机，按条件算出的数可能偏少。", "Only the first of each column are here: under these conditions there may be more.";
            no_picture: "还没有看板画面。", "There is no picture of the board yet.";
            board_bare: "还没有问题", "No issue yet";
            board_bare_text: "手机或电脑点“上报”记录的问题，送到办事处就显示在这里。", "What is recorded under Report stands here as soon as it has reached the office.";
            column_empty: "无", "None";
            more_n: "再显示（还有 {} 个）", "Show more ({} left)";
            chosen: "已选问题", "Chosen issues";
            chosen_n: "已选 {} 个", "{} chosen";
            clear_choice: "取消选择", "Clear the choice";
            nothing_undecided: "没有需要裁决的内容", "There is nothing to decide";
            held_title: "待审的修改", "Held for review";
            held_list_text: "做的时候允许，送达时已不允许（角色或片区已变）的修改。采纳后以作者之名生效。",
                "Allowed where they were made, but not any more when they arrived. Adopted, they take effect in the author's name.";
            adopt: "采纳", "Adopt";
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
            held_cut: "列出 {} 条，共 {} 条；处理完这些，其余的才会列出。", "{} of {} are shown; the others follow as these are decided.";
        }
    };
}
pub(super) use words;
