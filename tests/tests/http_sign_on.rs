//! The office's sign-on from outside: whom it brings in, and every forgery of it that we could think of. The provider is one that
//! says what it is told; that a real one understands us is told by `e2e/sign-on`.

#![allow(clippy::unwrap_used)]

use std::sync::atomic::{AtomicI64, Ordering};

use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use xiaohao_server::service::sign_on::{Claim, Options};
use xiaohao_server::service::{system_clock, trail};
use xiaohao_server::store::trail::Line;
use xiaohao_shared::api::ProblemKind::{
    self, BadRequest, CodeUnknown, Conflict, DeviceRevoked, NotSigned, SignOnRefused, SignOnUnknown, SignOnUnreachable,
    TooManyRequests,
};
use xiaohao_shared::api::sign_on::{BindSignOn, SignOn, SignedOn};
use xiaohao_shared::api::{AuditPage, BeginEnrol, Enrol, Enrolled, PersonDetail, SavePerson, Way};
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::time::{MINUTE, Timestamp};
use xiaohao_tests::provider::{Provider, SECRET, Seal};
use xiaohao_tests::{Answer, TestDevice, TestServer, Usual};

struct Town {
    server: TestServer,
    provider: Provider,
    boss: TestDevice,
    li: Person,
}

impl Town {
    async fn new() -> Self {
        Self::with(|usual| usual).await
    }

    /// An office whose sign-on knows Li as `li`.
    async fn with(change: impl FnOnce(Usual) -> Usual) -> Self {
        let provider = Provider::start().await;
        Self::at(provider, change).await
    }

    async fn at(provider: Provider, change: impl FnOnce(Usual) -> Usual) -> Self {
        let usual = Usual { host: "localhost", sign_on: Some(provider.options()), ..Usual::default() };
        let server = TestServer::start_at(change(usual)).await;
        let boss = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
        let li = server.person("李梅", Role::Cadre, &[1]).await;
        let town = Self { server, provider, boss, li };
        assert_eq!(town.bind(&town.li, "li").await.status, 200);
        town.provider.login("li");
        town
    }

    async fn bind(&self, person: &Person, name: &str) -> Answer {
        let path = format!("/api/admin/people/{}/sign-on", person.id);
        self.boss.post_json(&path, &BindSignOn { name: name.into() }).await
    }

    /// Somebody at a new browser who went to the provider and came back.
    async fn comes(&self) -> (TestDevice, SignedOn) {
        let browser = self.server.stranger();
        let signed = self.provider.sign_on(&asked(&browser).await).await;
        (browser, signed)
    }

    async fn is_refused(&self, kind: ProblemKind, what: &str) {
        let (browser, signed) = self.comes().await;
        assert_eq!(enrol(&browser, &signed).await.problem().kind, kind, "{what}");
    }

    async fn count(&self, what: &str) -> i64 {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
        sqlx::query_scalar(sql).fetch_one(&self.server.service.store).await.unwrap()
    }

    /// Only the administrator's own device is here, and nothing was used up.
    async fn nobody_came_in(&self) {
        assert_eq!((self.count("devices").await, self.count("challenges").await), (1, 0));
    }
}

async fn begins(browser: &TestDevice) -> Answer {
    browser.post_json("/api/enrol/sign-on/begin", &BeginEnrol { public_key: browser.public_key() }).await
}

async fn asked(browser: &TestDevice) -> SignOn {
    begins(browser).await.json()
}

async fn enrol(browser: &TestDevice, signed: &SignedOn) -> Answer {
    let wish = Enrol { sign_on: Some(signed.clone()), device: browser.id, ..browser.newcomer() };
    let mut newcomer = browser.clone();
    newcomer.id = None;
    newcomer.post_json("/api/enrol", &wish).await
}

/// The chain holds, and neither it nor anything else in the folder holds a word of a proof.
async fn nothing_is_kept(town: Town, secrets: &[&str]) {
    let chain = trail::verify(&town.server.service, &[]).await.unwrap();
    assert!(chain.findings.is_empty(), "{chain}");
    let folder = town.server.leave().await;
    for name in ["office.db", "office.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {name}");
        }
    }
}

