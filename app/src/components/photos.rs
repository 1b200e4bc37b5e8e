//! Photos: thumbnails that load by themselves, the pair of before and after, the enlarged view, and the camera button.

use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::HtmlInputElement;
use xiaohao_shared::id::PhotoId;
use xiaohao_shared::model::{Photo, Stage};

use super::dialog::Dialog;
use super::icon::{Icon, icon};
use super::use_ui;
use crate::client::use_client;
use crate::format;

/// Photos in the order in which they were taken.
pub type Shots = Vec<(PhotoId, Photo)>;

#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    Loading,
    Ready(String),
    Missing,
}

fn source(id: PhotoId) -> ReadSignal<Source> {
    let client = use_client();
    let (source, set_source) = signal(Source::Loading);
    spawn_local(async move {
        let found = client.photo_url(id).await.map_or(Source::Missing, Source::Ready);
        // The card may be scrolled away by the time the bytes are here.
        set_source.try_set(found);
    });
    source
}

#[component]
fn Image(id: PhotoId, #[prop(into)] alt: String) -> impl IntoView {
    let ui = use_ui();
    let source = source(id);
    move || match source.get() {
        Source::Loading => view! { <span class="photo-wait" role="img" aria-label=ui.t.loading></span> }.into_any(),
        Source::Ready(url) => view! { <img src=url alt=alt.clone() decoding="async" /> }.into_any(),
        Source::Missing => view! { <span class="photo-missing">{ui.t.photo_missing}</span> }.into_any(),
    }
}

/// The small picture of a card, with the number of photos behind it.
#[component]
pub fn Picture(id: Option<PhotoId>, count: u32) -> impl IntoView {
    view! {
        <div class="picture" aria-hidden="true">
            {match id {
                Some(id) => view! { <Image id alt="" /> }.into_any(),
                None => view! { <span class="photo-none">{icon(Icon::Camera)}</span> }.into_any(),
            }} {(count > 1).then(|| view! { <span class="count">{count}</span> })}
        </div>
    }
}

/// Before on the left, after on the right: the proof that a problem is gone.
#[component]
pub fn BeforeAfter(shots: Shots) -> impl IntoView {
    let t = use_ui().t;
    let open = RwSignal::new(None::<usize>);
    let all = StoredValue::new(shots.clone());
    let column = move |stages: &'static [Stage], empty: &'static str| {
        let chosen = shots.iter().enumerate().filter(|(_, (_, photo))| stages.contains(&photo.stage));
        let chosen: Vec<_> = chosen.map(|(at, shot)| (at, shot.clone())).collect();
        view! {
            <section>
                <h3>{t.stage(stages[0])} " " <small>{chosen.len()}</small></h3>
                {chosen.is_empty().then(|| view! { <p class="no-photo">{empty}</p> })}
                {chosen.into_iter().map(|(at, shot)| thumbnail(at, shot, open)).collect_view()}
            </section>
        }
    };
    let close = Callback::new(move |()| open.set(None));
    view! {
        <div class="before-after">
            {column(&[Stage::Before], t.no_photo)} {column(&[Stage::After], t.no_photo_yet)}
        </div>
        <DuringPhotos shots=all.get_value() open />
        {move || open.get().map(|at| view! { <Enlarged shots=all.get_value() at=at open on_close=close /> })}
    }
}

#[component]
fn DuringPhotos(shots: Shots, open: RwSignal<Option<usize>>) -> impl IntoView {
    let t = use_ui().t;
    let during = shots.into_iter().enumerate().filter(|(_, (_, photo))| photo.stage == Stage::During);
    let during: Vec<_> = during.collect();
    (!during.is_empty()).then(|| {
        view! {
            <h3>{t.stage(Stage::During)} " " <small>{during.len()}</small></h3>
            <div class="strip">{during.into_iter().map(|(at, shot)| thumbnail(at, shot, open)).collect_view()}</div>
        }
    })
}

fn thumbnail(at: usize, (id, photo): (PhotoId, Photo), open: RwSignal<Option<usize>>) -> impl IntoView {
    let t = use_ui().t;
    let label = format!("{} · {}", t.stage(photo.stage), t.enlarge);
    view! {
        <button type="button" class="thumb" aria-label=label on:click=move |_| open.set(Some(at))>
            <Image id=photo.thumb.unwrap_or(id) alt="" />
        </button>
    }
}

