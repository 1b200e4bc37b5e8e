//! Why the office did not do something, in both languages. Must not know where it is shown.

use xiaohao_shared::api::reason::Reason;

use super::Texts;

impl Texts {
    /// `None` for what only a newer version could say.
    pub fn reason(&self, reason: Reason) -> Option<&'static str> {
        Some(self.of(match reason {
            Reason::ReportMonths => {
                ("总结的时段为依次的 1 到 12 个月", "a report is of one to twelve months in their order")
            }
            Reason::Thresholds => ("红色界线要比黄色更严重", "red must lie beyond yellow"),
            Reason::RecurrenceDays => ("天数应在 1 天到 10 年之间", "from one day to ten years"),
            Reason::ReasonTooLong => ("理由最多 500 字", "a reason has at most 500 letters"),
            Reason::Rule => ("这样的时限或条件无法执行", "no office can work by this rule"),
            Reason::Calendar => ("这样的工作日历无法执行", "nobody can work by this calendar"),
            Reason::TooManyParts => ("一个片区最多分 40 项包保", "a zone has at most 40 parts"),
            Reason::ZoneCode => ("编码最多 12 位数字", "a code has at most 12 digits"),
            Reason::Length => ("没有填写，或者太长", "it is empty, or longer than it may be"),
            Reason::NoSuchZone => ("没有这个片区", "there is no such zone"),
            Reason::KeptTooShort => ("保存期限太短，不符合规定", "no office may keep it for so short a time"),
            Reason::Tipster => ("姓名或电话不对", "no name and number of a person"),
            Reason::PatrolDays => ("一次查看的天数太多", "too many days at once"),
            Reason::NoticeEnd => {
                ("通知的截止时间要在现在以后、90 天以内", "a notice ends after now and within 90 days")
            }
            Reason::NoticeLength => ("通知为 1 到 500 字", "a notice has 1 to 500 letters"),
            Reason::PhotoSize => ("照片大小与登记的不符", "a photo with this hash has another size"),
            Reason::BrokeOff => ("文件没有传完整", "the body broke off"),
            Reason::OfficeNotEmpty => ("办事处已有数据", "this office is not empty"),
            Reason::MovedOn => {
                ("问题已有新进展，这项内容不再适用", "the issue has moved on; this change does not fit it any more")
            }
            Reason::NothingLeft => ("问题里已经是这样写的", "the issue says already what this change would write"),
            Reason::RecordFull => {
                ("问题档案已满，加不进这项内容", "the record of this issue does not take this change")
            }
            Reason::RecordDamaged => ("问题档案已损坏", "the record of this issue is damaged"),
            Reason::OnlyEvidence => ("这项内容只作为凭据保存，不能采纳", "this change is only kept as evidence"),
            Reason::PersonInactive => ("这个人已停用", "this person is not active"),
            Reason::TooManyDevices => ("一个人最多登记 10 台设备", "nobody needs more than ten devices"),
            Reason::UploadBusy => ("这张照片正在另一处上传", "this upload is being continued by another request"),
            Reason::UploadElsewhere => ("上传的进度对不上", "the upload stands at another offset"),
            Reason::ZoneName => ("已有同名的片区", "another zone has this name"),
            Reason::BearerElsewhere => {
                ("包保人要在这个片区工作", "somebody who does not work in the zone bears no part in it")
            }
            Reason::OwnRights => ("不能修改自己的权限", "nobody changes his own rights"),
            Reason::DutyOfAdministrators => ("只有管理员才能有这些职责", "only an administrator has such duties"),
            Reason::LastAdministrator => ("办事处至少要有一名管理员", "the office would have no administrator"),
            Reason::LastDevice => (
                "停用后就没有能担任这项职责的管理员设备了，请先登记另一台",
                "no administrator with these duties would have a device; enrol another one first",
            ),
            Reason::Namesakes => ("有几个人同名，请用编号", "several people have this name; use the number"),
            Reason::RoundOfAnother => ("这次巡查是别人的", "somebody else's patrol has this name"),
            Reason::TooManyNotices => {
                ("同时有效的通知太多，请先结束一些", "so many notices stand that nobody would read another")
            }
            Reason::BeingFrozen => ("另有人正在结账", "somebody else freezes a month at this moment"),
            Reason::MonthRuns => ("这个月还没有结束", "this month has not ended"),
            Reason::MonthBefore => ("要按月依次结账", "months are frozen one after the other"),
            Reason::NoName => {
                ("要用通行密钥，办事处须有域名和 TLS", "passkeys need an office that is reached by name and over TLS")
            }
            Reason::PasskeyKnown => ("这个通行密钥已登记", "this passkey is known already"),
            Reason::TooManyPasskeys => ("一个人最多登记 5 个通行密钥", "nobody needs more than five passkeys"),
            Reason::NoSignOn => ("本办事处没有统一身份登录", "this office has no sign-on"),
            Reason::SignOnName => ("已有别人用这个账号登录", "somebody else signs on by this name"),
            Reason::NoPasskey => ("没有可用的通行密钥", "there is no passkey to show"),
            Reason::KindMoved => (
                "别人刚刚给这个编码起了名，请看过后再保存",
                "somebody else has just given this code a name; look at it and save again",
            ),
            Reason::KindName => ("已有同名的类别", "another kind has this name"),
            Reason::Views => {
                ("视图最多 12 个，名称最多 40 字", "at most twelve views, with names of at most 40 letters")
            }
            Reason::DeviceOfAnother => (
                "这台设备登记在另一位同事名下，请用他本人的通行密钥或登记码",
                "this device is somebody else's: it takes his passkey or a code for him",
            ),
            Reason::Other => return None,
        }))
    }
}