#[tokio::test]
async fn whoever_signs_on_is_in_and_works_and_the_audit_says_how_he_came() {
    let town = Town::new().await;
    let (mut browser, signed) = town.comes().await;
    let enrolled: Enrolled = enrol(&browser, &signed).await.json();
    assert_eq!(enrolled.person, town.li);
    browser.id = Some(enrolled.device);
    assert_eq!(browser.get("/api/office").await.status, 200);
    let people: Vec<PersonDetail> = town.boss.get("/api/admin/people").await.json();
    let li = people.iter().find(|detail| detail.person == town.li).unwrap();
    assert_eq!((li.devices[0].way, li.sign_on.as_deref()), (Way::SignOn, Some("li")));
    let lines = town.boss.get("/api/admin/audit").await.json::<AuditPage>().lines;
    let told: Vec<_> = lines.iter().filter(|line| line.act == "enrol").map(|line| line.what.as_str()).collect();
    assert_eq!(told, ["sign-on", "POST /api/enrol"]);
    nothing_is_kept(town, &[&signed.code, &signed.state, SECRET]).await;
}

#[tokio::test]
async fn rsa_keys_public_clients_and_providers_without_fragments_are_as_good() {
    let provider = Provider::start().await;
    provider.is_for_public_clients();
    provider.knows_no_fragment();
    provider.signs_by(Seal::Rs256);
    let town = Town::at(provider, |usual| usual).await;
    let browser = town.server.stranger();
    let asked = asked(&browser).await;
    assert!(town.provider.come_back(&asked.address).await.contains("/enrol/oidc?code="));
    let signed = town.provider.sign_on(&asked).await;
    assert_eq!(enrol(&browser, &signed).await.json::<Enrolled>().person, town.li);
}

#[tokio::test]
async fn nothing_secret_stands_in_the_address_and_what_comes_back_is_in_the_fragment() {
    let town = Town::new().await;
    let browser = town.server.stranger();
    let asked = asked(&browser).await;
    assert!(!asked.address.contains("verifier") && !asked.address.contains("secret"), "{}", asked.address);
    let back = town.provider.come_back(&asked.address).await;
    assert!(back.starts_with(&format!("{}/enrol/oidc#code=", town.server.origin)), "{back}");
}

#[tokio::test]
async fn each_claim_is_a_name_of_its_own_and_an_address_counts_only_once_it_was_verified() {
    for (claim, name) in [(Claim::Username, "li的名字"), (Claim::Email, "li@office.example")] {
        let town = Town::with(|usual| {
            let options = usual.sign_on.unwrap();
            Usual { sign_on: Some(Options { claim, ..options }), ..usual }
        })
        .await;
        let (browser, signed) = town.comes().await;
        let told = enrol(&browser, &signed).await.problem();
        assert_eq!((told.kind, told.detail.as_deref()), (SignOnUnknown, Some(name)));
        town.bind(&town.li, name).await;
        let (browser, signed) = town.comes().await;
        assert_eq!(enrol(&browser, &signed).await.json::<Enrolled>().person, town.li);
        town.provider.says(|_, claims| claims["email_verified"] = json!(false));
        let (browser, signed) = town.comes().await;
        let status = enrol(&browser, &signed).await.status;
        assert_eq!(status, if claim == Claim::Email { 403 } else { 200 }, "{claim:?}");
    }
}

#[tokio::test]
async fn whom_nobody_wrote_down_and_who_left_stay_outside_and_hear_their_name() {
    let town = Town::new().await;
    town.provider.login("somebody else");
    let (browser, signed) = town.comes().await;
    let told = enrol(&browser, &signed).await.problem();
    assert_eq!((told.kind, told.detail.as_deref()), (SignOnUnknown, Some("somebody else")));
    town.provider.login("LI");
    town.is_refused(SignOnUnknown, "another spelling is another name").await;
    town.provider.login("li");
    let gone =
        SavePerson { id: Some(town.li.id), name: "李梅".into(), role: Role::Cadre, zones: vec![], active: false };
    assert_eq!(town.boss.post_json("/api/admin/people", &gone).await.status, 200);
    town.is_refused(SignOnUnknown, "he left").await;
    town.nobody_came_in().await;
}

