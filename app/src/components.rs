//! The pieces that pages are made of. They get props and callbacks and know neither routes nor what is stored where;
//! only the words, the time and the names of people and zones come by context.

pub mod action_form;
pub mod amend_form;
pub mod card;
pub mod conflict;
pub mod dialog;
pub mod fields;
pub mod filter_bar;
pub mod icon;
pub mod intent;
pub mod list;
pub mod marks;
pub mod people;
pub mod photos;
pub mod timeline;
pub mod toast;
pub mod wish;

use std::sync::Arc;

use leptos::prelude::*;
use xiaohao_shared::api::Office;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::{Person, Role};
use xiaohao_shared::time::Timestamp;

use crate::texts::{Lang, Texts};
use toast::Toast;

/// What every piece of the page may use. Made anew when the language changes, so that the words need no signals.
#[derive(Clone, Copy)]
pub struct Ui {
    pub t: &'static Texts,
    pub lang: RwSignal<Lang>,
    /// Moves on twice a minute; deadlines are shown by it.
    pub now: RwSignal<Timestamp>,
    pub toasts: RwSignal<Vec<Toast>>,
    pub office: RwSignal<Option<Arc<Office>>>,
}

pub fn use_ui() -> Ui {
    expect_context()
}

impl Ui {
    pub fn me(&self) -> Option<Person> {
        self.office.with(|office| office.as_ref().map(|office| office.me.clone()))
    }

    pub fn role(&self) -> Option<Role> {
        self.office.with(|office| office.as_ref().map(|office| office.me.role))
    }

    /// Who uses this device, for handlers and for pages, which exist only once the directory is here.
    pub fn me_now(&self) -> Option<Person> {
        untrack(|| self.me())
    }

    /// A person whom this phone does not know is shown by number, never left out.
    pub fn person(&self, id: PersonId) -> String {
        let known = self.office.with_untracked(|office| {
            let office = office.as_ref()?;
            office.people.iter().find(|person| person.id == id).map(|person| person.name.clone())
        });
        match id {
            PersonId(0) => self.t.the_office.into(),
            id => known.unwrap_or_else(|| format!("#{id}")),
        }
    }

    pub fn zone(&self, id: ZoneId) -> String {
        let known = self.office.with_untracked(|office| {
            let office = office.as_ref()?;
            office.zones.iter().find(|zone| zone.id == id).map(|zone| zone.name.clone())
        });
        known.unwrap_or_else(|| format!("#{id}"))
    }
}
