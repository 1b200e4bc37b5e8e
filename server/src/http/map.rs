//! `/api/map`: the issues of a list by where they are, the office's own base map under them, and the outlines of zones, which an
//! administrator brings.

use std::io::SeekFrom;
use std::path::Path as FilePath;

use axum::Json;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncSeekExt};
use xiaohao_shared::api::{BaseMap, MAX_DOTS, MapPicture, Outlines};
use xiaohao_shared::geo::geojson::Datum;
use xiaohao_shared::model::filter::Grouping;

use super::auth::Signed;
use super::board::{Asked, zones};
use super::photos::range;
use super::{House, error};
use crate::service::{Service, ServiceError, catalogue, outlines as shapes};
use crate::store::{StoreError, board};

/// Bytes of a base map in one answer; a tile has some ten thousand.
const MAX_RANGE: u64 = 4 * 1024 * 1024;

pub async fn map(
    State(service): State<Service>,
    Asked { filter, .. }: Asked,
    signed: Signed,
) -> Result<Json<MapPicture>, ServiceError> {
    let filter = catalogue::knowing(&service, filter).await?;
    let zones = zones(&signed.caller.person);
    let now = service.now();
    let counts = service.counter.counts(zones.as_deref(), &filter, now, Grouping::State).await?;
    let total = board::total(&counts);
    let dots = board::dots(&service.store, zones.as_deref(), &filter, now, MAX_DOTS as u32).await?;
    Ok(Json(MapPicture { server_time: now, total, dots }))
}

pub async fn base(State(house): State<House>, _: Signed) -> Result<Json<BaseMap>, ServiceError> {
    let ground = &house.site.base_map;
    Ok(Json(BaseMap {
        tiles: ground.tiles.is_some(),
        style: ground.style.is_some(),
        gcj02: ground.gcj02,
        plain: ground.plain.as_ref().map(|plain| plain.mark.clone()),
    }))
}

pub async fn style(State(house): State<House>, _: Signed) -> Result<Response, ServiceError> {
    let path = house.site.base_map.style.as_deref().ok_or(ServiceError::NotFound)?;
    let json = tokio::fs::read(path).await.map_err(|_| ServiceError::NotFound)?;
    Ok(([(header::CONTENT_TYPE, "application/json")], json).into_response())
}

/// The office's own GeoJSON, whole: devices keep it.
pub async fn plain(State(house): State<House>, signed: Signed) -> Result<Response, ServiceError> {
    let plain = house.site.base_map.plain.as_ref().ok_or(ServiceError::NotFound)?;
    let kind = [(header::CONTENT_TYPE, "application/geo+json")];
    Ok((kind, signed.place.until_all_of(plain.text.clone())).into_response())
}

/// Parts of an archive that may be larger than memory; the whole is given to nobody.
pub async fn tiles(State(house): State<House>, headers: HeaderMap, signed: Signed) -> Result<Response, ServiceError> {
    let path = house.site.base_map.tiles.as_deref().ok_or(ServiceError::NotFound)?;
    let size = tokio::fs::metadata(path).await.map_err(|_| ServiceError::NotFound)?.len();
    let range = match range(&headers, size) {
        Some(Some(range)) if range.end - range.start <= MAX_RANGE => range,
        Some(None) => return Ok(error::no_such_range(size)),
        Some(Some(_)) | None => return Err(ServiceError::TooLarge),
    };
    let bytes = part(path, range.start, (range.end - range.start) as usize).await?;
    let described = [
        (header::CONTENT_TYPE, "application/vnd.pmtiles".to_owned()),
        (header::CONTENT_RANGE, format!("bytes {}-{}/{size}", range.start, range.end - 1)),
    ];
    Ok((StatusCode::PARTIAL_CONTENT, described, signed.place.until_all_of(bytes.into())).into_response())
}

async fn part(path: &FilePath, from: u64, length: usize) -> Result<Vec<u8>, ServiceError> {
    let read = async {
        let mut file = tokio::fs::File::open(path).await?;
        file.seek(SeekFrom::Start(from)).await?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes).await?;
        Ok(bytes)
    };
    read.await.map_err(|error: std::io::Error| StoreError::from(error).into())
}

/// What a file of outlines is taken for.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Shape {
    datum: Datum,
    /// Without it, the file is only read.
    save: bool,
}

pub async fn outlines(
    State(service): State<Service>,
    shape: Result<Query<Shape>, axum::extract::rejection::QueryRejection>,
    signed: Signed,
) -> Result<Json<Outlines>, ServiceError> {
    let Query(Shape { datum, save }) = shape.map_err(error::query)?;
    shapes::take_in(&service, &signed.caller, signed.body, datum, save).await.map(Json)
}
