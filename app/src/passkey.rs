//! Passkeys as the browser gives them: made, and shown. Only in a page, and asked straight from a tap: Safari gives none otherwise.
//! What an authenticator can say beyond its proof, like the secret of its PRF, never leaves this folder.

pub mod secret;

use base64ct::{Base64UrlUnpadded, Encoding};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use xiaohao_shared::api::passkeys::{AddPasskey, Assertion, Challenge};

use self::secret::Wrap;
use crate::browser::{field, object, random, text_field};

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPasskey {
    /// The person said no, was not recognised, or waited too long: browsers do not tell which.
    NotShown,
    /// This authenticator holds one of his already.
    Known,
    /// This authenticator gives no secret out, or this browser does not ask for it.
    NoSecret,
}

/// Somebody is being asked for his finger, face or PIN.
pub struct Asked(Option<Promise>);

pub fn is_known_here() -> bool {
    !field(&js_sys::global(), "PublicKeyCredential").is_undefined() && !container().is_undefined()
}

fn container() -> JsValue {
    field(&field(&js_sys::global(), "navigator"), "credentials")
}

fn ask(method: &str, options: JsValue) -> Asked {
    let container = container();
    let method = Reflect::get(&container, &method.into()).ok().and_then(|method| method.dyn_into::<Function>().ok());
    let options = object([("publicKey", options)]);
    Asked(method.and_then(|method| method.call1(&container, &options).ok()?.dyn_into().ok()))
}

/// `office` and `person` are what the authenticator's own list shows.
pub fn make(asked: &Challenge, office: &str, person: &str) -> Asked {
    let text = |text: &str| JsValue::from_str(text);
    let kind = |alg: i32| object([("type", text("public-key")), ("alg", alg.into())]);
    let options = object([
        ("challenge", bytes(&asked.challenge)),
        ("rp", object([("id", text(&asked.relying_party)), ("name", text(office))])),
        ("user", object([("id", bytes(&asked.handle)), ("name", text(person)), ("displayName", text(person))])),
        ("pubKeyCredParams", Array::of2(&kind(-7), &kind(-257)).into()),
        ("excludeCredentials", credentials(asked)),
        (
            "authenticatorSelection",
            object([
                // Kept where it is made, so that a new browser need not know whose it is.
                ("residentKey", text("required")),
                ("requireResidentKey", true.into()),
                ("userVerification", text("required")),
            ]),
        ),
        ("attestation", text("none")),
        // Some have to be told at the beginning that the store may one day be locked by them.
        ("extensions", object([("prf", object([]))])),
    ]);
    ask("create", options)
}

pub fn show(asked: &Challenge) -> Asked {
    show_with(asked, object([]))
}

/// Also asks for what the authenticator says to this salt, and to nobody else.
pub fn show_for_secret(asked: &Challenge, salt: &[u8]) -> Asked {
    let first = object([("first", Uint8Array::from(salt).into())]);
    show_with(asked, object([("prf", object([("eval", first)]))]))
}

fn show_with(asked: &Challenge, extensions: JsValue) -> Asked {
    let options = object([
        ("challenge", bytes(&asked.challenge)),
        ("rpId", asked.relying_party.as_str().into()),
        ("allowCredentials", credentials(asked)),
        ("userVerification", "required".into()),
        ("extensions", extensions),
    ]);
    ask("get", options)
}

/// A question that this device asks by itself, so that it needs no office.
pub fn own_question(credentials: Vec<String>) -> Challenge {
    let host = web_sys::window().and_then(|window| window.location().hostname().ok());
    Challenge {
        challenge: Base64UrlUnpadded::encode_string(&random::<32>()),
        relying_party: host.unwrap_or_default(),
        credentials,
        handle: String::new(),
    }
}

/// One of those that were asked for, and the authenticator saw who it was. Its signature is the office's to check, which has the key.
pub fn proves_a_person(asked: &Challenge, shown: &Assertion) -> bool {
    const VERIFIED: u8 = 0x04;
    // A hash of 32 bytes, then the flags.
    let flags = Base64UrlUnpadded::decode_vec(&shown.authenticator_data).ok().and_then(|data| data.get(32).copied());
    asked.credentials.contains(&shown.credential) && flags.is_some_and(|flags| flags & VERIFIED != 0)
}

impl Asked {
    /// The wish to add it, and its name.
    pub async fn made(self, label: String, code: Option<String>) -> Result<(AddPasskey, String), NoPasskey> {
        let credential = self.credential().await?;
        let response = field(&credential, "response");
        let (client_data, attestation) = (base64(&response, "clientDataJSON"), base64(&response, "attestationObject"));
        Ok((AddPasskey { label, code, client_data, attestation }, base64(&credential, "rawId")))
    }

    pub async fn shown(self) -> Result<Assertion, NoPasskey> {
        Ok(assertion(&self.credential().await?))
    }

    pub async fn shown_with_secret(self) -> Result<(Assertion, Wrap), NoPasskey> {
        let credential = self.credential().await?;
        let wrap = Wrap::of(&credential).await.ok_or(NoPasskey::NoSecret)?;
        Ok((assertion(&credential), wrap))
    }

    async fn credential(self) -> Result<JsValue, NoPasskey> {
        JsFuture::from(self.0.ok_or(NoPasskey::NotShown)?).await.map_err(|error| {
            match text_field(&error, "name").as_deref() {
                Some("InvalidStateError") => NoPasskey::Known,
                _ => NoPasskey::NotShown,
            }
        })
    }
}

fn assertion(credential: &JsValue) -> Assertion {
    let response = field(credential, "response");
    Assertion {
        credential: base64(credential, "rawId"),
        client_data: base64(&response, "clientDataJSON"),
        authenticator_data: base64(&response, "authenticatorData"),
        signature: base64(&response, "signature"),
        handle: Some(base64(&response, "userHandle")).filter(|handle| !handle.is_empty()),
    }
}

fn credentials(asked: &Challenge) -> JsValue {
    let one = |id: &String| object([("type", "public-key".into()), ("id", bytes(id))]);
    asked.credentials.iter().map(one).collect::<Array>().into()
}

fn bytes(base64: &str) -> JsValue {
    Uint8Array::from(&Base64UrlUnpadded::decode_vec(base64).unwrap_or_default()[..]).into()
}

/// A buffer of the answer; empty where there is none.
fn base64(object: &JsValue, name: &str) -> String {
    let buffer = field(object, name);
    if buffer.is_object() {
        Base64UrlUnpadded::encode_string(&Uint8Array::new(&buffer).to_vec())
    } else {
        String::new()
    }
}
