//! Kinds, their limits and closing conditions, and what the office changed about them.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            catalogue: "问题目录与时限", "Catalogue and limits";
            catalogue_about: "每类问题的处置时限、结案条件，以及本办事处的调整。时限从派遣时起算；手机下次同步时收到更改。",
                "How long each kind may take, when it counts as done, and what this office changed. Limits count from dispatch; phones get a change when they next sync.";
            catalogue_not_back: "更改只对以后派遣、延期或恢复的问题起作用，已经定下的期限不会变。", "A change concerns what is dispatched, extended or resumed from then on. A deadline that stands does not move.";
            catalogue_only_own: "只看本办调整过的", "Only what this office changed";
            catalogue_search: "搜类型或编码", "Search a kind or code";
            catalogue_own: "本办自定", "set here";
            catalogue_off: "不再上报", "not reported here";
            catalogue_condition: "立案条件", "Filing condition";
            catalogue_close_when: "结案条件", "Struck off when";
            catalogue_close_hint: "如：清理干净，地面无残留", "e.g. cleared, nothing left on the ground";
            catalogue_own_kind: "自定义类别", "Own kind";
            catalogue_add: "新增自定义类别", "Add a kind of our own";
            catalogue_rename: "改名", "Rename";
            catalogue_own_name: "类别名称", "Name of the kind";
            catalogue_own_hint: "如：共享单车乱停放", "e.g. shared bicycles in the way";
            catalogue_own_text: "国家目录里没有的类别。编码由系统给出；保存后可设时限和结案条件，可停用，不能删除。", "A kind that the national catalogue lacks. The system gives its code; then set its limits and when it is struck off. It can be switched off, not deleted.";
            catalogue_own_wrong: "名称已有，或超过 20 字。", "There is a kind of this name, or it has more than 20 characters.";
            catalogue_close_count: "{} / {} 字；换行保存为空格。", "{} of {} characters; line breaks become spaces.";
            catalogue_close_long: "结案条件最多 {} 字，现在 {} 字。", "At most {} characters say when an issue is struck off; these are {}.";
            catalogue_any_place: "各类场所", "Places of any type";
            catalogue_amount: "时限", "Limit";
            catalogue_unit: "单位", "Unit";
            catalogue_set: "改时限和结案条件", "Change";
            catalogue_reset: "恢复目录的时限和结案条件", "Back to the catalogue";
            catalogue_switch_off: "停用", "Switch off";
            catalogue_switch_on: "启用", "Switch on";
            catalogue_off_text: "停用“{}”？手机不再提供这一类，已有的问题照常办理；没同步的手机上报的仍然收下。", "Switch “{}” off? Phones offer it no more; what was reported goes on, and what a phone without a network still reports is taken.";
            catalogue_limits_wrong: "时限是 1 到 366 的整数。", "A limit is a whole number from 1 to 366.";
            catalogue_place_types: "场所类型", "Place types";
            catalogue_place_types_text: "场所类型是固定的；某类场所需要另外的时限时，在“改时限和结案条件”里选它。", "Place types are fixed; where one needs a limit of its own, choose it when you change the limit.";
            catalogue_changes: "更改记录", "What was changed";
            catalogue_no_changes: "还没有更改过，全部按目录执行。", "Nothing was changed yet: all limits are the catalogue's.";
            catalogue_unknown_change: "本版本不认识的更改，更新后可见", "A change that this version does not know; update to read it";
            catalogue_by_catalogue: "按目录", "by the catalogue";
            when_label: "时间", "When";
            who_label: "谁", "Who";
            what_label: "内容", "What";
            before_label: "原来", "Before";
            after_label: "现在", "Now";
        }
    };
}
pub(super) use words;
