//! The camera of a form: takes photos, lets faces and plates be covered and writes the watermark, if the person wants it so,
//! and only then keeps them. Knows the form only by its signals.

use futures_channel::oneshot;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::{File, HtmlCanvasElement, HtmlInputElement};
use xiaohao_shared::id::{PersonId, PhotoId};
use xiaohao_shared::model::policy::MAX_PHOTOS;
use xiaohao_shared::model::{Person, Photo, Stage};
use xiaohao_shared::time::Timestamp;

use super::Ui;
use super::blur::{Editor, editor};
use super::fields::tick;
use super::icon::{Icon, icon};
use super::lean::{all, each, item, maybe, tap};
use super::photos::{Shots, image};
use crate::client::{PhotoError, TakenPhoto};
use crate::format;
use crate::photo::{self, stamp::stamp};
use crate::texts::fill;

/// What a form has of photos.
#[derive(Clone, Copy, Default)]
pub struct Camera {
    pub shots: RwSignal<Shots>,
    /// How many are being shrunk: a form that goes away before they are done would lose them.
    pub busy: RwSignal<u32>,
    /// Where the form is about, in lines, for the watermark.
    pub place: RwSignal<String>,
}

/// Under these names the phone keeps how its person wants photos.
const COVER: &str = "photo-cover";
const WATERMARK: &str = "photo-watermark";

/// What lies under the finger, and who waits for the end of it.
struct Table {
    editor: Editor,
    canvas: HtmlCanvasElement,
    end: oneshot::Sender<bool>,
}

type Desk = RwSignal<Option<Table>, LocalStorage>;

/// The camera, and the gallery for what was photographed before. Every photo is on the phone's storage before it shows here.
pub fn take_photos(ui: Ui, label: &'static str, stage: Stage, camera: Camera, testid: &'static str) -> AnyView {
    let desk: Desk = RwSignal::new_local(None);
    let source = move |class: &'static str, sign: Icon, words: &'static str, fresh: bool, testid: &'static str| {
        let change: super::lean::Change = Box::new(move |event: leptos::ev::Event| {
            let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
            input.iter().for_each(|input| take(ui, chosen(input), Roll { stage, fresh, camera, desk }));
        });
        view! {
            <label class=class>
                {icon(sign)} <span>{words}</span>
                <input
                    type="file"
                    accept="image/*"
                    multiple
                    capture=fresh.then_some("environment")
                    data-testid=testid
                    on:change=change
                />
            </label>
        }
        .into_any()
    };
    let working = maybe(move || {
        (camera.busy.get() > 0).then(|| view! { <p class="dim" role="status">{ui.t.shrinking}</p> }.into_any())
    });
    let done = Callback::new(move |keep| {
        if let Some(table) = desk.try_update(Option::take).flatten() {
            let _ = table.end.send(keep);
        }
    });
    let covering =
        maybe(move || desk.with(|table| table.as_ref().map(|table| (table.editor)(ui, table.canvas.clone(), done))));
    view! {
        <div class="take-photos">
            {shot_strip(ui, camera.shots, stage)} {working}
            <div class="buttons">
                {source("button camera", Icon::Camera, label, true, testid)}
                {source("button plain", Icon::Gallery, ui.t.gallery, false, "")}
            </div>
            {kept_tick(ui, ui.t.cover_first, COVER, "cover-first")}
            {covering}
        </div>
    }
    .into_any()
}

fn chosen(input: &HtmlInputElement) -> Vec<File> {
    let files = input.files();
    let files = files.iter().flat_map(|files| (0..files.length()).filter_map(|at| files.get(at))).collect();
    // Otherwise the same file could not be chosen again.
    input.set_value("");
    files
}

/// How this person wants all photos of this phone.
pub fn photo_habits(ui: Ui) -> AnyView {
    all([
        kept_tick(ui, ui.t.cover_first, COVER, "cover-always"),
        kept_tick(ui, ui.t.watermark, WATERMARK, "watermark"),
        view! { <p class="dim">{ui.t.watermark_hint}</p> }.into_any(),
    ])
}