#[component]
fn Enlarged(shots: Shots, at: usize, open: RwSignal<Option<usize>>, on_close: Callback<()>) -> impl IntoView {
    let ui = use_ui();
    let count = shots.len();
    shots.get(at).cloned().map(move |(id, photo)| {
        let when = format::date_time(ui.t, photo.taken_at, ui.now.get_untracked());
        let caption = format!("{} · {when} · {}", ui.person(photo.by), format::bytes(photo.size));
        let step = move |by: usize| open.set(Some((at + by) % count));
        view! {
            <Dialog title=ui.t.stage(photo.stage) on_close>
                <figure class="enlarged">
                    <Image id alt=ui.t.stage(photo.stage) />
                    <figcaption>{caption}</figcaption>
                </figure>
                {(count > 1)
                    .then(|| {
                        view! {
                            <div class="buttons">
                                <button type="button" class="plain" on:click=move |_| step(count - 1)>
                                    {ui.t.previous}
                                </button>
                                <button type="button" class="plain" on:click=move |_| step(1)>
                                    {ui.t.next}
                                </button>
                            </div>
                        }
                    })}
            </Dialog>
        }
    })
}

/// The camera, and the gallery for what was photographed before. Every photo is on the phone's storage before it shows here.
#[component]
pub fn TakePhotos(
    #[prop(into)] label: String,
    stage: Stage,
    shots: RwSignal<Shots>,
    #[prop(optional, into)] testid: &'static str,
) -> impl IntoView {
    let ui = use_ui();
    let busy = RwSignal::new(0_u32);
    let taken = move |files: web_sys::FileList| {
        for at in 0..files.length() {
            if let Some(file) = files.get(at) {
                take(ui, file, stage, shots, busy);
            }
        }
    };
    let choose = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|target| target.dyn_into::<HtmlInputElement>().ok());
        let Some(input) = input else { return };
        input.files().into_iter().for_each(&taken);
        // Otherwise the same file could not be chosen again.
        input.set_value("");
    };
    view! {
        <div class="take-photos">
            <ShotStrip shots stage />
            {move || (busy.get() > 0).then(|| view! { <p class="dim" role="status">{ui.t.shrinking}</p> })}
            <div class="buttons">
                <label class="button camera">
                    {icon(Icon::Camera)} <span>{label}</span>
                    <input type="file" accept="image/*" capture="environment" multiple data-testid=testid on:change=choose />
                </label>
                <label class="button plain">
                    {icon(Icon::Gallery)} <span>{ui.t.gallery}</span>
                    <input type="file" accept="image/*" multiple on:change=choose />
                </label>
            </div>
        </div>
    }
}

fn take(ui: super::Ui, file: web_sys::File, stage: Stage, shots: RwSignal<Shots>, busy: RwSignal<u32>) {
    let client = use_client();
    let Some(me) = ui.me_now() else { return };
    busy.update(|busy| *busy += 1);
    spawn_local(async move {
        let result = client.take_photo(file).await;
        busy.try_update(|busy| *busy = busy.saturating_sub(1));
        match result {
            Ok(taken) => {
                let photo = Photo {
                    stage,
                    by: me.id,
                    taken_at: client.now(),
                    w: taken.w,
                    h: taken.h,
                    size: taken.size,
                    mime: taken.mime,
                    thumb: Some(taken.thumb),
                };
                shots.try_update(|shots| {
                    shots.retain(|(id, _)| *id != taken.id);
                    shots.push((taken.id, photo));
                });
            }
            Err(error) => ui.warn(ui.t.photo_error(&error)),
        }
    });
}

/// What was taken so far, each with a way to take it back.
#[component]
fn ShotStrip(shots: RwSignal<Shots>, stage: Stage) -> impl IntoView {
    let t = use_ui().t;
    let of_stage = move || {
        let mut chosen = shots.get();
        chosen.retain(|(_, photo)| photo.stage == stage);
        chosen
    };
    let one = move |(id, photo): (PhotoId, Photo)| {
        let remove = move |_| shots.update(|shots| shots.retain(|(other, _)| *other != id));
        view! {
            <div class="shot" data-testid="shot">
                <Image id=photo.thumb.unwrap_or(id) alt=t.stage(photo.stage) />
                <button type="button" aria-label=t.remove_photo on:click=remove>
                    {icon(Icon::Cross)}
                </button>
            </div>
        }
    };
    view! {
        <div class="strip">
            <For each=of_stage key=|(id, _)| *id children=one />
        </div>
    }
}
