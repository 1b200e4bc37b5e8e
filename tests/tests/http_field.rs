//! What people in the street write beside the steps, from outside: contacts with residents, recurrences, merged duplicates, appeals.

use xiaohao_server::service::audit;
use xiaohao_shared::api::Indicators;
use xiaohao_shared::model::settlement::Month;
use xiaohao_shared::model::{Manner, Outcome, Role};
use xiaohao_tests::TestServer;
use xiaohao_tests::edits::{contact, new_issue, remark, report};
use xiaohao_tests::phone::Phone;

async fn phone(server: &TestServer, name: &str, role: Role, zones: &[u32]) -> Phone {
    let person = server.person(name, role, zones).await;
    Phone::new(server.enrol(&person).await, &person)
}

async fn assert_sound(server: &TestServer) {
    let report = audit::verify(&server.service).await.expect("verify");
    assert_eq!(report.findings, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contact_with_residents_written_offline_stands_in_its_own_table_and_is_counted() {
    let server = TestServer::start().await;
    let mut cadre = phone(&server, "甲", Role::Cadre, &[1]).await;
    let desk = phone(&server, "指挥", Role::Supervisor, &[]).await;
    let issue = new_issue();
    cadre.save(issue, report(cadre.person.id, 1, "门口堆放")).expect("saved");
    cadre.save(issue, remark(cadre.person.id, "已拍照")).expect("saved");
    let talk = contact(cadre.person.id, Manner::Door, Outcome::Agreed, "周五前清理");
    cadre.save(issue, talk).expect("saved");
    assert_eq!(cadre.sync().await, None);
    let rows: Vec<(String, String, String)> = sqlx::query_as("SELECT manner, result, text FROM contacts")
        .fetch_all(&server.service.store)
        .await
        .expect("SQL answers");
    assert_eq!(rows, [("door".into(), "agreed".into(), "周五前清理".into())]);
    let remarks: Vec<String> =
        sqlx::query_scalar("SELECT text FROM remarks").fetch_all(&server.service.store).await.expect("SQL answers");
    assert_eq!(remarks, ["已拍照"]);
    let found: Indicators =
        desk.device.get(&format!("/api/indicators?month={}", Month::of(server.service.now()))).await.json();
    assert_eq!(found.whole.contacts, 1);
    let csv = String::from_utf8(desk.device.get("/api/export?format=csv&lang=en").await.body).expect("UTF-8");
    let cells: Vec<Vec<&str>> = csv.lines().map(|line| line.split(',').collect()).collect();
    let at = cells[0].iter().position(|name| *name == "Contacts").expect("the column");
    assert_eq!(cells[1][at], "1");
    assert_sound(&server).await;
}
