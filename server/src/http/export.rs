//! `GET /api/export`: the list of an address as a file, and how far that is. The same zones as the board's, for those who may take lists away.

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use xiaohao_shared::api::{BookFormat, ROWS_HEADER, Writing};

use super::auth::Signed;
use super::board::{Asked, zones};
use super::error;
use crate::service::export::{self, Tongue, Wish};
use crate::service::{Service, ServiceError};

/// What the file shall be, beside what is in it.
#[derive(Debug, Deserialize)]
pub struct Shape {
    format: BookFormat,
    #[serde(default)]
    lang: Tongue,
    #[serde(default)]
    photos: bool,
}

pub async fn export(
    State(service): State<Service>,
    asked: Result<Asked, ServiceError>,
    shape: Result<Query<Shape>, axum::extract::rejection::QueryRejection>,
    signed: Signed,
) -> Result<Response, ServiceError> {
    let Asked { filter, .. } = asked?;
    let Query(shape) = shape.map_err(error::query)?;
    let wish = Wish {
        filter,
        format: shape.format,
        tongue: shape.lang,
        pictures: shape.photos && shape.format == BookFormat::Xlsx,
    };
    let far = service.writing.begin(signed.caller.device);
    let book = export::told(&service, zones(&signed.caller.person).as_deref(), wish, far).await?;
    let body = signed.place.until_the_end_of(book.body);
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(shape.format)));
    headers.insert(header::CONTENT_DISPOSITION, disposition(&book.name)?);
    headers.insert(ROWS_HEADER, book.rows.into());
    Ok((headers, Body::from_stream(body)).into_response())
}

/// How far the workbook of the asking device is; `null` where none is being written.
pub async fn progress(State(service): State<Service>, signed: Signed) -> Json<Option<Writing>> {
    Json(service.writing.of(signed.caller.device))
}

pub(super) const WORKBOOK: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

fn media_type(format: BookFormat) -> &'static str {
    match format {
        BookFormat::Xlsx => WORKBOOK,
        BookFormat::Csv => "text/csv; charset=utf-8",
        BookFormat::Geojson => "application/geo+json",
    }
}

/// RFC 6266: the true name by RFC 5987, and one of plain letters for those who do not read that.
pub(super) fn disposition(name: &str) -> Result<HeaderValue, ServiceError> {
    let plain: String = name.chars().filter(char::is_ascii).collect();
    let encoded: String = name.bytes().map(encode).collect();
    let value =
        format!("attachment; filename=\"xiaohao-{}\"; filename*=UTF-8''{encoded}", plain.trim_start_matches('-'));
    HeaderValue::try_from(value).map_err(ServiceError::unwritable)
}

fn encode(byte: u8) -> String {
    let plain = byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    if plain { char::from(byte).to_string() } else { format!("%{byte:02X}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chinese_name_travels_whole_and_old_programs_get_plain_letters() {
        let header = disposition("问题-2026-11-25.csv").unwrap();
        let expected =
            "attachment; filename=\"xiaohao-2026-11-25.csv\"; filename*=UTF-8''%E9%97%AE%E9%A2%98-2026-11-25.csv";
        assert_eq!(header, expected);
    }
}
