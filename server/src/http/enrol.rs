//! `POST /api/enrol`: the one request that is signed by a key which nobody knows yet.

use std::net::{IpAddr, Ipv4Addr};

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use xiaohao_shared::api::{Enrol, Enrolled};
use xiaohao_shared::signature::NEW_KEY;

use super::House;
use super::auth::Claim;
use crate::listen::Peer;
use crate::service::{ServiceError, enrolment};

pub async fn enrol(
    State(house): State<House>,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    claim: Claim,
) -> Result<Json<Enrolled>, ServiceError> {
    let wish: Enrol = claim.json()?;
    let (_, key) = enrolment::public_key(&wish.public_key)?;
    let proven = claim.params.keyid == NEW_KEY && claim.is_by(&key);
    let from = caller_address(&house, peer.map(|Extension(peer)| peer), &headers);
    enrolment::enrol(&house.service, &wish, proven, from).await.map(Json)
}

/// The last entry of `X-Forwarded-For` is the one that our own proxy wrote; those before it are hearsay.
fn caller_address(house: &House, peer: Option<Peer>, headers: &HeaderMap) -> IpAddr {
    let forwarded = headers.get_all("x-forwarded-for").iter().next_back().and_then(|value| value.to_str().ok());
    let forwarded = forwarded.and_then(|list| list.rsplit(',').next()?.trim().parse().ok());
    let peer = peer.map_or(Ipv4Addr::UNSPECIFIED.into(), |peer| peer.0.ip());
    if house.site.behind_proxy { forwarded.unwrap_or(peer) } else { peer }
}
