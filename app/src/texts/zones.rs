//! Zones, and who answers for them together.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            zones: "片区", "Zones";
            zone_code: "编码", "Code";
            add_zone: "添加片区", "Add zone";
            change_zone: "更改片区", "Change zone";
            bearers_about:
                "谁和谁一起包这个片区，各自包什么。指派时先列出这些人；不因此多给任何权限。",
                "Who answers for this zone together, and for which part of it. They come first when work is given; it gives nobody a right.";
            bearers_none: "还没有写明谁包这个片区。", "Nobody is named for this zone yet.";
            bearers_first: "先添加片区、把人员分到片区，再写明谁包哪一部分。", "Add the zone and give it to people first; then say who bears which part.";
            bearer_person: "包保人", "Who";
            bearer_part: "包什么", "Which part";
            bearer_part_hint: "如：领导包片，或“解放路东段”", "e.g. leader, or the east end of the road";
            usual_parts: "领导包片、部门包点、干部包户", "Leader of the zone、Department、Cadre of the houses";
            bearer_add: "加入", "Add";
            bearer_remove: "移出：{}", "Take out: {}";
            no_zones: "还没有片区。先添加片区，再把人员分到片区。", "There are no zones yet. Add them first, then give them to people.";
            zone_name: "名称", "Name";
            zone_name_hint: "如：解放路片区", "e.g. Jiefang Road";
            zone_code_hint: "社区编码，可不填", "Community code, optional";
        }
    };
}
pub(super) use words;
