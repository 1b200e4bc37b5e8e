//! What a test does at the desk: sits down at it, posts, and reads a list to its end. Decides nothing.

use std::collections::BTreeSet;

use xiaohao_server::store::{begin, drifts};
use xiaohao_shared::api::IssuePage;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::Role;
use xiaohao_shared::model::filter::Filter;

use crate::{TestDevice, TestServer};

pub async fn supervisor(server: &TestServer) -> TestDevice {
    let person = server.person("指挥", Role::Supervisor, &[]).await;
    server.enrol(&person).await
}

/// After a test wrote rows of issues past the projection: the months that are frozen are compared with them anew.
pub async fn compared(server: &TestServer) {
    let mut tx = begin(&server.service.store).await.expect("a transaction");
    drifts::refill(&mut tx).await.expect("compared");
    tx.commit().await.expect("kept");
}

pub async fn posted<T: serde::de::DeserializeOwned>(
    device: &TestDevice,
    path: &str,
    wish: &impl serde::Serialize,
) -> T {
    device.post_json(path, wish).await.json()
}

/// All pages of a list.
pub async fn list(device: &TestDevice, filter: &Filter) -> Vec<IssueId> {
    let (mut ids, mut after) = (Vec::new(), String::new());
    loop {
        let page: IssuePage = device.get(&format!("/api/issues?{}&after={after}", filter.query())).await.json();
        ids.extend(page.rows.iter().map(|row| row.id));
        match page.next {
            Some(next) => after = next,
            None => return ids,
        }
    }
}

/// How many issues a list has, by its pages as by its own word.
pub async fn behind(device: &TestDevice, path: &str) -> u64 {
    let (mut ids, mut after) = (BTreeSet::new(), String::new());
    loop {
        let page: IssuePage = device.get(&format!("{path}&after={after}")).await.json();
        assert!(page.rows.iter().all(|row| ids.insert(row.id)), "a row twice: {path}");
        match page.next {
            Some(next) => after = next,
            None => {
                assert_eq!(page.total, Some(ids.len() as u64), "{path}");
                return ids.len() as u64;
            }
        }
    }
}
