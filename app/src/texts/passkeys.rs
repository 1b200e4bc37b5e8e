//! Passkeys of a person, and where one is asked for.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
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
            passkey_known: "这台设备上已有您的通行密钥。", "This device holds a passkey of yours already.";
            passkey_not_shown: "没有确认成功，可以再试一次。", "It was not confirmed. You may try again.";
            remove_passkey: "删除", "Remove";
            remove_passkey_vault: "本机的加密数据也靠它打开：设备系统里的那一份也删掉以后，加密的问题和照片就打不开了，只能丢弃，再凭管理员新发的登记码或另一个通行密钥从办事处取回。未送达的工作不受影响。", " It also opens what lies under a key on this device: once its copy in the device's settings is gone, too, the issues and photos there cannot be opened any more. They are thrown away then, and come again from the office by a new code from the administrator or another passkey. Unsent work is not touched.";
            remove_passkey_text: "“{}”将不能再证明是您本人。设备系统里保存的那一份，请到系统设置中删除。", "“{}” will prove nothing any more. The copy in the device's own settings is to be deleted there.";
            confirm_person_text: "这项操作需要您的通行密钥：指纹、人脸或开机密码。确认后五分钟内不再询问。", "This takes your passkey: finger, face or PIN. It is then not asked for again for five minutes.";
            confirm_passkey: "用通行密钥确认", "Use the passkey";
            no_passkeys_here: "这个浏览器不支持通行密钥，请换一台设备。", "This browser has no passkeys; use another device.";
            no_passkey_yet: "您还没有通行密钥，请先到“我的”里添加一个。", "You have no passkey yet; add one under “Me” first.";
        }
    };
}
pub(super) use words;
