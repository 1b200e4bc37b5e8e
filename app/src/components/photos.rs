//! Photos: thumbnails that load by themselves, the pair of before and after, and the enlarged view.

use leptos::prelude::*;
use leptos::task::spawn_local;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::{Photo, Stage};

use super::Ui;
use super::dialog::dialog;
use super::fields::button;
use super::icon::{Icon, icon};
use super::lean::{given, maybe, shown, tap};
use crate::client::Absent;
use crate::format;

/// Photos in the order in which they were taken.
pub type Shots = Vec<(PhotoId, Photo)>;

/// What stands in the place of an address that is not known yet, or not to be had.
const LOADING: &str = "";
const MISSING: &str = "-";
const REMOVED: &str = "x";
/// Cards that fly by while somebody scrolls need no pictures, in milliseconds.
const PATIENCE: i64 = 80;
/// A photo travels after the record that names it: what is missing now is asked for again, at growing intervals.
const FIRST_AGAIN: i64 = 4_000;
const LONGEST_AGAIN: i64 = 60_000;

pub fn image(ui: Ui, id: PhotoId, alt: &'static str) -> AnyView {
    let address = RwSignal::new(LOADING.to_string());
    spawn_local(async move {
        let (mut wait, mut again) = (PATIENCE, FIRST_AGAIN);
        loop {
            crate::browser::sleep(wait).await;
            if address.is_disposed() {
                return;
            }
            match ui.client.photo_url(id).await {
                Ok(found) => return drop(address.try_set(found)),
                Err(Absent::Removed) => return drop(address.try_set(REMOVED.into())),
                Err(Absent::NotYet) => address.try_set(MISSING.into()),
            };
            wait = again;
            again = (again * 2).min(LONGEST_AGAIN);
        }
    });
    shown(move || match address.get().as_str() {
        LOADING => view! { <span class="photo-wait"></span> }.into_any(),
        MISSING => view! { <span class="photo-missing">{ui.t.photo_missing}</span> }.into_any(),
        REMOVED => {
            view! { <span class="photo-missing" data-testid="photo-removed">{ui.t.photo_removed}</span> }.into_any()
        }
        address => view! { <img src=address.to_string() alt=alt decoding="async" /> }.into_any(),
    })
}

/// The small picture of a card, with the number of photos behind it.
pub fn picture(ui: Ui, id: Option<PhotoId>, count: u32) -> AnyView {
    let face = match id {
        Some(id) => image(ui, id, ""),
        None => view! { <span class="photo-none">{icon(Icon::Camera)}</span> }.into_any(),
    };
    let count = (count > 1).then(|| view! { <span class="count">{count.to_string()}</span> }.into_any());
    view! { <div class="picture" aria-hidden="true">{face} {given(count)}</div> }.into_any()
}

/// Before on the left, after on the right: the proof that a problem is gone.
pub fn before_after(ui: Ui, shots: Shots) -> AnyView {
    let t = ui.t;
    // The place of the enlarged photo, as text; empty while none is.
    let open = RwSignal::new(String::new());
    let of = |stage: Stage| -> Vec<AnyView> {
        let chosen = shots.iter().enumerate().filter(|(_, (_, photo))| photo.stage == stage);
        chosen.map(|(at, (id, photo))| thumbnail(ui, at, *id, photo, open)).collect()
    };
    let column = |stage: Stage, empty: &'static str| {
        let photos = of(stage);
        let empty = photos.is_empty().then(|| view! { <p class="no-photo">{empty}</p> }.into_any());
        view! { <section>{heading(ui, stage, photos.len())} {given(empty)} {photos.into_any()}</section> }.into_any()
    };
    let during = of(Stage::During);
    let strip = (!during.is_empty()).then(|| {
        let heading = heading(ui, Stage::During, during.len());
        view! { {heading} <div class="strip">{during.into_any()}</div> }.into_any()
    });
    let pair = view! {
        <div class="before-after">{column(Stage::Before, t.no_photo)} {column(Stage::After, t.no_photo_yet)}</div>
        {given(strip)}
    };
    let enlarged = maybe(move || enlarged(ui, &shots, open));
    view! { {pair.into_any()} {enlarged} }.into_any()
}

/// In a row as they were taken, before and after alike: of what is no part of an issue yet.
pub fn strip(ui: Ui, shots: Shots) -> AnyView {
    let open = RwSignal::new(String::new());
    let thumbnail = |(at, (id, photo)): (usize, &(PhotoId, Photo))| {
        let small = thumbnail(ui, at, *id, photo, open);
        view! { <figure>{small} <figcaption class="dim">{ui.t.stage(photo.stage)}</figcaption></figure> }.into_any()
    };
    let row: Vec<AnyView> = shots.iter().enumerate().map(thumbnail).collect();
    let enlarged = maybe(move || enlarged(ui, &shots, open));
    view! { <div class="strip" data-testid="photo-strip">{row}</div> {enlarged} }.into_any()
}

fn heading(ui: Ui, stage: Stage, count: usize) -> AnyView {
    view! { <h2>{ui.t.stage(stage)} " " <small>{count.to_string()}</small></h2> }.into_any()
}

fn thumbnail(ui: Ui, at: usize, id: PhotoId, photo: &Photo, open: RwSignal<String>) -> AnyView {
    let label = format!("{} · {}", ui.t.stage(photo.stage), ui.t.enlarge);
    let image = image(ui, photo.thumb.unwrap_or(id), "");
    view! {
        <button type="button" class="thumb" aria-label=label on:click=tap(move || open.set(at.to_string()))>
            {image}
        </button>
    }
    .into_any()
}

fn enlarged(ui: Ui, shots: &Shots, open: RwSignal<String>) -> Option<AnyView> {
    let at: usize = open.get().parse().ok()?;
    let (id, photo) = shots.get(at)?;
    let (t, count) = (ui.t, shots.len());
    let caption = format!("{} · {} · {}", ui.person(photo.by), ui.when(photo.taken_at), format::bytes(photo.size));
    let step = move |by: usize| open.set(((at + by) % count).to_string());
    let turn = (count > 1).then(|| {
        let (back, on) = (move || step(count - 1), move || step(1));
        view! { <div class="buttons">{button("plain", "", t.previous, back)} {button("plain", "", t.next, on)}</div> }
            .into_any()
    });
    let content = view! {
        <div class="enlarged">{image(ui, *id, t.stage(photo.stage))} <p class="dim">{caption}</p></div>
        {given(turn)}
    };
    Some(dialog(ui, t.stage(photo.stage), Callback::new(move |()| open.set(String::new())), content.into_any()))
}
