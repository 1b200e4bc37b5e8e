//! An OpenID provider in this process, as an attacker would like it to be: honest until it is told what to say instead. It checks
//! what real ones check (client, address to come back to, verifier, one use of a code). Knows the wire only.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use base64ct::{Base64, Base64UrlUnpadded, Encoding};
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use ring::rand::SystemRandom;
use ring::signature::{KeyPair, RSA_PKCS1_SHA256, RsaKeyPair};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use xiaohao_server::service::sign_on::{Claim, Options};
use xiaohao_server::service::{random, system_clock};
use xiaohao_shared::api::sign_on::{COME_BACK, SignOn, SignedOn};

pub const CLIENT: &str = "xiaohao";
/// What a provider and a client that is no browser share.
pub const SECRET: &str = "a secret: with % signs";

type Words = BTreeMap<String, String>;
type Forge = Arc<dyn Fn(&mut Value, &mut Value) + Send + Sync>;

/// By what a token is signed.
#[derive(Clone, Default)]
pub enum Seal {
    #[default]
    Es256,
    Rs256,
    /// A key that the provider does not show.
    Stranger,
    /// Not at all.
    Nothing,
    /// With the secret of the client, as HS256.
    Secret,
    /// With a byte that was changed afterwards.
    Broken,
}

/// Who signed on, and what was asked of him.
#[derive(Clone)]
struct Grant {
    login: String,
    asked: Words,
}

#[derive(Default)]
struct Inside {
    login: String,
    grants: BTreeMap<String, Grant>,
    seal: Seal,
    forge: Option<Forge>,
    /// Answers nothing that can be understood.
    down: bool,
    /// Comes back in the query, as providers do that know no fragment.
    only_query: bool,
    public: bool,
    /// Which key it shows and signs with; changed, it is another.
    key: Option<(String, SigningKey)>,
    /// How often it was asked for keys.
    asked_for_keys: usize,
}

#[derive(Clone)]
pub struct Provider {
    pub issuer: String,
    inside: Arc<Mutex<Inside>>,
}

impl Provider {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let provider = Self { issuer, inside: Arc::default() };
        provider.change_key();
        let router = Router::new()
            .route("/.well-known/openid-configuration", get(configuration))
            .route("/keys", get(keys))
            .route("/authorize", get(authorize))
            .route("/token", post(token))
            .with_state(provider.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        provider
    }

    pub fn options(&self) -> Options {
        let secret = (!self.inside().public).then(|| SECRET.to_owned());
        Options { issuer: self.issuer.clone(), client: CLIENT.into(), secret, claim: Claim::Subject }
    }

    fn inside(&self) -> MutexGuard<'_, Inside> {
        self.inside.lock().expect("a whole provider")
    }

    /// Whoever signs on from now on.
    pub fn login(&self, name: &str) {
        name.clone_into(&mut self.inside().login);
    }

    /// What it says otherwise from now on: header and claims of its tokens.
    pub fn says(&self, forge: impl Fn(&mut Value, &mut Value) + Send + Sync + 'static) {
        self.inside().forge = Some(Arc::new(forge));
    }

    pub fn signs_by(&self, seal: Seal) {
        self.inside().seal = seal;
    }

    pub fn is_honest_again(&self) {
        let mut inside = self.inside();
        (inside.forge, inside.seal) = (None, Seal::default());
    }

    pub fn goes_down(&self, down: bool) {
        self.inside().down = down;
    }

    pub fn knows_no_fragment(&self) {
        self.inside().only_query = true;
    }

    /// Clients have no secret there.
    pub fn is_for_public_clients(&self) {
        self.inside().public = true;
    }

    pub fn change_key(&self) {
        let key = loop {
            if let Ok(key) = SigningKey::from_slice(&random::<32>()) {
                break key;
            }
        };
        self.inside().key = Some((word(), key));
    }

    pub fn asked_for_keys(&self) -> usize {
        self.inside().asked_for_keys
    }

    /// As a browser goes there and comes back, with a person who signs on in between.
    pub async fn sign_on(&self, asked: &SignOn) -> SignedOn {
        let back = self.come_back(&asked.address).await;
        let (_, said) = back.split_once(['#', '?']).expect("something was said");
        let said = words(said);
        SignedOn { code: said["code"].clone(), state: said["state"].clone() }
    }

    /// Where it sends the browser.
    pub async fn come_back(&self, address: &str) -> String {
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        let answer = client.get(address).send().await.expect("an answer");
        let back = answer.headers().get(header::LOCATION.as_str()).expect("a way back");
        back.to_str().expect("an address").to_owned()
    }
}

fn word() -> String {
    Base64UrlUnpadded::encode_string(&random::<12>())
}

/// Of a query or a form.
pub fn words(text: &str) -> Words {
    let one = |pair: &str| pair.split_once('=').map(|(name, value)| (plain(name), plain(value)));
    text.split('&').filter_map(one).collect()
}

/// Without what addresses need to be spelled otherwise.
fn plain(text: &str) -> String {
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().replace('+', " ").into_bytes();
    for part in parts {
        let (hex, rest) = part.split_at(2);
        bytes.push(u8::from_str_radix(hex, 16).expect("two hex digits"));
        bytes.extend(rest.replace('+', " ").bytes());
    }
    String::from_utf8(bytes).expect("text")
}

async fn configuration(State(it): State<Provider>) -> Response {
    if it.inside().down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    let at = |path: &str| format!("{}{path}", it.issuer);
    let modes = if it.inside().only_query { json!(["query"]) } else { json!(["query", "fragment"]) };
    Json(json!({
        "issuer": it.issuer, "authorization_endpoint": at("/authorize"), "token_endpoint": at("/token"),
        "jwks_uri": at("/keys"), "response_types_supported": ["code"], "subject_types_supported": ["public"],
        "response_modes_supported": modes, "id_token_signing_alg_values_supported": ["RS256", "ES256"],
    }))
    .into_response()
}

