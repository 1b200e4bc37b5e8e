//! Passkeys of strangers: what an authenticator made, and what it signed. Nothing is taken for a proof that the passkey did not sign.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use sha2::{Digest, Sha256};
use xiaohao_server::service::passkeys::proof::{self, Place, Shown};
use xiaohao_shared::api::passkeys::Assertion;

/// An input that begins so is what a new passkey says; what follows are its two parts.
const MADE: &[u8] = b"made:";
/// One that begins so is signed by the passkey itself, so that mutations reach what a signature would stop.
const SIGNED: &[u8] = b"signed:";

const PLACE: Place<'_> = Place { origin: "http://localhost:1", relying_party: "localhost" };
const CREDENTIAL: &[u8] = b"the passkey";
const MADE_HERE: &[u8] = br#"{"type":"webauthn.create","challenge":"AAAA","origin":"http://localhost:1"}"#;
const SHOWN_HERE: &[u8] = br#"{"type":"webauthn.get","challenge":"AAAA","origin":"http://localhost:1"}"#;

/// Somebody is there, and was verified.
const HONEST: u8 = 0b101;
const ATTESTED: u8 = 1 << 6;

pub fn proof(data: &[u8]) {
    if let Some(input) = data.strip_prefix(MADE) {
        made(input);
    } else if let Some(input) = data.strip_prefix(SIGNED) {
        signed(input);
    } else {
        foreign(data);
    }
}

/// Whatever is taken for a passkey has a name, was made for this office by somebody who was verified, and signs for no other one.
fn made(input: &[u8]) {
    let Some((client, attestation)) = part(input) else { return };
    let Ok(made) = proof::made(&base64(client), &base64(attestation), PLACE) else { return };
    assert!((1..=1023).contains(&made.credential.len()));
    assert!(made.credential.len() + made.key.len() < attestation.len(), "it says no more than it was told");
    let name = Sha256::digest(PLACE.relying_party);
    let there =
        attestation.windows(33).any(|at| at[..32] == *name && at[32] & (HONEST | ATTESTED) == HONEST | ATTESTED);
    assert!(there, "nobody was verified here");
    let other = key();
    let point = other.verifying_key().to_sec1_point(false);
    let its_own = made.key.windows(32).any(|at| *at == point.as_bytes()[1..33]);
    let said = said(HONEST);
    let shown = shown(SHOWN_HERE, &said, &sign(SHOWN_HERE, &said)).expect("an honest proof");
    assert!(its_own || shown.is_by(&made.key).is_err(), "signed by another key");
}

/// What the passkey signed is a proof wherever it can be read, and it can be read only if it is of here.
fn signed(input: &[u8]) {
    let Some((client, said)) = part(input) else { return };
    let Some(shown) = shown(client, said, &sign(client, said)) else { return };
    assert!(
        said[..32] == *Sha256::digest(PLACE.relying_party) && said[32] & HONEST == HONEST && said[32] & ATTESTED == 0
    );
    assert_eq!(shown.is_by(&cose()), Ok(()));
}

/// The passkey signed one thing in its life. Nothing else passes for it.
fn foreign(input: &[u8]) {
    let Some((client, rest)) = part(input) else { return };
    let Some((told, signature)) = part(rest) else { return };
    let Some(shown) = shown(client, told, signature) else { return };
    if shown.is_by(&cose()).is_ok() {
        assert_eq!((client, told), (SHOWN_HERE, &said(HONEST)[..]), "forged");
    }
}

/// What stands behind a length in two bytes, and what follows it.
fn part(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = input.split_first_chunk::<2>()?;
    rest.split_at_checked(usize::from(u16::from_be_bytes(*length)))
}

fn shown(client: &[u8], said: &[u8], signature: &[u8]) -> Option<Shown> {
    let assertion = Assertion {
        credential: base64(CREDENTIAL),
        client_data: base64(client),
        authenticator_data: base64(said),
        signature: base64(signature),
        handle: None,
    };
    proof::shown(&assertion, PLACE).ok()
}

fn base64(bytes: &[u8]) -> String {
    Base64UrlUnpadded::encode_string(bytes)
}

fn key() -> SigningKey {
    SigningKey::from_slice(&[7; 32]).expect("a key")
}

fn sign(client: &[u8], said: &[u8]) -> Vec<u8> {
    let signature: Signature = key().sign(&[said, &Sha256::digest(client)].concat());
    signature.to_der().as_bytes().to_vec()
}

fn cose() -> Vec<u8> {
    let key = key();
    let point = key.verifying_key().to_sec1_point(false);
    let (x, y) = point.as_bytes()[1..].split_at(32);
    [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], x, b"\x22\x58\x20", y].concat()
}

fn said(flags: u8) -> Vec<u8> {
    [&Sha256::digest(PLACE.relying_party)[..], &[flags], &[0; 4]].concat()
}

fn attestation(cose: &[u8]) -> Vec<u8> {
    let length = (CREDENTIAL.len() as u16).to_be_bytes();
    let said = [&said(HONEST | ATTESTED)[..], &[0; 16], &length, CREDENTIAL, cose].concat();
    let head = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59";
    [&head[..], &(said.len() as u16).to_be_bytes(), &said].concat()
}

fn with_length(part: &[u8]) -> Vec<u8> {
    [&(part.len() as u16).to_be_bytes()[..], part].concat()
}

pub fn seeds() -> Vec<Vec<u8>> {
    let rsa = [&b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..], &[0xff; 256], b"\x21\x43\x01\x00\x01"].concat();
    let nested = [&b"\xa1\x61a"[..], &[0x81; 2_000], b"\x00"].concat();
    let new = |cose: &[u8]| [MADE, &with_length(MADE_HERE), &attestation(cose)].concat();
    let own = said(HONEST);
    vec![
        new(&cose()),
        new(&rsa),
        new(&nested),
        [SIGNED, &with_length(SHOWN_HERE), &own].concat(),
        [&with_length(SHOWN_HERE)[..], &with_length(&own), &sign(SHOWN_HERE, &own)].concat(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seeds_are_what_they_say() {
        let all = seeds();
        let read = |at: usize| part(all[at].strip_prefix(MADE).unwrap()).unwrap();
        let accepted = [0, 1, 2].map(|at| proof::made(&base64(read(at).0), &base64(read(at).1), PLACE).is_ok());
        assert_eq!(accepted, [true, true, false]);
        let own = said(HONEST);
        let shown = shown(SHOWN_HERE, &own, &sign(SHOWN_HERE, &own)).unwrap();
        assert_eq!(shown.is_by(&cose()), Ok(()));
    }
}
