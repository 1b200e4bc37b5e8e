//! The words of the domain in both languages: states, actions, roles, kinds, reasons. Exhaustive matches, so that a new
//! word of the core does not compile until it has its sentence here.

use xiaohao_shared::api::{Problem, ProblemKind};
use xiaohao_shared::doc::value::Register;
use xiaohao_shared::import::{Field, FileFault, Why};
use xiaohao_shared::model::behind::{Became, Drift, Measured, Settled};
use xiaohao_shared::model::catalogue::{Kind, Limit, LimitUnit, PlaceType, kind_info};
use xiaohao_shared::model::policy::Denied;
use xiaohao_shared::model::workflow::{Action, State};
use xiaohao_shared::model::{Appeal, Manner, Outcome, Role, Severity, Stage, SupervisionLevel};
use xiaohao_shared::sync::Refusal;
use xiaohao_shared::sync::engine::Failure;
use xiaohao_shared::sync::handover::Fault;

use super::{Lang, Texts, fill};

impl Texts {
    pub(super) fn of(&self, pair: (&'static str, &'static str)) -> &'static str {
        match self.lang {
            Lang::Zh => pair.0,
            Lang::En => pair.1,
        }
    }

    pub fn state(&self, state: State) -> &'static str {
        self.of(state.names())
    }

    pub fn action(&self, action: Action) -> &'static str {
        self.of(match action {
            Action::Report => ("上报", "Report"),
            Action::FixOnSpot => ("即查即改", "Fixed on the spot"),
            Action::Verify => ("派人核实", "Have it verified"),
            Action::File => ("立案", "File"),
            Action::Void => ("作废", "Void"),
            Action::Dispatch => ("派遣", "Dispatch"),
            Action::Start => ("开始处置", "Start work"),
            Action::Return => ("回退", "Return"),
            Action::HandIn => ("提交核查", "Hand in for check"),
            Action::Close => ("核查通过，销号", "Passed: strike off"),
            Action::Rework => ("退回返工", "Send back for rework"),
            Action::AskExtension => ("申请延期", "Ask for more time"),
            Action::Extend => ("延期", "Extend"),
            Action::RefuseExtension => ("不同意申请", "Refuse the request"),
            Action::AskSuspension => ("申请挂账", "Ask to suspend"),
            Action::Suspend => ("挂账", "Suspend"),
            Action::Resume => ("恢复处置", "Resume"),
            Action::Supervise => ("督办", "Supervise"),
            Action::Reply => ("督办回复", "Reply to supervision"),
            Action::Amend => ("更正内容", "Correct"),
            Action::Assign => ("改派责任人", "Reassign"),
            Action::Decide => ("裁决", "Decide"),
            Action::MarkDuplicate => ("标为重复", "Mark as duplicate"),
            Action::Merge => ("并案", "Merge"),
            Action::Appeal => ("超期申诉", "Appeal the overtime"),
            Action::GrantAppeal => ("申诉成立", "Grant the appeal"),
            Action::RefuseAppeal => ("申诉不成立", "Refuse the appeal"),
            Action::Photograph => ("补拍照片", "Add photos"),
            Action::UndoMerge => ("互相并入，保留本件", "Merged both ways: this one stays"),
            Action::CorrectDeadline => {
                ("手机时钟有误，期限已按办事处时间重算", "The phone's clock was wrong; deadline set by the office's")
            }
        })
    }

    /// What an action needs to be explained with, asked in its form.
    pub fn reason_label(&self, action: Action) -> &'static str {
        self.of(match action {
            Action::Void => ("作废原因", "Why it is void"),
            Action::Return => ("回退原因", "Why it is returned"),
            Action::Rework => ("哪里不合格", "What is not up to standard"),
            Action::AskExtension | Action::Extend => ("延期原因", "Why more time is needed"),
            Action::RefuseExtension => ("不同意的理由", "Why it is refused"),
            Action::AskSuspension | Action::Suspend => ("挂账原因", "Why it cannot be solved now"),
            Action::Appeal => ("超期的原因", "Why it was late"),
            Action::RefuseAppeal => ("不成立的理由", "Why it is refused"),
            Action::Supervise => ("督办要求", "What is demanded"),
            Action::Reply => ("回复内容", "The reply"),
            _ => ("说明", "Note"),
        })
    }

    pub fn role(&self, role: Role) -> &'static str {
        self.of(match role {
            Role::Cadre => ("干部", "Cadre"),
            Role::Inspector => ("督查", "Inspector"),
            Role::Supervisor => ("指挥", "Supervisor"),
            Role::Administrator => ("管理员", "Administrator"),
        })
    }

    pub fn severity(&self, severity: Severity) -> &'static str {
        self.of(severity.names())
    }

    pub fn stage(&self, stage: Stage) -> &'static str {
        self.of(match stage {
            Stage::Before => ("整改前", "Before"),
            Stage::During => ("过程中", "During"),
            Stage::After => ("整改后", "After"),
        })
    }

    pub fn level(&self, level: SupervisionLevel) -> &'static str {
        self.of(match level {
            SupervisionLevel::Office => ("街道督办", "Supervised by the office"),
            SupervisionLevel::City => ("市级督办", "Supervised by the city"),
        })
    }

    pub fn appeal(&self, appeal: Appeal) -> &'static str {
        self.of(match appeal {
            Appeal::Asked => ("已申诉，待答复", "appealed, not yet answered"),
            Appeal::Granted => ("申诉成立，不计入超期", "appeal granted: not counted as late"),
            Appeal::Refused => ("申诉不成立", "appeal refused"),
        })
    }

    pub fn manner(&self, manner: Manner) -> &'static str {
        self.of(match manner {
            Manner::Door => ("上门", "At the door"),
            Manner::Phone => ("电话", "By phone"),
            Manner::Leaflet => ("发放宣传单", "Leaflet"),
            Manner::Notice => ("书面告知", "Written notice"),
            Manner::Meeting => ("会议", "Meeting"),
            Manner::Other => ("其他方式", "Otherwise"),
        })
    }

    pub fn outcome(&self, outcome: Outcome) -> &'static str {
        self.of(match outcome {
            Outcome::Agreed => ("同意整改", "Agreed"),
            Outcome::Undecided => ("尚未表态", "Undecided"),
            Outcome::Refused => ("拒绝", "Refused"),
            Outcome::Absent => ("无人在场", "Nobody there"),
            Outcome::Other => ("其他", "Other"),
        })
    }

    /// A code from a newer catalogue is shown as it is.
    pub fn kind(&self, kind: Kind) -> String {
        kind_info(kind).map_or_else(|| kind.to_string(), |info| self.of((info.zh, info.en)).into())
    }

    pub fn close_when(&self, kind: Kind) -> Option<&'static str> {
        kind_info(kind).map(|info| self.of((info.close_when_zh, info.close_when_en)))
    }

    pub fn place_type(&self, place_type: PlaceType) -> &'static str {
        self.of(place_type.names())
    }

    pub fn limit(&self, limit: Limit) -> String {
        let unit = self.limit_unit(limit.unit);
        let unit = if limit.amount == 1 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
        format!("{} {unit}", limit.amount)
    }

    pub fn limit_unit(&self, unit: LimitUnit) -> &'static str {
        self.of(match unit {
            LimitUnit::EmergencyHour => ("紧急工作时", "emergency hours"),
            LimitUnit::WorkingHour => ("工作时", "working hours"),
            LimitUnit::WorkingDay => ("工作日", "working days"),
            LimitUnit::CalendarDay => ("自然日", "calendar days"),
        })
    }

    pub fn settled(&self, figure: Settled) -> &'static str {
        self.of(match figure {
            Settled::Opening => ("期初", "opening"),
            Settled::Entered => ("新增", "new"),
            Settled::EnteredLate => ("新增中迟报的", "new, known late"),
            Settled::Struck => ("销号", "struck off"),
            Settled::StruckLate => ("销号中迟报的", "struck off, known late"),
            Settled::Voided => ("作废", "void"),
            Settled::VoidedLate => ("作废中迟报的", "void, known late"),
            Settled::Closing => ("期末", "closing"),
            Settled::Live => ("按现在数据的期末", "closing by today's data"),
        })
    }

    pub fn drift(&self, drift: Drift) -> &'static str {
        match drift {
            Drift::Gone => self.drift_gone,
            Drift::Come => self.drift_come,
            Drift::Missed => self.drift_missed,
            Drift::Otherwise => self.drift_otherwise,
        }
    }

    pub fn became(&self, became: Became) -> &'static str {
        self.of(match became {
            Became::Struck => ("已销号", "struck off"),
            Became::HandedIn => ("待核查", "handed in"),
            Became::Unsettled => ("仍未整改", "still open"),
            Became::Void => ("作废", "void"),
            Became::Ended => ("已办结", "ended since"),
            Became::Left => ("未办结", "not ended"),
        })
    }

    pub fn measured(&self, figure: Measured) -> &'static str {
        self.of(match figure {
            Measured::Due => ("应处置", "due"),
            Measured::Handled => ("已处置", "handled"),
            Measured::InTime => ("按期处置", "handled in time"),
            Measured::HandedIn => ("应结案（交回核查过）", "due to be closed (handed in)"),
            Measured::Reworked => ("返工过", "sent back"),
            Measured::Overdue => ("超期待处置", "overdue"),
            Measured::Extended => ("延期过", "extended"),
            Measured::Reported => ("上报", "reported"),
            Measured::Recurred => ("反弹", "recurred"),
            Measured::Struck => ("销号", "struck off"),
            Measured::Open => ("期末在办", "open at the end"),
            Measured::Solved => ("解决的长期问题", "long-standing, struck off"),
            Measured::Pictured => ("有整改前后照片的销号", "struck off with both pictures"),
            Measured::Contacted => (
                "有宣传劝导记录的问题（一个问题可有多次）",
                "with contacts with residents (one issue may have several)",
            ),
            Measured::Watched => ("私搭乱建（最近上报的在前）", "unauthorised building, the last report first"),
        })
    }

    pub fn register(&self, register: Register) -> &'static str {
        self.of(match register {
            Register::Schema => ("版本", "Version"),
            Register::Zone => ("片区", "Zone"),
            Register::Kind => ("问题类型", "Kind"),
            Register::PlaceType => ("场所类型", "Place type"),
            Register::Description => ("描述", "Description"),
            Register::Place => ("位置", "Place"),
            Register::Severity => ("紧急程度", "Severity"),
            Register::State => ("状态", "State"),
            Register::Assignee => ("责任人", "Assignee"),
            Register::Due => ("期限", "Deadline"),
            Register::Extensions => ("延期次数", "Extensions"),
            Register::Priority => ("重点", "Priority"),
            Register::Supervision => ("督办", "Supervision"),
            Register::DuplicateOf => ("重复于", "Duplicate of"),
            Register::RecurrenceOf => ("反弹自", "Recurrence of"),
            Register::Responsible => ("包保", "Jointly responsible"),
        })
    }

    pub fn denied(&self, denied: Denied) -> &'static str {
        self.of(match denied {
            Denied::Inactive => ("您的账号已停用", "Your account is not active"),
            Denied::NotYourName => ("不能以他人名义操作", "You cannot act in another person's name"),
            Denied::NotYourZone => ("不在您的片区内", "It is not in your zones"),
            Denied::RoleMayNot => ("您的角色不能这样操作", "Your role may not do this"),
            Denied::NotInThisState => {
                ("问题的状态已经变化，此操作不再适用", "The issue has moved on; this no longer fits its state")
            }
            Denied::NotAssigned => ("只有责任人可以操作", "Only the person in charge may do this"),
            Denied::OwnWork => ("整改人不能核查自己的整改", "Who rectified must not check it"),
            Denied::ReasonMissing => ("请写明原因", "A reason is missing"),
            Denied::PhotoMissing => ("缺少必需的照片", "A required photo is missing"),
            Denied::AssigneeMissing => ("请选择责任人", "Nobody is put in charge"),
            Denied::DeadlineMissing => ("请选择期限", "A deadline is missing"),
            Denied::FieldNotAllowed => {
                ("含有此操作不能修改的内容", "It changes something that this action may not change")
            }
            Denied::UnknownZone => ("没有这个片区", "There is no such zone"),
            Denied::UnknownPerson => ("没有这个人", "There is no such person"),
            Denied::TooLong => ("文字太长或照片太多", "The text is too long or there are too many photos"),
            Denied::TooManyExtensions => ("最多延期两次", "At most two extensions are granted"),
            Denied::TooLate => {
                ("期限已过，不能再申请或批准延期", "The deadline is past: no more time can be asked for or granted")
            }
            Denied::NotLater => {
                ("新的期限必须晚于现在的期限", "The new deadline must be later than the one that stands")
            }
            Denied::DeadlinePast => ("截止时间要在现在以后", "The deadline has to be after now"),
            Denied::SuspendedBefore => ("每个问题只能挂账一次", "An issue is suspended only once"),
            Denied::SuspensionTooLong => ("挂账最长一年", "A suspension lasts a year at most"),
            Denied::NotAConcurrentValue => ("只能在已有的版本中选择", "Only one of the existing values can be chosen"),
            Denied::DuplicateMissing => ("请选择与哪个问题重复", "Choose the other issue that it repeats"),
            Denied::NothingToAppeal => {
                ("只有超期销号的问题可以申诉，且只有一次", "Only an issue that was struck off late, and only once")
            }
            Denied::AssigneeUnfit => {
                ("责任人已停用，或不负责这个片区", "This person is not active, or not in this zone")
            }
            Denied::NewerSchema => ("请更新应用后再操作", "Update the app first"),
        })
    }

    /// A refusal of the office: a word of the policy, or of the checks before it.
    pub fn refusal(&self, refusal: &Refusal) -> String {
        let denied = serde_json::from_value::<Denied>(serde_json::Value::String(refusal.0.clone()));
        if let Ok(denied) = denied {
            return self.denied(denied).into();
        }
        let sentence = match refusal.0.as_str() {
            "foreign_actor" => ("这条记录不是由本机登记的身份写的", "It was not written by this device's identity"),
            "poisoned" => {
                ("这条记录会损坏问题档案，已留作证据", "It would damage the document; it is kept as evidence")
            }
            "document_full" => {
                ("这个问题的记录已满，请另报新问题", "The record of this issue is full; report a new one")
            }
            "change_too_long" | "too_many_operations" => ("一次提交的内容太多", "Too much in one change"),
            "builds_on_held" => ("它接在一条待审阅的记录之后", "It builds on a change that waits for a supervisor"),
            "missing_dependencies" | "builds_on_refused" => {
                ("它依赖的前一条记录没有被接受", "It builds on a change that was not accepted")
            }
            "damaged" | "not_a_change" => ("数据在本机上已损坏", "The data was damaged on this device"),
            _ => ("办事处无法合并这条记录", "The office cannot merge this change"),
        };
        format!("{} ({})", self.of(sentence), refusal.0)
    }

    /// The same for the desk, which reads of somebody else.
    pub fn held_reason(&self, refusal: &Refusal) -> String {
        let sentence = match refusal.0.as_str() {
            "not_your_zone" => ("送达时，这个片区已不归此人", "When it arrived, the zone was no longer this person's"),
            "role_may_not" => {
                ("送达时，此人的角色已不能这样操作", "When it arrived, this person's role did not allow it any more")
            }
            "device_revoked" => ("送达时，设备已停用", "When it arrived, the device was out of service"),
            "builds_on_held" => ("它接在一条待审阅的记录之后", "It builds on a change that waits here, too"),
            "not_assigned" => ("送达时，此人已不是责任人", "When it arrived, this person was no longer in charge"),
            _ => return self.refusal(refusal),
        };
        self.of(sentence).into()
    }

    /// Why a hand-over file is not taken in.
    pub fn handover_fault(&self, fault: Fault) -> &'static str {
        self.of(match fault {
            Fault::NotAHandover => ("这不是销号的交接文件，没有导入", "This is no hand-over file; nothing was imported"),
            Fault::Version => {
                ("文件是更新的版本导出的，请先更新应用", "A newer version made this file: update the app first")
            }
            Fault::Truncated => {
                ("文件不完整，没有导入；请重新传一次", "The file breaks off; nothing was imported. Have it sent again")
            }
            Fault::Damaged => {
                ("文件已损坏，没有导入；请重新导出", "The file is damaged; nothing was imported. Have it exported again")
            }
            Fault::TooLarge => ("文件太大，没有导入", "The file is too large; nothing was imported"),
            Fault::OtherOffice => ("这是别的办事处的文件，没有导入", "It belongs to another office; nothing was imported"),
            Fault::FromFuture => (
                "文件的时间在未来，没有导入；请校准那台手机的时间，再导出",
                "It claims to be from the future; nothing was imported. Correct the clock of the phone that made it and export again",
            ),
            Fault::UnknownDevice => (
                "办事处不认识制作这个文件的设备，没有导入",
                "The office does not know the device that made it; nothing was imported",
            ),
            Fault::Forged => (
                "签名不符，没有导入：文件被改动或伪造，或者办事处恢复过较早的备份。请让制作文件的手机先联网，再导出",
                "The signature does not fit, and nothing was imported: it was changed or forged, or the office was restored from an older backup. Let the phone that made it connect first, and export again",
            ),
        })
    }

    pub fn failure(&self, failure: Failure) -> &'static str {
        self.of(match failure {
            Failure::Offline => ("没有网络，稍后自动再试", "No network; it tries again by itself"),
            Failure::NotTheOffice => (
                "有网络，但应答的不是办事处：可能需要先登录 Wi-Fi",
                "Something answers, but not the office: the Wi-Fi may want a login first",
            ),
            Failure::Unavailable => {
                ("办事处暂时无法服务，稍后自动再试", "The office cannot serve now; it tries again by itself")
            }
            Failure::TooLarge => {
                ("网络太弱，正在改用更小的分页", "The link is too weak; smaller pages are being tried")
            }
            Failure::Revoked => ("本机已被停用", "This device was revoked"),
            Failure::Cloned => ("本机需要重新登记", "This device has to be enrolled anew"),
            Failure::Unknown => ("办事处不认识本机", "The office does not know this device"),
            Failure::KeyUnknown => ("办事处认不出本机的密钥", "The office does not know the key of this device"),
            Failure::AppTooOld => ("应用版本过旧，请更新", "The app is too old; please update it"),
        })
    }

    pub fn problem(&self, problem: &Problem) -> String {
        let sentence = match problem.kind {
            ProblemKind::CodeUnknown => (
                "登记码不对、已过期或已用过，请向管理员要一个新的",
                "The code is wrong, expired or used; ask the administrator for a new one",
            ),
            ProblemKind::TooManyRequests => ("尝试太频繁，请过一会儿再试", "Too many tries; wait a while"),
            ProblemKind::ClockSkew => {
                ("本机时间不准，请校准后再试", "This device's clock is wrong; correct it and try again")
            }
            ProblemKind::DeviceRevoked => ("本机已被停用", "This device was revoked"),
            ProblemKind::ConfirmFirst => ("需要先用通行密钥确认是您本人", "Your passkey has to be shown first"),
            ProblemKind::ProveFirst => (
                "本机的加密数据已被丢弃，请先确认您本人",
                "What lay here under a key was thrown away; prove who you are first",
            ),
            ProblemKind::ProofRefused => {
                ("办事处不认这个通行密钥，它可能已停用", "This passkey is not accepted; it may be out of service")
            }
            ProblemKind::SignOnRefused => {
                ("这次登录不能用来登记，请重新登录", "This sign-in proves nothing; sign in anew")
            }
            ProblemKind::SignOnUnknown => (
                "办事处不认识您登录的账号，请告诉管理员",
                "The office does not know this account; tell the administrator",
            ),
            ProblemKind::SignOnUnreachable => {
                ("暂时连不上统一身份系统，请稍后再试", "The office's sign-on cannot be reached now; try again later")
            }
            ProblemKind::Other => (
                "办事处的答复本版本看不懂，请更新应用",
                "This version does not understand the answer; please update the app",
            ),
            ProblemKind::Forbidden => ("您没有这项权限", "You may not do this"),
            ProblemKind::NotFound => ("没有找到", "Not found"),
            ProblemKind::Conflict => ("与现有数据冲突", "It conflicts with what is there"),
            ProblemKind::AppTooOld => ("应用版本过旧，请更新", "The app is too old; please update it"),
            ProblemKind::StorageFull => ("办事处存储已满", "The office's storage is full"),
            ProblemKind::BadRequest => ("内容不符合要求", "What was sent is not valid"),
            ProblemKind::NotSigned => (
                "办事处认不出本机的签名，请刷新后再试；仍然这样的，请告诉管理员",
                "The signature of this device is not known; reload and try again, and tell the administrator if it stays so",
            ),
            ProblemKind::DeviceUnknown => (
                "办事处不认识本机，请向管理员要一个新的登记码",
                "The office does not know this device; ask the administrator for a new code",
            ),
            ProblemKind::Replayed => (
                "办事处已经收到过，请刷新后看结果",
                "The office has received it already; reload to see what came of it",
            ),
            ProblemKind::TooLarge => ("太大，办事处不收", "Larger than the office accepts"),
            ProblemKind::NotAPhoto => {
                ("不是 JPEG、PNG 或 WebP 照片，或者尺寸太大", "No JPEG, PNG or WebP photo, or one of too many pixels")
            }
            ProblemKind::PhotoRemoved => {
                ("照片已过保存期限，按规定清除", "The photo was removed by the rule for keeping")
            }
            ProblemKind::ChecksumMismatch => ("传输中损坏，请再试一次", "Damaged on its way; try again"),
            ProblemKind::HandoverDamaged => return self.handover_fault(Fault::Damaged).into(),
            ProblemKind::HandoverOtherOffice => return self.handover_fault(Fault::OtherOffice).into(),
            ProblemKind::HandoverFromFuture => return self.handover_fault(Fault::FromFuture).into(),
            ProblemKind::HandoverUnknownDevice => return self.handover_fault(Fault::UnknownDevice).into(),
            ProblemKind::HandoverForged => return self.handover_fault(Fault::Forged).into(),
            ProblemKind::Internal => ("办事处出了故障，请稍后再试", "The office failed; try again later"),
        };
        let said = self.of(sentence);
        // What a person can put right is said in his language; what only a program can get wrong, in the office's words.
        let why = problem.reason.and_then(|reason| self.reason(reason));
        match why.or(problem.detail.as_deref().filter(|_| self.lang == Lang::En)) {
            Some(why) => format!("{said}{}", fill(self.of(("：{}", " ({})")), &[&why])),
            None => said.into(),
        }
    }
}

