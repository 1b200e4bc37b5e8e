//! The rounds of some days as a workbook. Knows its columns and their words.

use std::io;

use xiaohao_shared::api::Round;
use xiaohao_shared::model::patrol::Doubt;
use xiaohao_shared::time::MINUTE;

use super::columns::Cell;
use super::{Names, Tongue, xlsx};
use crate::service::patrols::{self, Asked};
use crate::service::{Service, ServiceError};
use crate::store::StoreError;

/// (Chinese, English) and the width in characters.
const COLUMNS: [((&str, &str), f64); 8] = [
    (("片区", "Zone"), 16.0),
    (("巡查人", "Person"), 12.0),
    (("开始", "Begin"), 17.0),
    (("结束", "End"), 17.0),
    (("时长（分钟）", "Minutes"), 12.0),
    (("发现问题", "Found"), 10.0),
    (("收到", "Received"), 17.0),
    (("备注", "Remark"), 22.0),
];

/// The name of the file and its bytes.
pub async fn patrols(service: &Service, asked: Asked, tongue: Tongue) -> Result<(String, Vec<u8>), ServiceError> {
    let names = Names::read(service, tongue).await?;
    let rows: Vec<_> = patrols::all(service, asked).await?.iter().map(|round| row(round, &names)).collect();
    let title = tongue.of(("巡查记录", "patrols"));
    let columns = COLUMNS.map(|(names, width)| (tongue.of(names), width));
    let made = tokio::task::spawn_blocking(move || xlsx::small(title, &columns, rows)).await;
    let bytes = made.map_err(io::Error::other).and_then(|book| book.map_err(io::Error::other));
    Ok((format!("{title}-{}-{}.xlsx", asked.from, asked.to), bytes.map_err(StoreError::from)?))
}

fn row(Round { patrol, person, received_at, doubt }: &Round, names: &Names) -> Vec<Cell> {
    let span = patrol.span();
    let doubt = doubt.map(|doubt| names.tongue.of(words(doubt)).to_string());
    vec![
        Cell::Text(names.zone(patrol.zone)),
        Cell::Text(names.person(*person)),
        Cell::Time(span.from),
        Cell::Time(span.before),
        Cell::Number(((span.before - span.from) / MINUTE) as f64),
        Cell::Number(f64::from(patrol.found)),
        Cell::Time(*received_at),
        doubt.map_or(Cell::Empty, Cell::Text),
    ]
}

fn words(doubt: Doubt) -> (&'static str, &'static str) {
    match doubt {
        Doubt::Clock => ("手机时钟不可信，不计入", "phone clock in doubt, not counted"),
        Doubt::Stopped => ("设备已停用，不计入", "device out of service, not counted"),
    }
}
