//! `GET /api/admin/audit`: who did what, newest first, and the whole of it as a file. Looking at it is noted, too.

use axum::Json;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use serde::Deserialize;
use xiaohao_shared::api::{AUDIT_HEAD, AuditLine, AuditPage};
use xiaohao_shared::id::{DeviceId, PersonId};

use super::auth::Signed;
use super::error;
use super::export::disposition;
use crate::service::export;
use crate::service::{Service, ServiceError, trail};
use crate::store::trail::Line;

#[derive(Debug, Deserialize)]
pub struct Before {
    before: Option<u64>,
}

pub async fn page(
    State(service): State<Service>,
    before: Result<Query<Before>, QueryRejection>,
    _: Signed,
) -> Result<Json<AuditPage>, ServiceError> {
    let Query(Before { before }) = before.map_err(error::query)?;
    let lines = trail::page(&service, before.unwrap_or(i64::MAX as u64)).await?;
    Ok(Json(AuditPage {
        head: trail::head(&service).await?.to_string(),
        lines: lines.into_iter().map(shown).collect(),
    }))
}

fn shown(line: Line) -> AuditLine {
    AuditLine {
        number: line.number,
        at: line.at,
        act: line.act,
        person: (line.person > 0).then_some(PersonId(line.person)),
        device: (line.device > 0).then_some(DeviceId(line.device)),
        origin: line.origin,
        what: line.what,
        result: line.result,
    }
}

/// The head of the chain goes along: whoever keeps the file has an anchor, too.
pub async fn export(State(service): State<Service>, signed: Signed) -> Result<Response, ServiceError> {
    let head = trail::head(&service).await?;
    let name = format!("审计-{}.csv", service.now().date());
    let begin = stream::iter([Ok(Bytes::from(export::heading(&COLUMNS)))]);
    let rows = stream::try_unfold((service, 0), move |(service, after)| async move {
        // What is noted meanwhile, this export itself too, stands behind the head that goes along.
        let mut lines = trail::next(&service, after).await?;
        lines.retain(|line| line.number <= head.count);
        let Some(last) = lines.last().map(|line| line.number) else { return Ok(None) };
        Ok::<_, ServiceError>(Some((lines.iter().map(record).collect::<String>().into(), (service, last))))
    });
    let described = [
        (header::CONTENT_TYPE, HeaderValue::from_static("text/csv; charset=utf-8")),
        (header::CONTENT_DISPOSITION, disposition(&name)?),
        (
            HeaderName::from_static(AUDIT_HEAD),
            HeaderValue::try_from(head.to_string()).map_err(ServiceError::unwritable)?,
        ),
    ];
    let body = signed.place.until_the_end_of(begin.chain(rows));
    Ok((described, Body::from_stream(body)).into_response())
}

const COLUMNS: [&str; 9] = ["number", "at", "act", "person", "device", "origin", "what", "result", "hash"];

fn record(line: &Line) -> String {
    let hash = base16ct::lower::encode_string(&line.hash);
    let fields = [
        line.number.to_string(),
        line.at.0.to_string(),
        line.act.clone(),
        line.person.to_string(),
        line.device.to_string(),
        line.origin.clone(),
        line.what.clone(),
        line.result.clone(),
        hash,
    ];
    export::row(&fields)
}
