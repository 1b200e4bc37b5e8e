//! The text that a device signs for each request: RFC 9421 HTTP Message Signatures with one fixed component list
//! (`@method`, `@target-uri`, `content-digest`; ECDSA P-256 with SHA-256). Builds and reads text; the keys live elsewhere.

use base64ct::{Base64, Encoding};
use sha2::{Digest, Sha256};

use crate::id::DeviceId;
use crate::time::{DAY, Timestamp};

const COMPONENTS: &str = r#"("@method" "@target-uri" "content-digest")"#;

/// How far a request's `created` may lie from the server's clock, in seconds, either way.
pub const WINDOW_SECONDS: i64 = 300;

/// The `keyid` of a request that enrols: the key that signs stands in the body.
pub const NEW_KEY: &str = "new";

/// What a signature says about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Params {
    /// Unix seconds.
    pub created: i64,
    /// Base64url, at most 32 characters.
    pub nonce: String,
    /// The device number, or [`NEW_KEY`].
    pub keyid: String,
}

impl Params {
    /// The value that follows `s=` in the `Signature-Input` header.
    fn text(&self) -> String {
        format!("{COMPONENTS};created={};nonce=\"{}\";keyid=\"{}\"", self.created, self.nonce, self.keyid)
    }

    /// The `Signature-Input` header.
    pub fn header(&self) -> String {
        format!("s={}", self.text())
    }

    /// Reads a `Signature-Input` header; only the one form that we write is understood.
    pub fn parse(header: &str) -> Option<Self> {
        let rest = header.strip_prefix("s=")?.strip_prefix(COMPONENTS)?.strip_prefix(";created=")?;
        let (created, rest) = rest.split_once(";nonce=\"")?;
        let (nonce, rest) = rest.split_once("\";keyid=\"")?;
        let keyid = rest.strip_suffix('"')?;
        let plain = |text: &str, max| {
            (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        };
        (plain(nonce, 32) && plain(keyid, 20)).then_some(())?;
        let params = Self { created: created.parse().ok()?, nonce: nonce.into(), keyid: keyid.into() };
        // A number has many spellings, and only one of them was signed.
        (params.header() == header).then_some(params)
    }

    /// Whether `created` is close enough to the server's `now`.
    pub fn is_timely(&self, now: Timestamp) -> bool {
        (now.0 / 1000).abs_diff(self.created) <= WINDOW_SECONDS.unsigned_abs()
    }

    /// The signature base of RFC 9421 section 2.5: the bytes that are signed.
    pub fn base(&self, method: &str, target_uri: &str, content_digest: &str) -> String {
        format!(
            "\"@method\": {method}\n\"@target-uri\": {target_uri}\n\"content-digest\": {content_digest}\n\"@signature-params\": {}",
            self.text()
        )
    }
}

/// How long a device signs with one key.
pub const KEY_LIFE: i64 = 180 * DAY;

/// Whether a key is to be replaced. One from far in the future was made by a clock that was wrong.
pub fn is_old(made_at: Timestamp, now: Timestamp) -> bool {
    (now - made_at).abs() >= KEY_LIFE
}

/// What a new key signs to show that whoever asks holds it, for this device and this change only. It begins with words of its own, so
/// that it can be taken for no request and no hand-over file.
pub fn possession(device: DeviceId, nonce: &str, public_key: &str) -> String {
    format!("xiaohao key 1\n{device}\n{nonce}\n{public_key}")
}

/// What a key that is kept here signs to show that whoever brings a new one for this device holds what it has had before.
pub fn succession(device: DeviceId, public_key: &str) -> String {
    format!("xiaohao next key 1\n{device}\n{public_key}")
}

/// The `Content-Digest` header of a body (RFC 9530).
pub fn content_digest(body: &[u8]) -> String {
    format!("sha-256=:{}:", Base64::encode_string(&Sha256::digest(body)))
}

/// The `Signature` header of 64 raw signature bytes (r ‖ s).
pub fn signature_header(signature: &[u8]) -> String {
    format!("s=:{}:", Base64::encode_string(signature))
}

/// The 64 raw bytes of a `Signature` header.
pub fn parse_signature(header: &str) -> Option<[u8; 64]> {
    let text = header.strip_prefix("s=:")?.strip_suffix(':')?;
    Base64::decode_vec(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_we_write_we_read_and_nothing_else() {
        let params = Params { created: 1_790_000_000, nonce: "AbC-_9".into(), keyid: "12".into() };
        assert_eq!(Params::parse(&params.header()), Some(params.clone()));
        assert_eq!(Params::parse(&params.header().replace("\"@method\" ", "")), None);
        assert_eq!(Params::parse(&params.header().replace("12", "1\"2")), None);
        for other in ["+1790000000", "01790000000"] {
            assert_eq!(Params::parse(&params.header().replace("1790000000", other)), None, "{other}");
        }
    }

    #[test]
    fn a_key_is_replaced_after_half_a_year_and_one_of_a_wrong_clock_at_once() {
        let made = Timestamp(1_790_000_000_000);
        assert!(!is_old(made, made) && !is_old(made, made + (KEY_LIFE - 1)) && !is_old(made, made + -DAY));
        assert!(is_old(made, made + KEY_LIFE) && is_old(made, made + -KEY_LIFE));
    }

    #[test]
    fn the_signature_base_has_the_form_of_the_standard() {
        let params = Params { created: 1, nonce: "n".into(), keyid: "2".into() };
        let digest = content_digest(b"");
        assert_eq!(digest, "sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:");
        assert_eq!(
            params.base("POST", "https://a/api/sync", &digest),
            format!(
                "\"@method\": POST\n\"@target-uri\": https://a/api/sync\n\"content-digest\": {digest}\n\"@signature-params\": (\"@method\" \"@target-uri\" \"content-digest\");created=1;nonce=\"n\";keyid=\"2\""
            )
        );
    }
}
