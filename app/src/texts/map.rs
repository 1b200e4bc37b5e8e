//! The map and what lies under it.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            map: "地图", "Map";
            as_list: "看列表", "As a list";
            map_all: "共 {} 个，都在图上", "{} issue(s), all on the map";
            map_some: "共 {} 个，{} 个有定位，在图上", "{} issue(s); with a position, on the map: {}";
            map_first: "共 {} 个，图上是最前的 {} 个；请用筛选缩小范围", "{} issue(s); the first {} are on the map. Narrow the list by the filter";
            no_map_picture: "没有这个列表的地图存在本机。", "No map of this list is kept on this device.";
            map_not_here: "地图还没有下载到本机，需要联网打开一次。下面先看列表。", "The map has not been fetched to this device yet: open it once with a network. Here is the list meanwhile.";
            map_no_graphics: "这个浏览器不能显示地图（没有 WebGL 2）。下面是同样的问题列表。", "This browser cannot show a map (it gives no WebGL 2). Here are the same issues as a list.";
            legend: "图例", "Legend";
            map_cluster: "多个问题，点开放大；红圈表示其中有超期", "Several issues, tap to come closer; a red ring means that some are overdue";
            map_blank: "没有底图，只画片区边界。", "No base map; only the borders of zones are drawn.";
            map_moved: "底图为 GCJ-02 坐标，位置已换算，仅用于显示。", "The base map is in GCJ-02; positions are moved to it for display only.";
            map_here: "此处有 {} 个问题", "{} issue(s) at this spot";
            zoom_in: "放大", "Zoom in";
            zoom_out: "缩小", "Zoom out";
            map_sources: "底图来源", "Sources of the base map";
        }
    };
}
pub(super) use words;
