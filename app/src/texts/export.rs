//! Lists as files.

macro_rules! words {
    ($then:ident $areas:tt $($before:tt)*) => {
        $then! { $areas $($before)*
            export_link: "导出", "Export";
            export_title: "导出清单", "Export the list";
            export_rows: "清单中有 {} 条问题", "Issues in the list: {}";
            export_none: "筛选条件下没有问题可导出。", "There is nothing to export under this filter.";
            export_format: "文件格式", "File format";
            format_xlsx: "Excel 表格", "Excel";
            format_csv: "CSV", "CSV";
            format_geojson: "地图 GeoJSON", "Map (GeoJSON)";
            format_xlsx_hint: "日期和数字可直接排序、筛选、打印。列序：问题—地点—责任单位—整改要求—期限。",
                "Dates and numbers sort, filter and print. The columns begin: problem, place, responsible, what is demanded, deadline.";
            format_csv_hint: "任何程序都能读的文字表格。像公式的内容前加了一个撇号，打开时不会被执行。",
                "A table of text that every program reads. What looks like a formula has an apostrophe before it, so that nothing executes it.";
            format_geojson_hint: "给地图软件用，坐标为 WGS-84；没有定位的问题也在其中。",
                "For map programs, in WGS-84; issues without a position are in it, too.";
            export_photos: "附整改前、后缩略图（最多 {} 个）", "With thumbnails of before and after (at most {} issues)";
            export_too_many: "Excel 表格最多 {} 条。请缩小范围，或选 CSV。", "A workbook holds at most {} issues. Narrow the list, or choose CSV.";
            export_start: "生成文件", "Make the file";
            export_writing: "办事处正在写 {} 条…", "The office is writing {} issue(s)…";
            export_written: "办事处已写 {} / {} 条", "Written by the office: {} of {}";
            export_packing: "{} 条已写完，正在打包…", "{} issue(s) written; packing the file…";
            export_received: "已收到 {} / {} 条，{}", "{} of {} issue(s), {}";
            export_bytes: "共 {} 条，已收到 {}", "{} issue(s), {} so far";
            file_writing: "办事处正在写文件…", "The office is writing the file…";
            file_bytes: "已收到 {}", "{} so far";
            export_stopped: "已取消，没有留下文件。", "Cancelled; there is no file.";
            export_broken: "文件没有收全，已丢弃。请重试。", "The file broke off and was thrown away. Try again.";
            export_ready: "已生成：{} 条，{}", "Ready. Issues: {}, {}";
            export_save: "保存文件", "Save the file";
            export_private: "文件里有地址和工作人员姓名，请只在工作中使用。", "The file holds addresses and names of staff: use it for work only.";
        }
    };
}
pub(super) use words;
