//! Work that came in a file: whose it is says the signature of the device that made it, not who brought it. Its changes go
//! through the very admission of that device's own sync; only what the device cannot write anew any more waits for the desk.

use p256::ecdsa::signature::Verifier;
use p256::ecdsa::{Signature, VerifyingKey};
use xiaohao_shared::sync::handover::{Fault, Head, Records, Taken, signed_text};

use super::admission::Way;
use super::directory::{self, Caller};
use super::{Service, ServiceError, keys, patrols, sync};

/// Takes in one records section of a parcel. Whatever is wrong with the parcel, nothing of it is stored.
pub async fn take_in(service: &Service, courier: &Caller, head: &Head, section: &[u8]) -> Result<Taken, ServiceError> {
    let (author, way) = maker(service, head).await?;
    let Records { pushes, patrols } = head.manifest.open(section)?;
    let verdicts = sync::carry(service, &author, way, pushes).await?;
    let patrols = patrols::carry(service, &author, way == Way::FromRevoked, patrols).await?;
    let (device, by, changes, rounds) = (author.device, courier.device, verdicts.len(), patrols.len());
    tracing::info!(%device, %by, changes, rounds, "a parcel was handed over");
    Ok(Taken { verdicts, patrols })
}

/// The device that made a parcel, proven, and how what it made is to be taken.
async fn maker(service: &Service, head: &Head) -> Result<(Caller, Way), ServiceError> {
    let manifest = &head.manifest;
    if manifest.office.is_some_and(|office| office != directory::id(service)) {
        return Err(Fault::OtherOffice.into());
    }
    let (enrolment, person) = match directory::device(service, manifest.device).await {
        Err(ServiceError::DeviceUnknown) => return Err(Fault::UnknownDevice.into()),
        found => found?,
    };
    // It may have been under way while the device got another key.
    let keys = keys::of_files(service, manifest.device).await?;
    if manifest.person != person.id || !keys.iter().any(|key| is_by(key, head)) {
        return Err(Fault::Forged.into());
    }
    if manifest.is_from_future(service.now()) {
        return Err(Fault::FromFuture.into());
    }
    let gone = enrolment.revoked_at.is_some() || !person.active;
    let way = if gone { Way::FromRevoked } else { Way::Carried };
    Ok((Caller { device: manifest.device, person }, way))
}

fn is_by(key: &[u8], head: &Head) -> bool {
    let key = VerifyingKey::from_sec1_bytes(key);
    let signature = Signature::from_slice(&head.signature);
    let (Ok(key), Ok(signature)) = (key, signature) else { return false };
    key.verify(&signed_text(&head.raw), &signature).is_ok()
}
