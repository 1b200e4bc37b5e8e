//! The form of a note on a contact with residents (宣传劝导): when, how, with what result; never with whom.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::doc::Edit;
use xiaohao_shared::id::IssueId;
use xiaohao_shared::model::{Contact, Manner, Outcome, Person, Remark};
use xiaohao_shared::time::Timestamp;

use crate::client::IssueView;
use crate::client::begun::Begun;
use crate::components::Ui;
use crate::components::fields::{Choices, choose, submit, when, words_field};
use crate::components::lean::{all, flag, follow, submitted, tap};
use crate::format;
use crate::pages::{apply, sign};

/// The name of this form among those of an issue.
const CONTACT: &str = "contact";

/// What is filled in; it outlives a change of the issue under the open page.
#[derive(Clone, Copy)]
pub(super) struct Talk {
    open: RwSignal<bool>,
    at: RwSignal<String>,
    manner: RwSignal<String>,
    result: RwSignal<String>,
    text: RwSignal<String>,
}

impl Talk {
    /// With the words that were begun and not saved.
    pub fn of(ui: Ui, issue: IssueId) -> Self {
        let empty = || RwSignal::new(String::new());
        let text = RwSignal::new(ui.client.begun(issue, CONTACT).words);
        let open = RwSignal::new(text.with_untracked(|text| !text.is_empty()));
        follow(move || ui.client.keep_begun(issue, CONTACT, Begun { words: text.get(), ..Begun::default() }));
        Self { open, at: RwSignal::new(format::to_input(ui.client.now())), manner: empty(), result: empty(), text }
    }

    /// `None` while something is missing.
    fn contact(&self) -> Option<Contact> {
        Some(Contact {
            at: format::from_input(&self.at.get())?,
            manner: Manner::from_code(&self.manner.get())?,
            result: Outcome::from_code(&self.result.get())?,
        })
    }

    /// A form begins with the present moment and nothing chosen, so that no result is saved that nobody meant.
    fn begin(&self, now: Timestamp) {
        self.at.try_set(format::to_input(now));
        for field in [self.manner, self.result, self.text] {
            field.try_set(String::new());
        }
    }
}

pub(super) fn add_contact(ui: Ui, view: IssueView, talk: Talk) -> AnyView {
    let t = ui.t;
    let busy = RwSignal::new(false);
    let send = submitted(move || {
        let (Some(me), Some(contact)) = (ui.me(), untrack(|| talk.contact())) else { return };
        busy.set(true);
        let view = view.clone();
        spawn_local(async move {
            match save(ui, &me, &view, talk, contact).await {
                Ok(()) => {
                    ui.client.keep_begun(view.issue.id, CONTACT, Begun::default());
                    talk.begin(ui.client.now());
                    talk.open.try_set(false);
                    ui.say(t.saved);
                }
                Err(why) => ui.warn(why),
            }
            busy.try_set(false);
        });
    });
    let choices = |all: Vec<(&str, &str)>| -> Choices {
        let all = all.into_iter().map(|(code, name)| (code.to_string(), name.to_string()));
        std::iter::once((String::new(), t.choose.to_string())).chain(all).collect()
    };
    let manners = choices(Manner::ALL.map(|it| (it.code(), t.manner(it))).into());
    let results = choices(Outcome::ALL.map(|it| (it.code(), t.outcome(it))).into());
    let fields = [
        when(t.contact_when, talk.at.into(), None, ""),
        choose(t.contact_manner, talk.manner.into(), manners, "contact-manner"),
        choose(t.contact_result, talk.result.into(), results, "contact-result"),
        words_field(t.contact_text, talk.text.into(), None, "", "contact-text"),
    ];
    let lacking = flag(move || talk.contact().is_none());
    let open = talk.open.get_untracked();
    // The browser opens and closes it; this only remembers which, for when the page is drawn anew.
    let toggle = tap(move || talk.open.update(|open| *open = !*open));
    view! {
        <details class="panel more" open=open>
            <summary data-testid="contact" on:click=toggle>
                {t.contact}
            </summary>
            <form class="action-form" on:submit=send>
                <p class="hint">{t.contact_privacy}</p>
                {all(fields)} {submit(ui, "plain wide", "send-contact", t.add_contact.into(), busy.into(), lacking)}
            </form>
        </details>
    }
    .into_any()
}

async fn save(ui: Ui, me: &Person, view: &IssueView, talk: Talk, contact: Contact) -> Result<(), String> {
    let sign = sign(ui, me);
    let text = talk.text.get_untracked().trim().to_string();
    let edit = Edit::remark(sign.record, Remark::of_contact(sign.by, sign.at, text, contact));
    apply(ui, me, view, edit).await
}