/// A habit: it stays until it is changed.
fn kept_tick(ui: Ui, label: &'static str, name: &'static str, testid: &'static str) -> AnyView {
    let on = RwSignal::new(false);
    spawn_local(async move {
        let kept = wants(ui, name).await;
        on.try_set(kept);
    });
    let set = move |wanted: bool| {
        on.set(wanted);
        spawn_local(async move {
            ui.client.keep(name, &wanted).await;
        });
    };
    tick(label, move || on.get(), set, testid)
}

async fn wants(ui: Ui, name: &str) -> bool {
    ui.client.kept::<bool>(name).await.unwrap_or_default()
}

/// Photos that are taken together.
#[derive(Clone, Copy)]
struct Roll {
    stage: Stage,
    /// From the camera: it shows what is here and now.
    fresh: bool,
    camera: Camera,
    desk: Desk,
}

/// One after the other: a photo unpacked is fifty megabytes, and a cheap phone has few of them.
fn take(ui: Ui, files: Vec<File>, roll: Roll) {
    let Some(me) = ui.me() else { return };
    let here = roll.camera.shots.with_untracked(Vec::len) + roll.camera.busy.get_untracked() as usize;
    let room = MAX_PHOTOS.saturating_sub(here);
    if files.len() > room {
        ui.warn(fill(ui.t.photos_most, &[&MAX_PHOTOS]));
    }
    let taken = files.len().min(room);
    roll.camera.busy.update(|busy| *busy += taken as u32);
    spawn_local(async move {
        for file in files.into_iter().take(taken) {
            match take_one(ui, &me, &file, roll).await {
                Ok(taken) => keep(roll.camera.shots, taken, roll.stage, me.id, ui.client.now()),
                Err(why) => ui.warn(fill(ui.t.of_file, &[&file.name(), &why])),
            }
            roll.camera.busy.try_update(|busy| *busy = busy.saturating_sub(1));
        }
    });
}

/// Nothing of the picture is kept anywhere before the end of this.
async fn take_one(ui: Ui, me: &Person, file: &File, roll: Roll) -> Result<TakenPhoto, &'static str> {
    let taken_at = ui.client.now();
    let no_picture = |_| ui.t.photo_error(&PhotoError::NotAPicture);
    let canvas = photo::open(file).await.map_err(no_picture)?;
    if wants(ui, COVER).await {
        cover(ui, roll.desk, &canvas).await?;
    }
    if wants(ui, WATERMARK).await {
        let place = roll.camera.place.try_get_untracked().unwrap_or_default();
        stamp(&canvas, &said(ui, me, taken_at, roll.fresh, &place)).map_err(no_picture)?;
    }
    ui.client.keep_photo(&canvas).await.map_err(|error| ui.t.photo_error(&error))
}

/// Whoever wanted it covered gets no photo without it: not where the tool is missing, and not where the form goes away.
async fn cover(ui: Ui, desk: Desk, canvas: &HtmlCanvasElement) -> Result<(), &'static str> {
    let editor = editor().await.map_err(|_| ui.t.cover_missing)?;
    let (end, ended) = oneshot::channel();
    desk.try_set(Some(Table { editor, canvas: canvas.clone(), end }));
    if ended.await.unwrap_or(false) { Ok(()) } else { Err(ui.t.cover_dropped) }
}

/// The lines of the watermark. What came from the gallery may be older than its stamp, which says so.
fn said(ui: Ui, me: &Person, at: Timestamp, fresh: bool, place: &str) -> Vec<String> {
    let when = format::to_input(at).replace('T', " ");
    let when = if fresh { when } else { format!("{} {when}", ui.t.from_gallery) };
    let place = place.lines().filter(|line| !line.is_empty()).map(str::to_owned);
    std::iter::once(when).chain(place).chain([me.name.clone()]).collect()
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
