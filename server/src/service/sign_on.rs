//! The sign-on of the office: whoever has just shown an OpenID provider who he is enrols a device, if an administrator has written
//! down by which name the provider calls him. Begun without a row; nothing of the proof is kept but the fact. Knows no requests.

mod provider;

use std::collections::BTreeMap;

use base64ct::{Base64UrlUnpadded, Encoding};
use hmac::Mac;
use openidconnect::PkceCodeVerifier;
use xiaohao_shared::api::PersonDetail;
use xiaohao_shared::api::reason::Reason;
use xiaohao_shared::api::sign_on::{BindSignOn, COME_BACK, SignOn as Asked, SignedOn};
use xiaohao_shared::id::{DeviceId, PersonId};
use xiaohao_shared::time::Timestamp;

use self::provider::{Provider, Question};
use super::challenge::{self, Opened, Purpose, Refusal, Void};
use super::enrolment::{self, Newcomer};
use super::{Service, ServiceError, Write, directory, seal};
use crate::store::codes::Use;
use crate::store::sign_on::{self as store, Realm};
use crate::store::{challenges, people};

const MAX_NAME: usize = 255;

const NONE: ServiceError = ServiceError::Conflict(Reason::NoSignOn);

/// Why what came back from a provider proves nothing. For the log: whoever sent it learns nothing of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("its state: {0}")]
    State(#[from] Void),
    #[error("the provider gives nothing for its code: {0}")]
    Code(String),
    #[error("the provider says nothing about who it is")]
    NoToken,
    #[error("what the provider says is not to be believed: {0}")]
    Token(&'static str),
    #[error("nobody signed on just now")]
    Stale,
    #[error("it has no such name for who it is")]
    Nameless,
}

/// Which of the provider's claims is the name that administrators write down.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Claim {
    /// Given once, and never to somebody else.
    #[default]
    #[value(name = "sub")]
    Subject,
    /// What people call themselves there: only where the provider gives no name twice.
    #[value(name = "preferred_username")]
    Username,
    /// One that the provider has verified.
    #[value(name = "email")]
    Email,
}

impl Claim {
    fn code(self) -> &'static str {
        match self {
            Self::Subject => "sub",
            Self::Username => "preferred_username",
            Self::Email => "email",
        }
    }

    /// What has to be asked for, so that it is told.
    fn scope(self) -> Option<&'static str> {
        match self {
            Self::Subject => None,
            Self::Username => Some("profile"),
            Self::Email => Some("email"),
        }
    }
}

/// What the operator says of the provider.
#[derive(Clone)]
pub struct Options {
    pub issuer: String,
    pub client: String,
    /// None for a public client.
    pub secret: Option<String>,
    pub claim: Claim,
}

/// Where the office's people sign on.
pub struct SignOn {
    provider: Provider,
    issuer: String,
    claim: Claim,
}

impl SignOn {
    pub fn new(options: Options) -> Result<Self, rustls::Error> {
        let (issuer, claim) = (options.issuer.clone(), options.claim);
        Ok(Self { provider: Provider::new(options)?, issuer, claim })
    }

    fn realm(&self) -> Realm<'_> {
        Realm { issuer: &self.issuer, claim: self.claim.code() }
    }
}

impl Service {
    /// Once, before anybody is served.
    pub fn signs_on_at(&self, sign_on: SignOn) {
        self.sign_on.get_or_init(|| sign_on);
    }
}

fn of(service: &Service) -> Result<&SignOn, ServiceError> {
    service.sign_on.get().ok_or(NONE)
}

/// Where this key's owner signs on. Who that is will be said by the provider.
pub async fn begin(service: &Service, newcomer: &Newcomer<'_>) -> Result<Asked, ServiceError> {
    let begun = enrolment::limited(service, newcomer.from, async {
        newcomer.is_proven()?;
        let sign_on = of(service)?;
        let state = challenge::new(service, Purpose::SignOn, &newcomer.key).await?;
        let question = question(service, &state, newcomer.origin);
        Ok(Asked { address: sign_on.provider.address(&question, state, service.now()).await? })
    });
    begun.await
}

/// Nonce and verifier are made of the state, by the office's secret: so nobody has to keep them, and nobody else has them.
fn question(service: &Service, state: &str, origin: &str) -> Question {
    let made = |what: &[u8]| {
        let mut mac = seal(&service.secret);
        mac.update(what);
        mac.update(state.as_bytes());
        Base64UrlUnpadded::encode_string(&mac.finalize().into_bytes())
    };
    Question {
        nonce: made(b"the nonce of a sign-on "),
        verifier: PkceCodeVerifier::new(made(b"the verifier of a sign-on ")),
        come_back: format!("{origin}{COME_BACK}"),
    }
}

