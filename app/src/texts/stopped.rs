//! Said where the app cannot go on: a device that the office refuses, a browser that cannot run it, a full phone, a fault.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            revoked_title: "本机已被停用", "This device was revoked";
            revoked_text: "管理员停用了本机，本机上的内容不再显示。未送达的记录没有丢失：一联网就送到办事处，由指挥审阅。",
                "The administrator took this device out of service, and what it holds is hidden. What was not sent is not lost: it goes to the desk as soon as there is a network, and waits there to be reviewed.";
            cloned_title: "本机需要重新登记", "This device has to be enrolled anew";
            cloned_text: "办事处发现有两台设备同时在用本机的密钥（例如整个浏览器资料被复制过），所以两台都已停用。未送达的记录会送到办事处，由指挥审阅，没有丢失。请向管理员要一个新的登记码。",
                "The office saw this device's key used from two places at once, as when a whole browser profile was copied, so both are out of service. What was not sent goes to the desk to be reviewed and is not lost. Ask the administrator for a new code.";
            unknown_title: "办事处不认识本机", "The office does not know this device";
            unknown_text: "办事处可能从较早的备份恢复过。请向管理员要一个新的登记码，在这里重新登记：本机上的内容都在，未送达的记录随后照常送出。",
                "The office may have been restored from an older backup. Ask the administrator for a new code and enrol here: everything on this device stays, and what was not sent goes out afterwards as usual.";
            key_unknown_title: "办事处认不出本机的密钥", "The office does not know the key of this device";
            key_unknown_text: "可能办事处从较早的备份恢复过，也可能这个浏览器还原过较早的资料。请向管理员要一个新的登记码，在这里重新登记：本机上的内容都在，未送达的记录随后照常送出。两样都没有还原过的，可能有人冒用过本机的密钥，请告诉管理员。",
                "The office may have been restored from an older backup, or this browser from an older copy. Ask the administrator for a new code and enrol here: everything on this device stays, and what was not sent goes out afterwards as usual. If neither was restored, somebody else may have used this device's key: tell the administrator.";
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
        }
    };
}
pub(super) use words;
