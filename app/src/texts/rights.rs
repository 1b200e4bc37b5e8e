//! What may be asked of the office, and the duties of its officers, in both languages.

use xiaohao_shared::model::policy::{Reach, Right, Sight};
use xiaohao_shared::model::workflow::{Action, Who};
use xiaohao_shared::model::{Duty, Stage};

use super::{Texts, fill};

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            duties_label: "职责（三员分立）", "Duties (three officers)";
            duties_none: "无职责", "No duty";
            duties_about: "系统、安全、审计三项职责应由不同的人担任，不勾选就没有；任何人都不能改自己的职责。", "Three different people should have these duties; an administrator without one may do nothing. Nobody changes his own.";
            rights_table: "权限表", "Table of rights";
            rights_about: "服务器和手机都只按这张表办事。干部只看得到自己的片区；管理员看不到问题。", "Office and phones ask this table and nothing else. A cadre sees his own zones, an administrator no issue.";
            right_name: "事项", "What";
            right_reach: "范围", "Within";
            right_sure: "须确认本人", "Takes a passkey";
            steps_table: "流转权限表", "Table of steps";
            steps_about: "每一步：在什么状态下、由谁、在哪些片区、需要什么、有什么限制。手机和服务器都只按这张表判断；管理员不能处理问题。", "Each step: in which state, by whom, in which zones, what it needs, and when it is limited. Phones and office ask this table and nothing else; administrators take no step.";
            step_action: "操作", "Step";
            step_from: "在什么状态", "In state";
            step_to: "变为", "Becomes";
            step_roles: "角色与片区", "Roles and zones";
            step_who: "限定", "Only";
            step_needs: "需要", "Needs";
            step_bounds: "其他限制", "Other limits";
            step_open: "所有未办结的状态", "every open state";
            step_every: "所有状态", "every state";
            step_stays: "不变", "stays";
            step_reason: "说明", "a reason";
            step_assignee: "负责人", "somebody in charge";
            step_until: "期限", "a deadline";
            unguarded: "您还没有通行密钥。添加之前，谁拿着这台设备，谁就可以不经确认做这些事：{}。", "You have no passkey. Until you make one, whoever holds this device can do all of this unasked: {}.";
            unguarded_refused: "您还没有通行密钥。添加之前，办事处不接受您做这些事：{}。", "You have no passkey. Until you make one, the office refuses you all of this: {}.";
            unguarded_number: "办事处用数字地址访问，无法使用通行密钥：谁拿着这台设备，谁就可以不经确认做这些事：{}。改用域名访问后即可添加。", "This office is reached by a number, so there are no passkeys: whoever holds this device can do all of this unasked: {}. They come with an address that is a name.";
            unguarded_go: "添加通行密钥", "Make a passkey";
        }
    };
}
pub(super) use words;

