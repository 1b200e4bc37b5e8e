//! Who asks: reads and verifies the signature of a request (RFC 9421, one fixed form), and asks the table of rights. Knows no role.

use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::HeaderMap;
use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use serde::de::DeserializeOwned;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::id::DeviceId;
use xiaohao_shared::model::Person;
use xiaohao_shared::model::policy::{Asker, Right, Sure, Trace, may};
use xiaohao_shared::signature::{Params, content_digest, parse_signature};
use xiaohao_shared::sync::wire::Stop;
use xiaohao_shared::time::MINUTE;

use super::House;
use super::doors::Visit;
use super::turnstile::Place;
use crate::service::directory::{self, Caller};
use crate::service::{ServiceError, passkeys};
use crate::store::devices::Enrolment;

/// What a request says of its sender before its body is read: timely and well formed, but by a key not yet looked at.
struct Head {
    params: Params,
    /// Where the sender believes that it sends this to.
    origin: String,
    digest: String,
    base: String,
    signature: Signature,
}

/// A whole request, by a key that stands in its body.
pub struct Claim {
    pub params: Params,
    pub origin: String,
    body: Bytes,
    base: String,
    signature: Signature,
}

/// A request of a device that may be out of service: then `stopped` says why it must learn nothing.
pub struct Heard {
    pub caller: Caller,
    pub stopped: Option<Stop>,
    /// When it was signed, in seconds by the device's clock.
    pub created: i64,
    pub body: Bytes,
    _place: Place,
}

/// A request of an enrolled device. The body is the one that was signed.
pub struct Signed {
    pub caller: Caller,
    /// The key that signed it.
    pub key: Vec<u8>,
    pub body: Bytes,
    pub origin: String,
    /// As long as this lives, the request counts as one that is inside.
    pub place: Place,
}

impl Head {
    fn read(request: &Request, house: &House) -> Result<Self, ServiceError> {
        let (uri, headers) = (request.uri(), request.headers());
        let params = Params::parse(text(headers, "signature-input")?).ok_or(MALFORMED)?;
        let signature = parse_signature(text(headers, "signature")?).ok_or(MALFORMED)?;
        let signature = Signature::from_slice(&signature).map_err(|_| MALFORMED)?;
        let digest = text(headers, "content-digest")?.to_owned();
        if !params.is_timely(house.service.now()) {
            return Err(ServiceError::ClockSkew { server_time: house.service.now() });
        }
        let origin = house.site.origin(uri, headers).ok_or(MALFORMED)?;
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let base = params.base(request.method().as_str(), &format!("{origin}{path}"), &digest);
        Ok(Self { params, origin, digest, base, signature })
    }

    /// The device that signed the headers; the digest of the body is among them.
    async fn device(&self, house: &House, visit: &Visit) -> Result<(DeviceId, Enrolment, Person, Place), ServiceError> {
        let device = self.params.keyid.parse::<DeviceId>().map_err(|_| MALFORMED)?;
        let now = house.service.now();
        let exhausted = visit.turnstile.is_exhausted(visit.from, now);
        let (enrolment, person) = match self.proven(house, device).await {
            Err(ServiceError::NotSigned(_) | ServiceError::DeviceUnknown) if exhausted => {
                Err(ServiceError::too_many_until_next(MINUTE, now))
            }
            other => other,
        }?;
        visit.is_by(person.id, device);
        let place = visit.turnstile.enter(device, now)?;
        Ok((device, enrolment, person, place))
    }

    async fn proven(&self, house: &House, device: DeviceId) -> Result<(Enrolment, Person), ServiceError> {
        let (enrolment, person) = directory::device(&house.service, device).await?;
        let key = VerifyingKey::from_sec1_bytes(&enrolment.public_key);
        if !key.is_ok_and(|key| key.verify(self.base.as_bytes(), &self.signature).is_ok()) {
            return Err(ServiceError::NotSigned("the signature is not by this device"));
        }
        Ok((enrolment, person))
    }
}

