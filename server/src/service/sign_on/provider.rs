//! An OpenID provider, as far as it is asked: where it is, what it gives for a code, and whether that is to be believed (OpenID
//! Connect Core, §3.1). Knows no person and no store.

use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreClientAuthMethod, CoreErrorResponseType, CoreIdToken,
    CoreIdTokenClaims, CoreIdTokenVerifier, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreRequestTokenError,
    CoreResponseMode,
};
use openidconnect::{
    AsyncHttpClient, AuthType, AuthorizationCode, ClaimsVerificationError, ClientId, ClientSecret, CsrfToken,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    SignatureVerificationError, TokenResponse,
};
use tokio::sync::Mutex;
use xiaohao_shared::time::{MINUTE, Timestamp};

use super::{Claim, Fault, Options, is_fresh};
use crate::fetch::{FetchError, Fetcher, is_safe};
use crate::service::ServiceError;

/// How long what a provider said of itself is believed. Keys are asked for anew as soon as one is missing.
const BELIEF: i64 = 10 * MINUTE;
/// How long nobody asks again whom nobody could ask.
const PAUSE: i64 = 10_000;
/// Who signed on at the provider longer ago has to do so again.
const MAX_AGE: Duration = Duration::from_secs(300);

/// Whose type nobody wants to write. Who we are is said in the way that the provider takes.
macro_rules! client {
    ($self:ident, $metadata:ident, $question:ident) => {{
        let (id, secret) =
            (ClientId::new($self.options.client.clone()), $self.options.secret.clone().map(ClientSecret::new));
        let come_back = RedirectUrl::new($question.come_back.clone())
            .map_err(|_| ServiceError::invalid("nobody comes back to such an address"))?;
        let client = CoreClient::from_provider_metadata(CoreProviderMetadata::clone(&$metadata), id, secret);
        client.set_redirect_uri(come_back).set_auth_type(auth_type(&$metadata))
    }};
}

/// What only one key's sign-on has.
pub struct Question {
    pub nonce: String,
    pub verifier: PkceCodeVerifier,
    pub come_back: String,
}

/// What a provider said of itself, or that it said nothing.
struct Known {
    until: Timestamp,
    metadata: Option<Arc<CoreProviderMetadata>>,
}

pub struct Provider {
    options: Options,
    web: Fetcher,
    known: Mutex<Option<Known>>,
}

impl<'c> AsyncHttpClient<'c> for Fetcher {
    type Error = FetchError;
    type Future = BoxFuture<'c, Result<HttpResponse, FetchError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.fetch(request))
    }
}

impl Provider {
    pub fn new(options: Options) -> Result<Self, rustls::Error> {
        Ok(Self { options, web: Fetcher::new()?, known: Mutex::default() })
    }

    /// Its page, with everything that it has to know. He has to sign on there, also where he did just before.
    pub async fn address(&self, question: &Question, state: String, now: Timestamp) -> Result<String, ServiceError> {
        let metadata = self.metadata(now, false).await?;
        let challenge = PkceCodeChallenge::from_code_verifier_sha256(&question.verifier);
        let mode = if in_fragment(&metadata) { "fragment" } else { "query" };
        let client = client!(self, metadata, question);
        let (state, nonce) = (CsrfToken::new(state), Nonce::new(question.nonce.clone()));
        let asked = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, move || state, move || nonce);
        let scope = self.options.claim.scope().map(|scope| Scope::new(scope.to_owned()));
        let asked = asked.add_scopes(scope).add_prompt(CoreAuthPrompt::Login).set_max_age(MAX_AGE);
        let (address, _, _) = asked.set_pkce_challenge(challenge).add_extra_param("response_mode", mode).url();
        Ok(address.into())
    }

    /// What it calls whoever this code was given to, if he signed on since then.
    pub async fn name(
        &self,
        question: Question,
        code: &str,
        since: Timestamp,
        now: Timestamp,
    ) -> Result<String, ServiceError> {
        let metadata = self.metadata(now, false).await?;
        let token = self.exchange(&metadata, &question, code).await?;
        let nonce = Nonce::new(question.nonce);
        let claims = match token.clone().into_claims(&self.verifier(&metadata), &nonce) {
            // It has changed its keys since.
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                let metadata = self.metadata(now, true).await?;
                token.into_claims(&self.verifier(&metadata), &nonce)
            }
            other => other,
        };
        let claims = claims.map_err(|error| Fault::Token(kind(&error)))?;
        let shown_at = claims.auth_time().map(|at| Timestamp(at.timestamp_millis())).ok_or(Fault::Stale)?;
        if !is_fresh(shown_at, since, now) {
            return Err(Fault::Stale.into());
        }
        Ok(name(&claims, self.options.claim).ok_or(Fault::Nameless)?)
    }

    /// The one use of a code. Whatever else the provider gives for it is dropped here.
    async fn exchange(
        &self,
        metadata: &CoreProviderMetadata,
        question: &Question,
        code: &str,
    ) -> Result<CoreIdToken, ServiceError> {
        let client = client!(self, metadata, question);
        let code = AuthorizationCode::new(code.to_owned());
        let verifier = PkceCodeVerifier::new(question.verifier.secret().clone());
        let asked = client.exchange_code(code).map_err(|error| unreachable(&error))?;
        let given = asked.set_pkce_verifier(verifier).request_async(&self.web).await.map_err(refused)?;
        Ok(given.id_token().cloned().ok_or(Fault::NoToken)?)
    }

    fn verifier(&self, metadata: &CoreProviderMetadata) -> CoreIdTokenVerifier<'static> {
        use CoreJwsSigningAlgorithm as Alg;
        let client = ClientId::new(self.options.client.clone());
        let verifier =
            CoreIdTokenVerifier::new_public_client(client, metadata.issuer().clone(), metadata.jwks().clone());
        // Signed by the provider alone: never with a secret that two share, never not at all.
        let signed =
            [Alg::RsaSsaPkcs1V15Sha256, Alg::RsaSsaPssSha256, Alg::EcdsaP256Sha256, Alg::EcdsaP384Sha384, Alg::EdDsa];
        verifier.set_allowed_algs(signed)
    }

    async fn metadata(&self, now: Timestamp, anew: bool) -> Result<Arc<CoreProviderMetadata>, ServiceError> {
        let mut known = self.known.lock().await;
        if let Some(known) = known.as_ref().filter(|known| !anew && (1..=BELIEF).contains(&(known.until - now))) {
            return known.metadata.clone().ok_or(ServiceError::SignOnUnreachable);
        }
        let metadata = self.discover().await;
        let until = now + if metadata.is_ok() { BELIEF } else { PAUSE };
        *known = Some(Known { until, metadata: metadata.as_ref().ok().cloned() });
        metadata
    }

    async fn discover(&self) -> Result<Arc<CoreProviderMetadata>, ServiceError> {
        let issuer = IssuerUrl::new(self.options.issuer.clone()).map_err(|error| unreachable(&error))?;
        let found = CoreProviderMetadata::discover_async(issuer, &self.web).await;
        let metadata = found.map_err(|error| unreachable(&error))?;
        // Browsers are sent there.
        let safe = is_safe(metadata.authorization_endpoint().as_str());
        if safe { Ok(Arc::new(metadata)) } else { Err(unreachable(&FetchError::Address)) }
    }
}

