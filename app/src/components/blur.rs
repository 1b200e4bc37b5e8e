//! The sheet on which faces and plates are covered with a finger. A part of its own, fetched when somebody first wants it or in
//! the background for the shell; knows a canvas, and not what becomes of it.

use leptos::ev::PointerEvent;
use leptos::html;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_split_helpers::{SplitLoaderError, wasm_split};
use web_sys::{Element, HtmlCanvasElement};

use super::Ui;
use super::dialog::dialog;
use super::fields::button;
use super::lean::{flag, follow, nothing, tap};
use crate::photo::mosaic::Mosaic;

/// Shows the sheet, and says at its end whether the picture is to be kept.
pub type Editor = fn(Ui, HtmlCanvasElement, Callback<bool>) -> AnyView;

/// Half of a fingertip, in pixels of the screen.
const REACH: f64 = 22.0;

#[wasm_split(blur, fallible)]
fn door() -> Result<Editor, SplitLoaderError> {
    Ok(blur)
}

pub async fn editor() -> Result<Editor, SplitLoaderError> {
    door().await
}

#[derive(Clone, Copy)]
struct Sheet {
    mosaic: StoredValue<Mosaic, LocalStorage>,
    /// Where the finger was last, in pixels of the picture; none while it is up.
    last: StoredValue<Option<(f64, f64)>>,
    strokes: RwSignal<u32>,
}

fn blur(ui: Ui, canvas: HtmlCanvasElement, done: Callback<bool>) -> AnyView {
    let t = ui.t;
    let _ = canvas.set_attribute("role", "img");
    let _ = canvas.set_attribute("aria-label", t.cover_title);
    let Ok(mosaic) = Mosaic::over(canvas.clone()) else {
        done.run(false);
        return nothing();
    };
    let sheet =
        Sheet { mosaic: StoredValue::new_local(mosaic), last: StoredValue::new(None), strokes: RwSignal::new(0) };
    let none = flag(move || sheet.strokes.get() == 0);
    let content = view! {
        <p class="prose">{t.cover_hint}</p>
        {picture(sheet, StoredValue::new_local(canvas))}
        <div class="buttons">
            <button type="button" class="plain" data-testid="cover-undo" disabled=none on:click=tap(move || sheet.take_back())>
                {t.cover_undo}
            </button>
            {button("primary", "cover-done", t.cover_done, move || done.run(true))}
        </div>
    };
    dialog(ui, t.cover_title, Callback::new(move |()| done.run(false)), content.into_any())
}

fn picture(sheet: Sheet, canvas: StoredValue<HtmlCanvasElement, LocalStorage>) -> AnyView {
    let holder = NodeRef::<html::Div>::new();
    follow(move || {
        if let Some(holder) = holder.get() {
            canvas.with_value(|canvas| drop(holder.append_child(canvas)));
        }
    });
    let down: Pointer = Box::new(move |event| sheet.down(&event));
    let moved: Pointer = Box::new(move |event| sheet.moved(&event));
    let up: Pointer = Box::new(move |_| sheet.last.set_value(None));
    let lost: Pointer = Box::new(move |_| sheet.last.set_value(None));
    view! {
        <div
            class="cover-picture"
            data-testid="cover-picture"
            node_ref=holder
            on:pointerdown=down
            on:pointermove=moved
            on:pointerup=up
            on:pointercancel=lost
        ></div>
    }
    .into_any()
}

type Pointer = Box<dyn FnMut(PointerEvent)>;

impl Sheet {
    fn down(self, event: &PointerEvent) {
        event.prevent_default();
        // A mouse that leaves the picture draws on, as a finger does.
        if let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        self.mosaic.update_value(Mosaic::begin);
        self.strokes.update(|strokes| *strokes += 1);
        self.draw(event, None);
    }

    fn moved(self, event: &PointerEvent) {
        if let Some(last) = self.last.get_value() {
            self.draw(event, Some(last));
        }
    }

    fn draw(self, event: &PointerEvent, from: Option<(f64, f64)>) {
        self.mosaic.update_value(|mosaic| {
            let shown = f64::from(mosaic.canvas.client_width().max(1));
            let scale = f64::from(mosaic.canvas.width()) / shown;
            let at = (f64::from(event.offset_x()) * scale, f64::from(event.offset_y()) * scale);
            // A canvas that does not draw shows so itself.
            let _ = mosaic.draw(from.unwrap_or(at), at, REACH * scale);
            self.last.set_value(Some(at));
        });
    }

    fn take_back(self) {
        self.mosaic.update_value(|mosaic| drop(mosaic.take_back()));
        self.strokes.update(|strokes| *strokes = strokes.saturating_sub(1));
    }
}
