//! What browser and office say to each other about the sign-on of the office: an OpenID provider that knows its people. Knows no
//! provider.

use serde::{Deserialize, Serialize};

/// Where a provider sends the browser back to, on the office's own origin. Registered there letter by letter.
pub const COME_BACK: &str = "/enrol/oidc";

/// The answer to `POST /api/enrol/sign-on/begin`, whose body is a [`BeginEnrol`](super::BeginEnrol): the provider's page, with a state
/// that is good for this key only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOn {
    pub address: String,
}

/// What the browser came back with. Worth nothing without the office, which alone can make the verifier that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedOn {
    pub code: String,
    pub state: String,
}

/// `POST /api/admin/people/{id}/sign-on`: by which name the provider calls this person; blank: by none.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindSignOn {
    pub name: String,
}