#[tokio::test]
async fn a_name_is_one_persons_and_without_it_nobody_comes_in() {
    let town = Town::new().await;
    let wang = town.server.person("王强", Role::Cadre, &[1]).await;
    assert_eq!(town.bind(&wang, "li").await.problem().kind, Conflict);
    assert_eq!(town.bind(&wang, &"x".repeat(256)).await.problem().kind, BadRequest);
    assert_eq!(town.bind(&town.li, " li.mei ").await.json::<PersonDetail>().sign_on.as_deref(), Some("li.mei"));
    town.is_refused(SignOnUnknown, "her former name").await;
    assert_eq!(town.bind(&wang, "li").await.json::<PersonDetail>().sign_on.as_deref(), Some("li"));
    let (browser, signed) = town.comes().await;
    assert_eq!(enrol(&browser, &signed).await.json::<Enrolled>().person, wang, "it is his now");
    assert_eq!(town.bind(&wang, "").await.json::<PersonDetail>().sign_on.as_deref(), Some(""));
    town.is_refused(SignOnUnknown, "nobody's").await;
    let what = |line: &Line| line.what.contains("li.mei");
    let lines = trail::next(&town.server.service, 0).await.unwrap();
    assert!(lines.iter().any(|line| line.act == "bind_sign_on" && what(line)), "who wrote which name down is told");
}

#[tokio::test]
async fn names_of_one_provider_are_nobodys_at_another() {
    let (town, other) = (Town::new().await, Provider::start().await);
    let data = town.server.leave().await;
    let server =
        TestServer::over(data, Usual { host: "localhost", sign_on: Some(other.options()), ..Usual::default() });
    let server = server.await;
    other.login("li");
    let browser = server.stranger();
    let signed = other.sign_on(&asked(&browser).await).await;
    assert_eq!(enrol(&browser, &signed).await.problem().kind, SignOnUnknown);
    let boss = town.boss.at(&server);
    let people: Vec<PersonDetail> = boss.get("/api/admin/people").await.json();
    assert!(people.iter().all(|detail| detail.sign_on.as_deref() == Some("")), "{people:?}");
}

#[tokio::test]
async fn an_office_without_a_sign_on_says_so() {
    let server = TestServer::start().await;
    let boss = server.enrol(&server.person("管理员", Role::Administrator, &[]).await).await;
    let people: Vec<PersonDetail> = boss.get("/api/admin/people").await.json();
    assert_eq!(people[0].sign_on, None);
    let browser = server.stranger();
    assert_eq!(begins(&browser).await.problem().kind, Conflict);
    let signed = SignedOn { code: "x".into(), state: "x".into() };
    assert_eq!(enrol(&browser, &signed).await.problem().kind, Conflict);
}

#[tokio::test]
async fn whoever_lost_the_answer_asks_again_and_is_the_same_device() {
    let town = Town::new().await;
    let (browser, signed) = town.comes().await;
    let first: Enrolled = enrol(&browser, &signed).await.json();
    let rows = trail::head(&town.server.service).await.unwrap().count;
    assert_eq!(enrol(&browser, &signed).await.json::<Enrolled>().device, first.device, "though its code is used up");
    assert_eq!(trail::head(&town.server.service).await.unwrap().count, rows);
    let mut device = browser.clone();
    device.id = Some(first.device);
    assert_eq!(device.post("/api/doubt", "").await.status, 200);
    assert_eq!(enrol(&browser, &signed).await.problem().kind, SignOnRefused, "it proves nobody after a doubt");
    let anew = town.provider.sign_on(&asked(&browser).await).await;
    assert_eq!(enrol(&browser, &anew).await.json::<Enrolled>().device, first.device, "or signs on once more");
    assert_eq!(town.count("devices").await, 2);
    let sql = "UPDATE devices SET revoked_at = 1 WHERE way = 'sign_on'";
    sqlx::query(sql).execute(&town.server.service.store).await.unwrap();
    assert_eq!(enrol(&browser, &signed).await.problem().kind, DeviceRevoked, "no longer, once it is out of service");
}

