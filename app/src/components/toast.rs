//! Short messages at the edge of the screen. What went well goes away by itself; what failed stays until it is read.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use leptos::prelude::*;

use super::Ui;
use super::icon::{Icon, icon};
use super::lean::{each, item, tap};

const SHOWN: Duration = Duration::from_secs(5);
static NEXT: AtomicU32 = AtomicU32::new(0);

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Toast {
    id: u32,
    text: String,
    failed: bool,
}

impl Ui {
    pub fn say(&self, text: impl Into<String>) {
        let (ui, id) = (*self, self.push(text.into(), false));
        set_timeout(move || ui.dismiss(id), SHOWN);
    }

    pub fn warn(&self, text: impl Into<String>) {
        self.push(text.into(), true);
    }

    fn push(&self, text: String, failed: bool) -> u32 {
        // Never given twice: the time of one message must not take another away.
        let id = NEXT.fetch_add(1, Ordering::Relaxed);
        // The same failure twice says nothing new, nor does it matter that what went before went well: it would cover the screen.
        self.toasts.update(|toasts| {
            toasts.retain(|toast| toast.failed && toast.text != text);
            toasts.push(Toast { id, text, failed });
        });
        id
    }

    fn dismiss(&self, id: u32) {
        self.toasts.update(|toasts| toasts.retain(|toast| toast.id != id));
    }
}

pub fn toasts(ui: Ui) -> AnyView {
    let one = move |toast: Toast| {
        let (id, class) = (toast.id, if toast.failed { "toast failed" } else { "toast" });
        let sign = if toast.failed { Icon::Warning } else { Icon::Check };
        view! {
            <div class=class data-testid="toast">
                {icon(sign)} <span>{toast.text}</span>
                <button type="button" class="quiet" aria-label=ui.t.close on:click=tap(move || ui.dismiss(id))>
                    {icon(Icon::Cross)}
                </button>
            </div>
        }
        .into_any()
    };
    let items = move || ui.toasts.get().into_iter().map(|toast| item(toast.id, move || one(toast))).collect();
    view! { <div class="toasts" role="status" aria-live="polite">{each(items)}</div> }.into_any()
}
