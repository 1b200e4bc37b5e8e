//! 举报人: kept sealed by a key of the office, shown masked, and whole to whoever may look. Nobody but this opens a seal.

use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use hmac::Mac;
use xiaohao_shared::api::TipsterNoted;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::tipster::Tipster;

use super::directory::Caller;
use super::{Service, ServiceError, random, seal};
use crate::store::tipsters::{self, Sealed};
use crate::store::{StoreError, documents};

const NONCE: usize = 24;
/// All are equally long, so that a length tells nothing.
const PLAIN: usize = 512;

/// `None` where nobody told of it by name.
pub async fn masked(service: &Service, issue: IssueId) -> Result<Option<TipsterNoted>, ServiceError> {
    let noted = whole(service, issue).await?;
    Ok(noted.map(|noted| TipsterNoted { tipster: noted.tipster.masked(), ..noted }))
}

pub async fn whole(service: &Service, issue: IssueId) -> Result<Option<TipsterNoted>, ServiceError> {
    let Some(sealed) = tipsters::find(&service.store, issue).await? else { return Ok(None) };
    let damaged = || StoreError::Damaged(format!("tipster of {issue}"));
    let tipster = open(&service.secret, issue, &sealed.bytes).ok_or_else(damaged)?;
    Ok(Some(TipsterNoted { tipster, noted_by: sealed.noted_by, noted_at: sealed.noted_at }))
}

/// Notes who told of an issue, or forgets him.
pub async fn save(
    service: &Service,
    caller: &Caller,
    issue: IssueId,
    tipster: Option<Tipster>,
) -> Result<Option<TipsterNoted>, ServiceError> {
    if tipster.as_ref().is_some_and(|tipster| !tipster.is_allowed()) {
        return Err(ServiceError::Unfit(Reason::Tipster));
    }
    let mut tx = service.write().await?;
    documents::find(&mut tx, issue).await?.ok_or(ServiceError::NotFound)?;
    tipsters::remove(&mut tx, issue).await?;
    if let Some(tipster) = &tipster {
        let bytes = close(&service.secret, issue, tipster)?;
        let sealed = Sealed { bytes, noted_by: caller.person.id, noted_at: service.now() };
        tipsters::insert(&mut tx, issue, &sealed).await?;
    }
    tx.commit().await?;
    masked(service, issue).await
}

fn cipher(secret: &[u8; 32]) -> XChaCha20Poly1305 {
    let key = seal(secret).chain_update("xiaohao tipsters").finalize().into_bytes();
    XChaCha20Poly1305::new(&key)
}

/// Bound to its issue: a row that is moved to another one does not open.
fn close(secret: &[u8; 32], issue: IssueId, tipster: &Tipster) -> Result<Vec<u8>, ServiceError> {
    let mut plain = serde_json::to_vec(tipster).map_err(ServiceError::unwritable)?;
    plain.resize(PLAIN.max(plain.len()), b' ');
    let nonce: [u8; NONCE] = random();
    let aad = issue.to_string();
    let sealed = cipher(secret).encrypt(&nonce.into(), Payload { msg: &plain, aad: aad.as_bytes() });
    let sealed = sealed.map_err(|_| ServiceError::invalid("it cannot be sealed"))?;
    Ok([&nonce[..], &sealed].concat())
}

fn open(secret: &[u8; 32], issue: IssueId, bytes: &[u8]) -> Option<Tipster> {
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
    let aad = issue.to_string();
    let plain = cipher(secret).decrypt(&(*nonce).into(), Payload { msg: sealed, aad: aad.as_bytes() });
    serde_json::from_slice(&plain.ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issue(salt: u64) -> IssueId {
        IssueId::new(salt, [7; 10])
    }

    #[test]
    fn what_is_sealed_opens_for_its_office_and_issue_only_and_all_are_equally_long() {
        let (secret, tipster) = ([1; 32], Tipster { name: "欧阳小明".into(), phone: "13812345678".into() });
        let sealed = close(&secret, issue(1), &tipster).unwrap();
        assert_eq!(open(&secret, issue(1), &sealed), Some(tipster));
        assert_eq!(open(&secret, issue(2), &sealed), None);
        assert_eq!(open(&[2; 32], issue(1), &sealed), None);
        let short = Tipster { name: "李".into(), phone: String::new() };
        assert_eq!(close(&secret, issue(1), &short).unwrap().len(), sealed.len());
        for at in [0, NONCE, sealed.len() - 1] {
            let mut damaged = sealed.clone();
            damaged[at] ^= 1;
            assert_eq!(open(&secret, issue(1), &damaged), None, "{at}");
        }
        assert_eq!(open(&secret, issue(1), b"short"), None);
    }
}
