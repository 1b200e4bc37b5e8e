//! Views behind one type. Leptos compiles its whole machinery once more for each closure and each type of signal in a view,
//! which made the pages weigh as much as the document model; what goes through here is compiled once.
//!
//! So the pieces of a page are plain functions that return [`AnyView`]: they run once, inside whatever closure calls them,
//! and read signals only in closures of their own, or untracked.

use leptos::ev::{Event, MouseEvent, SubmitEvent};
use leptos::prelude::*;

// Each of these has a half of its own that is not generic: a closure made inside a generic function would again be a type
// for each of its callers.

/// A part of the page that is drawn again when what it reads changes.
pub fn shown(view: impl Fn() -> AnyView + Send + 'static) -> AnyView {
    shown_boxed(Box::new(view))
}

fn shown_boxed(view: Box<dyn Fn() -> AnyView + Send>) -> AnyView {
    (move || view()).into_any()
}

/// The same for what is there only sometimes.
pub fn maybe(view: impl Fn() -> Option<AnyView> + Send + 'static) -> AnyView {
    maybe_boxed(Box::new(view))
}

fn maybe_boxed(view: Box<dyn Fn() -> Option<AnyView> + Send>) -> AnyView {
    shown(move || view().unwrap_or_else(nothing))
}

pub fn words(text: impl Fn() -> String + Send + 'static) -> AnyView {
    words_boxed(Box::new(text))
}

fn words_boxed(text: Box<dyn Fn() -> String + Send>) -> AnyView {
    (move || text()).into_any()
}

pub fn nothing() -> AnyView {
    ().into_any()
}

pub fn given(view: Option<AnyView>) -> AnyView {
    view.unwrap_or_else(nothing)
}

pub fn all(views: impl IntoIterator<Item = AnyView>) -> AnyView {
    views.into_iter().collect::<Vec<_>>().into_any()
}

/// A value for an attribute.
pub fn text(text: impl Fn() -> String + Send + Sync + 'static) -> Signal<String> {
    Signal::derive(text)
}

/// A condition for an attribute, or a fact that a form asks for.
pub fn flag(flag: impl Fn() -> bool + Send + Sync + 'static) -> Signal<bool> {
    Signal::derive(flag)
}

/// Tells who depends on it only when the text is another one.
pub fn key(key: impl Fn() -> String + Send + Sync + 'static) -> Memo<String> {
    key_boxed(Box::new(key))
}

fn key_boxed(key: Box<dyn Fn() -> String + Send + Sync>) -> Memo<String> {
    Memo::new(move |_| key())
}

/// Does something at the beginning and whenever what it reads changes.
pub fn follow(act: impl Fn() + 'static) {
    follow_boxed(Box::new(act));
}

fn follow_boxed(act: Box<dyn Fn()>) {
    Effect::new(act);
}

pub type Tap = Box<dyn FnMut(MouseEvent)>;

pub fn tap(act: impl Fn() + 'static) -> Tap {
    Box::new(move |_| act())
}

pub type Change = Box<dyn FnMut(Event)>;

pub fn typed(act: impl Fn(String) + 'static) -> Change {
    Box::new(move |event| act(event_target_value(&event)))
}

pub fn ticked(act: impl Fn(bool) + 'static) -> Change {
    Box::new(move |event| act(event_target_checked(&event)))
}

pub fn submitted(act: impl Fn() + 'static) -> Box<dyn FnMut(SubmitEvent)> {
    Box::new(move |event| {
        event.prevent_default();
        act();
    })
}

/// One row of [`each`]: a row whose key is still there is kept as it is.
pub struct Item {
    key: String,
    view: Box<dyn FnOnce() -> AnyView + Send>,
}

pub fn item(key: impl ToString, view: impl FnOnce() -> AnyView + Send + 'static) -> Item {
    Item { key: key.to_string(), view: Box::new(view) }
}

pub fn each(items: impl Fn() -> Vec<Item> + Send + 'static) -> AnyView {
    each_boxed(Box::new(items))
}

fn each_boxed(items: Box<dyn Fn() -> Vec<Item> + Send>) -> AnyView {
    view! { <For each=move || items() key=|item| item.key.clone() children=|item| (item.view)() /> }.into_any()
}