/// What came back, for the key that had asked; nothing of it is proven before [`Pass::name`].
pub(super) struct Pass<'a> {
    asked: Opened,
    signed: &'a SignedOn,
    newcomer: &'a Newcomer<'a>,
}

pub(super) async fn opened<'a>(
    service: &Service,
    newcomer: &'a Newcomer<'a>,
    signed: &'a SignedOn,
) -> Result<Pass<'a>, ServiceError> {
    of(service)?;
    let state = Base64UrlUnpadded::decode_vec(&signed.state).map_err(|_| Fault::State(Void::Foreign))?;
    let asked = challenge::open(service, Purpose::SignOn, &newcomer.key, &state).await.map_err(refused)?;
    Ok(Pass { asked, signed, newcomer })
}

fn refused(why: Refusal) -> ServiceError {
    match why {
        Refusal::Void(why) => Fault::State(why).into(),
        Refusal::Failed(error) => error,
    }
}

impl Pass<'_> {
    /// The device that it made already of this key: the answer may have been lost, and the provider gives for a code only once.
    pub(super) async fn came_of_it(&self, service: &Service) -> Result<Option<DeviceId>, ServiceError> {
        let mut connection = service.store.acquire().await?;
        let came = challenges::came_of(&mut connection, &self.asked.nonce, &self.newcomer.key).await?;
        Ok(came.map(|(device, _)| device))
    }

    /// By which name the provider calls whoever signed on since he was sent there.
    pub(super) async fn name(&self, service: &Service) -> Result<String, ServiceError> {
        let sign_on = of(service)?;
        let question = question(service, &self.signed.state, self.newcomer.origin);
        let since = self.asked.given_at;
        sign_on.provider.name(question, &self.signed.code, since, service.now()).await
    }

    pub(super) async fn use_up(&self, tx: &mut Write<'_>, by: &Use) -> Result<(), ServiceError> {
        self.asked.spend(tx, by).await.map_err(refused)
    }
}

/// Whom the office knows by this name. A name that nobody wrote down opens nothing.
pub(super) async fn holder(service: &Service, tx: &mut Write<'_>, name: &str) -> Result<PersonId, ServiceError> {
    let realm = of(service)?.realm();
    let unknown = || ServiceError::SignOnUnknown { name: name.chars().take(MAX_NAME).collect() };
    let person = store::find(tx, realm, name).await?.ok_or_else(unknown)?;
    let active = people::find(tx, person).await?.is_some_and(|person| person.active);
    if active { Ok(person) } else { Err(unknown()) }
}

/// By which names people are known there; `None` where there is no sign-on.
pub(super) async fn names(service: &Service) -> Result<Option<BTreeMap<PersonId, String>>, ServiceError> {
    match service.sign_on.get() {
        Some(sign_on) => Ok(Some(store::all(&service.store, sign_on.realm()).await?)),
        None => Ok(None),
    }
}

/// What an administrator asks for by `POST /api/admin/people/{id}/sign-on`. Devices that came of the former name stay.
pub async fn bind(service: &Service, person: PersonId, wish: BindSignOn) -> Result<PersonDetail, ServiceError> {
    let (realm, name) = (of(service)?.realm(), wish.name.trim());
    if name.chars().count() > MAX_NAME || name.chars().any(char::is_control) {
        return Err(ServiceError::Unfit(Reason::Length));
    }
    let mut tx = service.write().await?;
    people::find(&mut tx, person).await?.ok_or(ServiceError::NotFound)?;
    store::unbind(&mut tx, realm, person).await?;
    if !name.is_empty() {
        match store::bind(&mut tx, realm, name, person).await {
            Err(error) if error.is_duplicate() => {
                return Err(ServiceError::Conflict(Reason::SignOnName));
            }
            other => other?,
        }
    }
    tx.commit().await?;
    directory::person(service, person).await
}

/// Clocks of two servers.
const SLACK: i64 = 60_000;

/// Whether somebody showed himself after he was sent there, and not before. A session that the one before him left open at a
/// shared PC is nobody's proof.
fn is_fresh(shown_at: Timestamp, since: Timestamp, now: Timestamp) -> bool {
    (since + -SLACK..=now + SLACK).contains(&shown_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_who_signed_on_since_he_was_sent_there_has_signed_on() {
        let (since, now) = (Timestamp(1_000_000), Timestamp(1_300_000));
        for (at, fresh) in [(939_999, false), (940_000, true), (1_200_000, true), (1_360_000, true), (1_360_001, false)]
        {
            assert_eq!(is_fresh(Timestamp(at), since, now), fresh, "{at}");
        }
    }
}
