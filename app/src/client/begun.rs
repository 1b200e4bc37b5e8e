//! What somebody began to fill in on the page of an issue and has not saved: it outlives the form, its sheet and the page, for as long
//! as the app is open. Knows nothing of the forms but their names.

use leptos::prelude::*;
use xiaohao_shared::doc::value::Value;
use xiaohao_shared::id::{IssueId, PhotoId};
use xiaohao_shared::model::Photo;

use super::Client;

#[derive(Debug, Clone, Default, PartialEq)]
pub struct Begun {
    pub words: String,
    /// On the phone's storage already, but in no record.
    pub shots: Vec<(PhotoId, Photo)>,
    /// What a correction changes so far.
    pub amended: Vec<Value>,
}

impl Client {
    /// `form` tells the forms of one issue apart.
    pub fn begun(self, issue: IssueId, form: &str) -> Begun {
        self.begun.with_untracked(|begun| begun.get(&(issue, form.to_string())).cloned()).unwrap_or_default()
    }

    /// Nothing at all once it is saved.
    pub fn keep_begun(self, issue: IssueId, form: &str, begun: Begun) {
        let key = (issue, form.to_string());
        self.begun.update_untracked(|all| match begun == Begun::default() {
            true => drop(all.remove(&key)),
            false => drop(all.insert(key, begun)),
        });
    }
}
