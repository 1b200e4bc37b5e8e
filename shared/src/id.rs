//! Identities as newtypes: what they are made of and how they are written in URLs, SQL and documents.
//! Knows nothing of where the numbers come from: whoever makes an id passes the time and the random bytes in.

use std::fmt;
use std::str::FromStr;

use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};

/// Text that is not the identity it claims to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{text:?} is not a valid {kind}")]
pub struct IdError {
    kind: &'static str,
    text: String,
}

/// One issue of the problem list, and its document: a UUIDv7 (RFC 9562) made on the phone.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct IssueId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl IssueId {
    /// A UUIDv7 from Unix milliseconds and ten random bytes.
    pub fn new(unix_ms: u64, random: [u8; 10]) -> Self {
        let mut bytes = [0; 16];
        bytes[..6].copy_from_slice(&unix_ms.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random);
        bytes[6] = 0x70 | (bytes[6] & 0x0f);
        bytes[8] = 0x80 | (bytes[8] & 0x3f);
        Self(bytes)
    }
}

impl fmt::Display for IssueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hex = base16ct::lower::encode_string(&self.0);
        write!(f, "{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
    }
}

impl FromStr for IssueId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError { kind: "issue id", text: text.chars().take(40).collect() };
        if text.len() != 36 {
            return Err(error());
        }
        let bytes = base16ct::lower::decode_vec(text.replace('-', "").as_bytes()).map_err(|_| error())?;
        let id = Self(bytes.try_into().map_err(|_| error())?);
        if id.to_string() == text { Ok(id) } else { Err(error()) }
    }
}

/// A round through a zone, named by the phone that made it: a UUIDv7 like an issue's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
#[serde(transparent)]
#[cbor(transparent)]
pub struct PatrolId(#[n(0)] pub IssueId);

/// A photo or thumbnail: the SHA-256 of its bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct PhotoId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl fmt::Display for PhotoId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl FromStr for PhotoId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError { kind: "photo id", text: text.chars().take(80).collect() };
        let bytes = base16ct::lower::decode_vec(text.as_bytes()).map_err(|_| error())?;
        Ok(Self(bytes.try_into().map_err(|_| error())?))
    }
}

/// The identity of an Automerge change: the SHA-256 of its chunk.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct ChangeHash(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 32]);

impl fmt::Display for ChangeHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl FromStr for ChangeHash {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        text.parse::<PhotoId>().map(|hash| Self(hash.0)).map_err(|error| IdError { kind: "change hash", ..error })
    }
}

/// Which office: the same for as long as it lives, also after a restore from a backup.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct OfficeId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 8]);

impl fmt::Display for OfficeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base16ct::lower::encode_string(&self.0))
    }
}

impl FromStr for OfficeId {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, IdError> {
        let error = || IdError { kind: "office id", text: text.chars().take(40).collect() };
        let bytes = base16ct::lower::decode_vec(text.as_bytes()).map_err(|_| error())?;
        Ok(Self(bytes.try_into().map_err(|_| error())?))
    }
}

/// Who writes in a document: the enrolled device and a random half that is new for every process and document,
/// so that neither a cloned nor a restored phone can ever reuse (actor, seq).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Actor {
    pub device: DeviceId,
    pub nonce: u64,
}

impl Actor {
    pub fn to_bytes(self) -> [u8; 16] {
        let mut bytes = [0; 16];
        bytes[..8].copy_from_slice(&self.device.0.to_be_bytes());
        bytes[8..].copy_from_slice(&self.nonce.to_be_bytes());
        bytes
    }

    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (device, nonce) = (bytes.get(..8)?, bytes.get(8..)?);
        let device = DeviceId(u64::from_be_bytes(device.try_into().ok()?));
        Some(Self { device, nonce: u64::from_be_bytes(nonce.try_into().ok()?) })
    }
}

macro_rules! text_id {
    ($name:ident) => {
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                String::deserialize(from)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
text_id!(IssueId);
text_id!(PhotoId);
text_id!(ChangeHash);
text_id!(OfficeId);

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Encode, Decode)]
        #[serde(transparent)]
        #[cbor(transparent)]
        pub struct $name(#[n(0)] pub $inner);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                // One spelling only: `7`, never `07` or `+7`, because ids are also keys.
                let id = text.parse().ok().map(Self).filter(|id| id.to_string() == text);
                id.ok_or_else(|| IdError { kind: stringify!($name), text: text.chars().take(40).collect() })
            }
        }
    };
}
number_id!(
    /// A person of the office, numbered by the server. Zero is nobody.
    PersonId(u32)
);
number_id!(
    /// A zone (片区) of the office, numbered by the server; also a scope of the sync.
    ZoneId(u32)
);
number_id!(
    /// An enrolled device, numbered by the server; the first half of every actor that it uses. Zero is the hub.
    DeviceId(u64)
);

/// The device that the hub itself writes as.
pub const HUB: DeviceId = DeviceId(0);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issue_id_is_a_uuid_of_version_7_and_reads_back() {
        let id = IssueId::new(0x0192_0000_0001, [0xff; 10]);
        assert_eq!(id.to_string(), "01920000-0001-7fff-bfff-ffffffffffff");
        assert_eq!(id.to_string().parse(), Ok(id));
    }

    #[test]
    fn other_spellings_of_an_issue_id_are_refused() {
        for text in ["", "01920000-0001-7FFF-bfff-ffffffffffff", "019200000-001-7fff-bfff-ffffffffffff", "zz"] {
            assert!(text.parse::<IssueId>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_number_has_one_spelling_because_it_is_also_a_key() {
        assert_eq!("7".parse(), Ok(PersonId(7)));
        for text in ["07", "+7", "-7", " 7", "", "4294967296"] {
            assert!(text.parse::<PersonId>().is_err(), "{text:?}");
        }
    }
}