#[tokio::test]
async fn a_restored_office_gives_a_browser_its_number_back_and_opens_no_state_from_before() {
    let town = Town::new().await;
    let copy = town.server.backup().await;
    let (browser, signed) = town.comes().await;
    let before: Enrolled = enrol(&browser, &signed).await.json();
    let (unused, late) = town.comes().await;
    let Town { server, provider, .. } = town;
    let data = server.restore(&copy).await.leave().await;
    let usual = Usual { host: "localhost", sign_on: Some(provider.options()), ..Usual::default() };
    let server = TestServer::over(data, usual).await;
    assert_eq!(enrol(&unused.at(&server), &late).await.problem().kind, SignOnRefused);
    let mut browser = browser.at(&server);
    let signed = provider.sign_on(&asked(&browser).await).await;
    browser.id = Some(before.device);
    assert_eq!(enrol(&browser, &signed).await.json::<Enrolled>().device, before.device);
}

#[tokio::test]
async fn a_provider_that_changed_its_keys_is_asked_for_them_and_not_each_time() {
    let town = Town::new().await;
    for _ in 0..3 {
        let (browser, signed) = town.comes().await;
        assert_eq!(enrol(&browser, &signed).await.status, 200);
    }
    assert_eq!(town.provider.asked_for_keys(), 1);
    town.provider.change_key();
    let (browser, signed) = town.comes().await;
    assert_eq!(enrol(&browser, &signed).await.status, 200);
    assert_eq!(town.provider.asked_for_keys(), 2);
}

#[tokio::test]
async fn a_provider_that_is_down_is_said_to_be_and_codes_go_on() {
    let provider = Provider::start().await;
    provider.goes_down(true);
    let town = Town::at(provider, |usual| usual).await;
    let browser = town.server.stranger();
    assert_eq!(begins(&browser).await.problem().kind, SignOnUnreachable);
    assert_eq!(browser.enrol(&town.server.code(town.li.id).await).await.status, 200);
    let town = Town::new().await;
    let (browser, signed) = town.comes().await;
    town.provider.goes_down(true);
    assert_eq!(enrol(&browser, &signed).await.problem().kind, SignOnUnreachable);
    town.provider.goes_down(false);
    assert_eq!(enrol(&browser, &signed).await.status, 200, "the same goes in once it is back");
}

#[tokio::test]
async fn an_office_that_the_provider_does_not_know_is_nobodys_fault_who_signs_on() {
    let town = Town::with(|usual| {
        let options = usual.sign_on.unwrap();
        Usual { sign_on: Some(Options { secret: Some("a wrong one".into()), ..options }), ..usual }
    })
    .await;
    for _ in 0..21 {
        town.is_refused(SignOnUnreachable, "it counts for no try").await;
    }
}

#[tokio::test]
async fn nobody_makes_himself_more_than_ten_devices() {
    let town = Town::new().await;
    for _ in 0..10 {
        let (browser, signed) = town.comes().await;
        assert_eq!(enrol(&browser, &signed).await.status, 200);
    }
    town.is_refused(Conflict, "the eleventh").await;
}

#[tokio::test]
async fn a_device_that_signed_on_adds_a_passkey_only_with_a_code() {
    let town = Town::new().await;
    let (mut browser, signed) = town.comes().await;
    browser.id = Some(enrol(&browser, &signed).await.json::<Enrolled>().device);
    assert_eq!(browser.begin_passkey(None).await.problem().kind, CodeUnknown);
    let code = town.server.code(town.li.id).await;
    assert_eq!(browser.begin_passkey(Some(&code)).await.status, 200);
}

// Forgeries. Each differs from a good one by a single thing.

