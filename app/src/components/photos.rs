//! Photos: thumbnails that load by themselves, the pair of before and after, the enlarged view, and the camera button.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use xiaohao_shared::id::{PersonId, PhotoId};
use xiaohao_shared::model::{Photo, Stage};
use xiaohao_shared::time::Timestamp;

use super::Ui;
use super::dialog::dialog;
use super::fields::button;
use super::icon::{Icon, icon};
use super::lean::{each, given, item, maybe, shown, tap};
use crate::client::TakenPhoto;
use crate::format;

/// Photos in the order in which they were taken.
pub type Shots = Vec<(PhotoId, Photo)>;

/// What a form has of photos.
#[derive(Clone, Copy, Default)]
pub struct Camera {
    pub shots: RwSignal<Shots>,
    /// How many are being shrunk: a form that goes away before they are done would lose them.
    pub busy: RwSignal<u32>,
}

/// What stands in the place of an address that is not known yet, or not to be had.
const LOADING: &str = "";
const MISSING: &str = "-";
/// Cards that fly by while somebody scrolls need no pictures, in milliseconds.
const PATIENCE: i64 = 80;
/// A photo travels after the record that names it: what is missing now is asked for again, at growing intervals.
const FIRST_AGAIN: i64 = 4_000;
const LONGEST_AGAIN: i64 = 60_000;

fn image(ui: Ui, id: PhotoId, alt: &'static str) -> AnyView {
    let address = RwSignal::new(LOADING.to_string());
    spawn_local(async move {
        let (mut wait, mut again) = (PATIENCE, FIRST_AGAIN);
        loop {
            crate::browser::sleep(wait).await;
            if address.is_disposed() {
                return;
            }
            if let Some(found) = ui.client.photo_url(id).await {
                return drop(address.try_set(found));
            }
            address.try_set(MISSING.into());
            wait = again;
            again = (again * 2).min(LONGEST_AGAIN);
        }
    });
    shown(move || match address.get().as_str() {
        LOADING => view! { <span class="photo-wait"></span> }.into_any(),
        MISSING => view! { <span class="photo-missing">{ui.t.photo_missing}</span> }.into_any(),
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

/// The camera, and the gallery for what was photographed before. Every photo is on the phone's storage before it shows here.
pub fn take_photos(ui: Ui, label: &'static str, stage: Stage, camera: Camera, testid: &'static str) -> AnyView {
    let Camera { shots, busy } = camera;
    let chosen = move |input: &HtmlInputElement| {
        let files = input.files();
        let files = files.iter().flat_map(|files| (0..files.length()).filter_map(|at| files.get(at)));
        take(ui, files.collect(), stage, camera);
        // Otherwise the same file could not be chosen again.
        input.set_value("");
    };
    let source = move |class: &'static str, sign: Icon, words: &'static str, camera: bool, testid: &'static str| {
        let change: super::lean::Change = Box::new(move |event: leptos::ev::Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            input.iter().for_each(chosen);
        });
        view! {
            <label class=class>
                {icon(sign)} <span>{words}</span>
                <input
                    type="file"
                    accept="image/*"
                    multiple
                    capture=camera.then_some("environment")
                    data-testid=testid
                    on:change=change
                />
            </label>
        }
        .into_any()
    };
    let working =
        maybe(move || (busy.get() > 0).then(|| view! { <p class="dim" role="status">{ui.t.shrinking}</p> }.into_any()));
    view! {
        <div class="take-photos">
            {shot_strip(ui, shots, stage)} {working}
            <div class="buttons">
                {source("button camera", Icon::Camera, label, true, testid)}
                {source("button plain", Icon::Gallery, ui.t.gallery, false, "")}
            </div>
        </div>
    }
    .into_any()
}

/// One after the other: a photo unpacked is fifty megabytes, and a cheap phone has few of them.
fn take(ui: Ui, files: Vec<web_sys::File>, stage: Stage, camera: Camera) {
    let Some(me) = ui.me() else { return };
    camera.busy.update(|busy| *busy += files.len() as u32);
    spawn_local(async move {
        for file in files {
            match ui.client.take_photo(file).await {
                Ok(taken) => keep(camera.shots, taken, stage, me.id, ui.client.now()),
                Err(error) => ui.warn(ui.t.photo_error(&error)),
            }
            camera.busy.try_update(|busy| *busy = busy.saturating_sub(1));
        }
    });
}

fn keep(shots: RwSignal<Shots>, taken: TakenPhoto, stage: Stage, by: PersonId, taken_at: Timestamp) {
    let TakenPhoto { id, w, h, size, mime, thumb } = taken;
    let photo = Photo { stage, by, taken_at, w, h, size, mime, thumb: Some(thumb) };
    shots.try_update(|shots| {
        shots.retain(|(other, _)| *other != id);
        shots.push((id, photo));
    });
}

/// What was taken so far, each with a way to take it back.
fn shot_strip(ui: Ui, shots: RwSignal<Shots>, stage: Stage) -> AnyView {
    let one = move |id: PhotoId, thumb: PhotoId| {
        let remove = tap(move || shots.update(|shots| shots.retain(|(other, _)| *other != id)));
        view! {
            <div class="shot" data-testid="shot">
                {image(ui, thumb, ui.t.stage(stage))}
                <button type="button" aria-label=ui.t.remove_photo on:click=remove>
                    {icon(Icon::Cross)}
                </button>
            </div>
        }
        .into_any()
    };
    let items = move || {
        let of_stage = shots.get().into_iter().filter(|(_, photo)| photo.stage == stage);
        of_stage.map(|(id, photo)| item(id, move || one(id, photo.thumb.unwrap_or(id)))).collect()
    };
    let strip = each(items);
    view! { <div class="strip">{strip}</div> }.into_any()
}