impl Texts {
    pub fn duty(&self, duty: Duty) -> &'static str {
        self.of(match duty {
            Duty::System => ("系统管理员", "System officer"),
            Duty::Security => ("安全管理员", "Security officer"),
            Duty::Audit => ("审计管理员", "Audit officer"),
        })
    }

    pub fn reach(&self, reach: Reach) -> &'static str {
        self.of(match reach {
            Reach::Nothing => ("—", "—"),
            Reach::Own => ("自己的", "one's own"),
            Reach::Sight => ("看得到的片区", "zones in sight"),
            Reach::Office => ("全办事处", "the whole office"),
        })
    }

    pub fn right(&self, right: Right) -> &'static str {
        self.of(match right {
            Right::Watch => ("查看服务器是否正常", "See whether the server is well"),
            Right::AskProtocol => ("询问上传方式", "Ask how to upload"),
            Right::BeginEnrol => ("出示通行密钥或统一登录以登记设备", "Show a passkey, or sign on, to enrol a device"),
            Right::Enrol => ("登记设备", "Enrol a device"),
            Right::SeePasskeys => ("查看自己的通行密钥", "See one's own passkeys"),
            Right::BeginPasskey => ("准备添加通行密钥", "Begin to add a passkey"),
            Right::AddPasskey => ("添加通行密钥", "Add a passkey"),
            Right::DropPasskey => ("删除自己的通行密钥", "Remove one's own passkey"),
            Right::BeginConfirm => ("准备确认本人", "Begin to confirm oneself"),
            Right::Confirm => ("确认本人操作", "Confirm oneself"),
            Right::SeeViews => ("读取自己保存的视图", "See one's own saved views"),
            Right::KeepViews => ("保存自己的视图", "Keep one's own views"),
            Right::ReadDirectory => ("读取通讯录", "Read the directory"),
            Right::HearNews => ("接收新消息提醒", "Hear that there is news"),
            Right::Sync => ("同步", "Sync"),
            Right::BringPhoto => ("上传照片", "Bring photos"),
            Right::HandOver => ("代交他人的记录", "Hand in what others recorded"),
            Right::SeePhoto => ("查看照片", "See photos"),
            Right::AskForPhotos => ("询问办事处缺哪些照片", "Ask which photos the office lacks"),
            Right::Doubt => {
                ("设备报告：加密数据已丢弃，须重新确认本人", "A device says that its vault was thrown away")
            }
            Right::ChangeKey => ("更换本机签名密钥", "Change the key of one's own device"),
            Right::ConfirmBulletin => ("确认已读通知", "Confirm a notice"),
            Right::SeeBoard => ("查看看板、清单和地图", "See board, lists and map"),
            Right::Export => ("导出清单", "Export lists"),
            Right::Import => ("导入旧台账", "Import an old list"),
            Right::ReadBooks => ("查看督办单、结账和指标", "Read lists, settlements and indicators"),
            Right::ExportBooks => ("导出工作总结", "Export the summary report"),
            Right::KeepBooks => ("制作督办单、结账、发通知", "Make lists, settlements and notices"),
            Right::Patrol => ("上报巡查", "Bring patrols"),
            Right::SeeRules => ("查看期限更改记录", "See who changed limits"),
            Right::SeeDevices => ("查看设备同步情况", "See who is not syncing"),
            Right::ReadHeld => ("查看待审记录", "Read what is held for review"),
            Right::Review => ("采纳或作废待审记录", "Adopt or discard what is held"),
            Right::SeeTipster => ("查看举报人(隐去部分)", "See the informant, masked"),
            Right::LookAtTipster => ("查看举报人全部信息", "See the informant"),
            Right::KeepTipster => ("登记举报人", "Note the informant"),
            Right::ReadPeople => ("查看人员和设备", "Read people and devices"),
            Right::KeepPeople => ("管理人员和角色", "Keep people and roles"),
            Right::Invite => ("发登记码", "Give out codes"),
            Right::Revoke => ("停用设备", "Revoke devices"),
            Right::BindSignOn => ("记下统一身份账号", "Write down an account of the sign-on"),
            Right::WithdrawPasskey => ("停用别人的通行密钥", "Withdraw somebody's passkey"),
            Right::Appoint => ("指定管理员职责", "Appoint officers"),
            Right::Remember => ("恢复后补记人员", "Tell a restored office what it forgot"),
            Right::KeepZones => ("管理片区、边界和包保", "Keep zones, borders and teams"),
            Right::KeepCatalogue => ("设置类别和处置期限", "Keep kinds and limits"),
            Right::KeepCalendar => ("设置工作时间", "Set the working time"),
            Right::ReadPrivacy => ("查看本人信息留存说明", "Read what is kept about oneself"),
            Right::KeepRetention => ("设置保存期限", "Set how long things are kept"),
            Right::KeepLock => ("设置手机锁屏", "Set when phones lock"),
            Right::ReadAudit => ("查看审计日志", "Read the audit"),
            Right::ExportAudit => ("导出审计日志", "Export the audit"),
        })
    }

    /// Where a role may do to issues what it may.
    pub fn sight(&self, sight: Sight) -> &'static str {
        self.of(match sight {
            Sight::OwnZones => ("（自己的片区，或由自己负责）", " (own zones, or in charge)"),
            Sight::Office => ("（全办事处）", " (the whole office)"),
            Sight::Nothing => ("", ""),
        })
    }

    /// What the policy asks beside the table: numbers, times, and that nobody judges what he did himself.
    pub fn step_bound(&self, action: Action) -> &'static str {
        self.of(match action {
            Action::Start | Action::HandIn => ("挂账的：到截止时间以后", "suspended: once the suspension has ended"),
            Action::AskExtension => (
                "期限之前（挂账到期的不限）；新期限晚于现期限；最多延期两次",
                "before the deadline (or once a suspension has ended); to a later one; at most two extensions",
            ),
            Action::Extend => (
                "期限之前，或期限之前申请的、挂账到期的；新期限晚于现期限；最多两次",
                "before the deadline, or asked for before it, or once a suspension has ended; to a later one; at most twice",
            ),
            Action::AskSuspension => ("没有挂账过的", "not suspended before"),
            Action::Suspend => ("只能一次；截止在现在以后、一年以内", "once; it ends within a year from now"),
            Action::Appeal => ("超期的；只能一次", "against an overtime; once"),
            Action::GrantAppeal | Action::RefuseAppeal => ("申诉尚未答复；不能是申诉人本人", "while one is open; not by who appealed"),
            Action::Decide => (
                "只在并存的内容中选；指挥可另定（期限、延期次数除外）；整改人不能选为已销号",
                "among the values that stand; supervisors also another one, but no deadline or number of extensions; not struck off by who rectified it",
            ),
            Action::Dispatch | Action::Assign => {
                ("责任人在用，且负责这个片区", "to somebody who is active and finds it in his zones")
            }
            Action::Void | Action::MarkDuplicate | Action::Merge => ("不能与自己重复", "not a duplicate of itself"),
            _ => ("", ""),
        })
    }

    /// Who of these roles.
    pub fn who(&self, who: Who) -> &'static str {
        self.of(match who {
            Who::Anyone => ("", ""),
            Who::Reporter => ("上报人本人", "who reported it"),
            Who::Assignee => ("负责人；指挥可代办", "who is in charge; supervisors for them"),
            Who::InCharge => ("负责人本人", "who is in charge, nobody for them"),
            Who::NotRectifier => ("不能是整改人本人", "not who rectified it"),
        })
    }

    pub fn step_photo(&self, stage: Stage) -> String {
        fill(self.of(("{}照片", "photo: {}")), &[&self.stage(stage)])
    }

    pub fn list_comma(&self) -> &'static str {
        self.of(("、", ", "))
    }

    /// An act of the audit: a right, or something that no request asked for.
    pub fn act(&self, act: &str) -> String {
        let right = Right::ALL.iter().find(|right| right.code() == act);
        let otherwise = || if act == "retention" { self.retention.to_owned() } else { act.to_owned() };
        right.map_or_else(otherwise, |right| self.right(*right).to_owned())
    }
}