#[tokio::test]
async fn no_state_is_good_for_another_key_purpose_or_office() {
    let town = Town::new().await;
    let (browser, signed) = town.comes().await;
    let thief = town.server.stranger();
    assert_eq!(enrol(&thief, &signed).await.problem().kind, SignOnRefused, "whoever read it over a shoulder");
    let (_, others) = town.comes().await;
    let swapped = SignedOn { state: signed.state.clone(), code: others.code };
    assert_eq!(enrol(&browser, &swapped).await.problem().kind, SignOnRefused, "the code of another sign-on");
    let wrong = |state: &str| SignedOn { state: state.into(), code: signed.code.clone() };
    let mut bent = signed.state.clone().into_bytes();
    bent[30] = if bent[30] == b'A' { b'B' } else { b'A' };
    for state in ["", "x", "AAAA", &String::from_utf8(bent).unwrap(), &format!("{}=", signed.state)] {
        assert_eq!(enrol(&browser, &wrong(state)).await.problem().kind, SignOnRefused, "{state}");
    }
    let challenge = TestDevice::asked_to_enrol(&browser).await.challenge;
    assert_eq!(enrol(&browser, &wrong(&challenge)).await.problem().kind, SignOnRefused, "a challenge for a passkey");
    let elsewhere = Town::new().await;
    let foreign = elsewhere.provider.sign_on(&asked(&TestDevice::at(browser.clone(), &elsewhere.server)).await).await;
    assert_eq!(enrol(&browser, &foreign).await.problem().kind, SignOnRefused, "of another office");
    town.nobody_came_in().await;
}

#[tokio::test]
async fn a_sign_on_is_for_whoever_signs_the_request_and_for_him_alone() {
    let town = Town::new().await;
    let (browser, signed) = town.comes().await;
    let thief = town.server.stranger();
    let wish = Enrol { sign_on: Some(signed.clone()), public_key: browser.public_key(), ..thief.newcomer() };
    assert_eq!(thief.post_json("/api/enrol", &wish).await.problem().kind, NotSigned);
    let wish = BeginEnrol { public_key: browser.public_key() };
    assert_eq!(thief.post_json("/api/enrol/sign-on/begin", &wish).await.problem().kind, NotSigned);
    let code = town.server.code(town.li.id).await;
    let both = Enrol { sign_on: Some(signed.clone()), code: Some(code), ..browser.newcomer() };
    assert_eq!(browser.post_json("/api/enrol", &both).await.problem().kind, BadRequest);
    town.nobody_came_in().await;
    assert_eq!(enrol(&browser, &signed).await.status, 200, "none of it has used anything up");
}

#[tokio::test]
async fn what_was_used_up_brings_nobody_else_in() {
    let town = Town::new().await;
    let wang = town.server.person("王强", Role::Cadre, &[1]).await;
    town.bind(&wang, "wang").await;
    let browser = town.server.stranger();
    let asked = asked(&browser).await;
    let signed = town.provider.sign_on(&asked).await;
    let first: Enrolled = enrol(&browser, &signed).await.json();
    town.provider.login("wang");
    let again = town.provider.sign_on(&asked).await;
    let told: Enrolled = enrol(&browser, &again).await.json();
    assert_eq!((told.device, told.person), (first.device, town.li.clone()), "its state was hers");
    assert_eq!((town.count("devices").await, town.count("challenges").await), (2, 1));
}

