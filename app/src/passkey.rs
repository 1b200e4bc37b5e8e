//! Passkeys as the browser gives them: made, and shown. Only in a page, and asked straight from a tap: Safari gives none otherwise.
//! What an authenticator can say beyond its proof, like the secret of its PRF, never leaves this file.

use base64ct::{Base64UrlUnpadded, Encoding};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use xiaohao_shared::api::passkeys::{AddPasskey, Assertion, Challenge};

use crate::browser::{field, object, text_field};

/// Why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoPasskey {
    /// The person said no, was not recognised, or waited too long: browsers do not tell which.
    NotShown,
    /// This authenticator holds one of his already.
    Known,
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
    let options = object([
        ("challenge", bytes(&asked.challenge)),
        ("rpId", asked.relying_party.as_str().into()),
        ("allowCredentials", credentials(asked)),
        ("userVerification", "required".into()),
    ]);
    ask("get", options)
}

impl Asked {
    pub async fn made(self, label: String, code: Option<String>) -> Result<AddPasskey, NoPasskey> {
        let response = field(&self.credential().await?, "response");
        let (client_data, attestation) = (base64(&response, "clientDataJSON"), base64(&response, "attestationObject"));
        Ok(AddPasskey { label, code, client_data, attestation })
    }

    pub async fn shown(self) -> Result<Assertion, NoPasskey> {
        let credential = self.credential().await?;
        let response = field(&credential, "response");
        Ok(Assertion {
            credential: base64(&credential, "rawId"),
            client_data: base64(&response, "clientDataJSON"),
            authenticator_data: base64(&response, "authenticatorData"),
            signature: base64(&response, "signature"),
            handle: Some(base64(&response, "userHandle")).filter(|handle| !handle.is_empty()),
        })
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
