//! How a device is enrolled: by a code, a passkey or the office's sign-on.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            enrol_lead: "用管理员给的登记码，把这台设备登记到您名下。", "Enrol this device with the code from your administrator.";
            enrol_code: "登记码", "Code";
            enrol_code_hint: "十个字母或数字，不分大小写", "Ten letters or digits; capitals do not matter";
            enrol_submit: "登记本机", "Enrol this device";
            enrolling: "正在登记…", "Enrolling…";
            enrol_help: "没有登记码？请向街道办事处的系统管理员索取，也可以直接扫描管理员屏幕上的二维码。",
                "No code? Ask the administrator of your office, or scan the QR on the administrator's screen.";
            enrol_passkey: "用通行密钥登记", "Enrol with a passkey";
            enrol_passkey_about: "已在别的设备上添加过通行密钥？不用登记码，用指纹、人脸或开机密码即可登记。", "Added a passkey on another device before? Then no code is needed: your finger, face or PIN enrols this one.";
            enrol_passkey_not_shown: "没有确认成功：可能已取消、没有识别出来，或这里没有您的通行密钥。可以再试一次，也可以用登记码。", "It was not confirmed: cancelled, not recognised, or no passkey of yours is here. Try again, or use a code.";
            enrol_passkey_refused: "办事处不认这个通行密钥：它或添加它的设备可能已停用。请向管理员要登记码。", "The office does not accept this passkey: it, or the device that made it, may be out of service. Ask the administrator for a code.";
            enrol_too_many: "您在用的设备已有十台，请管理员先停用不再用的。", "You have ten devices in service; ask the administrator to put those out that you no longer use.";
            sign_on: "用单位统一身份登录", "Sign in with the office's account";
            sign_on_about: "有单位统一身份账号的，登录后即可登记，不用登记码。登录在单位自己的网页上进行，本应用看不到您的密码。", "With an account of the office's own sign-on no code is needed. You sign in on the office's own page; this app never sees your password.";
            sign_on_not_done: "没有登录成功：可能已取消，或统一身份系统没有放行。可以再试一次，也可以用登记码。", "You were not signed in: cancelled, or the office's sign-on did not let you. Try again, or use a code.";
            sign_on_refused: "这次登录不能用来登记：可能隔得太久，或已经用过。请重新登录；还不行，就向管理员要登记码。", "This sign-in cannot enrol a device: too long ago, or used already. Sign in anew; should that not help, ask the administrator for a code.";
            sign_on_unknown: "您登录的账号是“{}”，办事处还没有把它记到您名下。请把这个账号告诉管理员，记好后再登录一次；急用可先要登记码。", "You signed in as “{}”, an account that the office has not written down for you. Tell it to the administrator, then sign in once more; if it is urgent, ask for a code.";
            sign_on_unreachable: "暂时连不上统一身份系统，请稍后再试，或用登记码。", "The office's sign-on cannot be reached now. Try again later, or use a code.";
            device_label: "这台设备叫什么", "What this device is called";
            device_hint: "如：值班手机", "e.g. duty phone";
            welcome: "{}，您好。本机已登记。", "Welcome, {}. This device is enrolled.";
        }
    };
}
pub(super) use words;
