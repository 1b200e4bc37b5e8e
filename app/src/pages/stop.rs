//! Long work at the office that somebody may stop while it runs. The request is broken off; the office notices and goes no further.

use leptos::prelude::*;
use web_sys::AbortController;

#[derive(Clone, Copy)]
pub struct Stop {
    request: StoredValue<Option<AbortController>, LocalStorage>,
    /// A request also breaks off by itself, where nothing comes for too long.
    pressed: StoredValue<bool>,
}

impl Stop {
    pub fn new() -> Self {
        Self { request: StoredValue::new_local(None), pressed: StoredValue::new(false) }
    }

    /// For the next request.
    pub fn begin(self) -> Option<AbortController> {
        let controller = AbortController::new().ok()?;
        self.pressed.try_set_value(false);
        self.request.try_set_value(Some(controller.clone()));
        Some(controller)
    }

    pub fn press(self) {
        self.pressed.try_set_value(true);
        self.request.try_with_value(|request| request.iter().for_each(AbortController::abort));
    }

    pub fn was_pressed(self) -> bool {
        self.pressed.try_get_value().unwrap_or(true)
    }
}
