//! The screen that locks by itself.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            lock: "自动锁屏", "Locking the screen";
            lock_about: "手机和电脑无人操作满这些分钟就收起全部内容，没有网络也一样；正在填写的内容不丢，未送达的照常发送。有通行密钥的须用它打开；没有的谁点一下都能打开，只防旁人看到。它不加密本机数据，手机自己的锁屏密码仍要设。", "A device that nobody touches for so many minutes hides everything, also without a network; what is being typed stays, and unsent work is still sent. Whoever has a passkey there needs it to go on; without one a tap opens it, so it only hides from a glance. It does not encrypt the device: its own screen lock is still needed.";
            lock_minutes: "几分钟无人操作后锁上", "Lock after so many minutes";
            lock_never: "不锁", "Never";
            lock_wrong: "请填 0 到 {} 之间的整数，0 或留空表示不锁。", "A whole number from 0 to {}; 0 or nothing is never.";
            lock_mine: "{} 分钟无人操作，本机就收起内容。添加通行密钥后，只有您能打开；没有的话，谁点一下都能打开。", "After {} minute(s) without a touch this device hides everything. With a passkey added here only you open it; without one anybody does with a tap.";
            lock_now: "现在锁上", "Lock now";
            locked_title: "已锁上", "Locked";
            locked_passkey: "一段时间无人操作，内容已收起。用您的通行密钥打开，没有网络也可以；正在填写的内容还在。", "Nobody has touched this device for a while, so it hides everything. Your passkey opens it, also without a network; what you were typing is still there.";
            locked_plain: "一段时间无人操作，内容已收起；正在填写的内容还在。本机没有通行密钥，谁点一下都能打开：这只防旁人看到。要真正防人，请设手机锁屏密码，并到“我的”里添加通行密钥。", "Nobody has touched this device for a while, so it hides everything; what you were typing is still there. There is no passkey here, so a tap opens it: this only hides from a glance. To keep others out, set the device's own screen lock, and add a passkey under “Me”.";
            locked_unsent: "还有 {} 项没有送达，锁着也会继续发送。", "{} not sent yet; sending goes on while it is locked.";
            unlock: "继续使用", "Go on";
            unlock_passkey: "用通行密钥打开", "Open with the passkey";
            passkey_lost: "通行密钥用不了？", "The passkey does not work?";
            passkey_lost_text: "先等未送达的送完，或导出成文件交给同事。然后请管理员发一个新的登记码，清空本机重新登记：办事处已有的内容会重新取回，没送达也没导出的会丢失。", "Wait until everything is sent, or hand it over as a file. Then ask the administrator for a new code, clear this device and enrol again: what the office has comes back, and what was neither sent nor handed over is lost.";
        }
    };
}
pub(super) use words;