fn auth_type(metadata: &CoreProviderMetadata) -> AuthType {
    let basic = |methods: &Vec<_>| methods.contains(&CoreClientAuthMethod::ClientSecretBasic);
    let basic = metadata.token_endpoint_auth_methods_supported().is_none_or(basic);
    if basic { AuthType::BasicAuth } else { AuthType::RequestBody }
}

/// What stands in a fragment travels to no server, and into no server's log. Who says nothing of it knows it.
fn in_fragment(metadata: &CoreProviderMetadata) -> bool {
    metadata.response_modes_supported().is_none_or(|modes| modes.contains(&CoreResponseMode::Fragment))
}

fn name(claims: &CoreIdTokenClaims, claim: Claim) -> Option<String> {
    let name = match claim {
        Claim::Subject => Some(claims.subject().as_str()),
        Claim::Username => claims.preferred_username().map(|name| name.as_str()),
        // Anybody can say that an address is his.
        Claim::Email => claims.email().filter(|_| claims.email_verified() == Some(true)).map(|email| email.as_str()),
    };
    name.filter(|name| !name.is_empty()).map(str::to_owned)
}

/// Of the provider's word in an error only the kind: the rest may hold what nobody should read in a log.
fn kind(error: &ClaimsVerificationError) -> &'static str {
    match error {
        ClaimsVerificationError::Expired(_) => "it is too old",
        ClaimsVerificationError::InvalidAudience(_) => "it was said to somebody else",
        ClaimsVerificationError::InvalidIssuer(_) => "it was said by somebody else",
        ClaimsVerificationError::InvalidNonce(_) => "it was said of another sign-on",
        ClaimsVerificationError::SignatureVerification(_) => "its signature",
        _ => "its form",
    }
}

fn refused(error: CoreRequestTokenError<FetchError>) -> ServiceError {
    use CoreErrorResponseType as Kind;
    match error {
        CoreRequestTokenError::ServerResponse(said) => match said.error() {
            // That is between the office and its provider, and nobody's fault who signs on.
            kind @ (Kind::InvalidClient | Kind::UnauthorizedClient) => {
                tracing::error!(%kind, "the provider does not know this office: see --oidc-client-id and its secret");
                ServiceError::SignOnUnreachable
            }
            kind => Fault::Code(kind.to_string().chars().take(40).collect()).into(),
        },
        CoreRequestTokenError::Request(error) => unreachable(&error),
        _ => Fault::NoToken.into(),
    }
}

fn unreachable(error: &dyn std::error::Error) -> ServiceError {
    let mut why = error.to_string();
    let mut cause = error.source();
    while let Some(deeper) = cause {
        why = format!("{why}: {deeper}");
        cause = deeper.source();
    }
    tracing::warn!(why, "the provider of the office's sign-on cannot be asked");
    ServiceError::SignOnUnreachable
}