impl Texts {
    pub fn import_field(&self, field: Field) -> &'static str {
        self.of(match field {
            Field::Id => ("标识（本系统导出的）", "Id (from an export)"),
            Field::Number => ("原编号", "Old number"),
            Field::Problem => ("问题描述", "Problem"),
            Field::Kind => ("问题类型", "Kind"),
            Field::Zone => ("片区", "Zone"),
            Field::Address => ("地点", "Address"),
            Field::Landmark => ("标志物", "Landmark"),
            Field::PlaceType => ("场所类型", "Place type"),
            Field::Severity => ("紧急程度", "Severity"),
            Field::FoundAt => ("发现日期", "Found on"),
            Field::Assignee => ("责任人", "Responsible"),
            Field::Demand => ("整改要求", "What is demanded"),
            Field::Deadline => ("期限", "Deadline"),
            Field::Latitude => ("纬度", "Latitude"),
            Field::Longitude => ("经度", "Longitude"),
            Field::State => ("状态（是否销号）", "State (struck off?)"),
        })
    }

    /// What is wrong with a cell, and what would be right.
    pub fn import_why(&self, why: Why) -> &'static str {
        self.of(match why {
            Why::Missing => ("没有填", "is missing"),
            Why::UnknownKind => ("目录里没有这个类型", "no such kind in the catalogue"),
            Why::UnknownZone => ("没有这个片区", "no such zone"),
            Why::Ambiguous => ("有几个人同名，请写清", "several people have this name"),
            Why::PersonElsewhere => {
                ("这个人不在该片区，收不到", "this person does not work in the zone and would not see it")
            }
            Why::UnknownPlaceType => ("没有这个场所类型", "no such place type"),
            Why::UnknownSeverity => ("应为一般、紧急或非常紧急", "should be ordinary, urgent or very urgent"),
            Why::NotADate => ("不是日期，如 2026-11-25", "not a date like 2026-11-25"),
            Why::AmbiguousDate => ("月和日分不清，请写成 2026-11-25", "day or month first? write it like 2026-11-25"),
            Why::InFuture => ("日期在将来", "lies in the future"),
            Why::NotANumber => ("不是经纬度数字", "not a number of degrees"),
            Why::TooLong => ("太长", "is too long"),
            Why::FormulaFailed => ("公式出错，没有值", "a formula that failed"),
            Why::Undecodable => (
                "有的字读不出来（�），请在表里重写，或另存为 UTF-8",
                "has letters that cannot be read (�): write them again in the list, or save it as UTF-8",
            ),
            Why::Twice => ("与前面的一行相同", "is the same as an earlier row"),
            Why::UnknownState => (
                "看不懂这个状态，应写未销号、整改中、已整改或已销号",
                "should be open, in progress, handled or struck off",
            ),
            Why::NumberTaken => (
                "这个编号已被另一份清单的另一个问题使用，请换一个编号",
                "another list used this number for something else; give it another number",
            ),
            Why::Other => (
                "办事处说有问题，本版本不认识，请更新后再查",
                "is wrong in a way that this version does not know; update and check again",
            ),
        })
    }

    pub fn file_fault(&self, fault: FileFault) -> &'static str {
        self.of(match fault {
            FileFault::NotATable => {
                ("这不是 Excel .xlsx 或 CSV 文件，没有导入", "This is no Excel .xlsx or CSV file; nothing was imported")
            }
            FileFault::OldExcel => (
                "这是旧版 Excel（.xls）或加了密码的文件。请另存为不加密的 .xlsx 再选",
                "This is an old Excel file (.xls) or one with a password. Save it as .xlsx without one",
            ),
            FileFault::TooLarge => {
                ("文件超过 8 MB，请删去图片或分成几个文件", "Larger than 8 MB: take pictures out, or split it")
            }
            FileFault::Inflates => (
                "文件解开后太大，没有读取。请删去多余的行、列和图片，或分成几个文件",
                "It unpacks to far too much and was not read: take out rows, columns and pictures, or split it",
            ),
            FileFault::TooManyRows => ("超过 {} 行，请分成几个文件", "More than {} rows: split it into several files"),
            FileFault::TooManyColumns => {
                ("列太多（最多 64 列），请删去多余的列", "Too many columns (at most 64): take some out")
            }
            FileFault::Damaged => ("文件已损坏，读不出来", "The file is damaged and cannot be read"),
            FileFault::Encoding => (
                "文字编码认不出来，请另存为 UTF-8 的 CSV 或 .xlsx",
                "Its encoding is not known: save it as CSV in UTF-8 or as .xlsx",
            ),
            FileFault::Empty => ("文件里没有表头和数据", "There are no headings with rows below them"),
            FileFault::Other => (
                "办事处没有收这个文件，原因本版本不认识，请更新后再试",
                "The office did not take it, for a reason that this version does not know: update and try again",
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::texts::{EN, ZH};
    use xiaohao_shared::api::Problem;
    use xiaohao_shared::import::FileFault;
    use xiaohao_shared::model::policy::Denied;
    use xiaohao_shared::sync::Refusal;

    #[test]
    fn the_reason_of_a_refusal_is_said_in_the_language_of_the_page() {
        let told = r#"{"type":"urn:xiaohao:conflict","title":"","status":409,"detail":"x","reason":"month_before"}"#;
        let problem: Problem = serde_json::from_str(told).expect("a problem");
        assert!(ZH.problem(&problem).ends_with("：要按月依次结账"), "{}", ZH.problem(&problem));
        assert!(EN.problem(&problem).ends_with("(months are frozen one after the other)"), "{}", EN.problem(&problem));
    }

    #[test]
    fn whoever_has_too_long_a_list_is_told_to_split_it() {
        for fault in [FileFault::TooLarge, FileFault::TooManyRows, FileFault::Inflates] {
            assert!(
                ZH.file_fault(fault).contains("分成几个文件") && EN.file_fault(fault).contains("split it"),
                "{fault:?}"
            );
        }
    }

    #[test]
    fn a_refusal_by_policy_has_the_sentence_of_the_policy() {
        assert_eq!(ZH.refusal(&Refusal::from(Denied::OwnWork)), ZH.denied(Denied::OwnWork));
        assert!(EN.refusal(&Refusal("a_newer_word".into())).contains("a_newer_word"));
    }
}
