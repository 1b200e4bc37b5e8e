//! Short messages at the edge of the screen. What went well goes away by itself; what failed stays until it is read.

use std::time::Duration;

use leptos::prelude::*;

use super::icon::{Icon, icon};
use super::{Ui, use_ui};

const SHOWN: Duration = Duration::from_secs(5);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    id: u32,
    text: String,
    failed: bool,
}

impl Ui {
    pub fn say(&self, text: impl Into<String>) {
        let (toasts, id) = (self.toasts, self.push(text.into(), false));
        set_timeout(move || toasts.update(|toasts| toasts.retain(|toast| toast.id != id)), SHOWN);
    }

    pub fn warn(&self, text: impl Into<String>) {
        self.push(text.into(), true);
    }

    fn push(&self, text: String, failed: bool) -> u32 {
        let id = self.toasts.with_untracked(|toasts| toasts.last().map_or(0, |last| last.id + 1));
        // The same failure twice says nothing new and would cover the screen.
        self.toasts.update(|toasts| {
            toasts.retain(|toast| toast.text != text);
            toasts.push(Toast { id, text, failed });
        });
        id
    }
}

#[component]
pub fn Toasts() -> impl IntoView {
    let ui = use_ui();
    let dismiss = move |id: u32| ui.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    let one = move |toast: Toast| {
        let id = toast.id;
        view! {
            <div class="toast" class:failed=toast.failed data-testid="toast">
                {icon(if toast.failed { Icon::Warning } else { Icon::Check })} <span>{toast.text}</span>
                <button type="button" class="quiet" aria-label=ui.t.close on:click=move |_| dismiss(id)>
                    {icon(Icon::Cross)}
                </button>
            </div>
        }
    };
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || ui.toasts.get() key=|toast| toast.id children=one />
        </div>
    }
}
