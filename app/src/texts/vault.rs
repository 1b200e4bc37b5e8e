//! What lies on this device under a key, and who proves himself to get at it.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            vault: "本机数据加密", "What lies on this device";
            vault_switch: "手机数据须加密存放", "Phones keep their data under a key";
            vault_about: "每台手机上的问题、步骤、备注和办事处已有的照片，用一把只有本人通行密钥才取得出的钥匙加密；每次打开应用都要用它，没有网络也可以。各人到“我的”里自己启用。未送达的记录和照片、草稿、人员和片区名单不加密，通行密钥丢了也不会丢。有的手机或浏览器做不到，会照旧不加密地使用。", "Issues, steps, remarks and photos that the office has, too, lie on each phone under a key that only its person's passkey gives out; it is asked for at each start, also without a network. Everybody switches it on himself under “Me”. Unsent work and photos, drafts and the list of people and zones stay outside, so that a lost passkey loses none of them. Some phones and browsers cannot do it, and go on as before.";
            vault_on: "已启用：本机的问题和照片已加密，每次打开应用都要用您的通行密钥。应用开着的时候，钥匙在内存里。", "On: the issues and photos here are under a key, and each start asks for your passkey. While the app is open the key is in its memory.";
            vault_wanted: "办事处要求加密本机数据。用您的通行密钥启用，以后每次打开应用都要用它，没有网络也可以。", "The office asks for the data here to be kept under a key. Your passkey switches it on, and is then asked for at each start, also without a network.";
            vault_needs_passkey: "办事处要求加密本机数据。请先在上面“通行密钥”里添加一个。", "The office asks for the data here to be kept under a key. Add a passkey above first.";
            vault_impossible: "办事处要求加密本机数据，但这个浏览器或网址不支持通行密钥，数据照旧不加密。", "The office asks for the data here to be kept under a key, but this browser or address has no passkeys; it stays as it is.";
            vault_make: "启用加密", "Switch it on";
            vault_inside: "加密：问题、步骤、备注，以及办事处已有的照片。", "Under the key: issues, steps, remarks, and photos that the office has, too.";
            vault_outside: "不加密：未送达的记录和照片、被退回的、草稿、人员和片区名单、问题编号。没有通行密钥也能导出交给同事。", "Outside: unsent work and photos, what was refused, drafts, the list of people and zones, numbers of issues. Without the passkey, too, unsent work can be handed over as a file.";
            vault_lost: "通行密钥丢了：加密的部分打不开，只能丢弃；联网并用管理员新发的登记码（或您的另一个通行密钥）确认本人后，从办事处重新取回，在那之前看不到。没送达的不会丢；办事处收到过、又因恢复旧备份而丢失的，若只在本机的加密部分里，会一并丢失。", "Should the passkey be lost, what is under the key cannot be opened: it is thrown away, and comes again from the office once a new code from the administrator (or another passkey of yours) has proven who you are; it is not seen before. Nothing is lost that was not sent; what the office had and lost by going back to a backup goes with it, where only this phone has it under the key.";
            vault_made: "加密已启用", "It is on";
            vault_failed: "没有成功，数据照旧。请重试。", "It did not work, and nothing changed. Try again.";
            vault_no_secret: "这个通行密钥或浏览器不能用来加密（不支持 PRF）。请换一个浏览器，或在手机系统里另建一个通行密钥。", "This passkey or this browser cannot do it (no PRF). Use another browser, or make a passkey in the phone's own system.";
            vault_leave: "不再加密", "Switch it off";
            vault_left: "正在解除加密", "It is being switched off";
            vault_throw: "丢弃加密的数据", "Throw it away";
            vault_throw_text: "加密的问题和照片将从本机删除。未送达的记录、照片和草稿保留，并照常送出；其余的要联网，用您的通行密钥或管理员新发的登记码确认本人以后，才重新取回。在那之前这里什么也看不到。", "The issues and photos under the key are removed from this device. Unsent work, photos and drafts stay, and work is sent as ever; all else comes again with a network, once you have proven who you are by a passkey or a new code from the administrator. Until then nothing is to be seen here.";
            unproven_title: "请确认您本人", "Prove who you are";
            unproven_text: "本机的加密数据被丢弃过，或者办事处要求确认。确认您本人以前，这里不显示也不取回办事处的任何内容。请联网，用管理员新发的登记码，或用您的通行密钥。", "What lay here under a key was thrown away, or the office asks. Until you have proven who you are, nothing of the office is shown or fetched here. It takes a network, and a new code from the administrator or a passkey of yours.";
            unproven_submit: "确认本人", "Prove it";
            unproven_work: "未送达的工作不会丢，联网后照常送出。", "Unsent work is not lost: with a network it is sent as ever.";
            unproven_unsent: "还有 {} 项没有送达，联网后照常送出。", "{} not sent yet; with a network they are sent as ever.";
            not_mine: "这不是我的手机", "This is not my phone";
            sealed_text: "本机的数据已加密。用您的通行密钥打开，没有网络也可以。", "What lies on this device is under a key. Your passkey opens it, also without a network.";
            sealed_unsent: "还有 {} 项没有送达，联网后照常送出。", "{} not sent yet; with a network they are sent as ever.";
            sealed_lost_text: "加密的部分是办事处收到过的内容：丢弃后，要联网确认您本人（管理员新发的登记码，或您的另一个通行密钥），才会重新取回（办事处因恢复旧备份而丢失的除外）。未送达的记录、照片和草稿不在其中，会保留；也可以现在就导出成文件交给同事。", "Under the key lies what the office has had, too: once thrown away, it comes again with a network when you have proven who you are (by a new code from the administrator, or another passkey of yours), but for what the office lost by going back to a backup. Unsent work, photos and drafts are not in it and stay; they can also be handed over as a file now.";
        }
    };
}
pub(super) use words;
