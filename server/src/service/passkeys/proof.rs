//! What an authenticator says, read and verified (WebAuthn level 3, §7.1 and §7.2): ES256 and RS256, always with the person verified,
//! without attestation. Knows no store and no time: whether a challenge is ours is for its caller.

use base64ct::{Base64UrlUnpadded, Encoding};
use minicbor::Decoder;
use ring::signature::{ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use xiaohao_shared::api::passkeys::Assertion;

/// Why a proof is none. For the log: whoever sent it learns nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("it cannot be read")]
    Malformed,
    #[error("it was made for another purpose")]
    Purpose,
    #[error("the challenge is not one of ours")]
    Challenge,
    #[error("the challenge is too old")]
    Expired,
    #[error("the challenge was used before")]
    Spent,
    #[error("it was made for another page")]
    Origin,
    #[error("it was made for another office")]
    RelyingParty,
    #[error("nobody was there")]
    NotPresent,
    #[error("who was there was not verified")]
    NotVerified,
    #[error("a key that we do not understand")]
    Key,
    #[error("the signature is wrong")]
    Signature,
    #[error("nobody has this passkey, or it counts no more")]
    Unknown,
    #[error("it is somebody else's")]
    Handle,
    #[error("its counter went back: there may be two of it")]
    Counter,
}

impl From<minicbor::decode::Error> for Fault {
    fn from(_: minicbor::decode::Error) -> Self {
        Self::Malformed
    }
}

impl From<base64ct::Error> for Fault {
    fn from(_: base64ct::Error) -> Self {
        Self::Malformed
    }
}

/// Where the page stands that asked.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    pub origin: &'a str,
    pub relying_party: &'a str,
}

/// The longest name of a credential that the standard allows.
const MAX_CREDENTIAL: usize = 1023;

/// What an authenticator made.
#[derive(Debug, PartialEq, Eq)]
pub struct Made {
    pub challenge: Vec<u8>,
    pub credential: Vec<u8>,
    /// The COSE key, as it came.
    pub key: Vec<u8>,
    pub counter: u32,
    pub synced: bool,
}

/// What an authenticator signed; nothing of it is proven before [`Shown::is_by`].
pub struct Shown {
    pub challenge: Vec<u8>,
    pub credential: Vec<u8>,
    pub handle: Option<Vec<u8>>,
    pub counter: u32,
    signed: Vec<u8>,
    signature: Vec<u8>,
}

pub fn made(client_data: &str, attestation: &str, place: Place<'_>) -> Result<Made, Fault> {
    let (challenge, _) = client(client_data, "webauthn.create", place)?;
    let attestation = Base64UrlUnpadded::decode_vec(attestation)?;
    let said = said(authenticator_data(&attestation)?, place)?;
    let (credential, key) = said.attested.ok_or(Fault::Malformed)?;
    Key::read(key)?;
    Ok(Made {
        challenge,
        credential: credential.to_vec(),
        key: key.to_vec(),
        counter: said.counter,
        synced: said.flags & BACKUP_ELIGIBLE != 0,
    })
}

pub fn shown(assertion: &Assertion, place: Place<'_>) -> Result<Shown, Fault> {
    let (challenge, client_hash) = client(&assertion.client_data, "webauthn.get", place)?;
    let mut signed = Base64UrlUnpadded::decode_vec(&assertion.authenticator_data)?;
    let said = said(&signed, place)?;
    if said.attested.is_some() {
        return Err(Fault::Malformed);
    }
    let counter = said.counter;
    signed.extend(client_hash);
    Ok(Shown {
        challenge,
        credential: Base64UrlUnpadded::decode_vec(&assertion.credential)?,
        handle: assertion.handle.as_deref().map(Base64UrlUnpadded::decode_vec).transpose()?,
        counter,
        signed,
        signature: Base64UrlUnpadded::decode_vec(&assertion.signature)?,
    })
}

impl Shown {
    /// Whether it was signed with this COSE key.
    pub fn is_by(&self, key: &[u8]) -> Result<(), Fault> {
        Key::read(key)?.verify(&self.signed, &self.signature)
    }
}

/// What the browser says of the page that asked.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ClientData {
    r#type: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
    top_origin: Option<String>,
}

/// The challenge, and the hash of the text that it stands in.
fn client(text: &str, kind: &str, place: Place<'_>) -> Result<(Vec<u8>, [u8; 32]), Fault> {
    let text = Base64UrlUnpadded::decode_vec(text)?;
    let data: ClientData = serde_json::from_slice(&text).map_err(|_| Fault::Malformed)?;
    if data.r#type != kind {
        return Err(Fault::Purpose);
    }
    // A page of ours in somebody's frame is not where we asked.
    if data.origin != place.origin || data.cross_origin || data.top_origin.is_some() {
        return Err(Fault::Origin);
    }
    Ok((Base64UrlUnpadded::decode_vec(&data.challenge)?, Sha256::digest(&text).into()))
}

/// What the authenticator says, within the statement about its maker. That statement was not asked for and is not believed.
fn authenticator_data(attestation: &[u8]) -> Result<&[u8], Fault> {
    let mut decoder = Decoder::new(attestation);
    let mut found = None;
    for _ in 0..decoder.map()?.ok_or(Fault::Malformed)? {
        match decoder.str()? {
            "authData" if found.is_none() => found = Some(decoder.bytes()?),
            "fmt" | "attStmt" => decoder.skip()?,
            _ => return Err(Fault::Malformed),
        }
    }
    found.filter(|_| decoder.position() == attestation.len()).ok_or(Fault::Malformed)
}

