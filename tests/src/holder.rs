//! Somebody who has a passkey, at an office that passkeys can be bound to, and what that office keeps of it. Knows no forgery.

use sqlx::AssertSqlSafe;
use xiaohao_server::service::trail;
use xiaohao_shared::model::{Person, Role};

use crate::passkey::Authenticator;
use crate::{Answer, TestDevice, TestServer, Usual};

pub async fn named() -> TestServer {
    TestServer::start_at(Usual { host: "localhost", ..Usual::default() }).await
}

pub struct Somebody {
    pub person: Person,
    pub device: TestDevice,
    pub authenticator: Authenticator,
}

pub async fn holder(server: &TestServer, name: &str, role: Role) -> Somebody {
    let person = server.person(name, role, &[1]).await;
    let device = server.enrol(&person).await;
    let mut authenticator = Authenticator::default();
    device.add_passkey(&mut authenticator).await;
    Somebody { person, device, authenticator }
}

/// Something that asks for a passkey.
pub async fn invites(device: &TestDevice, person: &Person) -> Answer {
    device.post(&format!("/api/admin/people/{}/invite", person.id), "").await
}

pub async fn sql(server: &TestServer, sql: String) {
    sqlx::query(AssertSqlSafe(sql)).execute(&server.service.store).await.expect("SQL");
}

pub async fn count(server: &TestServer, what: &str) -> i64 {
    let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {what}"));
    sqlx::query_scalar(sql).fetch_one(&server.service.store).await.expect("SQL")
}

/// As if all of this had happened so long ago.
pub async fn pass(server: &TestServer, ms: i64) {
    sql(server, format!("UPDATE devices SET enrolled_at = enrolled_at - {ms}")).await;
    sql(server, format!("UPDATE confirmed SET until_time = until_time - {ms}")).await;
}

/// The chain holds, and neither it nor anything else in the folder holds a word of a proof.
pub async fn nothing_is_kept(server: TestServer, secrets: &[String]) {
    let chain = trail::verify(&server.service, &[]).await.expect("the chain");
    assert!(chain.findings.is_empty(), "{chain}");
    let folder = server.leave().await;
    for name in ["office.db", "office.db-wal"] {
        let bytes = std::fs::read(folder.path().join(name)).unwrap_or_default();
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            assert!(!found, "{secret} stands in {name}");
        }
    }
}
