//! An authenticator in software: makes passkeys and shows them as phones and office PCs do, and says whatever it is told to say.
//! Knows the wire only.

use base64ct::{Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use ring::rand::SystemRandom;
use ring::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use sha2::{Digest, Sha256};
use xiaohao_server::service::random;
use xiaohao_shared::api::passkeys::{AddPasskey, Assertion, BeginPasskey, Challenge, Confirmed, Passkeys};
use xiaohao_shared::api::{BeginEnrol, Enrol};

use crate::{Answer, TestDevice};

/// The person is there, and was verified.
const HONEST: u8 = 0b101;
const ATTESTED: u8 = 1 << 6;

/// What an authenticator and its browser say, to be changed before it is signed.
#[derive(Clone)]
pub struct Words {
    pub kind: String,
    pub challenge: String,
    pub origin: String,
    /// What else stands in the browser's account.
    pub more: String,
    pub relying_party: String,
    pub flags: u8,
    pub counter: u32,
    pub credential: Vec<u8>,
    pub cose: Vec<u8>,
    /// What follows all that.
    pub rest: Vec<u8>,
}

enum Key {
    Es256(SigningKey),
    Rs256(Box<RsaKeyPair>),
}

pub struct Authenticator {
    key: Key,
    pub credential: Vec<u8>,
    pub handle: Option<String>,
    pub counter: u32,
}

impl Default for Authenticator {
    fn default() -> Self {
        Self::with(Key::Es256(crate::new_key()))
    }
}

impl Authenticator {
    /// As the TPM of an office PC.
    pub fn rsa() -> Self {
        let pair = RsaKeyPair::from_der(include_bytes!("rs256.der")).expect("a key");
        Self::with(Key::Rs256(Box::new(pair)))
    }

    fn with(key: Key) -> Self {
        Self { key, credential: random::<20>().to_vec(), handle: None, counter: 0 }
    }

    fn words(&self, kind: &str, asked: &Challenge, origin: &str) -> Words {
        Words {
            kind: kind.into(),
            challenge: asked.challenge.clone(),
            origin: origin.into(),
            more: String::new(),
            relying_party: asked.relying_party.clone(),
            flags: HONEST,
            counter: self.counter,
            credential: self.credential.clone(),
            cose: self.cose(),
            rest: Vec::new(),
        }
    }

    pub fn make(&mut self, asked: &Challenge, origin: &str, forge: impl FnOnce(&mut Words)) -> AddPasskey {
        let mut words = self.words("webauthn.create", asked, origin);
        words.flags |= ATTESTED;
        forge(&mut words);
        self.handle = Some(asked.handle.clone());
        let said = words.authenticator_data();
        let length = u16::try_from(said.len()).expect("a short one").to_be_bytes();
        let mut attestation = b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59".to_vec();
        attestation.extend(length);
        attestation.extend(said);
        let (client_data, attestation) = (base64(words.client_data()), base64(attestation));
        AddPasskey { label: "办公电脑".into(), code: None, client_data, attestation }
    }

    pub fn show(&mut self, asked: &Challenge, origin: &str, forge: impl FnOnce(&mut Words)) -> Assertion {
        let mut words = self.words("webauthn.get", asked, origin);
        forge(&mut words);
        let (client_data, said) = (words.client_data(), words.authenticator_data());
        let signature = self.sign(&[&said[..], &Sha256::digest(&client_data)].concat());
        Assertion {
            credential: base64(words.credential),
            client_data: base64(client_data),
            authenticator_data: base64(said),
            signature: base64(signature),
            handle: self.handle.clone(),
        }
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let signature: Signature = key.sign(message);
                signature.to_der().as_bytes().to_vec()
            }
            Key::Rs256(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut signature).expect("a signature");
                signature
            }
        }
    }

    fn cose(&self) -> Vec<u8> {
        match &self.key {
            Key::Es256(key) => {
                let point = key.verifying_key().to_sec1_point(false);
                let (x, y) = point.as_bytes()[1..].split_at(32);
                [&b"\xa5\x01\x02\x03\x26\x20\x01\x21\x58\x20"[..], x, b"\x22\x58\x20", y].concat()
            }
            Key::Rs256(pair) => {
                let public: ring::rsa::PublicKeyComponents<Vec<u8>> = pair.public().into();
                let head = &b"\xa4\x01\x03\x03\x39\x01\x00\x20\x59\x01\x00"[..];
                [head, &public.n, b"\x21\x43", &public.e].concat()
            }
        }
    }
}

impl Words {
    fn client_data(&self) -> Vec<u8> {
        let Self { kind, challenge, origin, more, .. } = self;
        format!(r#"{{"type":"{kind}","challenge":"{challenge}","origin":"{origin}"{more}}}"#).into_bytes()
    }

    fn authenticator_data(&self) -> Vec<u8> {
        let mut said = Sha256::digest(&self.relying_party).to_vec();
        said.push(self.flags);
        said.extend(self.counter.to_be_bytes());
        if self.flags & ATTESTED != 0 {
            said.extend([0; 16]);
            said.extend(u16::try_from(self.credential.len()).expect("a short one").to_be_bytes());
            said.extend(&self.credential);
            said.extend(&self.cose);
        }
        said.extend(&self.rest);
        said
    }
}

pub fn base64(bytes: impl AsRef<[u8]>) -> String {
    Base64UrlUnpadded::encode_string(bytes.as_ref())
}

impl TestDevice {
    pub async fn begin_passkey(&self, code: Option<&str>) -> Answer {
        let wish = BeginPasskey { code: code.map(str::to_owned) };
        self.post_json("/api/passkeys/begin", &wish).await
    }

    /// Adds a passkey, as a device can that enrolled just now or was confirmed.
    pub async fn add_passkey(&self, authenticator: &mut Authenticator) -> Passkeys {
        let asked: Challenge = self.begin_passkey(None).await.json();
        let made = authenticator.make(&asked, self.origin(), |_| {});
        self.post_json("/api/passkeys", &made).await.json()
    }

    /// The office's question to a key that it does not know.
    pub async fn asked_to_enrol(&self) -> Challenge {
        self.post_json("/api/enrol/begin", &BeginEnrol { public_key: self.public_key() }).await.json()
    }

    pub async fn enrol_by(&self, proof: Assertion) -> Answer {
        self.post_json("/api/enrol", &Enrol { proof: Some(proof), ..self.newcomer() }).await
    }

    pub async fn asked_to_confirm(&self) -> Challenge {
        self.post("/api/confirm/begin", "").await.json()
    }

    pub async fn confirm(&self, authenticator: &mut Authenticator) -> Confirmed {
        let asked = self.asked_to_confirm().await;
        let shown = authenticator.show(&asked, self.origin(), |_| {});
        self.post_json("/api/confirm", &shown).await.json()
    }
}