const PRESENT: u8 = 1;
const VERIFIED: u8 = 1 << 2;
const BACKUP_ELIGIBLE: u8 = 1 << 3;
const BACKED_UP: u8 = 1 << 4;
const ATTESTED: u8 = 1 << 6;
const EXTENDED: u8 = 1 << 7;

struct Said<'a> {
    flags: u8,
    counter: u32,
    /// Name and COSE key of a new credential.
    attested: Option<(&'a [u8], &'a [u8])>,
}

fn said<'a>(data: &'a [u8], place: Place<'_>) -> Result<Said<'a>, Fault> {
    let (relying_party, rest) = data.split_first_chunk::<32>().ok_or(Fault::Malformed)?;
    let ([flags], rest) = rest.split_first_chunk::<1>().ok_or(Fault::Malformed)?;
    let (counter, mut rest) = rest.split_first_chunk::<4>().ok_or(Fault::Malformed)?;
    let has = |flag: u8| flags & flag != 0;
    if *relying_party != *Sha256::digest(place.relying_party) {
        return Err(Fault::RelyingParty);
    }
    if !has(PRESENT) {
        return Err(Fault::NotPresent);
    }
    if !has(VERIFIED) {
        return Err(Fault::NotVerified);
    }
    let attested = if has(ATTESTED) { Some(attested(&mut rest)?) } else { None };
    if has(EXTENDED) {
        item(&mut rest)?;
    }
    if !rest.is_empty() || (has(BACKED_UP) && !has(BACKUP_ELIGIBLE)) {
        return Err(Fault::Malformed);
    }
    Ok(Said { flags: *flags, counter: u32::from_be_bytes(*counter), attested })
}

fn attested<'a>(rest: &mut &'a [u8]) -> Result<(&'a [u8], &'a [u8]), Fault> {
    // The first sixteen name the model of the authenticator, which is nobody's business here.
    let (_, after) = rest.split_first_chunk::<16>().ok_or(Fault::Malformed)?;
    let (length, after) = after.split_first_chunk::<2>().ok_or(Fault::Malformed)?;
    let length = usize::from(u16::from_be_bytes(*length));
    if length == 0 || length > MAX_CREDENTIAL {
        return Err(Fault::Malformed);
    }
    let (credential, after) = after.split_at_checked(length).ok_or(Fault::Malformed)?;
    *rest = after;
    Ok((credential, item(rest)?))
}

/// Takes one map off the front.
fn item<'a>(rest: &mut &'a [u8]) -> Result<&'a [u8], Fault> {
    let mut decoder = Decoder::new(rest);
    if decoder.datatype()? != minicbor::data::Type::Map {
        return Err(Fault::Malformed);
    }
    decoder.skip()?;
    let (item, after) = rest.split_at_checked(decoder.position()).ok_or(Fault::Malformed)?;
    *rest = after;
    Ok(item)
}

/// A public key of one of the two kinds that we offer: ES256 is what phones make, RS256 what the TPMs of many office PCs do.
enum Key<'a> {
    Es256([u8; 65]),
    Rs256 { n: &'a [u8], e: &'a [u8] },
}

const ES256: i64 = -7;
const RS256: i64 = -257;

impl<'a> Key<'a> {
    fn read(cose: &'a [u8]) -> Result<Self, Fault> {
        let mut decoder = Decoder::new(cose);
        let (mut numbers, mut first, mut second, mut third) = ([None; 3], None, None, None);
        for _ in 0..decoder.map()?.ok_or(Fault::Malformed)? {
            let label = decoder.i64()?;
            match (label, decoder.datatype()?) {
                (1, _) => numbers[0] = Some(decoder.i64()?),
                (3, _) => numbers[1] = Some(decoder.i64()?),
                (-1, minicbor::data::Type::Bytes) => first = Some(decoder.bytes()?),
                (-1, _) => numbers[2] = Some(decoder.i64()?),
                (-2, _) => second = Some(decoder.bytes()?),
                (-3, _) => third = Some(decoder.bytes()?),
                _ => return Err(Fault::Key),
            }
        }
        match (numbers, first, second, third) {
            ([Some(2), Some(ES256), Some(1)], None, Some(x), Some(y)) => Self::point(x, y),
            ([Some(3), Some(RS256), None], Some(n), Some(e), None) => Self::modulus(n, e),
            _ => Err(Fault::Key),
        }
    }

    fn point(x: &[u8], y: &[u8]) -> Result<Self, Fault> {
        let mut point = [4; 65];
        if x.len() != 32 || y.len() != 32 {
            return Err(Fault::Key);
        }
        point[1..33].copy_from_slice(x);
        point[33..].copy_from_slice(y);
        p256::ecdsa::VerifyingKey::from_sec1_bytes(&point).map_err(|_| Fault::Key)?;
        Ok(Self::Es256(point))
    }

    /// 2048 to 8192 bits: what is shorter can be factored, what is longer costs us minutes.
    fn modulus(n: &'a [u8], e: &'a [u8]) -> Result<Self, Fault> {
        let sound = (256..=1024).contains(&n.len()) && n[0] != 0 && n[n.len() - 1] & 1 == 1;
        if sound && e == [1, 0, 1] { Ok(Self::Rs256 { n, e }) } else { Err(Fault::Key) }
    }

    fn verify(&self, signed: &[u8], signature: &[u8]) -> Result<(), Fault> {
        let verified = match self {
            Self::Es256(point) => UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, point).verify(signed, signature),
            Self::Rs256 { n, e } => {
                RsaPublicKeyComponents { n, e }.verify(&RSA_PKCS1_2048_8192_SHA256, signed, signature)
            }
        };
        verified.map_err(|_| Fault::Signature)
    }
}