async fn keys(State(it): State<Provider>) -> Json<Value> {
    let mut inside = it.inside();
    inside.asked_for_keys += 1;
    let (name, key) = inside.key.clone().expect("a key");
    let point = key.verifying_key().to_sec1_point(false);
    let part = |bytes: &[u8]| Base64UrlUnpadded::encode_string(bytes);
    let es = json!({
        "kty": "EC", "crv": "P-256", "kid": name, "use": "sig", "alg": "ES256",
        "x": part(&point.as_bytes()[1..33]), "y": part(&point.as_bytes()[33..]),
    });
    let parts: ring::rsa::PublicKeyComponents<Vec<u8>> = rsa().public_key().into();
    let rs =
        json!({ "kty": "RSA", "kid": "rsa", "use": "sig", "alg": "RS256", "n": part(&parts.n), "e": part(&parts.e) });
    Json(json!({ "keys": [es, rs] }))
}

fn rsa() -> RsaKeyPair {
    RsaKeyPair::from_der(include_bytes!("rs256.der")).expect("a key")
}

async fn authorize(State(it): State<Provider>, Query(asked): Query<Words>) -> Response {
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
        ("max_age", "300"),
    ] {
        assert_eq!(asked[name], value, "{name}");
    }
    assert!(asked["scope"].split(' ').any(|scope| scope == "openid") && asked["redirect_uri"].ends_with(COME_BACK));
    let (code, mut inside) = (word(), it.inside());
    let login = inside.login.clone();
    let sign = if asked["response_mode"] == "fragment" { '#' } else { '?' };
    let back = format!("{}{sign}code={code}&state={}", asked["redirect_uri"], asked["state"]);
    inside.grants.insert(code, Grant { login, asked });
    Redirect::to(&back).into_response()
}

async fn token(State(it): State<Provider>, headers: HeaderMap, form: String) -> Response {
    let told = words(&form);
    let refused = |why: &str| (StatusCode::BAD_REQUEST, Json(json!({ "error": why }))).into_response();
    if it.inside().down {
        return StatusCode::BAD_GATEWAY.into_response();
    }
    if !it.is_client(&headers, &told) {
        return refused("invalid_client");
    }
    // A code that was shown is gone, whatever came with it.
    let Some(grant) = it.inside().grants.remove(&told["code"]) else { return refused("invalid_grant") };
    let challenge = Base64UrlUnpadded::encode_string(&Sha256::digest(&told["code_verifier"]));
    let fits = grant.asked["code_challenge"] == challenge && grant.asked["redirect_uri"] == told["redirect_uri"];
    if !fits || told["grant_type"] != "authorization_code" {
        return refused("invalid_grant");
    }
    let token = it.token(&grant);
    Json(json!({ "access_token": word(), "token_type": "Bearer", "expires_in": 60, "id_token": token })).into_response()
}

impl Provider {
    fn is_client(&self, headers: &HeaderMap, told: &Words) -> bool {
        if self.inside().public {
            return told.get("client_id").is_some_and(|client| client == CLIENT);
        }
        let said = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Basic "));
        let said = said.and_then(|said| String::from_utf8(Base64::decode_vec(said).ok()?).ok());
        said.and_then(|said| said.split_once(':').map(|(id, secret)| (plain(id), plain(secret))))
            == Some((CLIENT.into(), SECRET.into()))
    }

    fn token(&self, grant: &Grant) -> String {
        let (forge, seal, (name, key)) = {
            let inside = self.inside();
            (inside.forge.clone(), inside.seal.clone(), inside.key.clone().expect("a key"))
        };
        let (alg, kid) = match seal {
            Seal::Rs256 => ("RS256", "rsa"),
            Seal::Nothing => ("none", ""),
            Seal::Secret => ("HS256", ""),
            _ => ("ES256", name.as_str()),
        };
        let now = system_clock().0 / 1_000;
        let mut head = json!({ "alg": alg, "kid": kid });
        let mut claims = json!({
            "iss": self.issuer, "aud": CLIENT, "sub": grant.login, "nonce": grant.asked["nonce"],
            "iat": now, "exp": now + 60, "auth_time": now,
            "preferred_username": format!("{}的名字", grant.login),
            "email": format!("{}@office.example", grant.login), "email_verified": true,
        });
        if let Some(forge) = forge {
            forge(&mut head, &mut claims);
        }
        let part = |value: &Value| Base64UrlUnpadded::encode_string(value.to_string().as_bytes());
        let text = format!("{}.{}", part(&head), part(&claims));
        let signature = sign(&seal, &key, text.as_bytes());
        format!("{text}.{}", Base64UrlUnpadded::encode_string(&signature))
    }
}

fn sign(seal: &Seal, key: &SigningKey, text: &[u8]) -> Vec<u8> {
    let es = |key: &SigningKey| {
        let signature: Signature = key.sign(text);
        signature.to_bytes().to_vec()
    };
    match seal {
        Seal::Es256 => es(key),
        Seal::Stranger => es(&SigningKey::from_slice(&[7; 32]).expect("a key")),
        Seal::Nothing => Vec::new(),
        Seal::Secret => {
            let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, SECRET.as_bytes());
            ring::hmac::sign(&key, text).as_ref().to_vec()
        }
        Seal::Broken => {
            let mut signature = es(key);
            signature[40] ^= 1;
            signature
        }
        Seal::Rs256 => {
            let mut signature = vec![0; rsa().public().modulus_len()];
            let signed = rsa().sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), text, &mut signature);
            signed.expect("a signature");
            signature
        }
    }
}
