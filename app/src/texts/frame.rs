//! What stands around every page: the ways to go, the usual buttons, the bars at the top.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
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
            unsent_n: "{} 条未送达", "{} unsent";
            vault_bar: "办事处要求加密本机数据。", "The office asks for this device's data to be kept under a key.";
            vault_bar_go: "去启用", "See";
            update_now: "立即更新", "Update now";
            confirm_person: "请确认是您本人", "Please confirm that it is you";
            old_answer: "显示的是先前的数据。", "This is an earlier picture.";
            needs_network: "需要网络，联网后再试", "This needs the network; try again when it is back";
            the_office: "办事处", "The office";
        }
    };
}
pub(super) use words;