/// Whose vault was thrown away brings what it has, and gets nothing until its person is known to hold it.
fn is_proven(enrolment: &Enrolment, visit: &Visit) -> Result<(), ServiceError> {
    if enrolment.unproven && !visit.right.is_for_unproven() { Err(ServiceError::Unproven) } else { Ok(()) }
}

const MALFORMED: ServiceError = ServiceError::NotSigned("no signature of the form that we understand");

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, ServiceError> {
    headers.get(name).and_then(|value| value.to_str().ok()).ok_or(MALFORMED)
}

/// The whole body, up to the limit of the route, if it is the one whose digest was signed.
async fn body(request: Request, digest: &str) -> Result<Bytes, ServiceError> {
    let body = Bytes::from_request(request, &()).await;
    let body = body.map_err(|rejection| match rejection.status().as_u16() {
        413 => ServiceError::TooLarge,
        _ => ServiceError::Unfit(Reason::BrokeOff),
    })?;
    let promised = content_digest(&body) == digest;
    if promised { Ok(body) } else { Err(ServiceError::NotSigned("the body is not the one that was signed")) }
}

impl FromRequest<House> for Claim {
    type Rejection = ServiceError;

    async fn from_request(request: Request, house: &House) -> Result<Self, ServiceError> {
        let Head { params, origin, digest, base, signature } = Head::read(&request, house)?;
        Ok(Self { params, origin, body: body(request, &digest).await?, base, signature })
    }
}

impl Claim {
    pub fn is_by(&self, key: &VerifyingKey) -> bool {
        key.verify(self.base.as_bytes(), &self.signature).is_ok()
    }

    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ServiceError> {
        serde_json::from_slice(&self.body).map_err(ServiceError::not_json)
    }
}

impl FromRequest<House> for Signed {
    type Rejection = ServiceError;

    /// Without the key of a device, and the right of its person, nobody makes us wait for a body.
    async fn from_request(request: Request, house: &House) -> Result<Self, ServiceError> {
        let visit = Visit::at(&request)?;
        let head = Head::read(&request, house)?;
        let (device, enrolment, person, place) = head.device(house, &visit).await?;
        let caller = directory::admit(&house.service, device, &enrolment, person).await?;
        is_proven(&enrolment, &visit)?;
        if !may(&caller.person, visit.right) {
            return Err(ServiceError::Forbidden);
        }
        // Before anything is begun or used up: the same request comes again.
        if visit.right.grant().sure == Sure::Fresh {
            passkeys::demand(&house.service, &caller, house.site.relying_party(), house.site.step_up).await?;
        }
        let body = body(request, &head.digest).await?;
        visit.counts(house, device, &head.params.nonce)?;
        match visit.right.grant().trace {
            Trace::Once => visit.begin(house, &head.params.nonce, &body).await?,
            Trace::Noted => visit.fits()?,
            Trace::Quiet => {}
        }
        Ok(Self { caller, key: enrolment.public_key, body, origin: head.origin, place })
    }
}

impl FromRequest<House> for Heard {
    type Rejection = ServiceError;

    async fn from_request(request: Request, house: &House) -> Result<Self, ServiceError> {
        let visit = Visit::at(&request)?;
        let head = Head::read(&request, house)?;
        let (device, enrolment, person, place) = head.device(house, &visit).await?;
        let (caller, stopped) = match directory::hear(&house.service, device, &enrolment, person.clone()).await {
            // However long it has been out of service: it may be welcome again, and then it matters who holds it.
            Err(ServiceError::DeviceRevoked) if visit.right == Right::Doubt => {
                (Caller { device, person }, Some(Stop::Revoked))
            }
            heard => heard?,
        };
        if stopped.is_none() {
            is_proven(&enrolment, &visit)?;
        }
        let open = matches!(visit.right.grant().asker, Asker::EvenStopped);
        if !open || (stopped.is_none() && !may(&caller.person, visit.right)) {
            return Err(ServiceError::Forbidden);
        }
        let body = body(request, &head.digest).await?;
        visit.counts(house, device, &head.params.nonce)?;
        Ok(Self { caller, stopped, created: head.params.created, body, _place: place })
    }
}

impl Signed {
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, ServiceError> {
        serde_json::from_slice(&self.body).map_err(ServiceError::not_json)
    }
}