#[tokio::test]
async fn no_forged_token_brings_anybody_in() {
    let town = Town::with(|usual| Usual { behind_proxy: true, ..usual }).await;
    type Forge = Box<dyn Fn(&mut Value, &mut Value) + Send + Sync>;
    let set = |name: &'static str, value: Value| -> Forge { Box::new(move |_, claims| claims[name] = value.clone()) };
    let without =
        |name: &'static str| -> Forge { Box::new(move |_, claims| drop(claims.as_object_mut().unwrap().remove(name))) };
    let now = system_clock().0 / 1_000;
    let forgeries: Vec<(&str, Forge)> = vec![
        ("of another sign-on", set("nonce", json!("AAAA"))),
        ("of no sign-on", without("nonce")),
        ("by somebody else", set("iss", json!("https://id.example"))),
        ("for another client", set("aud", json!("another client"))),
        ("for another client, too", set("aud", json!(["xiaohao", "another client"]))),
        ("for nobody", set("aud", json!([]))),
        ("of yesterday", set("exp", json!(now - 1))),
        ("without an end", without("exp")),
        ("without a name", without("sub")),
        ("with an empty name", set("sub", json!(""))),
        ("of a session that was open before", set("auth_time", json!(now - 120))),
        ("of a session in the future", set("auth_time", json!(now + 120))),
        ("that does not say when", without("auth_time")),
        ("with a key that nobody has", Box::new(|head, _| head["kid"] = json!("none such"))),
        ("that must be understood", Box::new(|head, _| head["crit"] = json!(["b64"]))),
        ("by another method than its key's", Box::new(|head, _| head["alg"] = json!("RS256"))),
    ];
    for (at, (what, forge)) in forgeries.into_iter().enumerate() {
        town.provider.says(forge);
        town.refused_from(at, what).await;
    }
    town.provider.is_honest_again();
    for (at, seal) in [Seal::Stranger, Seal::Nothing, Seal::Secret, Seal::Broken].into_iter().enumerate() {
        town.provider.signs_by(seal);
        town.refused_from(100 + at, "a wrong seal").await;
    }
    town.nobody_came_in().await;
    town.provider.is_honest_again();
    let (browser, signed) = town.comes().await;
    assert_eq!(enrol(&browser, &signed).await.status, 200, "what was not forged");
    nothing_is_kept(town, &[]).await;
}

impl Town {
    /// Each from another network, so that none waits for the failures of those before.
    async fn refused_from(&self, network: usize, what: &str) {
        let (browser, signed) = self.comes().await;
        let wish = Enrol { sign_on: Some(signed), ..browser.newcomer() };
        let call = xiaohao_tests::Call::json("POST", "/api/enrol", &wish);
        let answer = browser.send(call.header("x-forwarded-for", &format!("10.0.{network}.1"))).await;
        assert_eq!(answer.problem().kind, SignOnRefused, "a token {what}");
    }
}

/// By how much the office's clock of the next test is turned.
static TURNED: AtomicI64 = AtomicI64::new(0);

fn turned() -> Timestamp {
    system_clock() + TURNED.load(Ordering::SeqCst)
}

#[tokio::test]
async fn a_state_lives_for_ten_minutes_by_the_offices_clock() {
    let town = Town::with(|usual| Usual { clock: turned, ..usual }).await;
    let (browser, signed) = town.comes().await;
    for (ms, kind) in [(10 * MINUTE + 1_000, Some(SignOnRefused)), (-MINUTE, Some(SignOnRefused)), (30_000, None)] {
        TURNED.store(ms, Ordering::SeqCst);
        let answer = enrol(&browser, &signed).await;
        assert_eq!((answer.status != 200).then(|| answer.problem().kind), kind, "after {ms} ms");
    }
}

#[tokio::test]
async fn whoever_tries_sign_ons_waits_after_twenty_like_whoever_tries_codes() {
    let town = Town::new().await;
    let browser = town.server.stranger();
    let wrong = SignedOn { code: "x".into(), state: "AAAA".into() };
    for _ in 0..20 {
        assert_eq!(enrol(&browser, &wrong).await.problem().kind, SignOnRefused);
    }
    assert_eq!(begins(&browser).await.problem().kind, TooManyRequests);
    let (code, begun) = (town.server.code(town.li.id).await, enrol(&browser, &wrong).await.problem().kind);
    assert_eq!((browser.enrol(&code).await.problem().kind, begun), (TooManyRequests, TooManyRequests));
}

#[tokio::test]
async fn whom_the_office_does_not_know_keeps_no_colleague_waiting() {
    let town = Town::new().await;
    town.provider.login("nobody");
    for _ in 0..21 {
        town.is_refused(SignOnUnknown, "he has guessed nothing").await;
    }
    town.provider.login("li");
    let (browser, signed) = town.comes().await;
    assert_eq!(enrol(&browser, &signed).await.status, 200);
}
