//! The person and his device: newcomers among his devices, others on this phone, and the way out.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            office: "办事处", "Office";
            device: "设备", "Device";
            all_zones: "全部片区", "All zones";
            language: "语言", "Language";
            version: "版本", "Version";
            newcomer: "{}，您名下新登记了一台设备：{}（{}）。", "Another device was enrolled as yours, {}: {} ({}).";
            newcomer_not_me: "不是您本人？请马上告诉管理员停用它，并检查通行密钥和统一身份账号。", "If that was not you, tell the administrator at once to revoke it, and look after your passkeys and your sign-on account.";
            newcomer_seen: "是我本人", "It was me";
            way_code: "用登记码登记", "enrolled by a code";
            way_passkey: "用通行密钥登记", "enrolled by a passkey";
            way_sign_on: "用统一身份登记", "enrolled by sign-on";
            change_over: "换人", "Someone else uses this phone";
            person_now: "{}（正在使用）", "{} (in use)";
            person_without_name: "第 {} 位", "Person {}";
            change_unsent: "还有 {} 项没有送达或没写完，会留在本机，等您回来再送。", "{} still to be sent or finished. All of it waits here until you come back.";
            add_here: "添加一人", "Add a person";
            people_full: "本机最多 5 人使用，请先让一位退出登录。", "At most 5 people use one phone; one of them has to log out first.";
            change_about: "每人的问题、照片、草稿和密钥在本机分开存放，互相看不到；别人使用期间，您没送达的内容不会发送。本人在本机用过通行密钥的，换回来要用它打开；没有通行密钥的，谁拿着手机都能换进他的一份。", "Each person's issues, photos, drafts and key lie apart on this phone, and nobody sees another's; while somebody else is at work, nothing of yours is sent. Who has used a passkey here opens his part by it when it is changed back to; of who has none, whoever holds the phone can open the part.";
            change_failed: "没有换成，请再试一次。", "It was not changed. Please try again.";
            change_no_room: "本机空间不足，没有换成。请删除一些照片或应用，再试一次。", "This phone is full, so it was not changed. Delete some photos or apps and try again.";
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
    };
}
pub(super) use words;
