//! The pieces that pages are made of: plain functions from data and callbacks to a view (see [`lean`] for why).
//! They know neither routes nor what is stored where.

pub mod action_form;
pub mod amend_form;
pub mod blur;
pub mod camera;
pub mod card;
pub mod confirm;
pub mod conflict;
pub mod dialog;
pub mod fields;
pub mod filter_bar;
pub mod icon;
pub mod intent;
pub mod lean;
pub mod link;
pub mod list;
pub mod marks;
pub mod people;
pub mod photos;
pub mod table;
pub mod tabs;
pub mod timeline;
pub mod toast;
pub mod wish;

use std::rc::Rc;

use leptos::prelude::*;
use leptos_router::NavigateOptions;
use xiaohao_shared::id::{PersonId, ZoneId};
use xiaohao_shared::model::Person;
use xiaohao_shared::model::catalogue::{Kind, PlaceType};
use xiaohao_shared::model::filter::Filter;
use xiaohao_shared::time::Timestamp;

use crate::client::Client;
use crate::texts::{Lang, Texts};
use toast::Toast;

/// How the router goes to an address; it exists only inside the router, and pages go on from tasks, too.
pub type Navigate = Rc<dyn Fn(&str, NavigateOptions)>;

/// What every piece of a page may use. Made anew when the language changes, so that the words need no signals.
#[derive(Clone, Copy)]
pub struct Ui {
    pub t: &'static Texts,
    pub client: Client,
    pub lang: RwSignal<Lang>,
    /// The path that is shown.
    pub address: Memo<String>,
    /// What follows the path, without its question mark.
    pub query: Memo<String>,
    pub navigate: StoredValue<Navigate, LocalStorage>,
    /// Moves on twice a minute; deadlines are shown by it.
    pub now: RwSignal<Timestamp>,
    pub toasts: RwSignal<Vec<Toast>>,
    /// How many sheets lie over the page: the uppermost shows the messages, because nothing else can be seen over it.
    pub sheets: RwSignal<u32>,
}

impl Ui {
    /// Who uses this device. Pages exist only once the directory is here, and are made anew when this person changes.
    pub fn me(&self) -> Option<Person> {
        self.client.office.with_untracked(|office| office.as_ref().map(|office| office.me.clone()))
    }

    /// A person whom this phone does not know is shown by number, never left out.
    pub fn person(&self, id: PersonId) -> String {
        let known = self.client.office.with_untracked(|office| {
            let office = office.as_ref()?;
            office.people.iter().find(|person| person.id == id).map(|person| person.name.clone())
        });
        match id {
            PersonId(0) => self.t.the_office.into(),
            id => known.unwrap_or_else(|| format!("#{id}")),
        }
    }

    pub fn zone(&self, id: ZoneId) -> String {
        let known = self.client.office.with_untracked(|office| {
            let office = office.as_ref()?;
            office.zones.iter().find(|zone| zone.id == id).map(|zone| zone.name.clone())
        });
        known.unwrap_or_else(|| format!("#{id}"))
    }

    /// Also one of the office's own.
    pub fn kind(&self, kind: Kind) -> String {
        let own = self.client.office.with_untracked(|office| Some(office.as_ref()?.rules.own_name(kind)?.to_owned()));
        own.unwrap_or_else(|| self.t.kind(kind))
    }

    /// A list that is searched knows the office's own kinds by name, see [`Filter::knowing`].
    pub fn knowing(&self, filter: Filter) -> Filter {
        self.client.office.with(|office| match office {
            Some(office) => filter.knowing(&office.rules),
            None => filter,
        })
    }

    /// When an issue counts as done: by the office's own words, else by the catalogue's.
    pub fn close_when(&self, kind: Kind, place_type: PlaceType) -> Option<String> {
        let own = self
            .client
            .office
            .with_untracked(|office| Some(office.as_ref()?.rules.closes_when(kind, place_type)?.to_owned()));
        own.or_else(|| self.t.close_when(kind).map(str::to_owned))
    }

    /// Names one after the other, as this language does it.
    pub fn join(&self, names: impl IntoIterator<Item = String>) -> String {
        names.into_iter().collect::<Vec<_>>().join(self.t.list_comma)
    }

    /// 包保 of a zone in one line, part by part; empty where nobody bears one.
    pub fn bearers(&self, zone: ZoneId) -> String {
        let Some(office) = self.client.office.get_untracked() else { return String::new() };
        let said = |(part, people): (&str, Vec<&Person>)| {
            let names = people.iter().map(|person| person.name.clone());
            crate::texts::fill(self.t.part_of, &[&part, &self.join(names)])
        };
        office.parts(zone).into_iter().map(said).collect::<Vec<_>>().join(" · ")
    }

    /// Where it is, in one line.
    pub fn place(&self, zone: ZoneId, parts: &[&str]) -> String {
        let mut place = self.zone(zone);
        for part in parts.iter().filter(|part| !part.is_empty()) {
            place.push_str(" · ");
            place.push_str(part);
        }
        place
    }

    /// When, in the words of today. Read once: what moves on by itself is only what is still to come.
    pub fn when(&self, at: Timestamp) -> String {
        crate::format::date_time(self.t, at, self.now.get_untracked())
    }
}

/// Rows of a definition list: a name and what it is.
pub fn facts(facts: impl IntoIterator<Item = (&'static str, String)>) -> AnyView {
    let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
    lean::all(facts.map(|(name, value)| view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any()))
}
